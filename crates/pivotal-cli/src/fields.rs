//! Bodies of requests from the command line: `--set`, `--null`, `--extra` and `--json`.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::Read;

use clap::Args;
use jiff::civil::Date;
use pivotal_openapi::Document;
use pivotal_openapi::schema::{is_nullable, known_values, required, types};
use pivotal_sdk::{Timestamp, Value};
use serde::de::DeserializeOwned;
use serde_json::Map;

use crate::report::Failure;
use crate::values::near;

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
        let form = Form::of(operation);
        let body = self.given(&form)?;
        form.check(&body)?;
        serde_path_to_error::deserialize(Value::Object(body)).map_err(|error| form.unusable(error))
    }

    fn given(&self, form: &Form) -> Result<Map<String, Value>, Failure> {
        let mut body = match self.json.as_deref().map(json).transpose()? {
            None => Map::new(),
            Some(Value::Object(object)) => object,
            Some(_) => return Err(Failure::unusable("--json: an object is needed")),
        };
        for (name, text) in &self.set {
            insert(&mut body, name, value_of(text, form.field(name)?))?;
        }
        for name in &self.null {
            form.field(name)?;
            insert(&mut body, name, Value::Null)?;
        }
        for (name, text) in &self.extra {
            if form.fields.contains_key(name.as_str()) {
                return Err(Failure::unusable(format!(
                    "--extra {name}: {} has this field; use --set {name}=VALUE",
                    form.operation
                )));
            }
            let value = serde_json::from_str(text).unwrap_or_else(|_| text.as_str().into());
            insert(&mut body, name, value)?;
        }
        Ok(body)
    }
}

/// What the contract says of the body of an operation.
struct Form {
    /// The operationId.
    operation: &'static str,
    fields: BTreeMap<&'static str, &'static Value>,
    required: Vec<&'static str>,
}

impl Form {
    fn of(operation: &str) -> Self {
        let contract = Document::contract();
        let operation = contract
            .operation(operation)
            .expect("it is in the contract");
        let schema = operation.body().expect("it takes a body").content.schema;
        let mut fields = contract.properties(schema.value);
        for field in fields.values_mut() {
            *field = contract.resolve(field);
        }
        Self {
            operation: operation.id,
            fields,
            required: required(schema.value).collect(),
        }
    }

    fn unusable(&self, why: impl Display) -> Failure {
        Failure::unusable(format_args!("{}: {why}", self.operation))
    }

    /// The schema of a field.
    fn field(&self, name: &str) -> Result<&'static Value, Failure> {
        self.fields.get(name).copied().ok_or_else(|| {
            let near = near(name, self.fields.keys().copied());
            Failure::unusable(format_args!("{} has no field {name}{near}", self.operation))
        })
    }

    /// Checks a body. Fields that the contract does not have can be anything.
    fn check(&self, body: &Map<String, Value>) -> Result<(), Failure> {
        for (name, value) in body {
            let Some(schema) = self.fields.get(name.as_str()) else {
                continue;
            };
            // The body would leave it out.
            if value.is_null() && !is_nullable(schema) {
                return Err(self.unusable(format_args!("{name} cannot be null")));
            }
            if let Some(expected) = expected(value, schema) {
                let value = plain(value);
                return Err(self.unusable(format_args!("{name} takes {expected}, not {value}")));
            }
        }
        if body.is_empty() {
            let why = "there are no fields; give --set, --null, --extra or --json";
            return Err(self.unusable(why));
        }
        let missing = self.required.iter().find(|name| !body.contains_key(**name));
        missing.map_or(Ok(()), |missing| {
            let why = format_args!("{missing} is required; give --set {missing}=VALUE");
            Err(self.unusable(why))
        })
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
        let items = text.split(',').map(str::trim);
        let items = items.filter(|item| !item.is_empty());
        return items.collect();
    }
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}

/// What a value has to be, if it is something else.
fn expected(value: &Value, schema: &Value) -> Option<&'static str> {
    let types = types(schema);
    let has = |name| types.contains(&name);
    let is_time = schema["format"] == "date-time";
    let is_right = match value {
        Value::Null => true,
        Value::Bool(_) => has("boolean"),
        Value::Number(number) => has("number") || (has("integer") && number.is_i64()),
        Value::String(text) => has("string") && (!is_time || text.parse::<Timestamp>().is_ok()),
        Value::Array(_) => has("array"),
        Value::Object(_) => has("object"),
    };
    let is_whole = value.as_f64().is_some_and(|number| number.fract() == 0.0);
    let kinds = [
        (
            has("integer") && is_whole,
            "a whole number of at most 9223372036854775807",
        ),
        (
            is_time,
            "a date such as 2026-01-31, or a time such as 2026-01-31T09:30:00Z",
        ),
        (has("integer"), "a whole number"),
        (has("number"), "a number"),
        (has("boolean"), "true or false"),
        (has("array"), "a list"),
        (has("object"), "an object"),
        (has("string"), "a text"),
    ];
    let kind = kinds.into_iter().find(|(is_kind, _)| *is_kind)?.1;
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
    let form = Form::of(operation);
    let width = form.fields.keys().map(|name| name.len()).max().unwrap_or(0);
    let mut help = String::from("Fields:");
    for (name, schema) in &form.fields {
        let mut notes = vec![types(schema).join(" or ")];
        if form.required.contains(name) {
            notes.push("required".to_owned());
        }
        let values: Vec<_> = known_values(schema).filter_map(Value::as_str).collect();
        if !values.is_empty() {
            notes.push(format!("such as {}", values.join(", ")));
        }
        help.push_str(&format!("\n  {name:width$}  {}", notes.join("; ")));
    }
    help
}
