//! What the documentation neither states nor shows: served by default, not served in strict mode.

use std::collections::HashSet;

use pivotal_sandbox::Sandbox;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::client::{Client, Response, display_ids, send};

/// Both modes.
const MODES: [bool; 2] = [true, false];

/// A sandbox with a customer, which has the `display_id` 1.
async fn serving(undocumented: bool) -> Client {
    let builder = Sandbox::builder().undocumented(undocumented);
    let pivotal = Client::of(builder).await;
    let body = json!({ "name": "Aurora", "slug": "aurora", "status": "onboarding" });
    pivotal.post("/customers", body).await.created();
    pivotal
}

async fn contact(pivotal: &Client, customer: u64, email: &str) -> Response {
    let body = json!({ "name": "Mira", "email": email });
    let path = format!("/customers/{customer}/contacts");
    pivotal.post(&path, body).await
}

async fn onboarding(pivotal: &Client, fields: Value) -> Value {
    let mut body = json!({ "customer_id": "1" });
    let fields = fields.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(fields);
    pivotal.post("/onboardings", body).await.created()
}

/// The `display_id`s of a list.
async fn listed(pivotal: &Client, path: &str) -> Vec<u64> {
    display_ids(&pivotal.get(path).await.ok())
}

#[tokio::test]
async fn all_is_served_by_default() {
    let pivotal = Client::start().await;
    pivotal.customer("Aurora").await;
    let found = listed(&pivotal, "/customers?slug=nobody").await;
    assert!(found.is_empty(), "{found:?}");
}

#[tokio::test]
async fn a_slug_filters_customers_or_is_ignored() {
    for undocumented in MODES {
        let pivotal = serving(undocumented).await;
        pivotal.customer("Borealis").await;
        let found = listed(&pivotal, "/customers?slug=aurora").await;
        let expected: &[u64] = if undocumented { &[1] } else { &[2, 1] };
        assert_eq!(found, expected);
        let found = listed(&pivotal, "/customers?status=onboarding").await;
        assert!(found.contains(&1), "documented filters work in both modes");
    }
}

#[tokio::test]
async fn contacts_are_paged_or_listed_at_once() {
    for undocumented in MODES {
        let pivotal = serving(undocumented).await;
        for number in 0..30 {
            let email = format!("{number}@x.io");
            contact(&pivotal, 1, &email).await.created();
        }
        for (query, rows) in [("", 25), ("?limit=2", 2), ("?limit=2&cursor=soon", 0)] {
            let path = format!("/customers/1/contacts{query}");
            let response = pivotal.get(&path).await;
            if undocumented && rows == 0 {
                assert_eq!(response.refused(400, "invalid_string"), Some("cursor"));
                continue;
            }
            let list = response.ok();
            let rows = if undocumented { rows } else { 30 };
            assert_eq!(display_ids(&list).len(), rows, "{query}");
            assert_eq!(list["has_more"], undocumented);
            assert_eq!(list["next_cursor"].is_string(), undocumented);
        }
    }
}

#[tokio::test]
async fn a_page_without_limit_has_25_or_20_rows() {
    for undocumented in MODES {
        let pivotal = serving(undocumented).await;
        for number in 1..30 {
            pivotal.customer(&format!("Customer {number}")).await;
            onboarding(&pivotal, json!({})).await;
        }
        for path in ["/customers", "/onboardings"] {
            let rows = if undocumented { 25 } else { 20 };
            assert_eq!(listed(&pivotal, path).await.len(), rows, "{path}");
            let limited = format!("{path}?limit=22");
            assert_eq!(listed(&pivotal, &limited).await.len(), 22, "{path}");
        }
    }
}

#[tokio::test]
async fn onboardings_are_filtered_by_either_id_of_a_customer_or_by_the_opaque_one() {
    for undocumented in MODES {
        let pivotal = serving(undocumented).await;
        let customer = pivotal.get("/customers/1").await.ok();
        onboarding(&pivotal, json!({})).await;
        let by_number = listed(&pivotal, "/onboardings?customer_id=1").await;
        assert_eq!(by_number.len(), usize::from(undocumented));
        let id = customer["id"].as_str().unwrap();
        let path = format!("/onboardings?customer_id={id}");
        assert_eq!(listed(&pivotal, &path).await, [1]);
        // In paths both are stated.
        assert_eq!(listed(&pivotal, "/customers/1/onboardings").await, [1]);
    }
}

#[tokio::test]
async fn an_e_mail_address_belongs_to_one_contact_or_to_several() {
    for undocumented in MODES {
        let pivotal = serving(undocumented).await;
        pivotal.customer("Borealis").await;
        contact(&pivotal, 1, "mira@x.io").await.created();
        let again = contact(&pivotal, 1, "Mira@X.io").await.created();
        assert_eq!(again["email"], "mira@x.io");
        assert_eq!(again["display_id"], if undocumented { 1 } else { 2 });
        let elsewhere = contact(&pivotal, 2, "mira@x.io").await;
        let other = contact(&pivotal, 2, "other@x.io").await.created();
        let path = format!("/contacts/{}", other["display_id"]);
        let moved = pivotal.patch(&path, json!({ "email": "mira@x.io" })).await;
        if undocumented {
            elsewhere.refused(409, "email_taken");
            moved.refused(409, "email_taken");
        } else {
            assert_eq!(elsewhere.created()["display_id"], 3);
            assert_eq!(moved.ok()["email"], "mira@x.io");
        }
    }
}

#[tokio::test]
async fn a_customer_gets_a_slug_and_a_status_or_null_and_another_status() {
    for undocumented in MODES {
        let pivotal = serving(undocumented).await;
        let customer = pivotal.customer("Borealis Goods").await;
        let (slug, status) = match undocumented {
            true => (json!("borealis-goods"), "onboarding"),
            false => (Value::Null, "active"),
        };
        assert_eq!(
            (&customer["slug"], &customer["status"]),
            (&slug, &json!(status))
        );
        // A second one without a slug clashes with nothing.
        pivotal.customer("Borealis Goods").await;
    }
}

#[tokio::test]
async fn a_deleted_customer_frees_its_slug_or_keeps_it() {
    for undocumented in MODES {
        let pivotal = serving(undocumented).await;
        pivotal.delete("/customers/1").await.ok();
        let body = json!({ "name": "Aurora", "slug": "aurora" });
        let response = pivotal.post("/customers", body).await;
        if undocumented {
            response.created();
        } else {
            assert_eq!(response.refused(409, "slug_taken"), Some("slug"));
        }
    }
}

#[tokio::test]
async fn a_slug_is_unique_and_released_by_a_rename_in_both_modes() {
    for undocumented in MODES {
        let pivotal = serving(undocumented).await;
        let body = json!({ "name": "Borealis", "slug": "borealis" });
        pivotal.post("/customers", body).await.created();
        let taken = pivotal
            .patch("/customers/2", json!({ "slug": "aurora" }))
            .await;
        taken.refused(409, "slug_taken");
        let renamed = pivotal
            .patch("/customers/1", json!({ "slug": "new" }))
            .await;
        renamed.ok();
        let free = pivotal
            .patch("/customers/2", json!({ "slug": "aurora" }))
            .await;
        free.ok();
    }
}

#[tokio::test]
async fn inferred_statuses_are_accepted_or_refused() {
    for undocumented in MODES {
        let pivotal = serving(undocumented).await;
        for status in ["at_risk", "churned"] {
            let body = json!({ "name": "Borealis", "status": status });
            for response in [
                pivotal.post("/customers", body).await,
                pivotal
                    .patch("/customers/1", json!({ "status": status }))
                    .await,
                pivotal.get(&format!("/customers?status={status}")).await,
            ] {
                if undocumented {
                    assert!(response.status.is_success(), "{}", response.body);
                } else {
                    let field = response.refused(400, "invalid_enum_value");
                    assert_eq!(field, Some("status"));
                }
            }
        }
        for status in ["onboarding", "active"] {
            let body = json!({ "status": status });
            let changed = pivotal.patch("/customers/1", body).await.ok();
            assert_eq!(changed["status"], status);
        }
    }
}

#[tokio::test]
async fn keys_that_the_reference_lacks_are_stored_or_ignored() {
    let sent = json!({
        "template_id": "t", "csm_id": "c", "se_id": "s", "designer_id": "d", "product_ops_id": "p",
        "notes": "n", "reminder_email": false, "reminder_slack": false, "reminder_frequency_days": 7,
    });
    for undocumented in MODES {
        let pivotal = serving(undocumented).await;
        let mut created = sent.clone();
        created["waiting_on_customer"] = json!(true);
        let first = onboarding(&pivotal, created.clone()).await;
        for (name, value) in created.as_object().unwrap() {
            assert_eq!(first[name] == *value, undocumented, "{name}");
        }
        let defaults = [
            "reminder_email",
            "reminder_slack",
            "reminder_frequency_days",
        ];
        let defaults = defaults.map(|name| &first[name]);
        if !undocumented {
            assert_eq!(defaults, [&json!(true), &json!(true), &json!(1)]);
        }
        let second = onboarding(&pivotal, json!({})).await;
        let path = format!("/onboardings/{}", second["display_id"]);
        let mut change = created;
        change["target_launch_date"] = json!("2026-07-15T00:00:00.000Z");
        let changed = pivotal.patch(&path, change.clone()).await.ok();
        change
            .as_object_mut()
            .unwrap()
            .remove("waiting_on_customer");
        for (name, value) in change.as_object().unwrap() {
            assert_eq!(changed[name] == *value, undocumented, "{name}");
        }
        assert_eq!(changed["waiting_on_customer"], true, "stated for updates");
    }
}

#[tokio::test]
async fn an_owner_is_set_by_a_create_and_changed_or_kept_by_an_update() {
    for undocumented in MODES {
        let pivotal = serving(undocumented).await;
        let body = json!({ "name": "Borealis", "owner_id": "u_1" });
        let created = pivotal.post("/customers", body).await.created();
        assert_eq!(created["owner_id"], "u_1");
        assert_eq!(pivotal.get("/customers/2").await.ok(), created);
        let changed = pivotal
            .patch("/customers/2", json!({ "owner_id": "u_2" }))
            .await;
        let expected = if undocumented { "u_2" } else { "u_1" };
        assert_eq!(changed.ok()["owner_id"], expected);
    }
}

#[tokio::test]
async fn null_clears_a_field_or_is_refused() {
    for undocumented in MODES {
        let pivotal = serving(undocumented).await;
        contact(&pivotal, 1, "mira@x.io").await.created();
        for (path, field) in [
            ("/customers/1", "slug"),
            ("/customers/1", "mrr"),
            ("/contacts/1", "title"),
        ] {
            let response = pivotal.patch(path, json!({ field: null })).await;
            if undocumented {
                assert_eq!(response.ok()[field], Value::Null);
            } else {
                assert_eq!(response.refused(400, "invalid_type"), Some(field));
            }
        }
    }
}

#[tokio::test]
async fn the_state_and_the_flag_of_waiting_follow_each_other_or_do_not() {
    for undocumented in MODES {
        let pivotal = serving(undocumented).await;
        let waiting = onboarding(&pivotal, json!({ "state": "waiting" })).await;
        assert_eq!(waiting["waiting_on_customer"], undocumented);
        let since = &waiting["waiting_on_customer_since"];
        assert_eq!(since.is_string(), undocumented);
        let found = listed(&pivotal, "/onboardings?state=waiting").await;
        assert_eq!(found.len(), usize::from(undocumented));

        let flag = json!({ "waiting_on_customer": true });
        let flagged = pivotal.patch("/onboardings/1", flag).await.ok();
        assert_eq!(listed(&pivotal, "/onboardings?state=waiting").await, [1]);
        assert_eq!(
            flagged["waiting_on_customer_since"].is_string(),
            undocumented
        );
        let state = json!({ "state": "active" });
        let active = pivotal.patch("/onboardings/1", state).await.ok();
        assert_eq!(active["waiting_on_customer"], !undocumented);
    }
}

#[tokio::test]
async fn phases_set_times_and_the_last_can_be_left_or_not() {
    for undocumented in MODES {
        let pivotal = serving(undocumented).await;
        onboarding(&pivotal, json!({})).await;
        for phase in ["program_design", "completed", "completed"] {
            let body = json!({ "phase": phase });
            let changed = pivotal.patch("/onboardings/1", body).await.ok();
            assert_eq!(changed["started_at"].is_string(), undocumented);
            let is_completed = undocumented && phase == "completed";
            assert_eq!(changed["completed_at"].is_string(), is_completed);
        }
        let back = json!({ "phase": "launch" });
        let response = pivotal.patch("/onboardings/1", back).await;
        if undocumented {
            assert_eq!(response.ok()["phase"], "launch");
        } else {
            let field = response.refused(400, "invalid_enum_value");
            assert_eq!(field, Some("phase"));
            let state = json!({ "state": "paused" });
            pivotal.patch("/onboardings/1", state).await.ok();
        }
    }
}

#[tokio::test]
async fn a_replay_has_its_header_or_not_and_the_same_bytes() {
    for undocumented in MODES {
        let pivotal = serving(undocumented).await;
        let create = || pivotal.post_with_key("/customers", "k", json!({ "name": "Borealis" }));
        let (first, again) = (create().await, create().await);
        assert_eq!((again.status, &again.bytes), (first.status, &first.bytes));
        let replayed = again.headers.contains_key("idempotent-replayed");
        assert_eq!(replayed, undocumented);
    }
}

#[tokio::test]
async fn an_idempotency_key_belongs_to_a_path_or_to_an_operation() {
    for undocumented in MODES {
        let pivotal = serving(undocumented).await;
        pivotal.customer("Borealis").await;
        let body = json!({ "name": "Mira", "email": "mira@x.io" });
        let path = "/customers/1/contacts";
        let first = pivotal.post_with_key(path, "k", body).await.created();
        let body = json!({ "name": "Mira", "email": "other@x.io" });
        let path = "/customers/2/contacts";
        let second = pivotal.post_with_key(path, "k", body).await;
        if undocumented {
            assert_ne!(second.created()["customer_id"], first["customer_id"]);
        } else {
            second.refused(409, "conflict");
        }
        // Of another operation it is another key.
        let body = json!({ "customer_id": "1" });
        let other = pivotal.post_with_key("/onboardings", "k", body).await;
        other.created();
    }
}

#[tokio::test]
async fn errors_have_codes_of_their_own_or_only_documented_ones() {
    for undocumented in MODES {
        let pivotal = serving(undocumented).await;
        let code = |known, documented| if undocumented { known } else { documented };
        let get = async |path| pivotal.get(path).await;
        get("/customers/9")
            .await
            .refused(404, code("customer_not_found", "not_found"));
        get("/contacts/9")
            .await
            .refused(404, code("contact_not_found", "not_found"));
        get("/onboardings/9")
            .await
            .refused(404, "onboarding_not_found");
        get("/nothing").await.refused(404, "not_found");
        let anonymous = send(pivotal.http.get(pivotal.url("/me"))).await;
        anonymous.refused(401, code("missing_api_key", "authentication_error"));
        let wrong = pivotal
            .http
            .get(pivotal.url("/me"))
            .bearer_auth("pivotal_x");
        let wrong = send(wrong).await;
        wrong.refused(401, code("invalid_api_key", "authentication_error"));
        for (body, reused) in [("Borealis", false), ("Cassiopeia", true)] {
            let body = json!({ "name": body });
            let response = pivotal.post_with_key("/customers", "k", body).await;
            if reused {
                response.refused(409, code("idempotency_key_reused", "conflict"));
            }
        }
        let invalid = |code| code_of(undocumented, code);
        let post = || pivotal.request(Method::POST, "/customers");
        let not_json = post().header("content-type", "application/json").body("{");
        send(not_json).await.refused(400, invalid("invalid_json"));
        let text = post().header("content-type", "text/plain").body("{}");
        send(text)
            .await
            .refused(415, invalid("unsupported_media_type"));
        let put = send(pivotal.request(Method::PUT, "/me")).await;
        put.refused(405, invalid("method_not_allowed"));
        let missing = pivotal.post("/customers", json!({})).await;
        missing.refused(400, "missing_field");
        assert!(pivotal.sandbox.revoke_key(pivotal.sandbox.api_key()));
        get("/me").await.refused(401, "api_key_revoked");
    }
}

/// A code of an invalid request, if it is served.
fn code_of(undocumented: bool, code: &str) -> &str {
    if undocumented {
        code
    } else {
        "invalid_request_error"
    }
}

/// Creates 100 customers as fast as one connection can, and returns whether two of them have the
/// same creation time.
async fn has_ties(pivotal: &Client) -> bool {
    const ROWS: usize = 100;
    let mut socket = TcpStream::connect(pivotal.sandbox.address()).await.unwrap();
    for number in 0..ROWS {
        let connection = if number + 1 < ROWS {
            "keep-alive"
        } else {
            "close"
        };
        let request = format!(
            "POST /api/v1/customers HTTP/1.1\r\nhost: sandbox\r\nauthorization: Bearer {}\r\n\
             content-type: application/json\r\ncontent-length: 12\r\nconnection: {connection}\r\n\r\n{}",
            pivotal.sandbox.api_key(),
            r#"{"name":"B"}"#,
        );
        socket.write_all(request.as_bytes()).await.unwrap();
    }
    socket.read_to_end(&mut Vec::new()).await.unwrap();
    let list = pivotal.get("/customers?limit=100").await.ok();
    let rows = list["data"].as_array().unwrap();
    let times: HashSet<_> = rows.iter().map(|row| row["created_at"].as_str()).collect();
    assert_eq!(rows.len(), ROWS);
    times.len() < ROWS
}

#[tokio::test]
async fn rows_are_a_millisecond_apart_or_as_close_as_the_clock() {
    for undocumented in MODES {
        let pivotal = serving(undocumented).await;
        // On a busy machine the first 100 may take more than 100 milliseconds.
        let mut ties = false;
        for _ in 0..20 {
            ties = ties || has_ties(&pivotal).await;
        }
        assert_eq!(ties, !undocumented);
    }
}

#[tokio::test]
async fn a_seed_fills_the_sandbox_in_both_modes() {
    for undocumented in MODES {
        let builder = Sandbox::builder().seed(7).undocumented(undocumented);
        let pivotal = Client::of(builder).await;
        let customers = listed(&pivotal, "/customers?limit=100").await;
        assert_eq!(customers.len(), 48);
        let onboardings = listed(&pivotal, "/onboardings?limit=100").await;
        assert!(onboardings.len() >= 48);
    }
}
