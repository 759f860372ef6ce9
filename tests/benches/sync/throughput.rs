//! An import without a limit beside a loop of plain requests with the same concurrency.

use std::time::Instant;

use pivotal_sandbox::Sandbox;
use pivotal_sdk::Client;
use pivotal_sync::{ApplyOptions, State};
use pivotal_test_support::bench::{median, rounded};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::import;

const CUSTOMERS: usize = 5_000;
const PAIRS: usize = 5;

/// The latency of a server on this machine, and of a near one, in milliseconds.
pub(crate) const LATENCIES: [u64; 2] = [0, 5];

pub(crate) fn measure(server: &Runtime) -> Value {
    json!(LATENCIES.map(|latency| at(server, latency)))
}

fn at(server: &Runtime, latency: u64) -> Value {
    let client = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (mut loops, mut imports) = (Vec::new(), Vec::new());
    for pair in 0..PAIRS {
        for turn in 0..2 {
            let fault = format!("create-customer:latency={latency}ms");
            let builder = Sandbox::builder().fault(fault.parse().unwrap());
            let sandbox = server.block_on(builder.start()).unwrap();
            if turn == pair % 2 {
                loops.push(client.block_on(by_hand(&sandbox)));
            } else {
                imports.push(client.block_on(by_import(&sandbox)));
            }
        }
    }
    let ratios = loops
        .iter()
        .zip(&imports)
        .map(|(by_hand, by_import)| by_import / by_hand);
    json!({
        "latency_ms": latency,
        "customers": CUSTOMERS,
        "concurrency": ApplyOptions::default().concurrency,
        "pairs": PAIRS,
        "ratio": rounded(median(ratios)),
        "loop_per_second": rounded(median(loops)),
        "import_per_second": rounded(median(imports)),
    })
}

/// Customers per second.
async fn by_hand(sandbox: &Sandbox) -> f64 {
    let started = Instant::now();
    import::create(sandbox, CUSTOMERS).await;
    CUSTOMERS as f64 / started.elapsed().as_secs_f64()
}

/// The same, with the writes to the state file, but without reading the source.
async fn by_import(sandbox: &Sandbox) -> f64 {
    let folder = tempfile::tempdir().unwrap();
    let source = import::source(folder.path(), CUSTOMERS);
    let client = Client::builder()
        .base_url(sandbox.base_url())
        .api_key(sandbox.api_key())
        .build()
        .unwrap();
    let state = State::open(&folder.path().join("pivotal.db")).unwrap();
    let run = import::plan(&client, &state, &source).await;
    let started = Instant::now();
    let report = import::apply(&client, &state, run).await;
    assert_eq!(report.counts.done, CUSTOMERS as u64);
    CUSTOMERS as f64 / started.elapsed().as_secs_f64()
}
