//! What the pages show.

use std::{
    collections::{BTreeSet, VecDeque},
    time::Duration,
};

use pivotal_sandbox::{Sandbox, SandboxBuilder};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::client::Client;

pub(crate) fn with_pages() -> SandboxBuilder {
    Sandbox::builder().pages(true)
}

/// Status and text of a page.
pub(crate) async fn page(pivotal: &Client, path: &str) -> (StatusCode, String) {
    let url = format!("{}{path}", pivotal.sandbox.base_url());
    let response = pivotal.http.get(url).send().await.unwrap();
    let status = response.status();
    assert_eq!(
        response.headers()["content-type"],
        "text/html; charset=utf-8",
        "{path}"
    );
    (status, response.text().await.unwrap())
}

/// A form as a browser sends it, without its headers.
pub(crate) fn form(pivotal: &Client, fields: &[(&str, &str)]) -> RequestBuilder {
    form_to(pivotal, "/controls", fields)
}

fn form_to(pivotal: &Client, path: &str, fields: &[(&str, &str)]) -> RequestBuilder {
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(fields);
    let url = format!("{}{path}", pivotal.sandbox.base_url());
    let request = pivotal.http.post(url).body(body.finish());
    request.header("content-type", "application/x-www-form-urlencoded")
}

/// The text of a page that exists.
async fn shown(pivotal: &Client, path: &str) -> String {
    let (status, text) = page(pivotal, path).await;
    assert_eq!(status, 200, "{path}");
    text
}

/// The addresses that a page links to on this server.
fn links(page: &str) -> BTreeSet<String> {
    let links = page
        .split("href=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next());
    let links = links.filter(|link| link.starts_with('/'));
    links.map(|link| link.replace("&amp;", "&")).collect()
}

/// The parts of a page between these two.
fn parts<'p>(page: &'p str, start: &str, end: &str) -> Vec<&'p str> {
    let rest = page.split(start).skip(1);
    rest.map(|rest| rest.split(end).next().unwrap()).collect()
}

#[tokio::test]
async fn every_link_from_the_first_page_on_resolves() {
    let builder = with_pages().seed(7).admin(true);
    let builder = builder.fault("get-health:status=500:count=1".parse().unwrap());
    let pivotal = Client::of(builder).await;
    for _ in 0..60 {
        pivotal.get("/customers?limit=1").await.ok();
    }
    pivotal.customer("Nothing else").await;
    pivotal.get("/health").await.refused(500, "internal_error");
    let (mut seen, mut next) = (BTreeSet::new(), VecDeque::from(["/".to_owned()]));
    while let Some(path) = next.pop_front() {
        if !seen.insert(path.clone()) {
            continue;
        }
        let text = shown(&pivotal, &path).await;
        assert!(
            text.starts_with("<!DOCTYPE html>") && text.ends_with("</html>"),
            "{path}"
        );
        assert_eq!(text.matches("<h1>").count(), 1, "{path}");
        assert_eq!(text.matches("<main").count(), 1, "{path}");
        assert!(
            !text.contains("<script") && !text.contains(" style="),
            "{path}"
        );
        assert!(
            !text.contains("http://") && !text.contains("https://"),
            "{path}"
        );
        assert!(!text.contains(pivotal.sandbox.api_key()), "{path}");
        next.extend(links(&text));
    }
    // 49 customers, 62 requests, 5 lists, and their second pages.
    assert!(seen.len() > 49 + 62 + 5, "{seen:?}");
    for path in [
        "/customers/49-nothing-else",
        "/requests/62",
        "/controls",
        "/webhooks",
    ] {
        assert!(seen.contains(path), "{path}");
    }
    assert!(seen.iter().any(|path| path.contains("after=")), "{seen:?}");
}

#[tokio::test]
async fn the_list_is_searched_and_filtered_and_marks_shared_domains() {
    let pivotal = Client::of(with_pages()).await;
    for (name, domain, status, plan) in [
        ("Aurora", "aurora.com", "active", "Growth"),
        ("Aurora Ltd", "WWW.Aurora.com.", "onboarding", "Scale"),
        ("Borealis", "borealis.com", "active", "Scale"),
    ] {
        let customer = json!({ "name": name, "domain": domain, "status": status, "plan": plan, "mrr": 1_234_567 });
        pivotal.post("/customers", customer).await.created();
    }
    let names = async |query: &str| {
        let text = shown(&pivotal, &format!("/customers{query}")).await;
        let rows = parts(&text, "<th scope=\"row\"><a href=\"/customers/", "\"");
        let numbers = rows
            .iter()
            .map(|row| row.split('-').next().unwrap().parse().unwrap());
        numbers.collect::<Vec<u32>>()
    };
    assert_eq!(names("").await, [3, 2, 1]);
    assert_eq!(names("?search=AURORA").await, [2, 1]);
    assert_eq!(names("?search=borealis.c").await, [3]);
    assert_eq!(names("?status=active").await, [3, 1]);
    assert_eq!(names("?status=active&plan=Scale&search=").await, [3]);
    assert_eq!(names("?status=none").await, [0_u32; 0]);

    let text = shown(&pivotal, "/customers").await;
    let badges = parts(&text, "class=\"badge\" href=\"", "</a>");
    assert_eq!(
        badges,
        ["/customers?search=aurora.com\">2 with this domain"; 2]
    );
    assert!(text.contains(">12,345.67<"), "{text}");
    // A deleted customer shares nothing.
    pivotal.delete("/customers/1").await.ok();
    assert!(
        !shown(&pivotal, "/customers")
            .await
            .contains("with this domain")
    );
    assert!(
        !shown(&pivotal, "/customers/2")
            .await
            .contains("with this domain")
    );
}

#[tokio::test]
async fn a_customer_has_its_contacts_onboardings_and_what_was_done() {
    let start = "2026-07-01T09:00:00Z".parse().unwrap();
    let builder = with_pages()
        .api_key("pivotal_test_K8s9secret")
        .frozen_at(start);
    let pivotal = Client::of(builder).await;
    let aurora =
        json!({ "name": "Aurora Outfitters", "slug": "aurora-demo", "metadata": { "a": 1 } });
    pivotal.post("/customers", aurora).await.created();
    for (name, primary) in [("Mira Chen", true), ("Sam Okoro", false)] {
        let contact = json!({ "name": name, "email": format!("{}@a.com", &name[..3]), "is_primary": primary });
        pivotal
            .post("/customers/1/contacts", contact)
            .await
            .created();
    }
    let onboarding = json!({ "customer_id": "1", "target_launch_date": "2026-06-20T00:00:00Z", "waiting_on_customer": true });
    pivotal.post("/onboardings", onboarding).await.created();
    pivotal
        .sandbox
        .advance_clock(std::time::Duration::from_secs(3 * 86_400));
    pivotal
        .patch("/onboardings/1", json!({ "phase": "review" }))
        .await
        .ok();
    pivotal.delete("/contacts/2").await.ok();
    pivotal.delete("/contacts/2").await.ok();

    let text = shown(&pivotal, "/customers/1-aurora-demo").await;
    assert_eq!(text, shown(&pivotal, "/customers/1").await);
    assert_eq!(text, shown(&pivotal, "/customers/1-as-it-was-called").await);
    assert!(
        text.contains("<code>metadata</code></th><td><bdi>{&quot;a&quot;:1}</bdi>"),
        "{text}"
    );
    assert!(
        text.contains("Mira Chen") && !text.contains("Sam Okoro"),
        "{text}"
    );
    assert!(
        text.contains("2026-06-20</bdi>, overdue by 14 days"),
        "{text}"
    );
    assert!(
        text.contains("Waiting on the customer for 3 days"),
        "{text}"
    );
    let activity = parts(&text, "<li><bdi>", "</bdi>");
    let expected = [
        "Deleted contact #2",
        "Changed onboarding #1: phase = review, started_at = 2026-07-04T09:00:00.000Z",
        "Created onboarding #1",
        "Created contact #2",
        "Created contact #1",
        "Created the customer",
    ];
    assert_eq!(activity, expected);
    assert_eq!(
        text.matches("API: Sandbox key (pivotal_test_K8s9…)")
            .count(),
        6,
        "{text}"
    );
    let board = shown(&pivotal, "/onboardings").await;
    assert!(
        board.contains("<a href=\"/customers/1-aurora-demo\"><bdi>Aurora Outfitters"),
        "{board}"
    );
    assert!(
        board.contains(", overdue by 14 days") && board.contains("for 3 days"),
        "{board}"
    );
    let filtered = shown(&pivotal, "/onboardings?state=active&phase=completed").await;
    assert!(!filtered.contains("Aurora"), "{filtered}");
    assert!(
        board.contains("<option value=\"waiting\">Waiting</option>"),
        "{board}"
    );
    let waiting = shown(&pivotal, "/onboardings?state=waiting").await;
    assert!(waiting.contains("Aurora"), "{waiting}");

    pivotal.delete("/customers/1").await.ok();
    for path in [
        "/customers/1",
        "/customers/1-aurora-demo",
        "/customers/7",
        "/customers/x",
        "/customers/1/contacts",
    ] {
        let (status, text) = page(&pivotal, path).await;
        assert_eq!(status, 404, "{path}");
        assert!(text.contains("<h1><bdi>Not found"), "{text}");
    }
    assert!(!shown(&pivotal, "/onboardings").await.contains("Aurora"));
}

#[tokio::test]
async fn primary_contacts_come_first() {
    let pivotal = Client::of(with_pages()).await;
    pivotal.customer("Aurora").await;
    for (name, primary) in [("first", false), ("second", true), ("third", false)] {
        let contact =
            json!({ "name": name, "email": format!("{name}@a.com"), "is_primary": primary });
        pivotal
            .post("/customers/1/contacts", contact)
            .await
            .created();
    }
    let text = shown(&pivotal, "/customers/1").await;
    let names: Vec<_> = parts(&text, "<th scope=\"row\"><bdi>", "</bdi>");
    assert_eq!(names, ["second", "third", "first"]);
}

#[tokio::test]
async fn requests_are_listed_with_their_responses_and_bodies() {
    let builder = with_pages().fault("get-me:status=500:count=1".parse().unwrap());
    let pivotal = Client::of(builder).await;
    let create = || pivotal.post_with_key("/customers", "k", json!({ "name": "Aurora" }));
    create().await.created();
    create().await.created();
    pivotal.get("/me").await.refused(500, "internal_error");
    let text = shown(&pivotal, "/requests").await;
    let rows: Vec<_> = parts(&text, "<a href=\"/requests/", "<")
        .into_iter()
        .filter(|row| row.contains("bdi") || row.contains(' '))
        .collect();
    assert_eq!(rows, ["3\">GET ", "2\">POST ", "1\">POST "]);
    assert!(
        text.contains(">Replayed<") && text.contains("Fault <bdi>status=500"),
        "{text}"
    );
    for (show, count) in [
        ("failed", "1 request"),
        ("writes", "2 requests"),
        ("faults", "1 request"),
        ("replayed", "1 request"),
        ("", "3 requests"),
    ] {
        let text = shown(&pivotal, &format!("/requests?show={show}")).await;
        assert!(text.contains(&format!("of {count}<")), "{show}: {text}");
    }
    let text = shown(&pivotal, "/requests/1").await;
    assert!(
        text.contains("{\n  &quot;name&quot;: &quot;Aurora&quot;\n}"),
        "{text}"
    );
    assert!(
        text.contains("Bearer [redacted]") && text.contains("create-customer"),
        "{text}"
    );
    // Numbers are not used again, so an old address does not show another request.
    pivotal.sandbox.clear_requests();
    assert_eq!(page(&pivotal, "/requests/1").await.0, 404);
    pivotal.get("/me").await.ok();
    assert!(shown(&pivotal, "/requests").await.contains("/requests/4"));
}

#[tokio::test]
async fn no_page_grows_without_bound() {
    const CUSTOMERS: usize = 10_000;
    const LARGEST: usize = 128 * 1024;
    let pivotal = Client::of(with_pages()).await;
    pivotal.customer("Aurora").await;
    let long = "W".repeat(255);
    let owner = "owner".repeat(100);
    for number in 1..CUSTOMERS {
        let plan = format!("Plan {number}");
        let customer =
            json!({ "name": long, "slug": format!("a{number}"), "domain": "a.com", "plan": plan });
        let response = pivotal.request(Method::POST, "/customers").json(&customer);
        assert_eq!(response.send().await.unwrap().status(), 201);
        if number % 20 == 0 {
            let onboarding = json!({ "customer_id": number.to_string(), "csm_id": owner, "notes": "n".repeat(5_000) });
            pivotal.post("/onboardings", onboarding).await.created();
            let contact = json!({ "name": long, "email": format!("{number}@a.com"), "labels": vec!["label"; 200] });
            pivotal
                .post("/customers/1/contacts", contact)
                .await
                .created();
        }
    }
    let body = json!({ "name": "A".repeat(900_000) });
    pivotal
        .patch("/customers/1", body)
        .await
        .refused(400, "too_big");
    // Nothing receives these, and they are larger than what is shown.
    let webhooks = pivotal.sandbox.webhooks();
    webhooks.set(Some("http://127.0.0.1:9/"), None).unwrap();
    for _ in 0..200 {
        let payload = json!("<".repeat(15_000));
        webhooks.trigger(&owner, &payload).unwrap();
    }
    let newest = links(&shown(&pivotal, "/requests").await);
    let mut newest = newest.iter();
    let newest = newest.rfind(|link| link.starts_with("/requests/")).unwrap();
    for path in [
        "/customers",
        "/customers?after=5000",
        "/customers/1",
        "/onboardings",
        "/onboardings?phase=before_getting_started",
        "/requests",
        "/webhooks",
        newest,
    ] {
        let text = page(&pivotal, path).await.1;
        assert!(text.len() < LARGEST, "{path}: {}", text.len());
    }
}

#[tokio::test]
async fn paging_is_complete_while_rows_come_and_go() {
    const CUSTOMERS: usize = 520;
    let pivotal = Client::of(with_pages()).await;
    // Half of them share their creation time.
    for number in 0..CUSTOMERS {
        if number == CUSTOMERS / 2 {
            pivotal.sandbox.freeze_clock(pivotal.sandbox.now());
        }
        pivotal.customer("Aurora").await;
    }
    let mut path = "/customers".to_owned();
    let mut numbers = Vec::new();
    loop {
        let text = shown(&pivotal, &path).await;
        let rows = parts(&text, "<th scope=\"row\"><a href=\"/customers/", "-");
        numbers.extend(rows.iter().map(|row| row.parse::<usize>().unwrap()));
        let next = parts(&text, "rel=\"next\" href=\"", "\"").pop();
        let Some(next) = next else { break };
        // The next page begins after this row, which is no longer listed.
        let last = numbers.last().unwrap();
        pivotal.customer("New").await;
        pivotal.delete(&format!("/customers/{last}")).await.ok();
        path = next.replace("&amp;", "&");
    }
    // Some were created at times before that of an earlier one. New ones may be listed or not.
    numbers.retain(|number| *number <= CUSTOMERS);
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=CUSTOMERS).collect::<Vec<_>>());
}

#[tokio::test]
async fn pages_lead_back_to_the_first_with_the_same_filters() {
    let pivotal = Client::of(with_pages()).await;
    for number in 0..120 {
        pivotal.customer(&format!("Aurora {number}")).await;
    }
    let follow = async |path: &str, rel: &str| {
        let text = shown(&pivotal, path).await;
        let link = parts(&text, &format!("rel=\"{rel}\" href=\""), "\"").pop();
        link.map(|link| link.replace("&amp;", "&"))
    };
    let second = follow("/customers?search=aurora&plan=", "next")
        .await
        .unwrap();
    let third = follow(&second, "next").await.unwrap();
    assert_eq!(third, "/customers?search=aurora&after=21");
    assert_eq!(follow(&third, "next").await, None);
    assert!(
        shown(&pivotal, &third)
            .await
            .contains("101–120 of 120 customers")
    );
    assert_eq!(follow(&third, "prev").await, Some(second.clone()));
    let first = follow(&second, "prev").await.unwrap();
    assert_eq!(first, "/customers?search=aurora");
    assert_eq!(follow(&first, "prev").await, None);
}

#[tokio::test]
async fn forms_set_clock_and_faults() {
    let pivotal = Client::of(with_pages().admin(true)).await;
    let send = async |fields: &[(&str, &str)]| {
        let response = form(&pivotal, fields)
            .header("origin", pivotal.sandbox.base_url())
            .send()
            .await
            .unwrap();
        (response.status(), response.text().await.unwrap())
    };
    let set = async |fields: &[(&str, &str)]| {
        // After the redirect.
        let (status, text) = send(fields).await;
        assert_eq!(status, 200, "{text}");
        text
    };
    let text = set(&[("action", "freeze"), ("at", "2026-07-01T09:00:00Z")]).await;
    assert!(
        text.contains("2026-07-01T09:00:00.000Z") && text.contains("Frozen"),
        "{text}"
    );
    let text = set(&[("action", "advance"), ("amount", "1.5"), ("unit", "86400")]).await;
    assert!(text.contains("2026-07-02T21:00:00.000Z"), "{text}");
    assert!(set(&[("action", "thaw")]).await.contains("Running"));
    let fault = [
        ("action", "add-fault"),
        ("operation", "get-me"),
        ("fault", "status=500"),
        ("count", "2"),
        ("after", ""),
        ("probability", ""),
    ];
    let text = set(&fault).await;
    assert!(
        text.contains("<code>get-me:status=500:count=2</code>"),
        "{text}"
    );
    pivotal.get("/me").await.refused(500, "internal_error");
    set(&[("action", "clear-faults")]).await;
    pivotal.get("/me").await.ok();
    pivotal.customer("Aurora").await;
    set(&[("action", "reset")]).await;
    pivotal
        .get("/customers/1")
        .await
        .refused(404, "customer_not_found");

    for (fields, why) in [
        (
            &[("action", "freeze"), ("at", "noon")][..],
            "Write the time as",
        ),
        (
            &[("action", "advance"), ("amount", "-1"), ("unit", "1")],
            "The amount is",
        ),
        (
            &[
                ("action", "add-fault"),
                ("operation", "*"),
                ("fault", "<b>\u{202e}"),
            ],
            "there is no fault `&lt;b&gt;\\u{202e}`",
        ),
        (
            &[
                ("action", "add-fault"),
                ("operation", "nothing"),
                ("fault", "status=500"),
            ],
            "the contract has no operation",
        ),
        (&[("action", "explode")], "no action"),
        (&[], "no action"),
    ] {
        let (status, text) = send(fields).await;
        assert_eq!(status, 400, "{text}");
        assert!(
            text.contains("role=\"alert\"") && text.contains(why),
            "{why}: {text}"
        );
    }
    assert!(pivotal.sandbox.faults().armed().is_empty());
}

/// The answer to every delivery.
const ANSWER: &str = "HTTP/1.1 302 Found\r\nlocation: http://example.com/\r\ncontent-length: 60\r\nconnection: close\r\n\r\n<script>alert(1)</script>\u{202e}whsec_c2VjcmV0 pivotal_test_secret";

#[tokio::test]
async fn webhooks_are_listed_with_their_attempts_and_sent_again() {
    let receiver = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", receiver.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = receiver.accept().await.unwrap();
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(ANSWER.as_bytes()).await;
        }
    });
    let builder = with_pages().admin(true).webhook(url);
    let pivotal = Client::of(builder).await;
    assert!(shown(&pivotal, "/webhooks").await.contains("No events"));
    let webhooks = pivotal.sandbox.webhooks();
    let id = webhooks
        .trigger("<script>", &json!({ "key": "pivotal_test_secret" }))
        .unwrap();
    let resend = async |id: &str| {
        let form = form_to(&pivotal, "/webhooks", &[("resend", id)]);
        let sent = form.header("origin", pivotal.sandbox.base_url());
        let sent = sent.send().await.unwrap();
        (sent.status().as_u16(), sent.text().await.unwrap())
    };
    // At once, though it waits.
    for count in 1..=3 {
        let attempted = async {
            while webhooks.events()[0].attempts.len() < count {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), attempted)
            .await
            .unwrap();
        let (status, text) = resend(&id).await;
        assert_eq!(status, 200, "{text}");
    }
    let text = shown(&pivotal, "/webhooks").await;
    assert!(
        text.contains("1 of 1 event,") && text.contains(&id),
        "{text}"
    );
    assert!(text.contains("UTC: <bdi>302 &lt;script&gt;"), "{text}");
    assert!(
        !text.contains("<script") && !text.contains('\u{202e}'),
        "{text}"
    );
    assert!(
        !text.contains("c2VjcmV0") && !text.contains("test_secr"),
        "{text}"
    );
    assert!(!text.contains(&webhooks.secret()), "{text}");
    let (status, text) = resend("msg_other").await;
    assert_eq!(status, 400);
    assert!(text.contains("There is no such event"), "{text}");

    let foreign = form_to(&pivotal, "/webhooks", &[("resend", &id)]);
    let foreign = foreign.header("origin", "http://evil.example");
    assert_eq!(foreign.send().await.unwrap().status(), 403);
    let pivotal = Client::of(with_pages()).await;
    let text = shown(&pivotal, "/webhooks").await;
    assert!(
        text.contains("No URL is set") && !text.contains("<form"),
        "{text}"
    );
}

#[tokio::test]
async fn the_api_is_as_without_pages() {
    let pivotal = Client::of(with_pages()).await;
    let send = async |method: Method, path: &str, key: bool| {
        let url = format!("{}{path}", pivotal.sandbox.base_url());
        let mut request = pivotal.http.request(method, url);
        if key {
            request = request.bearer_auth(pivotal.sandbox.api_key());
        }
        let response = request.send().await.unwrap();
        let json = response.headers()["content-type"] == "application/json";
        (
            response.status().as_u16(),
            json,
            response.bytes().await.unwrap(),
        )
    };
    // A client that forgot the base path.
    for (method, key) in [
        (Method::GET, true),
        (Method::POST, true),
        (Method::POST, false),
        (Method::DELETE, false),
    ] {
        let (status, json, body) = send(method, "/customers", key).await;
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(
            (status, json, &body["error"]["code"]),
            (404, true, &json!("not_found"))
        );
    }
    assert_eq!(send(Method::GET, "/nothing", false).await.0, 404);
    assert_eq!(send(Method::GET, "/customers", false).await.0, 200);
    assert_eq!(send(Method::HEAD, "/customers", false).await.2.len(), 0);
    // Pages are not requests of the API.
    let operations: Vec<_> = pivotal
        .sandbox
        .requests()
        .into_iter()
        .map(|request| request.path)
        .collect();
    assert_eq!(
        operations,
        [
            "/customers",
            "/customers",
            "/customers",
            "/customers",
            "/nothing"
        ]
    );

    // A contract that has a path of a page keeps it.
    let contract = pivotal_openapi::CONTRACT.replace("\"/api/v1/customers\"", "\"/customers\"");
    let other = with_pages().contract(contract).start().await.unwrap();
    let response = reqwest::get(format!("{}/customers", other.base_url()))
        .await
        .unwrap();
    assert_eq!(response.status(), 401);
}
