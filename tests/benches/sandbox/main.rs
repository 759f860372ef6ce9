//! The sandbox: speed, growth, and responses under load. `about.toml` describes the method.

#![allow(clippy::unwrap_used, reason = "a measurement that fails should stop")]

#[path = "../../../crates/pivotal-sandbox/tests/it/conformance.rs"]
mod conformance;
mod connection;
mod get_one;
mod growth;
mod saved;
mod soak;

use std::{cell::RefCell, process::ExitCode, time::Instant};

use connection::{Connection, request};
use pivotal_sandbox::Sandbox;
use pivotal_test_support::bench::{Figure, Report, Target, in_turns, median};
use serde_json::Value;
use tokio::runtime::Runtime;

/// Adds the figures of a group. Sandboxes run on the runtime.
type Measure = fn(&Runtime, &mut Report);

fn main() -> ExitCode {
    let mut report = Report::from_arguments();
    let server = Runtime::new().unwrap();
    let groups: [(&str, Measure); 7] = [
        ("start", start),
        ("get", get_one::measure),
        ("state_file", saved::measure),
        ("last_page", last_page),
        ("equal_names", growth::equal_names),
        ("memory", growth::memory),
        ("soak", soak::measure),
    ];
    for (group, measure) in groups {
        if report.wants(group) {
            measure(&server, &mut report);
        }
    }
    report.finish()
}

/// Pairs of a comparison.
fn pairs(report: &Report) -> usize {
    report.size(11, 1)
}

/// How long a sandbox takes to start, which each test that wants its own pays.
fn start(server: &Runtime, report: &mut Report) {
    let start = || {
        let began = Instant::now();
        let sandbox = server.block_on(Sandbox::start());
        let took = began.elapsed().as_secs_f64() * 1_000.0;
        drop(sandbox);
        took
    };
    let what = "First start of a process, which reads the contract";
    report.add(Figure::new("start/first", what, start(), "ms"));
    let started = median((0..report.size(110, 2)).map(|_| start()));
    report.add(Figure::new("start/time", "Start", started, "ms").at_most(5.0));
}

/// The last page of many customers compared with the first.
fn last_page(server: &Runtime, report: &mut Report) {
    const LIMIT: usize = 100;
    /// Requests of one measurement.
    const REQUESTS: u32 = 50;
    let customers = report.size(100_000, 300);
    let sandbox = server.block_on(Sandbox::start());
    let key = sandbox.api_key();
    let mut connection = Connection::open(sandbox.address());
    for number in 0..customers {
        connection.create_customer(key, &format!("Customer {number:06}"));
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
    assert_eq!(rows, customers, "every customer is on one page");
    let connection = RefCell::new(connection);
    let microseconds = |request: &[u8]| {
        let mut connection = connection.borrow_mut();
        let began = Instant::now();
        (0..REQUESTS).for_each(|_| drop(connection.send(request)));
        began.elapsed().as_secs_f64() * 1e6 / f64::from(REQUESTS)
    };
    let times = in_turns(
        pairs(report),
        || microseconds(&first),
        || microseconds(&last),
    );
    let what = format!("Page of {LIMIT} of {customers} customers");
    let (sides, target) = (["first", "last"], Some(Target::AtMost(1.5)));
    report.compare("last_page/time", &what, sides, &times, "µs", target);
}
