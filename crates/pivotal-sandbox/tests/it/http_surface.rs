use std::io::Read;

use pivotal_sandbox::BODY_LIMIT;
use reqwest::Method;
use serde_json::json;

use crate::client::{Client, send};

#[tokio::test]
async fn unknown_paths_give_an_error_in_the_envelope() {
    let pivotal = Client::start().await;
    for path in [
        "/nothing",
        "/customers/",
        "/customers/1/",
        "/customers/1/notes",
        "/customers//contacts",
        "",
    ] {
        pivotal.get(path).await.refused(404, "not_found");
    }
    let root = send(pivotal.http.get(pivotal.sandbox.base_url())).await;
    root.refused(404, "not_found");
}

#[tokio::test]
async fn a_wrong_method_gets_the_allowed_ones() {
    let pivotal = Client::start().await;
    for (method, path, allow) in [
        (Method::PUT, "/customers", "GET, HEAD, POST"),
        (Method::DELETE, "/customers", "GET, HEAD, POST"),
        (Method::PUT, "/customers/1", "DELETE, GET, HEAD, PATCH"),
        (Method::POST, "/onboardings/1", "DELETE, GET, HEAD, PATCH"),
        (Method::POST, "/customers/1/onboardings", "GET, HEAD"),
        (Method::OPTIONS, "/me", "GET, HEAD"),
    ] {
        let response = send(pivotal.request(method, path)).await;
        response.refused(405, "method_not_allowed");
        assert_eq!(response.headers["allow"], allow, "{path}");
    }
}

#[tokio::test]
async fn head_responds_as_get_without_a_body() {
    let pivotal = Client::start().await;
    pivotal.customer("Aurora Outfitters").await;
    let get = pivotal.get("/customers/1").await;
    let head = send(pivotal.request(Method::HEAD, "/customers/1")).await;
    assert_eq!((head.status, head.bytes.len()), (get.status, 0));
    assert_eq!(head.headers["content-length"], get.bytes.len().to_string());
}

#[tokio::test]
async fn a_body_that_is_not_json_is_refused_by_its_type() {
    let pivotal = Client::start().await;
    let post = || {
        pivotal
            .request(Method::POST, "/customers")
            .body(r#"{"name":"Aurora"}"#)
    };
    for value in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonp",
        "",
    ] {
        send(post().header("content-type", value))
            .await
            .refused(415, "unsupported_media_type");
    }
    send(post()).await.refused(415, "unsupported_media_type");
    for value in [
        "application/json",
        "Application/JSON; charset=utf-8",
        "application/merge-patch+json",
    ] {
        send(post().header("content-type", value)).await.created();
    }
}

#[tokio::test]
async fn malformed_json_is_refused_with_its_position() {
    let pivotal = Client::start().await;
    for (body, position) in [
        ("", "line 1 column 0"),
        ("{\"name\": \"Aurora\"", "line 1 column 17"),
        ("{\n  \"name\": Aurora\n}", "line 2 column 11"),
        ("{\"name\": \"Aurora\"} {}", "line 1 column 20"),
        ("\u{feff}{}", "line 1 column 1"),
        ("{'name': 'Aurora'}", "line 1 column 2"),
    ] {
        let post = pivotal
            .request(Method::POST, "/customers")
            .header("content-type", "application/json")
            .body(body);
        let response = send(post).await;
        assert_eq!(response.refused(400, "invalid_json"), None);
        let message = response.body["error"]["message"].as_str().unwrap();
        assert!(message.contains(position), "{body:?}: {message}");
    }
    let deep = "[".repeat(10_000);
    let post = pivotal
        .request(Method::POST, "/customers")
        .header("content-type", "application/json")
        .body(deep);
    send(post).await.refused(400, "invalid_json");
    let not_utf8 = b"{\"name\": \"\xff\"}".to_vec();
    let post = pivotal
        .request(Method::POST, "/customers")
        .header("content-type", "application/json")
        .body(not_utf8);
    send(post).await.refused(400, "invalid_json");
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_and_one_at_it_is_read() {
    let pivotal = Client::start().await;
    let body = |size: usize| {
        let frame = json!({ "name": "Aurora", "filler": "" }).to_string().len();
        json!({ "name": "Aurora", "filler": "x".repeat(size - frame) })
    };
    pivotal.post("/customers", body(BODY_LIMIT)).await.created();
    pivotal
        .post("/customers", body(BODY_LIMIT + 1))
        .await
        .refused(413, "payload_too_large");
    pivotal
        .post("/customers", body(BODY_LIMIT * 8))
        .await
        .refused(413, "payload_too_large");
    assert_eq!(
        pivotal.get("/customers").await.ok()["data"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn a_connection_is_used_again() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let pivotal = Client::start().await;
    let mut stream = tokio::net::TcpStream::connect(pivotal.sandbox.address())
        .await
        .unwrap();
    for _ in 0..3 {
        stream
            .write_all(b"GET /api/v1/health HTTP/1.1\r\nhost: sandbox\r\n\r\n")
            .await
            .unwrap();
        let mut response = vec![0; 4096];
        let read = stream.read(&mut response).await.unwrap();
        assert!(response[..read].starts_with(b"HTTP/1.1 200 OK"));
    }
}

#[tokio::test]
async fn a_response_of_a_kilobyte_is_compressed_for_those_who_ask() {
    let pivotal = Client::start().await;
    for name in ["Aurora Outfitters", "Borealis Books", "Cumulus Coffee"] {
        pivotal.customer(name).await;
    }
    let plain = pivotal.get("/customers").await;
    assert!(!plain.headers.contains_key("content-encoding"));
    assert_eq!(plain.headers["vary"], "accept-encoding");
    assert!(plain.bytes.len() >= 1024);
    let get = |method, path| {
        let request = pivotal.request(method, path);
        request.header("accept-encoding", "br, gzip;q=0.8").send()
    };
    let response = get(Method::GET, "/customers").await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-encoding"], "gzip");
    assert_eq!(response.headers()["content-type"], "application/json");
    assert!(response.headers().contains_key("x-ratelimit-limit"));
    let bytes = response.bytes().await.unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(&*bytes)
        .read_to_string(&mut text)
        .unwrap();
    assert_eq!(text, plain.bytes);
    let head = get(Method::HEAD, "/customers").await.unwrap();
    assert_eq!(head.headers()["content-length"], bytes.len().to_string());

    for (path, expected) in [("/customers/1", 200), ("/customers/4", 404)] {
        let response = get(Method::GET, path).await.unwrap();
        assert_eq!(response.status(), expected);
        assert!(!response.headers().contains_key("content-encoding"));
        assert_eq!(
            response.text().await.unwrap(),
            pivotal.get(path).await.bytes
        );
    }
}

#[tokio::test]
async fn a_compressed_body_is_refused() {
    let pivotal = Client::start().await;
    for (coding, status) in [("gzip", 415), ("identity", 201)] {
        let post = pivotal
            .request(Method::POST, "/customers")
            .header("content-encoding", coding)
            .json(&json!({ "name": "Aurora" }));
        let response = send(post).await;
        assert_eq!(response.status, status);
        if status == 415 {
            response.refused(415, "unsupported_media_type");
        }
    }
}

#[tokio::test]
async fn gzip_is_requested_by_name_or_by_star() {
    let pivotal = Client::start().await;
    for name in ["Aurora Outfitters", "Borealis Books", "Cumulus Coffee"] {
        pivotal.customer(name).await;
    }
    for (value, expected) in [
        ("gzip", true),
        ("br, GZIP", true),
        ("deflate, gzip;q=0.5, br;q=1.0", true),
        ("*", true),
        ("gzip;q=0", false),
        ("*, gzip;q=0", false),
        ("gzip; Q=0.0", false),
        ("identity", false),
        ("", false),
        ("gzip;q=high", false),
    ] {
        let request = pivotal.request(Method::GET, "/customers");
        let response = request.header("accept-encoding", value).send().await;
        let compressed = response.unwrap().headers().contains_key("content-encoding");
        assert_eq!(compressed, expected, "{value}");
    }
}
