//! `pivotal customers`, `contacts`, `onboardings`, `me` and `health`.

use clap::{Args, Subcommand};
use pivotal_sdk::requests::{
    ListCustomerContactsRequest, ListCustomersRequest, ListOnboardingsRequest,
};
use pivotal_sdk::{ByKey, Call, Client, Delivery, Result as SdkResult};
use serde::Serialize;

use crate::connect::Run;
use crate::fields::{self, Fields};
use crate::guard;
use crate::lists::{Filters, ListArguments};
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
    async fn send<O: ByKey>(
        &self,
        call: Call<O>,
        output: &Output,
        schema: &'static str,
    ) -> Result<(), Failure>
    where
        O::Response: Serialize,
    {
        output.check_columns(RowKind::of(schema))?;
        let call = match &self.idempotency_key {
            Some(key) => call.idempotency_key(key),
            None => call,
        };
        let created = call.await.map_err(|error| match error.idempotency_key() {
            Some(key) if error.delivery() == Delivery::Unknown => Failure::step(format!(
                "{error}; to repeat it without a second row, add --idempotency-key {key}"
            )),
            _ => error.into(),
        })?;
        output.object(schema, &created)
    }
}

impl Delete {
    /// The ID, if the row may be deleted.
    fn permitted(&self, client: &Client, kind: &str) -> Result<&str, Failure> {
        guard::permit_deletion(client, self.yes, &format!("{kind} {}", self.id))?;
        Ok(&self.id)
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
    schema: &'static str,
    call: impl IntoFuture<Output = SdkResult<R>>,
) -> Result<(), Failure> {
    output.check_columns(RowKind::of(schema))?;
    output.object(schema, &call.await?)
}

impl Run for Customers {
    async fn run(self, client: &Client, output: &Output) -> Result<(), Failure> {
        let customers = client.customers();
        match self {
            Self::List(list) => {
                let request = ListCustomersRequest::new();
                list.run(client, request, CUSTOMERS, output).await
            }
            Self::Get(one) => show(output, "Customer", client.customer(one.id).get()).await,
            Self::Create(create) => {
                let call = customers.create(create.fields.body("create-customer")?);
                create.send(call, output, "Customer").await
            }
            Self::Update(update) => {
                let changes = update.fields.body("update-customer")?;
                let call = client.customer(update.id).update(changes);
                show(output, "Customer", call).await
            }
            Self::Delete(delete) => {
                let id = delete.permitted(client, "customer")?;
                show(output, "Deleted", client.customer(id).delete()).await
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
            Self::Get(one) => show(output, "Contact", client.contact(one.id).get()).await,
            Self::Create { customer, create } => {
                let contacts = client.customer(customer).contacts();
                let call = contacts.create(create.fields.body("create-customer-contact")?);
                create.send(call, output, "Contact").await
            }
            Self::Update(update) => {
                let changes = update.fields.body("update-contact")?;
                let call = client.contact(update.id).update(changes);
                show(output, "Contact", call).await
            }
            Self::Delete(delete) => {
                let id = delete.permitted(client, "contact")?;
                show(output, "Deleted", client.contact(id).delete()).await
            }
        }
    }
}

impl Run for Onboardings {
    async fn run(self, client: &Client, output: &Output) -> Result<(), Failure> {
        const SCHEMA: &str = ONBOARDINGS.schema;
        match self {
            Self::List(mut list) => {
                find_customer(client, &mut list.filters).await?;
                let request = ListOnboardingsRequest::new();
                list.run(client, request, ONBOARDINGS, output).await
            }
            Self::Get(one) => show(output, SCHEMA, client.onboarding(one.id).get()).await,
            Self::Create(create) => {
                let body = create.fields.body("create-onboarding")?;
                let call = client.onboardings().create(body);
                create.send(call, output, SCHEMA).await
            }
            Self::Update(update) => {
                let changes = update.fields.body("update-onboarding")?;
                let call = client.onboarding(update.id).update(changes);
                show(output, SCHEMA, call).await
            }
            Self::Delete(delete) => {
                let id = delete.permitted(client, "onboarding")?;
                show(output, "Deleted", client.onboarding(id).delete()).await
            }
            Self::Advance(one) => {
                output.check_columns(ONBOARDINGS)?;
                match client.onboarding(&one.id).advance().await? {
                    Some(onboarding) => output.object(SCHEMA, &onboarding),
                    None => Err(Failure::step(format!(
                        "onboarding {} is in the last phase",
                        one.id
                    ))),
                }
            }
            Self::Pause(one) => show(output, SCHEMA, client.onboarding(one.id).pause()).await,
            Self::Resume(one) => show(output, SCHEMA, client.onboarding(one.id).resume()).await,
        }
    }
}

impl Run for Me {
    async fn run(self, client: &Client, output: &Output) -> Result<(), Failure> {
        show(output, "Me", client.me()).await
    }
}

impl Run for Health {
    async fn run(self, client: &Client, output: &Output) -> Result<(), Failure> {
        show(output, "Health", client.health()).await
    }
}

/// Puts the ID of a customer in the place of its number. That the filter takes a number is not
/// documented, and a server that does not know it would find nothing, so the ID is looked up.
pub(crate) async fn find_customer(
    client: &Client,
    filters: &mut Filters<ListOnboardingsRequest>,
) -> Result<(), Failure> {
    for (name, value) in &mut filters.given {
        if *name == "customer_id" && value.bytes().all(|byte| byte.is_ascii_digit()) {
            *value = client.customer(&*value).get().await?.id;
        }
    }
    Ok(())
}
