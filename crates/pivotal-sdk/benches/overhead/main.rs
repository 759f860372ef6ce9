//! What the SDK costs beside the same calls written by hand, as JSON on standard output.
//!
//! ```sh
//! cargo bench -p pivotal-sdk
//! ```
//!
//! Figures are those of one call, or of one page of a stream, with everything on that is on by
//! default. Each is a median of many short runs in pairs: by hand and SDK, SDK and by hand, by hand
//! and SDK, … Comparisons are medians over the pairs, so that a machine that is busy for a while
//! weighs on both sides. Both sides send through one HTTP client and so over one connection to one
//! thread of the server: with one each, the system would place the threads once and for all, and
//! one side might keep the better place.
//!
//! CPU is that of the client's thread. The server is on threads of its own and allocates nothing,
//! so that allocations are the client's alone.
//!
//! The report ends with the targets. One that is missed is named on standard error, and the bench
//! fails.

#![allow(clippy::unwrap_used, reason = "a bench that cannot run should stop")]

use std::alloc::System;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use pivotal_sdk::{BaseUrl, Client};
use serde_json::{Value, json};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

use by_hand::ByHand;
use server::{PAGE, Server};

mod by_hand;
mod server;
mod targets;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const KEY: &str = "pivotal_test_aB3dE5fG7hJ9kL1m";
const TIMEOUT: Duration = Duration::from_secs(30);

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    // `cargo test --benches` only wants to know that it starts.
    if !std::env::args().any(|argument| argument == "--bench") {
        return ExitCode::SUCCESS;
    }
    let mut report = json!({
        "get_customer": get_customer().await,
        "list_100": list_100().await,
        "stream_100000_rows": stream_in_turns().await,
        "stream_20ms_pages_10ms_work": stream_ahead(Duration::from_millis(10)).await,
        "stream_20ms_pages_no_work": stream_ahead(Duration::ZERO).await,
        "peak_memory": peak_memory().await,
    });
    let missed = targets::judge(&mut report);
    println!("{report:#}");
    for line in &missed {
        eprintln!("{line}");
    }
    match missed.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// Both sides, on the same connections.
fn sides(server: &Server) -> (ByHand, Client) {
    let http = pivotal_runtime::http_client(&BaseUrl::parse(&server.base_url).unwrap()).unwrap();
    let by_hand = ByHand::new(&http, &server.base_url);
    let sdk = Client::builder()
        .base_url(&server.base_url)
        .api_key(KEY)
        .http_client(http)
        .build()
        .unwrap();
    (by_hand, sdk)
}

/// What one run cost, a call.
#[derive(Clone, Copy)]
struct Cost {
    cpu: f64,
    wall: f64,
    allocations: f64,
    bytes: f64,
}

/// Runs something `calls` times.
async fn cost(calls: usize, mut call: impl AsyncFnMut()) -> Cost {
    let region = Region::new(ALLOCATOR);
    let (cpu, wall) = (thread_cpu(), Instant::now());
    for _ in 0..calls {
        call().await;
    }
    let (cpu, wall) = (thread_cpu() - cpu, wall.elapsed());
    let change = region.change();
    let a_call = |total: f64| total / calls as f64;
    Cost {
        cpu: a_call(cpu.as_secs_f64() * 1e6),
        wall: a_call(wall.as_secs_f64() * 1e6),
        allocations: a_call((change.allocations + change.reallocations) as f64),
        bytes: a_call(change.bytes_allocated as f64),
    }
}

/// The CPU that this thread has used.
fn thread_cpu() -> Duration {
    cpu_time::ThreadTime::now().as_duration()
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// Runs of both sides, each beside its neighbour of the other side.
#[derive(Default)]
struct Pairs(Vec<(Cost, Cost)>);

impl Pairs {
    /// Adds a pair, in the other order than the one before.
    async fn run(&mut self, calls: usize, by_hand: impl AsyncFnMut(), sdk: impl AsyncFnMut()) {
        let pair = if self.0.len().is_multiple_of(2) {
            let by_hand = cost(calls, by_hand).await;
            (by_hand, cost(calls, sdk).await)
        } else {
            let sdk = cost(calls, sdk).await;
            (cost(calls, by_hand).await, sdk)
        };
        self.0.push(pair);
    }

    fn compare(&self) -> Value {
        let side = |of_pair: fn(&(Cost, Cost)) -> &Cost| {
            let median =
                |of: fn(&Cost) -> f64| rounded(median(self.0.iter().map(|pair| of(of_pair(pair)))));
            json!({
                "cpu_us": median(|cost| cost.cpu),
                "wall_us": median(|cost| cost.wall),
                "allocations": median(|cost| cost.allocations),
                "allocated_bytes": median(|cost| cost.bytes),
            })
        };
        let pairs = || self.0.iter().map(|(by_hand, sdk)| (by_hand, sdk));
        let ratio = |of: fn(&Cost) -> f64| rounded(median(pairs().map(|(a, b)| of(b) / of(a))));
        let more = median(pairs().map(|(a, b)| b.cpu - a.cpu));
        let throughput = median(pairs().map(|(a, b)| a.wall / b.wall));
        json!({
            "pairs": self.0.len(),
            "by_hand": side(|pair| &pair.0),
            "sdk": side(|pair| &pair.1),
            "sdk_more_cpu_us": rounded(more),
            "cpu_ratio": ratio(|cost| cost.cpu),
            "wall_ratio": ratio(|cost| cost.wall),
            "throughput_ratio": rounded(throughput),
            "allocations_ratio": ratio(|cost| cost.allocations),
        })
    }
}

async fn get_customer() -> Value {
    let server = Server::start(1, Duration::ZERO).unwrap();
    let (by_hand, sdk) = sides(&server);
    let by_hand = async || drop(by_hand.get_customer("245").await.unwrap());
    let sdk = async || drop(sdk.customer("245").get().await.unwrap());
    cost(500, by_hand).await;
    cost(500, sdk).await;
    let mut pairs = Pairs::default();
    for _ in 0..100 {
        pairs.run(300, by_hand, sdk).await;
    }
    pairs.compare()
}

async fn list_100() -> Value {
    let server = Server::start(1, Duration::ZERO).unwrap();
    let (by_hand, sdk) = sides(&server);
    let by_hand = async || drop(by_hand.list_customers(None).await.unwrap());
    let sdk = async || drop(sdk.customers().list().limit(100).await.unwrap());
    cost(100, by_hand).await;
    cost(100, sdk).await;
    let mut pairs = Pairs::default();
    for _ in 0..100 {
        pairs.run(75, by_hand, sdk).await;
    }
    pairs.compare()
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

    /// Reads a page and works on each row; whether there are more.
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

/// Work on a page's worth of rows, in ten steps.
async fn work_on(rows: usize, work: Duration) {
    if !work.is_zero() && rows.is_multiple_of(PAGE / 10) {
        tokio::time::sleep(work / 10).await;
    }
}

/// 100,000 rows without prefetch: both sides read on in turns of 20 pages. A time limit or a wait
/// of one side cannot go by during the turn of the other, since nothing is under way between turns.
async fn stream_in_turns() -> Value {
    const PAGES: usize = 1_000;
    const TURN: usize = 20;
    let server = Server::start(PAGES, Duration::ZERO).unwrap();
    let (by_hand, sdk) = sides(&server);
    let mut pairs = Pairs::default();
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
            pairs.run(TURN, by_hand, sdk).await;
        }
        assert_eq!((pages.rows, rows), (PAGES * PAGE, PAGES * PAGE));
        assert!(customers.try_next().await.unwrap().is_none());
    }
    let mut report = pairs.compare();
    report["rows"] = json!(PAGES * PAGE);
    report["prefetch"] = json!(false);
    report
}

/// 2,000 rows from a server that takes 20 ms for a page, with prefetch: each side reads all of them
/// in its turn.
async fn stream_ahead(work: Duration) -> Value {
    const PAGES: usize = 20;
    let server = Server::start(PAGES, Duration::from_millis(20)).unwrap();
    let (by_hand, sdk) = sides(&server);
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
    let mut pairs = Pairs::default();
    for _ in 0..11 {
        pairs.run(1, by_hand, sdk).await;
    }
    let mut report = pairs.compare();
    report["rows"] = json!(PAGES * PAGE);
    report["prefetch"] = json!(true);
    report
}

/// The most that was allocated at a time beyond what was before, over 10,000 and 100,000 rows.
async fn peak_memory() -> Value {
    let mut report = json!({});
    let (few, many) = (100, 1_000);
    let mut peaks = Vec::new();
    for pages in [few, many] {
        let server = Server::start(pages, Duration::ZERO).unwrap();
        let (_, sdk) = sides(&server);
        let mut customers = sdk.customers().list().stream();
        while customers.try_next().await.unwrap().is_some() {}
        let region = Region::new(ALLOCATOR);
        let mut peak = 0;
        let mut customers = sdk.customers().list().stream();
        while customers.try_next().await.unwrap().is_some() {
            let change = region.change();
            peak = peak.max(change.bytes_allocated as isize - change.bytes_deallocated as isize);
        }
        report[format!("{}_rows_peak_bytes", pages * PAGE)] = json!(peak);
        peaks.push(peak as f64);
    }
    let further_rows = ((many - few) * PAGE) as f64;
    report["bytes_a_further_row"] = json!(rounded((peaks[1] - peaks[0]) / further_rows));
    report
}
