//! A sandbox that keeps its state in a file, compared with one that does not, and the time in which a
//! snapshot of all rows would stop it.

use std::time::Instant;

use pivotal_sandbox::{Sandbox, SandboxBuilder};
use pivotal_test_support::bench::{Figure, Report, Target};
use tokio::runtime::Runtime;

use crate::{
    connection::{Connection, request},
    get_one::compare,
};

pub(crate) fn measure(server: &Runtime, report: &mut Report) {
    // So many of the customers are updated in turn.
    let (customers, updated) = report.size((100_000, 20_000), (200, 100));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state");
    let sandbox = |builder: SandboxBuilder| {
        let sandbox = server.block_on(builder.admin(true).start()).unwrap();
        let mut connection = Connection::open(sandbox.address());
        for number in 0..customers {
            connection.create_customer(sandbox.api_key(), &format!("Customer {number:06}"));
        }
        sandbox
    };
    let builder = || Sandbox::builder().api_key("pivotal_test_state");
    let (memory, saved) = (sandbox(builder()), sandbox(builder().state(&file)));

    let key = memory.api_key();
    let get = [request("GET", "/api/v1/customers/1", key, "", "")];
    let updates: Vec<_> = (1..=updated)
        .map(|number| {
            let path = format!("/api/v1/customers/{number}");
            request("PATCH", &path, key, "", r#"{"plan":"Scale"}"#)
        })
        .collect();
    let servers = [memory.address(), saved.address()];
    for (name, what, requests) in [
        ("state_file/gets", "Gets of a customer", &get[..]),
        ("state_file/updates", "Updates of customers", &updates),
    ] {
        let rates = compare(report, servers, requests);
        let (sides, target) = (["memory", "state file"], Some(Target::AtLeast(0.8)));
        report.compare(name, what, sides, &rates, "/s", target);
    }

    let mut connection = Connection::open(memory.address());
    let began = Instant::now();
    let export = b"GET /_sandbox/export HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let mebibytes = connection.send(export).body.len() as f64 / f64::from(1 << 20);
    let milliseconds = began.elapsed().as_secs_f64() * 1_000.0;
    let what = format!("Snapshot of {customers} customers");
    report.add(Figure::new(
        "state_file/snapshot",
        &what,
        milliseconds,
        "ms",
    ));
    report.add(Figure::new(
        "state_file/snapshot_size",
        what,
        mebibytes,
        "MiB",
    ));
}
