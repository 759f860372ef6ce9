//! What the SDK costs compared with the same calls written by hand, as JSON on standard output.
//!
//! ```sh
//! cargo bench -p pivotal-benches --bench overhead
//! cargo bench -p pivotal-benches --bench overhead -- calls    # without the streams
//! ```
//!
//! Figures are those of one call, or of one page of a stream, with every default of the SDK on: CPU
//! of the client's thread and allocations of the process. Both sides send through one HTTP client,
//! and so over one connection to one thread of the server: with one each, the system would place the
//! threads once and for all, and one side might keep the better place.
//!
//! Instructions are counted by callgrind, or by the processor where valgrind is not installed. Where
//! neither works, the report says so and their targets are left out. Targets are ratios: times depend
//! on the machine and are for information.
//!
//! The report ends with the targets. If one is missed, the bench names it and fails.

#![allow(clippy::unwrap_used, reason = "a bench that cannot run should stop")]

use std::alloc::System;
use std::process::ExitCode;
use std::time::Duration;

use pivotal_sdk::{BaseUrl, Client};
use pivotal_test_support::bench::{
    Comparison, INSTRUMENTED_SYSTEM, Report, StatsAlloc, Stopwatch, Target, repeat, rounded,
};
use serde_json::{Value, json};

use by_hand::ByHand;
use instructions::{Calls, Counter};
use server::PAGE;

mod by_hand;
mod instructions;
mod server;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const KEY: &str = "pivotal_test_aB3dE5fG7hJ9kL1m";
const TIMEOUT: Duration = Duration::from_secs(30);

/// Checked where instructions can be counted.
const INSTRUCTIONS: [(&str, Target); 2] = [
    ("/get_customer_instructions/ratio", Target::AtMost(1.02)),
    ("/list_100_instructions/ratio", Target::AtMost(1.02)),
];

const CALLS: [(&str, Target); 3] = [
    ("/get_customer/cpu_ratio", Target::AtMost(1.05)),
    ("/get_customer/allocations_ratio", Target::AtMost(1.10)),
    ("/list_100/cpu_ratio", Target::AtMost(1.05)),
];

const STREAMS: [(&str, Target); 3] = [
    (
        "/stream_100000_rows/throughput_ratio",
        Target::AtLeast(0.97),
    ),
    (
        "/stream_20ms_pages_10ms_work/throughput_ratio",
        Target::AtLeast(1.0),
    ),
    // Nothing is remembered of the pages before the last.
    ("/peak_memory/bytes_a_further_row", Target::AtMost(1.0)),
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    if let Some(calls) = Calls::from_arguments() {
        only(&calls).await;
        return ExitCode::SUCCESS;
    }
    let is_given = |argument: &str| std::env::args().any(|given| given == argument);
    // `cargo test --benches` only checks that it starts.
    if !is_given("--bench") {
        return ExitCode::SUCCESS;
    }
    let mut report = Report::default();
    instructions(&mut report);
    report.add("get_customer", get_customer().await);
    report.add("list_100", list_100().await);
    report.check_all(&CALLS);
    if !is_given("calls") {
        report.add("stream_100000_rows", stream_in_turns().await);
        let work = Duration::from_millis(10);
        report.add("stream_20ms_pages_10ms_work", stream_ahead(work).await);
        report.add(
            "stream_20ms_pages_no_work",
            stream_ahead(Duration::ZERO).await,
        );
        report.add("peak_memory", peak_memory().await);
        report.check_all(&STREAMS);
    }
    report.print()
}

fn instructions(report: &mut Report) {
    let Some(counter) = Counter::find() else {
        let reason = "not counted: neither valgrind nor perf counts instructions here";
        report.add("instructions", json!(reason));
        return;
    };
    let server = server::start(1, Duration::ZERO);
    let get = counter.compare(server.base_url(), false, 1_000);
    report.add("get_customer_instructions", get);
    let list = counter.compare(server.base_url(), true, 100);
    report.add("list_100_instructions", list);
    report.check_all(&INSTRUCTIONS);
}

/// Both sides, on the same connections.
fn sides(base_url: &str) -> (ByHand, Client) {
    let http = pivotal_runtime::http_client(&BaseUrl::parse(base_url).unwrap()).unwrap();
    let sdk = Client::builder()
        .base_url(base_url)
        .api_key(KEY)
        .http_client(http.clone());
    let by_hand = ByHand {
        http,
        base_url: base_url.to_owned(),
    };
    (by_hand, sdk.build().unwrap())
}

/// Makes the calls of one side, and nothing else.
async fn only(calls: &Calls) {
    let (by_hand, sdk) = sides(&calls.base_url);
    for _ in 0..calls.count {
        match (calls.sdk, calls.list) {
            (false, false) => drop(by_hand.get_customer("245").await.unwrap()),
            (false, true) => drop(by_hand.list_customers(None).await.unwrap()),
            (true, false) => drop(sdk.customer("245").get().await.unwrap()),
            (true, true) => drop(sdk.customers().list().limit(100).await.unwrap()),
        }
    }
}

/// Warms both sides up, then compares 100 pairs of so many calls.
async fn compare(
    calls: usize,
    by_hand: impl AsyncFn() + Copy,
    sdk: impl AsyncFn() + Copy,
) -> Value {
    repeat(calls, by_hand).await;
    repeat(calls, sdk).await;
    let mut comparison = Comparison::default();
    for _ in 0..100 {
        comparison.run(calls, by_hand, sdk).await;
    }
    comparison.to_json("by_hand", "sdk")
}

async fn get_customer() -> Value {
    let server = server::start(1, Duration::ZERO);
    let (by_hand, sdk) = &sides(server.base_url());
    let by_hand = async || drop(by_hand.get_customer("245").await.unwrap());
    let sdk = async || drop(sdk.customer("245").get().await.unwrap());
    compare(300, by_hand, sdk).await
}

async fn list_100() -> Value {
    let server = server::start(1, Duration::ZERO);
    let (by_hand, sdk) = &sides(server.base_url());
    let by_hand = async || drop(by_hand.list_customers(None).await.unwrap());
    let sdk = async || drop(sdk.customers().list().limit(100).await.unwrap());
    compare(75, by_hand, sdk).await
}

/// A list that is read by hand, page by page.
struct Pages<'a> {
    client: &'a ByHand,
    cursor: Option<String>,
    rows: usize,
}

impl<'a> Pages<'a> {
    fn new(client: &'a ByHand) -> Self {
        Self {
            client,
            cursor: None,
            rows: 0,
        }
    }

    /// Reads a page and works on each row; returns whether there are more.
    async fn next(&mut self, work: Duration) -> bool {
        let cursor = self.cursor.as_deref();
        let page = self.client.list_customers(cursor).await.unwrap();
        for customer in page.data {
            self.rows += usize::from(!customer.name.is_empty());
            work_on(self.rows, work).await;
        }
        self.cursor = page.next_cursor;
        page.has_more
    }
}

/// Does the work of a page in ten steps.
async fn work_on(rows: usize, work: Duration) {
    if !work.is_zero() && rows.is_multiple_of(PAGE / 10) {
        tokio::time::sleep(work / 10).await;
    }
}

/// 100,000 rows without prefetch: the sides read on in turns of 20 pages. Nothing is under way
/// between turns, so a wait of one side cannot pass during the turn of the other.
async fn stream_in_turns() -> Value {
    const PAGES: usize = 1_000;
    const TURN: usize = 20;
    let server = server::start(PAGES, Duration::ZERO);
    let (by_hand, sdk) = sides(server.base_url());
    let mut comparison = Comparison::default();
    for _ in 0..4 {
        let mut pages = Pages::new(&by_hand);
        let mut customers = sdk.customers().list().stream().prefetch(false);
        let mut rows = 0;
        for _ in 0..PAGES / TURN {
            let by_hand = async || _ = pages.next(Duration::ZERO).await;
            let sdk = async || {
                for _ in 0..PAGE {
                    let customer = customers.try_next().await.unwrap().unwrap();
                    rows += usize::from(!customer.name.is_empty());
                }
            };
            comparison.run(TURN, by_hand, sdk).await;
        }
        assert_eq!((pages.rows, rows), (PAGES * PAGE, PAGES * PAGE));
        assert!(customers.try_next().await.unwrap().is_none());
    }
    comparison.to_json("by_hand", "sdk")
}

/// 2,000 rows with prefetch, from a server that takes 20 ms for a page: each side reads all of them
/// in its turn.
async fn stream_ahead(work: Duration) -> Value {
    const PAGES: usize = 20;
    let server = server::start(PAGES, Duration::from_millis(20));
    let (by_hand, sdk) = sides(server.base_url());
    let by_hand = async || {
        let mut pages = Pages::new(&by_hand);
        while pages.next(work).await {}
        assert_eq!(pages.rows, PAGES * PAGE);
    };
    let sdk = async || {
        let mut rows = 0;
        let mut customers = sdk.customers().list().stream();
        while let Some(customer) = customers.try_next().await.unwrap() {
            rows += usize::from(!customer.name.is_empty());
            work_on(rows, work).await;
        }
        assert_eq!(rows, PAGES * PAGE);
    };
    let mut comparison = Comparison::default();
    for _ in 0..11 {
        comparison.run(1, by_hand, sdk).await;
    }
    comparison.to_json("by_hand", "sdk")
}

/// The most that a stream has allocated at a time, over 10,000 and 100,000 rows.
async fn peak_memory() -> Value {
    let mut report = json!({});
    let (few, many) = (100, 1_000);
    let mut peaks = Vec::new();
    for pages in [few, many] {
        let server = server::start(pages, Duration::ZERO);
        let (_, sdk) = sides(server.base_url());
        let mut customers = sdk.customers().list().stream();
        while customers.try_next().await.unwrap().is_some() {}
        let memory = Stopwatch::start();
        let mut peak = 0;
        let mut customers = sdk.customers().list().stream();
        while customers.try_next().await.unwrap().is_some() {
            peak = peak.max(memory.live_bytes());
        }
        report[format!("{}_rows_peak_bytes", pages * PAGE)] = json!(peak);
        peaks.push(peak as f64);
    }
    let further_rows = ((many - few) * PAGE) as f64;
    report["bytes_a_further_row"] = json!(rounded((peaks[1] - peaks[0]) / further_rows));
    report
}
