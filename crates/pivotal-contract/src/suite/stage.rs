//! What a case is given: clients, and words for what it finds.

use std::sync::Arc;

use pivotal_openapi::Operation;
use pivotal_openapi::path::child;
use pivotal_sdk::{Call, Client, Endpoint, Error, ErrorKind, Response};
use serde_json::Value;

use super::Inject;
use super::created_records::{CreatedRecords, Kind, brief};
use super::log::Log;
use crate::contract::Contract;
use crate::finding::{Source, Violation, ViolationKind};
use crate::shown;

/// Why a case did not come to its end.
#[derive(Debug)]
pub(crate) enum Stop {
    /// What is wrong is in the log, and the rest of the case depends on it.
    Told,
    /// The server has nothing to try it on.
    Skipped(&'static str),
    /// No response, or none that says anything of the contract.
    Failed(String),
}

pub(crate) type Flow<T = ()> = Result<T, Stop>;

pub(crate) struct Stage {
    pub(crate) client: Client,
    /// With a key that nobody has.
    pub(crate) stranger: Client,
    /// Sends each call once and at once.
    pub(crate) unpaced: Client,
    pub(super) inject: Option<Arc<Inject>>,
    /// What the names of all records of this run begin with.
    pub(crate) run: String,
    pub(crate) created_records: CreatedRecords,
    pub(crate) log: Arc<Log>,
    pub(crate) contract: &'static Contract,
}

impl Stage {
    /// A name that no record had before this run.
    pub(crate) fn name(&self, what: &str) -> String {
        format!("{}-{what}", self.run)
    }

    /// Sends a call that must succeed.
    pub(crate) async fn ok<O: Endpoint>(&self, call: Call<O>) -> Flow<Response<O::Response>> {
        match call.with_meta().await {
            Ok(answer) => Ok(answer),
            Err(error) => Err(self.should_have_succeeded(O::NAME, &error)),
        }
    }

    /// Sends a call that makes a record.
    pub(crate) async fn make<O: Endpoint>(
        &self,
        kind: Kind,
        call: Call<O>,
    ) -> Flow<Response<O::Response>> {
        let made = self.ok(call).await?;
        let text = |pointer| made.pointer(pointer)?.as_str().map(str::to_owned);
        let ours = match kind {
            Kind::Customer => text("/name").is_some_and(|name| name.starts_with(&self.run)),
            Kind::Contact | Kind::Onboarding => {
                text("/customer_id").is_some_and(|id| self.created_records.has(Kind::Customer, &id))
            }
        };
        let operation = &self.operation(O::NAME)?;
        if !ours {
            // What is not ours is neither changed nor removed.
            let status = made.meta.status().as_u16();
            let rule = self.answer_pointer(operation, status);
            let message = "another record than was made".to_owned();
            self.deviates(operation, status, "/response/body", &rule, message);
            return Err(Stop::Told);
        }
        if let Some(id) = text("/id") {
            self.created_records.made(kind, &id);
        }
        Ok(made)
    }

    /// What a call came to that must be refused with this status.
    pub(crate) fn refused<T>(
        &self,
        operation: &str,
        status: u16,
        sent: Result<T, Error>,
    ) -> Flow<()> {
        let operation = &self.operation(operation)?;
        let rule = self.answer_pointer(operation, status);
        let got = match sent {
            Ok(_) => operation
                .success()
                .and_then(|response| response.status.parse().ok())
                .unwrap_or(200),
            Err(error) => match error.status().map(|status| status.as_u16()) {
                Some(got) if got == status => {
                    self.kind_fits(operation, &error, status);
                    return Ok(());
                }
                Some(got) => match silent(operation, got, &error) {
                    Some(stop) => return Err(stop),
                    None => got,
                },
                None => return Err(Stop::Failed(brief(&error))),
            },
        };
        let message = format!("expected to be refused with {status}");
        self.deviates(operation, got, "/response/status", &rule, message);
        Err(Stop::Told)
    }

    /// Whether what was sent came back: every property that is in both.
    pub(crate) fn echoes<T>(
        &self,
        operation: &str,
        sent: &impl serde::Serialize,
        answer: &Response<T>,
    ) -> Flow {
        let operation = &self.operation(operation)?;
        let sent = serde_json::to_value(sent).unwrap_or_default();
        let status = answer.meta.status().as_u16();
        let Some(body) = operation.body() else {
            return Ok(());
        };
        let known = self.contract.schema(&body.content.schema.pointer);
        for (name, sent) in sent.as_object().into_iter().flatten() {
            let Some(rule) = known.properties.get(name) else {
                continue;
            };
            let came = answer.pointer(&child("", name));
            if came.as_ref().is_some_and(|came| !same(sent, came)) {
                let place = child("/response/body", name);
                let came = shown::shape(&came.unwrap_or_default());
                let sent = shown::shape(sent);
                let message = format!("{sent} was sent, and another value, {came}, came back");
                self.deviates(operation, status, &place, rule, message);
            }
        }
        Ok(())
    }

    /// A rule about what a parameter of the query does.
    pub(crate) fn parameter_holds(
        &self,
        operation: &str,
        name: &str,
        holds: bool,
        message: &str,
    ) -> Flow {
        let operation = &self.operation(operation)?;
        if !holds {
            let parameter = operation.parameter("query", name);
            let rule = parameter.map_or(operation.pointer.clone(), |known| known.schema.pointer);
            self.deviates(
                operation,
                200,
                "/response/body/data",
                &rule,
                message.to_owned(),
            );
        }
        Ok(())
    }

    /// A rule about what an operation does.
    pub(crate) fn holds(
        &self,
        operation: &str,
        status: u16,
        place: &str,
        holds: bool,
        message: &str,
    ) -> Flow {
        let operation = &self.operation(operation)?;
        if !holds {
            let rule = self.answer_pointer(operation, status);
            self.deviates(operation, status, place, &rule, message.to_owned());
        }
        Ok(())
    }

    /// Sets a fault.
    pub(crate) fn fault(&self, fault: &str) -> Flow {
        let inject = self.inject.as_ref().ok_or(Stop::Skipped("no faults"))?;
        inject(fault).map_err(Stop::Failed)
    }

    fn operation(&self, name: &str) -> Flow<Operation<'static>> {
        let missing = || Stop::Failed(format!("the contract has no operation {name}"));
        self.contract.document.operation(name).ok_or_else(missing)
    }

    fn should_have_succeeded(&self, operation: &str, error: &Error) -> Stop {
        let operation = match self.operation(operation) {
            Ok(operation) => operation,
            Err(stop) => return stop,
        };
        let Some(status) = error.status().map(|status| status.as_u16()) else {
            return Stop::Failed(brief(error));
        };
        if (200..300).contains(&status) {
            if self.log.last_was_clean() {
                let field = error.field().map_or_else(String::new, |field| {
                    format!(
                        " at {}",
                        field
                            .split('.')
                            .map(shown::name)
                            .collect::<Vec<_>>()
                            .join(".")
                    )
                });
                self.sdk(
                    &operation,
                    status,
                    format!("the SDK does not decode it{field}"),
                );
            }
            return Stop::Told;
        }
        if let Some(stop) = silent(&operation, status, error) {
            return stop;
        }
        let success = operation.success();
        let rule = success.map_or(operation.pointer.clone(), |known| known.pointer);
        let message = format!(
            "a call that the contract allows was refused: {}",
            brief(error)
        );
        self.deviates(&operation, status, "/response/status", &rule, message);
        Stop::Told
    }

    /// Whether the SDK takes a refusal for what it is.
    fn kind_fits(&self, operation: &Operation<'_>, error: &Error, status: u16) {
        let kind = match status {
            400 | 405 | 413 | 415 => ErrorKind::InvalidRequest,
            401 => ErrorKind::Authentication,
            404 => ErrorKind::NotFound,
            409 => ErrorKind::Conflict,
            429 => ErrorKind::RateLimit,
            _ => ErrorKind::Internal,
        };
        if self.log.last_was_clean() && (error.kind() != kind || error.code().is_none()) {
            let message = format!("the SDK takes it for another error: {}", error.kind());
            self.sdk(operation, status, message);
        }
    }

    fn answer_pointer(&self, operation: &Operation<'_>, status: u16) -> String {
        operation.response(status).map_or_else(
            || format!("{}/responses", operation.pointer),
            |known| known.pointer,
        )
    }

    fn deviates(
        &self,
        operation: &Operation<'_>,
        status: u16,
        place: &str,
        rule: &str,
        message: String,
    ) {
        let evidence = self.contract.evidence(rule);
        self.log.add(Violation {
            operation: operation.id.to_owned(),
            status,
            kind: ViolationKind::Behaviour,
            source: evidence.source(),
            evidence,
            place: place.to_owned(),
            rule: rule.to_owned(),
            count: 1,
            message,
        });
    }

    fn sdk(&self, operation: &Operation<'_>, status: u16, message: String) {
        let rule = self.answer_pointer(operation, status);
        self.log.add(Violation {
            operation: operation.id.to_owned(),
            status,
            kind: ViolationKind::Sdk,
            source: Source::Sdk,
            evidence: self.contract.evidence(&rule),
            place: "/response/body".to_owned(),
            rule,
            count: 1,
            message,
        });
    }
}

/// How a case ends on a status that says nothing of what the call does: the observer has told of
/// it, or the server failed.
fn silent(operation: &Operation<'_>, status: u16, error: &Error) -> Option<Stop> {
    if operation.response(status).is_none() {
        Some(Stop::Told)
    } else if status == 429 || status >= 500 {
        Some(Stop::Failed(brief(error)))
    } else {
        None
    }
}

/// Whether two values say the same; times may be written with another precision.
fn same(sent: &Value, came: &Value) -> bool {
    let time = |value: &Value| value.as_str()?.parse::<jiff::Timestamp>().ok();
    sent == came || time(sent).is_some_and(|sent| time(came) == Some(sent))
}
