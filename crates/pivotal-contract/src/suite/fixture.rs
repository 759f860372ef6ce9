//! What a case works with: clients, and methods that report what it finds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pivotal_openapi::Operation;
use pivotal_openapi::path::child;
use pivotal_sdk::{Client, Error, ErrorKind, Method, Request};
use serde_json::Value;

use super::log::Log;
use super::resource::{PARENT, Resource};
use crate::contract::Contract;
use crate::finding::{Source, Violation, ViolationKind};
use crate::operation_cases::{Inputs, SendRequest};
use crate::shown;

/// Sets a fault on the server.
pub(super) type Inject = dyn Fn(&str) -> Result<(), String> + Send + Sync;

/// Why a case ended early.
#[derive(Debug)]
pub(crate) enum Stop {
    /// A deviation was reported, and the rest of the case depends on it.
    Reported,
    /// The server has no records to try it on, or the contract nothing to try.
    Skipped(&'static str),
    /// There was no response, or one that says nothing about the contract.
    Failed(String),
}

pub(crate) type Flow<T = ()> = Result<T, Stop>;

pub(crate) struct Fixture {
    pub(crate) client: Client,
    /// With a key that no workspace has.
    pub(crate) invalid_key_client: Client,
    /// Sends each call once and at once.
    pub(crate) unlimited_client: Client,
    pub(super) inject: Option<Arc<Inject>>,
    /// What the names of all records of this run begin with.
    pub(crate) run: String,
    /// The records that are known to have been created, as component and ID.
    pub(super) created: Mutex<BTreeSet<(String, String)>>,
    pub(crate) log: Arc<Log>,
    pub(crate) contract: &'static Contract,
    pub(crate) resources: BTreeMap<String, Resource>,
}

impl Fixture {
    /// Inputs with a name that no record had before this run, and the IDs of no record.
    pub(crate) fn inputs(&self, name: &str) -> Inputs {
        Inputs::new(
            format!("{}-{name}", self.run),
            format!("{}-nobody", self.run),
        )
    }

    /// A request of an operation that is built by hand.
    pub(crate) fn request(&self, operation: &Operation<'_>, inputs: &Inputs) -> Request {
        let method = operation.method.parse().unwrap_or(Method::GET);
        self.client.request(method, inputs.path(operation.path))
    }

    /// Sends a request of the case table that must succeed; returns the body.
    pub(crate) async fn ok(
        &self,
        operation: &Operation<'_>,
        send: SendRequest,
        inputs: &Inputs,
    ) -> Flow<Value> {
        let failed = |error| self.should_have_succeeded(operation, &error);
        let reply = send(&self.client, inputs).await.map_err(failed)?;
        Ok(reply.body())
    }

    /// Sends a request that is built by hand and must succeed; returns the body.
    pub(crate) async fn page(&self, operation: &Operation<'_>, request: Request) -> Flow<Value> {
        let failed = |error| self.should_have_succeeded(operation, &error);
        request.await.map_err(failed)
    }

    /// The records that are known to have been created, as component and ID.
    pub(super) fn created(&self) -> MutexGuard<'_, BTreeSet<(String, String)>> {
        self.created.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a request that creates a record; returns the record.
    pub(crate) async fn create(
        &self,
        resource: &Resource,
        send: SendRequest,
        inputs: &Inputs,
    ) -> Flow<Value> {
        let created = self.ok(&resource.create, send, inputs).await?;
        let text = |name: &str| created[name].as_str().unwrap_or_default();
        let is_ours = if resource.component == PARENT {
            text("name").starts_with(&self.run)
        } else {
            let parent = (PARENT.to_owned(), text("customer_id").to_owned());
            self.created().contains(&parent)
        };
        if !is_ours {
            // What is not ours is neither changed nor removed.
            let message = "another record than was created";
            self.expect(&resource.create, false, "/response/body", None, message);
            return Err(Stop::Reported);
        }
        if let Some(id) = created["id"].as_str() {
            self.created()
                .insert((resource.component.clone(), id.to_owned()));
        }
        self.echoes(&resource.create, &created);
        Ok(created)
    }

    /// Reports a request that was not refused with this status.
    pub(crate) fn refused<T>(
        &self,
        operation: &Operation<'_>,
        status: u16,
        sent: Result<T, Error>,
    ) -> Flow {
        let got = match sent {
            Ok(_) => success_status(operation),
            Err(error) => match error.status().map(|status| status.as_u16()) {
                Some(got) if got == status => {
                    self.check_error_kind(operation, &error, status);
                    return Ok(());
                }
                Some(got) => match inconclusive(operation, got, &error) {
                    Some(stop) => return Err(stop),
                    None => got,
                },
                None => return Err(Stop::Failed(brief(&error))),
            },
        };
        let rule = self.response_pointer(operation, status);
        let message = format!("expected to be refused with {status}");
        self.deviates(operation, got, "/response/status", rule, message);
        Err(Stop::Reported)
    }

    /// Reports every property that came back with another value than was sent last.
    pub(crate) fn echoes(&self, operation: &Operation<'_>, came: &Value) {
        let sent = self.log.kept().last_body.clone();
        self.keeps(operation, &sent, came);
    }

    /// Reports every property of a body of this operation that has another value later.
    pub(crate) fn keeps(&self, operation: &Operation<'_>, sent: &Value, came: &Value) {
        let Some(body) = operation.body() else {
            return;
        };
        let schema = self.contract.schema(&body.content.schema.pointer);
        for (name, sent) in sent.as_object().into_iter().flatten() {
            let (Some(rule), Some(came)) = (schema.properties.get(name), came.get(name)) else {
                continue;
            };
            if !same(sent, came) {
                let place = child("/response/body", name);
                let (sent, came) = (shown::shape(sent), shown::shape(came));
                let message = format!("{sent} was sent, and another value, {came}, came back");
                let status = success_status(operation);
                self.deviates(operation, status, &place, rule.clone(), message);
            }
        }
    }

    /// Reports a successful response that is not as it should be. The rule that it breaks is the
    /// documented response, unless another is named.
    pub(crate) fn expect(
        &self,
        operation: &Operation<'_>,
        holds: bool,
        place: &str,
        rule: Option<String>,
        message: &str,
    ) {
        if !holds {
            let status = success_status(operation);
            let rule = rule.unwrap_or_else(|| self.response_pointer(operation, status));
            self.deviates(operation, status, place, rule, message.to_owned());
        }
    }

    /// Sets a fault.
    pub(crate) fn fault(&self, fault: &str) -> Flow {
        let inject = self.inject.as_ref().ok_or(Stop::Skipped("no faults"))?;
        inject(fault).map_err(Stop::Failed)
    }

    fn should_have_succeeded(&self, operation: &Operation<'_>, error: &Error) -> Stop {
        let Some(status) = error.status().map(|status| status.as_u16()) else {
            return Stop::Failed(brief(error));
        };
        if (200..300).contains(&status) {
            if self.log.kept().last_was_clean {
                let place = error.field().map(shown::pointer);
                let place = place.map_or(String::new(), |place| format!(" at {place}"));
                let message = format!("the SDK does not decode it{place}");
                self.sdk_deviates(operation, status, message);
            }
            return Stop::Reported;
        }
        if let Some(stop) = inconclusive(operation, status, error) {
            return stop;
        }
        let rule = self
            .refused_part(operation, error)
            .unwrap_or_else(|| self.response_pointer(operation, success_status(operation)));
        let reason = brief(error);
        let message = format!("a call that the contract allows was refused: {reason}");
        self.deviates(operation, status, "/response/status", rule, message);
        Stop::Reported
    }

    /// The parameter of the query, or the property of the body, that a refusal names.
    fn refused_part(&self, operation: &Operation<'_>, error: &Error) -> Option<String> {
        let field = error.field()?;
        let parameter = operation.parameter("query", field);
        let parameter = parameter.map(|parameter| parameter.schema.pointer);
        parameter.or_else(|| {
            let body = operation.body()?;
            let schema = self.contract.schema(&body.content.schema.pointer);
            schema.properties.get(field).cloned()
        })
    }

    /// Reports a refusal that the SDK takes for another error.
    fn check_error_kind(&self, operation: &Operation<'_>, error: &Error, status: u16) {
        let kind = match status {
            400 | 405 | 413 | 415 => ErrorKind::InvalidRequest,
            401 => ErrorKind::Authentication,
            404 => ErrorKind::NotFound,
            409 => ErrorKind::Conflict,
            429 => ErrorKind::RateLimit,
            _ => ErrorKind::Internal,
        };
        if self.log.kept().last_was_clean && (error.kind() != kind || error.code().is_none()) {
            let message = format!("the SDK takes it for another error: {}", error.kind());
            self.sdk_deviates(operation, status, message);
        }
    }

    fn response_pointer(&self, operation: &Operation<'_>, status: u16) -> String {
        let documented = operation.response(status);
        documented.map_or_else(
            || format!("{}/responses", operation.pointer),
            |response| response.pointer,
        )
    }

    fn deviates(
        &self,
        operation: &Operation<'_>,
        status: u16,
        place: &str,
        rule: String,
        message: String,
    ) {
        let kind = ViolationKind::Behaviour;
        let violation = (self.contract).violation(operation, status, kind, place, rule, message);
        self.log.kept().add(violation);
    }

    fn sdk_deviates(&self, operation: &Operation<'_>, status: u16, message: String) {
        let rule = self.response_pointer(operation, status);
        let (kind, place) = (ViolationKind::Sdk, "/response/body");
        self.log.kept().add(Violation {
            source: Source::Sdk,
            ..(self.contract).violation(operation, status, kind, place, rule, message)
        });
    }
}

fn success_status(operation: &Operation<'_>) -> u16 {
    let success = operation.success();
    success.map_or(200, |response| response.status.parse().unwrap_or(200))
}

/// How a case ends on a status that says nothing about what the call does: the observer has
/// reported it, or the server failed.
fn inconclusive(operation: &Operation<'_>, status: u16, error: &Error) -> Option<Stop> {
    if operation.response(status).is_none() {
        Some(Stop::Reported)
    } else if status == 429 || status >= 500 {
        Some(Stop::Failed(brief(error)))
    } else {
        None
    }
}

/// Whether two values mean the same; times may be written with another precision.
fn same(sent: &Value, came: &Value) -> bool {
    let time = |value: &Value| value.as_str()?.parse::<jiff::Timestamp>().ok();
    sent == came || time(sent).is_some_and(|sent| time(came) == Some(sent))
}

/// An error without the server's own words.
pub(super) fn brief(error: &Error) -> String {
    let mut text = error.kind().to_string();
    if let Some(status) = error.status() {
        text.push_str(&format!(", status {}", status.as_u16()));
    }
    if let Some(code) = error.code() {
        text.push_str(&format!(", code {}", shown::name(code.as_str())));
    }
    text
}
