//! That the code generated for the zoo is right: what goes on the wire, what decodes, what survives.

// What clippy.toml allows in test functions holds for what they call; values made for one call are passed by value.
#![allow(clippy::unwrap_used, clippy::needless_pass_by_value)]

mod answers;
mod bodies;
mod calls;
mod enums;
mod names;
#[path = "../../../../openapi/src/operations.rs"]
mod operations;
mod server;
mod tables;
mod unions;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A row of the table that stands beside the contract, as the crate there would hold it.
struct Operation {
    id: &'static str,
    name: &'static str,
    method: &'static str,
    path: &'static str,
}

/// Decodes a text as a type and prints it again.
#[track_caller]
fn round_trip<T: DeserializeOwned + Serialize>(json: Value) -> (T, Value) {
    let decoded: T = serde_json::from_value(json).unwrap();
    let printed = serde_json::to_value(&decoded).unwrap();
    (decoded, printed)
}

/// Decodes a text as a type that must print the same again.
#[track_caller]
fn survives<T: DeserializeOwned + Serialize>(json: Value) -> T {
    let (decoded, printed) = round_trip(json.clone());
    assert_eq!(printed, json);
    decoded
}
