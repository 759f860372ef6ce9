//! Values that are written alike, though their schemas differ; and alternatives that others cover.

use openapi_diff::Level::{self, Breaking, Info};
use serde_json::{Value, json};

use crate::documents::{compared, found, operation, with_schema_at, yaml};

/// A document with a schema at one of the places where values are written in some way.
fn written(place: &str, schema: &Value) -> Value {
    let parameter = |location: &str, style: Value| {
        let mut parameter = json!({"name": "q", "in": location, "schema": schema});
        for (key, value) in style.as_object().unwrap() {
            parameter[key] = value.clone();
        }
        ("parameters", json!([parameter]))
    };
    let field = json!({"type": "object", "properties": {"f": schema}});
    let body = |name: &str, schema: &Value| json!({"content": {name: {"schema": schema}}});
    let (key, value) = match place {
        "query" => parameter("query", json!({})),
        "query, not exploded" => parameter("query", json!({"explode": false})),
        "header" => parameter("header", json!({})),
        "path" => parameter("path", json!({"required": true})),
        "cookie" => parameter("cookie", json!({})),
        "JSON in the query" => {
            let content = json!({"application/json": {"schema": schema}});
            let parameter = json!({"name": "q", "in": "query", "content": content});
            ("parameters", json!([parameter]))
        }
        "form" => (
            "requestBody",
            body("application/x-www-form-urlencoded", &field),
        ),
        "multipart" => ("requestBody", body("multipart/form-data", &field)),
        "text" => ("requestBody", body("text/plain; charset=utf-8", schema)),
        "JSON" => ("requestBody", body("application/json", schema)),
        "text response" => ("responses", json!({"200": body("text/plain", schema)})),
        "response header" => {
            let headers = json!({"X-A": {"schema": schema}});
            ("responses", json!({"200": {"headers": headers}}))
        }
        other => panic!("there is no place {other}"),
    };
    let mut document = operation("{}");
    document["paths"]["/a"]["post"][key] = value;
    document
}

fn worst(place: &str, base: &str, revision: &str) -> Option<Level> {
    let [base, revision] = [base, revision].map(|schema| written(place, &yaml(schema)));
    compared(&base, &revision).worst()
}

const TEXT: [&str; 8] = [
    "query",
    "query, not exploded",
    "header",
    "path",
    "cookie",
    "form",
    "multipart",
    "text",
];

#[test]
fn what_is_written_as_text_is_a_string_too() {
    for place in TEXT {
        for scalar in ["integer", "number", "boolean"] {
            let scalar = format!("{{type: {scalar}}}");
            assert_eq!(
                worst(place, &scalar, "{type: string}"),
                Some(Info),
                "{place}"
            );
            assert_eq!(
                worst(place, "{type: string}", &scalar),
                Some(Breaking),
                "{place}"
            );
        }
        // Not so with a string that cannot be every number.
        for string in [
            "{type: string, maxLength: 3}",
            "{type: string, format: uuid}",
            "{type: string, pattern: '^a'}",
            "{enum: [a]}",
        ] {
            assert_eq!(
                worst(place, "{type: integer}", string),
                Some(Breaking),
                "{place} {string}"
            );
        }
        assert_eq!(
            worst(place, "{type: boolean}", "{type: integer}"),
            Some(Breaking),
            "{place}"
        );
        assert_eq!(
            worst(place, "{type: [integer, string]}", "{type: string}"),
            None,
            "{place}"
        );
        // Listed values are the same as numbers and as strings.
        assert_eq!(
            worst(place, "{enum: [1, 2]}", "{enum: ['2', '1']}"),
            None,
            "{place}"
        );
        assert_eq!(
            worst(place, "{type: boolean}", "{enum: ['true', 'false']}"),
            None,
            "{place}"
        );
        assert_eq!(
            worst(place, "{enum: ['1', '2']}", "{enum: [1]}"),
            Some(Breaking),
            "{place}"
        );
    }
    for place in [
        "JSON",
        "JSON in the query",
        "text response",
        "response header",
    ] {
        assert_eq!(
            worst(place, "{type: integer}", "{type: string}"),
            Some(Breaking),
            "{place}"
        );
    }
    assert_eq!(
        worst("response header", "{type: string}", "{type: integer}"),
        Some(Info)
    );
    assert_eq!(
        worst("JSON", "{enum: [1]}", "{enum: ['1']}"),
        Some(Breaking)
    );
    // An object in a form is JSON.
    let object = |kind: &str| format!("{{type: object, properties: {{a: {{type: {kind}}}}}}}");
    for place in ["form", "multipart"] {
        assert_eq!(
            worst(place, &object("integer"), &object("string")),
            Some(Breaking),
            "{place}"
        );
    }
}

#[test]
fn one_item_is_written_like_an_array_of_it() {
    let array = |item: &str, more: &str| format!("{{type: array, items: {{type: {item}}}{more}}}");
    for place in ["query", "cookie", "form", "multipart"] {
        for scalar in ["string", "integer"] {
            let item = format!("{{type: {scalar}}}");
            assert_eq!(
                worst(place, &item, &array(scalar, "")),
                Some(Info),
                "{place}"
            );
            assert_eq!(
                worst(place, &array(scalar, ""), &item),
                Some(Breaking),
                "{place}"
            );
            assert_eq!(
                worst(place, &item, &array(scalar, ", minItems: 2")),
                Some(Breaking),
                "{place}"
            );
        }
        assert_eq!(
            worst(place, "{type: integer}", &array("string", "")),
            Some(Info),
            "{place}"
        );
        assert_eq!(
            worst(place, "{type: string}", &array("integer", "")),
            Some(Breaking),
            "{place}"
        );
    }
    // A text may hold the comma between items; a number does not.
    for place in ["query, not exploded", "header", "path"] {
        assert_eq!(
            worst(place, "{type: string}", &array("string", "")),
            Some(Breaking),
            "{place}"
        );
        assert_eq!(
            worst(place, "{type: integer}", &array("integer", "")),
            Some(Info),
            "{place}"
        );
    }
    // Only the style of the list matters.
    let text = written("query", &yaml("{type: string}"));
    let list = written("query, not exploded", &yaml(&array("string", "")));
    assert_eq!(compared(&text, &list).worst(), Some(Breaking));
    let text = written("query, not exploded", &yaml("{type: string}"));
    let list = written("query", &yaml(&array("string", "")));
    assert_eq!(compared(&text, &list).worst(), Some(Info));
    for place in ["JSON", "JSON in the query", "text"] {
        assert_eq!(
            worst(place, "{type: string}", &array("string", "")),
            Some(Breaking),
            "{place}"
        );
    }
    // Neither is there a style of a plain value to be seen, nor do arrays in headers have two.
    let [base, revision] = [
        "{parameters: [{name: a, in: query, explode: false, schema: {type: string}}, {name: b, in: header, schema: {type: array}}]}",
        "{parameters: [{name: a, in: query, schema: {type: array, items: {type: string}}}, {name: b, in: header, explode: true, schema: {type: array}}]}",
    ]
    .map(operation);
    assert_eq!(compared(&base, &revision).worst(), Some(Info));
}

/// What is found when alternatives change, in a request and in a response.
fn alternatives(base: &str, revision: &str) -> [Vec<(&'static str, Level)>; 2] {
    ["request-body-", "response-body-"].map(|position| {
        let [base, revision] =
            [base, revision].map(|schema| with_schema_at(position, &yaml(schema), &json!({})));
        found(&compared(&base, &revision))
    })
}

#[test]
fn an_alternative_that_another_one_covers_makes_no_difference_of_its_own() {
    let one = "{anyOf: [{type: string}, {type: array, minItems: 1}]}";
    let two = "{anyOf: [{type: string}, {type: array, minItems: 1}, {type: string, maxLength: 5}]}";
    assert_eq!(
        alternatives(two, one),
        [
            vec![("request-body-max-length-unset", Info)],
            vec![("response-body-any-of-removed", Info)]
        ]
    );
    assert_eq!(
        alternatives(one, two),
        [
            vec![("request-body-any-of-added", Info)],
            vec![("response-body-max-length-set", Info)]
        ]
    );
    let wide = "{anyOf: [{type: object, properties: {a: {type: string}}}, {type: array}]}";
    let narrow = wide.replace(
        "]}",
        ", {type: object, required: [a], properties: {a: {enum: [x]}}}]}",
    );
    assert_eq!(
        alternatives(&narrow, wide)[0]
            .iter()
            .map(|(_, level)| *level)
            .max(),
        Some(Info)
    );
    assert_eq!(
        alternatives(wide, &narrow)[1]
            .iter()
            .map(|(_, level)| *level)
            .max(),
        Some(Info)
    );
    // One that is covered only in part is still reported.
    let other = wide.replace(
        "]}",
        ", {type: object, required: [b], properties: {a: {type: integer}, b: {}}}]}",
    );
    assert!(alternatives(&other, wide)[0].contains(&("request-body-any-of-removed", Breaking)));
    assert!(alternatives(wide, &other)[1].contains(&("response-body-any-of-added", Breaking)));
}

#[test]
fn an_object_that_two_alternatives_of_one_of_fit_is_no_longer_allowed() {
    let object =
        "{type: object, required: [a, b], properties: {a: {type: string}, b: {type: string}}}";
    let [one, other] = ["a", "b"].map(|name| object.replace("[a, b]", &format!("[{name}]")));
    let [request, response] = alternatives(object, &format!("{{oneOf: [{one}, {other}]}}"));
    assert!(
        request.contains(&("request-body-one-of-overlap-added", Breaking)),
        "{request:?}"
    );
    assert!(
        response.contains(&("response-body-one-of-overlap-added", Info)),
        "{response:?}"
    );
    let [request, _] = alternatives(object, &format!("{{anyOf: [{one}, {other}]}}"));
    assert_eq!(
        request.iter().map(|(_, level)| *level).max(),
        Some(Info),
        "{request:?}"
    );
    // Another alternative that overlaps takes from what was allowed.
    let two = "{oneOf: [{type: string, maxLength: 5}, {type: integer}]}";
    let three =
        "{oneOf: [{type: string, maxLength: 5}, {type: integer}, {type: string, minLength: 3}]}";
    let [request, _] = alternatives(two, three);
    assert_eq!(
        request,
        [
            ("request-body-one-of-added", Info),
            ("request-body-one-of-overlap-added", Breaking)
        ]
    );
}
