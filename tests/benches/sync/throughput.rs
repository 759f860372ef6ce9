//! An import without a limit beside a loop of plain requests with the same concurrency, each in a
//! process of its own.

use cpu_time::ProcessTime;
use pivotal_sandbox::Sandbox;
use pivotal_test_support::bench::{Figure, Report, Target, in_turns, median};
use tokio::runtime::Runtime;

use crate::import::{self, Job};

pub(crate) fn measure(server: &Runtime, report: &mut Report) {
    let (pairs, customers) = report.size((5, 5_000), (1, 20));
    // A server on this machine, and near ones.
    for latency in [0, 1, 5] {
        let run = |job, cpu: &mut Vec<Cpu>| {
            let (rate, used) = create(server, latency, job, customers);
            cpu.push(used);
            rate
        };
        let (mut of_loop, mut of_import) = (Vec::new(), Vec::new());
        let rates = in_turns(
            pairs,
            || run(Job::Loop, &mut of_loop),
            || run(Job::Import, &mut of_import),
        );
        let name = format!("throughput/{latency}_ms");
        let what = format!("Creating {customers} customers, each after {latency} ms");
        let (sides, target) = (["plain requests", "import"], Some(Target::AtLeast(0.9)));
        report.compare(&name, &what, sides, &rates, "customers/s", target);
        for (side, cpu) in [("plain requests", of_loop), ("import", of_import)] {
            let client = median(cpu.iter().map(|cpu| cpu.client_us));
            let server = median(cpu.iter().map(|cpu| cpu.server_us));
            for (part, micros) in [("client", client), ("server", server)] {
                report.add(Figure::new(
                    format!("{name}/{}/{part}_cpu", side.replace(' ', "_")),
                    format!("{what}, {side}, processor time of the {part} for each"),
                    micros,
                    "us",
                ));
            }
        }
    }
}

/// Processor time for each customer, of all threads.
struct Cpu {
    client_us: f64,
    server_us: f64,
}

/// Creates customers in a child, with the writes to the state file, but without reading the source.
/// Returns customers per second.
fn create(server: &Runtime, latency: u64, job: Job, customers: usize) -> (f64, Cpu) {
    let fault = format!("create-customer:latency={latency}ms");
    let builder = Sandbox::builder().fault(fault.parse().unwrap());
    let sandbox = server.block_on(builder.start()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let source = import::source(folder.path(), customers);
    let state = folder.path().join("pivotal.db");
    let server_cpu = ProcessTime::now();
    let used = import::end(import::start(&sandbox, job, &state, &source));
    let each_us = |seconds: f64| seconds * 1e6 / customers as f64;
    let cpu = Cpu {
        client_us: each_us(used.cpu_seconds),
        server_us: each_us(server_cpu.elapsed().as_secs_f64()),
    };
    (customers as f64 / used.seconds, cpu)
}
