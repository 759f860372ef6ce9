//! Validates one value against one schema.
//!
//! Codes are those of Zod, which the documentation names: `invalid_type`, `too_small`, `too_big`,
//! `invalid_enum_value`, `invalid_string`. A required key that is absent is `missing_field`.
//! Evidence: stated (the codes), inferred (messages worded like Zod's, after the one documented
//! message, "Invalid datetime").

use pivotal_openapi::Document;
use pivotal_openapi::schema::{required, types};
use serde_json::{Number, Value};

use super::format;
use crate::error::ApiError;

/// Checks `value` at the dotted path `field` against `schema`.
pub(super) fn check(
    document: &Document,
    schema: &Value,
    value: &Value,
    field: &str,
) -> Result<(), ApiError> {
    if schema.get("$ref").is_some() {
        check(document, document.resolve(schema), value, field)?;
    }
    for member in list(schema, "allOf") {
        check(document, member, value, field)?;
    }
    for choice in ["anyOf", "oneOf"] {
        one_of(document, list(schema, choice), value, field)?;
    }
    check_type(schema, value, field)?;
    if value.is_null() && types(schema).contains(&"null") {
        return Ok(());
    }
    check_enum(schema, value, field)?;
    match value {
        Value::String(text) => check_string(schema, text, field),
        Value::Number(number) => check_number(schema, number, field),
        Value::Array(items) => check_array(document, schema, items, field),
        Value::Object(members) => {
            for name in required(schema) {
                if !members.contains_key(name) {
                    return Err(ApiError::invalid_request("missing_field", "Required")
                        .field(join(field, name)));
                }
            }
            for (name, schema) in document.properties(schema) {
                if let Some(value) = members.get(name) {
                    check(document, schema, value, &join(field, name))?;
                }
            }
            Ok(())
        }
        Value::Null | Value::Bool(_) => Ok(()),
    }
}

/// If no member accepts the value, reports the error of the first that accepts its type.
fn one_of<'a>(
    document: &Document,
    members: impl Iterator<Item = &'a Value>,
    value: &Value,
    field: &str,
) -> Result<(), ApiError> {
    let mut finding = None;
    for member in members {
        let Err(error) = check(document, member, value, field) else {
            return Ok(());
        };
        if finding.is_none() || check_type(document.resolve(member), value, field).is_ok() {
            finding = Some(error);
        }
    }
    finding.map_or(Ok(()), Err)
}

fn check_type(schema: &Value, value: &Value, field: &str) -> Result<(), ApiError> {
    let expected = types(schema);
    let fits = |name: &&str| match *name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "number" => value.is_number(),
        "integer" => value.as_number().is_some_and(is_integer),
        _ => true,
    };
    if expected.is_empty() || expected.iter().any(fits) {
        return Ok(());
    }
    let wanted = expected
        .iter()
        .find(|name| **name != "null")
        .unwrap_or(&"null");
    let received = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) if *wanted == "integer" => "float",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    Err(invalid_type(wanted, received, field))
}

pub(super) fn invalid_type(expected: &str, received: &str, field: &str) -> ApiError {
    ApiError::invalid_request(
        "invalid_type",
        format!("Expected {expected}, received {received}"),
    )
    .field(field)
}

/// JSON has one number type: 5.0 is the integer 5.
fn is_integer(number: &Number) -> bool {
    number.is_i64()
        || number.is_u64()
        || number.as_f64().is_some_and(|number| number.fract() == 0.0)
}

/// The server refuses values that its contract does not list, although clients must accept unknown
/// ones. Evidence: inferred from the code `invalid_enum_value`.
fn check_enum(schema: &Value, value: &Value, field: &str) -> Result<(), ApiError> {
    let listed: Vec<&Value> = schema
        .get("const")
        .into_iter()
        .chain(list(schema, "enum"))
        .collect();
    if listed.is_empty() || listed.contains(&value) {
        return Ok(());
    }
    let expected = listed
        .iter()
        .map(|value| quoted(value))
        .collect::<Vec<_>>()
        .join(" | ");
    let message = format!(
        "Invalid enum value. Expected {expected}, received {}",
        quoted(value)
    );
    Err(ApiError::invalid_request("invalid_enum_value", message).field(field))
}

/// A value for a message, shortened.
fn quoted(value: &Value) -> String {
    const SHOWN: usize = 60;
    match value {
        Value::String(text) if text.chars().count() > SHOWN => {
            format!("'{}…'", text.chars().take(SHOWN).collect::<String>())
        }
        Value::String(text) => format!("'{text}'"),
        other => other.to_string().chars().take(SHOWN).collect(),
    }
}

/// A keyword that bounds a length or a number: when a value violates it, the code, and the bound in
/// words.
type Bound = (
    &'static str,
    fn(&f64, &f64) -> bool,
    &'static str,
    &'static str,
);

const STRING_BOUNDS: [Bound; 2] = [
    ("minLength", f64::lt, "too_small", "at least"),
    ("maxLength", f64::gt, "too_big", "at most"),
];

const ARRAY_BOUNDS: [Bound; 2] = [
    ("minItems", f64::lt, "too_small", "at least"),
    ("maxItems", f64::gt, "too_big", "at most"),
];

const NUMBER_BOUNDS: [Bound; 4] = [
    ("minimum", f64::lt, "too_small", "greater than or equal to"),
    ("exclusiveMinimum", f64::le, "too_small", "greater than"),
    ("maximum", f64::gt, "too_big", "less than or equal to"),
    ("exclusiveMaximum", f64::ge, "too_big", "less than"),
];

/// Checks a value against bounds. The message has `{}` for the bound in words.
fn check_bounds(
    schema: &Value,
    bounds: &[Bound],
    message: &str,
    value: f64,
    field: &str,
) -> Result<(), ApiError> {
    for (keyword, violates, code, relation) in bounds {
        if let Some(Value::Number(bound)) = schema.get(keyword)
            && bound.as_f64().is_some_and(|bound| violates(&value, &bound))
        {
            let message = message.replace("{}", &format!("{relation} {bound}"));
            return Err(ApiError::invalid_request(code, message).field(field));
        }
    }
    Ok(())
}

/// Lengths count code points, as JSON Schema does.
fn check_string(schema: &Value, text: &str, field: &str) -> Result<(), ApiError> {
    let message = "String must contain {} character(s)";
    let length = text.chars().count() as f64;
    check_bounds(schema, &STRING_BOUNDS, message, length, field)?;
    match schema.get("format").and_then(Value::as_str) {
        Some("date-time") => format::read_date_time(text, field).map(drop),
        Some("email") if !format::is_email(text) => {
            Err(ApiError::invalid_request("invalid_string", "Invalid email").field(field))
        }
        _ => Ok(()),
    }
}

fn check_number(schema: &Value, number: &Number, field: &str) -> Result<(), ApiError> {
    let value = number.as_f64().unwrap_or(f64::INFINITY);
    let message = "Number must be {}";
    check_bounds(schema, &NUMBER_BOUNDS, message, value, field)
}

fn check_array(
    document: &Document,
    schema: &Value,
    items: &[Value],
    field: &str,
) -> Result<(), ApiError> {
    let message = "Array must contain {} element(s)";
    check_bounds(schema, &ARRAY_BOUNDS, message, items.len() as f64, field)?;
    let Some(schema) = schema.get("items") else {
        return Ok(());
    };
    items.iter().enumerate().try_for_each(|(index, item)| {
        check(document, schema, item, &join(field, &index.to_string()))
    })
}

fn list<'a>(schema: &'a Value, keyword: &str) -> impl Iterator<Item = &'a Value> {
    schema
        .get(keyword)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

/// `labels` and `0` are `labels.0`.
fn join(field: &str, name: &str) -> String {
    if field.is_empty() {
        name.to_owned()
    } else {
        format!("{field}.{name}")
    }
}
