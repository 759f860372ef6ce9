//! Updates of what differs, and of nothing.

use pivotal_sdk::{
    CreateContact, CreateCustomer, CreateOnboarding, UpdateContact, UpdateCustomer,
    UpdateOnboarding,
};

use crate::sandbox::sandbox;

#[tokio::test]
async fn a_body_that_created_a_row_differs_in_nothing_from_it() {
    let (sandbox, pivotal) = sandbox().await;
    let wanted = CreateCustomer::new("Aurora")
        .domain("aurora-demo.com")
        .mrr(1);
    let customer = pivotal.customers().create(wanted.clone()).await.unwrap();
    let changes = UpdateCustomer::changes(&customer, &wanted);
    assert_eq!(changes, UpdateCustomer::new());

    let wanted = CreateContact::new("Mira Chen", "mira@aurora-demo.com").labels(["billing"]);
    let contacts = pivotal.customer(&customer).contacts();
    let contact = contacts.create(wanted.clone()).await.unwrap();
    assert!(UpdateContact::changes(&contact, &wanted).is_empty());

    let wanted = CreateOnboarding::new(&customer).target_launch_date("2026-07-15");
    let onboarding = pivotal.onboardings().create(wanted.clone()).await.unwrap();
    assert!(UpdateOnboarding::changes(&onboarding, &wanted).is_empty());

    let sent = sandbox.requests().len();
    let unchanged = pivotal.customer(&customer).update(changes).with_meta();
    let unchanged = unchanged.await.unwrap();
    assert_eq!(*unchanged, customer, "not even updated_at has changed");
    let requests = sandbox.requests().split_off(sent);
    let requests: Vec<_> = requests
        .iter()
        .map(|request| request.method.as_str())
        .collect();
    assert_eq!(requests, ["GET"]);
}

#[tokio::test]
async fn an_edited_copy_of_a_row_is_sent_as_its_changes() {
    let (sandbox, pivotal) = sandbox().await;
    let new = CreateCustomer::new("Aurora")
        .slug("aurora-demo")
        .plan("Growth");
    let current = pivotal.customers().create(new).await.unwrap();
    let mut wanted = current.clone();
    wanted.plan = None;
    wanted.mrr = Some(120_000);
    let changes = UpdateCustomer::changes(&current, &wanted);
    let updated = pivotal.customer(&current).update(changes).await.unwrap();
    assert_eq!((updated.plan, updated.mrr), (None, Some(120_000)));
    let body = sandbox.requests().pop().unwrap().body;
    assert_eq!(body, r#"{"mrr":120000,"plan":null}"#);
}

#[tokio::test]
async fn an_empty_update_of_a_row_that_is_gone_is_not_found() {
    let (_sandbox, pivotal) = sandbox().await;
    let update = pivotal.customer(999).update(UpdateCustomer::new());
    let error = update.await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
}
