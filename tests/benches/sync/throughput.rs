//! An import without a limit beside a loop of plain requests with the same concurrency.

use std::time::Instant;

use pivotal_sandbox::Sandbox;
use pivotal_sdk::Client;
use pivotal_sync::State;
use pivotal_test_support::bench::{Report, Target, in_turns};
use tokio::runtime::Runtime;

use crate::import;

pub(crate) fn measure(server: &Runtime, report: &mut Report) {
    let (pairs, customers) = report.size((5, 5_000), (1, 20));
    let client = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    // A server on this machine, and a near one.
    for latency in [0, 5] {
        let sandbox = || {
            let fault = format!("create-customer:latency={latency}ms");
            let builder = Sandbox::builder().fault(fault.parse().unwrap());
            server.block_on(builder.start()).unwrap()
        };
        let rates = in_turns(
            pairs,
            || client.block_on(by_hand(&sandbox(), customers)),
            || client.block_on(by_import(&sandbox(), customers)),
        );
        let name = format!("throughput/{latency}_ms");
        let what = format!("Creating {customers} customers, each after {latency} ms");
        let (sides, target) = (["plain requests", "import"], Some(Target::AtLeast(0.9)));
        report.compare(&name, &what, sides, &rates, "customers/s", target);
    }
}

/// Customers per second.
async fn by_hand(sandbox: &Sandbox, customers: usize) -> f64 {
    let started = Instant::now();
    import::create(sandbox, customers).await;
    customers as f64 / started.elapsed().as_secs_f64()
}

/// The same, with the writes to the state file, but without reading the source.
async fn by_import(sandbox: &Sandbox, customers: usize) -> f64 {
    let folder = tempfile::tempdir().unwrap();
    let source = import::source(folder.path(), customers);
    let client = Client::builder()
        .base_url(sandbox.base_url())
        .api_key(sandbox.api_key())
        .build()
        .unwrap();
    let state = State::open(&folder.path().join("pivotal.db")).unwrap();
    let run = import::plan(&client, &state, &source).await;
    let started = Instant::now();
    let report = import::apply(&client, &state, run).await;
    assert_eq!(report.counts.done, customers as u64);
    customers as f64 / started.elapsed().as_secs_f64()
}
