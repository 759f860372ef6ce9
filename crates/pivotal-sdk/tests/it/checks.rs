//! What the server would surely refuse is refused before it is sent.

use pivotal_sdk::{
    Call, CreateContact, CreateCustomer, CreateOnboarding, Delivery, Endpoint, ErrorKind,
    UpdateCustomer, UpdateOnboarding,
};

use crate::memory::Memory;

/// The code and field of a call that must fail without a request.
async fn refused<O: Endpoint>(memory: &Memory, call: Call<O>) -> (String, String) {
    let Err(error) = call.await else {
        panic!("{} was sent", O::OPERATION.name)
    };
    assert!(
        memory.requests().is_empty(),
        "{} was sent",
        O::OPERATION.name
    );
    assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{error}");
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert_eq!(error.attempts(), 0);
    assert_eq!(error.operation(), Some(O::OPERATION.name));
    assert!(error.to_string().starts_with(O::OPERATION.name), "{error}");
    (
        error.code().unwrap().to_string(),
        error.field().unwrap().to_owned(),
    )
}

fn pair(code: &str, field: &str) -> (String, String) {
    (code.to_owned(), field.to_owned())
}

#[tokio::test]
async fn an_id_that_is_not_one_path_segment() {
    let memory = Memory::default();
    let pivotal = memory.client();
    for id in [
        "", ".", "..", "a/b", "../me", "1?x=1", "1#x", "%2e%2e", "1 ", "a\\b", "1\n",
    ] {
        let invalid = pair("invalid_string", "id");
        assert_eq!(
            refused(&memory, pivotal.customer(id).get()).await,
            invalid,
            "{id:?}"
        );
        assert_eq!(
            refused(&memory, pivotal.customer(id).update(UpdateCustomer::new())).await,
            invalid
        );
        assert_eq!(
            refused(&memory, pivotal.customer(id).delete()).await,
            invalid
        );
        assert_eq!(refused(&memory, pivotal.contact(id).get()).await, invalid);
        assert_eq!(
            refused(&memory, pivotal.onboarding(id).delete()).await,
            invalid
        );

        let invalid = pair("invalid_string", "customerId");
        let customer = pivotal.customer(id);
        assert_eq!(refused(&memory, customer.contacts().list()).await, invalid);
        let mira = CreateContact::new("Mira", "mira@a.test");
        assert_eq!(
            refused(&memory, customer.contacts().create(mira)).await,
            invalid
        );
        assert_eq!(
            refused(&memory, customer.onboardings().list()).await,
            invalid
        );

        let filter = pivotal.onboardings().list().customer_id(id);
        assert_eq!(
            refused(&memory, filter).await,
            pair("invalid_string", "customer_id")
        );
    }
}

#[tokio::test]
async fn a_value_outside_the_limits_of_the_contract() {
    let memory = Memory::default();
    let pivotal = memory.client();
    let create = |body| pivotal.customers().create(body);

    let call = create(CreateCustomer::new(""));
    assert_eq!(refused(&memory, call).await, pair("too_small", "name"));
    let call = create(CreateCustomer::new("x".repeat(256)));
    assert_eq!(refused(&memory, call).await, pair("too_big", "name"));
    let call = create(CreateCustomer::new("Aurora").mrr(-1));
    assert_eq!(refused(&memory, call).await, pair("too_small", "mrr"));
    let call = pivotal.customer(1).update(UpdateCustomer::new().name(""));
    assert_eq!(refused(&memory, call).await, pair("too_small", "name"));
    let invalid = CreateContact::new("Mira", "mira at aurora");
    let call = pivotal.customer(1).contacts().create(invalid);
    assert_eq!(
        refused(&memory, call).await,
        pair("invalid_string", "email")
    );
    let late = pair("invalid_string", "target_launch_date");
    let invalid = CreateOnboarding::new(245).target_launch_date("next summer");
    let call = pivotal.onboardings().create(invalid);
    assert_eq!(refused(&memory, call).await, late);
    let invalid = UpdateOnboarding::new().target_launch_date("31/12/2026");
    let call = pivotal.onboarding(1).update(invalid);
    assert_eq!(refused(&memory, call).await, late);

    for (limit, code) in [(0, "too_small"), (101, "too_big")] {
        let invalid = pair(code, "limit");
        assert_eq!(
            refused(&memory, pivotal.customers().list().limit(limit)).await,
            invalid
        );
        assert_eq!(
            refused(&memory, pivotal.onboardings().list().limit(limit)).await,
            invalid
        );
    }
}

#[tokio::test]
async fn a_body_is_checked_without_sending_it_as_a_call_checks_it() {
    let memory = Memory::default();
    let invalid = CreateContact::new("Mira", "mira at aurora");
    let check = || -> pivotal_sdk::Result<()> { Ok(invalid.validate()?) };
    let checked = check().unwrap_err();
    let call = memory
        .client()
        .customer(1)
        .contacts()
        .create(invalid.clone());
    assert_eq!(checked.to_string(), call.await.unwrap_err().to_string());
    assert_eq!(checked.kind(), ErrorKind::InvalidRequest);
    assert_eq!(
        CreateContact::new("Mira", "mira@aurora-demo.com").validate(),
        Ok(())
    );
}

#[tokio::test]
async fn the_limits_themselves_pass() {
    let memory = Memory::default();
    let pivotal = memory.client();
    let _ = pivotal
        .customers()
        .create(CreateCustomer::new("ü".repeat(255)).mrr(0))
        .await;
    let _ = pivotal.customers().list().limit(1).await;
    let _ = pivotal.customers().list().limit(100).await;
    assert_eq!(memory.requests().len(), 3);
}

#[tokio::test]
async fn an_idempotency_key_that_no_header_can_hold_or_is_too_long() {
    let memory = Memory::default();
    let pivotal = memory.client();
    for (key, code) in [
        (String::new(), "too_small"),
        ("k".repeat(256), "too_big"),
        ("a\r\nx-evil: 1".to_owned(), "invalid_string"),
    ] {
        let call = pivotal
            .customers()
            .create(CreateCustomer::new("Aurora"))
            .idempotency_key(key);
        assert_eq!(refused(&memory, call).await, pair(code, "Idempotency-Key"));
    }
    let call = pivotal.customers().create(CreateCustomer::new("Aurora"));
    let _ = call.idempotency_key("k".repeat(255)).await;
    assert_eq!(memory.requests().len(), 1);
}
