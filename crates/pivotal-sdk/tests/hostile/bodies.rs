//! Bodies of a success: what is not JSON, not a customer, or a customer of the worst kind.

use serde_json::{Value, json};

use crate::{Call, Case, customer, json_response};

pub(crate) fn cases() -> Vec<Case> {
    [texts(), values()].into_iter().flatten().collect()
}

fn texts() -> Vec<Case> {
    let body = customer().to_string();
    let with_name = |name: &str| body.replace("Aurora Outfitters", name);
    [
        ("no body", String::new()),
        ("a space", " ".to_owned()),
        ("null", "null".to_owned()),
        ("a number", "5".to_owned()),
        ("a list", "[]".to_owned()),
        ("an empty object", "{}".to_owned()),
        ("an error envelope with 200", json!({ "error": { "type": "conflict", "code": "x", "message": "m" } }).to_string()),
        ("HTML", "<html><h1>Welcome</h1></html>".to_owned()),
        ("half a customer", body[..body.len() / 2].to_owned()),
        ("a customer and more", format!("{body} {{}}")),
        ("a byte order mark", format!("\u{feff}{body}")),
        ("NaN", body.replace("245", "NaN")),
        ("single quotes", body.replace('"', "'")),
        ("a comment", format!("/* c */{body}")),
        ("an ESC in a string", with_name("\u{1b}[2J")),
        ("an escaped ESC in a string", with_name(r"\u001b[2J\u202e")),
        ("a lone surrogate", with_name(r"\ud800")),
        ("an escaped NUL", with_name(r"\u0000")),
        ("a key twice", body.replacen('{', r#"{"name":"Borealis","#, 1)),
        ("100,000 brackets", "[".repeat(100_000)),
        ("100,000 unknown objects in each other", body.replacen('{', &format!(r#"{{"x":{},"#, r#"{"x":"#.repeat(100_000)), 1)),
        ("a name of 1 MiB", with_name(&"a".repeat(1 << 20))),
        ("100,000 unknown keys", {
            let keys: String = (0..100_000).map(|key| format!(r#""x{key}":{key},"#)).collect();
            body.replacen('{', &format!("{{{keys}"), 1)
        }),
        ("a number of 100,000 digits", body.replace("245", &"9".repeat(100_000))),
        ("4 MiB of spaces", " ".repeat(4 << 20)),
    ]
    .into_iter()
    .map(|(name, body)| {
        let reply = pivotal_test_support::response("200 OK", "", body);
        Case::new(name, Call::Get, move |_, _| reply.clone())
    })
    .chain([
        Case::new("a body that is not UTF-8", Call::Get, |_, _| {
            pivotal_test_support::response("200 OK", "", b"{\"name\":\"\xff\xfe\"}")
        }),
        Case::new("204 for a get", Call::Get, |_, _| pivotal_test_support::response("204 None", "", "")),
        Case::new("200 for a create", Call::Create, |_, _| json_response("200 OK", "", &customer())),
        Case::new("202 for a create", Call::Create, |_, _| json_response("202 Later", "", &json!({}))),
        Case::new("a list for a get", Call::Get, |_, _| {
            json_response("200 OK", "", &json!({ "object": "list", "data": [customer()], "has_more": false, "next_cursor": null }))
        }),
    ])
    .collect()
}

/// A customer with one foreign value.
fn values() -> Vec<Case> {
    let secret = "4111 1111 1111 1111 ".repeat(100_000);
    let cases: Vec<(&str, &str, Value)> = vec![
        ("an id that is a number", "id", json!(5)),
        ("an empty id", "id", json!("")),
        ("an id with a path", "id", json!("../../admin?x#y")),
        ("a display_id that is text", "display_id", json!("245")),
        ("a negative display_id", "display_id", json!(-1)),
        ("a display_id of 245.0", "display_id", json!(245.0)),
        ("a display_id of 245.5", "display_id", json!(245.5)),
        ("a display_id of 2^63", "display_id", json!(1_u64 << 63)),
        ("a display_id of 1e30", "display_id", json!(1e30)),
        ("a name that is null", "name", json!(null)),
        (
            "a name that is an object",
            "name",
            json!({ "secret": secret }),
        ),
        ("an unknown status", "status", json!("dormant")),
        ("a status of 1 MiB", "status", json!("x".repeat(1 << 20))),
        ("a status that is a number", "status", json!(1)),
        ("an mrr that is text", "mrr", json!(secret)),
        ("a date that is none", "created_at", json!(secret)),
        (
            "a date that is a number",
            "created_at",
            json!(1_779_816_069),
        ),
        (
            "the year 9999",
            "created_at",
            json!("9999-12-31T23:59:59.999Z"),
        ),
        (
            "the year 10000",
            "created_at",
            json!("+010000-01-01T00:00:00Z"),
        ),
        ("a leap second", "created_at", json!("2016-12-31T23:59:60Z")),
        ("31 February", "created_at", json!("2026-02-31T00:00:00Z")),
        ("an object kind that is another", "object", json!("contact")),
    ];
    let with = |key: &str, value: Value| {
        let mut row = customer();
        row[key] = value;
        row
    };
    cases
        .into_iter()
        .map(|(name, key, value)| {
            let row = with(key, value);
            Case::new(name, Call::Get, move |_, _| {
                json_response("200 OK", "", &row)
            })
        })
        .collect()
}
