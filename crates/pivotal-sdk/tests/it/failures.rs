//! Every way in which a call can fail, and the one error that tells of it.

use std::error::Error as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pivotal_sdk::raw;
use pivotal_sdk::requests::{CreateCustomerRequest, GetMeRequest};
use pivotal_sdk::{
    Call, Client, CreateCustomer, Customer, Delivery, Endpoint, Error, ErrorCode, ErrorKind,
    RetryPolicy, StopReason, transport::FailureKind,
};
use serde_json::{Value, json};

use crate::memory::{KEY, Memory};
use crate::responses::{customer, list};
use crate::script::{Reply, Script};
use crate::server::Server;

async fn failed<O: Endpoint>(call: Call<O>) -> Error {
    match call.await {
        Ok(_) => panic!("{} succeeded", O::OPERATION.name),
        Err(error) => error,
    }
}

#[tokio::test]
async fn an_error_of_the_servers_tells_kind_code_field_status_and_operation() {
    let body = json!({ "error": {
        "type": "conflict", "code": "slug_taken", "message": "Slug is in use.", "field": "slug"
    } });
    let server = Server::json(409, &body).await;
    let error = failed(
        server
            .client()
            .customers()
            .create(CreateCustomer::new("Aurora")),
    )
    .await;

    assert!(error.is_conflict());
    assert!(error.is_code("slug_taken") && error.is_code(ErrorCode::SlugTaken));
    assert_eq!(error.field(), Some("slug"));
    assert_eq!(error.message(), "Slug is in use.");
    assert_eq!(error.status().unwrap(), 409);
    assert_eq!(error.operation(), Some("create_customer"));
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.delivery(), Delivery::Received);
    assert_eq!(error.raw_body(), body.to_string().as_bytes());
    assert_eq!(
        error.to_string(),
        "create_customer: conflict: Slug is in use. (status 409, code slug_taken, field slug)"
    );
}

#[tokio::test]
async fn an_error_has_the_body_that_the_contract_documents_for_its_status() {
    let body = json!({
        "error": { "type": "conflict", "code": "slug_taken", "message": "In use.", "slug": "a" },
        "request_id": "r-1",
    });
    let answered = async |status, body: &Value| {
        let server = Server::json(status, body).await;
        let client = server.client();
        failed(client.customers().create(CreateCustomer::new("Aurora"))).await
    };
    let error = answered(409, &body).await;
    let documented: Option<raw::Error> = error.documented_body::<CreateCustomerRequest>();
    let documented = documented.unwrap();
    assert_eq!(documented.error.code, ErrorCode::SlugTaken);
    assert_eq!(documented.error.extra["slug"], "a");
    assert_eq!(documented.extra["request_id"], "r-1");
    assert!(error.documented_body::<GetMeRequest>().is_none());

    // By its range, but not where the contract has none.
    let by_range = answered(418, &body).await;
    assert!(
        by_range
            .documented_body::<CreateCustomerRequest>()
            .is_some()
    );
    let undocumented = answered(503, &body).await;
    assert!(
        undocumented
            .documented_body::<CreateCustomerRequest>()
            .is_none()
    );
    assert!(undocumented.raw_body().starts_with(b"{"));
    let other = answered(409, &json!({ "message": "In use." })).await;
    assert!(other.documented_body::<CreateCustomerRequest>().is_none());
    // Without an operation the caller says which it is.
    let server = Server::json(409, &body).await;
    let error = Error::from(server.client().raw().get_me().await.unwrap_err());
    assert!(error.documented_body::<GetMeRequest>().is_some());
    // A success that does not decode is no documented error, whatever it looks like.
    let success = answered(201, &body).await;
    assert!(success.documented_body::<CreateCustomerRequest>().is_none());
}

#[tokio::test]
async fn a_new_error_type_goes_by_the_status() {
    let body = json!({ "error": { "type": "quota_error", "code": "seats", "message": "Full." } });
    let server = Server::json(403, &body).await;
    let error = failed(server.client().me()).await;
    assert!(error.is_permission());
    assert_eq!(error.error_type().unwrap().as_str(), "quota_error");
    assert!(error.is_code("seats"));
}

#[tokio::test]
async fn a_foreign_response_is_unexpected_and_shows_status_and_first_bytes() {
    for (status, headers, body, says) in [
        (
            502,
            "content-type: text/html\r\n",
            "<html>hunter2</html>",
            "not JSON",
        ),
        (503, "", "", "empty body"),
        (401, "", r#"{"message":"hunter2"}"#, "unknown JSON"),
        (
            302,
            "location: https://login.test/?hunter2\r\n",
            "",
            "redirect",
        ),
        (204, "", "", "undocumented success"),
    ] {
        let server = Server::start(status, headers, body).await;
        let error = failed(server.client().customer(1).get()).await;
        assert!(error.is_unexpected(), "{error:?}");
        assert_eq!(error.status().unwrap(), status);
        assert_eq!(error.raw_body(), body.as_bytes());
        assert_eq!(error.delivery(), Delivery::Received);
        assert!(error.to_string().contains(says), "{error}");
        assert!(
            !format!("{error} {error:?}").contains("hunter2"),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn a_success_that_does_not_decode_names_the_place_and_keeps_status_and_body() {
    let mut wrong = customer();
    wrong["name"] = json!(5);
    let body = list(&[customer(), wrong]);
    let server = Server::json(200, &body).await;
    let error = failed(server.client().customers().list()).await;
    assert!(error.is_decode(), "{error:?}");
    assert_eq!(error.field(), Some("/data/1/name"));
    assert_eq!(error.status().unwrap(), 200);
    assert_eq!(error.raw_body(), body.to_string().as_bytes());
    assert_eq!(error.row_id(), Some("245"));
    let shown = error.to_string();
    assert!(shown.contains("invalid type: integer, expected"), "{shown}");
    assert!(
        shown.ends_with("(status 200, field /data/1/name, row 245)"),
        "{shown}"
    );
}

#[tokio::test]
async fn a_create_whose_response_does_not_decode_counts_as_received() {
    for body in ["", "{", r#"{"id":"c1"}"#, "<html>"] {
        let server = Server::start(201, "", body).await;
        let error = failed(server.client().customers().create(CreateCustomer::new("A"))).await;
        assert!(error.is_decode(), "{body}: {error:?}");
        assert_eq!(error.status().unwrap(), 201, "{body}");
        assert_eq!(error.delivery(), Delivery::Received, "{body}");
    }
}

#[tokio::test]
async fn no_text_of_an_error_holds_customer_data_or_the_key() {
    let mut wrong = customer();
    wrong["display_id"] = json!("hunter2");
    let server = Server::json(200, &wrong).await;
    let error = failed(server.client().customer(1).get()).await;
    let mut texts = format!("{error} {error:?} {error:#?}");
    let mut source = error.source();
    while let Some(cause) = source {
        texts += &format!(" {cause} {cause:?}");
        source = cause.source();
    }
    assert!(server.requests()[0].contains(KEY), "the key was sent");
    assert!(
        !texts.contains("hunter2") && !texts.contains(&KEY[12..]),
        "{texts}"
    );
}

#[tokio::test]
async fn a_refused_connection_was_not_sent() {
    // Bound, so that nobody else gets the port, but not listening.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let base_url = format!("http://{}", socket.local_addr().unwrap());
    let client = Client::builder()
        .base_url(base_url)
        .api_key(KEY)
        .retry(RetryPolicy::off())
        .build()
        .unwrap();
    let error = failed(client.customers().create(CreateCustomer::new("A"))).await;
    assert!(error.is_transport());
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert_eq!(error.attempts(), 1);
    assert!(error.source().is_some());
    let server = socket.local_addr().unwrap();
    let line = format!(
        "create_customer: no response: could not connect to {server}; \
         check the base URL and the network (code connect)"
    );
    assert_eq!(error.to_string(), line);
    let debug = format!("{error:?}");
    assert!(
        debug.starts_with(&format!("{line}; caused by: ")),
        "{debug}"
    );
    assert!(
        debug.contains("refused") && !debug.contains('\n'),
        "{debug}"
    );
    let all = format!("{error:#?}");
    assert!(
        all.contains("delivery: NotSent") && all.contains("attempts: 1"),
        "{all}"
    );
}

#[tokio::test]
async fn after_a_broken_connection_a_write_may_have_been_carried_out() {
    let server = Server::bytes(String::new()).await;
    let error = failed(server.client().customers().create(CreateCustomer::new("A"))).await;
    assert!(error.is_transport());
    assert_eq!(error.delivery(), Delivery::Unknown);
    assert!(
        error
            .to_string()
            .ends_with("; the server may have processed the request"),
        "{error}"
    );

    let error = failed(server.client().customer(1).get()).await;
    assert!(
        !error.to_string().contains("may have processed"),
        "reads change nothing: {error}"
    );
}

#[tokio::test]
async fn a_call_that_takes_too_long_is_a_timeout() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let client = Client::builder()
        .base_url(base_url)
        .api_key(KEY)
        .retry(RetryPolicy::off())
        .build()
        .unwrap();
    let error = failed(client.me().timeout(Duration::from_millis(50))).await;
    assert!(error.is_timeout());
    assert!(error.is_code("timeout"));
    assert_eq!(error.delivery(), Delivery::Unknown);
}

#[tokio::test]
async fn a_response_over_the_body_limit_is_an_error() {
    let memory = Memory::json(200, &customer());
    let client = Client::builder()
        .api_key(KEY)
        .transport(std::sync::Arc::new(memory))
        .body_limit(10)
        .build()
        .unwrap();
    let error = failed(client.customer(1).get()).await;
    assert!(error.is_transport());
    assert!(error.is_code("body_too_large"));
    assert_eq!(error.status().unwrap(), 200);
    assert!(error.to_string().contains("10 bytes"), "{error}");
}

#[tokio::test]
async fn a_transport_of_ones_own_fails_in_the_same_terms() {
    for (failure, kind, delivery) in [
        (
            FailureKind::Connect,
            ErrorKind::Transport,
            Delivery::NotSent,
        ),
        (FailureKind::Timeout, ErrorKind::Timeout, Delivery::Unknown),
        (
            FailureKind::ConnectionLost,
            ErrorKind::Transport,
            Delivery::Unknown,
        ),
    ] {
        let error = failed(Memory::failing(failure).client().me()).await;
        assert_eq!((error.kind(), error.delivery()), (kind, delivery));
        assert_eq!(error.operation(), Some("get_me"));
    }
}

#[test]
fn a_result_is_hardly_larger_than_its_value() {
    let value = size_of::<Customer>();
    assert!(size_of::<pivotal_sdk::Result<Customer>>() <= value + 16);
    assert_eq!(size_of::<Error>(), size_of::<usize>());
}

#[tokio::test]
async fn text_of_the_server_cannot_control_a_terminal() {
    let text = "red\u{1b}[31m\r\nnext\u{202e}";
    let body = json!({ "error": {
        "type": "conflict", "code": text, "message": text, "field": text,
    } });
    let error = failed(Memory::json(409, &body).client().me()).await;
    let escaped = r"red\u{1b}[31m\r\nnext\u{202e}";
    assert_eq!(error.message(), escaped);
    for line in [error.to_string(), format!("{error:?}")] {
        assert_eq!(line.matches(escaped).count(), 3, "{line}");
        assert!(
            !line.contains(|c: char| c.is_control() || c == '\u{202e}'),
            "{line}"
        );
    }
}

#[tokio::test]
async fn a_decode_error_prints_its_line_and_fields_only_if_asked() {
    let error = failed(Memory::json(200, &json!({})).client().me()).await;
    assert_eq!(format!("{error:?}"), error.to_string());
    assert!(
        format!("{error:#?}").contains("body_bytes: 2"),
        "{error:#?}"
    );
}

fn quick(script: &Script) -> Client {
    let policy = RetryPolicy::default().max_attempts(3);
    let policy = policy.backoff(Duration::from_millis(1), Duration::from_millis(1));
    script.builder().retry(policy).build().unwrap()
}

#[tokio::test]
async fn a_failed_create_can_be_retried_with_the_key_of_its_error() {
    let keys = Arc::new(Mutex::new(Vec::new()));
    let journal = Arc::clone(&keys);
    let script = Script::new(move |request, earlier| {
        let key = request.headers()["idempotency-key"].to_str().unwrap();
        journal.lock().unwrap().push(key.to_owned());
        match earlier {
            0..3 => Reply::Failure(FailureKind::ConnectionLost),
            _ => Reply::Json(201, customer()),
        }
    });
    let pivotal = quick(&script);
    let create = || pivotal.customers().create(CreateCustomer::new("Aurora"));
    let error = failed(create()).await;
    assert!(error.is_retryable());
    assert_eq!(
        (error.attempts(), error.stop_reason()),
        (3, Some(StopReason::AttemptsExhausted))
    );
    let history: Vec<_> = error.history().iter().map(|tried| tried.failure).collect();
    assert_eq!(history, [Some(FailureKind::ConnectionLost); 2]);

    let key = error.idempotency_key().unwrap();
    let response = create().idempotency_key(key).with_meta().await.unwrap();
    assert_eq!(response.meta.idempotency_key(), Some(key));
    let keys = keys.lock().unwrap();
    assert!(keys.iter().all(|sent| sent == key), "{keys:?}");
    assert_eq!(keys.len(), 4);
}

#[tokio::test]
async fn responses_and_errors_carry_the_rate_limit() {
    let headers = "date: Tue, 26 May 2026 17:21:00 GMT\r\nx-ratelimit-limit: 60\r\nx-ratelimit-remaining: 12\r\nx-ratelimit-reset: 1779816085\r\n";
    let server = Server::start(200, headers, &customer().to_string()).await;
    let pivotal = server.client();
    assert_eq!(pivotal.rate_limit(), None, "nothing is known yet");
    let response = pivotal.customer(1).get().with_meta().await.unwrap();
    let rate_limit = response.meta.rate_limit().unwrap();
    assert_eq!((rate_limit.limit, rate_limit.remaining), (60, 12));
    assert_eq!(rate_limit.resets_in, Some(Duration::from_secs(25)));
    assert!(pivotal.clone().rate_limit().is_some(), "clones share it");

    let headers = format!("{headers}retry-after: 90\r\n");
    let body =
        r#"{"error":{"type":"rate_limit_error","code":"rate_limited","message":"Slow down."}}"#;
    let server = Server::start(429, &headers, body).await;
    let error = failed(server.client().me()).await;
    assert!(error.is_rate_limit() && error.is_retryable());
    assert_eq!(error.rate_limit().unwrap().remaining, 12);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(90)));
}

#[tokio::test]
async fn never_headers_or_bodies_in_display() {
    for (status, body) in [
        (500, "hunter2"),
        (200, "hunter2"),
        (404, r#"{"a":"hunter2"}"#),
    ] {
        let headers = "x-internal: hunter2\r\nset-cookie: s=hunter2\r\n";
        let server = Server::start(status, headers, body).await;
        let error = failed(server.client().customer(1).get()).await;
        let texts = format!("{error} {error:?} {error:#?}");
        assert!(!texts.contains("hunter2"), "{texts}");
        assert_eq!(
            error.raw_body(),
            body.as_bytes(),
            "it is there for who asks"
        );
    }
}

#[tokio::test]
async fn never_status_lost_when_the_body_does_not_decode() {
    for body in ["", "null", "[]", "{", "<html>", "\u{0}"] {
        let server = Server::start(200, "", body).await;
        let error = failed(server.client().customer(1).get()).await;
        assert!(error.is_decode(), "{error}");
        assert_eq!(error.status().unwrap(), 200);
        assert!(error.to_string().contains("status 200"), "{error}");
    }
}

#[tokio::test]
async fn each_kind_of_error_reads_as_one_helpful_line() {
    let envelope = |kind: &str, code: &str| json!({ "error": { "type": kind, "code": code, "message": "The server's own words." } });
    let later = RetryPolicy::off().max_retry_after(Duration::from_secs(5));
    let texts = [
        (
            400,
            "invalid_request_error",
            "missing_field",
            "create_customer: invalid request: The server's own words. (status 400, code missing_field)",
        ),
        (
            401,
            "authentication_error",
            "api_key_revoked",
            "create_customer: authentication failed: The server's own words. (status 401, code api_key_revoked)",
        ),
        (
            403,
            "permission_error",
            "reserved",
            "create_customer: permission denied: The server's own words. (status 403, code reserved)",
        ),
        (
            404,
            "not_found",
            "customer_not_found",
            "create_customer: not found: The server's own words. (status 404, code customer_not_found)",
        ),
        (
            409,
            "conflict",
            "slug_taken",
            "create_customer: conflict: The server's own words. (status 409, code slug_taken)",
        ),
        (
            500,
            "internal_error",
            "internal_error",
            "create_customer: server error: The server's own words. (status 500, code internal_error, 3 attempts); the server may have processed the request",
        ),
    ];
    for (status, kind, code, text) in texts {
        let body = envelope(kind, code);
        let script = Script::new(move |_, _| Reply::Json(status, body.clone()));
        let call = quick(&script).customers().create(CreateCustomer::new("A"));
        assert_eq!(failed(call).await.to_string(), text);
    }

    let body = envelope("rate_limit_error", "rate_limited").to_string();
    let server = Server::start(429, "retry-after: 90\r\n", &body).await;
    let call = server.client().me().retry(later.max_attempts(2));
    assert_eq!(
        failed(call).await.to_string(),
        "get_me: rate limit exceeded: The server's own words. (status 429, code rate_limited, \
         retry after 90 s); not retried: the server asks for a longer delay than the policy allows"
    );
    let lines = [
        (
            FailureKind::ConnectionLost,
            "create_customer: no response: connection to my.pivotal.app:443 closed before the response arrived \
          (code connection_lost, 3 attempts); the server may have processed the request",
        ),
        (
            FailureKind::Timeout,
            "create_customer: timed out: no response from my.pivotal.app:443 within the timeout; `timeout` sets it \
          (code timeout, 3 attempts); the server may have processed the request",
        ),
        (
            FailureKind::Connect,
            "create_customer: no response: could not connect to my.pivotal.app:443; check the base URL and the network \
          (code connect, 3 attempts)",
        ),
    ];
    for (failure, text) in lines {
        let script = Script::new(move |_, _| Reply::Failure(failure));
        let call = quick(&script).customers().create(CreateCustomer::new("A"));
        assert_eq!(failed(call).await.to_string(), text);
    }
}

#[tokio::test(start_paused = true)]
async fn with_meta_tells_of_every_attempt() {
    let script = Script::new(|_, earlier| match earlier {
        0 => Reply::Failure(FailureKind::ConnectionLost),
        1 => Reply::Json(503, json!({})),
        _ => Reply::Json(200, customer()),
    });
    let response = quick(&script).customer(1).get().with_meta().await.unwrap();
    assert_eq!(response.meta.attempts(), 3);
    let history: Vec<_> = response
        .meta
        .history()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        history,
        ["connection closed before the response arrived", "503"]
    );
    let waits = response.meta.history().iter().map(|attempt| attempt.delay);
    assert!(response.meta.elapsed() >= waits.sum::<Duration>());
    assert_eq!(response.meta.idempotency_key(), None, "a read has none");
}

fn envelope(error_type: &str) -> Value {
    json!({ "error": { "type": error_type, "code": "a_code", "message": "m" } })
}

#[tokio::test]
async fn the_error_type_determines_the_kind() {
    for (error_type, kind) in [
        ("invalid_request_error", ErrorKind::InvalidRequest),
        ("authentication_error", ErrorKind::Authentication),
        ("permission_error", ErrorKind::Permission),
        ("not_found", ErrorKind::NotFound),
        ("conflict", ErrorKind::Conflict),
        ("rate_limit_error", ErrorKind::RateLimit),
        ("internal_error", ErrorKind::Internal),
    ] {
        let error = failed(Memory::json(400, &envelope(error_type)).client().me()).await;
        assert_eq!(error.kind(), kind, "{error_type}");
    }
}

#[tokio::test]
async fn the_status_determines_the_kind_of_an_unknown_error_type() {
    for (status, kind) in [
        (400, ErrorKind::InvalidRequest),
        (401, ErrorKind::Authentication),
        (403, ErrorKind::Permission),
        (404, ErrorKind::NotFound),
        (409, ErrorKind::Conflict),
        (418, ErrorKind::InvalidRequest),
        (429, ErrorKind::RateLimit),
        (503, ErrorKind::Internal),
    ] {
        let error = failed(Memory::json(status, &envelope("brand_new")).client().me()).await;
        assert_eq!(error.kind(), kind, "{status}");
        assert_eq!(error.error_type().unwrap().as_str(), "brand_new");
        assert!(error.is_code("a_code"));
    }
}

#[tokio::test]
async fn a_body_without_an_envelope_is_unexpected_and_not_printed() {
    for body in [
        "<html><body>Bad Gateway hunter2</body></html>",
        "",
        r#"{"message":"hunter2"}"#,
        r#"{"error":"hunter2"}"#,
        r#"{"error":{"type":5,"message":"hunter2"}}"#,
        "[]",
    ] {
        let error = failed(Memory::text(502, body).client().me()).await;
        assert_eq!(error.kind(), ErrorKind::Unexpected, "{body}");
        assert_eq!(error.status().unwrap(), 502);
        assert_eq!(error.raw_body(), body.as_bytes());
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}

#[tokio::test]
async fn a_text_of_the_server_is_one_line_of_limited_length() {
    let text = "a\nb\u{7}".to_owned() + &"x".repeat(1000);
    let body = json!({ "error": { "type": text, "code": text, "message": text, "field": text } });
    let error = failed(Memory::json(409, &body).client().me()).await;
    let error_type = error.error_type().unwrap().as_str();
    let code = error.code().unwrap().as_str();
    for text in [error_type, code, error.message(), error.field().unwrap()] {
        let rest = text.strip_prefix(r"a\nb\u{7}").unwrap();
        assert_eq!(rest, "x".repeat(252) + "…", "256 characters of the server");
    }
}

#[tokio::test]
async fn an_error_keeps_the_first_64_kib_of_a_body() {
    let body = "x".repeat(Error::MAX_RAW_BODY + 1);
    let error = failed(Memory::text(500, &body).client().me()).await;
    assert_eq!(error.raw_body().len(), Error::MAX_RAW_BODY);
}

#[tokio::test]
async fn a_decode_error_names_the_place_and_the_types_but_no_values() {
    let secret = "Mira, expected x".repeat(100_000);
    let with = |key: &str, value: Value| {
        let mut customer = customer();
        customer[key] = value;
        customer
    };
    let mut nameless = customer();
    nameless.as_object_mut().unwrap().remove("name");
    let number = json!(4_111_111_111_111_111_i64);
    let cases = [
        (
            with("name", number.clone()),
            "/name",
            "invalid type: integer, expected a string",
        ),
        (
            with("name", json!([secret])),
            "/name",
            "invalid type: sequence, expected a string",
        ),
        (
            with("mrr", json!(secret)),
            "/mrr",
            "invalid type: string, expected i64",
        ),
        (
            with("mrr", json!(u64::MAX)),
            "/mrr",
            "invalid value: integer, expected i64",
        ),
        (
            with("mrr", json!(1e30)),
            "/mrr",
            "invalid type: floating point, expected i64",
        ),
        (
            with("status", number),
            "/status",
            "invalid type: integer, expected a string for CustomerStatus",
        ),
        (
            with("created_at", json!(secret)),
            "/created_at",
            "invalid value: string",
        ),
        (
            with("created_at", json!(format!("2026-13-45{secret}"))),
            "/created_at",
            "invalid value: string",
        ),
        (nameless, "/name", "missing field `name`"),
    ];
    for (body, field, message) in cases {
        let error = failed(Memory::json(200, &body).client().customer(1).get()).await;
        assert_eq!(
            (error.kind(), error.field()),
            (ErrorKind::Decode, Some(field))
        );
        assert_eq!(error.row_id(), Some("245"), "{error}");
        let (problem, position) = error.message().split_once(" at line 1 column ").unwrap();
        assert_eq!(problem, message);
        assert!(position.parse::<u64>().is_ok(), "{error}");
        let shown = format!("{error}{error:?}{error:#?}");
        assert!(
            !shown.contains("Mira") && !shown.contains("4111"),
            "{error}"
        );
    }
    for (body, field) in [
        ("{", None),
        (r#"{"name":"#, Some("/name")),
        ("<html>", None),
    ] {
        let error = failed(Memory::text(200, body).client().customer(1).get()).await;
        assert_eq!((error.kind(), error.field()), (ErrorKind::Decode, field));
    }
}

#[tokio::test]
async fn the_id_of_a_row_is_bounded_and_printable() {
    let mut wrong = customer();
    wrong["display_id"] = json!(null);
    wrong["id"] = json!(format!("\u{1b}{}", "x".repeat(1000)));
    let error = failed(Memory::json(200, &wrong).client().customer(1).get()).await;
    let rest = error.row_id().unwrap().strip_prefix(r"\u{1b}").unwrap();
    assert_eq!(rest, "x".repeat(255) + "…");
}

#[tokio::test]
async fn an_envelope_is_read_as_far_as_it_can_be() {
    for (details, code, message, field) in [
        (
            json!({ "code": 40901, "message": "Full.", "field": "slug" }),
            Some("40901"),
            "Full.",
            Some("slug"),
        ),
        (
            json!({ "code": null, "message": ["Full."], "field": 5 }),
            None,
            "the server sent no message",
            Some("5"),
        ),
        (
            json!({ "code": { "a": 1 }, "message": "Full." }),
            None,
            "Full.",
            None,
        ),
    ] {
        let mut body = json!({ "error": details });
        body["error"]["type"] = json!("conflict");
        let error = failed(Server::json(409, &body).await.client().me()).await;
        assert!(error.is_conflict(), "{error}");
        assert_eq!(error.code().map(ErrorCode::as_str), code);
        assert_eq!((error.message(), error.field()), (message, field));
    }
}

#[tokio::test]
async fn a_key_that_the_server_repeats_is_in_no_error() {
    let escaped = KEY.replace('p', r"\u0070");
    for body in [
        format!(
            r#"{{"error":{{"type":"{KEY}","code":"{KEY}","message":"key {KEY}","field":"{KEY}"}}}}"#
        ),
        format!(
            r#"{{"error":{{"type":"conflict","code":"{escaped}","message":"{escaped}","field":"{escaped}"}}}}"#
        ),
        format!("<html>Authorization: Bearer {KEY}</html>"),
    ] {
        let server = Server::start(409, "", &body).await;
        let typed = failed(server.client().me()).await;
        let raw: Error = server.client().raw().get_me().await.unwrap_err().into();
        for error in [typed, raw] {
            let shown = format!("{error} {error:?} {error:#?}");
            assert!(!shown.contains(KEY), "{shown}");
            let kept = String::from_utf8_lossy(error.raw_body()).into_owned();
            assert!(!kept.contains(KEY) && kept.contains("[redacted]"), "{kept}");
        }
    }
}

#[tokio::test]
async fn no_server_can_imitate_a_failure_of_the_client() {
    let body =
        json!({ "error": { "type": "client_error", "code": "timeout", "message": "Late." } });
    let header = "pivotal-sdk-failure: timeout\r\n";
    let server = Server::start(599, header, &body.to_string()).await;
    let client = server.client();
    let typed = failed(client.me()).await;
    let raw: Error = client.raw().get_me().await.unwrap_err().into();
    for error in [typed, raw] {
        assert_eq!(error.kind(), ErrorKind::Internal, "{error}");
        assert_eq!(error.status().unwrap(), 599);
        assert_eq!(error.delivery(), Delivery::Received);
    }
}

#[tokio::test]
async fn a_key_in_the_body_of_a_success_is_in_no_error() {
    let mut row = customer();
    row["id"] = json!(KEY);
    for key in ["display_id", "name"] {
        row.as_object_mut().unwrap().remove(key);
    }
    let single = failed(Server::json(200, &row).await.client().customer(1).get()).await;
    let page = Server::json(200, &list(&[row])).await;
    let whole = failed(page.client().customers().list()).await;
    let mut results = page.client().customers().list().stream().results();
    let alone = results.try_next().await.unwrap().unwrap().unwrap_err();
    for error in [single, whole, alone] {
        assert_eq!(error.row_id(), Some("[redacted]"), "{error}");
        let shown = format!("{error} {error:?} {error:#?}");
        assert!(!shown.contains(KEY), "{shown}");
        assert!(!String::from_utf8_lossy(error.raw_body()).contains(KEY));
    }
}

#[tokio::test]
async fn a_key_with_escapes_in_what_is_no_json_is_in_no_error() {
    let escaped = KEY.replace('p', r"\u0070");
    let cut_off = format!(r#"{{"id": "1", "{escaped}": {{"name": "#);
    let server = Server::start(200, "", &cut_off).await;
    let error = failed(server.client().customer(1).get()).await;
    assert!(error.is_decode(), "{error}");
    let shown = format!("{error} {error:?} {error:#?}");
    assert!(!shown.contains(KEY), "{shown}");
}
