//! Which member of a union a value is.

use pivotal_runtime::union::{Member, candidates};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

/// The positions of the members that a value without a tag is tried as.
fn order(value: &Value, members: &[Member]) -> Vec<usize> {
    candidates(value, None, members).collect()
}

#[test]
fn a_scalar_that_lists_other_values_is_tried_last() {
    let listing = Member {
        values: &["x", "5"],
        ..Member::ANY
    };
    let members = [listing, Member::ANY];
    let tried = |value: Value| order(&value, &members);
    assert_eq!(tried("x".into()), [0, 1]);
    assert_eq!(tried(5.into()), [0, 1]);
    assert_eq!(tried("z".into()), [1, 0]);
}

#[test]
fn of_equal_members_the_one_that_lacks_no_key_is_tried_first() {
    let lacking = Member {
        properties: &["a", "b"],
        nullable: &["a"],
        ..Member::ANY
    };
    let whole = Member {
        properties: &["b"],
        ..Member::ANY
    };
    let tried = |value: Value| order(&value, &[lacking, whole]);
    assert_eq!(tried(json!({ "b": 1 })), [1, 0]);
    assert_eq!(tried(json!({ "a": null, "b": 1 })), [0, 1]);
}

#[test]
fn a_member_that_does_not_allow_a_null_is_left_out() {
    let filled = Member {
        properties: &["a", "b"],
        never_null: &["b"],
        ..Member::ANY
    };
    let tried = |value: Value| order(&value, &[filled, Member::ANY]);
    assert_eq!(tried(json!({ "a": null, "b": null })), [1]);
    assert_eq!(tried(json!({ "a": null, "b": 1 })), [0, 1]);
    assert_eq!(tried(json!({ "a": null })), [0, 1]);
}

/// Both members have the same keys and contain the union, as generated code has it.
#[derive(Debug)]
enum Node {
    Numbered(Of<i64>),
    Named(Of<String>),
    Unknown(Value),
}

#[derive(Debug, Deserialize)]
struct Of<T> {
    child: Option<Box<Node>>,
    of: T,
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        const MEMBER: Member = Member {
            properties: &["child", "of"],
            ..Member::ANY
        };
        for candidate in candidates(&value, None, &[MEMBER, MEMBER]) {
            match candidate {
                0 => {
                    if let Ok(known) = Deserialize::deserialize(&value) {
                        return Ok(Self::Numbered(known));
                    }
                }
                _ => {
                    if let Ok(known) = Deserialize::deserialize(&value) {
                        return Ok(Self::Named(known));
                    }
                }
            }
        }
        Ok(Self::Unknown(value))
    }
}

/// A value with others inside it, as many as levels.
fn nested(levels: usize, of: &Value) -> Value {
    (0..levels).fold(Value::Null, |child, _| json!({ "child": child, "of": of }))
}

#[test]
fn a_member_is_tried_after_another_one_failed_also_inside_such_a_member() {
    let mut node: Node = serde_json::from_value(nested(12, &json!("name"))).unwrap();
    let mut levels = 1;
    loop {
        node = match node {
            Node::Named(Of {
                child: Some(child), ..
            }) => *child,
            Node::Named(_) => break,
            other => panic!("at level {levels}: {other:?}"),
        };
        levels += 1;
    }
    assert_eq!(levels, 12);
}

#[test]
fn a_deep_value_that_is_no_member_at_any_level_ends_as_it_came() {
    let value = nested(120, &json!([]));
    for _ in 0..2 {
        match serde_json::from_value(value.clone()).unwrap() {
            Node::Unknown(kept) => assert_eq!(kept, value),
            other => panic!("{other:?}"),
        }
    }
    // The next value is decoded as if nothing had been.
    let numbered: Node = serde_json::from_value(nested(1, &json!(5))).unwrap();
    assert!(matches!(numbered, Node::Numbered(Of { of: 5, .. })));
}
