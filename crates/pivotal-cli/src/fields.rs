//! Bodies of requests from the command line: `--set`, `--null`, `--extra` and `--json`.

use std::io::Read;

use clap::Args;
use jiff::civil::Date;
use pivotal_openapi::schema::{is_nullable, known_values, required, types};
use pivotal_openapi::{Document, Schema};
use pivotal_sdk::{Timestamp, Value};
use serde::de::DeserializeOwned;
use serde_json::Map;

use crate::near::near;
use crate::report::Failure;

/// The longest JSON that is read from standard input.
const LONGEST: u64 = 16 * 1024 * 1024;

/// The fields of a body.
#[derive(Debug, Args)]
pub(crate) struct Fields {
    /// Set a field. A list is written with commas or as JSON.
    #[arg(long, value_name = "FIELD=VALUE", value_parser = assignment)]
    set: Vec<(String, String)>,
    /// Set a field to null, which clears it.
    #[arg(long, value_name = "FIELD")]
    null: Vec<String>,
    /// Set a field that the API reference does not have, to JSON or else to a text.
    #[arg(long, value_name = "FIELD=VALUE", value_parser = assignment)]
    extra: Vec<(String, String)>,
    /// Take the fields from a JSON object, or from standard input with `-`. Fields that the API
    /// reference does not have are sent, too.
    #[arg(long, value_name = "JSON")]
    json: Option<String>,
}

pub(crate) fn assignment(text: &str) -> Result<(String, String), &'static str> {
    let (name, value) = text.split_once('=').ok_or("write FIELD=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

impl Fields {
    /// The body of an operation of the contract.
    pub(crate) fn body<T: DeserializeOwned>(&self, operation: &str) -> Result<T, Failure> {
        let schema = schema_of(operation)?;
        let properties = Document::contract().properties(schema.value);
        let find = |name: &str| {
            let schema = properties.get(name).copied().ok_or_else(|| {
                let known = properties.keys().copied();
                Failure::unusable(format!(
                    "{operation} has no field {name}{}",
                    near(name, known)
                ))
            })?;
            Ok::<_, Failure>(Document::contract().resolve(schema))
        };
        let mut body = match &self.json {
            None => Map::new(),
            Some(text) => match json(text)? {
                Value::Object(object) => object,
                _ => return Err(Failure::unusable("--json: an object is needed")),
            },
        };
        for (name, text) in &self.set {
            let value = value_of(text, find(name)?);
            insert(&mut body, name, value)?;
        }
        for name in &self.null {
            find(name)?;
            insert(&mut body, name, Value::Null)?;
        }
        for (name, text) in &self.extra {
            if properties.contains_key(name.as_str()) {
                return Err(Failure::unusable(format!(
                    "--extra {name}: {operation} has this field; use --set {name}=VALUE"
                )));
            }
            let value = serde_json::from_str(text).unwrap_or_else(|_| text.as_str().into());
            insert(&mut body, name, value)?;
        }
        // The body would leave them out.
        let nulls = body.iter().filter(|(_, value)| value.is_null());
        for (name, _) in nulls {
            if find(name).is_ok_and(|schema| !is_nullable(schema)) {
                return Err(Failure::unusable(format!(
                    "{operation}: {name} cannot be null"
                )));
            }
        }
        for (name, value) in &body {
            let expected = find(name).ok().and_then(|schema| expected(value, schema));
            if let Some(expected) = expected {
                return Err(Failure::unusable(format!(
                    "{operation}: {name} takes {expected}, not {}",
                    plain(value)
                )));
            }
        }
        if body.is_empty() {
            return Err(Failure::unusable(format!(
                "{operation}: there are no fields; give --set, --null, --extra or --json"
            )));
        }
        if let Some(missing) = required(schema.value).find(|name| !body.contains_key(*name)) {
            return Err(Failure::unusable(format!(
                "{operation}: {missing} is required; give --set {missing}=VALUE"
            )));
        }
        serde_path_to_error::deserialize(Value::Object(body))
            .map_err(|error| Failure::unusable(format!("{operation}: {error}")))
    }
}

/// Each field is given once.
fn insert(body: &mut Map<String, Value>, name: &str, value: Value) -> Result<(), Failure> {
    match body.insert(name.to_owned(), value) {
        Some(_) => Err(Failure::unusable(format!("{name} is given twice"))),
        None => Ok(()),
    }
}

/// A JSON value from the command line, or from standard input if it is `-`.
pub(crate) fn json(text: &str) -> Result<Value, Failure> {
    let mut read = String::new();
    let text = if text == "-" {
        let stdin = std::io::stdin().lock().take(LONGEST + 1);
        let result = { stdin }.read_to_string(&mut read);
        result.map_err(|error| Failure::unusable(format!("standard input: {error}")))?;
        if read.len() as u64 > LONGEST {
            return Err(Failure::unusable("standard input: more than 16 MiB"));
        }
        &read
    } else {
        text
    };
    serde_json::from_str(text).map_err(|error| Failure::unusable(format!("--json: {error}")))
}

fn schema_of(operation: &str) -> Result<Schema<'static>, Failure> {
    let found = Document::contract().operation(operation);
    let body = found.and_then(|operation| operation.body());
    let body = body.ok_or_else(|| Failure::step(format!("{operation} takes no body")))?;
    Ok(body.content.schema)
}

/// The value that a text stands for, by the type of the field.
fn value_of(text: &str, schema: &Value) -> Value {
    let types = types(schema);
    let is = |name| types.contains(&name);
    // A date is its first moment in UTC, as for the setters of the SDK.
    if schema["format"] == "date-time" && text.len() == 10 && text.parse::<Date>().is_ok() {
        return format!("{text}T00:00:00Z").into();
    }
    if is("string") || types.is_empty() {
        return text.into();
    }
    if is("array") && !text.starts_with('[') {
        let items = text.split(',').filter(|item| !item.is_empty());
        return items.collect();
    }
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}

/// What a value has to be, if it is something else.
fn expected(value: &Value, schema: &Value) -> Option<&'static str> {
    let types = types(schema);
    let has = |name| types.contains(&name);
    let is_time = |text: &str| text.parse::<Timestamp>().is_ok();
    let is_right = match value {
        Value::Null => true,
        Value::Bool(_) => has("boolean"),
        Value::Number(number) => has("number") || (has("integer") && number.is_i64()),
        Value::String(text) => has("string") && (schema["format"] != "date-time" || is_time(text)),
        Value::Array(_) => has("array"),
        Value::Object(_) => has("object"),
    };
    let kinds = [
        ("integer", "a whole number"),
        ("number", "a number"),
        ("boolean", "true or false"),
        ("array", "a list"),
        ("object", "an object"),
        ("string", "a text"),
    ];
    let kind = kinds.iter().find(|(name, _)| has(*name));
    let is_large = |number: f64| number.fract() == 0.0;
    let kind = match schema["format"].as_str() {
        _ if has("integer") && value.as_f64().is_some_and(is_large) => {
            "a whole number of at most 9223372036854775807"
        }
        Some("date-time") => "a date such as 2026-01-31, or a time such as 2026-01-31T09:30:00Z",
        _ => kind?.1,
    };
    (!is_right).then_some(kind)
}

/// A value as JSON; a number without the exponent that JSON gives large ones.
fn plain(value: &Value) -> String {
    match value {
        Value::Number(number) if number.is_f64() => number.as_f64().unwrap_or_default().to_string(),
        _ => value.to_string(),
    }
}

/// The fields of an operation's body, for `--help`.
pub(crate) fn help(operation: &str) -> String {
    let mut help = String::from("Fields:");
    let Ok(schema) = schema_of(operation) else {
        return help;
    };
    let contract = Document::contract();
    let properties = contract.properties(schema.value);
    let width = properties.keys().map(|name| name.len()).max().unwrap_or(0);
    for (name, property) in properties {
        let property = contract.resolve(property);
        let mut notes = vec![types(property).join(" or ")];
        if required(schema.value).any(|required| required == name) {
            notes.push("required".to_owned());
        }
        let values: Vec<_> = known_values(property).filter_map(Value::as_str).collect();
        if !values.is_empty() {
            notes.push(format!("such as {}", values.join(", ")));
        }
        help.push_str(&format!("\n  {name:width$}  {}", notes.join("; ")));
    }
    help
}
