//! Objects that are sent: what goes on the wire.

use std::collections::BTreeMap;

use codegen_fixtures::endpoint::Endpoint;
use pivotal_runtime::Patch;
use serde_json::{Value, json};

use crate::round_trips;
use crate::schemas::fits_what_is_written;

#[track_caller]
fn wire<B: serde::Serialize + schemars::JsonSchema>(body: &B) -> Value {
    let sent = serde_json::to_value(body).unwrap();
    fits_what_is_written::<B>(&sent);
    sent
}

#[test]
fn the_constructor_takes_what_is_required_and_nothing_else_is_sent() {
    let body = codegen_fixtures::CreateAnimal::new("c-7".to_owned(), "Momo", "red-panda");
    assert_eq!(
        wire(&body),
        json!({ "chip": "c-7", "name": "Momo", "species": "red-panda" })
    );
}

#[test]
fn required_nullable_fields_are_sent_as_null() {
    let body = codegen_fixtures::CreateAnimal::new(
        None,
        "Momo",
        codegen_fixtures::CreateAnimalSpecies::RedPanda,
    );
    assert_eq!(wire(&body)["chip"], json!(null));
    assert!(wire(&body).as_object().unwrap().contains_key("chip"));
}

#[test]
fn a_nullable_key_is_left_alone_cleared_or_set() {
    let body = || codegen_fixtures::UpdateAnimal::new();
    assert_eq!(wire(&body()), json!({}));
    assert_eq!(
        wire(&body().clear_chip().clear_keeper().clear_habitat()),
        json!({ "chip": null, "keeper": null, "habitat": null })
    );
    assert_eq!(
        wire(&body().chip("c").habitat("sea-shore")),
        json!({ "chip": "c", "habitat": "sea-shore" })
    );
}

#[test]
fn every_way_to_say_nullable_can_be_cleared() {
    let body = codegen_fixtures::CreateAnimal::new(None, "Momo", "red-panda")
        .clear_diet()
        .clear_nickname()
        .clear_keeper()
        .clear_moods()
        .clear_arrived_at()
        .clear_notes();
    let sent = wire(&body);
    for key in ["diet", "nickname", "keeper", "moods", "arrived_at", "notes"] {
        assert_eq!(sent.get(key), Some(&json!(null)), "{key}");
    }
    let alias = codegen_fixtures::PostAlias::new(None, None, None, None, "s", None);
    assert_eq!(
        wire(&alias),
        json!({ "also": null, "id": null, "keeper": null, "mood": null, "slug": "s", "text": null })
    );
}

#[test]
fn an_empty_list_is_sent() {
    let none: [&str; 0] = [];
    assert_eq!(
        wire(&codegen_fixtures::UpdateAnimal::new().tags(none)),
        json!({ "tags": [] })
    );
}

#[test]
fn every_type_of_value_goes_out_as_the_document_says() {
    let body = codegen_fixtures::CreateAnimal::new("c".to_owned(), "Momo", "red-panda")
        .weight(4.5)
        .legs(4)
        .habitat(codegen_fixtures::Habitat::SeaUnderscoreShore)
        .diet("bamboo")
        .tags(["a", "b"])
        .moods(["calm", "brand new"])
        .animal_id(17)
        .mail("momo@zoo.example")
        .born_on("2024-02-29")
        .arrived_at("2026-01-02T03:04:05.678Z")
        .measurements(BTreeMap::from([("tail".to_owned(), 0.4)]))
        .anything(json!({ "deep": [null] }))
        .origin(codegen_fixtures::CreateAnimalOrigin::new("NP").city("Ilam"))
        .keeper(
            codegen_fixtures::KeeperInput::new("Kim", codegen_fixtures::KeeperInputShift::Day)
                .boss(codegen_fixtures::KeeperInput::new("Lou", None)),
        );
    assert_eq!(
        wire(&body),
        json!({
            "chip": "c", "name": "Momo", "species": "red-panda", "weight": 4.5, "legs": 4, "habitat": "sea_shore", "diet": "bamboo",
            "tags": ["a", "b"], "moods": ["calm", "brand new"], "born_on": "2024-02-29", "arrived_at": "2026-01-02T03:04:05.678Z",
            "measurements": { "tail": 0.4 }, "anything": { "deep": [null] }, "origin": { "country": "NP", "city": "Ilam" },
            "animal_id": "17", "mail": "momo@zoo.example",
            "keeper": { "name": "Kim", "shift": "day", "boss": { "name": "Lou", "shift": null } },
        })
    );
}

fn momo() -> codegen_fixtures::CreateAnimal {
    codegen_fixtures::CreateAnimal::new(None, "Momo", "red-panda")
}

#[test]
fn an_optional_value_is_set_or_changes_nothing() {
    let set = momo()
        .maybe_nickname(Some("Mo"))
        .maybe_legs(Some(4))
        .maybe_tags(Some(["a"]))
        .maybe_animal_id(Some(17))
        .maybe_arrived_at(Some("2026-01-02".to_owned()));
    let expected = json!({
        "chip": null, "name": "Momo", "species": "red-panda", "nickname": "Mo", "legs": 4, "tags": ["a"], "animal_id": "17",
        "arrived_at": "2026-01-02T00:00:00Z",
    });
    assert_eq!(wire(&set), expected);

    let unchanged = set.maybe_nickname(None::<&str>).maybe_legs(None);
    assert_eq!(wire(&unchanged), expected);
}

#[test]
fn a_row_and_its_number_and_its_id_are_ids_in_a_body() {
    let mother: codegen_fixtures::Animal = serde_json::from_value(json!({
        "id": "a1", "name": "Mo", "habitat": "forest", "legs": 4, "updated_at": "2026-05-26T17:21:09Z",
    }))
    .unwrap();
    assert_eq!(momo().animal_id(&mother), momo().animal_id("a1"));
    assert_eq!(
        momo().animal_id(&mother.id).animal_id.as_deref(),
        Some("a1")
    );
}

#[test]
fn text_that_is_no_date_is_refused_with_its_field() {
    let refused = |body: &codegen_fixtures::CreateAnimal| {
        let violation = body.validate().unwrap_err();
        (violation.field().to_owned(), violation.code())
    };
    for text in [
        "soon",
        "",
        "2024-02-30",
        "29/02/2024",
        "2024-02-29T10:00:00Z",
    ] {
        let body = momo().born_on(text);
        assert_eq!(refused(&body), ("born_on".to_owned(), "invalid_string"));
        // An unchecked request sends what was given.
        assert_eq!(serde_json::to_value(&body).unwrap()["born_on"], text);
    }
    // A time without an offset is no point in time.
    for text in ["noon", "2026-01-02T03:04:05", "2026-01-02 "] {
        let body = momo().arrived_at(text);
        assert_eq!(refused(&body), ("arrived_at".to_owned(), "invalid_string"));
        assert_eq!(
            body.arrived_at("2026-01-02T03:04:05+02:00").validate(),
            Ok(())
        );
    }
}

#[test]
fn a_body_is_checked_as_its_request_is() {
    let invalid = momo().tags(["a", "a"]);
    let violation = invalid.validate().unwrap_err();
    assert_eq!(
        (violation.field(), violation.code()),
        ("tags", "not_unique")
    );
    let request = codegen_fixtures::requests::CreateAnimalRequest::new(invalid);
    assert_eq!(request.check(), Err(violation));

    for mail in [
        "momo",
        "@zoo.example",
        "momo@",
        "momo@zoo",
        "mo mo@zoo.example",
        "a@b@c.d",
    ] {
        let violation = momo().mail(mail).validate().unwrap_err();
        assert_eq!(violation.field(), "mail", "{mail}");
        assert!(!violation.to_string().contains(mail), "{violation}");
    }
    assert_eq!(momo().mail("mömö+fans@zoo.example").validate(), Ok(()));
}

#[test]
fn read_only_fields_can_only_be_sent_as_extra_keys() {
    let read_only = round_trips::<codegen_fixtures::KeeperInput>(
        json!({ "name": "Kim", "shift": null, "id": "k1" }),
    );
    assert_eq!(read_only.extra["id"], "k1");
    assert_eq!(
        wire(&codegen_fixtures::CreateAnimal::new(None, "M", "red-panda").secret("s"))["secret"],
        "s"
    );
}

#[test]
fn an_extra_key_is_sent_and_takes_the_place_of_a_known_one() {
    let body = codegen_fixtures::UpdateAnimal::new()
        .name("Momo")
        .extra("metadata", json!({ "a": 1 }))
        .extra("chip", 5);
    // The chip is of a form that the schema does not have.
    assert_eq!(
        serde_json::to_value(body).unwrap(),
        json!({ "name": "Momo", "metadata": { "a": 1 }, "chip": 5 })
    );
}

#[test]
fn a_body_is_read_back_as_it_was_sent() {
    let body: codegen_fixtures::UpdateAnimal =
        round_trips(json!({ "chip": null, "name": "Momo", "new": [1] }));
    assert_eq!(body.chip, Patch::Null);
    assert_eq!(body.keeper, Patch::Absent);
    assert_eq!(body.name.as_deref(), Some("Momo"));
}

#[test]
fn null_inside_lists_and_maps_is_sent() {
    let body = codegen_fixtures::ReplaceMaps::new(serde_json::Map::new(), BTreeMap::new())
        .nullable_items([Some("a".to_owned()), None])
        .nullable_values(BTreeMap::from([
            ("a".to_owned(), None),
            ("b".to_owned(), Some(2)),
        ]));
    let sent = wire(&body);
    assert_eq!(sent["nullable_items"], json!(["a", null]));
    assert_eq!(sent["nullable_values"], json!({ "a": null, "b": 2 }));
}

#[test]
fn a_body_that_contains_itself_is_sent_whole() {
    let leaf = codegen_fixtures::TreeInput::new("leaf").clear_right();
    let body = codegen_fixtures::CreateTree::new("root")
        .left(leaf.clone())
        .children([leaf]);
    assert_eq!(
        wire(&body),
        json!({ "name": "root", "left": { "name": "leaf", "right": null }, "children": [{ "name": "leaf", "right": null }] })
    );
}

#[test]
fn parts_of_a_composition_are_one_constructor() {
    let body = codegen_fixtures::CreateComposition::new("Ella", 3.5, 2.0).tusks(2);
    assert_eq!(
        wire(&body),
        json!({ "name": "Ella", "size": 3.5, "trunk": 2.0, "tusks": 2 })
    );
    let patch = codegen_fixtures::UpdateCompositions::new(2.0).clear_chip();
    assert_eq!(wire(&patch), json!({ "trunk": 2.0, "chip": null }));
}

fn row() -> codegen_fixtures::Animal {
    serde_json::from_value(json!({
        "id": "a1", "name": "Momo", "habitat": "forest", "legs": 4, "chip": "c-7", "updated_at": "2026-05-26T17:21:09Z",
    }))
    .unwrap()
}

#[test]
fn changes_are_the_fields_that_differ_from_a_row() {
    let changes = |wanted: codegen_fixtures::UpdateAnimal| {
        wire(&codegen_fixtures::UpdateAnimal::changes(&row(), wanted))
    };
    let update = codegen_fixtures::UpdateAnimal::new;
    assert_eq!(changes(update()), json!({}));
    assert_eq!(
        changes(update().name("Momo").chip("c-7").habitat("forest")),
        json!({})
    );
    assert_eq!(
        changes(update().name("Momo").chip("c-8").clear_habitat()),
        json!({ "chip": "c-8", "habitat": null })
    );
    // The row does not show these.
    assert_eq!(
        changes(update().tags(["a"]).extra("metadata", 1)),
        json!({ "tags": ["a"], "metadata": 1 })
    );
}

#[test]
fn what_is_wanted_may_be_a_new_row_or_an_edited_one() {
    let changes = |wanted: codegen_fixtures::UpdateAnimal| {
        wire(&codegen_fixtures::UpdateAnimal::changes(&row(), wanted))
    };
    // What a body that creates a row does not set is no change; what it sends as null is.
    let new = momo().habitat("sea").extra("metadata", 1);
    assert_eq!(
        changes((&new).into()),
        json!({ "chip": null, "habitat": "sea", "metadata": 1 })
    );
    let mut edited = row();
    edited.chip = None;
    assert_eq!(changes((&edited).into()), json!({ "chip": null }));
    assert_eq!(changes((&row()).into()), json!({}));
}
