//! The cases of the suite, derived from the operations of the contract.

mod lifecycle;
mod reads;

use std::collections::BTreeSet;

use pivotal_openapi::Operation;
use pivotal_sdk::Client;
use serde_json::json;

use super::fixture::{Fixture, Flow, Stop};
use super::resource::{Resource, listed, resources};
use crate::contract::Contract;
use crate::operation_cases::{OperationCase, operation_case};
use reads::List;

/// What a case does to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// It reads. Should the server not refuse what it has to refuse, it reads all the same.
    Reads,
    /// It creates and changes records of its own, or would if the server did not refuse.
    Writes,
    /// It needs a server that fails on command.
    Faults,
}

/// A property whose value may not occur twice in a workspace, and the component that has it.
const UNIQUE: [(&str, &str); 2] = [("Customer", "slug"), ("Contact", "email")];

/// One case.
pub(crate) struct Case {
    /// The operation, a colon, and what is checked.
    pub(crate) name: String,
    pub(crate) access: Access,
    pub(crate) operation: Operation<'static>,
    row: &'static OperationCase,
    check: Check,
}

/// What a case checks.
#[derive(Clone, Debug)]
enum Check {
    Succeeds,
    Lists(String),
    InvalidQuery,
    MinimalLifecycle,
    MaximalLifecycle,
    Conflicts(&'static str),
    OnRecord,
    WrongKey,
    NoRecord,
    NotJson,
    Fails { status: u16, fault: &'static str },
}

impl Case {
    pub(crate) async fn run(&self, fixture: &Fixture) -> Flow {
        let Self { operation, row, .. } = self;
        let inputs = fixture.inputs("");
        match &self.check {
            Check::Succeeds => fixture.ok(operation, row.minimal, &inputs).await.map(drop),
            Check::Lists(component) => reads::lists(fixture, self, component).await,
            Check::InvalidQuery => {
                let list = List::new(fixture, operation, &inputs);
                list.refuses_invalid_query().await
            }
            Check::MinimalLifecycle => {
                lifecycle::minimal(fixture, self.created(fixture)?, row).await
            }
            Check::MaximalLifecycle => {
                lifecycle::maximal(fixture, self.created(fixture)?, row).await
            }
            Check::Conflicts(property) => {
                lifecycle::conflicts(fixture, self.created(fixture)?, row, property).await
            }
            Check::OnRecord => self.on_record(fixture).await,
            Check::WrongKey => {
                self.refused(fixture, &fixture.invalid_key_client, 401)
                    .await
            }
            Check::NoRecord => self.refused(fixture, &fixture.client, 404).await,
            Check::NotJson => {
                let request = fixture.request(operation, &fixture.inputs("refused"));
                let request = request.json(&json!({}));
                let sent = request.header("content-type", "text/plain").await;
                fixture.refused(operation, 415, sent)
            }
            Check::Fails { status, fault } => {
                fixture.fault(&format!("{}:{fault}:count=1", operation.id))?;
                self.refused(fixture, &fixture.unlimited_client, *status)
                    .await
            }
        }
    }

    /// The resource that the operation creates, with those operations on it that are not left out.
    fn created<'f>(&self, fixture: &'f Fixture) -> Flow<&'f Resource> {
        let mut resources = fixture.resources.values();
        let found = resources.find(|resource| resource.create.id == self.operation.id);
        found.ok_or(Stop::Skipped("it creates no record that is listed"))
    }

    /// Sends the requests of an operation that is known by no kind, each to a record of its own.
    async fn on_record(&self, fixture: &Fixture) -> Flow {
        let mut resources = fixture.resources.values();
        let found = resources.find(|resource| resource.holds(&self.operation));
        let resource = found.ok_or(Stop::Skipped("no operation creates what it is called on"))?;
        lifecycle::on_record(fixture, resource, &self.operation, self.row).await
    }

    /// Sends the minimal request, which must be refused with this status.
    async fn refused(&self, fixture: &Fixture, client: &Client, status: u16) -> Flow {
        let sent = (self.row.minimal)(client, &fixture.inputs("refused")).await;
        fixture.refused(&self.operation, status, sent)
    }
}

/// All cases, in the order in which they are run: reads first, then the life of each resource, then
/// refusals and faults. An operation without a row in the case table has none.
pub(crate) fn all(contract: &Contract) -> Vec<Case> {
    let document = contract.document;
    let mut cases = Vec::new();
    let mut add = |operation: &Operation<'static>, what: &str, access, check| {
        if let Some(row) = operation_case(&operation.name()) {
            cases.push(Case {
                name: format!("{}: {what}", operation.id),
                access,
                operation: operation.clone(),
                row,
                check,
            });
        }
    };
    let reads = || document.operations().filter(|known| known.method == "GET");
    for operation in reads() {
        let (what, check) = match listed(document, &operation) {
            Some(component) => ("rows, pages and filters", Check::Lists(component)),
            None if !operation.path.contains('{') => ("succeeds", Check::Succeeds),
            None => continue,
        };
        add(&operation, what, Access::Reads, check);
    }
    for operation in reads().filter(|known| !known.path.contains('{')) {
        if !reads::invalid_queries(&operation).is_empty() {
            let (what, check) = ("an invalid query", Check::InvalidQuery);
            add(&operation, what, Access::Reads, check);
        }
    }
    let resources = resources(document, &BTreeSet::new());
    for resource in resources.values() {
        let create = &resource.create;
        let what = "minimal, then changed, cleared and deleted";
        add(create, what, Access::Writes, Check::MinimalLifecycle);
        let what = "maximal, and once per idempotency key";
        add(create, what, Access::Writes, Check::MaximalLifecycle);
        for (component, property) in UNIQUE {
            if resource.component == component {
                let what = format!("when the {property} is taken");
                add(create, &what, Access::Writes, Check::Conflicts(property));
            }
        }
    }
    for operation in document.operations() {
        let is_known = listed(document, &operation).is_some()
            || resources.values().any(|known| known.has(&operation));
        if !is_known && resources.values().any(|known| known.holds(&operation)) {
            let what = "on a record of its own";
            add(&operation, what, Access::Writes, Check::OnRecord);
        }
    }
    for operation in document.operations() {
        let documents = |status: &str| operation.responses().any(|known| known.status == status);
        let access = match operation.method {
            "GET" => Access::Reads,
            _ => Access::Writes,
        };
        if documents("401") {
            add(&operation, "with a wrong key", access, Check::WrongKey);
        }
        if documents("404") {
            add(&operation, "for no record", access, Check::NoRecord);
        }
        if documents("4XX") && operation.body().is_some() {
            let what = "a body that is not JSON";
            add(&operation, what, access, Check::NotJson);
        }
        for (status, fault) in [(429, "rate-limited=1"), (500, "status=500")] {
            if documents(&status.to_string()) {
                let what = format!("when the server returns {status}");
                let check = Check::Fails { status, fault };
                add(&operation, &what, Access::Faults, check);
            }
        }
    }
    cases
}
