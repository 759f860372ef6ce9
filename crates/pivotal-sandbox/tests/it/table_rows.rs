//! The rows of the table: from a contract, every request that its operations must refuse.

use reqwest::Method;
use serde_json::{Map, Value, json};

/// What is wrong with the request of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Wrong {
    NoKey,
    UnknownKey,
    MalformedKey,
    MalformedBody,
    NoObject,
    MissingField,
    Type,
    TooSmall,
    TooBig,
    EnumValue,
    Format,
}

/// A row: a request, and the refusal that it gets.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) operation: String,
    pub(crate) wrong: Wrong,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) authorization: Option<&'static str>,
    pub(crate) idempotency_key: Option<String>,
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) field: Option<String>,
}

/// An operation with the least request that it takes.
pub(crate) struct Operation<'a> {
    pub(crate) document: &'a Value,
    pub(crate) id: &'a str,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) body: Option<(Value, &'a Map<String, Value>)>,
    pub(crate) needs_key: bool,
    pub(crate) parameters: Vec<&'a Value>,
    pub(crate) required: Vec<&'a str>,
}

fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(reference) => document
            .pointer(reference.strip_prefix('#').unwrap())
            .unwrap(),
        None => value,
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn types(schema: &Value) -> Vec<&str> {
    match &schema["type"] {
        Value::String(name) => vec![name],
        names => list(names).filter_map(Value::as_str).collect(),
    }
}

/// A value that a field takes. What names a customer names the one that there is.
fn sample(name: &str, schema: &Value) -> Value {
    if name == "customer_id" {
        return json!("1");
    }
    if let Some(value) = list(&schema["enum"]).next() {
        return value.clone();
    }
    match (types(schema)[0], schema["format"].as_str()) {
        ("string", Some("email")) => json!("new@aurora-demo.com"),
        ("string", Some("date-time")) => json!("2026-07-15T00:00:00Z"),
        ("string", _) => json!("New"),
        ("boolean", _) => json!(true),
        ("array", _) => json!([]),
        ("object", _) => json!({}),
        _ => schema.get("minimum").cloned().unwrap_or(json!(1)),
    }
}

/// The operations of a document. Paths name the first row of a kind.
pub(crate) fn operations(document: &Value) -> Vec<Operation<'_>> {
    let mut operations = Vec::new();
    for (template, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let path = template.split('/').map(|segment| {
                if segment.starts_with('{') {
                    "1"
                } else {
                    segment
                }
            });
            let schema = operation
                .get("requestBody")
                .map(|body| &resolve(document, body)["content"]["application/json"]["schema"])
                .map(|schema| resolve(document, schema));
            let required: Vec<_> = schema
                .into_iter()
                .flat_map(|schema| list(&schema["required"]))
                .filter_map(Value::as_str)
                .collect();
            let body = schema.and_then(|schema| {
                let properties = schema["properties"].as_object()?;
                let least = required
                    .iter()
                    .map(|name| ((*name).to_owned(), sample(name, &properties[*name])))
                    .collect();
                Some((Value::Object(least), properties))
            });
            operations.push(Operation {
                document,
                id: operation["operationId"].as_str().unwrap(),
                method: method.to_uppercase().parse().unwrap(),
                path: path.collect::<Vec<_>>().join("/"),
                body,
                needs_key: operation["security"]
                    .as_array()
                    .is_none_or(|any| !any.is_empty()),
                parameters: list(&operation["parameters"])
                    .map(|parameter| resolve(document, parameter))
                    .collect(),
                required,
            });
        }
    }
    operations
}

impl Operation<'_> {
    /// A row whose request is in order so far.
    pub(crate) fn row(
        &self,
        wrong: Wrong,
        status: u16,
        code: &'static str,
        field: Option<&str>,
    ) -> Row {
        Row {
            operation: self.id.to_owned(),
            wrong,
            method: self.method.clone(),
            path: self.path.clone(),
            authorization: None,
            idempotency_key: None,
            body: self
                .body
                .as_ref()
                .map(|(least, _)| least.to_string().into_bytes()),
            status,
            code,
            field: field.map(str::to_owned),
        }
    }

    pub(crate) fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        if self.needs_key {
            rows.extend(self.key_rows());
        }
        for parameter in &self.parameters {
            rows.extend(self.parameter_rows(parameter));
        }
        if let Some((least, properties)) = &self.body {
            rows.extend(self.body_rows(least));
            for (name, schema) in *properties {
                for (wrong, code, field, value) in values_refused(self.document, name, schema) {
                    let mut body = least.clone();
                    body[name] = value;
                    rows.push(Row {
                        body: Some(body.to_string().into_bytes()),
                        ..self.row(wrong, 400, code, Some(&field))
                    });
                }
            }
        }
        rows
    }

    fn key_rows(&self) -> Vec<Row> {
        [
            (Wrong::NoKey, "", "missing_api_key"),
            (
                Wrong::UnknownKey,
                "Bearer pivotal_notOneOfThisServer",
                "invalid_api_key",
            ),
            (Wrong::MalformedKey, "Bearer sk_123", "invalid_api_key"),
            (Wrong::MalformedKey, "Basic cGl2b3RhbA==", "invalid_api_key"),
        ]
        .map(|(wrong, authorization, code)| Row {
            authorization: Some(authorization),
            ..self.row(wrong, 401, code, None)
        })
        .into()
    }

    fn body_rows(&self, least: &Value) -> Vec<Row> {
        let mut rows = Vec::new();
        let with = |row: Row, text: String| Row {
            body: Some(text.into_bytes()),
            ..row
        };
        let full = least.to_string();
        for text in [
            "".to_owned(),
            "{".to_owned(),
            format!("{full},"),
            full.replace('}', ",}}"),
        ] {
            rows.push(with(
                self.row(Wrong::MalformedBody, 400, "invalid_json", None),
                text,
            ));
        }
        for text in ["null", "1", "\"text\"", "[]", "true"] {
            let row = self.row(Wrong::NoObject, 400, "invalid_type", None);
            rows.push(with(row, text.to_owned()));
        }
        for name in &self.required {
            let mut body = least.clone();
            body.as_object_mut().unwrap().remove(*name);
            let row = self.row(Wrong::MissingField, 400, "missing_field", Some(name));
            rows.push(with(row, body.to_string()));
        }
        rows
    }

    fn parameter_rows(&self, parameter: &Value) -> Vec<Row> {
        let name = parameter["name"].as_str().unwrap();
        let schema = resolve(self.document, &parameter["schema"]);
        let refused = values_refused(self.document, name, schema).into_iter();
        match parameter["in"].as_str().unwrap() {
            "query" => refused
                // In a query everything is text: what is no text of the type is of a wrong type.
                .filter(|(wrong, .., value)| *wrong != Wrong::Type || *value == json!("text"))
                .map(|(wrong, code, field, value)| {
                    let text = value.as_str().map_or(value.to_string(), str::to_owned);
                    let query = form_urlencoded(name, &text);
                    let row = self.row(wrong, 400, code, Some(&field));
                    Row {
                        path: format!("{}?{query}", self.path),
                        ..row
                    }
                })
                .collect(),
            "header" => refused
                .filter_map(|(wrong, code, field, value)| {
                    let length = value.as_str()?.chars().count();
                    matches!(wrong, Wrong::TooBig | Wrong::TooSmall).then(|| Row {
                        idempotency_key: Some("k".repeat(length)),
                        ..self.row(wrong, 400, code, Some(&field))
                    })
                })
                .collect(),
            _ => Vec::new(),
        }
    }
}

fn form_urlencoded(name: &str, value: &str) -> String {
    let url = reqwest::Url::parse_with_params("http://localhost", [(name, value)]).unwrap();
    url.query().unwrap().to_owned()
}

/// Values that a field must refuse: what is wrong, the code, the field that is named, and the
/// value.
fn values_refused(
    document: &Value,
    name: &str,
    schema: &Value,
) -> Vec<(Wrong, &'static str, String, Value)> {
    let schema = resolve(document, schema);
    let types = types(schema);
    let mut refused = Vec::new();
    for (kind, value) in [
        ("null", Value::Null),
        ("string", json!("text")),
        ("integer", json!(1)),
        ("number", json!(1.5)),
        ("boolean", json!(true)),
        ("array", json!([])),
        ("object", json!({})),
    ] {
        let fits = types.contains(&kind) || (kind == "integer" && types.contains(&"number"));
        if !fits && !types.is_empty() {
            refused.push((Wrong::Type, "invalid_type", name.to_owned(), value));
        }
    }
    let mut beyond = |wrong, code, value| refused.push((wrong, code, name.to_owned(), value));
    let text = |length: u64| json!("é".repeat(usize::try_from(length).unwrap()));
    if let Some(most) = schema["maxLength"].as_u64() {
        beyond(Wrong::TooBig, "too_big", text(most + 1));
    }
    if let Some(least) = schema["minLength"].as_u64().filter(|least| *least > 0) {
        beyond(Wrong::TooSmall, "too_small", text(least - 1));
    }
    if let Some(most) = schema["maximum"].as_i64() {
        beyond(Wrong::TooBig, "too_big", json!(most + 1));
    }
    if let Some(least) = schema["minimum"].as_i64() {
        beyond(Wrong::TooSmall, "too_small", json!(least - 1));
    }
    if schema["enum"].is_array() {
        beyond(Wrong::EnumValue, "invalid_enum_value", json!("of no kind"));
    }
    if matches!(schema["format"].as_str(), Some("date-time" | "email")) {
        beyond(Wrong::Format, "invalid_string", json!("of no kind"));
    }
    if let Some(items) = schema.get("items") {
        for (wrong, code, field, value) in values_refused(document, &format!("{name}.0"), items) {
            refused.push((wrong, code, field, json!([value])));
        }
    }
    refused
}
