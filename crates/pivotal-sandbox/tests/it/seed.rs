use std::collections::{BTreeMap, BTreeSet};

use pivotal_sandbox::{NewWorkspace, Sandbox};
use reqwest::Method;
use serde_json::Value;

use crate::client::{Client, send};

async fn seeded(seed: u64) -> Client {
    Client::of(Sandbox::builder().seed(seed)).await
}

/// All rows of a list, each page held against the contract.
async fn all(pivotal: &Client, path: &str) -> Vec<Value> {
    let (mut rows, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = pivotal.get(&format!("{path}?limit=20{cursor}")).await.ok();
        rows.extend(page["data"].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return rows,
        }
    }
}

fn values<'a>(rows: &'a [Value], key: &str) -> BTreeSet<&'a str> {
    rows.iter().filter_map(|row| row[key].as_str()).collect()
}

#[tokio::test]
async fn every_phase_state_and_status_and_some_double_domains_are_there() {
    let pivotal = seeded(7).await;
    let customers = all(&pivotal, "/customers").await;
    assert_eq!(customers.len(), 48);
    assert_eq!(
        values(&customers, "status"),
        BTreeSet::from(["active", "at_risk", "churned", "onboarding"])
    );
    assert_eq!(values(&customers, "name").len(), 48);
    assert_eq!(values(&customers, "slug").len(), 48);
    let mut domains = BTreeMap::<_, usize>::new();
    for customer in &customers {
        *domains
            .entry(customer["domain"].as_str().unwrap())
            .or_default() += 1;
    }
    assert!(domains.values().filter(|count| **count > 1).count() >= 2);
    assert_eq!(customers.len() - domains.len(), 4);

    let onboardings = all(&pivotal, "/onboardings").await;
    let pairs: BTreeSet<_> = onboardings
        .iter()
        .map(|row| {
            (
                row["phase"].as_str().unwrap(),
                row["state"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(pairs.len(), 7 * 4, "{pairs:?}");
    for row in &onboardings {
        let completed = row["phase"] == "completed";
        assert_eq!(row["completed_at"].is_string(), completed, "{row}");
        let waiting = row["state"] == "waiting";
        assert_eq!(
            row["waiting_on_customer_since"].is_string(),
            waiting,
            "{row}"
        );
        assert!(row["created_at"].as_str() <= row["started_at"].as_str().or(Some("3")));
        assert!(row["updated_at"].as_str().unwrap() < "2026-05-26T17:00:01");
    }
}

#[tokio::test]
async fn every_customer_has_one_primary_contact_at_its_domain() {
    let pivotal = seeded(1).await;
    let mut emails = BTreeSet::new();
    for customer in all(&pivotal, "/customers").await {
        let contacts = all(
            &pivotal,
            &format!("/customers/{}/contacts", customer["display_id"]),
        )
        .await;
        let primary = contacts.iter().filter(|row| row["is_primary"] == true);
        assert_eq!(primary.count(), 1);
        for contact in contacts {
            let email = contact["email"].as_str().unwrap().to_owned();
            assert!(
                email.ends_with(customer["domain"].as_str().unwrap()),
                "{email}"
            );
            assert!(contact["created_at"].as_str() > customer["created_at"].as_str());
            assert!(emails.insert(email));
        }
    }
    assert!(emails.len() > 80, "{}", emails.len());
}

#[tokio::test]
async fn a_seed_repeats_to_the_byte_and_survives_a_reset() {
    let pages = async |pivotal: &Client| {
        let mut pages = Vec::new();
        for path in [
            "/customers?limit=100",
            "/onboardings?limit=100",
            "/customers/9/contacts",
        ] {
            pages.push(pivotal.get(path).await.bytes);
        }
        pages
    };
    let [first, same, other] = [seeded(7).await, seeded(7).await, seeded(8).await];
    let expected = pages(&first).await;
    assert_eq!(pages(&same).await, expected);
    assert_ne!(pages(&other).await, expected);
    first.delete("/customers/9").await.ok();
    first.customer("Aurora").await;
    assert_ne!(pages(&first).await, expected);
    first.sandbox.reset();
    assert_eq!(pages(&first).await, expected);
}

#[tokio::test]
async fn workspaces_are_filled_each_with_its_own() {
    let key = "pivotal_borealisKey";
    let workspace = NewWorkspace::new("Borealis").key(key);
    let pivotal = Client::of(Sandbox::builder().seed(7).workspace(workspace)).await;
    let own = pivotal.get("/customers").await.ok();
    let other = pivotal.http.request(Method::GET, pivotal.url("/customers"));
    let other = send(other.bearer_auth(key)).await.ok();
    let ids = |list: &Value| -> BTreeSet<String> {
        let rows = list["data"].as_array().unwrap().iter();
        rows.map(|row| row["id"].to_string()).collect()
    };
    assert!(ids(&own).is_disjoint(&ids(&other)));
    assert_ne!(own["data"][0]["name"], other["data"][0]["name"]);
}

#[tokio::test]
async fn the_history_ends_before_a_frozen_clock() {
    for at in [
        "2020-02-29T12:00:00Z",
        "-009999-01-02T01:59:59Z",
        "9999-12-30T22:00:00Z",
    ] {
        let pivotal = Client::of(Sandbox::builder().seed(3).frozen_at(at.parse().unwrap())).await;
        let customers = all(&pivotal, "/customers").await;
        assert_eq!(customers.len(), 48, "{at}");
        if at.starts_with("2020") {
            let newest = customers[0]["created_at"].as_str().unwrap();
            assert!(newest.starts_with("2020-02"), "{newest}");
        }
    }
}

#[tokio::test]
async fn later_rows_are_newer_than_seeded_ones() {
    let pivotal = seeded(7).await;
    let made = pivotal.customer("Newcomer").await;
    assert_eq!(made["display_id"], 49);
    assert_eq!(pivotal.get("/customers").await.ok()["data"][0], made);
}
