//! Faults that happen once: every operation succeeds all the same, and has been carried out once.

use std::time::Duration;

use pivotal_sandbox::{FaultKind, Sandbox};
use pivotal_sdk::{
    ByKey, Call, Client, CreateContact, CreateCustomer, CreateOnboarding, RetryPolicy, StopReason,
};

use super::proxy;
use super::server::{ATTEMPTS, Fault, each, settings};
use crate::sandbox::sandbox;

/// The second attempt succeeds. `first` is the result of the first.
async fn recovers(fault: impl Into<Fault>, first: &str) {
    each(fault, 1, async |server| {
        let client = server.builder().build().unwrap();
        let meta = server.call(&client).await;
        let meta = meta.unwrap_or_else(|error| panic!("{}: {error}", server.case));
        assert_eq!(
            (meta.attempts(), server.requests()),
            (2, 2),
            "{}",
            server.case
        );
        assert_eq!(meta.history()[0].to_string(), first, "{}", server.case);
        server.expect_rows(true).await;
    })
    .await;
}

/// An attempt that gets nowhere is given up for another. A busy machine may need a third or fourth.
async fn outlives(fault: FaultKind) {
    each(fault, 1, async |server| {
        let client = server
            .builder()
            .timeout(Duration::from_millis(800))
            .retry(RetryPolicy::default().max_attempts(20))
            .build()
            .unwrap();
        let meta = server.call(&client).await;
        let meta = meta.unwrap_or_else(|error| panic!("{}: {error}", server.case));
        assert!(meta.attempts() > 1, "{}", server.case);
        let first = meta.history()[0].to_string();
        assert_eq!(first, "no response within the timeout", "{}", server.case);
        server.expect_rows(true).await;
    })
    .await;
}

const RESET: &str = "connection closed before the response arrived";
const CUT_SHORT: &str = "connection closed before the response was complete";

#[tokio::test]
async fn a_reset_before_the_request_was_read() {
    recovers(proxy::Fault::ResetBeforeReading, RESET).await;
    recovers(FaultKind::ResetBeforeProcessing, RESET).await;
}

#[tokio::test]
async fn a_reset_after_the_request_was_carried_out() {
    recovers(FaultKind::ResetAfterProcessing, RESET).await;
}

#[tokio::test]
async fn a_reset_inside_the_body() {
    recovers(FaultKind::ResetInsideBody, CUT_SHORT).await;
}

#[tokio::test]
async fn a_length_longer_than_the_body() {
    recovers(FaultKind::ContentLengthTooLong, CUT_SHORT).await;
}

#[tokio::test]
async fn a_stall_before_the_request_was_carried_out() {
    outlives(FaultKind::StallBeforeProcessing).await;
}

#[tokio::test]
async fn a_stall_after_the_request_was_carried_out() {
    outlives(FaultKind::StallAfterProcessing).await;
}

#[tokio::test]
async fn a_slow_drip() {
    outlives(FaultKind::SlowDrip(Duration::from_millis(200))).await;
}

#[tokio::test]
async fn a_server_that_fails() {
    for status in [500, 502, 503, 504] {
        recovers(FaultKind::Status(status), &status.to_string()).await;
    }
}

#[tokio::test]
async fn a_server_that_fails_after_it_has_carried_the_request_out() {
    recovers(FaultKind::StatusAfterProcessing(504), "504").await;
}

#[tokio::test]
async fn a_gateways_page() {
    recovers(FaultKind::Html502, "502").await;
    recovers(proxy::Fault::HtmlAfterProcessing, "502").await;
}

#[tokio::test]
async fn a_429_without_a_delay() {
    recovers(FaultKind::RateLimited(None), "429").await;
}

#[tokio::test]
async fn a_429_with_a_delay_is_waited_out() {
    each(FaultKind::RateLimited(Some(1)), 1, async |server| {
        let client = server.builder().build().unwrap();
        let meta = server.call(&client).await.unwrap();
        let first = &meta.history()[0];
        assert_eq!(first.status.unwrap(), 429, "{}", server.case);
        assert_eq!(first.delay, Duration::from_secs(1), "{}", server.case);
        assert_eq!(meta.attempts(), 2, "{}", server.case);
        server.expect_rows(true).await;
    })
    .await;
}

#[tokio::test]
async fn a_create_whose_first_request_still_runs_is_sent_until_it_is_done() {
    async fn expect<O: ByKey>(sandbox: &Sandbox, call: impl Fn() -> Call<O>) {
        let operation = O::OPERATION.name.replace('_', "-");
        let [slow, fails] = [
            FaultKind::Latency(Duration::from_secs(600)),
            FaultKind::Status(503),
        ]
        .map(Some);
        let script = pivotal_sandbox::Fault::script([slow, fails]).on(operation);
        sandbox.faults().add(script).unwrap();

        let running = tokio::spawn(call().idempotency_key("aurora-1").into_future());
        while sandbox.faults().armed().last().unwrap().applied == 0 {
            tokio::task::yield_now().await;
        }
        // Under the same key: 503, and from then on "still running".
        let again = call().idempotency_key("aurora-1").await;
        let error = again.map(drop).unwrap_err();
        assert!(error.is_code("idempotency_in_progress"), "{error}");
        assert_eq!(error.attempts(), ATTEMPTS, "{error}");
        assert_eq!(error.stop_reason(), Some(StopReason::AttemptsExhausted));
        assert!(error.is_retryable());

        // Whoever made the first has gone away: the key is free.
        running.abort();
        let _ = running.await;
        while call().idempotency_key("aurora-1").await.is_err() {
            tokio::task::yield_now().await;
        }
    }

    let (sandbox, direct) = sandbox().await;
    let aurora = CreateCustomer::new("Aurora");
    let aurora = direct.customers().create(aurora).await.unwrap();
    let pivotal = settings(Client::builder().base_url(sandbox.base_url()))
        .api_key(sandbox.api_key())
        .build()
        .unwrap();
    let (customers, onboardings) = (pivotal.customers(), pivotal.onboardings());
    let contacts = pivotal.customer(&aurora).contacts();
    let borealis = || CreateCustomer::new("Borealis");
    expect(&sandbox, || customers.create(borealis())).await;
    let noor = || CreateContact::new("Noor", "noor@aurora.test");
    expect(&sandbox, || contacts.create(noor())).await;
    let onboarding = || CreateOnboarding::new(&aurora.id);
    expect(&sandbox, || onboardings.create(onboarding())).await;

    // One each, and Aurora herself.
    let customer = direct.customer(&aurora);
    let customers = direct.customers().list().await.unwrap().data;
    let contacts = customer.contacts().list().await.unwrap().data;
    let onboardings = customer.onboardings().list().await.unwrap().data;
    let rows = [customers.len(), contacts.len(), onboardings.len()];
    assert_eq!(rows, [2, 1, 1]);
}
