//! The points that an exchange touches.

use std::collections::BTreeSet;

use pivotal_sdk::{Exchange, RequestLine};
use serde_json::Value;

use super::points::{ENVELOPE, Point, What};
use crate::check::Checked;
use crate::contract::{Contract, Document, Operation};

/// What was seen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen(BTreeSet<Point>);

impl Seen {
    pub(crate) fn has(&self, point: &Point) -> bool {
        self.0.contains(point)
    }

    /// Adds what an exchange touched: what was sent, and what was answered.
    pub(crate) fn add(
        &mut self,
        contract: &Contract,
        checked: &Checked<'_>,
        request: &RequestLine,
        exchange: &Exchange,
    ) {
        let operation = checked.operation;
        let mut look = Look {
            document: &contract.document,
            operation: &operation.id,
            seen: &mut self.0,
        };
        look.point(What::Operation);
        look.request(operation, request, exchange);

        let status = checked.answered.status;
        let Some(answer) = operation.answer(status.as_u16()) else {
            return;
        };
        look.point(What::Status(answer.status.clone()));
        let body = serde_json::from_slice::<Value>(&checked.answered.body);
        if let (Some((_, schema)), Ok(body)) = (&answer.content, body) {
            if !status.is_success() {
                look.operation = ENVELOPE;
            }
            look.value(&schema.pointer, &body, "", &|property, null| {
                What::Received { property, null }
            });
        }
    }
}

impl FromIterator<Point> for Seen {
    fn from_iter<I: IntoIterator<Item = Point>>(points: I) -> Self {
        Self(points.into_iter().collect())
    }
}

struct Look<'a> {
    document: &'a Document,
    operation: &'a str,
    seen: &'a mut BTreeSet<Point>,
}

impl Look<'_> {
    fn point(&mut self, what: What) {
        self.seen.insert(Point {
            operation: self.operation.to_owned(),
            what,
        });
    }

    fn request(&mut self, operation: &Operation, request: &RequestLine, exchange: &Exchange) {
        let mut parameter = |location: &str, name: &str| {
            self.point(What::Parameter {
                location: location.to_owned(),
                name: name.to_owned(),
            });
        };
        for (name, _) in request.url.query_pairs() {
            parameter("query", &name);
        }
        // A request whose path is the operation's has filled in all of them.
        let of_path = |p: &&crate::contract::Parameter| p.location == "path";
        for filled in operation.parameters.iter().filter(of_path) {
            parameter("path", &filled.name);
        }
        if exchange.idempotency_key.is_some() {
            parameter("header", "Idempotency-Key");
        }
        let body = request.body.as_deref().map(serde_json::from_slice::<Value>);
        if let (Some(schema), Some(Ok(body))) = (&operation.body, body) {
            self.value(&schema.pointer, &body, "", &|property, null| What::Sent {
                property,
                null,
            });
        }
    }

    /// The declared properties that a value has.
    fn value(
        &mut self,
        schema: &str,
        value: &Value,
        prefix: &str,
        what: &dyn Fn(String, bool) -> What,
    ) {
        let shape = self.document.shape(schema);
        for (name, schema, value) in shape.parts(value) {
            let path = match name {
                Some(name) => format!("{prefix}{name}"),
                None => format!("{}[]", prefix.trim_end_matches('.')),
            };
            if name.is_some() {
                self.point(what(path.clone(), value.is_null()));
            }
            if value.is_object() || value.is_array() {
                self.value(schema, value, &format!("{path}."), what);
            }
        }
    }
}
