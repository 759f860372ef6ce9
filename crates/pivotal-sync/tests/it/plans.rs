//! Properties of plans.

use pivotal_sync::{ApplyOptions, Config};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::world::{anything, mode, world};

/// A record: a slug and domain of few, so that records collide, and values of few, so that some
/// are equal.
fn record() -> impl Strategy<Value = String> {
    let maybe = |values: &'static [&'static str]| prop::sample::select(values);
    (
        maybe(&["Aurora", "Borealis", "\"C, Ltd\"", ""]),
        maybe(&["a", "b", "c", "d", "e", ""]),
        maybe(&["x.test", "y.test", "", ""]),
        maybe(&["1", "2", "", "many"]),
        maybe(&["7", "8", "9", "", ""]),
    )
        .prop_map(|(name, slug, domain, mrr, id)| format!("{name},{slug},{domain},{mrr},{id}\n"))
}

fn source() -> impl Strategy<Value = String> {
    let records = prop::collection::vec(record(), 0..8);
    records.prop_map(|records| {
        format!(
            "name,slug,domain,mrr,hubspot_company_id\n{}",
            records.concat()
        )
    })
}

/// A record with up to three contacts, of few addresses and titles, and a deal of few or none.
fn company() -> impl Strategy<Value = Value> {
    let contact = (
        prop::sample::select(&["ada@x.test", "ADA@x.test", "bob@x.test", ""][..]),
        prop::sample::select(&["CEO", "Ops", "", "\n"][..]),
    );
    let contact = contact.prop_map(|(email, title)| json!({ "email": email, "title": title }));
    (
        prop::sample::select(&["a", "b", "c", "d", ""][..]),
        prop::collection::vec(contact, 0..4),
        prop::sample::select(&["1", "2", "3", ""][..]),
        prop::sample::select(&["2026-07-15", "", "soon"][..]),
    )
        .prop_map(|(slug, contacts, deal, date)| {
            json!({ "name": "C", "slug": slug, "contacts": contacts, "deal": deal, "date": date })
        })
}

fn companies() -> impl Strategy<Value = Value> {
    prop::collection::vec(company(), 1..6).prop_map(Value::from)
}

pub(crate) fn cases() -> ProptestConfig {
    ProptestConfig {
        cases: 48,
        rng_seed: RngSeed::Fixed(7),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn options() -> ApplyOptions {
    let mut options = anything();
    options.allow.shrunk_source = true;
    options.allow.incomplete_source = true;
    options
}

pub(crate) fn runtime() -> Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().unwrap()
}

#[test]
fn applying_a_plan_makes_the_next_plan_of_the_same_source_empty() {
    proptest!(cases(), |(
        first in source(),
        second in source(),
        mode_name in prop::sample::select(&["create", "update", "upsert", "mirror"][..]),
    )| {
        runtime().block_on(async {
            let world = world(false).await;
            for (name, source) in [("upsert", &first), (mode_name, &second)] {
                let run = world.plan(&mode(name), source).await.unwrap();
                let report = world.apply(run, &options()).await.unwrap();
                assert_eq!(report.counts.open(), 0, "{report}");
            }
            world.sandbox.clear_requests();
            let run = world.plan(&mode(mode_name), &second).await.unwrap();
            let counts = world.state.counts(run).unwrap();
            assert_eq!((counts.create, counts.update, counts.delete), (0, 0, 0), "{:#?}", world.items(run));
            assert_eq!(world.writes(), []);
        });
    });
}

#[test]
fn the_next_plan_is_empty_with_contacts_and_onboardings_as_well() {
    let config = |mode: &str| {
        let text = r#"
            [fields]
            name = "name"
            slug = "slug"
            [contacts]
            list = "contacts"
            [contacts.fields]
            email = "email"
            title = "title"
            [onboarding]
            when = "deal"
            [onboarding.fields]
            target_launch_date = "date"
        "#;
        Config::parse(&format!("[sync]\nmode = \"{mode}\"\n{text}")).unwrap()
    };
    proptest!(cases(), |(
        first in companies(),
        second in companies(),
        mode_name in prop::sample::select(&["create", "update", "upsert", "mirror"][..]),
    )| {
        runtime().block_on(async {
            // The address of another customer's contact is free, so that every change succeeds.
            let world = world(false).await;
            for (name, records) in [("upsert", &first), (mode_name, &second)] {
                let run = world.plan_json(&config(name), records).await.unwrap();
                let report = world.apply(run, &options()).await.unwrap();
                assert_eq!(report.counts.open(), 0, "{report}");
            }
            let of_customers = world.onboardings().await.into_iter().map(|row| row.customer_id);
            let mut of_customers: Vec<_> = of_customers.collect();
            let onboardings = of_customers.len();
            of_customers.sort();
            of_customers.dedup();
            assert_eq!(of_customers.len(), onboardings, "a customer has one at most");
            world.sandbox.clear_requests();
            let run = world.plan_json(&config(mode_name), &second).await.unwrap();
            let counts = world.state.counts(run).unwrap();
            assert_eq!(counts.writes(), 0, "{:#?}", world.items(run));
            assert_eq!(world.writes(), []);
        });
    });
}
