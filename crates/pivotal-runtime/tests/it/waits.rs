//! Waits of more than a second are reported, under paused time.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use pivotal_runtime::{
    BaseUrl, CallOptions, ClientConfig, Executor, FailureKind, RateLimiting, Runtime, WaitReason,
};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::model::Model;
use crate::operations::{CREATE_ROW, GET_ROW};
use crate::script::{BASE, Script, Step, call, call_with, status, with_header};

/// The lines of all waits, each with the time at which it was reported.
#[derive(Clone)]
struct Reports {
    lines: Arc<Mutex<Vec<(Duration, String)>>>,
    started: Instant,
}

impl Reports {
    fn new() -> Self {
        Self {
            lines: Arc::default(),
            started: Instant::now(),
        }
    }

    fn report_to(&self, config: &mut ClientConfig) {
        let Self { lines, started } = self.clone();
        config.on_wait = Some(Arc::new(move |wait| {
            let report = (started.elapsed(), wait.to_string());
            lines.lock().unwrap().push(report);
        }));
    }

    fn executor(&self, model: &Model) -> Executor {
        let mut config = ClientConfig::new(BaseUrl::parse(BASE).unwrap());
        config.transport = Some(Arc::new(model.clone()));
        self.report_to(&mut config);
        Executor::new(Arc::new(Runtime::new(config)))
    }

    fn take(&self) -> Vec<(Duration, String)> {
        std::mem::take(&mut self.lines.lock().unwrap())
    }
}

#[tokio::test(start_paused = true)]
async fn a_long_delay_before_a_retry_is_reported_before_it_begins() {
    let script = Script::new([
        with_header(503, "retry-after", "2"),
        Step::Fail(FailureKind::Connect),
        with_header(429, "retry-after", "5"),
        status(200),
    ]);
    let reports = Reports::new();
    let executor = script.executor_with(|config| {
        reports.report_to(config);
        config.rate_limiting = RateLimiting::off();
    });
    call(&executor, &CREATE_ROW).await;
    let sent: Vec<_> = script.take().iter().map(|seen| seen.at).collect();
    assert_eq!(
        reports.take(),
        [
            (
                sent[0],
                "create_row waits 2 s before a retry: 503".to_owned()
            ),
            (
                sent[2],
                "create_row waits 5 s before a retry: 429".to_owned()
            ),
        ],
        "the delay after the failed connection is shorter than a second"
    );
}

#[tokio::test(start_paused = true)]
async fn a_call_that_waits_for_the_rate_limit_is_reported_once_after_a_second() {
    let model = Model::new(2, Duration::ZERO);
    let reports = Reports::new();
    let executor = reports.executor(&model);
    let mut calls = JoinSet::new();
    for _ in 0..4 {
        let executor = executor.clone();
        calls.spawn(async move { call(&executor, &GET_ROW).await.rate_limit_wait });
    }
    let waits = calls.join_all().await;
    let long = waits.iter().filter(|wait| wait.as_secs_f64() > 1.0).count();
    let reports = reports.take();
    assert_eq!(reports.len(), long, "{reports:?}");
    assert!(long >= 2, "{waits:?}");
    for (at, line) in &reports {
        assert_eq!(at.as_secs(), 1, "{line}");
        let seconds = line.strip_prefix("get_row waits ").unwrap();
        let seconds = seconds.strip_suffix(" s for the rate limit").unwrap();
        assert!(
            (1..=60).contains(&seconds.parse::<u32>().unwrap()),
            "{line}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_short_wait_is_not_reported() {
    let model = Model::new(600, Duration::ZERO);
    let reports = Reports::new();
    let executor = reports.executor(&model);
    let mut waited = Duration::ZERO;
    for _ in 0..700 {
        waited += call(&executor, &GET_ROW).await.rate_limit_wait;
    }
    assert!(waited > Duration::from_secs(10), "{waited:?}");
    assert_eq!(reports.take(), []);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_still_ends_a_wait_that_was_reported() {
    let model = Model::new(1, Duration::ZERO);
    let reports = Reports::new();
    let executor = reports.executor(&model);
    call(&executor, &GET_ROW).await;
    let mut options = CallOptions::default();
    options.deadline(Duration::from_secs(3));
    let started = Instant::now();
    let exchange = call_with(&executor, &GET_ROW, options).await;
    assert_eq!(exchange.attempts, 0);
    assert_eq!(started.elapsed(), Duration::from_secs(3));
    assert_eq!(reports.take().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_the_function_does_not_reach_the_call() {
    let script = Script::new([with_header(503, "retry-after", "2"), status(200)]);
    let executor = script.executor_with(|config| {
        config.on_wait = Some(Arc::new(|wait| {
            assert!(matches!(wait.reason, WaitReason::RateLimit), "reached");
        }));
    });
    let exchange = call(&executor, &GET_ROW).await;
    assert_eq!(exchange.status().unwrap(), 200);
}
