//! Keeping below the rate limit, against a server model in memory. Time stands still here.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use pivotal_runtime::{
    BaseUrl, CallOptions, ClientConfig, Delivery, Executor, FailureKind, Outcome, RateLimit,
    RateLimiting, RetryPolicy, Runtime, StopReason,
};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::model::{Model, WINDOW};
use crate::operations::{GET_HEALTH, GET_ROW, GET_STATUS};
use crate::script::{BASE, Script, Step, call, call_with, http, status};

const AT_ONCE: Duration = Duration::ZERO;

fn executor(model: &Model, rate_limiting: RateLimiting) -> Executor {
    let mut config = ClientConfig::new(BaseUrl::parse(BASE).unwrap());
    config.transport = Some(Arc::new(model.clone()));
    config.rate_limiting = rate_limiting;
    Executor::new(Arc::new(Runtime::new(config)))
}

fn limited(model: &Model) -> Executor {
    executor(model, RateLimiting::on())
}

/// Makes as many calls, all of which have to succeed, from as many tasks; gives the time taken.
async fn run(executor: &Executor, tasks: usize, calls: usize) -> Duration {
    let started = Instant::now();
    let left = Arc::new(AtomicUsize::new(calls));
    let mut running = JoinSet::new();
    for _ in 0..tasks {
        let (executor, left) = (executor.clone(), Arc::clone(&left));
        running.spawn(async move {
            let take = |left: usize| left.checked_sub(1);
            while left
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
                .is_ok()
            {
                let exchange = call(&executor, &GET_ROW).await;
                assert_eq!(exchange.status().unwrap(), 200);
            }
        });
    }
    while let Some(ended) = running.join_next().await {
        ended.unwrap();
    }
    started.elapsed()
}

/// The row that a call asks for, in the order in which the server saw them.
async fn get_row(executor: &Executor, row: usize) {
    let client = http();
    let request = client.get(format!("{BASE}/api/v1/rows/{row}"));
    let mut request = request.build().unwrap();
    executor.prepare(&mut request, &GET_ROW).unwrap();
    executor.send(&client, request, &GET_ROW).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn one_process_uses_99_percent_of_the_allowance_and_meets_no_429() {
    for (limit, tasks, calls) in [
        (60, 1, 300),
        (60, 64, 300),
        (600, 1, 2_400),
        (600, 64, 2_400),
    ] {
        let model = Model::new(limit, Duration::from_millis(10));
        let taken = run(&limited(&model), tasks, calls).await;
        assert_eq!(model.refused(), 0, "{limit}/min, {tasks} tasks");
        let least = WINDOW.as_secs_f64() * calls as f64 / limit as f64;
        let share = least / taken.as_secs_f64();
        assert!(share >= 0.99, "{limit}/min, {tasks} tasks: {share}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_429_whatever_the_latency() {
    for milliseconds in [0, 1, 50, 400, 2_000, 7_000] {
        for tasks in [1, 7, 200] {
            let model = Model::new(60, Duration::from_millis(milliseconds));
            run(&limited(&model), tasks, 250).await;
            assert_eq!(model.refused(), 0, "{milliseconds} ms, {tasks} tasks");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_burst_within_three_quarters_of_the_allowance_does_not_wait() {
    let model = Model::new(60, AT_ONCE);
    assert_eq!(run(&limited(&model), 45, 45).await, AT_ONCE);
    let model = Model::new(60_000, AT_ONCE);
    assert_eq!(run(&limited(&model), 64, 5_000).await, AT_ONCE);
}

#[tokio::test(start_paused = true)]
async fn the_allowance_after_a_burst_is_spread_evenly() {
    let model = Model::new(60, AT_ONCE);
    let executor = limited(&model);
    run(&executor, 1, 45).await;
    let mut gaps = Vec::new();
    for _ in 0..15 {
        gaps.push(run(&executor, 1, 1).await.as_secs_f64());
    }
    // A minute for the fifteen that are left, and none of them twice as late as another.
    assert!(
        gaps[1..].iter().all(|gap| (3.0..5.0).contains(gap)),
        "{gaps:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn calls_go_in_the_order_in_which_they_came() {
    let model = Model::new(30, AT_ONCE);
    let executor = limited(&model);
    let mut running = JoinSet::new();
    for row in 0..100 {
        let executor = executor.clone();
        running.spawn(async move { get_row(&executor, row).await });
        // Each asks before the next one comes.
        tokio::task::yield_now().await;
    }
    running.join_all().await;
    let expected: Vec<_> = (0..100).map(|row| row.to_string()).collect();
    assert_eq!(model.order(), expected);
}

#[tokio::test(start_paused = true)]
async fn a_waiting_call_that_is_dropped_frees_its_place() {
    let model = Model::new(30, AT_ONCE);
    let executor = limited(&model);
    run(&executor, 1, 30).await;
    let started = Instant::now();
    let mut running = JoinSet::new();
    let mut handles = Vec::new();
    for row in 0..20 {
        let executor = executor.clone();
        handles.push(running.spawn(async move { get_row(&executor, row).await }));
        tokio::task::yield_now().await;
    }
    assert_eq!(executor.runtime().waiting_calls(), 20);
    // The one whose turn is next, and all but the last.
    handles[..19]
        .iter()
        .for_each(tokio::task::AbortHandle::abort);
    while running.join_next().await.is_some() {}
    assert_eq!(executor.runtime().waiting_calls(), 0);
    assert_eq!(model.order()[30..], ["19"]);
    let alone = started.elapsed();
    assert!(alone <= WINDOW, "{alone:?}");
}

#[tokio::test(start_paused = true)]
async fn a_dropped_call_that_was_under_way_is_counted() {
    let model = Model::new(30, Duration::from_secs(1));
    let executor = limited(&model);
    run(&executor, 1, 1).await;
    for _ in 0..29 {
        // Long enough to arrive, too short for the response.
        let cut = Duration::from_secs(3);
        let _ = timeout(cut, call(&executor, &GET_ROW)).await;
    }
    run(&executor, 8, 60).await;
    assert_eq!(model.refused(), 0);
}

#[tokio::test(start_paused = true)]
async fn other_processes_are_noticed_before_a_429() {
    let model = Model::new(60, AT_ONCE);
    let executor = limited(&model);
    model.others(50);
    let taken = run(&executor, 16, 60).await;
    assert_eq!(model.refused(), 0);
    assert!(taken > Duration::from_secs(45), "{taken:?}");
    assert!(taken < WINDOW * 3, "{taken:?}");
}

#[tokio::test(start_paused = true)]
async fn a_429_that_others_cause_is_absorbed_by_all_calls_together() {
    let model = Model::new(60, Duration::from_millis(10));
    let executor = limited(&model);
    run(&executor, 1, 5).await;
    model.others(60);
    let taken = run(&executor, 16, 40).await;
    assert!((1..=16).contains(&model.refused()), "{}", model.refused());
    assert!(taken < WINDOW * 3, "{taken:?}");
}

#[tokio::test(start_paused = true)]
async fn two_processes_share_a_key_and_both_go_on() {
    let model = Model::new(60, Duration::from_millis(20));
    let (one, other) = (limited(&model), limited(&model));
    let (a, b) = tokio::join!(run(&one, 8, 120), run(&other, 8, 120));
    // 240 calls need three windows after the first; half of the pace is too little to ask for.
    assert!(a.max(b) < WINDOW * 8, "{a:?} {b:?}");
    assert!(model.refused() < 24, "{}", model.refused());
}

#[tokio::test(start_paused = true)]
async fn it_does_not_matter_how_wrong_a_clock_is() {
    let mut times = Vec::new();
    for years in [0, 1, 50] {
        let skew = Duration::from_secs(years * 365 * 86_400);
        let model = Model::new(60, Duration::from_millis(5)).skewed(skew);
        let executor = limited(&model);
        model.others(10);
        times.push(run(&executor, 8, 200).await);
        assert_eq!(model.refused(), 0);
    }
    assert!(times.iter().all(|time| *time == times[0]), "{times:?}");
}

#[tokio::test(start_paused = true)]
async fn calls_that_cost_nothing_are_not_limited_for_long() {
    let model = Model::new(60, AT_ONCE);
    let executor = limited(&model);
    let started = Instant::now();
    for _ in 0..1_000 {
        call(&executor, &GET_HEALTH).await;
    }
    assert_eq!(started.elapsed(), AT_ONCE);
    // Nor do they take anything from those that cost.
    assert_eq!(run(&executor, 1, 45).await, AT_ONCE);
    assert_eq!(executor.runtime().rate_limit().unwrap().remaining, 15);
}

#[tokio::test(start_paused = true)]
async fn a_call_without_the_key_neither_waits_nor_changes_the_rate_limit() {
    let with_remaining = |remaining: &str| {
        let headers = [
            ("x-ratelimit-limit", "60"),
            ("x-ratelimit-remaining", remaining),
            ("x-ratelimit-reset", "1779816125"),
            ("date", "Tue, 26 May 2026 17:21:05 GMT"),
        ];
        let headers = headers.map(|(name, value)| (name, value.to_owned()));
        Step::Response(200, headers.to_vec(), "{}")
    };
    // The key's allowance is used up; nobody's is whole.
    let script = Script::new([
        with_remaining("0"),
        with_remaining("60"),
        with_remaining("59"),
    ]);
    let executor = script.executor();
    call(&executor, &GET_ROW).await;
    let started = Instant::now();
    let open = call(&executor, &GET_STATUS).await;
    assert_eq!(started.elapsed(), AT_ONCE);
    assert_eq!(open.rate_limit_wait, AT_ONCE);
    assert_eq!(open.rate_limit(), None);
    assert_eq!(executor.runtime().rate_limit().unwrap().remaining, 0);
    assert!(call(&executor, &GET_ROW).await.rate_limit_wait > AT_ONCE);
}

#[tokio::test(start_paused = true)]
async fn a_mix_of_calls_that_cost_and_do_not_meets_no_429() {
    let model = Model::new(60, Duration::from_millis(50));
    let executor = limited(&model);
    let mut running = JoinSet::new();
    for task in 0..16 {
        let executor = executor.clone();
        running.spawn(async move {
            for turn in 0..30 {
                let operation = if (task + turn) % 3 == 0 {
                    &GET_HEALTH
                } else {
                    &GET_ROW
                };
                call(&executor, operation).await;
                sleep(Duration::from_millis(37 * task)).await;
            }
        });
    }
    running.join_all().await;
    assert_eq!(model.refused(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_changed_limit_is_learnt() {
    let model = Model::new(60, AT_ONCE);
    let executor = limited(&model);
    run(&executor, 4, 60).await;
    model.set_limit(600);
    let taken = run(&executor, 4, 400).await;
    assert!(taken <= WINDOW + Duration::from_secs(1), "{taken:?}");
    model.set_limit(60);
    sleep(WINDOW).await;
    run(&executor, 4, 120).await;
    assert_eq!(model.refused(), 0);
}

#[tokio::test(start_paused = true)]
async fn rate_limiting_can_be_off() {
    let model = Model::new(60, AT_ONCE);
    let executor = executor(&model, RateLimiting::off());
    assert_eq!(run(&executor, 1, 60).await, AT_ONCE);
    assert_eq!(executor.runtime().rate_limit().unwrap().remaining, 0);
    let exchange = call(&executor, &GET_ROW).await;
    assert_eq!((exchange.attempts, model.refused()), (2, 1));
    assert_eq!(exchange.elapsed, WINDOW);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_reports_no_limit_is_not_limited() {
    let script = Script::new([status(200)]);
    let executor = script.executor();
    assert_eq!(run(&executor, 64, 1_000).await, AT_ONCE);
    assert_eq!(executor.runtime().rate_limit(), None);
}

#[tokio::test(start_paused = true)]
async fn the_first_call_goes_alone_but_does_not_hold_the_others_up() {
    let model = Model::new(8, Duration::from_millis(10));
    run(&limited(&model), 64, 24).await;
    assert_eq!(model.refused(), 0);

    let script = Script::new([Step::Stall, status(200)]);
    let executor = script.executor();
    let first = executor.clone();
    tokio::spawn(async move { call(&first, &GET_ROW).await });
    tokio::task::yield_now().await;
    let second = call(&executor, &GET_ROW).await;
    let waited = second.elapsed.as_millis();
    assert!((250..=251).contains(&waited), "{waited}");
}

#[tokio::test(start_paused = true)]
async fn a_deadline_in_the_queue_ends_the_call_before_it_is_sent() {
    let model = Model::new(30, AT_ONCE);
    let executor = limited(&model);
    run(&executor, 1, 30).await;
    let mut options = CallOptions::default();
    options.deadline(Duration::from_millis(1500));
    let exchange = call_with(&executor, &GET_ROW, options).await;
    assert_eq!(exchange.elapsed.as_millis(), 1500);
    assert_eq!(exchange.rate_limit_wait, exchange.elapsed);
    assert_eq!(
        (exchange.attempts, exchange.delivery()),
        (0, Delivery::NotSent)
    );
    assert_eq!(exchange.stop_reason, StopReason::DeadlineExceeded);
    match exchange.outcome {
        Outcome::Failed(failure) => assert_eq!(failure.kind(), FailureKind::Deadline),
        other => panic!("{other:?}"),
    }
    assert_eq!(model.served(), 30);
}

#[tokio::test(start_paused = true)]
async fn the_state_is_shown() {
    let model = Model::new(60, AT_ONCE);
    let executor = limited(&model);
    assert_eq!(executor.runtime().rate_limit(), None);
    run(&executor, 1, 12).await;
    sleep(Duration::from_secs(20)).await;
    let state = executor.runtime().rate_limit().unwrap();
    assert_eq!((state.limit, state.remaining), (60, 48));
    assert_eq!(state.resets_in.unwrap().as_secs(), 40);
    sleep(WINDOW).await;
    let state = executor.runtime().rate_limit().unwrap();
    assert_eq!((state.remaining, state.resets_in), (60, None));

    let exchange = call(&executor, &GET_ROW).await;
    assert_eq!(exchange.rate_limit().unwrap().remaining, 59);
}

#[tokio::test(start_paused = true)]
async fn a_429_without_rate_limit_headers_holds_all_calls_back() {
    let script = Script::new([
        Step::Response(429, vec![("retry-after", "5".to_owned())], "{}"),
        status(200),
    ]);
    let executor = script.executor_with(|config| config.retry = RetryPolicy::off());
    assert_eq!(call(&executor, &GET_ROW).await.status().unwrap(), 429);
    let next = call(&executor, &GET_ROW).await;
    assert_eq!(
        (next.status().unwrap().as_u16(), next.elapsed.as_secs()),
        (200, 5)
    );
}

#[tokio::test(start_paused = true)]
async fn absurd_headers_neither_hang_nor_overflow() {
    let most = u64::MAX.to_string();
    let date = "Tue, 26 May 2026 17:21:09 GMT";
    for [limit, remaining, reset, after] in [
        ["0", "0", "0", "0"],
        ["4294967295", "0", most.as_str(), most.as_str()],
        ["1", "4294967295", most.as_str(), "60"],
        ["-1", "many", "NaN", "inf"],
    ] {
        for code in [200, 429] {
            let headers = [
                ("x-ratelimit-limit", limit),
                ("x-ratelimit-remaining", remaining),
                ("x-ratelimit-reset", reset),
                ("retry-after", after),
                ("date", date),
            ];
            let headers = headers.map(|(name, value)| (name, value.to_owned()));
            let script = Script::new([Step::Response(code, headers.to_vec(), "{}"), status(200)]);
            let patient = RetryPolicy::default()
                .max_retry_after(Duration::MAX)
                .backoff(Duration::MAX, Duration::MAX);
            let executor = script.executor_with(|config| config.retry = patient);
            let month = Duration::from_secs(31 * 86_400);
            for _ in 0..3 {
                timeout(month, call(&executor, &GET_ROW)).await.unwrap();
            }
        }
    }
}

#[test]
fn the_reset_counts_from_any_form_of_date() {
    for date in [
        "Tue, 26 May 2026 17:21:00 GMT",
        "Tuesday, 26-May-26 17:21:00 GMT",
        "Tue May 26 17:21:00 2026",
    ] {
        let response = http::Response::builder()
            .header("x-ratelimit-limit", "60")
            .header("x-ratelimit-remaining", " 12 ")
            .header("x-ratelimit-reset", "1779816085")
            .header("date", date)
            .body(())
            .unwrap();
        let rate_limit = RateLimit::from_headers(response.headers()).unwrap();
        assert_eq!((rate_limit.limit, rate_limit.remaining), (60, 12));
        let resets_in = Some(Duration::from_secs(25));
        assert_eq!(rate_limit.resets_in, resets_in, "{date}");
    }
}

#[test]
fn a_header_that_is_not_a_number_is_ignored() {
    for limit in [
        "",
        "sixty",
        "-1",
        "+1",
        "4294967296",
        "99999999999999999999",
    ] {
        let response = http::Response::builder()
            .header("x-ratelimit-limit", limit)
            .header("x-ratelimit-remaining", "12")
            .body(())
            .unwrap();
        assert_eq!(RateLimit::from_headers(response.headers()), None, "{limit}");
    }
}
