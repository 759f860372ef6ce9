use pivotal_sandbox::{Sandbox, StartError};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::client::{Client, display_ids, send};

async fn with_admin() -> Client {
    Client::of(Sandbox::builder().admin(true)).await
}

/// The response to an admin request, which no contract describes.
async fn admin(pivotal: &Client, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
    let url = format!("{}/_sandbox/{path}", pivotal.sandbox.base_url());
    let mut request = pivotal.http.request(method, url);
    if !body.is_null() {
        request = request.json(&body);
    }
    let response = request.send().await.unwrap();
    let (status, bytes) = (response.status(), response.bytes().await.unwrap());
    if bytes.is_empty() {
        return (status, Value::Null);
    }
    (status, serde_json::from_slice(&bytes).unwrap())
}

#[tokio::test]
async fn it_is_off_unless_asked_for() {
    let pivotal = Client::start().await;
    for path in ["reset", "clock", "requests", "faults"] {
        let url = format!("{}/_sandbox/{path}", pivotal.sandbox.base_url());
        send(pivotal.http.get(url)).await.refused(404, "not_found");
    }
}

#[tokio::test]
async fn reset_brings_back_how_it_started() {
    let start = "2026-05-26T17:21:09.412Z";
    let builder = Sandbox::builder()
        .admin(true)
        .rate_limit(10)
        .frozen_at(start.parse().unwrap());
    let pivotal = Client::of(builder).await;
    let create = || pivotal.post_with_key("/customers", "k", json!({ "name": "Aurora" }));
    let first = create().await.created();
    pivotal
        .sandbox
        .freeze_clock("2020-01-01T00:00:00Z".parse().unwrap());
    pivotal.sandbox.revoke_key(pivotal.sandbox.api_key());

    let response = admin(&pivotal, Method::POST, "reset", Value::Null).await;
    assert_eq!(response, (StatusCode::NO_CONTENT, Value::Null));
    assert_eq!(pivotal.sandbox.requests(), []);
    let list = pivotal.get("/customers").await;
    assert_eq!(list.headers["x-ratelimit-remaining"], "9");
    assert!(display_ids(&list.ok()).is_empty());
    let again = create().await;
    assert!(!again.headers.contains_key("idempotent-replayed"));
    // The same row to the id, for the sandbox is the same.
    assert_eq!(again.created(), first);
}

#[tokio::test]
async fn a_key_in_use_survives_a_reset_until_its_request_completes() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let pivotal = with_admin().await;
    let address = pivotal.sandbox.address();
    let mut slow = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /api/v1/customers HTTP/1.1\r\nhost: sandbox\r\nauthorization: Bearer {}\r\nidempotency-key: k\r\n\
         content-type: application/json\r\ncontent-length: 17\r\nexpect: 100-continue\r\n\r\n",
        pivotal.sandbox.api_key()
    );
    slow.write_all(head.as_bytes()).await.unwrap();
    slow.read_exact(&mut [0; 25]).await.unwrap();
    pivotal.sandbox.reset();
    let create = || pivotal.post_with_key("/customers", "k", json!({ "name": "Aurora" }));
    create().await.refused(409, "idempotency_in_progress");
    slow.write_all(br#"{"name":"Aurora"}"#).await.unwrap();
    let mut start = [0; 20];
    slow.read_exact(&mut start).await.unwrap();
    assert_eq!(&start, b"HTTP/1.1 201 Created");
    assert_eq!(create().await.headers["idempotent-replayed"], "true");
}

#[tokio::test]
async fn the_clock_is_read_and_set() {
    let pivotal = with_admin().await;
    let (status, reading) = admin(&pivotal, Method::GET, "clock", Value::Null).await;
    assert_eq!(
        (status, &reading["frozen"]),
        (StatusCode::OK, &json!(false))
    );
    let frozen = |now: &str| (StatusCode::OK, json!({ "now": now, "frozen": true }));
    let at = json!({ "at": "2026-05-26T19:21:09.4129+02:00" });
    assert_eq!(
        admin(&pivotal, Method::POST, "clock/freeze", at).await,
        frozen("2026-05-26T17:21:09.412Z")
    );
    assert_eq!(
        admin(
            &pivotal,
            Method::POST,
            "clock/advance",
            json!({ "seconds": 86_400.5 })
        )
        .await,
        frozen("2026-05-27T17:21:09.912Z")
    );
    assert_eq!(
        admin(&pivotal, Method::GET, "clock", Value::Null).await,
        frozen("2026-05-27T17:21:09.912Z")
    );
    let (_, thawed) = admin(&pivotal, Method::POST, "clock/thaw", Value::Null).await;
    assert_eq!(thawed["frozen"], false);
    assert!(
        thawed["now"]
            .as_str()
            .unwrap()
            .starts_with("2026-05-27T17:2")
    );
    // Without a time it stops where it is.
    let (_, here) = admin(&pivotal, Method::POST, "clock/freeze", Value::Null).await;
    assert_eq!(here["frozen"], true);
    assert!(here["now"].as_str().unwrap().starts_with("2026-05-27T17:2"));
}

#[tokio::test]
async fn unsupported_requests_get_the_error_envelope() {
    let pivotal = with_admin().await;
    for (method, path, body, status, code) in [
        (Method::GET, "", Value::Null, 404, "not_found"),
        (Method::GET, "nothing", Value::Null, 404, "not_found"),
        (Method::POST, "reset/now", Value::Null, 404, "not_found"),
        (Method::GET, "requests/1", Value::Null, 404, "not_found"),
        (Method::POST, "clock/stop", Value::Null, 404, "not_found"),
        (Method::GET, "reset", Value::Null, 405, "method_not_allowed"),
        (
            Method::POST,
            "requests",
            Value::Null,
            405,
            "method_not_allowed",
        ),
        (
            Method::GET,
            "clock/thaw",
            Value::Null,
            405,
            "method_not_allowed",
        ),
        (
            Method::POST,
            "clock/freeze",
            json!({ "at": "now" }),
            400,
            "invalid_string",
        ),
        (
            Method::POST,
            "clock/freeze",
            json!({ "on": "now" }),
            400,
            "invalid_body",
        ),
        (
            Method::POST,
            "clock/advance",
            Value::Null,
            400,
            "invalid_body",
        ),
        (
            Method::POST,
            "clock/advance",
            json!({ "seconds": -1 }),
            400,
            "invalid_body",
        ),
        (
            Method::POST,
            "clock/advance",
            json!({ "seconds": 1e300 }),
            400,
            "invalid_body",
        ),
        (
            Method::POST,
            "clock/advance",
            json!({ "seconds": "1" }),
            400,
            "invalid_body",
        ),
    ] {
        let (found, response) = admin(&pivotal, method, path, body).await;
        assert_eq!(
            (found.as_u16(), &response["error"]["code"]),
            (status, &json!(code)),
            "{path}: {response}"
        );
    }
}

#[tokio::test]
async fn the_journal_is_read_and_emptied() {
    let pivotal = with_admin().await;
    pivotal
        .sandbox
        .freeze_clock("2026-05-26T17:21:09.412Z".parse().unwrap());
    let key = "pivotal_K8s9secretsecret";
    let request = pivotal.request(Method::POST, &format!("/customers?api_key={key}"));
    send(request.json(&json!({ "name": "Aurora" })))
        .await
        .created();
    pivotal.get("/nothing").await.refused(404, "not_found");

    let (status, journal) = admin(&pivotal, Method::GET, "requests", Value::Null).await;
    assert_eq!(status, 200);
    assert!(!journal.to_string().contains("secretsecret"), "{journal}");
    assert!(!journal.to_string().contains(pivotal.sandbox.api_key()));
    let mut first = journal["requests"][0].clone();
    let headers = first.as_object_mut().unwrap().remove("headers").unwrap();
    let seconds = first["response"].as_object_mut().unwrap().remove("seconds");
    assert!(seconds.unwrap().as_f64().unwrap() > 0.0);
    let expected = json!({
        "at": "2026-05-26T17:21:09.412Z", "operation": "create-customer", "method": "POST", "path": "/api/v1/customers",
        "query": "api_key=pivotal_K8s9[redacted]", "body": "{\"name\":\"Aurora\"}",
        "response": { "status": 201, "replayed": false, "fault": null },
    });
    assert_eq!(first, expected);
    let redacted = json!(["authorization", "Bearer [redacted]"]);
    assert!(headers.as_array().unwrap().contains(&redacted), "{headers}");
    assert_eq!(journal["requests"][1]["operation"], Value::Null);
    // Reading it leaves no trace in it.
    assert_eq!(journal["requests"].as_array().map(Vec::len), Some(2));
    assert_eq!(pivotal.sandbox.requests().len(), 2);

    let emptied = admin(&pivotal, Method::DELETE, "requests", Value::Null).await;
    assert_eq!(emptied, (StatusCode::NO_CONTENT, Value::Null));
    let (_, journal) = admin(&pivotal, Method::GET, "requests", Value::Null).await;
    assert_eq!(journal, json!({ "requests": [] }));
}

/// Sends a request to `GET /_sandbox/requests` with these headers.
async fn requests_with(pivotal: &Client, headers: &[(&str, &str)]) -> (u16, String) {
    let url = format!("{}/_sandbox/requests", pivotal.sandbox.base_url());
    let mut request = pivotal.http.get(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    (
        status,
        body["error"]["code"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
    )
}

#[tokio::test]
async fn web_pages_do_not_control_it() {
    let pivotal = with_admin().await;
    let address = pivotal.sandbox.address().to_string();
    let own_page = format!("http://{address}");
    for (headers, status, code) in [
        (&[][..], 200, ""),
        (&[("origin", &*own_page)], 200, ""),
        (&[("host", "localhost:80")], 200, ""),
        (&[("host", "[::1]")], 200, ""),
        (
            &[("origin", "https://attacker.example")],
            403,
            "foreign_origin",
        ),
        (&[("origin", "null")], 403, "foreign_origin"),
        // A name of the attacker that resolves to 127.0.0.1.
        (&[("host", "attacker.example")], 403, "foreign_host"),
        (
            &[
                ("host", "attacker.example"),
                ("origin", "http://attacker.example"),
            ],
            403,
            "foreign_host",
        ),
        (
            &[("host", "127.0.0.1.attacker.example")],
            403,
            "foreign_host",
        ),
        (&[("host", "")], 403, "foreign_host"),
    ] {
        let response = requests_with(&pivotal, headers).await;
        assert_eq!(response, (status, code.to_owned()), "{headers:?}");
    }
}

#[tokio::test]
async fn other_machines_need_a_token() {
    let everywhere = || {
        Sandbox::builder()
            .listen("0.0.0.0:0".parse().unwrap())
            .allow_non_loopback()
    };
    assert_eq!(Client::of(everywhere()).await.sandbox.admin_token(), None);
    let generated = Client::of(everywhere().admin(true)).await;
    let chosen = Client::of(Sandbox::builder().admin(true).admin_token("t0ken")).await;
    assert_eq!(chosen.sandbox.admin_token(), Some("t0ken"));
    for pivotal in [generated, chosen] {
        let token = pivotal.sandbox.admin_token().unwrap();
        let authorization = format!("Bearer {token}");
        let key = format!("Bearer {}", pivotal.sandbox.api_key());
        for (headers, status, code) in [
            (&[("authorization", &*authorization)][..], 200, ""),
            (
                &[
                    ("authorization", &*authorization),
                    ("host", "sandbox.internal"),
                ],
                200,
                "",
            ),
            (
                &[
                    ("authorization", &*authorization),
                    ("origin", "https://attacker.example"),
                ],
                403,
                "foreign_origin",
            ),
            (&[("authorization", &*key)], 401, "invalid_admin_token"),
            (&[("authorization", "Bearer ")], 401, "invalid_admin_token"),
            (&[], 401, "invalid_admin_token"),
        ] {
            let response = requests_with(&pivotal, headers).await;
            assert_eq!(response, (status, code.to_owned()), "{headers:?}");
        }
    }
    let shown = format!("{:?}", Sandbox::builder().admin_token("s3cret"));
    assert!(!shown.contains("s3cret"), "{shown}");
    for unusable in ["", "a b", "é"] {
        let refused = Sandbox::builder().admin_token(unusable).start().await;
        assert!(matches!(refused, Err(StartError::AdminToken)), "{unusable}");
    }
}
