//! One of several types.

use serde_json::json;
use zoo_api as zoo;

use crate::survives;

#[test]
fn the_tag_tells_which_member_it_is() {
    let arrival: zoo::Event =
        survives(json!({ "kind": "arrival", "animal": "a1", "from": "Ilam" }));
    assert!(matches!(arrival, zoo::Event::Arrival(zoo::Arrival { .. })));
    for tag in ["left", "died"] {
        let departure: zoo::Event = survives(json!({ "kind": tag, "animal": "a1" }));
        assert!(matches!(departure, zoo::Event::Departure(_)), "{tag}");
    }
}

#[test]
fn an_unknown_tag_survives_as_it_came() {
    let json = json!({ "kind": "birth", "animal": "a2", "weight": 0.1 });
    let event: zoo::Event = survives(json.clone());
    assert_eq!(event, zoo::Event::Unknown(json));
}

#[test]
fn a_known_tag_on_a_value_of_another_form_survives_too() {
    let event: zoo::Event = survives(json!({ "kind": "arrival", "animal": 5 }));
    assert!(matches!(event, zoo::Event::Unknown(_)));
}

#[test]
fn a_discriminator_without_a_mapping_goes_by_the_names_of_the_document() {
    let cat: zoo::Pet = survives(json!({ "pet": "house-cat", "lives": 9 }));
    assert!(matches!(cat, zoo::Pet::HouseCat(_)));
    let dog: zoo::Pet = survives(json!({ "pet": "Dog" }));
    assert!(matches!(dog, zoo::Pet::Dog(_)));
}

#[test]
fn the_tags_are_the_same_in_what_is_sent() {
    let cat: zoo::CreatePet = survives(json!({ "pet": "house-cat", "lives": 9 }));
    assert!(matches!(cat, zoo::CreatePet::HouseCat(_)), "{cat:?}");
    let event = zoo::CreateEvent::from(zoo::ArrivalInput::new("a1", "arrival"));
    assert_eq!(
        serde_json::to_value(&event).unwrap(),
        json!({ "animal": "a1", "kind": "arrival" })
    );
    assert_eq!(
        survives::<zoo::CreateEvent>(json!({ "animal": "a1", "kind": "arrival" })),
        event
    );
}

#[test]
fn a_property_of_one_value_in_every_member_is_a_tag_without_being_declared() {
    let circle: zoo::Shape = survives(json!({ "shape": "circle", "radius": 1.5 }));
    assert!(matches!(circle, zoo::Shape::Circle(_)));
    assert!(matches!(
        survives(json!({ "shape": "blob" })),
        zoo::Shape::Blob(_)
    ));
    assert!(matches!(
        survives(json!({ "shape": "star", "points": 5 })),
        zoo::Shape::Unknown(_)
    ));
}

#[test]
fn members_without_a_tag_are_told_by_what_they_need() {
    assert!(matches!(survives(json!({ "a": 1 })), zoo::Width::Narrow(_)));
    assert!(matches!(
        survives(json!({ "a": 1, "b": 2 })),
        zoo::Width::Wide(_)
    ));
    assert!(matches!(
        survives(json!({ "c": 1 })),
        zoo::Width::Unknown(_)
    ));
}

#[test]
fn scalars_lists_and_objects_can_be_members() {
    assert!(matches!(survives(json!(1)), zoo::Reading::Integer(1)));
    assert!(matches!(survives(json!(1.5)), zoo::Reading::Number(_)));
    assert!(matches!(survives(json!(true)), zoo::Reading::Boolean(true)));
    assert!(matches!(survives(json!("x")), zoo::Reading::String(_)));
    assert!(matches!(survives(json!([1, 2])), zoo::Reading::List(_)));
    assert!(matches!(
        survives(json!({ "street": "Main" })),
        zoo::Reading::Address(_)
    ));
    assert!(matches!(
        survives(json!({ "other": 1 })),
        zoo::Reading::Unknown(_)
    ));
    assert_eq!(zoo::Reading::from(3), zoo::Reading::Integer(3));
}

#[test]
fn several_types_of_one_property_are_a_union() {
    for label in [json!(3), json!("three")] {
        let events: zoo::ListEventsResponse = survives(json!({ "data": [], "label": label }));
        assert!(events.label.is_some());
    }
    let none: zoo::ListEventsResponse =
        serde_json::from_value(json!({ "data": [], "label": null, "latest": null })).unwrap();
    assert_eq!((none.label, none.latest), (None, None));
}

#[test]
fn unions_that_contain_themselves_survive() {
    let expression = json!({ "plus": [1.0, { "minus": { "plus": [2.0] } }] });
    let answered: zoo::Expression = survives(expression.clone());
    assert!(matches!(answered, zoo::Expression::Sum(_)));
    let sent: zoo::CreateExpression = survives(expression.clone());
    assert!(matches!(sent, zoo::CreateExpression::Sum(_)));
    let inner = zoo::SumInput::new([zoo::ExpressionInput::from(2.0)]);
    let negation = zoo::NegationInput::new(zoo::ExpressionInput::from(inner));
    let built = zoo::SumInput::new([1.0.into(), zoo::ExpressionInput::from(negation)]);
    assert_eq!(serde_json::to_value(built).unwrap(), expression);
}
