//! Prints the figures of the sandbox as JSON, and fails when one misses its target:
//!
//! ```text
//! cargo run --release -p pivotal-sandbox --example figures [-- --runs 11 --seconds 30]
//! ```
//!
//! Servers run on a runtime of their own, clients on plain threads. What is compared is measured in
//! turns, so that a busy moment of the machine meets both; figures are medians.

// What cannot be measured shall stop the measurement.
#![allow(clippy::unwrap_used)]

mod connection;
mod get_one;
#[path = "../../tests/it/judge.rs"]
mod judge;
mod median;
mod paging;
mod soak;
mod start;

use std::{env, process::ExitCode, time::Duration};

use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// Fewest runs that a median is taken of.
const FEWEST_RUNS: usize = 10;

fn main() -> ExitCode {
    let Some((runs, seconds)) = arguments() else {
        eprintln!("usage: figures [--runs N, at least {FEWEST_RUNS}] [--seconds N]");
        return ExitCode::from(2);
    };
    let server = Runtime::new().unwrap();
    let figures = json!({
        "start": start::measure(&server, runs),
        "get_one_customer": get_one::measure(&server, runs),
        "last_page": paging::measure(&server, runs),
        "soak": soak::measure(&server, Duration::from_secs(seconds)),
    });
    println!("{figures:#}");
    let met = |figure: &Value| figure["met"] == true;
    let all = figures.as_object().unwrap().values().all(met);
    ExitCode::from(u8::from(!all))
}

/// Runs and seconds.
fn arguments() -> Option<(usize, u64)> {
    let (mut runs, mut seconds) = (11, 30);
    let mut arguments = env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next()?;
        match name.as_str() {
            "--runs" => runs = value.parse().ok().filter(|runs| *runs >= FEWEST_RUNS)?,
            "--seconds" => seconds = value.parse().ok()?,
            _ => return None,
        }
    }
    Some((runs, seconds))
}
