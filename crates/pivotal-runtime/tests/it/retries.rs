//! Retries: which calls, when, how many, and how they are reported. Time is paused here.

use std::time::{Duration, SystemTime};

use pivotal_runtime::{
    CallOptions, ClientConfig, Delivery, Exchange, FailureKind, Operation, Outcome, RetryBudget,
    RetryClass, RetryPolicy, StopReason,
};

use crate::operations::{CREATE_ROW, GET_ROW, OPERATIONS, SEND_ROW};
use crate::script::{Script, Step, call, call_with, http, status, with_header};

const IN_PROGRESS: Step = Step::Response(409, Vec::new(), r#"{"error":{"code":"still_at_it"}}"#);
const MISMATCH: Step = Step::Response(
    409,
    Vec::new(),
    r#"{"error":{"code":"idempotency_key_reused"}}"#,
);

fn status_of(exchange: &Exchange) -> u16 {
    match &exchange.outcome {
        Outcome::Response(response) => response.status.as_u16(),
        other => panic!("{other:?}"),
    }
}

fn failed(exchange: &Exchange) -> FailureKind {
    match &exchange.outcome {
        Outcome::Failed(failure) => failure.kind(),
        other => panic!("{other:?}"),
    }
}

/// What a repetition may cure.
fn troubles() -> Vec<Step> {
    use FailureKind::{Connect, ConnectionLost, IncompleteBody, Timeout};
    let failures = [Connect, Timeout, IncompleteBody, ConnectionLost].map(Step::Fail);
    let statuses = [408, 429, 500, 502, 503, 504].map(status);
    failures.into_iter().chain(statuses).collect()
}

#[tokio::test(start_paused = true)]
async fn every_operation_recovers_from_every_trouble_that_its_class_lets_it_repeat() {
    for operation in OPERATIONS {
        for trouble in troubles() {
            let script = Script::new([trouble.clone(), status(200)]);
            let exchange = call(&script.executor(), operation).await;
            let seen = script.take();

            let surely_not_done = matches!(
                trouble,
                Step::Fail(FailureKind::Connect) | Step::Response(429, ..)
            );
            let case = format!("{} after {trouble:?}", operation.name);
            if operation.class == RetryClass::Never && !surely_not_done {
                assert_eq!(seen.len(), 1, "{case}");
                assert_eq!(exchange.stop_reason, StopReason::UnsafeToRetry, "{case}");
                continue;
            }
            assert_eq!(status_of(&exchange), 200, "{case}");
            assert_eq!((seen.len(), exchange.attempts), (2, 2), "{case}");
            assert_eq!(exchange.history.len(), 1, "{case}");
            assert_eq!(seen[0].body, seen[1].body, "{case}");
            assert_eq!(seen[0].key(), seen[1].key(), "{case}");
            let keyed = operation.class == RetryClass::ByKey;
            assert_eq!(seen[0].key().is_some(), keyed, "{case}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn no_operation_repeats_what_is_settled() {
    for operation in OPERATIONS {
        for settled in [
            200, 201, 204, 301, 307, 400, 401, 403, 404, 405, 409, 410, 413, 415, 422, 501, 505,
        ] {
            let script = Script::new([status(settled), status(200)]);
            let exchange = call(&script.executor(), operation).await;
            assert_eq!(status_of(&exchange), settled);
            assert_eq!(exchange.stop_reason, StopReason::NotRetryable);
            assert!(exchange.history.is_empty());
            assert_eq!(script.take().len(), 1, "{} {settled}", operation.name);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn never_a_key_made_anew_on_each_attempt() {
    let script = Script::new([status(503), Step::Fail(FailureKind::Timeout), status(201)]);
    let exchange = call(&script.executor(), &CREATE_ROW).await;
    let seen = script.take();
    assert_eq!(seen.len(), 3);
    let key = seen[0].key().unwrap();
    assert!(seen.iter().all(|seen| seen.key() == Some(key)), "{seen:?}");
    assert_eq!(exchange.idempotency_key.unwrap().as_str(), key);
    assert_eq!((key.len(), &key[14..15]), (36, "7"), "a UUID of version 7");
}

#[tokio::test(start_paused = true)]
async fn never_the_callers_key_overwritten() {
    let script = Script::new([status(503), status(201)]);
    let mut options = CallOptions::default();
    options.idempotency_key("aurora-1");
    call_with(&script.executor(), &CREATE_ROW, options).await;
    let keys: Vec<_> = script
        .take()
        .iter()
        .map(|seen| seen.key().map(str::to_owned))
        .collect();
    assert_eq!(
        keys,
        [Some("aurora-1".to_owned()), Some("aurora-1".to_owned())]
    );
}

#[tokio::test(start_paused = true)]
async fn never_a_key_carried_over_to_the_next_call() {
    let script = Script::new([status(201)]);
    let executor = script.executor();
    let mut options = CallOptions::default();
    options.idempotency_key("aurora-1");
    call_with(&executor, &CREATE_ROW, options).await;
    call(&executor, &CREATE_ROW).await;
    call(&executor, &CREATE_ROW).await;
    let seen = script.take();
    let keys: std::collections::HashSet<_> = seen.iter().map(|seen| seen.key().unwrap()).collect();
    assert_eq!(keys.len(), 3, "{keys:?}");
}

#[tokio::test(start_paused = true)]
async fn never_a_post_repeated_without_a_key() {
    for trouble in troubles() {
        let script = Script::new([trouble.clone()]);
        let exchange = call(&script.executor(), &SEND_ROW).await;
        let seen = script.take();
        assert!(seen.iter().all(|seen| seen.key().is_none()));
        match trouble {
            Step::Fail(FailureKind::Connect) | Step::Response(429, ..) => {
                assert_eq!(seen.len(), 4, "{trouble:?}");
            }
            _ => {
                assert_eq!(seen.len(), 1, "{trouble:?}");
                assert_eq!(exchange.stop_reason, StopReason::UnsafeToRetry);
                assert!(!exchange.stop_reason.is_retryable());
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn never_a_409_of_a_call_that_still_runs_surfaced() {
    let script = Script::new([
        Step::Fail(FailureKind::Timeout),
        IN_PROGRESS,
        status(409),
        status(201),
    ]);
    let exchange = call(&script.executor(), &CREATE_ROW).await;
    assert_eq!(status_of(&exchange), 201);
    assert_eq!(exchange.attempts, 4);
}

#[tokio::test(start_paused = true)]
async fn never_a_409_of_a_mismatch_repeated() {
    for first in [Some(status(503)), None] {
        let script = Script::new(first.into_iter().chain([MISMATCH, status(201)]));
        let exchange = call(&script.executor(), &CREATE_ROW).await;
        assert_eq!(status_of(&exchange), 409);
        assert_eq!(exchange.stop_reason, StopReason::NotRetryable);
    }
}

#[tokio::test(start_paused = true)]
async fn never_an_empty_body_on_the_second_attempt() {
    let script = Script::new([status(502), status(500), status(201)]);
    call(&script.executor(), &CREATE_ROW).await;
    let seen = script.take();
    assert_eq!(seen.len(), 3);
    for seen in seen {
        assert_eq!(seen.body.as_deref(), Some(r#"{"name":"Aurora"}"#));
    }
}

#[tokio::test(start_paused = true)]
async fn never_429_never_repeated() {
    for operation in OPERATIONS {
        let script = Script::new([status(429), status(200)]);
        let exchange = call(&script.executor(), operation).await;
        assert_eq!(status_of(&exchange), 200, "{}", operation.name);
    }
}

#[tokio::test(start_paused = true)]
async fn never_retry_after_unread() {
    let date = "Tue, 26 May 2026 17:21:09 GMT".to_owned();
    let until = "Tue, 26 May 2026 17:21:29 GMT".to_owned();
    let by_date = Step::Response(503, vec![("date", date), ("retry-after", until)], "{}");
    for (asked, milliseconds) in [
        (with_header(429, "retry-after", "7"), 7_000),
        (with_header(503, "retry-after", "7"), 7_000),
        (with_header(503, "retry-after-ms", "1234"), 1_234),
        (by_date, 20_000),
    ] {
        let script = Script::new([asked.clone(), status(200)]);
        let exchange = call(&script.executor(), &GET_ROW).await;
        let seen = script.take();
        let waited = seen[1].at - seen[0].at;
        assert_eq!(waited.as_millis(), milliseconds, "{asked:?}");
        assert_eq!(exchange.history[0].delay, waited);
        assert_eq!(exchange.elapsed, waited);
    }
}

#[tokio::test(start_paused = true)]
async fn never_retry_after_obeyed_without_bound() {
    for refused in [429, 503] {
        let script = Script::new([with_header(refused, "retry-after", "86400"), status(200)]);
        let executor = script.executor();
        let exchange = call(&executor, &GET_ROW).await;
        assert_eq!(status_of(&exchange), refused);
        assert_eq!(exchange.elapsed, Duration::ZERO);
        assert_eq!(exchange.stop_reason, StopReason::RetryAfterTooLong);
        assert_eq!(exchange.retry_after, Some(Duration::from_secs(86_400)));
        // Nor does it hold up the calls after it.
        let next = call(&executor, &GET_ROW).await;
        assert_eq!((status_of(&next), next.elapsed), (200, Duration::ZERO));
    }
}

#[tokio::test(start_paused = true)]
async fn never_no_jitter() {
    let script = Script::new([status(503)]);
    let executor = script.executor_with(|config| config.retry_budget = None);
    let mut first_waits = Vec::new();
    for _ in 0..50 {
        let exchange = call(&executor, &GET_ROW).await;
        assert_eq!(exchange.stop_reason, StopReason::AttemptsExhausted);
        let waits: Vec<_> = exchange
            .history
            .iter()
            .map(|attempt| attempt.delay)
            .collect();
        for (wait, ceiling) in waits.iter().zip([500, 1000, 2000]) {
            assert!(*wait <= Duration::from_millis(ceiling), "{waits:?}");
        }
        first_waits.push(waits[0]);
    }
    first_waits.sort();
    first_waits.dedup();
    assert!(first_waits.len() > 45, "{first_waits:?}");
    assert!(
        first_waits[0] < Duration::from_millis(100),
        "{first_waits:?}"
    );
    assert!(first_waits.last().unwrap() > &Duration::from_millis(400));
}

#[tokio::test(start_paused = true)]
async fn never_a_whole_success_that_does_not_decode_repeated() {
    let script = Script::new([Step::Response(201, Vec::new(), r#"{"id":"#), status(201)]);
    let exchange = call(&script.executor(), &CREATE_ROW).await;
    assert_eq!((status_of(&exchange), exchange.attempts), (201, 1));
}

#[tokio::test(start_paused = true)]
async fn the_last_error_keeps_the_history() {
    let script = Script::new([
        Step::Fail(FailureKind::Connect),
        Step::Fail(FailureKind::Timeout),
        status(502),
        status(503),
    ]);
    let exchange = call(&script.executor(), &GET_ROW).await;
    assert_eq!(status_of(&exchange), 503);
    assert_eq!(
        (exchange.attempts, exchange.stop_reason),
        (4, StopReason::AttemptsExhausted)
    );
    assert!(exchange.stop_reason.is_retryable());
    let reported: Vec<_> = exchange.history.iter().map(ToString::to_string).collect();
    assert_eq!(
        reported,
        ["could not connect", "no response within the timeout", "502"]
    );
    let deliveries: Vec<_> = exchange
        .history
        .iter()
        .map(|attempt| attempt.delivery)
        .collect();
    assert_eq!(
        deliveries,
        [Delivery::NotSent, Delivery::Unknown, Delivery::Received]
    );
}

#[tokio::test(start_paused = true)]
async fn a_call_that_may_have_arrived_once_is_not_reported_as_unsent() {
    let script = Script::new([
        Step::Fail(FailureKind::Timeout),
        Step::Fail(FailureKind::Connect),
    ]);
    let exchange = call(&script.executor(), &CREATE_ROW).await;
    assert_eq!(failed(&exchange), FailureKind::Connect);
    assert_eq!(exchange.delivery(), Delivery::Unknown);
}

#[tokio::test(start_paused = true)]
async fn the_deadline_covers_every_attempt_and_every_wait() {
    let second = Duration::from_secs(1);
    let mut options = CallOptions::default();
    options.timeout(second);
    options.deadline(second * 5 / 2);
    options.retry(RetryPolicy::default().backoff(Duration::ZERO, Duration::ZERO));

    let script = Script::new([Step::Stall]);
    let exchange = call_with(&script.executor(), &GET_ROW, options.clone()).await;
    assert_eq!(exchange.elapsed, second * 5 / 2);
    assert_eq!(failed(&exchange), FailureKind::Timeout);
    assert_eq!(exchange.stop_reason, StopReason::DeadlineExceeded);
    let limits: Vec<_> = script
        .take()
        .iter()
        .map(|seen| seen.timeout.unwrap())
        .collect();
    assert_eq!(limits, [second, second, second / 2]);

    // A wait that would outlast the deadline is not begun.
    let script = Script::new([with_header(503, "retry-after", "3")]);
    let exchange = call_with(&script.executor(), &GET_ROW, options).await;
    assert_eq!(
        (status_of(&exchange), exchange.stop_reason),
        (503, StopReason::DeadlineExceeded)
    );
    assert_eq!(exchange.elapsed, Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn repetition_can_be_off_for_the_client_or_for_one_call() {
    let script = Script::new([status(503)]);
    let executor = script.executor();
    let mut options = CallOptions::default();
    options.retry(RetryPolicy::off());
    assert_eq!(call_with(&executor, &GET_ROW, options).await.attempts, 1);
    assert_eq!(call(&executor, &GET_ROW).await.attempts, 4);

    let executor = script.executor_with(|config| config.retry = RetryPolicy::off());
    assert_eq!(call(&executor, &GET_ROW).await.attempts, 1);
    let mut options = CallOptions::default();
    options.retry(RetryPolicy::default().max_attempts(2));
    assert_eq!(call_with(&executor, &GET_ROW, options).await.attempts, 2);
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_not_multiplied() {
    let script = Script::new([status(503)]);
    let budget = Some(RetryBudget::new(10, 20));
    let executor = script.executor_with(|config| config.retry_budget = budget);
    let mut endings = Vec::new();
    for _ in 0..100 {
        // Clones share the budget.
        endings.push(call(&executor.clone(), &GET_ROW).await.stop_reason);
    }
    assert_eq!(script.take().len(), 110, "one each, and ten repetitions");
    assert_eq!(endings[0], StopReason::AttemptsExhausted);
    assert_eq!(endings[99], StopReason::BudgetExhausted);
}

#[tokio::test(start_paused = true)]
async fn successes_earn_repetitions_and_a_429_costs_none() {
    let busy = (0..20).flat_map(|_| [status(429), status(200)]);
    let good = (0..10).map(|_| status(200));
    let script = Script::new(busy.chain(good).chain([status(503)]));
    let budget = Some(RetryBudget::new(1, 10));
    let executor = script.executor_with(|config| config.retry_budget = budget);
    for _ in 0..30 {
        assert_eq!(status_of(&call(&executor, &GET_ROW).await), 200);
    }
    assert_eq!(call(&executor, &GET_ROW).await.attempts, 2);
    assert_eq!(call(&executor, &GET_ROW).await.attempts, 1);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_the_contract_does_not_know_is_treated_by_its_method() {
    let named = |key: Option<&str>| {
        let mut options = CallOptions::default();
        key.inspect(|key| options.idempotency_key(key));
        options
    };
    let key = || Some("report-1");
    for (method, key, attempts) in [
        ("GET", None, 2),
        ("HEAD", None, 2),
        ("OPTIONS", None, 2),
        ("PUT", None, 2),
        ("PATCH", key(), 2),
        ("DELETE", None, 2),
        ("POST", None, 1),
        ("POST", key(), 2),
    ] {
        let script = Script::new([status(503), status(200)]);
        let (executor, record) = script.executor().for_call(named(key));
        let method: http::Method = method.parse().unwrap();
        let (mut request, operation) = executor.undeclared(&method, "/api/v1/reports/7").unwrap();
        executor.prepare(&mut request, operation).unwrap();
        executor.send(&http(), request, operation).await.unwrap();
        let exchange = record.take().unwrap();
        assert_eq!(exchange.attempts, attempts, "{method}");
        let sent = script.take().iter().all(|seen| seen.key().is_some());
        assert_eq!(sent, key.is_some() && method == "POST", "{method}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_dropped_call_sends_nothing_more() {
    let script = Script::new([with_header(503, "retry-after", "5")]);
    let executor = script.executor();
    let cut = tokio::time::timeout(Duration::from_secs(1), call(&executor, &GET_ROW));
    assert!(cut.await.is_err());
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(script.take().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_default_time_limit_holds_for_a_transport_that_forgets_it() {
    let script = Script::new([Step::Stall]);
    let executor = script.executor_with(|config| config.retry = RetryPolicy::off());
    let exchange = call(&executor, &GET_ROW).await;
    assert_eq!(failed(&exchange), FailureKind::Timeout);
    assert_eq!(exchange.elapsed, ClientConfig::DEFAULT_TIMEOUT);
}

#[tokio::test(start_paused = true)]
async fn seconds_milliseconds_and_dates_are_valid_retry_after_values() {
    let date = ("date", "Tue, 26 May 2026 17:21:09 GMT");
    #[rustfmt::skip]
    let table = [
        (&[("retry-after", "2")][..], Some(2_000)),
        (&[("retry-after", " 2 ")], Some(2_000)),
        (&[("retry-after", "0.5")], Some(500)),
        (&[("retry-after", "0")], Some(0)),
        (&[("retry-after", "9"), ("retry-after-ms", "250")], Some(250)),
        (&[("retry-after", "9"), ("retry-after-ms", "soon")], Some(9_000)),
        (&[("retry-after", "Tue, 26 May 2026 17:21:39 GMT"), date], Some(30_000)),
        (&[("retry-after", "Tue, 26 May 2026 17:20:00 GMT"), date], Some(0)),
        (&[("retry-after", "-1")], None),
        (&[("retry-after", "NaN")], None),
        (&[("retry-after", "inf")], None),
        (&[("retry-after", "")], None),
        (&[("retry-after", "later")], None),
        (&[], None),
    ];
    let retry_after = async |headers: Vec<(&'static str, String)>| {
        let script = Script::new([Step::Response(404, headers, "{}")]);
        call(&script.executor(), &GET_ROW).await.retry_after
    };
    for (headers, milliseconds) in table {
        let owned = headers
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()));
        let expected = milliseconds.map(Duration::from_millis);
        assert_eq!(retry_after(owned.collect()).await, expected, "{headers:?}");
    }
    let centuries = vec![("retry-after", "9".repeat(26))];
    assert_eq!(retry_after(centuries).await, Some(Duration::MAX));
    let in_an_hour = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(3600));
    let seconds = retry_after(vec![("retry-after", in_an_hour)])
        .await
        .unwrap();
    assert!((3590..=3600).contains(&seconds.as_secs()), "{seconds:?}");
}

#[tokio::test(start_paused = true)]
async fn the_code_of_a_conflict_decides_whether_it_is_retried() {
    #[rustfmt::skip]
    let table = [
        // A body, and whether a 409 with it is retried after the first and after the second attempt.
        (r#"{"error":{"code":"idempotency_in_progress"}}"#, true, true),
        (r#"{"error":{"code":"an_unknown_code"}}"#, false, true),
        (r#"{"error":{"code":"slug_taken"}}"#, false, false),
        (r#"{"error":{"type":"conflict","code":"slug\u005ftaken","message":"m"}}"#, false, false),
        (r#"{"error":{"code":"email_taken"}}"#, false, false),
        (r#"{"error":{"code":"idempotency_key_reused"}}"#, false, false),
        ("", false, true),
        ("<html>", false, true),
        ("{}", false, true),
        (r#"{"error":"slug_taken"}"#, false, true),
        (r#"{"error":{}}"#, false, true),
    ];
    for (body, first, second) in table {
        let conflict = || Step::Response(409, Vec::new(), body);
        for operation in OPERATIONS {
            let by_key = operation.class == RetryClass::ByKey;
            let script = Script::new([conflict(), status(201)]);
            let exchange = call(&script.executor(), operation).await;
            let retried = exchange.attempts == 2;
            assert_eq!(retried, first && by_key, "{} {body}", operation.name);

            // A 429 is retried by operations of every class.
            let script = Script::new([status(429), conflict(), status(201)]);
            let exchange = call(&script.executor(), operation).await;
            let retried = exchange.attempts == 3;
            assert_eq!(retried, second && by_key, "{} {body}", operation.name);

            // Another process may have sent the caller's key before.
            let script = Script::new([conflict(), status(201)]);
            let mut options = CallOptions::default();
            options.idempotency_key("aurora-1");
            let exchange = call_with(&script.executor(), operation, options).await;
            let retried = exchange.attempts == 2;
            assert_eq!(retried, second && by_key, "{} {body}", operation.name);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_stop_reason_names_the_limit_that_ended_the_call() {
    fn off(config: &mut ClientConfig) {
        config.retry = RetryPolicy::off();
    }
    fn empty(config: &mut ClientConfig) {
        config.retry_budget = Some(RetryBudget::new(0, 0));
    }
    fn both(config: &mut ClientConfig) {
        off(config);
        empty(config);
    }
    let asks = |seconds| with_header(503, "retry-after", seconds);
    type Row = (Step, &'static Operation, fn(&mut ClientConfig), StopReason);
    let table: [Row; 7] = [
        (status(503), &GET_ROW, off, StopReason::AttemptsExhausted),
        (status(503), &GET_ROW, empty, StopReason::BudgetExhausted),
        (asks("61"), &GET_ROW, empty, StopReason::RetryAfterTooLong),
        (asks("60"), &GET_ROW, empty, StopReason::BudgetExhausted),
        (asks("61"), &GET_ROW, off, StopReason::AttemptsExhausted),
        // A final or unsafe result is reported as such, whatever else would end the call.
        (status(404), &GET_ROW, both, StopReason::NotRetryable),
        (status(503), &SEND_ROW, both, StopReason::UnsafeToRetry),
    ];
    for (step, operation, configure, expected) in table {
        let script = Script::new([step.clone()]);
        let exchange = call(&script.executor_with(configure), operation).await;
        assert_eq!(
            (exchange.attempts, exchange.stop_reason),
            (1, expected),
            "{step:?}"
        );
    }
    for kind in [FailureKind::Request, FailureKind::BodyTooLarge { limit: 1 }] {
        let exchange = call(&Script::new([Step::Fail(kind)]).executor(), &GET_ROW).await;
        assert_eq!(
            (exchange.attempts, exchange.stop_reason),
            (1, StopReason::NotRetryable)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_backoff_doubles_up_to_its_maximum_and_replaces_a_retry_after_of_zero() {
    let script = Script::new([with_header(503, "retry-after", "0")]);
    let policy = RetryPolicy::default()
        .max_attempts(6)
        .backoff(Duration::from_millis(500), Duration::from_secs(3));
    let executor = script.executor_with(|config| {
        config.retry = policy;
        config.retry_budget = None;
    });
    let mut longest = [0; 5];
    for _ in 0..200 {
        let history = call(&executor, &GET_ROW).await.history;
        for (longest, attempt) in longest.iter_mut().zip(history) {
            *longest = attempt.delay.as_millis().max(*longest);
        }
    }
    for (longest, max) in longest.into_iter().zip([500, 1000, 2000, 3000, 3000]) {
        assert!(
            (max * 9 / 10..=max).contains(&longest),
            "{longest} of {max}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_retry_budget_never_exceeds_its_capacity() {
    let good = (0..100).map(|_| status(200));
    let script = Script::new(good.chain([status(503)]));
    let budget = Some(RetryBudget::new(2, 20));
    let executor = script.executor_with(|config| config.retry_budget = budget);
    for _ in 0..100 {
        call(&executor, &GET_ROW).await;
    }
    assert_eq!(call(&executor, &GET_ROW).await.attempts, 3);
    assert_eq!(call(&executor, &GET_ROW).await.attempts, 1);
}
