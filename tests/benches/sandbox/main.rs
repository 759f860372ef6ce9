//! Prints the figures of the sandbox as JSON, and fails if one misses its target:
//!
//! ```text
//! cargo bench -p pivotal-benches --bench sandbox [-- --runs 11 --seconds 30]
//! ```
//!
//! Servers run on a runtime of their own, clients on plain threads. Alternatives are measured in
//! turns, so that a busy moment of the machine affects both; figures are medians.

#![allow(clippy::unwrap_used, reason = "a measurement that fails should stop")]

#[path = "../../../crates/pivotal-sandbox/tests/it/conformance.rs"]
mod conformance;
mod connection;
mod get_one;
mod growth;
mod saved;
mod soak;

use std::{
    env,
    process::ExitCode,
    time::{Duration, Instant},
};

use connection::{Connection, request};
use pivotal_sandbox::Sandbox;
use pivotal_test_support::bench::{Report, Target, median, rounded};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// Fewest runs for a median.
const MIN_RUNS: usize = 10;

fn main() -> ExitCode {
    let Some((runs, seconds)) = arguments() else {
        eprintln!(
            "usage: cargo bench -p pivotal-benches --bench sandbox -- [--runs N, at least {MIN_RUNS}] [--seconds N]"
        );
        return ExitCode::from(2);
    };
    let server = Runtime::new().unwrap();
    let mut report = Report::default();
    report.add("start", start(&server, runs));
    report.check("/start/milliseconds", Target::AtMost(5.0));
    report.add("get_one_customer", get_one::measure(&server, runs));
    report.check("/get_one_customer/ratio", Target::AtLeast(0.6));
    report.add("state_file", saved::measure(&server, runs));
    report.check("/state_file/get_ratio", Target::AtLeast(0.8));
    report.check("/state_file/update_ratio", Target::AtLeast(0.8));
    report.add("last_page", last_page(&server, runs));
    report.check("/last_page/ratio", Target::AtMost(1.5));
    report.add("equal_names", growth::equal_names(&server, 50_000));
    report.check("/equal_names/ratio", Target::AtMost(1.5));
    // The journal fills up during the first 10 % of the requests.
    report.add("memory", growth::memory(&server, 200_000));
    report.check("/memory/most_bytes_a_request", Target::AtMost(8.0));
    report.add("soak", soak::measure(&server, Duration::from_secs(seconds)));
    report.check("/soak/server_errors", Target::AtMost(0.0));
    report.check("/soak/not_as_documented", Target::AtMost(0.0));
    report.check("/soak/operations_not_called", Target::AtMost(0.0));
    report.print()
}

fn arguments() -> Option<(usize, u64)> {
    let (mut runs, mut seconds) = (11, 30);
    // Cargo adds `--bench`.
    let mut arguments = env::args().skip(1).filter(|name| name != "--bench");
    while let Some(name) = arguments.next() {
        let value = arguments.next()?;
        match name.as_str() {
            "--runs" => runs = value.parse().ok().filter(|runs| *runs >= MIN_RUNS)?,
            "--seconds" => seconds = value.parse().ok()?,
            _ => return None,
        }
    }
    Some((runs, seconds))
}

/// How long a sandbox takes to start, which each test that wants its own pays.
fn start(server: &Runtime, runs: usize) -> Value {
    let start = || {
        let began = Instant::now();
        let sandbox = server.block_on(Sandbox::start());
        let took = began.elapsed().as_secs_f64() * 1_000.0;
        drop(sandbox);
        took
    };
    // The first reads the contract, once per process.
    let first = start();
    json!({
        "milliseconds": rounded(median((0..runs * 10).map(|_| start()))),
        "first_milliseconds": rounded(first),
    })
}

/// The last page of many customers compared with the first.
fn last_page(server: &Runtime, runs: usize) -> Value {
    const CUSTOMERS: usize = 100_000;
    const LIMIT: usize = 100;
    /// Requests of one measurement.
    const REQUESTS: u32 = 50;
    let sandbox = server.block_on(Sandbox::start());
    let key = sandbox.api_key();
    let mut connection = Connection::open(sandbox.address());
    for number in 0..CUSTOMERS {
        let body = json!({ "name": format!("Customer {number:06}") }).to_string();
        let response = connection.send(&request("POST", "/api/v1/customers", key, "", &body));
        assert_eq!(response.status(), 201);
    }
    let page = |cursor: &str| {
        let path = format!("/api/v1/customers?limit={LIMIT}{cursor}");
        request("GET", &path, key, "", "")
    };
    let first = page("");
    let (mut last, mut rows) = (first.clone(), 0);
    loop {
        let list: Value = serde_json::from_slice(&connection.send(&last).body).unwrap();
        rows += list["data"].as_array().unwrap().len();
        match list["next_cursor"].as_str() {
            Some(cursor) => last = page(&format!("&cursor={cursor}")),
            None => break,
        }
    }
    assert_eq!(rows, CUSTOMERS, "every customer is on one page");
    let mut microseconds = |request: &[u8]| {
        let began = Instant::now();
        (0..REQUESTS).for_each(|_| drop(connection.send(request)));
        began.elapsed().as_secs_f64() * 1e6 / f64::from(REQUESTS)
    };
    let pairs: Vec<_> = (0..runs)
        .map(|_| (microseconds(&first), microseconds(&last)))
        .collect();
    let first = median(pairs.iter().map(|(first, _)| *first));
    let last = median(pairs.iter().map(|(_, last)| *last));
    json!({
        "runs": runs,
        "customers": CUSTOMERS,
        "limit": LIMIT,
        "first_page_microseconds": rounded(first),
        "last_page_microseconds": rounded(last),
        "ratio": rounded(last / first),
    })
}
