//! An import whose connections break and whose process is killed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use pivotal_sandbox::Sandbox;
use pivotal_sdk::Client;
use pivotal_sync::{Action, ItemState, State};
use pivotal_test_support::bench::{Figure, Report};
use tokio::runtime::Runtime;

use crate::import::{self, Job};

/// After how many runs the import has to be complete.
const MAX_RUNS: usize = 100;
/// The response of every fifth create is lost.
const FAULT: &str = "create-customer:reset-after-processing:probability=0.2";

pub(crate) fn measure(server: &Runtime, report: &mut Report) {
    let (records, all_kills) = report.size((10_000, 20), (100, 1));
    let fault = FAULT.parse().unwrap();
    let sandbox = server
        .block_on(Sandbox::builder().fault(fault).start())
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("pivotal.db");
    let source = import::source(folder.path(), records);
    let started = Instant::now();
    let (mut kills, mut runs) = (0, 0);
    // Drawn from the system's random numbers: a deterministic order would meet the same moments.
    let random = |below: u64| {
        use std::hash::{BuildHasher, RandomState};
        RandomState::new().hash_one(0) % below
    };
    let exit_code = loop {
        let mut child = import::start(&sandbox, Job::Import, &state, &source);
        runs += 1;
        if kills < all_kills {
            sleep(Duration::from_millis(50 + random(report.size(2_000, 50))));
            if child.try_wait().unwrap().is_none() {
                child.kill().unwrap();
                kills += 1;
            }
        }
        // A run whose retries are used up leaves creates in doubt, and ends with 5.
        match child.wait().unwrap().code() {
            Some(code) if (code == 0 && kills == all_kills) || runs >= MAX_RUNS => break code,
            _ => {}
        }
    };
    let took = started.elapsed().as_secs_f64();
    let customers = server.block_on(customers(&sandbox));
    let names: BTreeSet<_> = customers.values().collect();
    let import = format!("Import of {records} rows, killed {kills} times");
    report.add(Figure::new(
        "kills/runs",
        format!("{import}, runs"),
        runs as f64,
        "count",
    ));
    report.add(Figure::new(
        "kills/time",
        format!("{import}, time"),
        took,
        "s",
    ));
    for (name, what, count) in [
        (
            "doubled",
            "customers created twice",
            customers.len() - names.len(),
        ),
        ("lost", "customers not created", records - names.len()),
        (
            "disagreeing",
            "recorded outcomes that differ",
            disagreeing(&state, &customers),
        ),
        (
            "exit_code",
            "exit code of the last run",
            exit_code.unsigned_abs() as usize,
        ),
    ] {
        let what = format!("{import}, {what}");
        report.add(Figure::new(format!("kills/{name}"), what, count as f64, "count").at_most(0.0));
    }
}

/// The names of all customers by ID.
async fn customers(sandbox: &Sandbox) -> BTreeMap<String, String> {
    let client = Client::builder()
        .base_url(sandbox.base_url())
        .api_key(sandbox.api_key())
        .build()
        .unwrap();
    let mut rows = client.customers().list().stream();
    let mut customers = BTreeMap::new();
    while let Some(row) = rows.try_next().await.unwrap() {
        customers.insert(row.id.clone(), row.name);
    }
    customers
}

/// How many customers do not have exactly one create with their ID and name that is done, and how
/// many such creates have no customer.
fn disagreeing(state: &Path, customers: &BTreeMap<String, String>) -> usize {
    let state = State::read(state).unwrap();
    let mut outcomes = BTreeMap::<String, Vec<String>>::new();
    for run in state.runs().unwrap() {
        let each = |item: pivotal_sync::PlanItem| {
            if item.action == Action::Create && item.state == ItemState::Done {
                let id = item.customer.unwrap_or_default();
                outcomes.entry(id).or_default().push(item.label);
            }
        };
        state.each_item(run.id, each).unwrap();
    }
    let without = customers.iter().filter(|(id, name)| {
        outcomes
            .get(*id)
            .is_none_or(|names| names != &[(*name).clone()])
    });
    let unknown = outcomes.keys().filter(|id| !customers.contains_key(*id));
    without.count() + unknown.count()
}
