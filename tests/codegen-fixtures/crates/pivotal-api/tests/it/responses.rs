//! Response types: which deviations from the document they accept.

use serde_json::json;

use crate::{round_trip, round_trips};

fn animal() -> serde_json::Value {
    json!({
        "id": "a1", "name": "Momo", "habitat": "forest", "legs": 4, "chip": "c-7", "updated_at": "2026-05-26T17:21:09.412Z",
    })
}

#[test]
fn a_response_object_round_trips() {
    let mut json = animal();
    json["diet"] = json!("leaves");
    json["extra"] = json!({ "any": ["thing"] });
    json["match"] = json!(3);
    let animal: codegen_fixtures::Animal = round_trips(json);
    assert_eq!(animal.match_, Some(3));
    assert_eq!(animal.habitat, codegen_fixtures::Habitat::Forest);
    assert_eq!(animal.updated_at.as_millisecond(), 1_779_816_069_412);
}

#[test]
fn a_missing_nullable_key_is_null() {
    let mut json = animal();
    json.as_object_mut().unwrap().remove("chip");
    let animal: codegen_fixtures::Animal = serde_json::from_value(json).unwrap();
    assert_eq!(animal.chip, None);
}

#[test]
fn null_is_none_in_every_spelling_of_it() {
    let mut json = animal();
    for nullable in ["chip", "diet", "mood", "old_style", "untyped_nullable"] {
        json[nullable] = json!(null);
    }
    let animal: codegen_fixtures::Animal = serde_json::from_value(json).unwrap();
    assert_eq!(
        (
            animal.chip,
            animal.diet,
            animal.mood,
            animal.old_style,
            animal.untyped_nullable
        ),
        (None, None, None, None, None)
    );
}

#[test]
fn a_missing_key_that_is_not_nullable_is_an_error() {
    let mut json = animal();
    json.as_object_mut().unwrap().remove("name");
    let error = serde_json::from_value::<codegen_fixtures::Animal>(json)
        .unwrap_err()
        .to_string();
    assert!(error.contains("missing field `name`"), "{error}");
}

#[test]
fn an_unknown_key_is_kept() {
    let mut json = animal();
    json["brand_new"] = json!({ "deeply": [1] });
    // A property of that name has another field.
    json["extra"] = json!({ "any": ["thing"] });
    let animal: codegen_fixtures::Animal = round_trips(json);
    assert_eq!(animal.extra.len(), 1);
    assert_eq!(animal.extra["brand_new"]["deeply"][0], 1);
    assert_eq!(animal.extra_["any"][0], "thing");
}

#[test]
fn a_key_that_occurs_twice_is_an_error() {
    let twice = r#"{"n":1,"n":2}"#;
    let error = serde_json::from_str::<codegen_fixtures::MapsObjectsValue>(twice).unwrap_err();
    assert!(
        error.to_string().starts_with("duplicate field `n`"),
        "{error}"
    );
}

#[test]
fn an_integer_may_be_written_as_a_fraction_of_zero() {
    let mut json = animal();
    json["legs"] = json!(4.0);
    json["match"] = json!(-3.0);
    let (animal, printed) = round_trip::<codegen_fixtures::Animal>(json);
    assert_eq!((animal.legs, animal.match_), (4, Some(-3)));
    assert_eq!(printed["legs"].to_string(), "4");
    let negative = json!({ "huge": -1.0 });
    assert!(serde_json::from_value::<codegen_fixtures::Formats>(negative).is_err());
}

#[test]
fn write_only_properties_have_no_field_in_responses() {
    let mut json = animal();
    json["secret"] = json!("s");
    let animal: codegen_fixtures::Animal = round_trips(json);
    assert_eq!(animal.extra["secret"], "s");
}

#[test]
fn an_enum_of_numbers_is_open() {
    let mut json = animal();
    json["legs"] = json!(1000);
    let animal: codegen_fixtures::Animal = round_trips(json);
    assert_eq!(animal.legs, 1000);
}

#[test]
fn a_date_is_never_a_part_of_a_time() {
    use codegen_fixtures::{Formats, FormatsWhen};
    let on = |text: &str| serde_json::from_value::<Formats>(json!({ "on": text }));
    assert_eq!(
        on("2026-07-15").unwrap().on.unwrap().to_string(),
        "2026-07-15"
    );
    for longer in [
        "2026-07-15T10:00:00Z",
        "2026-07-15 10:00",
        "20260715T1",
        "20260715",
        "2026-07-15[UTC]",
        "2026-07-15Z",
        "+002026-07-15",
    ] {
        assert!(on(longer).is_err(), "{longer}");
    }

    let when = |text: &str| {
        round_trips::<Formats>(json!({ "when": text }))
            .when
            .unwrap()
    };
    assert!(matches!(when("2026-07-15"), FormatsWhen::Date(_)));
    let time = when("2026-07-15T10:00:00Z");
    assert!(matches!(time, FormatsWhen::Timestamp(_)), "{time:?}");
    assert!(matches!(when("2026-07-15 10:00"), FormatsWhen::Unknown(_)));
}

#[test]
fn responses_outside_the_limits_decode() {
    let formats: codegen_fixtures::Formats = round_trips(json!({
        "small": 9_000_000_000_i64, "positive": -1, "byte": 1000, "ratio": 7.5, "level": 99, "hash": "not hex", "flag": false,
        "mail": "no mail", "ip": "no address", "id": "no uuid", "uri": "no uri", "time": "noon", "bytes": "not base64!",
    }));
    assert_eq!(formats.small, Some(9_000_000_000));
}

#[test]
fn points_in_time_and_days_are_read_in_any_precision() {
    let (formats, printed) = round_trip::<codegen_fixtures::Formats>(
        json!({ "at": "2026-01-02T03:04:05+02:00", "on": "2026-01-02" }),
    );
    assert_eq!(formats.on.unwrap().day(), 2);
    assert_eq!(printed["at"], "2026-01-02T01:04:05Z");
    assert_eq!(printed["on"], "2026-01-02");
}

#[test]
fn the_largest_unsigned_integer_fits_where_the_document_says_so() {
    let formats: codegen_fixtures::Formats = round_trips(json!({ "huge": u64::MAX }));
    assert_eq!(formats.huge, Some(u64::MAX));
}

#[test]
fn a_value_that_is_always_null_decodes() {
    let formats: codegen_fixtures::Formats =
        serde_json::from_value(json!({ "null_only": null })).unwrap();
    assert_eq!(formats.null_only, None);
}

#[test]
fn maps_of_every_kind_survive() {
    let maps: codegen_fixtures::Maps = round_trips(json!({
        "strings": { "a": "b" }, "free": { "a": [1, null] }, "habitats": { "h": "sea", "new": "moon" }, "nested": { "a": { "b": 1 } },
        "objects": { "o": { "n": 1 } }, "nullable_values": { "a": null, "b": 2 }, "open": { "x": 1 }, "whatever": [true],
        "nullable_items": ["a", null], "mixed": { "known": 1, "other": "text" }, "local": { "deep": "down" },
    }));
    assert_eq!(maps.nullable_items, [Some("a".to_owned()), None]);
    assert_eq!(maps.nullable_values["a"], None);
    assert_eq!(maps.mixed.unwrap().extra["other"], "text");
    assert_eq!(maps.objects["o"].n, 1);
    assert_eq!(maps.local.unwrap().deep.as_deref(), Some("down"));
}

#[test]
fn a_type_that_contains_itself_survives() {
    let tree: codegen_fixtures::Tree = round_trips(json!({
        "name": "root", "left": { "name": "l" }, "right": { "name": "r", "children": [{ "name": "c" }] },
        "children": [{ "name": "a" }], "by_name": { "b": { "name": "b" } },
    }));
    assert_eq!(tree.right.unwrap().children[0].name, "c");
    let nest: codegen_fixtures::Nest = round_trips(json!([[], [[]]]));
    assert_eq!(nest.len(), 2);
}

#[test]
fn parts_of_a_composition_are_one_object() {
    let elephant: codegen_fixtures::Elephant = round_trips(
        json!({ "name": "Ella", "size": 3.5, "trunk": 2.0, "tusks": 2, "calf": { "name": "Bo", "size": 1.0, "trunk": 0.5 } }),
    );
    assert_eq!(elephant.calf.unwrap().name, "Bo");
    let error =
        serde_json::from_value::<codegen_fixtures::Elephant>(json!({ "name": "E", "trunk": 1.0 }))
            .unwrap_err()
            .to_string();
    assert!(error.contains("missing field `size`"), "{error}");
}

#[test]
fn aliases_are_what_they_stand_for() {
    let aliases: codegen_fixtures::Aliases = round_trips(json!({
        "text": "t", "keeper": { "boss": null, "name": "Kim", "shift": "day" }, "mood": "calm", "id": 7, "also": "a", "slug": "s",
        "slugs": ["x"], "texts": ["a", null], "rows": [{ "n": 1 }], "more_rows": [{ "n": 2 }], "nest": [[]], "big": u64::MAX,
    }));
    let (text, slugs): (Option<String>, Vec<String>) = (aliases.text, aliases.slugs);
    assert_eq!((text.as_deref(), slugs), (Some("t"), vec!["x".to_owned()]));
    let rows: [Vec<codegen_fixtures::RowsItem>; 2] = [aliases.rows, aliases.more_rows];
    assert_eq!(rows[1][0].n, 2);
}

#[test]
fn an_alias_that_allows_null_may_be_null_or_missing() {
    for json in [
        json!({ "slug": "s" }),
        json!({ "slug": "s", "text": null, "keeper": null, "mood": null, "id": null, "also": null }),
    ] {
        let aliases: codegen_fixtures::Aliases = serde_json::from_value(json).unwrap();
        assert_eq!(
            (aliases.text, aliases.mood, aliases.id, aliases.also),
            (None, None, None, None)
        );
        assert!(aliases.keeper.is_none());
    }
}

#[test]
fn inline_responses_and_differing_inline_errors_have_their_own_types() {
    let cage: codegen_fixtures::GetCageResponse = round_trips(
        json!({ "id": 1, "doors": [{ "width": 0.8, "kind": "swing" }], "lock": { "code": "1234" }, "grid": [[1, 2], [300]] }),
    );
    assert_eq!(
        cage.doors[0].kind,
        Some(codegen_fixtures::GetCageResponseDoorsItemKind::Swing)
    );
    assert_eq!(cage.lock.code.as_deref(), Some("1234"));
    round_trips::<codegen_fixtures::GetCageError400>(json!({ "reason": "no" }));
    round_trips::<codegen_fixtures::GetCageError404>(json!({ "missing": ["door"] }));
    round_trips::<codegen_fixtures::GetCageError409>(json!({ "until": "noon" }));
}

#[test]
fn a_schema_with_properties_and_no_type_is_an_object() {
    let json = json!({ "typeless": { "id": "t1", "inner": { "n": 2 } } });
    let names: codegen_fixtures::ListNamesResponse = round_trips(json);
    let typeless = names.typeless.unwrap();
    assert_eq!(typeless.id, "t1");
    assert_eq!(typeless.inner.unwrap().n, Some(2));
}
