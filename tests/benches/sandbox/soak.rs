//! Many clients for some time, each calling every operation: no 5xx, and no response that the
//! contract does not document. Responses are kept while the clients run and checked afterwards.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    thread,
    time::{Duration, Instant},
};

use pivotal_sandbox::Sandbox;
use pivotal_test_support::bench::{Figure, Report};
use reqwest::{
    Method, StatusCode,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::{
    conformance,
    connection::{Connection, Response, request},
};

const CLIENTS: usize = 64;
/// Findings that are shown.
const SHOWN: usize = 10;

/// The life of a customer, with mistakes: method, path and body of each request. `$unique` is
/// different in each round; `$customer`, `$contact`, `$onboarding` and `$created_at` are the
/// `display_id`s of the rows of the round and the creation time of the last one.
///
/// The second create repeats the first with the same idempotency key;
/// `/me?unauthenticated` is sent with an unknown key.
const ROUND: &str = r#"
GET /health
GET /me
POST /customers {"name":"Customer $unique","mrr":240000}
POST /customers {"name":"Customer $unique","mrr":240000}
GET /customers/$customer
PATCH /customers/$customer {"plan":"Growth","domain":null}
GET /customers?limit=5
GET /customers?limit=5&cursor=$created_at
POST /customers/$customer/contacts {"name":"Mira Chen","email":"mira@$unique.com"}
GET /customers/$customer/contacts
GET /contacts/$contact
PATCH /contacts/$contact {"labels":["billing"]}
POST /onboardings {"customer_id":"$customer"}
GET /onboardings/$onboarding
PATCH /onboardings/$onboarding {"phase":"launch","waiting_on_customer":true}
GET /onboardings?limit=5&state=waiting&phase=launch
GET /customers/$customer/onboardings
POST /customers {
POST /customers {"name":""}
GET /customers?limit=0
PUT /customers/$customer {}
GET /nothing
GET /me?unauthenticated
DELETE /onboardings/$onboarding
DELETE /contacts/$contact
DELETE /customers/$customer
DELETE /customers/$customer
GET /customers/$customer
"#;

struct Exchange {
    method: &'static str,
    path: String,
    response: Response,
}

pub(crate) fn measure(server: &Runtime, report: &mut Report) {
    let time = Duration::from_secs(report.size(30, 1));
    let sandbox = server.block_on(Sandbox::start());
    let (address, key) = (sandbox.address(), sandbox.api_key());
    let began = Instant::now();
    let run = |client| move || rounds(client, address, key, began + time);
    let exchanges = in_threads((0..CLIENTS).map(run));
    let seconds = began.elapsed().as_secs_f64();

    let server_errors = exchanges
        .iter()
        .filter(|exchange| exchange.response.status() >= 500);
    let called: BTreeSet<_> = exchanges
        .iter()
        .filter_map(|exchange| {
            let method = exchange.method.parse().unwrap();
            conformance::operation(&method, exchange.path()).map(|(id, _)| id)
        })
        .collect();
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let parts = exchanges.chunks(exchanges.len().div_ceil(threads));
    let findings = in_threads(
        parts.map(|part| move || part.iter().flat_map(Exchange::findings).collect::<Vec<_>>()),
    );
    for finding in findings.iter().take(SHOWN) {
        eprintln!("{finding}");
    }
    let paths = conformance::DOCUMENT["paths"].as_object().unwrap().values();
    let documented: usize = paths.map(|item| item.as_object().unwrap().len()).sum();
    let clients = format!("{CLIENTS} clients for {} s", time.as_secs());
    let rate = exchanges.len() as f64 / seconds;
    report.add(Figure::new(
        "soak/throughput",
        format!("Responses to {clients}"),
        rate,
        "/s",
    ));
    for (name, what, count) in [
        (
            "server_errors",
            "Responses with a status of 500 or more",
            server_errors.count(),
        ),
        (
            "not_as_documented",
            "Violations of the contract",
            findings.len(),
        ),
        (
            "not_called",
            "Operations that are not called",
            documented - called.len(),
        ),
    ] {
        let what = format!("{what}, {clients}");
        report.add(Figure::new(format!("soak/{name}"), what, count as f64, "count").at_most(0.0));
    }
}

/// The results of all work, each done on a thread of its own.
fn in_threads<T: Send>(work: impl Iterator<Item = impl FnOnce() -> Vec<T> + Send>) -> Vec<T> {
    thread::scope(|scope| {
        let threads: Vec<_> = work.map(|work| scope.spawn(work)).collect();
        let results = threads.into_iter().map(|thread| thread.join().unwrap());
        results.flatten().collect()
    })
}

/// The exchanges of one client, round after round.
fn rounds(client: usize, address: SocketAddr, key: &str, until: Instant) -> Vec<Exchange> {
    let mut connection = Connection::open(address);
    let mut exchanges = Vec::new();
    for round in 0.. {
        if Instant::now() >= until {
            break;
        }
        let unique = format!("{client}-{round}");
        let idempotency_key = format!("idempotency-key: {unique}\r\n");
        let mut values = vec![("$unique".to_owned(), unique)];
        for line in ROUND.trim().lines() {
            let (method, rest) = line.split_once(' ').unwrap();
            let (path, body) = rest.split_once(' ').unwrap_or((rest, ""));
            let fill = |text: &str| {
                let fill =
                    |text: String, (name, value): &(String, String)| text.replace(name, value);
                values.iter().fold(text.to_owned(), fill)
            };
            let (path, body) = (format!("/api/v1{}", fill(path)), fill(body));
            let (key, headers) = match (path.contains("unauthenticated"), body.contains("mrr")) {
                (true, _) => ("pivotal_wrong", ""),
                (_, true) => (key, idempotency_key.as_str()),
                _ => (key, ""),
            };
            let response = connection.send(&request(method, &path, key, headers, &body));
            if response.status() == 201 {
                let row: Value = serde_json::from_slice(&response.body).unwrap_or_default();
                let kind = row["object"].as_str().unwrap_or_default();
                let created_at = row["created_at"].as_str().unwrap_or_default();
                values.push((format!("${kind}"), row["display_id"].to_string()));
                values.push(("$created_at".to_owned(), created_at.to_owned()));
            }
            exchanges.push(Exchange {
                method,
                path,
                response,
            });
        }
    }
    exchanges
}

impl Exchange {
    /// The path without its query.
    fn path(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }

    fn findings(&self) -> Vec<String> {
        let head = std::str::from_utf8(&self.response.head).unwrap();
        let lines = head.lines().filter_map(|line| line.split_once(": "));
        let headers: HeaderMap = lines
            .map(|(name, value)| {
                let name: HeaderName = name.parse().unwrap();
                (name, HeaderValue::from_str(value).unwrap())
            })
            .collect();
        let method: Method = self.method.parse().unwrap();
        let status = StatusCode::from_u16(self.response.status()).unwrap();
        let Ok(body) = serde_json::from_slice(&self.response.body) else {
            return vec![format!("{method} {} {status}: no JSON", self.path)];
        };
        let findings = conformance::findings(&method, self.path(), status, &headers, Some(&body));
        let findings = findings.into_iter();
        findings
            .map(|finding| format!("{method} {} {status}: {finding}", self.path))
            .collect()
    }
}
