//! Everything in the contract that a run can exercise, and what an exchange exercises of it.

use std::fmt;

use pivotal_openapi::{Operation, Response};
use serde_json::Value;

use crate::check::Checked;
use crate::contract::{Contract, Schema};

/// One thing in the contract.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Point {
    /// The operationId.
    pub(crate) operation: String,
    pub(crate) part: Part,
    /// What of the part: `query limit`, `address.city`, `rows[].id = null`, `4XX`.
    pub(crate) what: String,
}

/// A part of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    Operation,
    Parameter,
    /// A property of the request body.
    Request,
    /// A property of a successful response, or of the error envelope.
    Response,
    Status,
}

/// What stands for an operation where the error envelope is meant.
const ENVELOPE: &str = "errors";

/// How deep schemas lie within one another at most.
const DEPTH: usize = 8;

/// `create-customer`, `list-customers query limit`, `update-customer sends domain = null`, `get-me
/// returns api_key.id`, `get-me status 401`.
impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            operation, what, ..
        } = self;
        match self.part {
            Part::Operation => f.write_str(operation),
            Part::Parameter => write!(f, "{operation} {what}"),
            Part::Request => write!(f, "{operation} sends {what}"),
            Part::Response => write!(f, "{operation} returns {what}"),
            Part::Status => write!(f, "{operation} status {what}"),
        }
    }
}

/// Collects points of one operation.
struct Collector<'c> {
    contract: &'c Contract,
    operation: &'c str,
    points: Vec<Point>,
}

impl Collector<'_> {
    fn add(&mut self, part: Part, what: impl Into<String>) {
        self.points.push(Point {
            operation: self.operation.to_owned(),
            part,
            what: what.into(),
        });
    }

    /// The properties of a schema and of what lies in it, once for a value and, where it may be
    /// null, once for null.
    fn declared(&mut self, part: Part, schema: &str, prefix: &str, depth: usize) {
        if depth == 0 {
            return;
        }
        for (name, schema) in &self.contract.schema(schema).properties {
            let path = format!("{prefix}{name}");
            let property = self.contract.schema(schema);
            self.add(part, path.as_str());
            if property.nullable {
                self.add(part, format!("{path} = null"));
            }
            self.declared(part, schema, &format!("{path}."), depth - 1);
            if let Some(items) = &property.items {
                self.declared(part, items, &format!("{path}[]."), depth - 1);
            }
        }
    }

    /// The declared properties that a value has.
    fn present(&mut self, part: Part, schema: &Schema, value: &Value, prefix: &str) {
        for (name, schema, value) in schema.parts(value) {
            let path = match name {
                Some(name) => format!("{prefix}{name}"),
                None => format!("{}[]", prefix.trim_end_matches('.')),
            };
            if name.is_some() {
                let null = if value.is_null() { " = null" } else { "" };
                self.add(part, format!("{path}{null}"));
            }
            if value.is_object() || value.is_array() {
                let schema = self.contract.schema(schema);
                self.present(part, &schema, value, &format!("{path}."));
            }
        }
    }

    fn of_operation(&mut self, operation: &Operation<'_>) {
        self.add(Part::Operation, "");
        for parameter in operation.parameters() {
            let what = format!("{} {}", parameter.location, parameter.name);
            self.add(Part::Parameter, what);
        }
        if let Some(body) = operation.body() {
            self.declared(Part::Request, &body.content.schema.pointer, "", DEPTH);
        }
        for response in operation.responses().filter(Response::is_success) {
            if let Some(content) = response.content() {
                self.declared(Part::Response, &content.schema.pointer, "", DEPTH);
            }
        }
        for response in operation.responses() {
            self.add(Part::Status, response.status);
        }
    }
}

/// All points, those of one operation together, in the order of the contract.
pub(crate) fn all(contract: &Contract) -> Vec<Point> {
    let mut collector = Collector {
        contract,
        operation: ENVELOPE,
        points: Vec::new(),
    };
    let operations: Vec<_> = contract.document.operations().collect();
    for operation in &operations {
        collector.operation = operation.id;
        collector.of_operation(operation);
    }
    let failures = operations.iter().flat_map(Operation::responses);
    let mut failures = failures.filter(|response| !response.is_success());
    if let Some(content) = failures.find_map(|response| response.content()) {
        collector.operation = ENVELOPE;
        collector.declared(Part::Response, &content.schema.pointer, "", DEPTH);
    }
    collector.points
}

/// The points that an exchange has touched: what was sent, and what came back.
pub(crate) fn touched(checked: &Checked<'_>) -> Vec<Point> {
    let (contract, operation) = (checked.contract, &checked.operation);
    let mut collector = Collector {
        contract,
        operation: operation.id,
        points: Vec::new(),
    };
    collector.add(Part::Operation, "");
    for (name, _) in checked.request.url.query_pairs() {
        collector.add(Part::Parameter, format!("query {name}"));
    }
    // A request whose path is the operation's has filled in all of them.
    for parameter in operation.parameters() {
        if parameter.location == "path" {
            collector.add(Part::Parameter, format!("path {}", parameter.name));
        }
    }
    if checked.exchange.idempotency_key.is_some() {
        collector.add(Part::Parameter, "header Idempotency-Key");
    }
    let body = checked.request.body.as_deref();
    let body = body.map(serde_json::from_slice::<Value>);
    if let (Some(known), Some(Ok(body))) = (operation.body(), body) {
        let schema = contract.schema(&known.content.schema.pointer);
        collector.present(Part::Request, &schema, &body, "");
    }
    let status = checked.response.status;
    if let Some(documented) = operation.response(status.as_u16()) {
        collector.add(Part::Status, documented.status);
        let body = serde_json::from_slice::<Value>(&checked.response.body);
        if let (Some(content), Ok(body)) = (documented.content(), body) {
            if !status.is_success() {
                collector.operation = ENVELOPE;
            }
            let schema = contract.schema(&content.schema.pointer);
            collector.present(Part::Response, &schema, &body, "");
        }
    }
    collector.points
}
