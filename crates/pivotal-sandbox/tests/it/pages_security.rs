//! Who may see the pages, and what text on them can do.

use std::net::Ipv4Addr;

use pivotal_sandbox::Sandbox;
use reqwest::Method;
use serde_json::json;

use crate::{
    client::{Client, send},
    pages::{form, page, with_pages},
};

#[tokio::test]
async fn they_are_off_unless_asked_for_and_off_for_other_machines() {
    let everywhere = with_pages()
        .listen((Ipv4Addr::UNSPECIFIED, 0).into())
        .allow_non_loopback();
    for builder in [Sandbox::builder(), everywhere] {
        let pivotal = Client::of(builder).await;
        assert_eq!(pivotal.sandbox.pages_url(), None);
        for path in ["/", "/customers", "/requests", "/controls"] {
            let url = format!("{}{path}", pivotal.sandbox.base_url());
            send(pivotal.http.get(url)).await.refused(404, "not_found");
        }
    }
}

#[tokio::test]
async fn only_loopback_names_have_pages() {
    let pivotal = Client::of(with_pages().seed(7)).await;
    let port = pivotal.sandbox.address().port();
    for (host, status) in [
        (format!("127.0.0.1:{port}"), 200),
        (format!("localhost:{port}"), 200),
        ("LOCALHOST".to_owned(), 200),
        (format!("[::1]:{port}"), 200),
        ("evil.example".to_owned(), 403),
        (format!("127.0.0.1.evil.example:{port}"), 403),
        (format!("localhost.evil.example:{port}"), 403),
        ("0.0.0.0".to_owned(), 403),
        ("192.168.1.2".to_owned(), 403),
        ("user@localhost".to_owned(), 200),
    ] {
        let url = format!("{}/customers", pivotal.sandbox.base_url());
        let response = pivotal
            .http
            .get(url)
            .header("host", &host)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), status, "{host}");
        let text = response.text().await.unwrap();
        assert_eq!(text.contains("customers/48"), status == 200, "{host}");
    }
}

#[tokio::test]
async fn only_a_page_of_the_same_origin_sends_forms() {
    let pivotal = Client::of(with_pages().admin(true)).await;
    let own = pivotal.sandbox.base_url().to_owned();
    let other_port = "http://127.0.0.1:1";
    let cases: [(&[(&str, &str)], u16); 10] = [
        (&[], 403),
        (&[("origin", "null")], 403),
        (&[("origin", "https://evil.example")], 403),
        (&[("origin", other_port)], 403),
        (&[("origin", &own), ("sec-fetch-site", "cross-site")], 403),
        (
            &[("origin", other_port), ("sec-fetch-site", "same-origin")],
            403,
        ),
        (&[("sec-fetch-site", "same-site")], 403),
        (&[("sec-fetch-site", "none")], 403),
        (&[("origin", &own), ("sec-fetch-site", "same-origin")], 200),
        (&[("sec-fetch-site", "same-origin")], 200),
    ];
    for (number, (headers, status)) in cases.into_iter().enumerate() {
        let day = format!("2026-07-{:02}T09:00:00Z", number + 1);
        let mut form = form(&pivotal, &[("action", "freeze"), ("at", &day)]);
        for (name, value) in headers {
            form = form.header(*name, *value);
        }
        assert_eq!(form.send().await.unwrap().status(), status, "{headers:?}");
        let changed = pivotal.sandbox.now() == day.parse().unwrap();
        assert_eq!(changed, status == 200, "{headers:?}");
    }
}

#[tokio::test]
async fn nothing_is_changed_without_the_admin_api_or_past_its_token() {
    for builder in [
        with_pages(),
        with_pages().admin(true).admin_token("secret-of-a-test"),
    ] {
        let pivotal = Client::of(builder).await;
        let (_, text) = page(&pivotal, "/controls").await;
        assert!(
            !text.contains("<form") && !text.contains("secret-of-a-test"),
            "{text}"
        );
        let fields = [
            ("action", "add-fault"),
            ("operation", "*"),
            ("fault", "status=503"),
        ];
        let form = form(&pivotal, &fields);
        let sent = form
            .header("origin", pivotal.sandbox.base_url())
            .send()
            .await
            .unwrap();
        assert_eq!(sent.status(), 400);
        assert!(pivotal.sandbox.faults().armed().is_empty());
    }
}

#[tokio::test]
async fn headers_keep_other_pages_and_other_content_out() {
    let pivotal = Client::of(with_pages()).await;
    for path in ["/customers", "/requests/7"] {
        let url = format!("{}{path}", pivotal.sandbox.base_url());
        let response = pivotal.http.get(url).send().await.unwrap();
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        let policy = header("content-security-policy");
        let (before, style) = policy.split_once("style-src 'sha256-").unwrap();
        let (_, after) = style.split_once('\'').unwrap();
        assert_eq!(before, "default-src 'none'; ");
        assert_eq!(
            after,
            "; script-src 'none'; img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        );
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("referrer-policy"), "same-origin");
        assert_eq!(header("cache-control"), "no-store");
        assert_eq!(header("cross-origin-resource-policy"), "same-origin");
    }
}

#[tokio::test]
async fn hostile_text_and_keys_are_shown_harmlessly() {
    const SECRET: &str = "secretOfAKeyInARow";
    let hostile = format!(
        "</title><script>alert(1)</script>\"'\u{202e}\u{1b}[31m\u{0} pivotal_test_{SECRET}"
    );
    let pivotal = Client::of(with_pages().admin(true)).await;
    let customer = json!({
        "name": hostile, "slug": format!("b-pivotal_test_{SECRET}"), "domain": hostile, "plan": hostile, "owner_id": hostile,
        "metadata": { &hostile: [&hostile] },
    });
    let request = pivotal.request(Method::POST, "/customers?x=<script>%e2%80%ae");
    let request = request.header("x-hostile", format!("<script>pivotal_test_{SECRET}"));
    let sent = request
        .header("idempotency-key", "<script>")
        .json(&customer)
        .send()
        .await
        .unwrap();
    assert_eq!(sent.status(), 201);
    let twin =
        json!({ "name": "Twin", "domain": hostile, "slug": format!("a-pivotal_test_{SECRET}") });
    pivotal.post("/customers", twin).await.created();
    let contact =
        json!({ "name": hostile, "email": "a@b.com", "title": hostile, "labels": [&hostile] });
    pivotal
        .post("/customers/1/contacts", contact)
        .await
        .created();
    let onboarding = json!({ "customer_id": "1", "csm_id": hostile, "phase": "review" });
    pivotal.post("/onboardings", onboarding).await.created();
    for body in [
        format!("not JSON <script>\u{202e} pivotal_test_{SECRET}"),
        format!("{{\"a\":\"pivotal\\u005ftest_{SECRET}\"}}"),
    ] {
        let sent = pivotal.request(Method::POST, "/customers").body(body);
        send(sent.header("content-type", "application/json")).await;
    }
    pivotal
        .sandbox
        .faults()
        .add(
            format!("get-me:missing-key=<script>pivotal_test_{SECRET}")
                .parse()
                .unwrap(),
        )
        .unwrap();
    let query = "%3Cscript%3E%E2%80%AE%22pivotal_test_secretOfAKeyInARow";
    for path in [
        "/customers".to_owned(),
        format!("/customers?search={query}&status={query}&plan={query}"),
        "/customers/1".to_owned(),
        "/customers/2".to_owned(),
        format!("/onboardings?state={query}&phase={query}"),
        "/onboardings".to_owned(),
        format!("/requests?show={query}"),
        "/requests/1".to_owned(),
        "/requests/2".to_owned(),
        "/requests/3".to_owned(),
        "/requests/4".to_owned(),
        "/requests/5".to_owned(),
        "/requests/6".to_owned(),
        "/controls".to_owned(),
        format!("/customers/{query}"),
    ] {
        let (_, text) = page(&pivotal, &path).await;
        assert!(!text.contains("<script"), "{path}: {text}");
        assert!(
            !text.contains(['\u{202e}', '\u{1b}', '\u{0}']),
            "{path}: {text}"
        );
        // Domains are compared, and linked, in lower case.
        let lower = text.to_lowercase();
        assert!(!lower.contains(&SECRET.to_lowercase()), "{path}: {text}");
        assert!(!text.contains(pivotal.sandbox.api_key()), "{path}: {text}");
    }
    let (_, text) = page(&pivotal, "/customers/1").await;
    assert!(
        text.contains(
            "&lt;script&gt;alert(1)&lt;/script&gt;&quot;'\\u{202e}\\u{1b}[31m\\u{0} pivotal_test_"
        ),
        "{text}"
    );
}
