//! Everything in the contract that a run can exercise.

use std::fmt;

use crate::contract::{Contract, Document, Operation};

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
    let mut points: Vec<_> = contract
        .operations
        .iter()
        .flat_map(|operation| of_operation(&contract.document, operation))
        .collect();
    let mut failures = contract
        .operations
        .iter()
        .flat_map(|operation| &operation.answers)
        .filter(|answer| !is_success(&answer.status));
    if let Some((_, schema)) = failures.find_map(|answer| answer.content.as_ref()) {
        points.extend(received(&contract.document, ENVELOPE, &schema.pointer));
    }
    points
}

fn of_operation(document: &Document, operation: &Operation) -> Vec<Point> {
    let point = |what| Point {
        operation: operation.id.clone(),
        what,
    };
    let mut points = vec![point(What::Operation)];
    points.extend(operation.parameters.iter().map(|parameter| {
        point(What::Parameter {
            location: parameter.location.clone(),
            name: parameter.name.clone(),
        })
    }));
    if let Some(schema) = &operation.body {
        let mut found = Vec::new();
        walk(document, &schema.pointer, "", DEPTH, &mut found);
        points.extend(
            found
                .into_iter()
                .map(|(property, null)| point(What::Sent { property, null })),
        );
    }
    for answer in operation
        .answers
        .iter()
        .filter(|answer| is_success(&answer.status))
    {
        if let Some((_, schema)) = &answer.content {
            points.extend(received(document, &operation.id, &schema.pointer));
        }
    }
    let statuses = operation.answers.iter();
    points.extend(statuses.map(|answer| point(What::Status(answer.status.clone()))));
    points
}

fn received(document: &Document, operation: &str, schema: &str) -> Vec<Point> {
    let mut found = Vec::new();
    walk(document, schema, "", DEPTH, &mut found);
    let point = |(property, null)| Point {
        operation: operation.to_owned(),
        what: What::Received { property, null },
    };
    found.into_iter().map(point).collect()
}

fn is_success(status: &str) -> bool {
    status.starts_with('2')
}

/// The properties of a schema and of what lies in it, once for a value and, where it may be null,
/// once for null.
fn walk(
    document: &Document,
    schema: &str,
    prefix: &str,
    depth: usize,
    found: &mut Vec<(String, bool)>,
) {
    if depth == 0 {
        return;
    }
    let shape = document.shape(schema);
    for (name, schema) in &shape.properties {
        let path = format!("{prefix}{name}");
        let property = document.shape(schema);
        found.push((path.clone(), false));
        if property.nullable {
            found.push((path.clone(), true));
        }
        walk(document, schema, &format!("{path}."), depth - 1, found);
        if let Some(items) = &property.items {
            walk(document, items, &format!("{path}[]."), depth - 1, found);
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
