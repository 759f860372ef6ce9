//! Properties of plans.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::world::{mode, world};

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

#[test]
fn applying_a_plan_makes_the_next_plan_of_the_same_source_empty() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let cases = ProptestConfig {
        cases: 48,
        rng_seed: RngSeed::Fixed(7),
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    proptest!(cases, |(
        first in source(),
        second in source(),
        mode_name in prop::sample::select(&["create", "update", "upsert", "mirror"][..]),
    )| {
        runtime.block_on(async {
            let world = world(false).await;
            let mut options = crate::world::anything();
            options.allow.shrunk_source = true;
            options.allow.incomplete_source = true;
            for (name, source) in [("upsert", &first), (mode_name, &second)] {
                let run = world.plan(&mode(name), source).await.unwrap();
                let report = world.apply(run, &options).await.unwrap();
                assert_eq!(report.counts.open(), 0, "{report}");
            }
            world.sandbox.clear_requests();
            let run = world.plan(&mode(mode_name), &second).await.unwrap();
            let counts = world.state.counts(run).unwrap();
            assert_eq!((counts.create, counts.update, counts.archive), (0, 0, 0), "{:#?}", world.items(run));
            assert_eq!(world.writes(), []);
        });
    });
}
