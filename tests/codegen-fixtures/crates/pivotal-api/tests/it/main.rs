//! Tests of the code that is generated for the codegen fixtures: what it sends, what it decodes, and
//! what round-trips.

// What clippy.toml allows in test functions holds for what they call; values made for one call are
// passed by value.
#![allow(clippy::unwrap_used, clippy::needless_pass_by_value)]

mod bodies;
mod calls;
mod enums;
mod errors;
mod formats;
mod names;
mod requests;
mod responses;
mod schemas;
mod server;
mod tables;
mod unions;

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use schemas::{fits_what_is_read, fits_what_is_written};

/// Decodes a text as a type and prints it again. The type's schemas take the one and the other.
#[track_caller]
fn round_trip<T: DeserializeOwned + Serialize + JsonSchema>(json: Value) -> (T, Value) {
    fits_what_is_read::<T>(&json);
    let decoded: T = serde_json::from_value(json).unwrap();
    let printed = serde_json::to_value(&decoded).unwrap();
    fits_what_is_written::<T>(&printed);
    (decoded, printed)
}

/// Decodes a text as a type that must print the same again.
#[track_caller]
fn round_trips<T: DeserializeOwned + Serialize + JsonSchema>(json: Value) -> T {
    let (decoded, printed) = round_trip(json.clone());
    assert_eq!(printed, json);
    decoded
}
