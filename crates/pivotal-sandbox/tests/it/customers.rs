use proptest::prelude::*;
use serde_json::{Value, json};

use crate::client::{Client, assert_has};

#[tokio::test]
async fn a_customer_created_with_the_least_has_every_key_and_its_defaults() {
    let pivotal = Client::start().await;
    let response = pivotal
        .post("/customers", json!({ "name": "Aurora Outfitters" }))
        .await;
    let text = String::from_utf8(response.bytes.to_vec()).unwrap();
    assert!(
        text.starts_with(r#"{"object":"customer","id":"c"#),
        "{text}"
    );
    let mut customer = response.created();
    let id = customer["id"].take();
    assert!(
        id.as_str()
            .is_some_and(|id| id.len() == 25 && id.starts_with('c'))
    );
    let [created_at, updated_at] = ["created_at", "updated_at"].map(|key| customer[key].take());
    assert_eq!(created_at, updated_at);
    assert_eq!(
        created_at.as_str().unwrap().len(),
        "2026-05-26T17:21:09.412Z".len()
    );
    assert_has(
        &customer,
        &json!({
            "object": "customer", "id": null, "display_id": 1, "name": "Aurora Outfitters", "slug": "aurora-outfitters",
            "domain": null, "status": "onboarding", "plan": null, "mrr": null, "monthly_orders": null,
            "hubspot_company_id": null, "hubspot_deal_id": null, "stripe_customer_id": null, "intercom_company_id": null,
            "slack_channel_id": null, "owner_id": null, "created_at": null, "updated_at": null,
        }),
    );
}

#[tokio::test]
async fn a_customer_keeps_all_that_it_was_created_with() {
    let pivotal = Client::start().await;
    let sent = json!({
        "name": "Aurora Outfitters", "slug": "aurora-demo", "domain": "aurora-demo.com", "status": "active",
        "plan": "Growth", "mrr": 240_000, "monthly_orders": 1_800, "hubspot_company_id": "9182736450",
        "hubspot_deal_id": "7", "stripe_customer_id": "cus_1", "intercom_company_id": "i", "slack_channel_id": "C1",
        "owner_id": "u_1",
    });
    let customer = pivotal.post("/customers", sent.clone()).await.created();
    for (key, value) in sent.as_object().unwrap() {
        assert_eq!(customer[key], *value, "{key}");
    }
    assert_eq!(pivotal.get("/customers/1").await.ok(), customer);
}

#[tokio::test]
async fn a_row_is_named_by_display_id_or_opaque_id() {
    let pivotal = Client::start().await;
    let first = pivotal.customer("First").await;
    let second = pivotal.customer("Second").await;
    assert_eq!(
        (&first["display_id"], &second["display_id"]),
        (&json!(1), &json!(2))
    );
    assert_ne!(first["id"], second["id"]);
    for reference in ["2", "002", second["id"].as_str().unwrap()] {
        assert_eq!(
            pivotal.get(&format!("/customers/{reference}")).await.ok(),
            second
        );
    }
    for reference in [
        "0",
        "3",
        "99999999999999999999999",
        "aurora",
        "-1",
        "1.0",
        "%31x",
    ] {
        pivotal
            .get(&format!("/customers/{reference}"))
            .await
            .refused(404, "customer_not_found");
    }
}

#[tokio::test]
async fn ids_are_the_same_in_every_new_sandbox() {
    let [first, second] = [
        Client::start().await.customer("A").await,
        Client::start().await.customer("B").await,
    ];
    assert_eq!(first["id"], second["id"]);
}

#[tokio::test]
async fn ids_are_distinct_and_have_one_form() {
    let pivotal = Client::start().await;
    let mut ids = std::collections::HashSet::new();
    for _ in 0..200 {
        let customer = pivotal.customer("Aurora").await;
        let id = customer["id"].as_str().unwrap().to_owned();
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        assert!(
            id.len() == 25 && id.starts_with('c') && id.chars().all(is_plain),
            "{id}"
        );
        assert!(ids.insert(id));
    }
}

#[tokio::test]
async fn a_derived_slug_has_letters_digits_and_dashes() {
    let pivotal = Client::start().await;
    for (name, slug) in [
        ("  O'Neil & Sons, Ltd. ", "o-neil-sons-ltd"),
        ("Ünïcode Søn", "ünïcode-søn"),
        ("!!!", "customer"),
    ] {
        assert_eq!(pivotal.customer(name).await["slug"], slug);
    }
}

#[test]
fn any_name_gives_free_slugs_within_bounds() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let pivotal = runtime.block_on(Client::start());
    let taken = std::cell::RefCell::new(std::collections::HashSet::new());
    proptest!(ProptestConfig::with_cases(32), |(name in "\\PC{1,255}")| {
        for _ in 0..3 {
            let customer = runtime.block_on(pivotal.customer(&name));
            let slug = customer["slug"].as_str().unwrap().to_owned();
            prop_assert!((1..=120).contains(&slug.chars().count()));
            prop_assert!(taken.borrow_mut().insert(slug));
        }
    });
}

#[tokio::test]
async fn a_slug_belongs_to_one_customer() {
    let pivotal = Client::start().await;
    let named = |slug: &str| json!({ "name": "Aurora", "slug": slug });
    pivotal
        .post("/customers", named("aurora-demo"))
        .await
        .created();
    let response = pivotal.post("/customers", named("aurora-demo")).await;
    assert_eq!(response.refused(409, "slug_taken"), Some("slug"));
    pivotal
        .post("/customers", named("Aurora-Demo"))
        .await
        .created();
    let response = pivotal
        .patch("/customers/2", json!({ "slug": "aurora-demo" }))
        .await;
    assert_eq!(response.refused(409, "slug_taken"), Some("slug"));
    assert_eq!(
        pivotal.get("/customers/2").await.ok()["slug"],
        "Aurora-Demo"
    );
    // Its own slug is no clash, and one that is given up is free.
    pivotal
        .patch("/customers/1", json!({ "slug": "aurora-demo" }))
        .await
        .ok();
    pivotal
        .patch("/customers/1", json!({ "slug": "aurora" }))
        .await
        .ok();
    assert_eq!(
        pivotal
            .patch("/customers/2", json!({ "slug": "aurora-demo" }))
            .await
            .ok()["slug"],
        "aurora-demo"
    );
    pivotal
        .post("/customers", named("aurora"))
        .await
        .refused(409, "slug_taken");
}

#[tokio::test]
async fn a_refused_change_changes_nothing() {
    let pivotal = Client::start().await;
    pivotal
        .post("/customers", json!({ "name": "First", "slug": "first" }))
        .await
        .created();
    let second = pivotal
        .post("/customers", json!({ "name": "Second", "slug": "second" }))
        .await
        .created();
    pivotal
        .patch(
            "/customers/2",
            json!({ "name": "Renamed", "slug": "first" }),
        )
        .await
        .refused(409, "slug_taken");
    pivotal
        .patch("/customers/2", json!({ "name": "Renamed", "mrr": -1 }))
        .await
        .refused(400, "too_small");
    assert_eq!(pivotal.get("/customers/2").await.ok(), second);
}

#[tokio::test]
async fn a_slug_is_derived_from_the_name_and_made_unique() {
    let pivotal = Client::start().await;
    for slug in [
        "aurora-outfitters",
        "aurora-outfitters-2",
        "aurora-outfitters-3",
    ] {
        assert_eq!(pivotal.customer("Aurora Outfitters!").await["slug"], slug);
    }
    // Numbers are not used again, so that the next one need not be searched for.
    pivotal.delete("/customers/2").await.ok();
    let next = pivotal.customer("Aurora Outfitters").await;
    assert_eq!(next["slug"], "aurora-outfitters-4");
    let long = "x".repeat(255);
    let slugs = [
        pivotal.customer(&long).await["slug"].take(),
        pivotal.customer(&long).await["slug"].take(),
    ];
    assert_eq!(
        slugs,
        [
            json!("x".repeat(120)),
            json!(format!("{}-2", "x".repeat(118)))
        ]
    );
}

#[tokio::test]
async fn a_domain_may_be_shared() {
    let pivotal = Client::start().await;
    for name in ["Aurora", "Aurora Ltd"] {
        pivotal
            .post(
                "/customers",
                json!({ "name": name, "domain": "aurora-demo.com" }),
            )
            .await
            .created();
    }
}

#[tokio::test]
async fn an_update_leaves_what_it_omits_and_null_clears() {
    let pivotal = Client::start().await;
    let created = pivotal
        .post("/customers", json!({ "name": "Aurora", "domain": "aurora-demo.com", "plan": "Growth", "mrr": 1, "slug": "a" }))
        .await
        .created();
    // Times have milliseconds: the change must fall in a later one.
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    let changed = pivotal
        .patch(
            "/customers/1",
            json!({ "plan": "Scale", "domain": null, "slug": null, "mrr": null }),
        )
        .await
        .ok();
    assert_eq!(
        (&changed["plan"], &changed["name"]),
        (&json!("Scale"), &json!("Aurora"))
    );
    assert_eq!(
        [&changed["domain"], &changed["slug"], &changed["mrr"]],
        [&Value::Null; 3]
    );
    assert_eq!(changed["created_at"], created["created_at"]);
    assert!(changed["updated_at"].as_str() > created["updated_at"].as_str());
    assert_eq!(pivotal.get("/customers/1").await.ok(), changed);
    // The cleared slug is free.
    pivotal
        .post("/customers", json!({ "name": "Other", "slug": "a" }))
        .await
        .created();
}

#[tokio::test]
async fn only_what_is_nullable_can_be_cleared() {
    let pivotal = Client::start().await;
    pivotal.customer("Aurora").await;
    for field in ["name", "status"] {
        let response = pivotal.patch("/customers/1", json!({ field: null })).await;
        assert_eq!(response.refused(400, "invalid_type"), Some(field));
    }
    let response = pivotal
        .post("/customers", json!({ "name": "New", "domain": null }))
        .await;
    assert_eq!(response.refused(400, "invalid_type"), Some("domain"));
}

#[tokio::test]
async fn unknown_keys_are_ignored_and_metadata_is_kept() {
    let pivotal = Client::start().await;
    let body = json!({
        "name": "Aurora", "favourite": "u_1", "id": "mine", "display_id": 7, "created_at": "never",
        "metadata": { "crm": { "id": 7, "tags": ["a", null] } },
    });
    let customer = pivotal.post("/customers", body).await.created();
    assert_eq!(
        (customer.get("favourite"), &customer["display_id"]),
        (None, &json!(1))
    );
    assert_ne!(customer["id"], "mine");
    assert_eq!(
        customer["metadata"],
        json!({ "crm": { "id": 7, "tags": ["a", null] } })
    );
    assert_eq!(
        pivotal
            .patch("/customers/1", json!({ "plan": "Scale" }))
            .await
            .ok()["metadata"],
        customer["metadata"]
    );
    assert_eq!(
        pivotal
            .patch("/customers/1", json!({ "metadata": [1] }))
            .await
            .ok()["metadata"],
        json!([1])
    );
    assert_eq!(
        pivotal.get("/customers").await.ok()["data"][0]["metadata"],
        json!([1])
    );
    assert_eq!(
        pivotal
            .patch("/customers/1", json!({ "metadata": null }))
            .await
            .ok()
            .get("metadata"),
        None
    );
}

#[tokio::test]
async fn lists_are_filtered_by_status_and_slug() {
    let pivotal = Client::start().await;
    for (name, status) in [("A", "active"), ("B", "churned"), ("C", "active")] {
        pivotal
            .post("/customers", json!({ "name": name, "status": status }))
            .await
            .created();
    }
    for (query, names) in [
        ("status=active", vec!["C", "A"]),
        ("status=at_risk", vec![]),
        ("slug=b", vec!["B"]),
        ("slug=B", vec![]),
        ("slug=", vec![]),
        ("status=active&slug=a", vec!["A"]),
        ("status=active&slug=b", vec![]),
        ("", vec!["C", "B", "A"]),
    ] {
        let list = pivotal.get(&format!("/customers?{query}")).await.ok();
        let found: Vec<_> = list["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["name"].as_str().unwrap())
            .collect();
        assert_eq!(found, names, "{query}");
    }
}
