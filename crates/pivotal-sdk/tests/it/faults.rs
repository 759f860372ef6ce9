//! What each operation makes of each way in which a server or a network can fail.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use pivotal_sandbox::Sandbox;
use pivotal_sdk::{
    Call, Client, ClientBuilder, CreateContact, CreateCustomer, CreateOnboarding, Customer,
    Delivery, Endpoint, Error, ErrorKind, OPERATIONS, Result, RetryBudget, RetryClass, RetryPolicy,
    UpdateContact, UpdateCustomer, UpdateOnboarding,
};
use reqwest::dns::{Name, Resolve, Resolving};
use tokio::io::AsyncWriteExt;

use crate::memory::KEY;
use crate::proxy::{Fault, Proxy};
use crate::sandbox::{Watched, sandbox, watched};

/// No test may take longer, whatever happens.
const DEADLINE: Duration = Duration::from_secs(10);
const ATTEMPTS: u32 = 3;
/// Of one attempt: long for a server on this machine, short for a test that waits for it.
const TIMEOUT: Duration = Duration::from_millis(400);

/// Rows for the operations to work on, made past the proxy.
struct Rows {
    customer: Customer,
    contact: i64,
    onboarding: i64,
}

impl Rows {
    async fn make(pivotal: &Client) -> Self {
        let customer = CreateCustomer::new("Aurora");
        let customer = pivotal.customers().create(customer).await.unwrap();
        let number = customer.display_id;
        let contact = CreateContact::new("Mira", format!("mira{number}@aurora.test"));
        let contacts = pivotal.customer(&customer).contacts();
        let contact = contacts.create(contact).await.unwrap();
        let onboarding = CreateOnboarding::new(&customer.id);
        let onboarding = pivotal.onboardings().create(onboarding).await.unwrap();
        Self {
            customer,
            contact: contact.display_id,
            onboarding: onboarding.display_id,
        }
    }

    /// How many rows of each kind the customer has, and how many customers there are.
    async fn count(&self, pivotal: &Client) -> [usize; 3] {
        let customer = pivotal.customer(&self.customer);
        [
            pivotal
                .customers()
                .list()
                .collect_up_to(1000)
                .await
                .unwrap()
                .len(),
            customer
                .contacts()
                .list()
                .collect_up_to(1000)
                .await
                .unwrap()
                .len(),
            customer.onboardings().list().await.unwrap().data.len(),
        ]
    }
}

/// Any operation of the contract by its name.
fn call(pivotal: &Client, operation: &str, rows: &Rows) -> BoxFuture<'static, Result<()>> {
    fn send<O: Endpoint>(call: Call<O>) -> BoxFuture<'static, Result<()>> {
        Box::pin(async { call.await.map(drop) })
    }
    let customer = pivotal.customer(&rows.customer);
    let contact = pivotal.contact(rows.contact);
    let onboarding = pivotal.onboarding(rows.onboarding);
    match operation {
        "get_me" => send(pivotal.me()),
        "get_health" => send(pivotal.health()),
        "list_customers" => send(pivotal.customers().list()),
        "create_customer" => send(pivotal.customers().create(CreateCustomer::new("Borealis"))),
        "get_customer" => send(customer.get()),
        "update_customer" => send(customer.update(UpdateCustomer::new().plan("Growth"))),
        "delete_customer" => send(customer.delete()),
        "list_customer_contacts" => send(customer.contacts().list()),
        "create_customer_contact" => {
            let number = rows.customer.display_id;
            let noor = CreateContact::new("Noor", format!("noor{number}@aurora.test"));
            send(customer.contacts().create(noor))
        }
        "list_customer_onboardings" => send(customer.onboardings().list()),
        "get_contact" => send(contact.get()),
        "update_contact" => send(contact.update(UpdateContact::new().title("Head of Ops"))),
        "delete_contact" => send(contact.delete()),
        "list_onboardings" => send(pivotal.onboardings().list()),
        "create_onboarding" => {
            let onboarding = CreateOnboarding::new(&rows.customer.id);
            send(pivotal.onboardings().create(onboarding))
        }
        "get_onboarding" => send(onboarding.get()),
        "update_onboarding" => send(onboarding.update(UpdateOnboarding::new().notes("On time"))),
        "delete_onboarding" => send(onboarding.delete()),
        new => panic!("{new} is new: send it here as well"),
    }
}

/// How many rows of each kind an operation adds to what [`Rows::count`] sees.
fn adds(operation: &str) -> [isize; 3] {
    match operation {
        "create_customer" => [1, 0, 0],
        "create_customer_contact" => [0, 1, 0],
        "create_onboarding" => [0, 0, 1],
        "delete_customer" => [-1, -1, -1],
        "delete_contact" => [0, -1, 0],
        "delete_onboarding" => [0, 0, -1],
        _ => [0, 0, 0],
    }
}

fn settings(builder: ClientBuilder) -> Client {
    with_timeout(builder, TIMEOUT)
}

fn with_timeout(builder: ClientBuilder, timeout: Duration) -> Client {
    builder
        .api_key(KEY)
        .retry(
            RetryPolicy::default()
                .max_attempts(ATTEMPTS)
                .backoff(Duration::from_millis(1), Duration::from_millis(2)),
        )
        .retry_budget(None::<RetryBudget>)
        .timeout(timeout)
        .deadline(DEADLINE)
        .body_limit(64 * 1024)
        .build()
        .unwrap()
}

/// A sandbox, a client that reaches it, and one that goes through a proxy with this fault.
async fn stage(fault: Fault) -> (Watched, Client, Proxy, Client) {
    let (sandbox, direct) = watched(Sandbox::builder().api_key(KEY).start().await.unwrap());
    let proxy = Proxy::start(sandbox.base_url(), fault).await;
    let through = settings(Client::builder().base_url(&proxy.base_url));
    (sandbox, direct, proxy, through)
}

/// Every operation meets the fault once, succeeds, and has been carried out once.
async fn recovers(fault: Fault) {
    let (_sandbox, direct, proxy, through) = stage(fault).await;
    for operation in OPERATIONS {
        let name = operation.name;
        let rows = Rows::make(&direct).await;
        let before = rows.count(&direct).await;
        proxy.fail(1);
        let started = Instant::now();
        let result = call(&through, name, &rows).await;
        assert!(result.is_ok(), "{fault:?} {name}: {result:?}");
        assert!(started.elapsed() < DEADLINE);
        assert_eq!(proxy.requests.load(Ordering::SeqCst), 2, "{fault:?} {name}");
        expect_rows(&direct, &rows, before, name, fault).await;
    }
}

async fn expect_rows(direct: &Client, rows: &Rows, before: [usize; 3], name: &str, fault: Fault) {
    let change = adds(name);
    if name == "delete_customer" {
        let customers = direct.customers().list().collect_up_to(1000).await.unwrap();
        assert_eq!(customers.len() + 1, before[0], "{fault:?}");
        return;
    }
    let after = rows.count(direct).await;
    for kind in 0..3 {
        let expected = before[kind].checked_add_signed(change[kind]).unwrap();
        assert_eq!(
            after[kind], expected,
            "{fault:?} {name}: rows of kind {kind}"
        );
    }
}

/// Every operation meets the fault for as long as it tries, and fails so.
async fn fails(fault: Fault, attempts: u32, look: impl Fn(&Error)) {
    let (_sandbox, direct, proxy, through) = stage(fault).await;
    for operation in OPERATIONS {
        let name = operation.name;
        let rows = Rows::make(&direct).await;
        proxy.fail(usize::MAX);
        let started = Instant::now();
        let error = call(&through, name, &rows).await.unwrap_err();
        assert!(started.elapsed() < DEADLINE, "{fault:?} {name}");
        assert_eq!(error.operation(), Some(name));
        assert_eq!(error.attempts(), attempts, "{fault:?} {name}: {error}");
        assert_eq!(error.history().len() as u32, attempts - 1);
        if operation.class == RetryClass::ByKey {
            assert!(error.idempotency_key().is_some(), "to try again under");
        }
        look(&error);
    }
}

macro_rules! for_all_operations {
    ($( $name:ident $fault:ident recovers; )*) => {
        $( #[tokio::test] async fn $name() { recovers(Fault::$fault).await; } )*
    };
}

for_all_operations! {
    a_reset_before_the_request_was_read_is_recovered_from ResetBeforeReading recovers;
    a_reset_after_the_request_was_read_doubles_no_row ResetAfterReading recovers;
    a_reset_inside_the_body_doubles_no_row ResetInsideTheBody recovers;
    a_stall_doubles_no_row Stall recovers;
    a_slow_drip_doubles_no_row SlowDrip recovers;
    a_length_longer_than_the_body_doubles_no_row LengthTooLong recovers;
    a_gateways_page_doubles_no_row HtmlBadGateway recovers;
    a_429_without_a_delay_is_recovered_from TooManyWithoutDelay recovers;
}

#[tokio::test]
async fn a_429_with_a_delay_is_waited_out() {
    // The delay is a whole second: one operation of each class stands for the wait, and all eighteen for
    // what a 429 without one leads to.
    let (_sandbox, direct, proxy, through) = stage(Fault::TooManyWithDelay).await;
    for name in ["get_customer", "update_customer", "create_customer"] {
        let rows = Rows::make(&direct).await;
        let before = rows.count(&direct).await;
        proxy.fail(1);
        let started = Instant::now();
        call(&through, name, &rows).await.unwrap();
        assert!(started.elapsed() >= Duration::from_secs(1), "{name}");
        expect_rows(&direct, &rows, before, name, Fault::TooManyWithDelay).await;
    }
}

#[tokio::test]
async fn a_connection_that_is_always_reset_fails_with_its_history() {
    fails(Fault::ResetAfterReading, ATTEMPTS, |error| {
        assert_eq!(error.kind(), ErrorKind::Transport, "{error}");
        assert_eq!(error.delivery(), Delivery::Unknown);
        assert!(error.is_retryable());
    })
    .await;
}

#[tokio::test]
async fn a_server_that_always_stalls_is_a_timeout() {
    let (_sandbox, direct, proxy, _) = stage(Fault::Stall).await;
    let builder = Client::builder().base_url(&proxy.base_url);
    let through = with_timeout(builder, Duration::from_millis(50));
    for operation in OPERATIONS {
        let rows = Rows::make(&direct).await;
        proxy.fail(usize::MAX);
        let error = call(&through, operation.name, &rows).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
        assert_eq!(error.delivery(), Delivery::Unknown);
        assert_eq!(error.attempts(), ATTEMPTS);
    }
}

#[tokio::test]
async fn a_gateways_page_is_unexpected_with_its_status_and_first_bytes() {
    fails(Fault::HtmlBadGateway, ATTEMPTS, |error| {
        assert_eq!(error.kind(), ErrorKind::Unexpected, "{error}");
        assert_eq!(error.status().unwrap(), 502);
        assert!(error.raw_body().starts_with(b"<html>"));
        assert!(!error.to_string().contains("html"));
    })
    .await;
}

#[tokio::test]
async fn an_endless_body_is_given_up_at_the_limit() {
    let (_sandbox, direct, proxy, through) = stage(Fault::EndlessBody).await;
    for operation in OPERATIONS {
        let rows = Rows::make(&direct).await;
        proxy.fail(usize::MAX);
        proxy.bytes.store(0, Ordering::SeqCst);
        let error = call(&through, operation.name, &rows).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Transport, "{error}");
        assert!(error.is_code("body_too_large"));
        assert_eq!(
            (error.status().unwrap().as_u16(), error.attempts()),
            (200, 1)
        );
        // What the sockets' buffers took is sent, and no more.
        let sent = proxy.bytes.load(Ordering::SeqCst);
        assert!(sent < 16 * 1024 * 1024, "{sent} bytes");
    }
}

#[tokio::test]
async fn a_body_that_is_not_what_the_contract_says_is_a_decode_error_and_is_not_repeated() {
    for fault in [
        Fault::InvalidUtf8,
        Fault::InvalidJson,
        Fault::LengthTooShort,
        Fault::MissingFields,
    ] {
        fails(fault, 1, |error| {
            assert_eq!(error.kind(), ErrorKind::Decode, "{fault:?}: {error}");
            assert!(error.status().unwrap().is_success());
            assert_eq!(error.delivery(), Delivery::Answered);
            assert!(!error.raw_body().is_empty());
            assert!(!error.is_retryable());
        })
        .await;
    }
}

#[tokio::test]
async fn defect_a_missing_answer_field_that_makes_a_successful_201_look_failed() {
    let (_sandbox, direct, proxy, through) = stage(Fault::MissingFields).await;
    for name in [
        "create_customer",
        "create_customer_contact",
        "create_onboarding",
    ] {
        let rows = Rows::make(&direct).await;
        let before = rows.count(&direct).await;
        proxy.fail(usize::MAX);
        let error = call(&through, name, &rows).await.unwrap_err();
        // It says that the row is there, and which.
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert_eq!(error.status().unwrap(), 201);
        assert_eq!(error.delivery(), Delivery::Answered);
        assert_eq!(
            proxy.requests.load(Ordering::SeqCst),
            1,
            "it is not repeated"
        );
        assert!(error.to_string().contains("status 201"), "{error}");
        let kept: serde_json::Value = serde_json::from_slice(error.raw_body()).unwrap();
        let id = kept["id"].as_str().unwrap();
        match name {
            "create_customer" => drop(direct.customer(id).get().await.unwrap()),
            "create_onboarding" => drop(direct.onboarding(id).get().await.unwrap()),
            _ => drop(direct.contact(id).get().await.unwrap()),
        }
        expect_rows(&direct, &rows, before, name, Fault::MissingFields).await;
    }
}

#[tokio::test]
async fn a_429_that_asks_for_too_long_fails_at_once_with_the_delay() {
    let (_sandbox, direct, proxy, _) = stage(Fault::TooManyForAnHour).await;
    for operation in OPERATIONS {
        let rows = Rows::make(&direct).await;
        proxy.fail(usize::MAX);
        // The pace of a client would keep its other calls back for as long.
        let through = settings(Client::builder().base_url(&proxy.base_url));
        let error = call(&through, operation.name, &rows).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RateLimit, "{error}");
        assert_eq!(error.attempts(), 1);
        assert_eq!(error.retry_after(), Some(Duration::from_secs(3600)));
        assert!(error.is_retryable());
        assert!(error.to_string().contains("retry after 3600 s"), "{error}");
    }
}

#[tokio::test]
async fn a_redirect_loop_ends() {
    let (_sandbox, direct, proxy, through) = stage(Fault::RedirectLoop).await;
    for operation in OPERATIONS {
        let rows = Rows::make(&direct).await;
        proxy.fail(usize::MAX);
        let error = call(&through, operation.name, &rows).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unexpected, "{error}");
        assert_eq!(error.status().unwrap(), 307);
        assert_eq!(error.attempts(), 1);
        assert!(proxy.requests.load(Ordering::SeqCst) <= 6);
    }
}

#[tokio::test]
async fn a_gzip_bomb_is_given_up_at_the_limit() {
    let (_sandbox, direct, proxy, through) = stage(Fault::GzipBomb).await;
    let rows = Rows::make(&direct).await;
    for name in ["get_customer", "update_customer", "create_customer"] {
        proxy.fail(usize::MAX);
        let error = call(&through, name, &rows).await.unwrap_err();
        assert!(error.is_code("body_too_large"), "{error}");
        assert_eq!(error.attempts(), 1);
    }
}

/// Nobody there: every operation fails in the same way, and was not sent.
async fn unreachable(builder: impl Fn() -> ClientBuilder) {
    let (_sandbox, direct) = sandbox().await;
    let rows = Rows::make(&direct).await;
    let nobody = settings(builder());
    for operation in OPERATIONS {
        let started = Instant::now();
        let error = call(&nobody, operation.name, &rows).await.unwrap_err();
        assert!(started.elapsed() < DEADLINE);
        assert_eq!(error.kind(), ErrorKind::Transport, "{error}");
        assert!(error.is_code("connect"));
        assert_eq!(error.delivery(), Delivery::NotSent);
        assert_eq!(error.attempts(), ATTEMPTS);
        assert!(error.is_retryable());
        assert!(std::error::Error::source(&error).is_some(), "it says why");
    }
}

#[tokio::test]
async fn a_refused_connection_is_tried_again_and_was_not_sent() {
    // Bound, so that nobody else gets the port, but not listening.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap();
    unreachable(|| Client::builder().base_url(format!("http://{address}"))).await;
}

#[tokio::test]
async fn a_tls_failure_is_tried_again_and_was_not_sent() {
    // A server that does not speak TLS.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let _ = socket.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    unreachable(|| Client::builder().base_url(format!("https://{address}"))).await;
}

/// Knows no host at all.
struct NoSuchHost;

impl Resolve for NoSuchHost {
    fn resolve(&self, name: Name) -> Resolving {
        let message = format!("no such host: {}", name.as_str());
        Box::pin(async move { Err(message.into()) })
    }
}

#[tokio::test]
async fn a_host_that_does_not_exist_is_tried_again_and_was_not_sent() {
    // The system's resolver takes as long as it likes; one of our own does not.
    unreachable(|| {
        Client::builder()
            .base_url("https://pivotal.invalid")
            .adjust_http(|http| http.no_proxy().dns_resolver(Arc::new(NoSuchHost)))
    })
    .await;
}

#[tokio::test]
async fn a_host_that_the_system_does_not_know_is_no_connection() {
    let client = Client::builder()
        .base_url("https://pivotal.invalid")
        .api_key(KEY)
        .adjust_http(reqwest::ClientBuilder::no_proxy)
        .retry(RetryPolicy::off())
        .build()
        .unwrap();
    let error = client.me().await.unwrap_err();
    assert!(error.is_transport() && error.is_code("connect"), "{error}");
    assert_eq!(error.delivery(), Delivery::NotSent);
}

#[tokio::test]
async fn a_server_that_stays_down_is_given_up_at_the_deadline() {
    let (_sandbox, direct, proxy, _) = stage(Fault::Stall).await;
    let deadline = Duration::from_millis(250);
    let patient = Client::builder()
        .base_url(&proxy.base_url)
        .api_key(KEY)
        .retry(RetryPolicy::default().max_attempts(u32::MAX))
        .timeout(Duration::from_millis(80))
        .deadline(deadline)
        .build()
        .unwrap();
    for operation in OPERATIONS {
        let rows = Rows::make(&direct).await;
        proxy.fail(usize::MAX);
        let started = Instant::now();
        let error = call(&patient, operation.name, &rows).await.unwrap_err();
        assert!(started.elapsed() < deadline * 4, "{:?}", started.elapsed());
        assert!(error.is_timeout(), "{error}");
        assert!(error.attempts() >= 1);
    }
}

#[tokio::test]
async fn a_server_that_comes_back_is_found() {
    let address = {
        let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        socket.local_addr().unwrap()
    };
    let client = Client::builder()
        .base_url(format!("http://{address}"))
        .api_key(KEY)
        .retry(
            RetryPolicy::default()
                .max_attempts(1000)
                .backoff(Duration::from_millis(5), Duration::from_millis(20)),
        )
        .retry_budget(None::<RetryBudget>)
        .deadline(DEADLINE)
        .build()
        .unwrap();
    let call = client
        .customers()
        .create(CreateCustomer::new("Aurora"))
        .with_meta();
    let call = tokio::spawn(call);
    tokio::time::sleep(Duration::from_millis(50)).await;
    let sandbox = Sandbox::builder()
        .api_key(KEY)
        .listen(address)
        .start()
        .await
        .unwrap();
    let created = call.await.unwrap().unwrap();
    assert!(created.meta.attempts() > 1);
    assert!(
        created
            .meta
            .history()
            .iter()
            .all(|attempt| attempt.delivery == Delivery::NotSent)
    );
    drop(sandbox);
}
