//! The wire form of every request, with the least and with the most that it can say.
//!
//! Each is sent to a sandbox, and what the sandbox received is the snapshot.

use std::collections::BTreeSet;

use pivotal_sandbox::ReceivedRequest;
use pivotal_sdk::coverage::{COVERAGE, Reach};
use pivotal_sdk::{
    Client, CreateContact, CreateCustomer, CreateOnboarding, CustomerStatus, OPERATIONS,
    OnboardingPhase, OnboardingState, Result, UpdateContact, UpdateCustomer, UpdateOnboarding,
};

use crate::watched::{Watched, watched};

/// Operation and the calls that show it.
type Case = (&'static str, Shown);

/// One call where there is nothing to leave out, else the least and the most.
enum Shown {
    Only(Send),
    Both { least: Send, most: Send },
}

type Send = fn(Client) -> std::pin::Pin<Box<dyn Future<Output = Result<()>>>>;

/// A call of an SDK method as a case: sent, its answer dropped.
macro_rules! send {
    ($client:ident => $call:expr) => {
        |$client: Client| Box::pin(async move { $call.await.map(drop) })
    };
}

fn launch() -> pivotal_sdk::Timestamp {
    "2026-07-15T00:00:00Z".parse().expect("a timestamp")
}

fn cases() -> Vec<Case> {
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

/// A sandbox with one customer, contact and onboarding, each number 1.
async fn furnished() -> (Watched, Client) {
    let (sandbox, pivotal) = watched(Client::builder()).await;
    let aurora = CreateCustomer::new("Aurora Outfitters").slug("aurora-demo");
    pivotal.customers().create(aurora).await.unwrap();
    let mira = CreateContact::new("Mira Chen", "mira@aurora-demo.com");
    pivotal.customer(1).contacts().create(mira).await.unwrap();
    pivotal
        .onboardings()
        .create(CreateOnboarding::new("1"))
        .await
        .unwrap();
    (sandbox, pivotal)
}

/// Sends one call and shows what the server received of it.
async fn received(send: Send) -> String {
    let (sandbox, pivotal) = furnished().await;
    let before = sandbox.requests().len();
    send(pivotal).await.unwrap();
    let requests = sandbox.requests();
    assert_eq!(requests.len(), before + 1, "one call is one request");
    wire_form(&requests[before])
}

fn wire_form(request: &ReceivedRequest) -> String {
    let query = request.query.as_ref().map(|query| format!("?{query}"));
    let mut out = format!(
        "{} {}{}\n",
        request.method,
        request.path,
        query.unwrap_or_default()
    );
    let mut headers: Vec<_> = request.headers.iter().collect();
    headers.sort();
    for (name, value) in headers {
        let value = match name.as_str() {
            // The port differs from run to run.
            "host" => "127.0.0.1:[port]",
            // One of the SDK's own, new for each call: 36 characters of UUID.
            "idempotency-key" if value.len() == 36 => "[generated]",
            "user-agent" => value.split('/').next().unwrap_or_default(),
            _ => value,
        };
        out.push_str(&format!("{name}: {value}\n"));
    }
    if !request.body.is_empty() {
        let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
        out.push_str(&format!("\n{body:#}\n"));
    }
    out
}

#[tokio::test]
async fn every_request_on_the_wire() {
    for (operation, shown) in cases() {
        let text = match shown {
            Shown::Only(send) => received(send).await,
            Shown::Both { least, most } => {
                format!(
                    "least\n-----\n{}\nmost\n----\n{}",
                    received(least).await,
                    received(most).await
                )
            }
        };
        insta::assert_snapshot!(operation, text);
    }
}

#[test]
fn every_operation_has_its_wire_form_shown() {
    let shown: BTreeSet<&str> = cases()
        .into_iter()
        .map(|(operation, _)| operation)
        .collect();
    let missing: Vec<&str> = OPERATIONS
        .iter()
        .map(|operation| operation.name)
        // What the companion leaves to the generated client, with a reason, is not its to show.
        .filter(|name| !left_to_raw(name) && !shown.contains(name))
        .collect();
    assert!(
        missing.is_empty(),
        "add a case to tests/contract/requests.rs for {missing:?}"
    );
}

fn left_to_raw(operation: &str) -> bool {
    let row = COVERAGE.iter().find(|row| row.operation == operation);
    row.is_some_and(|row| matches!(row.reach, Reach::Raw(_)))
}

#[tokio::test]
async fn leaving_alone_puts_nothing_on_the_wire_and_clearing_puts_null() {
    let (sandbox, pivotal) = furnished().await;
    pivotal
        .customer(1)
        .update(UpdateCustomer::new().clear_plan())
        .await
        .unwrap();
    let last = sandbox.requests().pop().unwrap();
    assert_eq!(last.body, r#"{"plan":null}"#);
    assert_eq!(last.header("idempotency-key"), None, "a PATCH needs none");
}
