//! What many requests of one kind leave behind: memory, and the time of the last ones.

use std::{fs, time::Instant};

use pivotal_sandbox::Sandbox;
use pivotal_test_support::bench::{Figure, Report, Target, in_turns};
use tokio::runtime::Runtime;

use crate::connection::{Connection, request};

/// Requests of each kind that leave no row behind. `$number` is different in each.
const KINDS: [(&str, &str); 9] = [
    ("health", "GET /health"),
    ("wrong_key", "GET /me"),
    ("unknown_path", "GET /nothing/$number"),
    ("invalid_body", "POST /customers {\"name\":"),
    (
        "invalid_field",
        "POST /customers {\"name\":\"$number\",\"mrr\":-1}",
    ),
    ("get", "GET /customers/1"),
    (
        "list",
        "GET /customers?limit=100&cursor=2026-05-26T17:21:09.$numberZ",
    ),
    (
        "update",
        "PATCH /customers/1 {\"name\":\"Customer $number\"}",
    ),
    ("long_head", "GET /health"),
];

/// The growth of the process per request, from 10 % of the requests to all of them. The journal fills
/// up during the first 10 %.
pub(crate) fn memory(server: &Runtime, report: &mut Report) {
    let requests = report.size(200_000, 100);
    let (name, what) = (
        "memory/most",
        "Growth for each request, the most of all kinds",
    );
    if resident_bytes().is_nan() {
        let reason = "only Linux tells the memory of a process";
        report.add(Figure::not_measured(name, what, reason).at_most(8.0));
        return;
    }
    let mut most = 0.0_f64;
    for (kind, line) in KINDS {
        let sandbox = server.block_on(Sandbox::start());
        let mut connection = Connection::open(sandbox.address());
        let mut send = |number: usize| {
            drop(connection.send(&fill(kind, line, sandbox.api_key(), number)));
        };
        send(0);
        let first = requests / 10;
        (0..first).for_each(&mut send);
        let before = resident_bytes();
        (first..requests).for_each(&mut send);
        let grown = (resident_bytes() - before) / (requests - first) as f64;
        most = most.max(grown);
        let what = format!(
            "Growth for each of {requests} requests: {}",
            kind.replace('_', " ")
        );
        report.add(Figure::new(format!("memory/{kind}"), what, grown, "B"));
    }
    report.add(Figure::new(name, what, most, "B").at_most(8.0));
}

/// The request of a kind.
fn fill(kind: &str, line: &str, key: &str, number: usize) -> Vec<u8> {
    let line = line.replace("$number", &format!("{number:06}"));
    let (method, rest) = line.split_once(' ').unwrap();
    let (path, body) = rest.split_once(' ').unwrap_or((rest, ""));
    let key = if kind == "wrong_key" {
        "pivotal_wrong"
    } else {
        key
    };
    let long = format!("x-long: {}\r\n", "x".repeat(32 * 1024));
    let headers = if kind == "long_head" { &long } else { "" };
    request(method, &format!("/api/v1{path}"), key, headers, body)
}

/// The resident memory of the process, which only Linux tells.
fn resident_bytes() -> f64 {
    const PAGE: f64 = 4096.0;
    let statm = fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok());
    pages.map_or(f64::NAN, |pages: f64| pages * PAGE)
}

/// The time to create customers of one name, compared with as many of different names.
pub(crate) fn equal_names(server: &Runtime, report: &mut Report) {
    let customers = report.size(50_000, 100);
    let seconds = |name: fn(usize) -> String| {
        let sandbox = server.block_on(Sandbox::start());
        let mut connection = Connection::open(sandbox.address());
        let began = Instant::now();
        for number in 0..customers {
            connection.create_customer(sandbox.api_key(), &name(number));
        }
        began.elapsed().as_secs_f64()
    };
    let times = in_turns(
        1,
        || seconds(|number| format!("Customer {number}")),
        || seconds(|_| "Customer".to_owned()),
    );
    let what = format!("Creating {customers} customers");
    let (sides, target) = (
        ["different names", "equal names"],
        Some(Target::AtMost(1.5)),
    );
    report.compare("equal_names/time", &what, sides, &times, "s", target);
}
