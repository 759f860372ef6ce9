//! Checks of one exchange against the contract.

pub(crate) mod additions;

use std::borrow::Cow;

use pivotal_openapi::schema::types;
use pivotal_openapi::{Content, Header, Operation, Parameter, Response, Schema};
use pivotal_sdk::transport::{Exchange, HttpResponse, Outcome, RequestLine};
use serde_json::Value;

use crate::contract::{Contract, Fault};
use crate::finding::{Addition, AdditionKind, Violation, ViolationKind};
use crate::shown;

/// How many findings of one exchange are reported at most.
const FINDINGS: usize = 50;

/// What was found in one exchange.
pub(crate) struct Checked<'e> {
    pub(crate) contract: &'e Contract,
    pub(crate) operation: Operation<'static>,
    pub(crate) request: &'e RequestLine,
    pub(crate) exchange: &'e Exchange,
    pub(crate) response: &'e HttpResponse,
    pub(crate) violations: Vec<Violation>,
    pub(crate) additions: Vec<Addition>,
}

/// Checks an exchange; `None` when there is nothing to check: no response, or no operation of the
/// contract.
pub(crate) fn exchange<'e>(
    contract: &'e Contract,
    request: &'e RequestLine,
    exchange: &'e Exchange,
    body_limit: usize,
) -> Option<Checked<'e>> {
    let Outcome::Response(response) = &exchange.outcome else {
        return None;
    };
    let mut checked = Checked {
        contract,
        operation: contract.operation_of(exchange, request.url.path())?,
        request,
        exchange,
        response,
        violations: Vec::new(),
        additions: Vec::new(),
    };
    // A request that is refused may break the contract: the server says so too.
    if response.status.is_success() {
        checked.check_query();
        checked.check_request_body(body_limit);
    }
    checked.check_response(body_limit);
    checked.violations.truncate(FINDINGS);
    checked.additions.truncate(FINDINGS);
    Some(checked)
}

impl Checked<'_> {
    fn status(&self) -> u16 {
        self.response.status.as_u16()
    }

    fn violation(&mut self, kind: ViolationKind, place: &str, rule: &str, message: String) {
        let (contract, operation) = (self.contract, &self.operation);
        let (status, rule) = (self.status(), rule.to_owned());
        let violation = contract.violation(operation, status, kind, place, rule, message);
        self.violations.push(violation);
    }

    /// Adds what a schema finds in the value at a place of the exchange.
    fn faults(&mut self, kind: ViolationKind, at: &str, faults: Vec<Fault>) {
        for fault in faults {
            let place = format!("{at}{}", fault.place);
            self.violation(kind, &place, &fault.rule, fault.message);
            if let Some(violation) = self.violations.last_mut() {
                violation.count = fault.count;
            }
        }
    }

    fn addition(&mut self, addition: additions::Found, place: &str) {
        let addition = Addition {
            operation: self.operation.id.to_owned(),
            status: self.status(),
            kind: addition.kind,
            name: addition.name,
            place: format!("{place}{}", addition.place),
            schema: addition.schema,
        };
        if !self.additions.contains(&addition) {
            self.additions.push(addition);
        }
    }

    fn check_query(&mut self) {
        let parameters = self.operation.parameters();
        for (name, text) in self.request.url.query_pairs() {
            let is_it = |known: &&Parameter<'_>| known.location == "query" && known.name == name;
            let Some(parameter) = parameters.iter().find(is_it) else {
                let found = additions::Found {
                    kind: AdditionKind::Parameter,
                    name: shown::name(&name),
                    place: String::new(),
                    schema: format!("{}/parameters", self.operation.pointer),
                };
                self.addition(found, "/request/query");
                continue;
            };
            let place = format!("/request/query/{}", parameter.name);
            let value = typed(&parameter.schema, text);
            let schema = self.contract.schema(&parameter.schema.pointer);
            self.faults(ViolationKind::Parameter, &place, schema.faults(&value));
        }
    }

    fn check_request_body(&mut self, limit: usize) {
        let body = self.request.body.as_ref();
        let body = body.filter(|body| body.len() <= limit);
        let (Some(known), Some(body)) = (self.operation.body(), body) else {
            return;
        };
        // If a body that is no JSON was accepted, the caller sent it on purpose.
        let Ok(value) = serde_json::from_slice::<Value>(body) else {
            return;
        };
        let schema = self.contract.schema(&known.content.schema.pointer);
        let faults = schema.faults(&value);
        self.faults(ViolationKind::RequestBody, "/request/body", faults);
        for found in additions::find(self.contract, &schema, &value) {
            self.addition(found, "/request/body");
        }
    }

    fn check_response(&mut self, body_limit: usize) {
        let Some(documented) = self.operation.response(self.status()) else {
            let responses = self.operation.responses();
            let statuses: Vec<_> = responses.map(|known| known.status).collect();
            let rule = format!("{}/responses", self.operation.pointer);
            let message = format!("only {} are documented", statuses.join(", "));
            self.violation(ViolationKind::Status, "/response/status", &rule, message);
            return;
        };
        for header in documented.headers() {
            self.check_header(&header);
        }
        let Some(content) = documented.content() else {
            return;
        };
        let given = media_type(self.response);
        if given.is_some_and(|given| given.eq_ignore_ascii_case(content.media_type)) {
            self.check_body(&documented, &content, body_limit);
        } else {
            let place = "/response/headers/content-type";
            let rule = format!("{}/content", documented.pointer);
            let given = shown_media_type(given);
            let message = format!("the response is {given}, not {}", content.media_type);
            self.violation(ViolationKind::ContentType, place, &rule, message);
        }
    }

    fn check_header(&mut self, header: &Header<'_>) {
        let place = format!("/response/headers/{}", header.name.to_ascii_lowercase());
        match self.response.headers.get(header.name) {
            None if header.required => {
                let message = format!("the header {} is missing", header.name);
                self.violation(ViolationKind::Header, &place, &header.pointer, message);
            }
            None => {}
            Some(value) => {
                let text = String::from_utf8_lossy(value.as_bytes());
                let value = typed(&header.schema, Cow::Borrowed(text.trim()));
                let schema = self.contract.schema(&header.schema.pointer);
                self.faults(ViolationKind::Header, &place, schema.faults(&value));
            }
        }
    }

    fn check_body(&mut self, documented: &Response<'_>, content: &Content<'_>, limit: usize) {
        let received = self.response;
        if received.body.len() > limit {
            tracing::debug!(
                operation = self.operation.id,
                bytes = received.body.len(),
                "a body is too large to be checked"
            );
            return;
        }
        match serde_json::from_slice::<Value>(&received.body) {
            Ok(body) => {
                let schema = self.contract.schema(&content.schema.pointer);
                self.faults(ViolationKind::Body, "/response/body", schema.faults(&body));
                for found in additions::find(self.contract, &schema, &body) {
                    self.addition(found, "/response/body");
                }
            }
            Err(error) => {
                let rule = format!("{}/content", documented.pointer);
                let message = format!(
                    "the body of {} bytes is no JSON, at line {} column {}",
                    received.body.len(),
                    error.line(),
                    error.column()
                );
                self.violation(ViolationKind::Body, "/response/body", &rule, message);
            }
        }
    }
}

/// The text of a parameter or header as the JSON value that its schema describes.
fn typed(schema: &Schema<'_>, text: Cow<'_, str>) -> Value {
    let is_scalar = matches!(types(schema.value)[..], ["integer" | "number" | "boolean"]);
    match serde_json::from_str(&text) {
        Ok(value @ (Value::Number(_) | Value::Bool(_))) if is_scalar => value,
        _ => Value::String(text.into_owned()),
    }
}

/// The media type without its parameters.
fn media_type(received: &HttpResponse) -> Option<&str> {
    let given = received.headers.get("content-type")?;
    given.to_str().ok()?.split(';').next().map(str::trim)
}

/// The media type as a finding may show it.
fn shown_media_type(given: Option<&str>) -> String {
    match given.and_then(|given| given.split_once('/')) {
        Some((kind, form)) => format!("{}/{}", shown::name(kind), shown::name(form)),
        None => "without a media type".to_owned(),
    }
}
