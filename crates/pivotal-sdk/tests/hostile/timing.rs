//! Servers that are silent, slow, or gone.

use pivotal_test_support::Reply;

use crate::{Call, Case, customer, json_response};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::new("a connection that is closed at once", Call::Get, |_, _| {
            Reply::Close
        }),
        Case::new(
            "a create whose connection is closed",
            Call::Create,
            |_, _| Reply::Close,
        ),
        Case::new(
            "a create whose connection is closed once",
            Call::Create,
            |_, earlier| match earlier {
                0 => Reply::Close,
                _ => json_response("201 Created", "", &customer()),
            },
        ),
        Case::new("silence", Call::Get, |_, _| Reply::Stall).impatient(),
        Case::new(
            "silence, then a customer",
            Call::Get,
            |_, earlier| match earlier {
                0 => Reply::Stall,
                _ => json_response("200 OK", "", &customer()),
            },
        )
        .impatient(),
        Case::new("a body that drips", Call::Get, |_, _| {
            Reply::Drip("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n{")
        })
        .impatient(),
        Case::new("a head that drips", Call::Get, |_, _| {
            Reply::Drip("HTTP/1.1 200 OK\r\nx: ")
        })
        .impatient(),
        Case::new("a create whose response drips", Call::Create, |_, _| {
            Reply::Drip("HTTP/1.1 201 Created\r\ncontent-length: 100000\r\n\r\n{")
        })
        .impatient(),
        Case::new(
            "a list whose second page never comes",
            Call::List,
            |_, earlier| match earlier {
                0 => json_response(
                    "200 OK",
                    "",
                    &serde_json::json!({
                        "object": "list", "data": [customer()], "has_more": true, "next_cursor": "next"
                    }),
                ),
                _ => Reply::Stall,
            },
        )
        .impatient(),
    ]
}
