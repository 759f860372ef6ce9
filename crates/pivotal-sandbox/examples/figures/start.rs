//! How long a sandbox takes to start: a test that wants its own has one at this price.

use std::time::Instant;

use pivotal_sandbox::Sandbox;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::median::{median, rounded};

const TARGET: f64 = 5.0;

pub(crate) fn measure(server: &Runtime, runs: usize) -> Value {
    // The first reads the contract, once per process.
    let began = Instant::now();
    drop(server.block_on(Sandbox::start()));
    let first = began.elapsed().as_secs_f64() * 1_000.0;
    let start = || {
        let began = Instant::now();
        let sandbox = server.block_on(Sandbox::start());
        let took = began.elapsed().as_secs_f64() * 1_000.0;
        drop(sandbox);
        took
    };
    let milliseconds = median((0..runs * 10).map(|_| start()).collect());
    json!({
        "milliseconds": rounded(milliseconds),
        "first_milliseconds": rounded(first),
        "target": format!("under {TARGET} ms"),
        "met": milliseconds < TARGET,
    })
}
