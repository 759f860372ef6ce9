//! `get_or_create` on the sandbox.

use std::collections::HashSet;
use std::time::Duration;

use pivotal_sdk::{
    Client, Contact, CreateContact, CreateCustomer, CreateOnboarding, Customer, GetOrCreate,
    Onboarding, OnboardingPhase, Result, UpdateContact, UpdateOnboarding,
};

use crate::sandbox::{Watched, in_both_modes, sandbox, strict_sandbox};

fn aurora() -> CreateCustomer {
    CreateCustomer::new("Aurora Outfitters").slug("aurora-demo")
}

fn mira() -> CreateContact {
    CreateContact::new("Mira Chen", "mira@aurora-demo.com").title("Head of Ops")
}

async fn customer(pivotal: &Client) -> Customer {
    pivotal.customers().create(aurora()).await.unwrap()
}

async fn contacts_of(pivotal: &Client, customer: &Customer) -> Vec<Contact> {
    let list = pivotal.customer(customer).contacts().list();
    list.collect_up_to(1_000).await.unwrap()
}

async fn onboardings_of(pivotal: &Client, customer: &Customer) -> Vec<Onboarding> {
    let list = pivotal.customer(customer).onboardings().list();
    list.await.unwrap().data
}

/// The rows of five calls at once, as when a webhook is delivered five times.
async fn five_at_once<F, T>(call: impl Fn() -> F) -> Vec<GetOrCreate<T>>
where
    F: Future<Output = Result<GetOrCreate<T>>> + Send + 'static,
    T: Send + 'static,
{
    let running: Vec<_> = (0..5).map(|_| tokio::spawn(call())).collect();
    let mut rows = Vec::new();
    for call in running {
        rows.push(call.await.unwrap().unwrap());
    }
    rows
}

#[tokio::test]
async fn concurrent_calls_create_one_customer() {
    in_both_modes(async |_, pivotal| {
        let all = five_at_once(|| pivotal.customers().get_or_create(aurora())).await;
        assert_eq!(all.iter().filter(|row| row.is_created()).count(), 1);
        let ids: HashSet<_> = all.into_iter().map(|row| row.into_inner().id).collect();
        assert_eq!(ids.len(), 1, "{ids:?}");
        assert_eq!(pivotal.customers().list().await.unwrap().data.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_slug_of_a_deleted_customer_is_explained() {
    let (_sandbox, pivotal) = strict_sandbox().await;
    let deleted = customer(&pivotal).await;
    pivotal.customer(&deleted).delete().await.unwrap();
    let error = pivotal.customers().get_or_create(aurora()).await;
    assert_eq!(
        error.unwrap_err().to_string(),
        "create_customer: conflict: A customer with the slug aurora-demo already exists; the list \
         has none: a deleted customer may have it (status 409, code slug_taken, field slug)"
    );
}

#[tokio::test]
async fn concurrent_calls_create_one_contact() {
    in_both_modes(async |_, pivotal| {
        let customer = customer(&pivotal).await;
        let contacts = pivotal.customer(&customer).contacts();
        let all = five_at_once(|| contacts.get_or_create(mira())).await;
        let ids: HashSet<_> = all.into_iter().map(|row| row.into_inner().id).collect();
        assert_eq!(ids.len(), 1, "{ids:?}");
        assert_eq!(contacts_of(&pivotal, &customer).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn concurrent_calls_create_one_onboarding() {
    in_both_modes(async |_, pivotal| {
        let customer = customer(&pivotal).await;
        let body = || CreateOnboarding::new(&customer.id).notes("From the CRM");
        let all = five_at_once(|| pivotal.onboardings().get_or_create(body())).await;
        let ids: HashSet<_> = all.into_iter().map(|row| row.into_inner().id).collect();
        assert_eq!(ids.len(), 1, "{ids:?}");
        assert_eq!(onboardings_of(&pivotal, &customer).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_call_whose_response_was_lost_is_repeated_without_a_second_row() {
    in_both_modes(async |sandbox: &Watched, pivotal| {
        for operation in [
            "create-customer",
            "create-customer-contact",
            "create-onboarding",
        ] {
            let fault = format!("{operation}:reset-after-processing:count=1");
            sandbox.faults().add(fault.parse().unwrap()).unwrap();
        }
        let customer = pivotal.customers().get_or_create(aurora()).await.unwrap();
        let customer = customer.into_inner();
        let contacts = pivotal.customer(&customer).contacts();
        contacts.get_or_create(mira()).await.unwrap();
        let body = CreateOnboarding::new(&customer.id);
        pivotal.onboardings().get_or_create(body).await.unwrap();
        assert_eq!(contacts_of(&pivotal, &customer).await.len(), 1);
        assert_eq!(onboardings_of(&pivotal, &customer).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_contact_is_found_on_any_page_and_without_case() {
    in_both_modes(async |_, pivotal| {
        let customer = customer(&pivotal).await;
        let contacts = pivotal.customer(&customer).contacts();
        let first = contacts.create(mira()).await.unwrap();
        for number in 0..100 {
            let other = CreateContact::new("Other", format!("other-{number}@aurora-demo.com"));
            contacts.create(other).await.unwrap();
        }
        let body = CreateContact::new("Mira", "Mira@Aurora-Demo.COM");
        let found = contacts.get_or_create(body).await.unwrap();
        assert_eq!(found, GetOrCreate::Existing(first));
        let body = CreateContact::new("Ali", "x@y.test").extra("email", "MIRA@aurora-demo.com");
        assert!(!contacts.get_or_create(body).await.unwrap().is_created());
        assert_eq!(contacts.find_by_email("nobody@y.test").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_contact_that_is_gone_is_created_again_within_the_lifetime_of_its_key() {
    in_both_modes(async |_, pivotal| {
        let customer = customer(&pivotal).await;
        let contacts = pivotal.customer(&customer).contacts();
        let mut ids = HashSet::new();
        for round in 0..4 {
            let mira = contacts.get_or_create(mira()).await.unwrap();
            assert!(mira.is_created());
            let mira = mira.into_inner();
            assert_eq!(contacts_of(&pivotal, &customer).await.len(), 1 + round / 2);
            assert!(ids.insert(mira.id.clone()));
            if round % 2 == 0 {
                pivotal.contact(&mira).delete().await.unwrap();
            } else {
                let moved = UpdateContact::new().email(format!("mira-{round}@aurora-demo.com"));
                pivotal.contact(&mira).update(moved).await.unwrap();
            }
        }
    })
    .await;
}

#[tokio::test]
async fn an_onboarding_that_is_over_is_created_again_within_the_lifetime_of_its_key() {
    in_both_modes(async |_, pivotal| {
        let customer = customer(&pivotal).await;
        let get_or_create = || {
            let body = CreateOnboarding::new(&customer.id);
            pivotal.onboardings().get_or_create(body)
        };
        let first = get_or_create().await.unwrap().into_inner();
        let completed = UpdateOnboarding::new().phase(OnboardingPhase::Completed);
        let handle = pivotal.onboarding(&first);
        handle.update(completed).await.unwrap();

        let second = get_or_create().await.unwrap();
        assert!(second.is_created());
        let second = second.into_inner();
        assert_ne!(second.id, first.id);
        assert_eq!(second.phase, OnboardingPhase::BeforeGettingStarted);
        assert_eq!(
            get_or_create().await.unwrap(),
            GetOrCreate::Existing(second.clone())
        );

        pivotal.onboarding(&second).delete().await.unwrap();
        let third = get_or_create().await.unwrap();
        assert!(third.is_created() && third.into_inner().id != second.id);
    })
    .await;
}

async fn with_template(pivotal: &Client, id: &str, template: Option<&str>) -> Onboarding {
    let mut body = CreateOnboarding::new(id);
    body.template_id = template.map(str::to_owned);
    let onboarding = pivotal.onboardings().get_or_create(body).await;
    onboarding.unwrap().into_inner()
}

#[tokio::test]
async fn an_onboarding_matches_unless_its_template_is_another() {
    let (_sandbox, pivotal) = sandbox().await;
    let id = customer(&pivotal).await.id;
    let short = with_template(&pivotal, &id, Some("short")).await;
    let long = with_template(&pivotal, &id, Some("long")).await;
    assert_ne!(short.id, long.id);
    for (template, expected) in [
        (Some("short"), &short),
        (Some("long"), &long),
        (None, &long),
    ] {
        assert_eq!(&with_template(&pivotal, &id, template).await, expected);
    }

    let other = CreateCustomer::new("Borealis Books");
    let id = pivotal.customers().create(other).await.unwrap().id;
    let plain = with_template(&pivotal, &id, None).await;
    assert_eq!(with_template(&pivotal, &id, Some("short")).await, plain);
}

#[tokio::test]
async fn an_onboarding_is_found_again_on_a_server_that_ignores_templates() {
    let (sandbox, pivotal) = strict_sandbox().await;
    let id = customer(&pivotal).await.id;
    let first = with_template(&pivotal, &id, Some("short")).await;
    assert_eq!(first.template_id, None);
    // The idempotency key of the first call is expired.
    sandbox.advance_clock(Duration::from_secs(25 * 60 * 60));
    assert_eq!(with_template(&pivotal, &id, Some("short")).await, first);
}

#[tokio::test]
async fn an_onboarding_that_is_created_completed_is_created_once_a_day() {
    in_both_modes(async |_, pivotal| {
        let customer = customer(&pivotal).await;
        let body = || CreateOnboarding::new(&customer.id).phase(OnboardingPhase::Completed);
        for _ in 0..2 {
            let onboarding = pivotal.onboardings().get_or_create(body()).await.unwrap();
            assert_eq!(onboarding.into_inner().phase, OnboardingPhase::Completed);
        }
        assert_eq!(onboardings_of(&pivotal, &customer).await.len(), 1);
    })
    .await;
}
