//! Open enums.

use serde_json::json;

use crate::round_trips;

#[test]
fn values_that_differ_only_in_punctuation_are_distinct() {
    let texts: Vec<&str> = codegen_fixtures::AnimalStatus::KNOWN
        .iter()
        .map(codegen_fixtures::AnimalStatus::as_str)
        .collect();
    assert_eq!(
        texts,
        [
            "a-b", "a_b", "a.b", "A_B", "", "unknown", "self", "1", "+1", "-1", "a b"
        ]
    );
    for text in texts {
        let status: codegen_fixtures::AnimalStatus = round_trips(json!(text));
        assert!(status.is_known(), "{text}");
    }
    assert_ne!(
        codegen_fixtures::AnimalStatus::from("a-b"),
        codegen_fixtures::AnimalStatus::from("a_b")
    );
}

#[test]
fn an_unknown_value_survives() {
    let habitat: codegen_fixtures::Habitat = round_trips(json!("moon"));
    assert_eq!(
        habitat,
        codegen_fixtures::Habitat::Unknown("moon".to_owned())
    );
}

#[test]
fn a_single_value_is_open_too() {
    let page: codegen_fixtures::AnimalPage =
        round_trips(json!({ "object": "page", "data": [], "has_more": false }));
    assert!(!page.object.is_known());
    assert_eq!(page.next_cursor, None);
}

#[test]
fn an_enum_that_the_document_itself_leaves_open_is_one_enum() {
    assert_eq!(
        codegen_fixtures::Diet::KNOWN,
        [codegen_fixtures::Diet::Meat, codegen_fixtures::Diet::Leaves]
    );
    round_trips::<codegen_fixtures::Diet>(json!("bamboo"));
}

#[test]
fn names_that_rust_uses_itself_are_values_like_others() {
    for text in ["Ok", "Err", "Some", "None"] {
        assert!(codegen_fixtures::Ok::from(text).is_known(), "{text}");
    }
}
