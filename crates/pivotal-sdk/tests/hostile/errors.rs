//! Error responses, and headers that tell the client to wait.

use serde_json::{Value, json};

use crate::{Call, Case, KEY, customer, json_response};

pub(crate) fn cases() -> Vec<Case> {
    [statuses(), envelopes(), retry_after(), rate_limits()]
        .into_iter()
        .flatten()
        .collect()
}

fn envelope(details: impl Into<Value>) -> Value {
    json!({ "error": details.into() })
}

fn statuses() -> Vec<Case> {
    let known = json!({ "type": "internal_error", "code": "internal_error", "message": "No." });
    let statuses = [
        400, 401, 402, 403, 404, 408, 409, 410, 413, 418, 422, 425, 451, 500, 501, 502, 503, 504,
        507, 511, 599, 600,
    ];
    let with_envelope = statuses.map(|status| {
        let body = envelope(known.clone());
        Case::new(
            format!("{status} for a create"),
            Call::Create,
            move |_, _| json_response(&format!("{status} X"), "", &body),
        )
    });
    let with_page = [401, 404, 429, 500, 503].map(|status| {
        Case::new(format!("{status} with HTML"), Call::Get, move |_, _| {
            pivotal_test_support::response(&format!("{status} X"), "", "<html>secret</html>")
        })
    });
    with_envelope.into_iter().chain(with_page).collect()
}

fn envelopes() -> Vec<Case> {
    let kind = "conflict";
    [
        ("a message of 1 MiB", envelope(json!({ "type": kind, "message": "x".repeat(1 << 20) }))),
        ("a code and a field of 512 KiB", envelope(json!({ "type": kind, "code": "x".repeat(1 << 19), "field": "y".repeat(1 << 19), "message": "m" }))),
        ("a type of 1 MiB", envelope(json!({ "type": "x".repeat(1 << 20), "message": "m" }))),
        ("a message that controls terminals", envelope(json!({ "type": kind, "message": "\u{1b}]0;title\u{7}\r\n\u{9b}31m\u{202e}\u{2028}" }))),
        ("a code and a field that control terminals", envelope(json!({ "type": kind, "code": "\u{1b}[2J", "field": "\n\u{202e}", "message": "m" }))),
        ("the key in the message", envelope(json!({ "type": kind, "code": KEY, "field": KEY, "message": format!("key {KEY}") }))),
        ("the key as the type", envelope(json!({ "type": KEY, "message": "m" }))),
        ("a code that is a number", envelope(json!({ "type": kind, "code": 409, "message": "m" }))),
        ("a message that is a list", envelope(json!({ "type": kind, "message": ["a", "b"] }))),
        ("no type", envelope(json!({ "code": "x", "message": "m" }))),
        ("an error that is text", json!({ "error": "conflict" })),
        ("a list of errors", json!({ "errors": [{ "message": "m" }] })),
        ("an envelope in an envelope", envelope(envelope(json!({ "type": kind, "message": "m" })))),
    ]
    .into_iter()
    .map(|(name, body)| {
        Case::new(name, Call::Get, move |_, _| json_response("409 Conflict", "", &body))
    })
    .collect()
}

/// A 429 that asks for this delay, then a customer.
fn retry_after() -> Vec<Case> {
    [
        "0",
        "1",
        "-1",
        "1e3",
        "1.5",
        "99999999999999999999",
        "4294967296",
        "soon",
        "",
        "NaN",
        "Tue, 26 May 1970 17:21:09 GMT",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "2026-05-26T17:21:09Z",
    ]
    .into_iter()
    .map(|value| {
        // A date is compared with that of the response.
        let date = "date: Tue, 26 May 2026 17:21:09 GMT\r\n";
        let headers = format!("{date}retry-after: {value}\r\n");
        let body = envelope(
            json!({ "type": "rate_limit_error", "code": "rate_limited", "message": "Slow down." }),
        );
        Case::new(
            format!("retry-after: {value}"),
            Call::Get,
            move |_, earlier| match earlier {
                0 => json_response("429 Too Many", &headers, &body),
                _ => json_response("200 OK", "", &customer()),
            },
        )
    })
    .collect()
}

/// A list whose first response has these headers.
fn rate_limits() -> Vec<Case> {
    [
        ("a limit of 0", "0", "0", "1779816069"),
        ("a negative limit", "-60", "-1", "-1"),
        ("a limit that is text", "many", "few", "never"),
        ("a limit of 10^30", "1000000000000000000000000000000", "1", "1779816069"),
        ("more remaining than the limit", "60", "1000000", "1779816069"),
        ("a reset in the past", "60", "0", "1"),
        ("a reset in the year 10^10", "60", "0", "315569520000000000"),
        ("a reset in seconds from now", "60", "59", "30"),
        ("a reset of 10^30", "60", "0", "1000000000000000000000000000000"),
    ]
    .into_iter()
    .map(|(name, limit, remaining, reset)| {
        let headers = format!(
            "x-ratelimit-limit: {limit}\r\nx-ratelimit-remaining: {remaining}\r\nx-ratelimit-reset: {reset}\r\n"
        );
        Case::new(name, Call::List, move |_, earlier| {
            let mut row = customer();
            row["id"] = json!(format!("row-{earlier}"));
            let next = (earlier == 0).then_some("next");
            let page = json!({ "object": "list", "data": [row], "has_more": next.is_some(), "next_cursor": next });
            json_response("200 OK", &headers, &page)
        })
        .timeout(500)
    })
    .collect()
}
