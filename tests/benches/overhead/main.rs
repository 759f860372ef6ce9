//! What the SDK costs compared with the same calls written by hand. `about.toml` describes the method.

#![allow(clippy::unwrap_used, reason = "a bench that cannot run should stop")]

use std::alloc::System;
use std::process::ExitCode;
use std::time::Duration;

use pivotal_sdk::{BaseUrl, Client};
use pivotal_test_support::bench::{
    Comparison, Cost, Figure, INSTRUMENTED_SYSTEM, Report, StatsAlloc, Stopwatch, Target, repeat,
    stay_on_core,
};

use by_hand::ByHand;
use instructions::Calls;
use server::PAGE;

mod by_hand;
mod instructions;
mod server;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const KEY: &str = "pivotal_test_aB3dE5fG7hJ9kL1m";
const TIMEOUT: Duration = Duration::from_secs(30);

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    if let Some(calls) = Calls::from_arguments() {
        only(&calls).await;
        return ExitCode::SUCCESS;
    }
    let mut report = Report::from_arguments();
    stay_on_core(0);
    if report.wants("get_customer") {
        get_customer(&mut report).await;
    }
    if report.wants("list_100") {
        list_100(&mut report).await;
    }
    if report.wants("stream") {
        stream_in_turns(&mut report).await;
    }
    if report.wants("prefetch") {
        prefetch(&mut report).await;
    }
    if report.wants("memory") {
        peak_memory(&mut report).await;
    }
    report.finish()
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
        match (calls.sdk, calls.group == LIST[0]) {
            (false, false) => drop(by_hand.get_customer("245").await.unwrap()),
            (false, true) => drop(by_hand.list_customers(None).await.unwrap()),
            (true, false) => drop(sdk.customer("245").get().await.unwrap()),
            (true, true) => drop(sdk.customers().list().limit(100).await.unwrap()),
        }
    }
}

/// Names of what is compared, and words for it.
const GET: [&str; 2] = ["get_customer", "a get"];
const LIST: [&str; 2] = ["list_100", "a page of 100"];
const SIDES: [&str; 2] = ["by hand", "SDK"];

/// Warms both sides up, then measures 100 pairs of so many calls.
async fn measure(
    report: &Report,
    calls: usize,
    by_hand: impl AsyncFn() + Copy,
    sdk: impl AsyncFn() + Copy,
) -> Comparison {
    let (pairs, calls) = report.size((100, calls), (2, 2));
    repeat(calls, by_hand).await;
    repeat(calls, sdk).await;
    let mut costs = Comparison::default();
    for _ in 0..pairs {
        costs.run(calls, by_hand, sdk).await;
    }
    costs
}

fn judge(report: &mut Report, [group, what]: [&str; 2], costs: &Comparison) {
    let mut add = |name: &str, part: &str, of, unit, target| {
        let (name, what) = (format!("{group}/{name}"), format!("{part} of {what}"));
        report.compare(&name, &what, SIDES, &costs.medians(of), unit, target);
    };
    let at_most = |bound| Some(Target::AtMost(bound));
    add("cpu", "CPU time", Cost::cpu_us, "µs", at_most(1.05));
    add(
        "allocations",
        "Allocations",
        Cost::allocations,
        "count",
        at_most(1.1),
    );
}

async fn get_customer(report: &mut Report) {
    let server = server::start(1, Duration::ZERO);
    instructions::compare(report, GET, server.base_url(), 1_000);
    let (by_hand, sdk) = &sides(server.base_url());
    let by_hand = async || drop(by_hand.get_customer("245").await.unwrap());
    let sdk = async || drop(sdk.customer("245").get().await.unwrap());
    let costs = measure(report, 300, by_hand, sdk).await;
    judge(report, GET, &costs);
    if stay_on_core(1) {
        let costs = measure(report, 300, by_hand, sdk).await;
        let what = "CPU time of a get from a server on another core";
        let cpu = costs.medians(Cost::cpu_us);
        report.compare("get_customer/other_core", what, SIDES, &cpu, "µs", None);
        stay_on_core(0);
    }
}

async fn list_100(report: &mut Report) {
    let server = server::start(1, Duration::ZERO);
    instructions::compare(report, LIST, server.base_url(), 100);
    let (by_hand, sdk) = &sides(server.base_url());
    let by_hand = async || drop(by_hand.list_customers(None).await.unwrap());
    let sdk = async || drop(sdk.customers().list().limit(100).await.unwrap());
    let costs = measure(report, 75, by_hand, sdk).await;
    judge(report, LIST, &costs);
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

/// All rows without prefetch: the sides read on in turns of some pages. Nothing is under way between
/// turns, so a wait of one side cannot pass during the turn of the other.
async fn stream_in_turns(report: &mut Report) {
    let (all, turn) = report.size((1_000, 20), (6, 2));
    let server = server::start(all, Duration::ZERO);
    let (by_hand, sdk) = sides(server.base_url());
    let mut costs = Comparison::default();
    for _ in 0..report.size(4, 1) {
        let mut pages = Pages::new(&by_hand);
        let mut customers = sdk.customers().list().stream().prefetch(false);
        let mut rows = 0;
        for _ in 0..all / turn {
            let by_hand = async || _ = pages.next(Duration::ZERO).await;
            let sdk = async || {
                for _ in 0..PAGE {
                    let customer = customers.try_next().await.unwrap().unwrap();
                    rows += usize::from(!customer.name.is_empty());
                }
            };
            costs.run(turn, by_hand, sdk).await;
        }
        assert_eq!((pages.rows, rows), (all * PAGE, all * PAGE));
        assert!(customers.try_next().await.unwrap().is_none());
    }
    let rows = costs.rates(PAGE);
    let what = format!("Reading {} rows", all * PAGE);
    let target = Some(Target::AtLeast(0.97));
    report.compare("stream/throughput", &what, SIDES, &rows, "rows/s", target);
}

/// 2,000 rows with prefetch, from a server that takes 20 ms for a page: each side reads all of them
/// in its turn.
async fn prefetch(report: &mut Report) {
    let all = report.size(20, 3);
    let server = server::start(all, Duration::from_millis(20));
    let (by_hand, sdk) = &sides(server.base_url());
    for (name, words, work, target) in [
        ("work", "10 ms of work", 10, Some(Target::AtLeast(1.0))),
        ("no_work", "no work", 0, None),
    ] {
        let work = Duration::from_millis(work);
        let by_hand = async || {
            let mut pages = Pages::new(by_hand);
            while pages.next(work).await {}
            assert_eq!(pages.rows, all * PAGE);
        };
        let sdk = async || {
            let mut rows = 0;
            let mut customers = sdk.customers().list().stream();
            while let Some(customer) = customers.try_next().await.unwrap() {
                rows += usize::from(!customer.name.is_empty());
                work_on(rows, work).await;
            }
            assert_eq!(rows, all * PAGE);
        };
        let mut costs = Comparison::default();
        for _ in 0..report.size(11, 1) {
            costs.run(1, by_hand, sdk).await;
        }
        let lists = costs.rates(1);
        let (name, what) = (
            format!("prefetch/{name}"),
            format!("Reading pages that take 20 ms with {words} on each"),
        );
        report.compare(&name, &what, SIDES, &lists, "lists/s", target);
    }
}

/// The most that a stream has allocated at a time, with few rows and with many.
async fn peak_memory(report: &mut Report) {
    let (few, many) = report.size((100, 1_000), (2, 4));
    let mut peaks = Vec::new();
    for (name, pages) in [("few", few), ("many", many)] {
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
        let what = format!("Peak of a stream of {} rows", pages * PAGE);
        report.add(Figure::new(
            format!("memory/{name}_rows"),
            what,
            peak as f64,
            "B",
        ));
        peaks.push(peak as f64);
    }
    let each = (peaks[1] - peaks[0]) / ((many - few) * PAGE) as f64;
    // Nothing is remembered of the pages before the last.
    let what = "Peak of a stream, growth for each further row";
    report.add(Figure::new("memory/growth", what, each, "B").at_most(1.0));
}
