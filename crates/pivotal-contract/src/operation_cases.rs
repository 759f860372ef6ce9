//! How the request of each operation is built: one row for each operation of the contract.
//!
//! The [suite](crate::Suite) and the tests of this workspace loop over the operations of the
//! contract and look up the row here. What can be derived from the contract (paths, statuses,
//! invalid bodies) is not in the table.

use std::collections::BTreeMap;
use std::fmt::Debug;

use pivotal_sdk::{
    BoxFuture, ByKey, Call, Client, CreateContact, CreateCustomer, CreateOnboarding,
    CustomerStatus, Endpoint, Error, Meta, OnboardingPhase, OnboardingState, Response, Timestamp,
    UpdateContact, UpdateCustomer, UpdateOnboarding,
};
use serde::Serialize;
use serde_json::Value;

/// The requests of one operation.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct OperationCase {
    /// The operation's Rust name: `create_customer`.
    pub operation: &'static str,
    /// With only what is required.
    pub minimal: Send,
    /// With every parameter and every property, where there is more than the minimum.
    pub maximal: Option<Send>,
    /// With null, or an empty list, for every property that takes it: for updates.
    pub cleared: Option<Send>,
}

/// Sends a request.
pub type Send = fn(&Client, &Inputs) -> BoxFuture<'static, Result<Reply, Error>>;

/// What a request is built from.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// The name of what is created; also its slug, and the local part of its email address.
    pub name: String,
    /// The idempotency key of a create; without one the SDK generates it.
    pub idempotency_key: Option<String>,
    id: String,
    ids: BTreeMap<String, String>,
}

/// A successful response.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Reply {
    /// Status, headers and body.
    pub meta: Meta,
    /// The decoded response as Rust shows it.
    pub debug: String,
    /// The decoded response, encoded again.
    pub json: Value,
}

impl OperationCase {
    /// The requests with their names, the minimal one first.
    pub fn requests(&self) -> impl Iterator<Item = (&'static str, Send)> {
        [
            ("minimal", Some(self.minimal)),
            ("maximal", self.maximal),
            ("cleared", self.cleared),
        ]
        .into_iter()
        .filter_map(|(name, send)| Some((name, send?)))
    }
}

impl Inputs {
    /// Inputs in which the record of every collection has the same ID.
    pub fn new(name: impl Into<String>, id: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            idempotency_key: None,
            id: id.into(),
            ids: BTreeMap::new(),
        }
    }

    /// Sets the ID of a collection's record: of `customers`, as in `/api/v1/customers/{id}`.
    #[must_use]
    pub fn with_id(mut self, collection: impl Into<String>, id: impl Into<String>) -> Self {
        self.ids.insert(collection.into(), id.into());
        self
    }

    /// The ID of a collection's record.
    pub fn id(&self, collection: &str) -> &str {
        self.ids.get(collection).unwrap_or(&self.id)
    }

    /// The path template with these IDs.
    pub fn path(&self, template: &str) -> String {
        let mut path = String::new();
        let mut collection = "";
        for segment in template.split('/').skip(1) {
            path.push('/');
            path.push_str(match segment.starts_with('{') {
                true => self.id(collection),
                false => segment,
            });
            collection = segment;
        }
        path
    }

    fn email(&self) -> String {
        format!("{}@example.com", self.name)
    }
}

impl Reply {
    /// The body as JSON; null if it is none.
    pub fn body(&self) -> Value {
        self.meta.pointer("").unwrap_or_default()
    }
}

impl<T: Serialize + Debug> From<Response<T>> for Reply {
    fn from(response: Response<T>) -> Self {
        Self {
            debug: format!("{:#?}", response.value),
            json: serde_json::to_value(&response.value).unwrap_or_default(),
            meta: response.meta,
        }
    }
}

/// The row of an operation, by its Rust name.
pub fn operation_case(operation: &str) -> Option<&'static OperationCase> {
    OPERATION_CASES
        .iter()
        .find(|case| case.operation == operation)
}

fn send<O: Endpoint>(call: Call<O>) -> BoxFuture<'static, Result<Reply, Error>>
where
    O::Response: Serialize + Debug,
{
    Box::pin(async { call.with_meta().await.map(Reply::from) })
}

/// The call under the key of the inputs.
fn keyed<O: ByKey>(call: Call<O>, inputs: &Inputs) -> Call<O> {
    match &inputs.idempotency_key {
        Some(key) => call.idempotency_key(key),
        None => call,
    }
}

fn launch() -> Timestamp {
    "2026-07-15T00:00:00Z".parse().expect("it is a timestamp")
}

/// A row: the operation, and its calls as `minimal`, `maximal` and `cleared`.
macro_rules! case {
    ($operation:ident, $minimal:expr) => {
        case!(@ $operation, $minimal, None, None)
    };
    ($operation:ident, $minimal:expr, $maximal:expr) => {
        case!(@ $operation, $minimal, Some(|client, inputs| send($maximal(client, inputs))), None)
    };
    ($operation:ident, $minimal:expr, $maximal:expr, $cleared:expr) => {
        case!(
            @ $operation,
            $minimal,
            Some(|client, inputs| send($maximal(client, inputs))),
            Some(|client, inputs| send($cleared(client, inputs)))
        )
    };
    (@ $operation:ident, $minimal:expr, $maximal:expr, $cleared:expr) => {
        OperationCase {
            operation: stringify!($operation),
            minimal: |client, inputs| send($minimal(client, inputs)),
            maximal: $maximal,
            cleared: $cleared,
        }
    };
}

/// Every operation that has a row.
pub const OPERATION_CASES: &[OperationCase] = &[
    case!(get_me, |c: &Client, _| c.me()),
    case!(get_health, |c: &Client, _| c.health()),
    case!(
        list_customers,
        |c: &Client, _| c.customers().list(),
        |c: &Client, i: &Inputs| c
            .customers()
            .list()
            .limit(100)
            .cursor("2026-05-26T17:21:09.412Z")
            .status(CustomerStatus::AtRisk)
            .slug(&i.name)
    ),
    case!(
        create_customer,
        |c: &Client, i: &Inputs| keyed(c.customers().create(CreateCustomer::new(&i.name)), i),
        |c: &Client, i: &Inputs| {
            let body = CreateCustomer::new(&i.name)
                .slug(&i.name)
                .domain("example.com")
                .status(CustomerStatus::Active)
                .plan("Growth")
                .mrr(240_000)
                .monthly_orders(1_800)
                .hubspot_company_id("hubspot-1")
                .hubspot_deal_id("hubspot-2")
                .stripe_customer_id("stripe-1")
                .intercom_company_id("intercom-1")
                .slack_channel_id("slack-1");
            keyed(c.customers().create(body), i)
        }
    ),
    case!(get_customer, |c: &Client, i: &Inputs| c
        .customer(i.id("customers"))
        .get()),
    case!(
        update_customer,
        |c: &Client, i: &Inputs| c.customer(i.id("customers")).update(UpdateCustomer::new()),
        |c: &Client, i: &Inputs| c.customer(i.id("customers")).update(
            UpdateCustomer::new()
                .name(format!("{}-renamed", i.name))
                .slug(format!("{}-renamed", i.name))
                .domain("example.org")
                .status(CustomerStatus::AtRisk)
                .plan("Scale")
                .mrr(480_000)
                .monthly_orders(2_000)
                .hubspot_company_id("hubspot-3")
                .hubspot_deal_id("hubspot-4")
                .stripe_customer_id("stripe-2")
                .intercom_company_id("intercom-2")
                .slack_channel_id("slack-2")
        ),
        |c: &Client, i: &Inputs| c.customer(i.id("customers")).update(
            UpdateCustomer::new()
                .clear_slug()
                .clear_domain()
                .clear_plan()
                .clear_mrr()
                .clear_monthly_orders()
                .clear_hubspot_company_id()
                .clear_hubspot_deal_id()
                .clear_stripe_customer_id()
                .clear_intercom_company_id()
                .clear_slack_channel_id()
        )
    ),
    case!(delete_customer, |c: &Client, i: &Inputs| c
        .customer(i.id("customers"))
        .delete()),
    case!(
        list_customer_contacts,
        |c: &Client, i: &Inputs| c.customer(i.id("customers")).contacts().list(),
        |c: &Client, i: &Inputs| c
            .customer(i.id("customers"))
            .contacts()
            .list()
            .limit(1)
            .cursor("2026-05-26T17:21:09.412Z")
    ),
    case!(
        create_customer_contact,
        |c: &Client, i: &Inputs| {
            let body = CreateContact::new("Ada Park", i.email());
            keyed(c.customer(i.id("customers")).contacts().create(body), i)
        },
        |c: &Client, i: &Inputs| {
            let body = CreateContact::new("Ada Park", i.email())
                .title("Head of Ops")
                .is_primary(true)
                .labels(["billing", "technical"]);
            keyed(c.customer(i.id("customers")).contacts().create(body), i)
        }
    ),
    case!(get_contact, |c: &Client, i: &Inputs| c
        .contact(i.id("contacts"))
        .get()),
    case!(
        update_contact,
        |c: &Client, i: &Inputs| c.contact(i.id("contacts")).update(UpdateContact::new()),
        |c: &Client, i: &Inputs| c.contact(i.id("contacts")).update(
            UpdateContact::new()
                .name("Ada Park-Lund")
                .email(format!("renamed-{}", i.email()))
                .title("Head of Ops")
                .is_primary(true)
                .labels(["billing", "technical"])
        ),
        |c: &Client, i: &Inputs| c
            .contact(i.id("contacts"))
            .update(UpdateContact::new().clear_title().labels([] as [&str; 0]))
    ),
    case!(delete_contact, |c: &Client, i: &Inputs| c
        .contact(i.id("contacts"))
        .delete()),
    case!(
        list_onboardings,
        |c: &Client, _| c.onboardings().list(),
        |c: &Client, i: &Inputs| c
            .onboardings()
            .list()
            .limit(25)
            .cursor("2026-05-26T17:21:09.412Z")
            .customer_id(i.id("customers"))
            .state(OnboardingState::Waiting)
            .phase(OnboardingPhase::Launch)
    ),
    case!(
        create_onboarding,
        |c: &Client, i: &Inputs| {
            let body = CreateOnboarding::new(i.id("customers"));
            keyed(c.onboardings().create(body), i)
        },
        |c: &Client, i: &Inputs| {
            let body = CreateOnboarding::new(i.id("customers"))
                .phase(OnboardingPhase::Completed)
                .state(OnboardingState::Waiting)
                .target_launch_date(launch())
                .template_id("template-1")
                .csm_id("user-1")
                .se_id("user-2")
                .designer_id("user-3")
                .product_ops_id("user-4")
                .notes("Kick-off on Monday.")
                .waiting_on_customer(true)
                .reminder_email(false)
                .reminder_slack(false)
                .reminder_frequency_days(3);
            keyed(c.onboardings().create(body), i)
        }
    ),
    case!(list_customer_onboardings, |c: &Client, i: &Inputs| c
        .customer(i.id("customers"))
        .onboardings()
        .list()),
    case!(get_onboarding, |c: &Client, i: &Inputs| c
        .onboarding(i.id("onboardings"))
        .get()),
    case!(
        update_onboarding,
        |c: &Client, i: &Inputs| c
            .onboarding(i.id("onboardings"))
            .update(UpdateOnboarding::new()),
        |c: &Client, i: &Inputs| c.onboarding(i.id("onboardings")).update(
            UpdateOnboarding::new()
                .phase(OnboardingPhase::Completed)
                .state(OnboardingState::AtRisk)
                .target_launch_date(launch())
                .template_id("template-2")
                .csm_id("user-5")
                .se_id("user-6")
                .designer_id("user-7")
                .product_ops_id("user-8")
                .notes("Moved to Tuesday.")
                .waiting_on_customer(true)
                .reminder_email(false)
                .reminder_slack(false)
                .reminder_frequency_days(2)
        ),
        |c: &Client, i: &Inputs| c.onboarding(i.id("onboardings")).update(
            UpdateOnboarding::new()
                .phase(OnboardingPhase::Launch)
                .waiting_on_customer(false)
                .clear_target_launch_date()
                .clear_template_id()
                .clear_csm_id()
                .clear_se_id()
                .clear_designer_id()
                .clear_product_ops_id()
                .clear_notes()
        )
    ),
    case!(delete_onboarding, |c: &Client, i: &Inputs| c
        .onboarding(i.id("onboardings"))
        .delete()),
];
