//! The points that an exchange touches.

use std::collections::BTreeSet;

use pivotal_openapi::Operation;
use pivotal_sdk::{Exchange, RequestLine};
use serde_json::Value;

use super::points::{ENVELOPE, Point, What};
use crate::check::Checked;
use crate::contract::{Contract, Schema};

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
        let operation = &checked.operation;
        let mut look = Look {
            contract,
            operation: operation.id,
            seen: &mut self.0,
        };
        look.point(What::Operation);
        look.request(operation, request, exchange);

        let status = checked.response.status;
        let Some(documented) = operation.response(status.as_u16()) else {
            return;
        };
        look.point(What::Status(documented.status.to_owned()));
        let body = serde_json::from_slice::<Value>(&checked.response.body);
        if let (Some(content), Ok(body)) = (documented.content(), body) {
            if !status.is_success() {
                look.operation = ENVELOPE;
            }
            let schema = contract.schema(&content.schema.pointer);
            look.value(&schema, &body, "", &|property, null| What::Received {
                property,
                null,
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
    contract: &'a Contract,
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

    fn request(&mut self, operation: &Operation<'_>, request: &RequestLine, exchange: &Exchange) {
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
        for filled in operation.parameters() {
            if filled.location == "path" {
                parameter("path", filled.name);
            }
        }
        if exchange.idempotency_key.is_some() {
            parameter("header", "Idempotency-Key");
        }
        let body = request.body.as_deref().map(serde_json::from_slice::<Value>);
        if let (Some(known), Some(Ok(body))) = (operation.body(), body) {
            let schema = self.contract.schema(&known.content.schema.pointer);
            self.value(&schema, &body, "", &|property, null| What::Sent {
                property,
                null,
            });
        }
    }

    /// The declared properties that a value has.
    fn value(
        &mut self,
        schema: &Schema,
        value: &Value,
        prefix: &str,
        what: &dyn Fn(String, bool) -> What,
    ) {
        for (name, part, value) in schema.parts(value) {
            let path = match name {
                Some(name) => format!("{prefix}{name}"),
                None => format!("{}[]", prefix.trim_end_matches('.')),
            };
            if name.is_some() {
                self.point(what(path.clone(), value.is_null()));
            }
            if value.is_object() || value.is_array() {
                let schema = self.contract.schema(part);
                self.value(&schema, value, &format!("{path}."), what);
            }
        }
    }
}
