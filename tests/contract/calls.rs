//! Every operation as a call of the companion, for whoever looks at its request, its responses and
//! its errors.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::pin::Pin;

use pivotal_sdk::{
    Client, CreateContact, CreateCustomer, CreateOnboarding, CustomerStatus, OPERATIONS,
    OnboardingPhase, OnboardingState, Result, UpdateContact, UpdateCustomer, UpdateOnboarding,
};
use serde::Serialize;
use serde_json::Value;

/// Operation and the calls that show it.
pub(crate) type Case = (&'static str, Shown);

/// One call where there is nothing to leave out, else the least and the most.
#[derive(Clone, Copy)]
pub(crate) enum Shown {
    Only(Send),
    Both { least: Send, most: Send },
}

impl Shown {
    /// The call that says the least.
    pub(crate) fn least(self) -> Send {
        match self {
            Self::Only(send) | Self::Both { least: send, .. } => send,
        }
    }

    /// The call that says the most.
    pub(crate) fn most(self) -> Send {
        match self {
            Self::Only(send) | Self::Both { most: send, .. } => send,
        }
    }
}

pub(crate) type Send = fn(Client) -> Pin<Box<dyn Future<Output = Result<HttpResponse>>>>;

/// What a call was answered with.
pub(crate) struct HttpResponse {
    /// As Rust shows it.
    pub(crate) shown: String,
    /// As JSON again.
    pub(crate) json: Value,
}

impl<T: Serialize + Debug> From<T> for HttpResponse {
    fn from(answer: T) -> Self {
        Self {
            shown: format!("{answer:#?}"),
            json: serde_json::to_value(&answer).expect("a response is JSON"),
        }
    }
}

/// A call of an SDK method as a case.
macro_rules! send {
    ($client:ident => $call:expr) => {
        |$client: Client| Box::pin(async move { $call.await.map(HttpResponse::from) })
    };
}

fn launch() -> pivotal_sdk::Timestamp {
    "2026-07-15T00:00:00Z".parse().expect("a timestamp")
}

/// Every operation that the companion reaches, with the least and the most that its request can
/// say.
pub(crate) fn cases() -> Vec<Case> {
    use Shown::{Both, Only};
    vec![
        ("get_me", Only(send!(pivotal => pivotal.me()))),
        ("get_health", Only(send!(pivotal => pivotal.health()))),
        (
            "list_customers",
            Both {
                least: send!(pivotal => pivotal.customers().list()),
                most: send!(pivotal => pivotal
                    .customers()
                    .list()
                    .limit(100)
                    .cursor("2026-05-26T17:21:09.412Z")
                    .status(CustomerStatus::AtRisk)
                    .slug("aurora demo")),
            },
        ),
        (
            "create_customer",
            Both {
                least: send!(pivotal => pivotal.customers().create(CreateCustomer::new("Beacon Books"))),
                most: send!(pivotal => pivotal
                    .customers()
                    .create(
                        CreateCustomer::new("Beacon Books")
                            .slug("beacon-books")
                            .domain("beacon.example")
                            .status("onboarding")
                            .plan("Growth")
                            .mrr(240_000)
                            .monthly_orders(1_800)
                            .hubspot_company_id("hs-1")
                            .hubspot_deal_id("hs-2")
                            .stripe_customer_id("cus_1")
                            .intercom_company_id("ic-1")
                            .slack_channel_id("C01")
                            .extra("metadata", serde_json::json!({ "tier": 1 })),
                    )
                    .idempotency_key("create-beacon")),
            },
        ),
        (
            "get_customer",
            Only(send!(pivotal => pivotal.customer(1).get())),
        ),
        (
            "update_customer",
            Both {
                least: send!(pivotal => pivotal.customer("1").update(UpdateCustomer::new())),
                most: send!(pivotal => pivotal.customer(1).update(
                    UpdateCustomer::new()
                        .name("Aurora")
                        .slug("aurora")
                        .status(CustomerStatus::Active)
                        .clear_domain()
                        .clear_plan()
                        .clear_mrr()
                        .monthly_orders(2_000)
                        .clear_hubspot_company_id()
                        .clear_hubspot_deal_id()
                        .clear_stripe_customer_id()
                        .clear_intercom_company_id()
                        .clear_slack_channel_id()
                        .extra("metadata", serde_json::Value::Null),
                )),
            },
        ),
        (
            "delete_customer",
            Only(send!(pivotal => pivotal.customer(1).delete())),
        ),
        (
            "list_customer_contacts",
            Both {
                least: send!(pivotal => pivotal.customer(1).contacts().list()),
                most: send!(pivotal => pivotal
                    .customer(1)
                    .contacts()
                    .list()
                    .limit(1)
                    .cursor("2026-05-26T17:21:09.412Z")),
            },
        ),
        (
            "create_customer_contact",
            Both {
                least: send!(pivotal => pivotal
                    .customer(1)
                    .contacts()
                    .create(CreateContact::new("Ada Park", "Ada@Beacon.example"))),
                most: send!(pivotal => pivotal
                    .customer(1)
                    .contacts()
                    .create(
                        CreateContact::new("Ada Park", "ada@beacon.example")
                            .title("Head of Ops")
                            .is_primary(false)
                            .labels(["billing", "technical"]),
                    )
                    .idempotency_key("create-ada")),
            },
        ),
        (
            "get_contact",
            Only(send!(pivotal => pivotal.contact(1).get())),
        ),
        (
            "update_contact",
            Both {
                least: send!(pivotal => pivotal.contact(1).update(UpdateContact::new())),
                most: send!(pivotal => pivotal.contact(1).update(
                    UpdateContact::new()
                        .name("Mira Chen-Lund")
                        .email("mira@aurora.example")
                        .clear_title()
                        .is_primary(true)
                        .labels([] as [&str; 0]),
                )),
            },
        ),
        (
            "delete_contact",
            Only(send!(pivotal => pivotal.contact(1).delete())),
        ),
        (
            "list_onboardings",
            Both {
                least: send!(pivotal => pivotal.onboardings().list()),
                most: send!(pivotal => pivotal
                    .onboardings()
                    .list()
                    .limit(25)
                    .cursor("2026-05-26T17:21:09.412Z")
                    .customer_id(1)
                    .state(OnboardingState::Waiting)
                    .phase(OnboardingPhase::Launch)),
            },
        ),
        (
            "create_onboarding",
            Both {
                least: send!(pivotal => pivotal.onboardings().create(CreateOnboarding::new("1"))),
                most: send!(pivotal => pivotal
                    .onboardings()
                    .create(
                        CreateOnboarding::new("1")
                            .phase(OnboardingPhase::BeforeGettingStarted)
                            .state(OnboardingState::Active)
                            .target_launch_date(launch())
                            .template_id("tpl-1")
                            .csm_id("usr-1")
                            .se_id("usr-2")
                            .designer_id("usr-3")
                            .product_ops_id("usr-4")
                            .notes("Kick-off on Monday.")
                            .waiting_on_customer(true)
                            .reminder_email(false)
                            .reminder_slack(false)
                            .reminder_frequency_days(7),
                    )
                    .idempotency_key("create-onboarding")),
            },
        ),
        (
            "list_customer_onboardings",
            Only(send!(pivotal => pivotal.customer(1).onboardings().list())),
        ),
        (
            "get_onboarding",
            Only(send!(pivotal => pivotal.onboarding(1).get())),
        ),
        (
            "update_onboarding",
            Both {
                least: send!(pivotal => pivotal.onboarding(1).update(UpdateOnboarding::new())),
                most: send!(pivotal => pivotal.onboarding(1).update(
                    UpdateOnboarding::new()
                        .phase("program_design")
                        .state("paused")
                        .clear_target_launch_date()
                        .clear_template_id()
                        .clear_csm_id()
                        .clear_se_id()
                        .clear_designer_id()
                        .clear_product_ops_id()
                        .clear_notes()
                        .waiting_on_customer(true)
                        .reminder_email(false)
                        .reminder_slack(false)
                        .reminder_frequency_days(2),
                )),
            },
        ),
        (
            "delete_onboarding",
            Only(send!(pivotal => pivotal.onboarding(1).delete())),
        ),
    ]
}

/// The case of an operation. One without is told by the test below, and by no other.
pub(crate) fn case(operation: &str) -> Option<Shown> {
    let found = cases().into_iter().find(|(name, _)| *name == operation);
    found.map(|(_, shown)| shown)
}

#[test]
fn every_operation_has_a_case() {
    let cases: BTreeSet<&str> = cases().into_iter().map(|(name, _)| name).collect();
    let wanted: BTreeSet<&str> = OPERATIONS.iter().map(|operation| operation.name).collect();
    let missing: Vec<_> = wanted.difference(&cases).collect();
    let stale: Vec<_> = cases.difference(&wanted).collect();
    assert!(
        missing.is_empty() && stale.is_empty(),
        "\nIn tests/contract/calls.rs, add a case for {missing:?} and remove those for {stale:?}. Then write the snapshots, \
         read them, and keep them:\n    INSTA_UPDATE=always cargo test -p pivotal-tests --test contract\n"
    );
}
