//! One of several types.

use serde_json::json;

use crate::round_trips;

#[test]
fn the_tag_tells_which_member_it_is() {
    let arrival: codegen_fixtures::Event =
        round_trips(json!({ "kind": "arrival", "animal": "a1", "from": "Ilam" }));
    assert!(matches!(
        arrival,
        codegen_fixtures::Event::Arrival(codegen_fixtures::Arrival { .. })
    ));
    for tag in ["left", "died"] {
        let departure: codegen_fixtures::Event =
            round_trips(json!({ "kind": tag, "animal": "a1" }));
        assert!(
            matches!(departure, codegen_fixtures::Event::Departure(_)),
            "{tag}"
        );
    }
}

#[test]
fn an_unknown_tag_survives_as_it_came() {
    let json = json!({ "kind": "birth", "animal": "a2", "weight": 0.1 });
    let event: codegen_fixtures::Event = round_trips(json.clone());
    assert_eq!(event, codegen_fixtures::Event::Unknown(json));
}

#[test]
fn a_known_tag_on_a_value_of_another_form_survives_too() {
    let event: codegen_fixtures::Event = round_trips(json!({ "kind": "arrival", "animal": 5 }));
    assert!(matches!(event, codegen_fixtures::Event::Unknown(_)));
}

#[test]
fn a_discriminator_without_a_mapping_goes_by_the_names_of_the_document() {
    let cat: codegen_fixtures::Pet = round_trips(json!({ "pet": "house-cat", "lives": 9 }));
    assert!(matches!(cat, codegen_fixtures::Pet::HouseCat(_)));
    let dog: codegen_fixtures::Pet = round_trips(json!({ "pet": "Dog" }));
    assert!(matches!(dog, codegen_fixtures::Pet::Dog(_)));
}

#[test]
fn the_tags_are_the_same_in_what_is_sent() {
    let cat: codegen_fixtures::CreatePet = round_trips(json!({ "pet": "house-cat", "lives": 9 }));
    assert!(
        matches!(cat, codegen_fixtures::CreatePet::HouseCat(_)),
        "{cat:?}"
    );
    let event =
        codegen_fixtures::CreateEvent::from(codegen_fixtures::ArrivalInput::new("a1", "arrival"));
    assert_eq!(
        serde_json::to_value(&event).unwrap(),
        json!({ "animal": "a1", "kind": "arrival" })
    );
    assert_eq!(
        round_trips::<codegen_fixtures::CreateEvent>(json!({ "animal": "a1", "kind": "arrival" })),
        event
    );
}

#[test]
fn a_property_of_one_value_in_every_member_is_a_tag_without_being_declared() {
    let circle: codegen_fixtures::Shape = round_trips(json!({ "shape": "circle", "radius": 1.5 }));
    assert!(matches!(circle, codegen_fixtures::Shape::Circle(_)));
    assert!(matches!(
        round_trips(json!({ "shape": "blob" })),
        codegen_fixtures::Shape::Blob(_)
    ));
    assert!(matches!(
        round_trips(json!({ "shape": "star", "points": 5 })),
        codegen_fixtures::Shape::Unknown(_)
    ));
}

#[test]
fn members_without_a_tag_are_distinguished_by_required_properties() {
    assert!(matches!(
        round_trips(json!({ "a": 1 })),
        codegen_fixtures::Width::Narrow(_)
    ));
    assert!(matches!(
        round_trips(json!({ "a": 1, "b": 2 })),
        codegen_fixtures::Width::Wide(_)
    ));
    assert!(matches!(
        round_trips(json!({ "c": 1 })),
        codegen_fixtures::Width::Unknown(_)
    ));
}

#[test]
fn scalars_lists_and_objects_can_be_members() {
    assert!(matches!(
        round_trips(json!(1)),
        codegen_fixtures::Reading::Integer(1)
    ));
    assert!(matches!(
        round_trips(json!(1.5)),
        codegen_fixtures::Reading::Number(_)
    ));
    assert!(matches!(
        round_trips(json!(true)),
        codegen_fixtures::Reading::Boolean(true)
    ));
    assert!(matches!(
        round_trips(json!("x")),
        codegen_fixtures::Reading::String(_)
    ));
    assert!(matches!(
        round_trips(json!([1, 2])),
        codegen_fixtures::Reading::List(_)
    ));
    assert!(matches!(
        round_trips(json!({ "street": "Main" })),
        codegen_fixtures::Reading::Address(_)
    ));
    assert!(matches!(
        round_trips(json!({ "other": 1 })),
        codegen_fixtures::Reading::Unknown(_)
    ));
    assert_eq!(
        codegen_fixtures::Reading::from(3),
        codegen_fixtures::Reading::Integer(3)
    );
}

#[test]
fn several_types_of_one_property_are_a_union() {
    for label in [json!(3), json!("three")] {
        let events: codegen_fixtures::ListEventsResponse =
            round_trips(json!({ "data": [], "label": label }));
        assert!(events.label.is_some());
    }
    let none: codegen_fixtures::ListEventsResponse =
        serde_json::from_value(json!({ "data": [], "label": null, "latest": null })).unwrap();
    assert_eq!((none.label, none.latest), (None, None));
}

#[test]
fn unions_that_contain_themselves_survive() {
    let expression = json!({ "plus": [1.0, { "minus": { "plus": [2.0] } }] });
    let response: codegen_fixtures::Expression = round_trips(expression.clone());
    assert!(matches!(response, codegen_fixtures::Expression::Sum(_)));
    let sent: codegen_fixtures::CreateExpression = round_trips(expression.clone());
    assert!(matches!(sent, codegen_fixtures::CreateExpression::Sum(_)));
    let inner = codegen_fixtures::SumInput::new([codegen_fixtures::ExpressionInput::from(2.0)]);
    let negation =
        codegen_fixtures::NegationInput::new(codegen_fixtures::ExpressionInput::from(inner));
    let built = codegen_fixtures::SumInput::new([
        1.0.into(),
        codegen_fixtures::ExpressionInput::from(negation),
    ]);
    assert_eq!(serde_json::to_value(built).unwrap(), expression);
}

#[test]
fn another_name_for_a_parent_is_no_member_and_one_for_a_part_is_that_part() {
    let cart = json!({ "kind": "Cart", "load": 5, "wheels": 2 });
    match round_trips(cart) {
        codegen_fixtures::Vehicle::Cart(cart) => assert_eq!((cart.load, cart.wheels), (5, Some(2))),
        other => panic!("{other:?}"),
    }
    let none: codegen_fixtures::Vehicle = round_trips(json!({ "wheels": 2 }));
    assert!(matches!(none, codegen_fixtures::Vehicle::Unknown(_)));
}

/// The property of a `Choices` that holds this value.
#[track_caller]
fn choice(name: &str, value: serde_json::Value) -> codegen_fixtures::Choices {
    round_trips(json!({ name: value }))
}

#[test]
fn what_stands_beside_the_branches_belongs_to_each_of_them() {
    let check = choice(
        "check",
        json!({ "label": "l", "note": "n", "status": "done", "result": "r" }),
    )
    .check;
    match check {
        Some(codegen_fixtures::Check::Done(check)) => {
            assert_eq!((check.label.as_str(), check.result.as_str()), ("l", "r"));
        }
        other => panic!("{other:?}"),
    }
    let grant = choice("grant", json!({ "id": "1", "role": "admin" })).grant;
    match grant {
        Some(codegen_fixtures::Grant::RoleGrant(grant)) => assert_eq!(grant.id, "1"),
        other => panic!("{other:?}"),
    }
    let sent =
        codegen_fixtures::CreateChoice::from(codegen_fixtures::CreateChoiceOpen::new("l", "open"));
    assert_eq!(
        serde_json::to_value(sent).unwrap(),
        json!({ "label": "l", "status": "open" })
    );
}

#[test]
fn a_value_of_two_unions_has_the_fields_of_a_member_of_each() {
    let crossed = choice("crossed", json!({ "id": "1", "b": "x", "c": "y" })).crossed;
    match crossed {
        Some(codegen_fixtures::ChoicesCrossed::ChoicesCrossedVariant3(both)) => {
            assert_eq!(
                (both.id.as_str(), both.b.as_str(), both.c.as_str()),
                ("1", "x", "y")
            );
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn properties_beside_a_scalar_belong_to_the_objects_among_the_members() {
    let loose = choice("loose", json!(5)).loose;
    assert_eq!(loose, Some(codegen_fixtures::ChoicesLoose::Integer(5)));
    let loose = choice("loose", json!({ "s": "x", "n": "y" })).loose;
    match loose {
        Some(codegen_fixtures::ChoicesLoose::ChoicesLooseVariant2(loose)) => {
            assert_eq!((loose.s.as_deref(), loose.n.as_str()), (Some("x"), "y"));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_integer_that_a_number_cannot_hold_is_kept_as_it_came() {
    use codegen_fixtures::ChoicesReading;
    for (written, expected) in [
        ("5", ChoicesReading::Number(5.0)),
        ("1.5", ChoicesReading::Number(1.5)),
        (
            "9007199254740992",
            ChoicesReading::Number(9_007_199_254_740_992.0),
        ),
        (
            "9007199254740993",
            ChoicesReading::Unknown(json!(9_007_199_254_740_993_u64)),
        ),
        (
            "-9007199254740993",
            ChoicesReading::Unknown(json!(-9_007_199_254_740_993_i64)),
        ),
    ] {
        let value: serde_json::Value = written.parse().unwrap();
        let read: ChoicesReading = serde_json::from_value(value).unwrap();
        assert_eq!(read, expected);
    }
}

#[test]
fn an_alternative_that_is_only_nullable_is_null() {
    let vacant = choice("vacant", json!({ "id": "a" })).vacant;
    let id = vacant.map(|bare| bare.id);
    assert_eq!(id.as_deref(), Some("a"));
    let choices: codegen_fixtures::Choices =
        serde_json::from_value(json!({ "vacant": null })).unwrap();
    assert_eq!(choices.vacant, None);
}

#[test]
fn a_parent_with_a_discriminator_is_a_union_of_its_children() {
    let fault = choice("fault", json!({ "kind": "exists", "identifier": "i" })).fault;
    match fault {
        Some(codegen_fixtures::Fault::FaultExists(fault)) => assert_eq!(fault.identifier, "i"),
        other => panic!("{other:?}"),
    }
    let stale = choice("fault", json!({ "kind": "FaultStale", "since": 5 })).fault;
    assert!(
        matches!(stale, Some(codegen_fixtures::Fault::FaultStale(_))),
        "{stale:?}"
    );
}

#[test]
fn numbers_and_sets_of_values_are_tags() {
    let measure = choice("measure", json!({ "unit": "km", "length": 3.5 })).measure;
    assert!(
        matches!(measure, Some(codegen_fixtures::Measure::Km(_))),
        "{measure:?}"
    );
    let release = choice("release", json!({ "version": 2, "new": "n" })).release;
    assert!(
        matches!(release, Some(codegen_fixtures::Release::N2(_))),
        "{release:?}"
    );
}

#[test]
fn without_a_tag_the_member_that_knows_most_keys_is_taken() {
    let either = choice("either", json!({ "b": "x" })).either;
    assert!(
        matches!(&either, Some(codegen_fixtures::Either::EitherVariant2(b)) if b.b.is_some()),
        "{either:?}"
    );
    let vacant = json!({ "a": null, "b": null });
    let either = choice("either", vacant.clone()).either;
    assert_eq!(either, Some(codegen_fixtures::Either::Unknown(vacant)));
    let amount = choice("amount", json!(5)).amount;
    assert_eq!(amount, Some(codegen_fixtures::ChoicesAmount::Integer(5)));
}

#[test]
fn branches_that_only_require_properties_are_no_members() {
    let ban = choice("ban", json!({ "reason": "r", "forever": true }))
        .ban
        .unwrap();
    assert_eq!(
        (ban.reason.as_deref(), ban.forever),
        (Some("r"), Some(true))
    );
}

#[test]
fn objects_and_lists_without_a_type_are_typed() {
    let bare = choice("bare", json!({ "id": "a", "inner": { "n": 1 } }))
        .bare
        .unwrap();
    assert_eq!((bare.id.as_str(), bare.inner.unwrap().n), ("a", Some(1)));
    assert_eq!(choice("bare_list", json!(["a"])).bare_list, ["a"]);
    assert_eq!(choice("bare_map", json!({ "a": 1 })).bare_map["a"], 1);
    assert_eq!(choice("by_pattern", json!({ "xy": 1 })).by_pattern["xy"], 1);
    let large = choice("large", json!(u64::MAX)).large;
    assert_eq!(large, Some(u64::MAX));
    let absent: codegen_fixtures::Choices =
        serde_json::from_value(json!({ "absent": null })).unwrap();
    assert_eq!(absent.absent, None);
    assert_eq!(choice("pair", json!(["a", 1])).pair.len(), 2);
}

#[test]
fn a_member_that_is_a_union_is_taken_only_if_one_of_its_own_members_is() {
    use codegen_fixtures::ChoicesNested as Nested;
    let nested = |value| choice("nested", value).nested.unwrap();
    let first = nested(json!({ "b": "x" }));
    assert!(
        matches!(first, Nested::ChoicesNestedVariant1(_)),
        "{first:?}"
    );
    let second = nested(json!({ "c": "x" }));
    assert!(
        matches!(second, Nested::ChoicesNestedVariant2(_)),
        "{second:?}"
    );
    let other = json!({ "z": "x" });
    assert_eq!(nested(other.clone()), Nested::Unknown(other));
}
