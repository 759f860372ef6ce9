//! All operations of the contract, each by its ergonomics, in their form on the wire.

use std::sync::Arc;

use pivotal_sdk::{
    Call, Client, CreateContact, CreateCustomer, CreateOnboarding, Endpoint, RetryClass,
    RetryPolicy, UpdateContact, UpdateCustomer, UpdateOnboarding,
    transport::{OPERATIONS, Operation},
};
use serde_json::{Value, json};

use crate::memory::{KEY, Memory};

/// What the table knows of an operation.
fn row(operation: &str) -> &'static Operation {
    let mut rows = OPERATIONS.iter();
    rows.find(|row| row.name == operation).unwrap()
}

/// An operation's name with what was on the wire: method, path and query, and body.
type Wire = (&'static str, String, Value);

/// Sends a call.
async fn wire<O: Endpoint>(memory: &Memory, call: Call<O>) -> Wire {
    // The prepared response fits none of them; only the request matters here.
    let _ = call.await;
    let requests = memory.requests();
    let [request] = requests.as_slice() else {
        panic!("{}: {} requests", O::OPERATION.name, requests.len())
    };
    let url = request.url();
    let query = url
        .query()
        .map(|query| format!("?{query}"))
        .unwrap_or_default();
    let body = match request.body() {
        Some(body) => serde_json::from_slice(body.as_bytes().unwrap()).unwrap(),
        None => Value::Null,
    };
    let key = request.headers().get("authorization");
    let expected = row(O::OPERATION.name)
        .authenticated
        .then(|| format!("Bearer {KEY}"));
    assert_eq!(
        key.map(|key| key.to_str().unwrap()),
        expected.as_deref(),
        "{}",
        O::OPERATION.name
    );
    let line = format!("{} {}{query}", request.method(), url.path());
    (O::OPERATION.name, line, body)
}

/// Sends one call of every operation.
async fn every_call(memory: &Memory, pivotal: &Client) -> [Wire; 18] {
    let contacts = pivotal.customer(245).contacts();
    [
        wire(memory, pivotal.me()).await,
        wire(memory, pivotal.health()).await,
        wire(
            memory,
            pivotal
                .customers()
                .list()
                .status("active")
                .slug("a b")
                .limit(5)
                .cursor("2026-05-26T17:21:09.000Z"),
        )
        .await,
        wire(
            memory,
            pivotal.customers().create(CreateCustomer::new("Aurora")),
        )
        .await,
        wire(memory, pivotal.customer("c1").get()).await,
        wire(
            memory,
            pivotal
                .customer("c1")
                .update(UpdateCustomer::new().plan("Growth").clear_domain()),
        )
        .await,
        wire(memory, pivotal.customer("c1").delete()).await,
        wire(memory, contacts.list().limit(2)).await,
        wire(
            memory,
            contacts.create(CreateContact::new("Mira", "mira@a.test")),
        )
        .await,
        wire(memory, pivotal.customer(245).onboardings().list()).await,
        wire(memory, pivotal.contact(3).get()).await,
        wire(
            memory,
            pivotal
                .contact(3)
                .update(UpdateContact::new().labels(Vec::<String>::new())),
        )
        .await,
        wire(memory, pivotal.contact(3).delete()).await,
        wire(
            memory,
            pivotal
                .onboardings()
                .list()
                .state("waiting")
                .phase("launch")
                .customer_id(245),
        )
        .await,
        wire(
            memory,
            pivotal.onboardings().create(CreateOnboarding::new("245")),
        )
        .await,
        wire(memory, pivotal.onboarding(7).get()).await,
        wire(
            memory,
            pivotal
                .onboarding(7)
                .update(UpdateOnboarding::new().state("paused")),
        )
        .await,
        wire(memory, pivotal.onboarding(7).delete()).await,
    ]
}

#[tokio::test]
async fn a_prefix_of_the_base_url_stays_before_every_path() {
    let memory = Memory::default();
    let below = |base_url: &str| {
        let builder = Client::builder().base_url(base_url).api_key(KEY);
        let builder = builder.transport(Arc::new(memory.clone()));
        builder.retry(RetryPolicy::off()).build().unwrap()
    };
    let plain = every_call(&memory, &memory.client()).await;
    for base_url in ["https://pivotal.test/eu/", "https://pivotal.test/eu"] {
        let prefixed = every_call(&memory, &below(base_url)).await;
        for ((name, line, body), (_, expected, same)) in prefixed.iter().zip(&plain) {
            let expected = expected.replacen(" /api", " /eu/api", 1);
            assert_eq!((line, body), (&expected, same), "{name}");
        }
    }
}

#[tokio::test]
async fn each_operation_sends_what_the_contract_says() {
    let memory = Memory::default();
    let sent = every_call(&memory, &memory.client()).await;

    let expected = [
        ("GET /api/v1/me", Value::Null),
        ("GET /api/v1/health", Value::Null),
        (
            "GET /api/v1/customers?cursor=2026-05-26T17%3A21%3A09.000Z&limit=5&slug=a+b&status=active",
            Value::Null,
        ),
        ("POST /api/v1/customers", json!({ "name": "Aurora" })),
        ("GET /api/v1/customers/c1", Value::Null),
        (
            "PATCH /api/v1/customers/c1",
            json!({ "plan": "Growth", "domain": null }),
        ),
        ("DELETE /api/v1/customers/c1", Value::Null),
        ("GET /api/v1/customers/245/contacts?limit=2", Value::Null),
        (
            "POST /api/v1/customers/245/contacts",
            json!({ "name": "Mira", "email": "mira@a.test" }),
        ),
        ("GET /api/v1/customers/245/onboardings", Value::Null),
        ("GET /api/v1/contacts/3", Value::Null),
        ("PATCH /api/v1/contacts/3", json!({ "labels": [] })),
        ("DELETE /api/v1/contacts/3", Value::Null),
        (
            "GET /api/v1/onboardings?customer_id=245&phase=launch&state=waiting",
            Value::Null,
        ),
        ("POST /api/v1/onboardings", json!({ "customer_id": "245" })),
        ("GET /api/v1/onboardings/7", Value::Null),
        ("PATCH /api/v1/onboardings/7", json!({ "state": "paused" })),
        ("DELETE /api/v1/onboardings/7", Value::Null),
    ];
    for ((name, line, body), (expected_line, expected_body)) in sent.iter().zip(&expected) {
        assert_eq!(line, expected_line, "{name}");
        assert_eq!(body, expected_body, "{name}");
        assert!(
            line.starts_with(row(name).method.as_str()),
            "{name}: {line}"
        );
    }
}

/// The words of a name, each with a capital.
fn type_name(operation: &str) -> String {
    let words = operation.split('_');
    words
        .map(|word| word[..1].to_uppercase() + &word[1..])
        .collect()
}

#[test]
fn every_operation_of_the_table_has_a_request() {
    let requests = include_str!("../../../pivotal-api/src/generated/requests.rs");
    for operation in OPERATIONS {
        let request = format!("{}Request", type_name(operation.name));
        let implements = |what: &str| requests.contains(&format!("\nimpl {what} for {request} {{"));
        let Operation {
            name, class, paged, ..
        } = operation;
        assert!(implements("Endpoint"), "{name}");
        assert_eq!(implements("ByKey"), *class == RetryClass::ByKey, "{name}");
        assert_eq!(implements("Paged"), *paged, "{name}");
        assert!(requests.contains(&format!(".{name}(")), "{name}");
    }
}

#[tokio::test]
async fn creates_send_the_key_that_they_are_given() {
    let memory = Memory::default();
    let customer = CreateCustomer::new("A");
    let call = memory.client().customers().create(customer);
    let _ = call.idempotency_key("aurora-1").await;
    let requests = memory.requests();
    assert_eq!(requests[0].headers()["idempotency-key"], "aurora-1");
}

#[tokio::test]
async fn a_body_takes_keys_that_the_contract_does_not_know() {
    let memory = Memory::default();
    let body = CreateCustomer::new("Aurora").extra("metadata", json!({ "crm": 1 }));
    let (.., body) = wire(&memory, memory.client().customers().create(body)).await;
    assert_eq!(body, json!({ "name": "Aurora", "metadata": { "crm": 1 } }));
}

#[tokio::test]
async fn nothing_is_sent_before_a_call_is_awaited() {
    let memory = Memory::default();
    let pivotal = memory.client();
    drop(pivotal.me());
    drop(pivotal.customers().list().into_future());
    assert!(memory.requests().is_empty());
}

#[test]
fn calls_and_their_futures_move_between_threads() {
    fn assert<T: Send + 'static>(_: T) {}
    let pivotal = Memory::default().client();
    assert(pivotal.clone());
    assert(pivotal.customers().list());
    assert(pivotal.customers().list().into_future());
    assert(pivotal.customer(1).get().with_meta());
}
