//! An import without a limit beside a loop of plain requests with the same concurrency, each in a
//! process of its own.

use cpu_time::ProcessTime;
use pivotal_sandbox::Sandbox;
use pivotal_sync::ApplyOptions;
use pivotal_test_support::bench::{median, rounded};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::import::{self, Job, Used};

const CUSTOMERS: usize = 5_000;
const PAIRS: usize = 5;

/// The latency of a server on this machine, and of near ones, in milliseconds.
pub(crate) const LATENCIES: [u64; 3] = [0, 1, 5];

pub(crate) fn measure(server: &Runtime) -> Value {
    json!(LATENCIES.map(|latency| at(server, latency)))
}

fn at(server: &Runtime, latency: u64) -> Value {
    let (mut loops, mut imports) = (Vec::new(), Vec::new());
    for pair in 0..PAIRS {
        for turn in 0..2 {
            if turn == pair % 2 {
                loops.push(side(server, latency, Job::Loop));
            } else {
                imports.push(side(server, latency, Job::Import));
            }
        }
    }
    let ratio = |of: fn(&Side) -> f64| {
        let pairs = imports.iter().zip(&loops);
        rounded(median(
            pairs.map(|(import, by_hand)| of(import) / of(by_hand)),
        ))
    };
    let print = |sides: &[Side]| {
        let of = |of: fn(&Side) -> f64| rounded(median(sides.iter().map(of)));
        json!({
            "per_second": of(Side::per_second),
            "cpu_us": of(|side| side.cpu_us),
            "server_cpu_us": of(|side| side.server_cpu_us),
        })
    };
    json!({
        "latency_ms": latency,
        "customers": CUSTOMERS,
        "concurrency": ApplyOptions::default().concurrency,
        "pairs": PAIRS,
        "loop": print(&loops),
        "import": print(&imports),
        "ratio": ratio(Side::per_second),
        // What the ratio would be if all cores were used to the full, and by nothing else.
        "ratio_of_cpu": ratio(|side| 1.0 / (side.cpu_us + side.server_cpu_us)),
    })
}

/// What creates cost: per customer.
struct Side {
    seconds: f64,
    /// Of the process that creates.
    cpu_us: f64,
    server_cpu_us: f64,
}

impl Side {
    fn per_second(&self) -> f64 {
        1.0 / self.seconds
    }
}

/// Creates customers in a child, with the writes to the state file, but without reading the source.
fn side(server: &Runtime, latency: u64, job: Job) -> Side {
    let fault = format!("create-customer:latency={latency}ms");
    let builder = Sandbox::builder().fault(fault.parse().unwrap());
    let sandbox = server.block_on(builder.start()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let source = import::source(folder.path(), CUSTOMERS);
    let state = folder.path().join("pivotal.db");
    let server_cpu = ProcessTime::now();
    let Used {
        seconds,
        cpu_seconds,
        ..
    } = import::end(import::start(&sandbox, job, &state, &source));
    let each = |seconds: f64| seconds / CUSTOMERS as f64;
    Side {
        seconds: each(seconds),
        cpu_us: each(cpu_seconds) * 1e6,
        server_cpu_us: each(server_cpu.elapsed().as_secs_f64()) * 1e6,
    }
}
