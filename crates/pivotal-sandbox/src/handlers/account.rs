//! `/me` and `/health`.

use bytes::Bytes;
use serde_json::{Value, json};

use super::Request;
use crate::{
    clock::iso, contract::blank, error::ApiError, keys::KEY_NAME, response::json as to_json,
};

/// Describes the key and the workspace of the request.
///
/// A key is a workspace admin password, so its scope is `admin`. Evidence: stated (the keys of the
/// response), decided (the names of scope and tiers).
pub(super) fn me(request: &mut Request<'_>) -> Result<Bytes, ApiError> {
    let organization = &request.workspace.organization;
    Ok(response(
        request,
        json!({
            "api_key": {
                "id": request.key.id,
                "name": KEY_NAME,
                "prefix": request.key.prefix(),
                "scopes": ["admin"],
                "rate_limit_tier": request.key.tier.as_str(),
            },
            "organization": { "id": organization.id, "slug": organization.slug, "name": organization.name },
        }),
    ))
}

/// Reports that the server is up; needs no key. Evidence: stated.
pub(super) fn health(request: &mut Request<'_>) -> Result<Bytes, ApiError> {
    Ok(response(
        request,
        json!({ "status": "ok", "timestamp": iso(request.now.time) }),
    ))
}

/// A response with every key of the operation's schema, including keys of newer contracts.
fn response(request: &Request<'_>, values: Value) -> Bytes {
    let content = request.operation.success.content.as_ref();
    let schema = content.map_or(&Value::Null, |content| &content.schema);
    let mut response = blank(&request.contract.document, schema);
    merge(&mut response, values);
    to_json(&response)
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
