//! Servers that are broken or malicious. For each case: what the call returns, how often it was sent,
//! how long it took, and how much memory the process used at most.
//!
//! ```sh
//! cargo test -p pivotal-sdk --test hostile -- --nocapture
//! ```
//!
//! The snapshot has what does not depend on the machine. Time and memory are printed, and bounded.

// Clippy allows unwrap in test functions only, not in what they share.
#![allow(clippy::unwrap_used)]

mod bodies;
mod cursors;
mod errors;
mod http;
mod timing;

use std::fmt::Write;
use std::time::{Duration, Instant};

use peak_alloc::PeakAlloc;
use pivotal_sdk::{Client, CreateCustomer, RetryPolicy};
use pivotal_test_support::{Reply, Request, ScriptedServer};
use serde_json::{Value, json};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// What each case may take at most. A case that takes this long does not end by itself: most take
/// milliseconds.
const MOST_SECONDS: f32 = 60.0;
const MOST_MEBIBYTES: f32 = 100.0;

/// What the client calls.
#[derive(Clone, Copy)]
enum Call {
    /// Gets one customer.
    Get,
    /// Creates a customer.
    Create,
    /// Reads at most 1,000 customers of a list.
    List,
}

const BODY_LIMIT: usize = 2 << 20;

type Replies = Box<dyn FnMut(&Request, usize) -> Reply + Send>;

/// A case: its name, the call, and the reply to each request, by the number of earlier ones.
struct Case {
    name: String,
    call: Call,
    timeout: Duration,
    reply: Replies,
}

impl Case {
    fn new(
        name: impl Into<String>,
        call: Call,
        reply: impl FnMut(&Request, usize) -> Reply + Send + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            call,
            timeout: Duration::from_secs(20),
            reply: Box::new(reply),
        }
    }

    /// Sets the timeout of an attempt, three times which is the deadline of the call. It decides the
    /// outcome of a case whose server does not end.
    fn timeout(mut self, milliseconds: u64) -> Self {
        self.timeout = Duration::from_millis(milliseconds);
        self
    }

    /// A get that is always sent these bytes.
    fn get(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        let reply = Reply::Bytes(bytes.into());
        Self::new(name, Call::Get, move |_, _| reply.clone())
    }
}

/// A response with any head and a body of JSON.
fn json_response(status: &str, headers: &str, body: &Value) -> Reply {
    pivotal_test_support::response(status, headers, body.to_string())
}

/// A customer as the API returns it.
fn customer() -> Value {
    json!({
        "object": "customer", "id": "cl9bn00of0000g7l8gcq8c4xk", "display_id": 245,
        "name": "Aurora Outfitters", "slug": "aurora-demo", "domain": "aurora-demo.com",
        "status": "onboarding", "plan": null, "mrr": null, "monthly_orders": null,
        "hubspot_company_id": null, "hubspot_deal_id": null, "stripe_customer_id": null,
        "intercom_company_id": null, "slack_channel_id": null,
        "created_at": "2026-05-26T17:21:09.412Z", "updated_at": "2026-05-26T17:21:09.412Z"
    })
}

const KEY: &str = "pivotal_test_aB3dE5fG7hJ9kL1m";

#[tokio::test]
async fn hostile_servers() {
    let cases = [
        http::cases(),
        bodies::cases(),
        errors::cases(),
        cursors::cases(),
        timing::cases(),
    ];
    let (mut snapshot, mut slow_or_large) = (String::new(), Vec::new());
    for Case {
        name,
        call,
        timeout,
        mut reply,
    } in cases.into_iter().flatten()
    {
        let mut earlier = 0;
        let server = ScriptedServer::start(move |request| {
            earlier += 1;
            reply(request, earlier - 1)
        });
        MEMORY.reset_peak_usage();
        let (before, start) = (MEMORY.current_usage_as_mb(), Instant::now());
        let outcome = run(&server, call, timeout).await;
        let (seconds, peak) = (start.elapsed().as_secs_f32(), MEMORY.peak_usage_as_mb());
        let requests = server.requests();
        println!(
            "{name:60} {:2} requests {seconds:6.2} s {:6.1} MiB  {outcome}",
            requests.len(),
            peak - before
        );
        let counted = match requests.len() {
            1 => String::new(),
            requests => format!(" [{requests} requests]"),
        };
        writeln!(snapshot, "{name}: {outcome}{counted}").unwrap();
        if seconds > MOST_SECONDS || peak - before > MOST_MEBIBYTES {
            slow_or_large.push(name);
        }
        assert!(!outcome.contains(KEY), "{outcome}");
        assert!(!outcome.contains(char::is_control), "{outcome}");
        assert!(outcome.chars().count() < 1_000, "{outcome}");
    }
    assert!(slow_or_large.is_empty(), "{slow_or_large:#?}");
    insta::assert_snapshot!(snapshot);
}

/// The result in a line.
async fn run(server: &ScriptedServer, call: Call, timeout: Duration) -> String {
    let client = Client::builder()
        .base_url(server.base_url())
        .api_key(KEY)
        .timeout(timeout)
        .deadline(timeout * 3)
        .body_limit(BODY_LIMIT)
        .retry({
            let backoff = Duration::from_millis(1);
            RetryPolicy::default()
                .max_attempts(2)
                .backoff(backoff, backoff)
        })
        .build()
        .unwrap();
    let result = match call {
        Call::Get => client
            .customer("245")
            .get()
            .await
            .map(|customer| shown(&customer.name)),
        Call::Create => {
            let create = client.customers().create(CreateCustomer::new("Aurora"));
            create.await.map(|customer| shown(&customer.name))
        }
        Call::List => {
            let list = client.customers().list().collect_up_to(1_000).await;
            list.map(|rows| format!("{} rows", rows.len()))
        }
    };
    match result {
        Ok(value) => format!("Ok({value})"),
        Err(error) => {
            let details = format!("{error:#?}");
            assert!(!details.contains(KEY), "{details}");
            error
                .to_string()
                .replace(server.base_url().trim_start_matches("http://"), "[server]")
        }
    }
}

fn shown(text: &str) -> String {
    match text.chars().count() {
        0..=40 => pivotal_sdk::printable(text).into_owned(),
        characters => format!("{characters} characters"),
    }
}
