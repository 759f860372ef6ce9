//! How the request of each operation is built: one row for each operation of the contract.
//!
//! The [suite](crate::Suite) and the tests of this workspace loop over the operations of the
//! contract and look up the row here. What can be derived from the contract (paths, statuses,
//! invalid bodies) is not in the table.

use std::collections::BTreeMap;
use std::fmt::Debug;

#[allow(
    clippy::wildcard_imports,
    reason = "a row is all that a new operation needs"
)]
use pivotal_sdk::raw::{models::*, requests::*};
use pivotal_sdk::transport::BoxFuture;
use pivotal_sdk::{ByKey, Client, Endpoint, Error, Meta, Response};
use serde::Serialize;
use serde_json::Value;

/// The requests of one operation.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct OperationCase {
    /// The operation's Rust name: `create_customer`.
    pub operation: &'static str,
    /// With only what is required; an update with one property, because an empty one is not sent.
    pub minimal: SendRequest,
    /// With every parameter and every property, where there is more than the minimum.
    pub maximal: Option<SendRequest>,
    /// With null, or an empty list, for every property that takes it.
    pub cleared: Option<SendRequest>,
}

/// Sends a request.
pub type SendRequest = fn(&Client, &Inputs) -> Sent;

/// What a request comes to.
pub type Sent = BoxFuture<'static, Result<Reply, Error>>;

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
    pub fn requests(&self) -> impl Iterator<Item = (&'static str, SendRequest)> {
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

fn send<O: Endpoint>(client: &Client, inputs: &Inputs, build: fn(&Inputs) -> O) -> Sent
where
    O::Response: Serialize + Debug,
{
    let call = client.call(build(inputs));
    Box::pin(async { call.with_meta().await.map(Reply::from) })
}

fn send_by_key<O: ByKey>(client: &Client, inputs: &Inputs, build: fn(&Inputs) -> O) -> Sent
where
    O::Response: Serialize + Debug,
{
    let mut call = client.call(build(inputs));
    if let Some(key) = &inputs.idempotency_key {
        call = call.idempotency_key(key);
    }
    Box::pin(async { call.with_meta().await.map(Reply::from) })
}

/// A row: the request type, and how to build its minimal, maximal and cleared request. `by_key`
/// stands before the type of an operation that takes an idempotency key; `id` makes the minimal request
/// from the ID of a collection's record.
macro_rules! case {
    (by_key $request:ty, $($build:expr),+) => { case!(@ send_by_key, $request, $($build),+) };
    (@ $send:ident, $request:ty, $minimal:expr $(, $maximal:expr $(, $cleared:expr)?)?) => {
        OperationCase {
            operation: <$request as Endpoint>::OPERATION.name,
            minimal: |client, inputs| $send(client, inputs, $minimal),
            maximal: case!(? $(|client, inputs| $send(client, inputs, $maximal))?),
            cleared: case!(? $($(|client, inputs| $send(client, inputs, $cleared))?)?),
        }
    };
    (?) => { None };
    (? $send:expr) => { Some($send) };
    ($request:ty, id $collection:literal) => {
        case!($request, |i| <$request>::new(i.id($collection)))
    };
    ($request:ty, $($build:expr),+) => { case!(@ send, $request, $($build),+) };
}

/// Every operation that has a row.
pub static OPERATION_CASES: &[OperationCase] = &[
    case!(GetMeRequest, |_| GetMeRequest::new()),
    case!(GetHealthRequest, |_| GetHealthRequest::new()),
    case!(ListCustomersRequest, |_| ListCustomersRequest::new(), |i| {
        ListCustomersRequest::new()
            .limit(100)
            .cursor("2026-05-26T17:21:09.412Z")
            .status(CustomerStatus::AtRisk)
            .slug(&i.name)
    }),
    case!(
        by_key CreateCustomerRequest,
        |i| CreateCustomerRequest::new(CreateCustomer::new(&i.name)),
        |i| CreateCustomerRequest::new(
            CreateCustomer::new(&i.name)
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
                .slack_channel_id("slack-1")
                .owner_id("owner-1")
        )
    ),
    case!(GetCustomerRequest, id "customers"),
    case!(
        UpdateCustomerRequest,
        |i| UpdateCustomerRequest::new(i.id("customers"), UpdateCustomer::new().name(&i.name)),
        |i| UpdateCustomerRequest::new(
            i.id("customers"),
            UpdateCustomer::new()
                .name(format!("{}-renamed", i.name))
                .slug(format!("{}-renamed", i.name))
                .domain("example.org")
                .status(CustomerStatus::Onboarding)
                .plan("Scale")
                .mrr(480_000)
                .monthly_orders(2_000)
                .hubspot_company_id("hubspot-3")
                .hubspot_deal_id("hubspot-4")
                .stripe_customer_id("stripe-2")
                .intercom_company_id("intercom-2")
                .slack_channel_id("slack-2")
                .owner_id("owner-2")
        ),
        |i| UpdateCustomerRequest::new(
            i.id("customers"),
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
                .clear_owner_id()
        )
    ),
    case!(DeleteCustomerRequest, id "customers"),
    case!(
        ListCustomerContactsRequest,
        |i| ListCustomerContactsRequest::new(i.id("customers")),
        |i| ListCustomerContactsRequest::new(i.id("customers"))
            .limit(1)
            .cursor("2026-05-26T17:21:09.412Z")
    ),
    case!(
        by_key CreateCustomerContactRequest,
        |i| CreateCustomerContactRequest::new(
            i.id("customers"),
            CreateContact::new("Ada Park", i.email())
        ),
        |i| CreateCustomerContactRequest::new(
            i.id("customers"),
            CreateContact::new("Ada Park", i.email())
                .title("Head of Ops")
                .is_primary(true)
                .labels(["billing", "technical"])
        )
    ),
    case!(GetContactRequest, id "contacts"),
    case!(
        UpdateContactRequest,
        |i| UpdateContactRequest::new(i.id("contacts"), UpdateContact::new().name("Ada Park")),
        |i| UpdateContactRequest::new(
            i.id("contacts"),
            UpdateContact::new()
                .name("Ada Park-Lund")
                .email(format!("renamed-{}", i.email()))
                .title("Head of Ops")
                .is_primary(true)
                .labels(["billing", "technical"])
        ),
        |i| UpdateContactRequest::new(
            i.id("contacts"),
            UpdateContact::new().clear_title().labels([] as [&str; 0])
        )
    ),
    case!(DeleteContactRequest, id "contacts"),
    case!(
        ListOnboardingsRequest,
        |_| ListOnboardingsRequest::new(),
        |i| ListOnboardingsRequest::new()
            .limit(25)
            .cursor("2026-05-26T17:21:09.412Z")
            .customer_id(i.id("customers"))
            .state(OnboardingState::Waiting)
            .phase(OnboardingPhase::Launch)
    ),
    case!(
        by_key CreateOnboardingRequest,
        |i| CreateOnboardingRequest::new(CreateOnboarding::new(i.id("customers"))),
        |i| CreateOnboardingRequest::new(
            CreateOnboarding::new(i.id("customers"))
                .phase(OnboardingPhase::Completed)
                .state(OnboardingState::Waiting)
                .target_launch_date("2026-07-15")
                .template_id("template-1")
                .csm_id("user-1")
                .se_id("user-2")
                .designer_id("user-3")
                .product_ops_id("user-4")
                .notes("Kick-off on Monday.")
                .waiting_on_customer(true)
                .reminder_email(false)
                .reminder_slack(false)
                .reminder_frequency_days(3)
        )
    ),
    case!(ListCustomerOnboardingsRequest, id "customers"),
    case!(GetOnboardingRequest, id "onboardings"),
    case!(
        UpdateOnboardingRequest,
        |i| UpdateOnboardingRequest::new(
            i.id("onboardings"),
            UpdateOnboarding::new().state("active")
        ),
        |i| UpdateOnboardingRequest::new(
            i.id("onboardings"),
            UpdateOnboarding::new()
                .phase(OnboardingPhase::Completed)
                .state(OnboardingState::AtRisk)
                .target_launch_date("2026-07-15")
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
        |i| UpdateOnboardingRequest::new(
            i.id("onboardings"),
            UpdateOnboarding::new()
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
    case!(DeleteOnboardingRequest, id "onboardings"),
];
