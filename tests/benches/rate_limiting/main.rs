//! The rate limiter against a server model in memory, in simulated time. `about.toml` describes the
//! method.

#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a measurement, not a library"
)]

#[allow(dead_code, reason = "the tests use the rest")]
#[path = "../../../crates/pivotal-runtime/tests/it/model.rs"]
mod model;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use model::Model;
use pivotal_runtime::{BaseUrl, ClientConfig, Executor, Operation, RetryClass, Runtime};
use pivotal_test_support::bench::{Figure, Report};
use tokio::time::Instant;

static GET_ROW: Operation = Operation {
    name: "get_row",
    method: http::Method::GET,
    path: "/api/v1/rows/{id}",
    summary: "Get a row",
    class: RetryClass::Safe,
    paged: false,
    authenticated: true,
    format: pivotal_runtime::RequestFormat::JSON,
    statuses: &["200"],
    constraints: &[],
};

struct Case {
    name: String,
    limit: usize,
    tasks: usize,
    calls: usize,
    one_way: Duration,
}

/// Makes the calls. Returns the minutes that they took and the number of refused ones.
async fn run(case: &Case, limit: usize) -> (f64, usize) {
    let model = Model::new(limit, case.one_way);
    let base_url = BaseUrl::parse("https://my.pivotal.test").unwrap();
    let client = pivotal_runtime::http_client(&base_url).unwrap();
    let mut config = ClientConfig::new(base_url);
    config.transport = Some(Arc::new(model.clone()));
    let executor = Executor::new(Arc::new(Runtime::new(config)));
    let left = Arc::new(AtomicUsize::new(case.calls));

    let started = Instant::now();
    let tasks: Vec<_> = (0..case.tasks)
        .map(|_| {
            let (executor, client, left) = (executor.clone(), client.clone(), Arc::clone(&left));
            tokio::spawn(async move {
                let take = |left: usize| left.checked_sub(1);
                while left
                    .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
                    .is_ok()
                {
                    let url = "https://my.pivotal.test/api/v1/rows/1";
                    let mut request = client.get(url).build().unwrap();
                    executor.prepare(&mut request, &GET_ROW).unwrap();
                    let response = executor.send(&client, request, &GET_ROW).await.unwrap();
                    assert_eq!(response.status(), 200);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(model.served(), case.calls);
    (started.elapsed().as_secs_f64() / 60.0, model.refused())
}

/// Runs on a clock of its own, which stands still while there is work to do.
fn simulate<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(work)
}

/// Adds the share of the limit that is used. Returns the number of refused calls.
fn measure(report: &mut Report, case: &Case) -> usize {
    let (minutes, refused) = simulate(run(case, case.limit));
    let (unlimited, _) = simulate(run(case, u32::MAX as usize));
    // What the limit allows on average, or what the calls take without a limit if that is more.
    let least = unlimited.max(case.calls as f64 / case.limit as f64);
    let share = (least / minutes.max(f64::MIN_POSITIVE)).min(1.0);
    let (limit, tasks, milliseconds) = (case.limit, case.tasks, 2 * case.one_way.as_millis());
    report.add(Figure::new(
        format!("share/{}", case.name),
        format!(
            "Share of {limit} a minute: {} calls, {tasks} at a time, {milliseconds} ms each",
            case.calls
        ),
        share,
        "ratio",
    ));
    refused
}

fn main() -> ExitCode {
    let mut report = Report::from_arguments();
    let calls = report.size(5_000, 100);
    let mut cases = Vec::new();
    for limit in [60, 600, 60_000] {
        for tasks in [1, 64] {
            for milliseconds in [0, 20] {
                cases.push(Case {
                    name: format!("{limit}/{tasks}_tasks/{milliseconds}_ms"),
                    limit,
                    tasks,
                    calls,
                    one_way: Duration::from_millis(milliseconds) / 2,
                });
            }
        }
    }
    // 5,000 calls are a twelfth of the largest limit; two windows show its pace.
    cases.push(Case {
        name: "60000/two_windows".to_owned(),
        limit: 60_000,
        tasks: 64,
        calls: report.size(120_000, 100),
        one_way: Duration::from_millis(10),
    });
    let refused: usize = cases.iter().map(|case| measure(&mut report, case)).sum();
    let what = "Calls that the server refuses, in all cases";
    report.add(Figure::new("refused", what, refused as f64, "count").at_most(0.0));
    report.finish()
}
