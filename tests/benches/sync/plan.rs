//! A plan of many records, in a process of its own.

use std::path::Path;
use std::time::Instant;

use pivotal_sandbox::Sandbox;
use pivotal_sdk::Client;
use pivotal_sync::State;
use pivotal_test_support::bench::rounded;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::import::{self, Job};

const ROWS: usize = 1_000_000;
const CUSTOMERS: usize = 100_000;

pub(crate) fn measure(server: &Runtime) -> Value {
    let sandbox = server.block_on(Sandbox::start());
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("pivotal.db");
    server.block_on(import::create(
        sandbox.base_url(),
        sandbox.api_key(),
        CUSTOMERS,
    ));
    let client = Client::builder()
        .base_url(sandbox.base_url())
        .api_key(sandbox.api_key())
        .build()
        .unwrap();
    let mirror = Instant::now();
    server.block_on(async {
        let state = State::open(&state).unwrap();
        pivotal_sync::refresh(&client, &state, pivotal_sync::Kind::Customer)
            .await
            .unwrap();
    });
    let mirror = mirror.elapsed().as_secs_f64();
    let source = import::source(folder.path(), ROWS);
    let started = Instant::now();
    let used = import::end(import::start(&sandbox, Job::Plan, &state, &source));
    let process = started.elapsed().as_secs_f64();
    json!({
        "rows": ROWS,
        "mirrored_customers": CUSTOMERS,
        "items": items(&state),
        "seconds": rounded(used.plan_seconds),
        "seconds_of_the_process": rounded(process),
        "seconds_of_the_mirror": rounded(mirror),
        "rows_per_second": rounded(ROWS as f64 / (used.plan_seconds - mirror)),
        "peak_mib": rounded(used.peak_kib / 1024.0),
    })
}

fn items(state: &Path) -> u64 {
    let state = State::read(state).unwrap();
    let run = state.runs().unwrap()[0].id;
    let mut items = 0;
    state.each_item(run, |_| items += 1).unwrap();
    items
}
