//! Parameters of the path, the query and headers.

use std::borrow::Cow;

use http::request::Parts;
use pivotal_openapi::schema::types;
use serde_json::Value;

use super::schema::{check, invalid_type};
use crate::{
    contract::{Contract, Location, Operation},
    error::ApiError,
};

/// Valid parameters of a query by name, with the types of the contract.
#[derive(Debug, Default)]
pub(crate) struct Parameters(Vec<(String, Value)>);

impl Parameters {
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }
}

/// Validates the parameters of an operation, and returns those of the query. Unknown parameters are ignored, and of a repeated one the last
/// counts. Evidence: decided.
pub(crate) fn read_parameters(
    contract: &Contract,
    operation: &Operation,
    path: &[(&str, String)],
    head: &Parts,
) -> Result<Parameters, ApiError> {
    let query = head.uri.query().unwrap_or_default();
    let sent: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    let mut parameters = Parameters::default();
    for parameter in &operation.parameters {
        let name = parameter.name.as_str();
        let texts: Vec<Cow<'_, str>> = match parameter.location {
            Location::Path => path
                .iter()
                .filter(|(known, _)| *known == name)
                .map(|(_, value)| value.as_str().into())
                .collect(),
            Location::Query => sent
                .iter()
                .filter(|(known, _)| known == name)
                .map(|(_, value)| value.as_ref().into())
                .collect(),
            Location::Header => (head.headers.get_all(name).iter())
                .map(|value| String::from_utf8_lossy(value.as_bytes()))
                .collect(),
        };
        let schema = contract.document.resolve(&parameter.schema);
        let value = if texts.is_empty() {
            if parameter.required {
                return Err(ApiError::invalid_request("missing_field", "Required").field(name));
            }
            let Some(default) = schema.get("default") else {
                continue;
            };
            default.clone()
        } else {
            let value = read(contract, schema, &texts, name)?;
            check(&contract.document, schema, &value, name)?;
            value
        };
        if parameter.location == Location::Query {
            parameters.0.push((parameter.name.clone(), value));
        }
    }
    Ok(parameters)
}

/// Parses the texts of one parameter, at least one. A list is repeated or separated by commas.
/// Evidence: decided (Pivotal documents no list).
fn read(
    contract: &Contract,
    schema: &Value,
    texts: &[Cow<'_, str>],
    name: &str,
) -> Result<Value, ApiError> {
    if !types(schema).contains(&"array") {
        let last = texts.last().map_or("", |text| text.as_ref());
        return typed(schema, last, name);
    }
    let items = schema.get("items").unwrap_or(&Value::Bool(true));
    let items = contract.document.resolve(items);
    texts
        .iter()
        .flat_map(|text| text.split(','))
        .map(|text| typed(items, text, name))
        .collect()
}

/// Parses text as the type of its schema.
fn typed(schema: &Value, text: &str, name: &str) -> Result<Value, ApiError> {
    let types = types(schema);
    if types.is_empty() || types.contains(&"string") {
        return Ok(Value::from(text));
    }
    if types.contains(&"boolean") {
        return text
            .parse()
            .map(Value::Bool)
            .map_err(|_| invalid_type("boolean", "string", name));
    }
    // Digits only: no client means what Rust or JavaScript parse beyond them: "+5", "0x5", " 5 ",
    // "5e0".
    let number = text.strip_prefix('-').unwrap_or(text);
    if number.is_empty() || number.contains(|c: char| !c.is_ascii_digit() && c != '.') {
        return Err(invalid_type("number", "nan", name));
    }
    // Beyond 64 bits a float is exact enough to compare with a bound.
    let whole = text.parse::<i64>().map(Value::from).ok();
    whole
        .or_else(|| text.parse::<f64>().map(Value::from).ok())
        .ok_or_else(|| invalid_type("number", "nan", name))
}
