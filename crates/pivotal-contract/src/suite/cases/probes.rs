//! Each operation, called with the least that it takes.

use pivotal_sdk::{
    BoxFuture, Client, CreateContact, CreateCustomer, CreateOnboarding, Error, UpdateContact,
    UpdateCustomer, UpdateOnboarding,
};

/// One operation.
pub(super) struct Probe {
    /// Its operationId.
    pub(super) operation: &'static str,
    /// Calls it, for the record with an id where it wants one, and under a name where it makes one.
    pub(super) send: fn(Client, Target) -> BoxFuture<'static, Result<(), Error>>,
}

/// What a probe is aimed at.
pub(super) struct Target {
    pub(super) id: String,
    pub(super) name: String,
}

macro_rules! probe {
    ($operation:literal, |$client:ident, $target:pat_param| $call:expr) => {
        Probe {
            operation: $operation,
            send: |$client, $target| Box::pin(async move { $call.await.map(drop) }),
        }
    };
}

/// All of them.
pub(super) const PROBES: &[Probe] = &[
    probe!("get-me", |pivotal, _| pivotal.me()),
    probe!("get-health", |pivotal, _| pivotal.health()),
    probe!("list-customers", |pivotal, _| pivotal
        .customers()
        .list()
        .limit(1)),
    probe!("create-customer", |pivotal, to| pivotal
        .customers()
        .create(CreateCustomer::new(to.name))),
    probe!("get-customer", |pivotal, to| pivotal.customer(to.id).get()),
    probe!("update-customer", |pivotal, to| pivotal
        .customer(to.id)
        .update(UpdateCustomer::new())),
    probe!("delete-customer", |pivotal, to| pivotal
        .customer(to.id)
        .delete()),
    probe!("list-customer-contacts", |pivotal, to| pivotal
        .customer(to.id)
        .contacts()
        .list()),
    probe!("create-customer-contact", |pivotal, to| pivotal
        .customer(to.id)
        .contacts()
        .create(CreateContact::new(
            to.name.clone(),
            format!("{}@example.com", to.name)
        ))),
    probe!("list-customer-onboardings", |pivotal, to| pivotal
        .customer(to.id)
        .onboardings()
        .list()),
    probe!("get-contact", |pivotal, to| pivotal.contact(to.id).get()),
    probe!("update-contact", |pivotal, to| pivotal
        .contact(to.id)
        .update(UpdateContact::new())),
    probe!("delete-contact", |pivotal, to| pivotal
        .contact(to.id)
        .delete()),
    probe!("list-onboardings", |pivotal, _| pivotal
        .onboardings()
        .list()
        .limit(1)),
    probe!("create-onboarding", |pivotal, to| pivotal
        .onboardings()
        .create(CreateOnboarding::new(to.id))),
    probe!("get-onboarding", |pivotal, to| pivotal
        .onboarding(to.id)
        .get()),
    probe!("update-onboarding", |pivotal, to| pivotal
        .onboarding(to.id)
        .update(UpdateOnboarding::new())),
    probe!("delete-onboarding", |pivotal, to| pivotal
        .onboarding(to.id)
        .delete()),
];
