//! What each snapshot shows, as far as the document decides it.
//!
//! The snapshots themselves are written by tests. A gist is made of the same things, so two
//! contracts of which it is the same have the same snapshot.

use std::collections::{BTreeMap, BTreeSet};

use openapi_pipeline::shape::Operation;
use serde_json::{Map, Value, json};

use crate::codegen::Preview;
use crate::places::{
    Contract, Place, is_nullable, is_required, known, properties, referred, types,
};

/// The gist of one snapshot.
#[derive(Debug, Default)]
pub(super) struct Gist {
    /// By operation or component where one that is new shows itself only after an edit; else one
    /// part.
    pub(super) parts: BTreeMap<String, Value>,
    /// What has to be done before something new is shown; `None` when it shows itself.
    pub(super) after: Option<&'static str>,
}

impl Gist {
    fn of(parts: BTreeMap<String, Value>, after: &'static str) -> Self {
        Self {
            parts,
            after: Some(after),
        }
    }

    fn whole(value: Value) -> Self {
        Self {
            parts: BTreeMap::from([(String::new(), value)]),
            after: None,
        }
    }

    fn file(value: Value, after: &'static str) -> Self {
        Self {
            after: Some(after),
            ..Self::whole(value)
        }
    }
}

/// Gists by file.
pub(super) type Gists = BTreeMap<String, Gist>;

const CONTRACT: &str = "tests/contract/snapshots/contract__";
const SUITE: &str = "crates/pivotal-contract/tests/it/snapshots/it__report__";

const CASE: &str = "its case is written";
const LISTED: &str = "it is listed in tests/contract";

/// Every snapshot that the document has a part in. `shown` is the text of one as it is now: what a
/// case says in it is known from there.
pub(super) fn gists(side: &Preview, shown: &dyn Fn(&str) -> Option<String>) -> Gists {
    let contract = Contract(&side.contract);
    let mut gists = Gists::new();
    let mut add = |file: String, gist: Gist| gists.insert(format!("{file}.snap"), gist);
    add(
        format!("{CONTRACT}operations__the_operation_table"),
        Gist::whole(side.operations.iter().map(row).collect()),
    );
    add(
        format!("{CONTRACT}schemas__disagreements"),
        Gist::of(judged(contract), LISTED),
    );
    add(
        format!("{SUITE}coverage"),
        Gist::whole(points(contract, &side.operations)),
    );
    for operation in &side.operations {
        let file = format!("{CONTRACT}requests__{}", operation.name);
        let text = shown(&format!("{file}.snap")).unwrap_or_default();
        add(file, Gist::file(request(contract, operation, &text), CASE));
        let answers = answers(contract, operation);
        if !answers.is_empty() {
            add(
                format!("{CONTRACT}answers__{}", operation.name),
                Gist::file(answers.into(), CASE),
            );
        }
    }
    for name in contract.bodies() {
        let schema = &contract.0["components"]["schemas"][name];
        if let Some(examples) = schema["examples"].as_array() {
            let shown = examples.first().into_iter();
            let decoded = shown.map(|example| decoded(contract, schema, example, true));
            add(
                format!("{CONTRACT}answers__{name}"),
                Gist::file(decoded.collect(), LISTED),
            );
        }
    }
    for (group, operations) in errors(contract, &side.operations) {
        add(
            format!("{CONTRACT}documented_errors__{group}"),
            Gist::of(operations, CASE),
        );
    }
    gists
}

/// A row of the operation table.
fn row(operation: &Operation) -> Value {
    json!([
        operation.name,
        operation.method,
        operation.path,
        format!("{:?}", operation.class),
        operation.paged,
        operation.authenticated,
        operation.statuses,
        format!("{:?}", operation.constraints),
    ])
}

/// A request on the wire: its place, and what its case must, may and does say.
fn request(contract: Contract<'_>, operation: &Operation, shown: &str) -> Value {
    let described = contract.operation(&operation.method, &operation.path);
    let parameters = described["parameters"].as_array().into_iter().flatten();
    let parameters: Map<String, Value> = parameters
        .map(|parameter| contract.resolved(parameter))
        .filter(|parameter| parameter["in"] != "path")
        .filter_map(|parameter| {
            let name = parameter["name"].as_str()?;
            let values = known(contract.resolved(&parameter["schema"]));
            let said = values.iter().filter_map(Value::as_str);
            let said = said.filter(|value| shown.contains(&format!("{name}={value}")));
            let said: Vec<&str> = said.collect();
            Some((
                name.to_owned(),
                json!([parameter["in"], parameter["required"], said]),
            ))
        })
        .collect();
    let content = described["requestBody"]["content"].as_object();
    let content: Map<String, Value> = content
        .into_iter()
        .flatten()
        .map(|(media, content)| {
            let schema = contract.resolved(&content["schema"]);
            let places = contract.places(schema, true);
            let places: Map<String, Value> = places
                .iter()
                .map(|place| (place.pointer.clone(), sent(place, shown)))
                .collect();
            (media.clone(), places.into())
        })
        .collect();
    json!([
        operation.method,
        operation.path,
        operation.authenticated,
        parameters,
        content
    ])
}

/// A property of a body: whether it must be sent, as what, and what of it the case says that it may
/// say.
fn sent(place: &Place<'_>, shown: &str) -> Value {
    let stands = |value: &Value| shown.contains(&format!("\"{}\": {value}", place.name()));
    let said: Vec<&Value> = known(place.schema)
        .iter()
        .filter(|value| stands(value))
        .collect();
    let cleared = is_nullable(place.schema) && stands(&Value::Null);
    json!([place.required, types(place.schema), said, cleared])
}

/// The documented successes of an operation with their examples, decoded.
fn answers(contract: Contract<'_>, operation: &Operation) -> Map<String, Value> {
    let described = contract.operation(&operation.method, &operation.path);
    let responses = described["responses"].as_object().into_iter().flatten();
    responses
        .filter(|(status, _)| status.starts_with('2'))
        .filter_map(|(status, response)| {
            let content = &contract.resolved(response)["content"]["application/json"];
            let component = referred(&content["schema"])?;
            let schema = contract.resolved(&content["schema"]);
            let own = content["examples"].as_object().into_iter().flatten();
            let mut examples: Vec<&Value> = own.map(|(_, named)| &named["value"]).collect();
            examples.extend(content.get("example"));
            if examples.is_empty() {
                examples.extend(schema["examples"].as_array().into_iter().flatten());
            }
            let decoded = examples
                .iter()
                .map(|example| decoded(contract, schema, example, false));
            let decoded: Value = decoded.collect();
            Some((status.clone(), json!([component, decoded])))
        })
        .collect()
}

/// A value as the Rust type of its schema holds it.
fn decoded(contract: Contract<'_>, schema: &Value, value: &Value, is_body: bool) -> Value {
    let resolved = contract.resolved(schema);
    let name = referred(schema);
    match value {
        Value::Object(entries) if resolved.get("properties").is_some() => {
            let fields = properties(resolved).map(|(field, inner)| {
                let held = entries.get(field).unwrap_or(&Value::Null);
                let nullable = is_nullable(contract.resolved(inner));
                let required = is_required(resolved, field);
                // What is answered may be None for either reason; what is sent tells them apart.
                let wrapped = if is_body {
                    json!([required, nullable, entries.contains_key(field)])
                } else {
                    json!(!required || nullable)
                };
                let held = decoded(contract, inner, held, is_body);
                (field.clone(), json!([wrapped, held]))
            });
            json!([name, fields.collect::<Map<_, _>>()])
        }
        Value::Array(entries) => {
            let entry = |entry| decoded(contract, &resolved["items"], entry, is_body);
            entries.iter().map(entry).collect()
        }
        Value::Null => Value::Null,
        scalar => {
            let is_known = known(resolved).contains(scalar);
            let is_enum = !known(resolved).is_empty();
            let is_time = resolved["format"] == "date-time";
            json!([types(resolved), is_enum, is_known, is_time, scalar])
        }
    }
}

/// What decides the documented errors of each operation, by the first tag.
fn errors(
    contract: Contract<'_>,
    operations: &[Operation],
) -> BTreeMap<String, BTreeMap<String, Value>> {
    // A status that is named nowhere is tried by its class.
    let named: BTreeSet<&str> = operations
        .iter()
        .flat_map(|operation| &operation.statuses)
        .map(String::as_str)
        .filter(|status| status.starts_with(['4', '5']) && !status.ends_with("XX"))
        .collect();
    let mut groups: BTreeMap<String, BTreeMap<String, Value>> = BTreeMap::new();
    for operation in operations {
        let described = contract.operation(&operation.method, &operation.path);
        let tag = described["tags"][0].as_str().unwrap_or("untagged");
        let statuses: Vec<&String> = operation
            .statuses
            .iter()
            .filter(|status| !status.starts_with('2'))
            .collect();
        let elsewhere = operation
            .statuses
            .iter()
            .filter(|status| status.ends_with("XX"))
            .flat_map(|class| {
                named
                    .iter()
                    .filter(|status| status.starts_with(&class[..1]))
            });
        let elsewhere: Vec<&&str> = elsewhere.collect();
        groups.entry(tag.replace(' ', "_")).or_default().insert(
            operation.name.clone(),
            json!([statuses, elsewhere, format!("{:?}", operation.class)]),
        );
    }
    groups
}

/// Where document, type and serde are known to disagree, by component: the conditions of
/// tests/contract/schemas/table.rs.
fn judged(contract: Contract<'_>) -> BTreeMap<String, Value> {
    let bodies = contract.bodies();
    contract
        .components()
        .map(|(name, schema)| {
            let is_body = bodies.contains(name.as_str());
            let places = contract.places(schema, false);
            let places: Map<String, Value> = places
                .iter()
                .map(|place| (place.pointer.clone(), reasons(place, is_body)))
                .filter(|(_, reasons)| *reasons != json!([]))
                .collect();
            (name, places)
        })
        .filter(|(_, places)| !places.is_empty())
        .map(|(name, places)| (name.clone(), places.into()))
        .collect()
}

fn reasons(place: &Place<'_>, is_body: bool) -> Value {
    let schema = place.schema;
    let types = types(schema);
    let is_enum = !known(schema).is_empty();
    let is_entry = place.is_entry();
    let nullable = is_nullable(schema);
    let both_booleans = known(schema).len() > 1;
    let reasons = [
        (
            "unknown value",
            schema.get("enum").is_some() && types.contains(&"string"),
        ),
        (
            "other boolean",
            is_enum && types.contains(&"boolean") && !both_booleans && !is_body,
        ),
        (
            "missing nullable",
            place.required && nullable && !is_body && !is_entry,
        ),
        ("null for absent", !place.required && !nullable && !is_body),
        ("e-mail address", !is_enum && schema["format"] == "email"),
        ("time", !is_enum && schema["format"] == "date-time"),
        ("whole number", !is_enum && types.contains(&"integer")),
        (
            "unlimited number",
            !is_enum && types.contains(&"integer") && schema.get("maximum").is_none(),
        ),
    ];
    let holding = reasons.into_iter().filter(|(_, holds)| *holds);
    holding.map(|(reason, _)| reason).collect()
}

/// What the suite has to exercise, operation by operation.
fn points(contract: Contract<'_>, operations: &[Operation]) -> Value {
    let points = |schema: &Value| -> Value {
        let places = contract.places(contract.resolved(schema), true);
        let points = places
            .iter()
            .map(|place| json!([place.pointer, is_nullable(place.schema)]));
        points.collect()
    };
    let row = |operation: &Operation| {
        let described = contract.operation(&operation.method, &operation.path);
        let parameters = described["parameters"].as_array().into_iter().flatten();
        let parameters: Vec<&Value> = parameters
            .map(|parameter| &contract.resolved(parameter)["name"])
            .collect();
        let responses = described["responses"].as_object().into_iter().flatten();
        let answers =
            responses
                .filter(|(status, _)| status.starts_with('2'))
                .map(|(_, response)| {
                    points(&contract.resolved(response)["content"]["application/json"]["schema"])
                });
        let answers: Value = answers.collect();
        let body = points(&described["requestBody"]["content"]["application/json"]["schema"]);
        json!([
            operation.name,
            parameters,
            body,
            answers,
            operation.statuses
        ])
    };
    operations.iter().map(row).collect()
}
