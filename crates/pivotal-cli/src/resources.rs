//! `pivotal customers`, `contacts`, `onboardings`, `me` and `health`.

use clap::{Args, Subcommand};
use pivotal_sdk::requests::{
    ListCustomerContactsRequest, ListCustomersRequest, ListOnboardingsRequest,
};
use pivotal_sdk::{ByKey, Call, Client, Delivery, Endpoint, Result as SdkResult};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::connect::Run;
use crate::fields::{self, Fields};
use crate::guard;
use crate::lists::ListArguments;
use crate::output::{Output, RowKind};
use crate::report::Failure;

pub(crate) const CUSTOMERS: RowKind = RowKind {
    schema: "Customer",
    columns: &["display_id", "name", "slug", "status", "plan", "mrr"],
    added: &[],
};

pub(crate) const CONTACTS: RowKind = RowKind {
    schema: "Contact",
    columns: &["display_id", "name", "email", "title", "is_primary"],
    added: &[],
};

pub(crate) const ONBOARDINGS: RowKind = RowKind {
    schema: "Onboarding",
    columns: &[
        "display_id",
        "customer_id",
        "phase",
        "state",
        "target_launch_date",
        "waiting_on_customer",
    ],
    added: &[],
};

#[derive(Debug, Subcommand)]
pub(crate) enum Customers {
    /// List customers, newest first.
    List(ListArguments<ListCustomersRequest>),
    /// Print a customer.
    Get(One),
    /// Create a customer.
    #[command(after_help = fields::help("create-customer"))]
    Create(Create),
    /// Change the given fields of a customer.
    #[command(after_help = fields::help("update-customer"))]
    Update(Update),
    /// Delete a customer. Its contacts and onboardings disappear from all lists.
    Delete(Delete),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Contacts {
    /// List the contacts of a customer, newest first.
    List {
        /// The customer: the number shown in the app, or the ID.
        customer: String,
        #[command(flatten)]
        list: ListArguments<ListCustomerContactsRequest>,
    },
    /// Print a contact.
    Get(One),
    /// Create a contact of a customer.
    #[command(after_help = fields::help("create-customer-contact"))]
    Create {
        /// The customer: the number shown in the app, or the ID.
        customer: String,
        #[command(flatten)]
        create: Create,
    },
    /// Change the given fields of a contact.
    #[command(after_help = fields::help("update-contact"))]
    Update(Update),
    /// Delete a contact.
    Delete(Delete),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Onboardings {
    /// List onboardings, newest first.
    List(ListArguments<ListOnboardingsRequest>),
    /// Print an onboarding.
    Get(One),
    /// Create an onboarding.
    #[command(after_help = fields::help("create-onboarding"))]
    Create(Create),
    /// Change the given fields of an onboarding.
    #[command(after_help = fields::help("update-onboarding"))]
    Update(Update),
    /// Delete an onboarding.
    Delete(Delete),
    /// Move an onboarding to its next phase.
    Advance(One),
    /// Set the state of an onboarding to paused.
    Pause(One),
    /// Set the state of an onboarding to active.
    Resume(One),
}

/// One row.
#[derive(Debug, Args)]
pub(crate) struct One {
    /// The number shown in the app, or the ID.
    id: String,
}

// Without a group, whose name would be that of a variant above.
#[derive(Debug, Args)]
#[group(skip)]
pub(crate) struct Create {
    #[command(flatten)]
    fields: Fields,
    /// Create at most one row per key within 24 hours. By default, a new key is generated.
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Update {
    /// The number shown in the app, or the ID.
    id: String,
    #[command(flatten)]
    fields: Fields,
}

#[derive(Debug, Args)]
pub(crate) struct Delete {
    /// The number shown in the app, or the ID.
    id: String,
    /// Delete with a live key without asking.
    #[arg(short, long)]
    yes: bool,
}

impl Create {
    /// Sends a create, and prints the row.
    async fn send<B: DeserializeOwned, O: ByKey<Response: Serialize>>(
        self,
        output: &Output,
        kind: RowKind,
        call: impl FnOnce(B) -> Call<O>,
    ) -> Result<(), Failure> {
        let call = call(self.fields.body(O::OPERATION.name)?);
        output.check_columns(kind)?;
        let call = match self.idempotency_key {
            Some(key) => call.idempotency_key(key),
            None => call,
        };
        let created = call.await.map_err(|error| match error.idempotency_key() {
            Some(key) if error.delivery() == Delivery::Unknown => Failure::step(format!(
                "{error}; to repeat it without a second row, add --idempotency-key {key}"
            )),
            _ => error.into(),
        })?;
        output.object(kind.schema, &created)
    }
}

impl Update {
    /// Sends the changes, and prints the row.
    async fn send<B: DeserializeOwned, O: Endpoint<Response: Serialize>>(
        self,
        output: &Output,
        kind: RowKind,
        call: impl FnOnce(String, B) -> Call<O>,
    ) -> Result<(), Failure> {
        let changes = self.fields.body(O::OPERATION.name)?;
        show(output, kind, call(self.id, changes)).await
    }
}

impl Delete {
    /// Deletes the row if it may be deleted; `kind` names it.
    async fn send<O: Endpoint<Response: Serialize>>(
        self,
        client: &Client,
        output: &Output,
        kind: &str,
        call: impl FnOnce(String) -> Call<O>,
    ) -> Result<(), Failure> {
        guard::permit_deletion(client, self.yes, &format!("{kind} {}", self.id))?;
        show(output, RowKind::of("Deleted"), call(self.id)).await
    }
}

/// The owner of the API key.
#[derive(Debug, Args)]
pub(crate) struct Me {}

/// Whether the API is up.
#[derive(Debug, Args)]
pub(crate) struct Health {}

/// Sends a call, and prints the row that it returns.
async fn show<R: Serialize>(
    output: &Output,
    kind: RowKind,
    call: impl IntoFuture<Output = SdkResult<R>>,
) -> Result<(), Failure> {
    output.check_columns(kind)?;
    output.object(kind.schema, &call.await?)
}

impl Run for Customers {
    async fn run(self, client: &Client, output: &Output) -> Result<(), Failure> {
        match self {
            Self::List(list) => {
                let request = ListCustomersRequest::new();
                list.run(client, request, CUSTOMERS, output).await
            }
            Self::Get(one) => show(output, CUSTOMERS, client.customer(one.id).get()).await,
            Self::Create(create) => {
                let call = |customer| client.customers().create(customer);
                create.send(output, CUSTOMERS, call).await
            }
            Self::Update(update) => {
                let call = |id, changes| client.customer(id).update(changes);
                update.send(output, CUSTOMERS, call).await
            }
            Self::Delete(delete) => {
                let call = |id| client.customer(id).delete();
                delete.send(client, output, "customer", call).await
            }
        }
    }
}

impl Run for Contacts {
    async fn run(self, client: &Client, output: &Output) -> Result<(), Failure> {
        match self {
            Self::List { customer, list } => {
                let request = ListCustomerContactsRequest::new(customer);
                list.run(client, request, CONTACTS, output).await
            }
            Self::Get(one) => show(output, CONTACTS, client.contact(one.id).get()).await,
            Self::Create { customer, create } => {
                let contacts = client.customer(customer).contacts();
                let call = |contact| contacts.create(contact);
                create.send(output, CONTACTS, call).await
            }
            Self::Update(update) => {
                let call = |id, changes| client.contact(id).update(changes);
                update.send(output, CONTACTS, call).await
            }
            Self::Delete(delete) => {
                let call = |id| client.contact(id).delete();
                delete.send(client, output, "contact", call).await
            }
        }
    }
}

impl Run for Onboardings {
    async fn run(self, client: &Client, output: &Output) -> Result<(), Failure> {
        match self {
            Self::List(mut list) => {
                list.filters.find_customer(client).await?;
                let request = ListOnboardingsRequest::new();
                list.run(client, request, ONBOARDINGS, output).await
            }
            Self::Get(one) => show(output, ONBOARDINGS, client.onboarding(one.id).get()).await,
            Self::Create(create) => {
                let call = |onboarding| client.onboardings().create(onboarding);
                create.send(output, ONBOARDINGS, call).await
            }
            Self::Update(update) => {
                let call = |id, changes| client.onboarding(id).update(changes);
                update.send(output, ONBOARDINGS, call).await
            }
            Self::Delete(delete) => {
                let call = |id| client.onboarding(id).delete();
                delete.send(client, output, "onboarding", call).await
            }
            Self::Advance(one) => {
                output.check_columns(ONBOARDINGS)?;
                match client.onboarding(&one.id).advance().await? {
                    Some(onboarding) => output.object(ONBOARDINGS.schema, &onboarding),
                    None => Err(Failure::step(format!(
                        "onboarding {} is in the last phase",
                        one.id
                    ))),
                }
            }
            Self::Pause(one) => show(output, ONBOARDINGS, client.onboarding(one.id).pause()).await,
            Self::Resume(one) => {
                show(output, ONBOARDINGS, client.onboarding(one.id).resume()).await
            }
        }
    }
}

impl Run for Me {
    async fn run(self, client: &Client, output: &Output) -> Result<(), Failure> {
        show(output, RowKind::of("Me"), client.me()).await
    }
}

impl Run for Health {
    async fn run(self, client: &Client, output: &Output) -> Result<(), Failure> {
        show(output, RowKind::of("Health"), client.health()).await
    }
}
