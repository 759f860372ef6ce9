//! A plan of many records, in a process of its own.

use std::path::Path;
use std::time::Instant;

use pivotal_sandbox::Sandbox;
use pivotal_sdk::Client;
use pivotal_sync::State;
use pivotal_test_support::bench::{Figure, Report};
use tokio::runtime::Runtime;

use crate::import::{self, Job};

pub(crate) fn measure(server: &Runtime, report: &mut Report) {
    let (rows, customers) = report.size((1_000_000, 100_000), (1_000, 100));
    let sandbox = server.block_on(Sandbox::start());
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("pivotal.db");
    let (base_url, api_key) = (sandbox.base_url(), sandbox.api_key());
    server.block_on(import::create(base_url, api_key, customers));
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
    let source = import::source(folder.path(), rows);
    let used = import::end(import::start(&sandbox, Job::Plan, &state, &source));
    let what = format!("Plan of {rows} rows beside {customers} customers");
    // The plan reads all customers, as the mirror before it did.
    let rate = rows as f64 / (used.plan_seconds - mirror);
    let figure = Figure::new(
        "plan/rows",
        format!("{what}, without reading these"),
        rate,
        "rows/s",
    );
    report.add(figure.at_least(100_000.0));
    let figure = match used.peak_kib {
        0.0 => {
            let reason = "only Linux tells the memory of a process";
            Figure::not_measured("plan/memory", format!("{what}, peak memory"), reason)
        }
        kib => Figure::new(
            "plan/memory",
            format!("{what}, peak memory"),
            kib / 1024.0,
            "MiB",
        ),
    };
    report.add(figure.at_most(150.0));
    let reading = format!("Reading {customers} customers");
    report.add(Figure::new("plan/mirror", reading, mirror, "s"));
    report.add(Figure::new(
        "plan/items",
        format!("{what}, items"),
        items(&state) as f64,
        "count",
    ));
}

fn items(state: &Path) -> u64 {
    let state = State::read(state).unwrap();
    let run = state.runs().unwrap()[0].id;
    let mut items = 0;
    state.each_item(run, |_| items += 1).unwrap();
    items
}
