//! Names that Rust, the standard library or the generated code use themselves.

use serde_json::json;

use crate::round_trips;

#[test]
fn components_may_bear_any_name() {
    let json = json!({
        "client": { "baseurl": "b" }, "error": { "error": { "type": "not_found" } }, "option": { "some": "s" }, "string": "yes",
        "vec": { "items": ["a"] }, "result": { "ok": true }, "box": { "inside": {} }, "patch": { "path": "p" }, "value": 5,
        "executor": { "n": 1 }, "map": { "k": "v" }, "self": { "me": true }, "dotted": { "a": "1" }, "digits": { "a": "2" },
        "answer": { "id": "x" }, "some": { "a": "3" }, "send": { "a": "4" }, "default": { "a": "5" }, "byte_stream": { "a": "6" },
        "response_value": { "a": "7" }, "syllable": { "letters": { "unit": "x" } },
    });
    let names: codegen_fixtures::ListNamesResponse = round_trips(json);
    let option: Option<codegen_fixtures::Option> = names.option;
    assert_eq!(option.unwrap().some.as_deref(), Some("s"));
    let client: Option<codegen_fixtures::Client2> = names.client;
    assert_eq!(client.unwrap().baseurl.as_deref(), Some("b"));
    assert!(matches!(
        names.value,
        Some(codegen_fixtures::Value::Integer(5))
    ));
    assert_eq!(names.string, Some(codegen_fixtures::String::Yes));
}

/// The compiler composes a letter and its accent before it compares names.
#[test]
fn names_may_differ_in_composition_alone() {
    let syllable: codegen_fixtures::가 = round_trips(json!({ "letters": { "unit": "가" } }));
    let letters: codegen_fixtures::가2 = syllable.letters.unwrap();
    let known = codegen_fixtures::가2unit::KNOWN.iter();
    let known: Vec<&str> = known.map(codegen_fixtures::가2unit::as_str).collect();
    let composed = ["\u{c5}x", "\u{ac00}"];
    let decomposed = ["\u{212b}x", "\u{1100}\u{1161}"];
    assert_eq!(
        known,
        [decomposed[0], composed[0], composed[1], decomposed[1]]
    );
    assert!(letters.unit.unwrap().is_known());
}

/// Every property of `Keywords` with a value of its own.
fn keywords() -> serde_json::Value {
    let document: serde_json::Value =
        serde_json::from_str(include_str!("../../../../openapi/upstream.json")).unwrap();
    let properties = document["components"]["schemas"]["Keywords"]["properties"]
        .as_object()
        .unwrap();
    let values = properties
        .iter()
        .enumerate()
        .map(|(index, (name, schema))| {
            let kind = schema["type"]
                .as_str()
                .or_else(|| schema["type"][0].as_str())
                .unwrap();
            let value = match kind {
                "string" => json!(format!("value {index}")),
                "integer" => json!(index),
                "boolean" => json!(true),
                "object" => json!({ "index": index }),
                other => panic!("no sample of {other}"),
            };
            (name.clone(), value)
        });
    serde_json::Value::Object(values.collect())
}

#[test]
fn response_properties_may_have_any_name() {
    round_trips::<codegen_fixtures::Keywords>(keywords());
}

#[test]
fn properties_may_bear_any_name_in_what_is_sent() {
    let body: codegen_fixtures::CreateName = round_trips(keywords());
    assert!(body.extra.is_empty(), "{:?}", body.extra);
}

#[test]
fn a_property_has_the_same_name_in_requests_and_responses() {
    let sent: codegen_fixtures::CreateName = serde_json::from_value(keywords()).unwrap();
    let response: codegen_fixtures::Keywords = serde_json::from_value(keywords()).unwrap();
    assert_eq!(sent.type_, response.type_);
    assert_eq!(sent.foo_bar, response.foo_bar);
    assert_eq!(sent.foo_bar__, response.foo_bar__);
    assert_eq!(sent.x3d, response.x3d);
    assert_eq!(sent.x, response.x);
    assert_eq!(sent.id, response.id);
    assert_eq!(sent.名, response.名);
}

#[test]
fn a_setter_is_not_taken_for_another_setter_of_another_field() {
    let body = codegen_fixtures::CreateName::new("f", "n", None)
        .crate_("c")
        .clear_crate("text")
        .clear_type("t");
    let sent = serde_json::to_value(&body).unwrap();
    assert_eq!(
        (&sent["crate"], &sent["clear_crate"], &sent["clear_type"]),
        (&json!("c"), &json!("text"), &json!("t"))
    );
    let cleared = serde_json::to_value(body.clone().clear_crate_()).unwrap();
    assert_eq!(cleared["crate"], json!(null));

    let body = body.maybe_crate("text").maybe_crate_(Some("d"));
    let sent = serde_json::to_value(body).unwrap();
    assert_eq!(
        (&sent["crate"], &sent["maybe_crate"]),
        (&json!("d"), &json!("text"))
    );
}
