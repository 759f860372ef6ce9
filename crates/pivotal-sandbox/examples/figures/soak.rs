//! Many clients for some time, each walking through every operation: no 5xx, and no response that
//! the contract does not document. Answers are kept while the clients run and judged afterwards.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    thread,
    time::{Duration, Instant},
};

use pivotal_sandbox::Sandbox;
use reqwest::{
    Method, StatusCode,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::{
    connection::{Answer, Connection, request},
    judge,
    median::rounded,
};

const CLIENTS: usize = 64;
/// Findings that are shown.
const SHOWN: usize = 10;

/// A response that is to be judged.
struct Exchange {
    method: &'static str,
    path: String,
    answer: Answer,
}

pub(crate) fn measure(server: &Runtime, time: Duration) -> Value {
    let sandbox = server.block_on(Sandbox::start());
    let (address, key) = (sandbox.address(), sandbox.api_key());
    let began = Instant::now();
    let exchanges: Vec<Vec<Exchange>> = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| scope.spawn(move || walk(client, address, key, began + time)))
            .collect();
        clients
            .into_iter()
            .map(|client| client.join().unwrap())
            .collect()
    });
    let seconds = began.elapsed().as_secs_f64();
    let requests: usize = exchanges.iter().map(Vec::len).sum();

    let mut statuses: BTreeMap<String, usize> = BTreeMap::new();
    let mut operations = BTreeSet::new();
    for exchange in exchanges.iter().flatten() {
        *statuses
            .entry(exchange.answer.status().to_string())
            .or_default() += 1;
        let method = exchange.method.parse().unwrap();
        operations.extend(judge::operation(&method, exchange.path()).map(|(id, _)| id));
    }
    let server_errors: usize = statuses
        .iter()
        .filter(|(status, _)| status.starts_with('5'))
        .map(|(_, count)| count)
        .sum();
    let findings = judged(&exchanges);
    json!({
        "clients": CLIENTS,
        "seconds": rounded(seconds),
        "requests": requests,
        "requests_per_second": rounded(requests as f64 / seconds),
        "operations": operations.len(),
        "statuses": statuses,
        "server_errors": server_errors,
        "judged": requests,
        "not_as_documented": findings.len(),
        "findings": findings.iter().take(SHOWN).collect::<Vec<_>>(),
        "target": "no server error, every response as documented, every operation asked",
        "met": server_errors == 0 && findings.is_empty() && operations.len() == documented(),
    })
}

/// How many operations the contract has.
fn documented() -> usize {
    let paths = judge::DOCUMENT["paths"].as_object().unwrap();
    paths
        .values()
        .map(|item| item.as_object().unwrap().len())
        .sum()
}

/// What is wrong with the responses, judged on every processor.
fn judged(exchanges: &[Vec<Exchange>]) -> Vec<String> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let judges: Vec<_> = exchanges
            .chunks(exchanges.len().div_ceil(threads))
            .map(|part| {
                scope.spawn(|| {
                    part.iter()
                        .flatten()
                        .flat_map(Exchange::findings)
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        judges
            .into_iter()
            .flat_map(|judge| judge.join().unwrap())
            .collect()
    })
}

impl Exchange {
    /// The path without its query.
    fn path(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }

    fn findings(&self) -> Vec<String> {
        let head = std::str::from_utf8(&self.answer.head).unwrap();
        let headers: HeaderMap = head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| {
                let name: HeaderName = name.parse().unwrap();
                (name, HeaderValue::from_str(value).unwrap())
            })
            .collect();
        let method: Method = self.method.parse().unwrap();
        let status = StatusCode::from_u16(self.answer.status()).unwrap();
        let Ok(body) = serde_json::from_slice::<Value>(&self.answer.body) else {
            return vec![format!(
                "{method} {} answered {status} without JSON",
                self.path
            )];
        };
        judge::findings(&method, self.path(), status, &headers, Some(&body))
            .into_iter()
            .map(|finding| format!("{method} {} {status}: {finding}", self.path))
            .collect()
    }
}

/// One client: the life of a customer again and again, with mistakes.
fn walk(client: usize, address: SocketAddr, key: &str, until: Instant) -> Vec<Exchange> {
    let mut client = Client {
        connection: Connection::open(address),
        key,
        exchanges: Vec::new(),
        name: client,
    };
    let mut round = 0;
    while Instant::now() < until {
        client.life_of_a_customer(round);
        round += 1;
    }
    client.exchanges
}

struct Client<'a> {
    connection: Connection,
    key: &'a str,
    exchanges: Vec<Exchange>,
    name: usize,
}

impl Client<'_> {
    fn life_of_a_customer(&mut self, round: usize) {
        let unique = format!("{}-{round}", self.name);
        self.send("GET", "/health", "");
        self.send("GET", "/me", "");
        let new = json!({ "name": format!("Customer {unique}"), "mrr": 240_000 }).to_string();
        let idempotency_key = format!("idempotency-key: {unique}\r\n");
        let customer = self.send_with("POST", "/customers", &idempotency_key, &new);
        self.send_with("POST", "/customers", &idempotency_key, &new);
        let of_customer = format!("/customers/{}", customer["display_id"]);
        self.send("GET", &of_customer, "");
        self.send("PATCH", &of_customer, r#"{"plan":"Growth","domain":null}"#);
        self.send("GET", "/customers?limit=5", "");
        let cursor = customer["created_at"].as_str().unwrap_or_default();
        self.send("GET", &format!("/customers?limit=5&cursor={cursor}"), "");
        let new = json!({ "name": "Mira Chen", "email": format!("mira@{unique}.com") }).to_string();
        let contacts = format!("{of_customer}/contacts");
        let contact = self.send("POST", &contacts, &new);
        let of_contact = format!("/contacts/{}", contact["display_id"]);
        self.send("GET", &contacts, "");
        self.send("GET", &of_contact, "");
        self.send("PATCH", &of_contact, r#"{"labels":["billing"]}"#);
        let new = json!({ "customer_id": customer["id"] }).to_string();
        let onboarding = self.send("POST", "/onboardings", &new);
        let of_onboarding = format!("/onboardings/{}", onboarding["display_id"]);
        self.send("GET", &of_onboarding, "");
        self.send(
            "PATCH",
            &of_onboarding,
            r#"{"phase":"launch","waiting_on_customer":true}"#,
        );
        self.send("GET", "/onboardings?limit=5&state=waiting&phase=launch", "");
        self.send("GET", &format!("{of_customer}/onboardings"), "");
        self.mistakes(&of_customer);
        self.send("DELETE", &of_onboarding, "");
        self.send("DELETE", &of_contact, "");
        self.send("DELETE", &of_customer, "");
        self.send("GET", &of_customer, "");
    }

    fn mistakes(&mut self, of_customer: &str) {
        self.send("POST", "/customers", "{");
        self.send("POST", "/customers", r#"{"name":""}"#);
        self.send("GET", "/customers?limit=0", "");
        self.send("PUT", of_customer, "{}");
        self.send("GET", "/nothing", "");
        let key = std::mem::replace(&mut self.key, "pivotal_wrong");
        self.send("GET", "/me", "");
        self.key = key;
    }

    fn send(&mut self, method: &'static str, path: &str, body: &str) -> Value {
        self.send_with(method, path, "", body)
    }

    fn send_with(&mut self, method: &'static str, path: &str, headers: &str, body: &str) -> Value {
        let path = format!("/api/v1{path}");
        let request = request(method, &path, self.key, headers, body);
        let answer = self.connection.send(&request);
        let read = serde_json::from_slice(&answer.body).unwrap_or_default();
        self.exchanges.push(Exchange {
            method,
            path,
            answer,
        });
        read
    }
}
