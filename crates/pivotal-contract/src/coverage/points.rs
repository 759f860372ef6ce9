//! Everything in the contract that a run can exercise.

use std::fmt;

use pivotal_openapi::{Operation, Response};

use crate::contract::Contract;

/// One thing in the contract.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Point {
    /// The operationId.
    pub(crate) operation: String,
    pub(crate) what: What,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum What {
    Operation,
    Parameter {
        location: String,
        name: String,
    },
    /// A property of the body, as `address.city` or `rows[].id`.
    Sent {
        property: String,
        null: bool,
    },
    /// A property of the response.
    Received {
        property: String,
        null: bool,
    },
    /// A status as it is documented: `201`, `4XX`.
    Status(String),
}

/// What stands for an operation where the error envelope is meant.
pub(super) const ENVELOPE: &str = "errors";

/// How deep schemas lie within one another at most.
const DEPTH: usize = 8;

/// All points, those of one operation together, in the order of the contract.
pub(super) fn all(contract: &Contract) -> Vec<Point> {
    let operations = || contract.document.operations();
    let mut points: Vec<_> = operations()
        .flat_map(|operation| of_operation(contract, &operation))
        .collect();
    let failures = operations().flat_map(|operation| operation.responses());
    let mut failures = failures.filter(|response| !response.is_success());
    if let Some(content) = failures.find_map(|response| response.content()) {
        points.extend(received(contract, ENVELOPE, &content.schema.pointer));
    }
    points
}

fn of_operation(contract: &Contract, operation: &Operation<'_>) -> Vec<Point> {
    let point = |what| Point {
        operation: operation.id.to_owned(),
        what,
    };
    let mut points = vec![point(What::Operation)];
    points.extend(operation.parameters().iter().map(|parameter| {
        point(What::Parameter {
            location: parameter.location.to_owned(),
            name: parameter.name.to_owned(),
        })
    }));
    if let Some(body) = operation.body() {
        let mut found = Vec::new();
        walk(
            contract,
            &body.content.schema.pointer,
            "",
            DEPTH,
            &mut found,
        );
        let sent = found.into_iter();
        points.extend(sent.map(|(property, null)| point(What::Sent { property, null })));
    }
    for response in operation.responses().filter(Response::is_success) {
        if let Some(content) = response.content() {
            points.extend(received(contract, operation.id, &content.schema.pointer));
        }
    }
    let statuses = operation.responses();
    points.extend(statuses.map(|response| point(What::Status(response.status.to_owned()))));
    points
}

fn received(contract: &Contract, operation: &str, schema: &str) -> Vec<Point> {
    let mut found = Vec::new();
    walk(contract, schema, "", DEPTH, &mut found);
    let point = |(property, null)| Point {
        operation: operation.to_owned(),
        what: What::Received { property, null },
    };
    found.into_iter().map(point).collect()
}

/// The properties of a schema and of what lies in it, once for a value and, where it may be null,
/// once for null.
fn walk(
    contract: &Contract,
    schema: &str,
    prefix: &str,
    depth: usize,
    found: &mut Vec<(String, bool)>,
) {
    if depth == 0 {
        return;
    }
    for (name, schema) in &contract.schema(schema).properties {
        let path = format!("{prefix}{name}");
        let property = contract.schema(schema);
        found.push((path.clone(), false));
        if property.nullable {
            found.push((path.clone(), true));
        }
        walk(contract, schema, &format!("{path}."), depth - 1, found);
        if let Some(items) = &property.items {
            walk(contract, items, &format!("{path}[]."), depth - 1, found);
        }
    }
}

/// `create-customer`, `list-customers query limit`, `update-customer sends domain = null`, `get-me
/// answers api_key.id`, `get-me status 401`.
impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.operation)?;
        let null = |null: bool| if null { " = null" } else { "" };
        match &self.what {
            What::Operation => Ok(()),
            What::Parameter { location, name } => write!(f, " {location} {name}"),
            What::Sent { property, null: is } => write!(f, " sends {property}{}", null(*is)),
            What::Received { property, null: is } => write!(f, " answers {property}{}", null(*is)),
            What::Status(status) => write!(f, " status {status}"),
        }
    }
}
