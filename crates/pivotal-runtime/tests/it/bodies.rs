//! Types of generated code: `Patch`, `open_enum!` and `BodyWriter`.

use std::cmp::Ordering;
use std::collections::HashSet;

use pivotal_runtime::{BodyWriter, Patch};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pivotal_runtime::open_enum! {
    /// The phase of an onboarding.
    enum Phase {
        /// Not begun.
        BeforeGettingStarted = "before_getting_started",
        /// In use.
        Launch = "launch",
    }
}

proptest! {
    #[test]
    fn any_text_survives_byte_for_byte(text in ".*") {
        let json = serde_json::to_string(&text).unwrap();
        let phase: Phase = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(phase.as_str(), &text);
        prop_assert_eq!(serde_json::to_string(&phase).unwrap(), json);
        prop_assert_eq!(text.parse::<Phase>().unwrap(), phase);
    }
}

#[test]
fn known_values_are_ordered_as_declared_and_unknown_ones_come_last() {
    let launch_as_text = Phase::Unknown("launch".to_owned());
    let mut phases =
        ["victory_lap", "launch", "a_break", "before_getting_started"].map(Phase::from);
    phases.sort();
    let texts = phases.each_ref().map(Phase::as_str);
    assert_eq!(
        texts,
        ["before_getting_started", "launch", "a_break", "victory_lap"]
    );
    // Equal values compare as equal, however they were built.
    assert_eq!(launch_as_text.cmp(&Phase::Launch), Ordering::Equal);
    assert!(launch_as_text < phases[2]);
}

#[test]
fn a_known_text_always_parses_to_its_variant() {
    assert_eq!(Phase::KNOWN.len(), 2);
    for known in Phase::KNOWN {
        assert!(known.is_known());
        for parsed in [
            Phase::from(known.as_str()),
            Phase::from(known.to_string()),
            serde_json::from_value(known.as_str().into()).unwrap(),
        ] {
            assert!(!matches!(parsed, Phase::Unknown(_)));
            assert_eq!(&parsed, known);
        }
    }
}

#[test]
fn an_unknown_built_by_hand_behaves_like_the_known_value() {
    let by_hand = Phase::Unknown("launch".to_owned());
    assert_eq!(by_hand, Phase::Launch);
    assert!(by_hand.is_known());
    assert!(HashSet::from([Phase::Launch]).contains(&by_hand));
    assert_eq!(serde_json::to_string(&by_hand).unwrap(), r#""launch""#);
}

#[test]
fn a_json_value_that_is_not_a_string_is_rejected() {
    for json in ["5", "null", "true", "[]", "{}"] {
        let error = serde_json::from_str::<Phase>(json).unwrap_err().to_string();
        assert!(error.contains("expected a string for Phase"), "{error}");
    }
}

#[test]
fn display_keeps_to_the_width_asked_for() {
    assert_eq!(format!("{:>8}|", Phase::Launch), "  launch|");
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Body {
    #[serde(default, skip_serializing_if = "Patch::is_absent")]
    labels: Patch<Vec<String>>,
    #[serde(default, skip_serializing_if = "Patch::is_absent")]
    mrr: Patch<i64>,
}

fn patch<T: Clone + std::fmt::Debug>(
    value: impl Strategy<Value = T>,
) -> impl Strategy<Value = Patch<T>> {
    prop_oneof![
        Just(Patch::Absent),
        Just(Patch::Null),
        value.prop_map(Patch::Value),
    ]
}

proptest! {
    #[test]
    fn all_three_states_survive_the_way_to_json_and_back(
        labels in patch(proptest::collection::vec(".*", 0..3)),
        mrr in patch(any::<i64>()),
    ) {
        let body = Body { labels, mrr };
        let text = serde_json::to_string(&body).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Body>(&text).unwrap(), &body);

        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(json.get("mrr").is_none(), body.mrr.is_absent());
        prop_assert_eq!(json.get("mrr").is_some_and(|v| v.is_null()), body.mrr.is_null());
    }
}

#[test]
fn absent_outside_a_skipped_field_is_an_error_rather_than_a_null() {
    let error = serde_json::to_string(&[Patch::<i64>::Absent]).unwrap_err();
    assert!(error.to_string().contains("skip_serializing_if"), "{error}");
}

#[test]
fn an_option_sets_or_clears() {
    assert_eq!(Patch::from(Some(5)), Patch::Value(5));
    assert_eq!(Patch::<i64>::from(None), Patch::Null);
    assert_eq!(Patch::<i64>::default(), Patch::Absent);
}

#[test]
fn map_and_value_touch_only_a_value() {
    assert_eq!(Patch::Value(2).map(|n| n + 1).value(), Some(3));
    assert_eq!(Patch::<i64>::Null.map(|n| n + 1), Patch::Null);
    assert_eq!(Patch::<i64>::Absent.as_ref().value(), None);
}

fn written(extra: Value, plan: &Patch<i64>, slug: &Option<&str>) -> String {
    let Value::Object(extra) = extra else {
        panic!("extra keys are an object")
    };
    let mut text = Vec::new();
    let mut serializer = serde_json::Serializer::new(&mut text);
    let mut body = BodyWriter::new(&mut serializer, &extra).unwrap();
    body.always("name", &"Aurora").unwrap();
    body.patch("plan", plan).unwrap();
    body.optional("slug", slug).unwrap();
    body.end().unwrap();
    String::from_utf8(text).unwrap()
}

#[test]
fn only_what_is_set_is_written() {
    let none = json!({});
    assert_eq!(
        written(none.clone(), &Patch::Absent, &None),
        r#"{"name":"Aurora"}"#
    );
    assert_eq!(
        written(none, &Patch::Null, &Some("a")),
        r#"{"name":"Aurora","plan":null,"slug":"a"}"#
    );
}

#[test]
fn an_extra_key_is_written_once_in_place_of_its_field() {
    assert_eq!(
        written(json!({ "name": 5, "new": [] }), &Patch::Value(1), &None),
        r#"{"plan":1,"name":5,"new":[]}"#
    );
}

/// Documents have schemas with the names that type parameters usually have.
mod names {
    pivotal_runtime::open_enum! { pub enum D { A = "a" } }
    pivotal_runtime::open_enum! { pub enum E { A = "a" } }
    pivotal_runtime::open_enum! { pub enum H { A = "a" } }
    pivotal_runtime::open_enum! { pub enum S { A = "a" } }
    pivotal_runtime::open_enum! { pub enum Text { A = "a" } }
}

#[test]
fn an_open_enum_may_have_the_name_of_a_type_parameter() {
    let read = |json| serde_json::from_str::<names::Text>(json).unwrap();
    assert_eq!(read("\"a\""), names::Text::A);
    let read = |json| serde_json::from_str::<names::E>(json).unwrap();
    assert_eq!(serde_json::to_string(&read("\"b\"")).unwrap(), "\"b\"");
    assert_eq!(
        names::D::KNOWN.len() + names::H::KNOWN.len() + names::S::KNOWN.len(),
        3
    );
}
