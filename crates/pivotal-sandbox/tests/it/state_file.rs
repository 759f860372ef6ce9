//! State that lasts.

use std::{path::Path, time::Duration};

use jiff::Timestamp;
use pivotal_sandbox::{NewWorkspace, Sandbox, SandboxBuilder, StateError, export, import};
use proptest::prelude::*;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::client::{Client, send};

const KEY: &str = "pivotal_test_state";
const START: &str = "2026-05-26T17:21:09.412Z";

fn builder() -> SandboxBuilder {
    Sandbox::builder().api_key(KEY)
}

/// One thing that changes a sandbox.
#[derive(Debug, Clone)]
enum Step {
    Send {
        method: Method,
        path: String,
        body: Value,
        key: Option<u8>,
    },
    Advance(u64),
    Reset,
}

/// What a step was answered with.
type Answer = (u16, Vec<u8>, bool);

async fn answers(pivotal: &Client, steps: &[Step]) -> Vec<Answer> {
    let mut answers = Vec::new();
    for step in steps {
        match step {
            Step::Send {
                method,
                path,
                body,
                key,
            } => {
                let mut request = pivotal.request(method.clone(), path);
                if *method != Method::GET {
                    request = request.json(body);
                }
                if let Some(key) = key {
                    request = request.header("idempotency-key", key.to_string());
                }
                let response = send(request).await;
                let replayed = response.headers.contains_key("idempotent-replayed");
                answers.push((response.status.as_u16(), response.bytes.to_vec(), replayed));
            }
            Step::Advance(seconds) => pivotal.sandbox.advance_clock(Duration::from_secs(*seconds)),
            Step::Reset => pivotal.sandbox.reset(),
        }
    }
    answers
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<f64>().prop_map(|number| json!(number)),
        any::<i64>().prop_map(|number| json!(number)),
        any::<String>().prop_map(|text| json!(text)),
        Just(Value::Null),
    ];
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(|list| json!(list)),
            prop::collection::btree_map("[a-z]{0,3}", inner, 0..3).prop_map(|map| json!(map)),
        ]
    })
}

fn step() -> impl Strategy<Value = Step> {
    let key = prop::option::weighted(0.3, 0..4_u8);
    let customer = (
        prop_oneof![Just("Aurora".to_owned()), any::<String>()],
        prop::option::weighted(0.2, "[ab]"),
        value(),
        any::<u32>(),
    );
    let customer = customer.prop_map(|(name, slug, metadata, mrr)| {
        let mut body = json!({ "name": name, "metadata": metadata, "mrr": mrr });
        if let Some(slug) = slug {
            body["slug"] = json!(slug);
        }
        body
    });
    let rows = (
        1..5_u8,
        "[abc]@b\\.co",
        "before_getting_started|launch|completed",
    );
    let any_row = prop_oneof![Just("customers"), Just("contacts"), Just("onboardings")];
    prop_oneof![
        4 => (customer, prop::option::weighted(0.3, 1..5_u8), key.clone()).prop_map(|(body, id, key)| match id {
            None => Step::Send { method: Method::POST, path: "/customers".to_owned(), body, key },
            Some(id) => Step::Send { method: Method::PATCH, path: format!("/customers/{id}"), body, key },
        }),
        3 => (rows.clone(), key.clone(), any::<bool>()).prop_map(|((id, email, _), key, new)| {
            let body = json!({ "name": "Mira", "email": email });
            match new {
                true => Step::Send { method: Method::POST, path: format!("/customers/{id}/contacts"), body, key },
                false => Step::Send { method: Method::PATCH, path: format!("/contacts/{id}"), body, key },
            }
        }),
        3 => (rows, key, any::<bool>()).prop_map(|((id, _, phase), key, new)| match new {
            true => {
                let body = json!({ "customer_id": id.to_string(), "phase": phase });
                Step::Send { method: Method::POST, path: "/onboardings".to_owned(), body, key }
            }
            false => {
                let body = json!({ "phase": phase });
                Step::Send { method: Method::PATCH, path: format!("/onboardings/{id}"), body, key }
            }
        }),
        2 => (any_row, 1..5_u8).prop_map(|(rows, id)| Step::Send {
            method: Method::DELETE, path: format!("/{rows}/{id}"), body: json!({}), key: None,
        }),
        1 => (0..200_000_u64).prop_map(Step::Advance),
        1 => Just(Step::Reset),
    ]
}

/// Reads everything.
fn reads() -> Vec<Step> {
    let lists = ["/customers?limit=100", "/onboardings?limit=100"].map(str::to_owned);
    let contacts = (1..6).map(|customer| format!("/customers/{customer}/contacts"));
    let paths = lists.into_iter().chain(contacts);
    paths
        .map(|path| Step::Send {
            method: Method::GET,
            path,
            body: Value::Null,
            key: None,
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// A sandbox that was stopped between the steps, and one that was made of its export, answer as one
    /// that was not.
    #[test]
    fn a_stop_or_an_export_makes_no_difference(
        before in prop::collection::vec(step(), 0..40),
        after in prop::collection::vec(step(), 0..20),
        documented in any::<bool>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let [file, copy] = ["a", "b"].map(|name| folder.path().join(name));
        let builder = || builder().undocumented(!documented).frozen_at(START.parse().unwrap());
        let after: Vec<_> = after.into_iter().chain(reads()).collect();
        Runtime::new().unwrap().block_on(async {
            let memory = Client::of(builder()).await;
            let first = answers(&memory, &before).await;
            let expected = answers(&memory, &after).await;

            let saved = Client::of(builder().state(&file)).await;
            assert_eq!(answers(&saved, &before).await, first);
            saved.sandbox.stop_saved().await.unwrap();
            let exported = export(&file).unwrap();
            import(&exported, &copy).unwrap();
            assert_eq!(export(&copy).unwrap(), exported);

            for file in [&file, &copy] {
                let restored = Client::of(builder().state(file)).await;
                assert!(restored.sandbox.restored().is_some());
                assert_eq!(answers(&restored, &after).await, expected);
                restored.sandbox.stop().await;
            }
            assert_eq!(export(&copy).unwrap(), export(&file).unwrap());
        });
    }
}

#[tokio::test]
async fn clock_key_and_revocation_last_and_an_export_has_no_key() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state");
    let first = Client::of(Sandbox::builder().key("pivotal_other").state(&file)).await;
    let key = first.sandbox.api_key().to_owned();
    first
        .sandbox
        .advance_clock(Duration::from_secs(90 * 24 * 3600));
    first.sandbox.revoke_key("pivotal_other");
    let row = first.customer("Aurora").await;
    first.sandbox.stop().await;
    let exported = export(&file).unwrap();
    assert!(
        !exported.contains(&key) && !exported.contains("pivotal_other"),
        "{exported}"
    );

    let again = Client::of(Sandbox::builder().key("pivotal_other").state(&file)).await;
    assert_eq!(again.sandbox.api_key(), key);
    let month = Duration::from_secs(30 * 24 * 3600);
    assert!(again.sandbox.now() > Timestamp::now() + 2 * month);
    let next = again.customer("Aurora").await;
    assert!(next["created_at"].as_str() > row["created_at"].as_str());
    assert_eq!(next["slug"], "aurora-2");
    let me = again
        .http
        .get(again.url("/me"))
        .bearer_auth("pivotal_other");
    send(me).await.refused(401, "api_key_revoked");
    again.sandbox.stop().await;

    // Another key in its place is not revoked.
    let replaced = Client::of(Sandbox::builder().key("pivotal_new").state(&file)).await;
    let me = replaced
        .http
        .get(replaced.url("/me"))
        .bearer_auth("pivotal_new");
    send(me).await.ok();
}

#[cfg(feature = "pages")]
#[tokio::test]
async fn what_was_done_with_a_customer_lasts() {
    use crate::pages::page;
    let folder = tempfile::tempdir().unwrap();
    let [file, copy] = ["a", "b"].map(|name| folder.path().join(name));
    let of = |file: &Path| {
        let builder = builder().pages(true).seed(7).state(file);
        Client::of(builder.frozen_at(START.parse().unwrap()))
    };
    let first = of(&file).await;
    // More than are kept, in several saves.
    for mrr in 0..2_100 {
        first
            .patch("/customers/2", json!({ "mrr": mrr }))
            .await
            .ok();
    }
    let change = json!({ "name": "pivotal_test_other", "plan": "Custom" });
    first.patch("/customers/1", change).await.ok();
    first.customer("Aurora").await;
    first.delete("/customers/49").await.ok();
    let (_, before) = page(&first, "/customers/1").await;
    assert!(
        before.contains("plan = Custom") && !before.contains("_other"),
        "{before}"
    );
    first.sandbox.stop().await;
    let exported = export(&file).unwrap();
    assert!(!exported.contains(KEY), "{exported}");
    let activity: Value = serde_json::from_str(&exported).unwrap();
    let activity = activity["workspaces"][0]["activity"].as_array();
    assert_eq!(activity.map(Vec::len), Some(2_000));
    import(&exported, &copy).unwrap();
    // Twice, as a sandbox saves what it has restored.
    for file in [&file, &copy, &copy] {
        let again = of(file).await;
        assert_eq!(page(&again, "/customers/1").await.1, before);
        again.sandbox.stop().await;
    }
    let again = of(&copy).await;
    again.delete("/customers/2").await.ok();
    again.sandbox.reset();
    let (_, reset) = page(&again, "/customers/1").await;
    assert!(!reset.contains("plan = Custom") && reset.contains("Created the customer"));
}

#[tokio::test]
async fn metadata_as_deep_as_a_body_may_be_is_restored_and_imported() {
    let folder = tempfile::tempdir().unwrap();
    let [file, copy] = ["a", "b"].map(|name| folder.path().join(name));
    let first = Client::of(builder().state(&file)).await;
    let mut deepest = Value::Null;
    for depth in 100..140 {
        let nested = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let body = format!(r#"{{"name":"A","metadata":{nested}}}"#);
        let request = first.request(Method::POST, "/customers").body(body);
        let request = request.header("content-type", "application/json");
        let response = request.send().await.unwrap();
        if response.status() == 400 {
            break;
        }
        let text = response.text().await.unwrap();
        deepest = serde_json::from_str(&text).unwrap();
    }
    assert!(!deepest["metadata"].is_null());
    first.sandbox.stop().await;
    import(&export(&file).unwrap(), &copy).unwrap();
    let again = Client::of(builder().state(&copy)).await;
    let path = format!("/customers/{}", deepest["display_id"]);
    assert_eq!(again.get(&path).await.ok(), deepest);
}

#[tokio::test]
async fn seed_and_fixtures_fill_a_new_file_only_and_empty_starts_over() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state");
    let filled = || {
        let fixture = r#"{ "customers": [{ "name": "Aurora", "slug": "aurora" }] }"#;
        builder().seed(7).load("f", fixture).state(&file)
    };
    let first = Client::of(filled()).await;
    first
        .patch("/customers/49", json!({ "name": "Changed" }))
        .await
        .ok();
    first.delete("/customers/1").await.ok();
    first.sandbox.stop().await;

    let again = Client::of(filled()).await;
    assert_eq!(again.get("/customers/49").await.ok()["name"], "Changed");
    again
        .get("/customers/1")
        .await
        .refused(404, "customer_not_found");
    again.sandbox.reset();
    assert_eq!(again.get("/customers/49").await.ok()["name"], "Aurora");
    again.sandbox.stop().await;

    let reset = Client::of(builder().state(&file)).await;
    assert_eq!(reset.get("/customers/49").await.ok()["name"], "Aurora");
    reset.get("/customers/1").await.ok();
    reset.sandbox.stop().await;

    let empty = Client::of(builder().state(&file).empty()).await;
    assert_eq!(empty.get("/customers").await.ok()["data"], json!([]));
    empty.sandbox.stop().await;
    assert!(!export(&file).unwrap().contains("Aurora"));
}

/// A file of a sandbox with a row, and its export.
async fn saved(file: &Path) -> String {
    let sandbox = Client::of(builder().state(file)).await;
    sandbox.customer("Aurora").await;
    sandbox
        .post_with_key("/customers", "k", json!({ "name": "B" }))
        .await
        .created();
    sandbox.sandbox.stop().await;
    export(file).unwrap()
}

#[tokio::test]
async fn a_file_in_use_or_of_another_setup_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state");
    let exported = saved(&file).await;
    let sandbox = Client::of(builder().state(&file)).await;
    let second = builder().state(&file).start().await.unwrap_err();
    assert!(
        second
            .to_string()
            .contains("another sandbox uses this state file"),
        "{second}"
    );
    assert!(matches!(export(&file), Err(StateError::InUse(_))));
    assert!(matches!(
        import(&exported, &file),
        Err(StateError::InUse(_))
    ));
    sandbox.sandbox.stop().await;

    let two = builder().workspace(NewWorkspace::new("Second").key("pivotal_second"));
    let refused = two.state(&file).start().await.unwrap_err().to_string();
    assert!(
        refused.contains("it has 1 workspaces, and the sandbox 2"),
        "{refused}"
    );
    let import = import(&exported, &file).unwrap_err().to_string();
    assert!(
        import.ends_with("it has a state already; name a new file"),
        "{import}"
    );
    assert_eq!(export(&file).unwrap(), exported);
}

#[tokio::test]
async fn an_export_that_is_not_whole_makes_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let exported = saved(&folder.path().join("state")).await;
    let target = folder.path().join("import");
    let changes = [
        (
            "\"pivotal_sandbox\": 1",
            "\"pivotal_sandbox\": 2".to_owned(),
            "version 2",
        ),
        ("\"pivotal_sandbox\": 1,", String::new(), "missing field"),
        (
            "\"workspaces\": [",
            "\"workspaces\": [7,".to_owned(),
            "invalid type",
        ),
        (
            "\"customer\":null",
            "\"customer\":0".to_owned(),
            "customers/0: its customer",
        ),
        (
            "\"deleted\":false",
            "\"deleted\":1".to_owned(),
            "customers/0: invalid type",
        ),
        (
            "\"status\":201",
            "\"status\":99999".to_owned(),
            "responses/0",
        ),
        (
            "\"number\":0,\"endpoint\"",
            "\"number\":18446744073709551615,\"endpoint\"".to_owned(),
            "responses/0: the numbers of the responses",
        ),
        (
            "{\"number\":1,\"at\"",
            "{\"number\":0,\"at\"".to_owned(),
            "activity/1: the numbers of the activity",
        ),
        (
            "\"issued\"",
            "\"isued\"".to_owned(),
            "server: missing field",
        ),
    ];
    for (before, after, expected) in changes {
        assert!(exported.contains(before), "{before}");
        let changed = exported.replacen(before, &after, 1);
        let error = import(&changed, &target).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    for cut in 0..exported.trim_end().len() {
        if exported.is_char_boundary(cut) {
            assert!(import(&exported[..cut], &target).is_err(), "{cut}");
        }
    }
    assert!(!target.exists());
}
