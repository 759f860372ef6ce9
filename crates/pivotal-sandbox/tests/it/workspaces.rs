use pivotal_sandbox::{NewKey, NewWorkspace, Sandbox, StartError, Tier};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Client, Response, assert_has, display_ids, send};

const LIVE: &str = "pivotal_auroraLiveKey";
const TEST: &str = "pivotal_test_auroraTestKey";
const OTHER: &str = "pivotal_borealisKey";

async fn two_workspaces() -> Client {
    let builder = Sandbox::builder()
        .workspace(NewWorkspace::new("Aurora Labs").key(LIVE).key(TEST))
        .workspace(NewWorkspace::new("Borealis").key(OTHER));
    Client::of(builder).await
}

async fn call(pivotal: &Client, key: &str, method: Method, path: &str, body: Value) -> Response {
    let mut request = pivotal
        .http
        .request(method.clone(), pivotal.url(path))
        .bearer_auth(key);
    if method != Method::GET && method != Method::DELETE {
        request = request.header("idempotency-key", "k").json(&body);
    }
    send(request).await
}

#[tokio::test]
async fn each_workspace_counts_its_own_rows_and_takes_its_own_names() {
    let pivotal = two_workspaces().await;
    let mut ids = Vec::new();
    for key in [LIVE, OTHER] {
        // The same slug, e-mail address and idempotency key: none of them is known to the other.
        let customer = json!({ "name": "Cinder", "slug": "cinder" });
        let made = call(&pivotal, key, Method::POST, "/customers", customer).await;
        let made = made.created();
        assert_eq!(made["display_id"], 1);
        let contact = json!({ "name": "Mira", "email": "mira@cinder.com" });
        let path = "/customers/1/contacts";
        let contact = call(&pivotal, key, Method::POST, path, contact).await;
        assert_has(
            &contact.created(),
            &json!({ "display_id": 1, "customer_id": made["id"] }),
        );
        ids.push(made["id"].clone());
    }
    assert_ne!(ids[0], ids[1]);
    // The other's row, by the id that nothing but guessing gives, is not there.
    let path = format!("/customers/{}", ids[0].as_str().unwrap());
    for (key, found) in [(LIVE, true), (TEST, true), (OTHER, false)] {
        let response = call(&pivotal, key, Method::GET, &path, Value::Null).await;
        if found {
            response.ok();
        } else {
            response.refused(404, "customer_not_found");
        }
    }
}

#[tokio::test]
async fn a_live_and_a_test_key_share_rows_and_responses_but_not_the_rate_limit() {
    let builder = Sandbox::builder().documented_rate_limits().workspace(
        NewWorkspace::new("Aurora")
            .key(LIVE)
            .key(TEST)
            .key(NewKey::new(OTHER).tier(Tier::Paid)),
    );
    let pivotal = Client::of(builder).await;
    let body = json!({ "name": "Cinder" });
    let first = call(&pivotal, LIVE, Method::POST, "/customers", body.clone()).await;
    let again = call(&pivotal, TEST, Method::POST, "/customers", body).await;
    assert_eq!(again.headers["idempotent-replayed"], "true");
    assert_eq!(first.bytes, again.bytes);
    for (key, tier, limit, remaining) in [
        (LIVE, "live", 60, 58),
        (TEST, "test", 30, 28),
        (OTHER, "paid", 600, 599),
    ] {
        let response = call(&pivotal, key, Method::GET, "/me", Value::Null).await;
        assert_eq!(response.headers["x-ratelimit-limit"], limit.to_string());
        let left = response.headers["x-ratelimit-remaining"].to_str().unwrap();
        assert_eq!(left, remaining.to_string());
        assert_has(
            &response.ok()["api_key"],
            &json!({ "rate_limit_tier": tier }),
        );
        let rows = call(&pivotal, key, Method::GET, "/customers", Value::Null).await;
        assert_eq!(display_ids(&rows.ok()), [1]);
    }
    for _ in 0..27 {
        call(&pivotal, TEST, Method::GET, "/me", Value::Null)
            .await
            .ok();
    }
    let refused = call(&pivotal, TEST, Method::GET, "/me", Value::Null).await;
    refused.refused(429, "rate_limited");
    call(&pivotal, LIVE, Method::GET, "/me", Value::Null)
        .await
        .ok();
}

#[tokio::test]
async fn me_tells_the_workspace_of_the_key() {
    let pivotal = two_workspaces().await;
    for (key, slug, name, prefix) in [
        (LIVE, "aurora-labs", "Aurora Labs", "pivotal_auro"),
        (TEST, "aurora-labs", "Aurora Labs", "pivotal_test_auro"),
        (OTHER, "borealis", "Borealis", "pivotal_bore"),
    ] {
        let me = call(&pivotal, key, Method::GET, "/me", Value::Null)
            .await
            .ok();
        assert_has(&me["organization"], &json!({ "slug": slug, "name": name }));
        assert_eq!(me["api_key"]["prefix"], prefix);
    }
}

#[tokio::test]
async fn a_revoked_key_has_another_code_than_an_unknown_one() {
    let builder = Sandbox::builder()
        .key(NewKey::new(LIVE).revoked())
        .key(TEST)
        .rate_limit(5);
    let pivotal = Client::of(builder).await;
    for _ in 0..9 {
        let response = call(&pivotal, LIVE, Method::GET, "/me", Value::Null).await;
        response.refused(401, "api_key_revoked");
        assert_eq!(response.headers["www-authenticate"], "Bearer");
        assert_eq!(response.headers["x-ratelimit-remaining"], "5");
    }
    call(&pivotal, OTHER, Method::GET, "/me", Value::Null)
        .await
        .refused(401, "invalid_api_key");
    call(&pivotal, "sk_live_123", Method::GET, "/me", Value::Null)
        .await
        .refused(401, "invalid_api_key");

    call(&pivotal, TEST, Method::GET, "/me", Value::Null)
        .await
        .ok();
    assert!(pivotal.sandbox.revoke_key(TEST));
    assert!(!pivotal.sandbox.revoke_key(OTHER));
    call(&pivotal, TEST, Method::GET, "/me", Value::Null)
        .await
        .refused(401, "api_key_revoked");
    pivotal.sandbox.reset();
    call(&pivotal, TEST, Method::GET, "/me", Value::Null)
        .await
        .ok();
    call(&pivotal, LIVE, Method::GET, "/me", Value::Null)
        .await
        .refused(401, "api_key_revoked");
}

#[tokio::test]
async fn keys_that_cannot_be_are_refused_at_the_start() {
    for builder in [
        Sandbox::builder().key("sk_secret"),
        Sandbox::builder().api_key(LIVE).key(LIVE),
        Sandbox::builder()
            .workspace(NewWorkspace::new("A").key(LIVE))
            .workspace(NewWorkspace::new("B").key(LIVE)),
    ] {
        let error = builder.start().await.unwrap_err();
        assert!(matches!(error, StartError::ApiKey(_)), "{error}");
        assert!(!format!("{error} {error:?}").contains(LIVE));
    }
    let limit = Sandbox::builder().key(NewKey::new(LIVE).rate_limit(0));
    let error = limit.start().await.unwrap_err();
    assert!(matches!(error, StartError::RateLimit));
}
