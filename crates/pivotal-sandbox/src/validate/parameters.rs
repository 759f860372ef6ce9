//! Path and query parameters.

use serde_json::Value;

use super::schema::{check, invalid_type};
use crate::{
    contract::{Contract, Location, Operation, blank, resolve, types},
    error::ApiError,
};

/// The parameters of a request by name, typed by the contract and found valid.
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

/// Reads and checks the parameters that the contract lists for an operation. Others are ignored, and of a repeated one
/// the last counts. Evidence: decided.
pub(crate) fn read_parameters(
    contract: &Contract,
    operation: &Operation,
    path: &[(String, String)],
    query: Option<&str>,
) -> Result<(Parameters, Parameters), ApiError> {
    let sent: Vec<_> = form_urlencoded::parse(query.unwrap_or_default().as_bytes()).collect();
    let (mut path_parameters, mut query_parameters) =
        (Parameters::default(), Parameters::default());
    for parameter in &operation.parameters {
        let (text, list) = match parameter.location {
            Location::Path => {
                let value = path.iter().find(|(name, _)| *name == parameter.name);
                (value.map(|(_, value)| value.as_str()), &mut path_parameters)
            }
            Location::Query => {
                let value = sent.iter().rev().find(|(name, _)| *name == parameter.name);
                (
                    value.map(|(_, value)| value.as_ref()),
                    &mut query_parameters,
                )
            }
            Location::Elsewhere => continue,
        };
        let schema = resolve(contract.document(), &parameter.schema);
        let value = match text {
            Some(text) => {
                let value = typed(schema, text, &parameter.name)?;
                check(contract.document(), schema, &value, &parameter.name)?;
                value
            }
            None if parameter.required => {
                return Err(
                    ApiError::invalid_request("missing_field", "Required").field(&*parameter.name)
                );
            }
            None if schema.get("default").is_some() => blank(contract.document(), schema),
            None => continue,
        };
        list.0.push((parameter.name.clone(), value));
    }
    Ok((path_parameters, query_parameters))
}

/// Text as the JSON value that its schema means.
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
    // Digits only: what Rust or JavaScript read beyond them ("+5", "0x5", " 5 ", "5e0") is nothing that a client means.
    let number = text.strip_prefix('-').unwrap_or(text);
    if number.is_empty() || number.contains(|c: char| !c.is_ascii_digit() && c != '.') {
        return Err(invalid_type("number", "nan", name));
    }
    // Beyond 64 bits a float still tells on which side of a bound the number lies.
    let whole = text.parse::<i64>().map(Value::from).ok();
    whole
        .or_else(|| text.parse::<f64>().map(Value::from).ok())
        .ok_or_else(|| invalid_type("number", "nan", name))
}
