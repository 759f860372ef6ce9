//! Request bodies.

use http::{HeaderMap, header};
use pivotal_openapi::schema::types;
use serde_json::{Map, Value};

use super::{format, schema::check};
use crate::{
    clock::iso,
    contract::{Contract, Operation},
    error::ApiError,
};

/// A valid JSON body: the keys that the contract lists, times in UTC with milliseconds, and
/// `metadata`.
///
/// Keys that the contract does not list are ignored, but for `metadata`, which two guides describe
/// as JSON that round-trips. Evidence: decided (ignored), stated (`metadata`).
#[derive(Debug, Default)]
pub(crate) struct Body {
    pub(crate) fields: Map<String, Value>,
    pub(crate) metadata: Option<Value>,
}

impl Body {
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.fields.get(name).and_then(Value::as_str)
    }
}

/// Parses and validates the body of an operation that takes one.
///
/// A body that is not JSON gives 415 for its content type or coding, or 400 `invalid_json` with
/// line and column. Evidence: decided.
pub(crate) fn read_body(
    contract: &Contract,
    operation: &Operation,
    headers: &HeaderMap,
    bytes: &[u8],
) -> Result<Body, ApiError> {
    let Some(schema) = &operation.body else {
        return Ok(Body::default());
    };
    if bytes.is_empty() && operation.body_optional {
        return Ok(Body::default());
    }
    check_media_type(headers)?;
    let value: Value = serde_json::from_slice(bytes).map_err(|error| {
        ApiError::invalid_request(
            "invalid_json",
            format!("The body is not valid JSON: {error}."),
        )
    })?;
    check(&contract.document, schema, &value, "")?;
    let Value::Object(mut sent) = value else {
        return Ok(Body::default());
    };

    let mut body = Body::default();
    for (name, schema) in contract.document.properties(schema) {
        let Some(value) = sent.remove(name) else {
            continue;
        };
        let value = normalise(contract.document.resolve(schema), value);
        body.fields.insert(name.to_owned(), value);
    }
    body.metadata = sent.remove("metadata");
    Ok(body)
}

const TWO_TO_THE_63: f64 = 9_223_372_036_854_775_808.0;

/// Converts times to the format of the API, from any offset and precision, and whole numbers to
/// ones without a fraction. Evidence: decided.
fn normalise(schema: &Value, value: Value) -> Value {
    match &value {
        Value::String(text)
            if schema.get("format").and_then(Value::as_str) == Some("date-time") =>
        {
            format::date_time(text).map_or(value, |time| Value::from(iso(time)))
        }
        Value::Number(number) if types(schema).contains(&"integer") => match number.as_f64() {
            // The cast is exact. A larger number stays as it was sent.
            Some(whole) if number.is_f64() && whole.abs() < TWO_TO_THE_63 => {
                Value::from(whole as i64)
            }
            _ => value,
        },
        _ => value,
    }
}

/// Accepts `application/json` and other `+json` types, with any parameters, and no compression.
/// Evidence: decided.
fn check_media_type(headers: &HeaderMap) -> Result<(), ApiError> {
    let sent = headers
        .get(header::CONTENT_TYPE)
        .map(|value| String::from_utf8_lossy(value.as_bytes()));
    let essence = sent
        .as_deref()
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    if let Some(coding) = headers.get(header::CONTENT_ENCODING)
        && !coding.as_bytes().eq_ignore_ascii_case(b"identity")
    {
        return Err(ApiError::unsupported_media_type(
            "The body is compressed; send it as it is, without content-encoding.",
        ));
    }
    let json = essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"));
    if json {
        Ok(())
    } else {
        let found = sent.map_or("has no content-type".to_owned(), |sent| {
            format!("is {sent}")
        });
        Err(ApiError::unsupported_media_type(format!(
            "The body {found}; send content-type: application/json."
        )))
    }
}
