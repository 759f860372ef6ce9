//! `/me` and `/health`.

use bytes::Bytes;
use serde_json::{Value, json};

use super::Call;
use crate::{
    clock::iso,
    contract::blank,
    error::{ApiError, json as to_json},
};

/// Tells which key and workspace a request was made with.
///
/// A key is a workspace admin password, so its scope is `admin`. Evidence: stated (the keys of the
/// response), decided (the names of scope and tiers).
pub(super) fn me(call: &mut Call<'_>) -> Result<Bytes, ApiError> {
    let organization = &call.workspace.organization;
    Ok(answer(
        call,
        json!({
            "api_key": {
                "id": call.key.id,
                "name": "Sandbox key",
                "prefix": call.key.prefix(),
                "scopes": ["admin"],
                "rate_limit_tier": call.key.tier.as_str(),
            },
            "organization": { "id": organization.id, "slug": organization.slug, "name": organization.name },
        }),
    ))
}

/// Says that the server is up, to anyone. Evidence: stated.
pub(super) fn health(call: &mut Call<'_>) -> Result<Bytes, ApiError> {
    Ok(answer(
        call,
        json!({ "status": "ok", "timestamp": iso(call.now.time) }),
    ))
}

/// A response that has every key of the operation's schema, whatever regeneration adds to it.
fn answer(call: &Call<'_>, values: Value) -> Bytes {
    let mut answer = blank(call.contract.document(), call.operation.success.schema());
    merge(&mut answer, values);
    to_json(&answer)
}

fn merge(into: &mut Value, values: Value) {
    match (into, values) {
        (Value::Object(into), Value::Object(values)) => {
            for (key, value) in values {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, value) => *into = value,
    }
}
