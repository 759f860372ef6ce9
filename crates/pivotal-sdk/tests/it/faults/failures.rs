//! Faults that last: every operation fails, in time, with the right error, and has been carried out
//! once at most.

use std::time::Duration;

use futures_util::FutureExt;
use pivotal_sandbox::FaultKind;
use pivotal_sdk::{
    Delivery, Error, ErrorCode, ErrorKind, RateLimiting, RetryClass, RetryPolicy, StopReason,
};
use tokio::net::TcpListener;

use super::proxy;
use super::server::{ATTEMPTS, Fault, FaultyServer, each};
use crate::memory::KEY;

const ALWAYS: usize = usize::MAX;

/// The error that a fault has to cause.
struct Expected {
    kind: ErrorKind,
    code: Option<&'static str>,
    /// Empty if there was no response.
    statuses: &'static [u16],
    attempts: u32,
    delivery: Delivery,
    retryable: bool,
    /// Whether the server processed the request.
    carried_out: bool,
}

async fn fails(fault: impl Into<Fault>, expected: Expected) {
    each(fault, ALWAYS, async |server| {
        let client = server.builder().build().unwrap();
        let error = server.call(&client).await.unwrap_err();
        expect(&server, &error, &expected);
        server.expect_rows(expected.carried_out).await;
    })
    .await;
}

fn expect(server: &FaultyServer, error: &Error, expected: &Expected) {
    let case = format!("{}: {error}", server.case);
    assert_eq!(error.kind(), expected.kind, "{case}");
    assert_eq!(error.code().map(ErrorCode::as_str), expected.code, "{case}");
    let status = error.status().map(|status| status.as_u16());
    match status {
        Some(status) => assert!(expected.statuses.contains(&status), "{case}"),
        None => assert!(expected.statuses.is_empty(), "{case}"),
    }
    assert_eq!(error.delivery(), expected.delivery, "{case}");
    assert_eq!(error.is_retryable(), expected.retryable, "{case}");
    assert_eq!(error.operation(), Some(server.operation.name), "{case}");
    assert_eq!(error.attempts(), expected.attempts, "{case}");
    assert_eq!(
        error.history().len() as u32,
        expected.attempts - 1,
        "{case}"
    );
    let keyed = server.operation.class == RetryClass::ByKey;
    assert_eq!(error.idempotency_key().is_some(), keyed, "{case}");
    let texts = format!("{error} {error:?} {error:#?}");
    assert!(!texts.contains(&KEY[12..]), "{texts}");
}

/// Retried until the attempts are used up.
const GIVEN_UP: Expected = Expected {
    kind: ErrorKind::Transport,
    code: Some("connection_lost"),
    statuses: &[],
    attempts: ATTEMPTS,
    delivery: Delivery::Unknown,
    retryable: true,
    carried_out: true,
};

/// A response that is not retried, because another would be no better.
const SETTLED: Expected = Expected {
    kind: ErrorKind::Decode,
    code: None,
    statuses: &[200, 201],
    attempts: 1,
    delivery: Delivery::Received,
    retryable: false,
    carried_out: true,
};

#[tokio::test]
async fn a_connection_that_is_always_reset() {
    let before = || Expected {
        carried_out: false,
        ..GIVEN_UP
    };
    fails(proxy::Fault::ResetBeforeReading, before()).await;
    fails(FaultKind::ResetBeforeProcessing, before()).await;
    fails(FaultKind::ResetAfterProcessing, GIVEN_UP).await;
}

#[tokio::test]
async fn a_body_that_always_breaks_off() {
    for fault in [FaultKind::ResetInsideBody, FaultKind::ContentLengthTooLong] {
        let expected = Expected {
            code: Some("incomplete_body"),
            statuses: &[200, 201],
            delivery: Delivery::Received,
            ..GIVEN_UP
        };
        fails(fault, expected).await;
    }
}

#[tokio::test]
async fn a_server_that_never_responds() {
    for (fault, carried_out) in [
        (FaultKind::StallBeforeProcessing, false),
        (FaultKind::StallAfterProcessing, true),
        (FaultKind::SlowDrip(Duration::from_millis(500)), true),
    ] {
        each(fault, ALWAYS, async |server| {
            let client = server.builder().timeout(Duration::from_millis(300));
            let client = client.build().unwrap();
            let error = server.call(&client).await.unwrap_err();
            let expected = Expected {
                kind: ErrorKind::Timeout,
                code: Some("timeout"),
                ..GIVEN_UP
            };
            expect(&server, &error, &expected);
            server.expect_rows(carried_out).await;
        })
        .await;
    }
}

#[tokio::test]
async fn a_server_that_stays_down_is_given_up_at_the_deadline() {
    each(FaultKind::StallBeforeProcessing, ALWAYS, async |server| {
        // Neither attempts nor the time of each would ever end it.
        let client = server
            .builder()
            .retry(RetryPolicy::default().max_attempts(u32::MAX))
            .no_timeout()
            .deadline(Duration::from_millis(100))
            .build()
            .unwrap();
        let error = server.call(&client).await.unwrap_err();
        assert!(error.is_timeout(), "{}: {error}", server.case);
        assert_eq!(
            error.stop_reason(),
            Some(StopReason::DeadlineExceeded),
            "{}",
            server.case
        );
    })
    .await;
}

#[tokio::test]
async fn a_server_that_always_fails() {
    for (fault, statuses, carried_out) in [
        (FaultKind::Status(503), &[503], false),
        (FaultKind::StatusAfterProcessing(504), &[504], true),
    ] {
        let expected = Expected {
            kind: ErrorKind::Internal,
            code: Some("internal_error"),
            statuses,
            delivery: Delivery::Received,
            carried_out,
            ..GIVEN_UP
        };
        fails(fault, expected).await;
    }
}

#[tokio::test]
async fn a_gateways_page_keeps_its_status_and_first_bytes() {
    let faults: [(Fault, bool); 2] = [
        (FaultKind::Html502.into(), false),
        (proxy::Fault::HtmlAfterProcessing.into(), true),
    ];
    for (fault, carried_out) in faults {
        each(fault, ALWAYS, async |server| {
            let client = server.builder().build().unwrap();
            let error = server.call(&client).await.unwrap_err();
            let expected = Expected {
                kind: ErrorKind::Unexpected,
                code: None,
                statuses: &[502],
                delivery: Delivery::Received,
                ..GIVEN_UP
            };
            expect(&server, &error, &expected);
            assert!(error.raw_body().starts_with(b"<"), "{}", server.case);
            assert!(!error.to_string().contains('<'), "{error}");
            server.expect_rows(carried_out).await;
        })
        .await;
    }
}

#[tokio::test]
async fn a_429_that_does_not_end() {
    let expected = Expected {
        kind: ErrorKind::RateLimit,
        code: Some("rate_limited"),
        statuses: &[429],
        delivery: Delivery::Received,
        carried_out: false,
        ..GIVEN_UP
    };
    each(FaultKind::RateLimited(None), ALWAYS, async |server| {
        // The rate limiter would wait until the allowance is said to be whole again.
        let client = server
            .builder()
            .rate_limiting(RateLimiting::off())
            .build()
            .unwrap();
        let error = server.call(&client).await.unwrap_err();
        expect(&server, &error, &expected);
        server.expect_rows(false).await;
    })
    .await;
}

#[tokio::test]
async fn a_429_that_asks_for_too_long_fails_at_once_with_the_delay() {
    each(FaultKind::RateLimited(Some(3600)), ALWAYS, async |server| {
        let client = server.builder().build().unwrap();
        let error = server.call(&client).await.unwrap_err();
        assert!(error.is_rate_limit() && error.is_retryable(), "{error}");
        assert_eq!(error.attempts(), 1, "{}", server.case);
        assert_eq!(error.retry_after(), Some(Duration::from_secs(3600)));
        assert!(error.to_string().contains("retry after 3600 s"), "{error}");
        server.expect_rows(false).await;
    })
    .await;
}

#[tokio::test]
async fn a_body_that_is_not_what_the_contract_says() {
    let faults: [Fault; 4] = [
        FaultKind::MalformedJson.into(),
        FaultKind::TruncatedJson.into(),
        proxy::Fault::InvalidUtf8.into(),
        proxy::Fault::MissingFields.into(),
    ];
    for fault in faults {
        each(fault, ALWAYS, async |server| {
            let client = server.builder().build().unwrap();
            let error = server.call(&client).await.unwrap_err();
            expect(&server, &error, &SETTLED);
            assert!(!error.raw_body().is_empty(), "{}", server.case);
            server.expect_rows(true).await;
        })
        .await;
    }
}

#[tokio::test]
async fn a_length_shorter_than_the_body() {
    each(FaultKind::ContentLengthTooShort, ALWAYS, async |server| {
        let client = server.builder().build().unwrap();
        let error = server.call(&client).await.unwrap_err();
        // A compressed body is incomplete; an uncompressed one is read and does not decode.
        let expected = match error.code() {
            None => SETTLED,
            Some(_) => Expected {
                code: Some("incomplete_body"),
                statuses: SETTLED.statuses,
                delivery: Delivery::Received,
                ..GIVEN_UP
            },
        };
        expect(&server, &error, &expected);
        server.expect_rows(true).await;
    })
    .await;
}

#[tokio::test]
async fn never_a_missing_response_field_makes_a_successful_201_look_failed() {
    each(proxy::Fault::MissingFields, ALWAYS, async |server| {
        if server.operation.class != RetryClass::ByKey {
            return;
        }
        let client = server.builder().build().unwrap();
        let error = server.call(&client).await.unwrap_err();
        // It says that the row is there, and which.
        assert_eq!(error.status().unwrap(), 201, "{}", server.case);
        assert_eq!(error.delivery(), Delivery::Received, "{}", server.case);
        assert_eq!(server.requests(), 1, "{} is not repeated", server.case);
        assert!(error.to_string().contains("status 201"), "{error}");
        let kept: serde_json::Value = serde_json::from_slice(error.raw_body()).unwrap();
        let (kind, id) = (&kept["object"], &kept["id"]);
        assert!(
            server
                .has(kind.as_str().unwrap(), id.as_str().unwrap())
                .await,
            "{}",
            server.case
        );
    })
    .await;
}

#[tokio::test]
async fn a_body_without_end_is_given_up_at_the_limit() {
    for fault in [proxy::Fault::EndlessBody, proxy::Fault::GzipBomb] {
        each(fault, ALWAYS, async |server| {
            let client = server.builder().build().unwrap();
            let error = server.call(&client).await.unwrap_err();
            let expected = Expected {
                kind: ErrorKind::Transport,
                code: Some("body_too_large"),
                ..SETTLED
            };
            expect(&server, &error, &expected);
            // What the buffers of the sockets took is sent, and no more.
            let sent = server.proxy.as_ref().unwrap().bytes();
            assert!(sent < 16 * 1024 * 1024, "{}: {sent} bytes", server.case);
            server.expect_rows(true).await;
        })
        .await;
    }
}

#[tokio::test]
async fn a_redirect_to_the_same_host_is_not_followed() {
    each(proxy::Fault::RedirectLoop, ALWAYS, async |server| {
        let client = server.builder().build().unwrap();
        let error = server.call(&client).await.unwrap_err();
        let expected = Expected {
            kind: ErrorKind::Unexpected,
            statuses: &[307],
            carried_out: false,
            ..SETTLED
        };
        expect(&server, &error, &expected);
        assert_eq!(server.requests(), 1, "{}", server.case);
        server.expect_rows(false).await;
    })
    .await;
}

#[tokio::test]
async fn a_redirect_to_another_host_is_not_followed() {
    let other = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = other.local_addr().unwrap().port();
    each(proxy::Fault::RedirectTo(port), ALWAYS, async |server| {
        let client = server.builder().build().unwrap();
        let error = server.call(&client).await.unwrap_err();
        let expected = Expected {
            kind: ErrorKind::Unexpected,
            statuses: &[307],
            carried_out: false,
            ..SETTLED
        };
        expect(&server, &error, &expected);
        assert_eq!(server.requests(), 1, "{}", server.case);
    })
    .await;
    // Nobody came, so no key did.
    assert!(other.accept().now_or_never().is_none());
}

#[tokio::test]
async fn a_key_that_is_revoked_meanwhile() {
    let expected = Expected {
        kind: ErrorKind::Authentication,
        code: Some("api_key_revoked"),
        statuses: &[401],
        carried_out: false,
        ..SETTLED
    };
    each(FaultKind::KeyRevoked, ALWAYS, async |server| {
        let client = server.builder().build().unwrap();
        let result = server.call(&client).await;
        if server.operation.authenticated {
            expect(&server, &result.unwrap_err(), &expected);
        } else {
            result.unwrap();
        }
        server.expect_rows(!server.operation.authenticated).await;
    })
    .await;
}
