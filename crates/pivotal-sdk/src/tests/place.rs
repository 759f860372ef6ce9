//! The place of an error in JSON, compared with the way that `serde_path_to_error` records.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use serde_path_to_error::Segment;

use crate::error::place::place_of;

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "they are only decoded")]
struct Row {
    id: String,
    at: Timestamp,
    is_open: Option<bool>,
    #[serde(rename = "a\"key~/\\é")]
    numbers: BTreeMap<String, i64>,
    nested: Vec<Vec<Inner>>,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "they are only decoded")]
struct Inner {
    share: f64,
    labels: Vec<String>,
}

fn document() -> Value {
    let row = json!({
        "unknown": { "a": ["{", 1, { "b": "]\\\"" }] },
        "id": "x{[\"\\",
        "at": "2026-06-30T00:00:00Z",
        "is_open": true,
        "a\"key~/\\é": { "é": 1, "b": 2 },
        "nested": [[], [{ "share": 2, "labels": [] }], [{ "share": 0.5, "labels": ["a,b", "c:d"] }]],
    });
    json!([row, row])
}

/// The pointers of a value and of all values in it.
fn pointers(value: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                pointers(item, &format!("{at}/{index}"), all);
            }
        }
        Value::Object(members) => {
            for (key, member) in members {
                let key = key.replace('~', "~0").replace('/', "~1");
                pointers(member, &format!("{at}/{key}"), all);
            }
        }
        _ => {}
    }
}

/// Whether a text does not decode; then both places are the same.
fn fails_at_one_place(json: &str) -> bool {
    let Err(error) = serde_json::from_str::<Vec<Row>>(json) else {
        return false;
    };
    let mut json_again = serde_json::Deserializer::from_str(json);
    let recorded = serde_path_to_error::deserialize::<_, Vec<Row>>(&mut json_again).unwrap_err();
    let way: Vec<String> = recorded
        .path()
        .iter()
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(index.to_string()),
            Segment::Map { key } => Some(key.clone()),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect();
    assert_eq!(place_of(&error, json.as_bytes()), way, "{error} in {json}");
    true
}

#[test]
fn the_place_of_a_wrong_value_is_the_way_to_it() {
    let document = document();
    let mut all = Vec::new();
    pointers(&document, "", &mut all);
    let wrong = [
        json!(null),
        json!(true),
        json!(-7),
        json!(1.5),
        json!(u64::MAX),
        json!("é\"\\{"),
        json!([]),
        json!({}),
        json!([[1]]),
    ];
    let mut failed = 0;
    for pointer in &all {
        for value in &wrong {
            let mut changed = document.clone();
            *changed.pointer_mut(pointer).unwrap() = value.clone();
            failed += usize::from(fails_at_one_place(&changed.to_string()));
            failed += usize::from(fails_at_one_place(&format!("{changed:#}")));
        }
        let parent = pointer.rsplit_once('/').map(|(parent, _)| parent);
        if let Some(Value::Object(object)) = parent.and_then(|at| document.pointer(at)) {
            for key in object.keys() {
                let mut changed = document.clone();
                let object = changed.pointer_mut(parent.unwrap()).unwrap();
                object.as_object_mut().unwrap().remove(key);
                failed += usize::from(fails_at_one_place(&changed.to_string()));
            }
        }
    }
    let twice = document
        .to_string()
        .replace("\"id\":", "\"at\" : \"2026-06-30T00:00:00Z\" , \"id\" :");
    assert!(fails_at_one_place(&twice));
    assert!(failed > 500, "{failed}");
}
