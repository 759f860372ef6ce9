//! What the SDK costs beside the same calls written by hand, as JSON on standard output.
//!
//! ```sh
//! cargo bench -p pivotal-sdk
//! ```
//!
//! Each figure is a median of interleaved runs: by hand, SDK, by hand, SDK, …, with everything on that is on by default.
//! CPU is that of the client's thread. The server is on threads of its own and allocates nothing, so that allocations
//! are the client's alone. Comparisons are medians over pairs of neighbouring runs, so that a machine that is busy for
//! a while weighs on both sides.
//!
//! The report ends with the targets. One that is missed is named on standard error, and the bench fails.

#![allow(clippy::unwrap_used, reason = "a bench that cannot run should stop")]

use std::alloc::System;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use pivotal_sdk::Client;
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
/// Interleaved runs of each side.
const RUNS: usize = 15;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    // `cargo test --benches` only wants to know that it starts.
    if !std::env::args().any(|argument| argument == "--bench") {
        return ExitCode::SUCCESS;
    }
    let mut report = json!({
        "get_customer": get_customer().await,
        "list_100": list_100().await,
        "stream_100000_rows": stream(1_000, Duration::ZERO, Duration::ZERO, 11, false).await,
        "stream_20ms_pages_10ms_work": stream(20, Duration::from_millis(20), Duration::from_millis(10), 11, true).await,
        "stream_20ms_pages_no_work": stream(20, Duration::from_millis(20), Duration::ZERO, 11, true).await,
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

fn sdk(server: &Server) -> Client {
    Client::builder()
        .base_url(&server.base_url)
        .api_key(KEY)
        .build()
        .unwrap()
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

fn compare(by_hand: &[Cost], sdk: &[Cost]) -> Value {
    let side = |runs: &[Cost]| {
        let median = |of: fn(&Cost) -> f64| rounded(median(runs.iter().map(of)));
        json!({
            "cpu_us": median(|cost| cost.cpu),
            "wall_us": median(|cost| cost.wall),
            "allocations": median(|cost| cost.allocations),
            "allocated_bytes": median(|cost| cost.bytes),
        })
    };
    let pairs = || by_hand.iter().zip(sdk);
    let ratio = |of: fn(&Cost) -> f64| rounded(median(pairs().map(|(a, b)| of(b) / of(a))));
    let more = median(pairs().map(|(a, b)| b.cpu - a.cpu));
    let throughput = median(pairs().map(|(a, b)| a.wall / b.wall));
    json!({
        "runs": by_hand.len(),
        "by_hand": side(by_hand),
        "sdk": side(sdk),
        "sdk_more_cpu_us": rounded(more),
        "cpu_ratio": ratio(|cost| cost.cpu),
        "wall_ratio": ratio(|cost| cost.wall),
        "throughput_ratio": rounded(throughput),
        "allocations_ratio": ratio(|cost| cost.allocations),
    })
}

async fn get_customer() -> Value {
    const CALLS: usize = 2_000;
    let server = Server::start(1, Duration::ZERO).unwrap();
    let (by_hand, sdk) = (ByHand::new(&server.base_url).unwrap(), sdk(&server));
    let one_by_hand = async || drop(by_hand.get_customer("245").await.unwrap());
    let one_by_sdk = async || drop(sdk.customer("245").get().await.unwrap());
    cost(500, one_by_hand).await;
    cost(500, one_by_sdk).await;
    let (mut a, mut b) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        a.push(cost(CALLS, one_by_hand).await);
        b.push(cost(CALLS, one_by_sdk).await);
    }
    compare(&a, &b)
}

async fn list_100() -> Value {
    const CALLS: usize = 500;
    let server = Server::start(1, Duration::ZERO).unwrap();
    let (by_hand, sdk) = (ByHand::new(&server.base_url).unwrap(), sdk(&server));
    let one_by_hand = async || drop(by_hand.list_customers(None).await.unwrap());
    let one_by_sdk = async || drop(sdk.customers().list().limit(100).await.unwrap());
    cost(100, one_by_hand).await;
    cost(100, one_by_sdk).await;
    let (mut a, mut b) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        a.push(cost(CALLS, one_by_hand).await);
        b.push(cost(CALLS, one_by_sdk).await);
    }
    compare(&a, &b)
}

/// Work on a page's worth of rows, in ten steps.
async fn work_on(rows: usize, work: Duration) {
    if !work.is_zero() && rows.is_multiple_of(PAGE / 10) {
        tokio::time::sleep(work / 10).await;
    }
}

async fn stream_by_hand(client: &ByHand, work: Duration) -> usize {
    let (mut rows, mut cursor) = (0, None);
    loop {
        let page = client.list_customers(cursor.as_deref()).await.unwrap();
        for customer in page.data {
            rows += usize::from(!customer.name.is_empty());
            work_on(rows, work).await;
        }
        cursor = page.next_cursor;
        if !page.has_more {
            return rows;
        }
    }
}

async fn stream_by_sdk(client: &Client, work: Duration, prefetch: bool) -> usize {
    let mut rows = 0;
    let mut customers = client.customers().list().stream().prefetch(prefetch);
    while let Some(customer) = customers.try_next().await.unwrap() {
        rows += usize::from(!customer.name.is_empty());
        work_on(rows, work).await;
    }
    rows
}

async fn stream(
    pages: usize,
    delay: Duration,
    work: Duration,
    runs: usize,
    prefetch: bool,
) -> Value {
    let server = Server::start(pages, delay).unwrap();
    let (by_hand, sdk) = (ByHand::new(&server.base_url).unwrap(), sdk(&server));
    let (mut a, mut b) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        let by_hand = async || {
            assert_eq!(stream_by_hand(&by_hand, work).await, pages * PAGE);
        };
        let by_sdk = async || {
            assert_eq!(stream_by_sdk(&sdk, work, prefetch).await, pages * PAGE);
        };
        a.push(cost(1, by_hand).await);
        b.push(cost(1, by_sdk).await);
    }
    let mut report = compare(&a, &b);
    report["rows"] = json!(pages * PAGE);
    report["prefetch"] = json!(prefetch);
    report
}

/// The most that was allocated at a time beyond what was before, over 10,000 and 100,000 rows.
async fn peak_memory() -> Value {
    let mut report = json!({});
    let (few, many) = (100, 1_000);
    let mut peaks = Vec::new();
    for pages in [few, many] {
        let server = Server::start(pages, Duration::ZERO).unwrap();
        let sdk = sdk(&server);
        stream_by_sdk(&sdk, Duration::ZERO, true).await;
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
