//! The flows of the documentation's guides, against the sandbox.

use pivotal_sdk::{
    Client, Contact, CreateContact, CreateCustomer, CreateOnboarding, Customer, CustomerStatus,
    Delivery, Onboarding, OnboardingPhase, OnboardingState, Result, UpdateContact, UpdateCustomer,
    UpdateOnboarding,
};
use serde_json::json;

use crate::sandbox::{in_both_modes, sandbox};

fn aurora() -> CreateCustomer {
    CreateCustomer::new("Aurora Outfitters")
        .slug("aurora-demo")
        .domain("aurora-demo.com")
        .status(CustomerStatus::Onboarding)
}

/// The guide's three calls.
async fn first_customer(pivotal: &Client) -> Result<(Customer, Contact, Onboarding)> {
    let customer = pivotal
        .customers()
        .create(aurora())
        .idempotency_key("first-customer-aurora-demo")
        .await?;
    let mira = CreateContact::new("Mira Chen", "mira@aurora-demo.com")
        .title("Head of Ops")
        .is_primary(true)
        .labels(["billing", "technical"].map(String::from));
    let contacts = pivotal.customer(&customer).contacts();
    let contact = contacts.get_or_create(mira).await?.into_inner();
    let onboarding = CreateOnboarding::new(&customer.id)
        .phase(OnboardingPhase::BeforeGettingStarted)
        .state(OnboardingState::Active);
    let onboarding = pivotal
        .onboardings()
        .create(onboarding)
        .idempotency_key("first-customer-aurora-demo-onb")
        .await?;
    Ok((customer, contact, onboarding))
}

#[tokio::test]
async fn the_guide_runs_twice_and_doubles_nothing() {
    in_both_modes(async |_, pivotal| {
        let first = first_customer(&pivotal).await.unwrap();
        let again = first_customer(&pivotal).await.unwrap();
        assert_eq!(first.0.id, again.0.id);
        assert_eq!(first.1.id, again.1.id);
        assert_eq!(first.2.id, again.2.id);

        let customer = pivotal.customer(&first.0);
        assert_eq!(pivotal.customers().list().await.unwrap().data.len(), 1);
        assert_eq!(customer.contacts().list().await.unwrap().data.len(), 1);
        assert_eq!(customer.onboardings().list().await.unwrap().data.len(), 1);
        assert_eq!(first.1.labels, ["billing", "technical"]);

        let error = pivotal.customers().create(aurora()).await.unwrap_err();
        assert!(
            error.is_conflict() && error.is_code("slug_taken"),
            "{error}"
        );
        assert_eq!(error.delivery(), Delivery::Received);

        customer.delete().await.unwrap();
        assert!(customer.get().await.unwrap_err().is_not_found());
        assert!(
            customer.delete().await.unwrap().deleted,
            "a second delete returns the same"
        );
    })
    .await;
}

#[tokio::test]
async fn an_id_is_a_number_a_text_or_the_row() {
    let (_sandbox, pivotal) = sandbox().await;
    let customer = pivotal.customers().create(aurora()).await.unwrap();
    for fetched in [
        pivotal.customer(customer.display_id).get().await.unwrap(),
        pivotal
            .customer(customer.display_id.to_string())
            .get()
            .await
            .unwrap(),
        pivotal.customer(&customer.id).get().await.unwrap(),
        pivotal.customer(&customer).get().await.unwrap(),
    ] {
        assert_eq!(fetched.id, customer.id);
    }
}

#[tokio::test]
async fn an_update_sets_and_clears_only_the_given_fields() {
    let (_sandbox, pivotal) = sandbox().await;
    let customer = pivotal.customers().create(aurora()).await.unwrap();
    let changes = UpdateCustomer::new().plan("Growth").clear_domain();
    let changed = pivotal.customer(&customer).update(changes).await.unwrap();
    assert_eq!(changed.plan.as_deref(), Some("Growth"));
    assert_eq!(changed.domain, None);
    assert_eq!(changed.slug.as_deref(), Some("aurora-demo"), "left alone");
}

#[tokio::test]
async fn contacts_are_fetched_changed_and_deleted() {
    let (_sandbox, pivotal) = sandbox().await;
    let (_, mira, _) = first_customer(&pivotal).await.unwrap();
    let contact = pivotal.contact(&mira);
    let none: Vec<String> = Vec::new();
    let changed = contact
        .update(UpdateContact::new().labels(none))
        .await
        .unwrap();
    assert!(changed.labels.is_empty());
    assert_eq!(contact.get().await.unwrap().email, "mira@aurora-demo.com");
    assert!(contact.delete().await.unwrap().deleted);
    assert!(contact.get().await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn an_onboarding_walks_through_its_phases_and_is_found_by_them() {
    let (_sandbox, pivotal) = sandbox().await;
    let (customer, _, onboarding) = first_customer(&pivotal).await.unwrap();
    let handle = pivotal.onboarding(&onboarding);
    for phase in OnboardingPhase::KNOWN {
        let changed = handle
            .update(UpdateOnboarding::new().phase(phase))
            .await
            .unwrap();
        assert_eq!(&changed.phase, phase);
    }
    handle
        .update(UpdateOnboarding::new().state("paused"))
        .await
        .unwrap();

    let found = |state: OnboardingState| {
        let list = pivotal.onboardings().list();
        list.phase(OnboardingPhase::Completed)
            .state(state)
            .customer_id(&customer)
    };
    assert_eq!(found(OnboardingState::Paused).await.unwrap().data.len(), 1);
    assert!(
        found(OnboardingState::Active)
            .await
            .unwrap()
            .data
            .is_empty()
    );
    assert!(handle.delete().await.unwrap().deleted);
}

#[tokio::test]
async fn a_list_is_walked_by_its_cursor() {
    let (_sandbox, pivotal) = sandbox().await;
    for number in 0..5 {
        let customer = CreateCustomer::new(format!("Customer {number}"));
        pivotal.customers().create(customer).await.unwrap();
    }
    let (mut names, mut cursor) = (Vec::new(), None);
    loop {
        let mut call = pivotal.customers().list().limit(2);
        if let Some(cursor) = cursor {
            call = call.cursor(cursor);
        }
        let page = call.await.unwrap();
        names.extend(page.data.into_iter().map(|customer| customer.name));
        cursor = page.next_cursor;
        if !page.has_more {
            break;
        }
    }
    let newest_first: Vec<_> = (0..5).rev().map(|n| format!("Customer {n}")).collect();
    assert_eq!(names, newest_first);
}

#[tokio::test]
async fn a_wrong_key_is_an_authentication_error() {
    let (sandbox, _) = sandbox().await;
    let invalid_key_client = Client::builder()
        .base_url(sandbox.base_url())
        .api_key("pivotal_nobodys_key_at_all")
        .build()
        .unwrap();
    let error = invalid_key_client.me().await.unwrap_err();
    assert!(error.is_authentication(), "{error}");
    assert!(
        invalid_key_client.health().await.is_ok(),
        "health needs no key"
    );
}

#[tokio::test]
async fn the_key_knows_its_organization() {
    let (_sandbox, pivotal) = sandbox().await;
    let me = pivotal.me().with_meta().await.unwrap();
    assert!(!me.organization.name.is_empty());
    assert_eq!(me.meta.status(), 200);
}

#[tokio::test]
async fn metadata_round_trips_as_an_extra_key() {
    let (_sandbox, pivotal) = sandbox().await;
    let body = aurora().extra("metadata", json!({ "crm": { "id": 17 } }));
    let created = pivotal.customers().create(body).await.unwrap();
    let fetched = pivotal.customer(&created).get().with_meta().await.unwrap();
    assert_eq!(fetched.pointer("/metadata/crm/id"), Some(json!(17)));
}
