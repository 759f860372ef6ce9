//! Lists whose pages and cursors lead nowhere.

use serde_json::{Value, json};

use crate::{Call, Case, customer, json_response};

/// A customer of this number, created so many milliseconds before the newest.
fn row(number: usize) -> Value {
    let mut row = customer();
    row["id"] = json!(format!("row-{number}"));
    row["display_id"] = json!(number + 1);
    row["created_at"] = json!(time(number));
    row
}

fn time(number: usize) -> String {
    let of_the_day = 86_399_999 - number % 86_400_000;
    let (seconds, milliseconds) = (of_the_day / 1_000, of_the_day % 1_000);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("2026-05-26T{hour:02}:{minute:02}:{second:02}.{milliseconds:03}Z")
}

fn page(rows: impl IntoIterator<Item = usize>, next: impl Into<Value>) -> Value {
    let rows: Vec<_> = rows.into_iter().map(row).collect();
    json!({ "object": "list", "data": rows, "has_more": true, "next_cursor": next.into() })
}

fn last(rows: impl IntoIterator<Item = usize>) -> Value {
    let mut page = page(rows, Value::Null);
    page["has_more"] = json!(false);
    page
}

pub(crate) fn cases() -> Vec<Case> {
    let case = |name: &str, page: fn(usize) -> Value| {
        Case::new(name, Call::List, move |_, earlier| {
            json_response("200 OK", "", &page(earlier))
        })
    };
    // Written before the request: that may take longer than the client waits.
    let many = json_response("200 OK", "", &last(0..10_000));
    vec![
        case("one page", |_| last(0..3)),
        case("the same cursor again and again", |_| page(0..3, "next")),
        case("the same time again and again", |_| page(0..3, time(2))),
        case("the same rows under new cursors", |n| {
            page(0..3, format!("next-{n}"))
        }),
        case("empty pages under new cursors", |n| {
            page([], format!("next-{n}"))
        }),
        case("empty pages under falling times", |n| page([], time(n))),
        case("times that rise", |n| {
            page([10 - n.min(9)], time(10 - n.min(9)))
        }),
        case("times that fall and rise", |n| page([n % 2], time(n % 2))),
        case("no cursor although more follow", |_| {
            page(0..3, Value::Null)
        }),
        case("an empty cursor", |_| page(0..3, "")),
        case("a cursor that is a number", |_| page(0..3, 5)),
        case("a cursor although no more follow", |_| {
            let mut page = page(0..3, "next");
            page["has_more"] = json!(false);
            page
        }),
        case("a cursor with parameters in it", |n| match n {
            0 => page(0..3, "a&limit=100000#b/../../admin\r\nx: y"),
            _ => last(3..6),
        }),
        case("a cursor of 10,000 characters", |n| match n {
            0 => page(0..3, "c".repeat(10_000)),
            _ => last(3..6),
        }),
        case("a cursor of the year 10000", |n| match n {
            0 => page(0..3, "+010000-01-01T00:00:00Z"),
            _ => last(3..6),
        }),
        case("a cursor at the end of time", |n| match n {
            0 => page(0..3, "9999-12-31T23:59:59.999999999Z"),
            _ => last(3..6),
        }),
        case("a row twice on a page", |_| last([0, 0, 1])),
        case("a row on two pages", |n| match n {
            0 => page(0..3, time(2)),
            _ => last(0..3),
        }),
        case("oldest rows first", |_| last((0..3).rev())),
        Case::new("a page of 10,000 rows", Call::List, move |_, _| {
            many.clone()
        }),
        case("pages of more rows than were asked for", |n| {
            page(n * 300..(n + 1) * 300, time(n * 300 + 299))
        }),
        case("no has_more", |_| json!({ "object": "list", "data": [] })),
        case(
            "rows that are null",
            |_| json!({ "object": "list", "data": null, "has_more": false, "next_cursor": null }),
        ),
        case(
            "rows that are an object",
            |_| json!({ "object": "list", "data": {}, "has_more": false, "next_cursor": null }),
        ),
        case("a row that is null", |_| {
            let mut page = last(0..3);
            page["data"][1] = Value::Null;
            page
        }),
        case("a row without a name", |_| {
            let mut page = last(0..3);
            page["data"][1].as_object_mut().unwrap().remove("name");
            page
        }),
    ]
}
