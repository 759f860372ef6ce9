//! A sandbox that keeps its state in a file, compared with one that does not, and the time in which a
//! snapshot of all rows would stop it.

use std::time::Instant;

use pivotal_sandbox::{Sandbox, SandboxBuilder};
use pivotal_test_support::bench::{median, rounded};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::{
    connection::{Connection, request},
    get_one::responses_per_second,
};

const CUSTOMERS: usize = 100_000;
/// How many of them are updated in turn.
const UPDATED: usize = 20_000;

/// The numbers of two servers, and their ratio, are of responses per second.
pub(crate) fn measure(server: &Runtime, runs: usize) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state");
    let sandbox = |builder: SandboxBuilder| {
        let sandbox = server.block_on(builder.admin(true).start()).unwrap();
        let mut connection = Connection::open(sandbox.address());
        for number in 0..CUSTOMERS {
            let body = json!({ "name": format!("Customer {number:06}") }).to_string();
            let create = request("POST", "/api/v1/customers", sandbox.api_key(), "", &body);
            assert_eq!(connection.send(&create).status(), 201);
        }
        sandbox
    };
    let builder = || Sandbox::builder().api_key("pivotal_test_state");
    let (memory, saved) = (sandbox(builder()), sandbox(builder().state(&file)));

    let ratio = |requests: &[Vec<u8>]| {
        // The first pair is a warm-up.
        let pairs: Vec<_> = (0..=runs)
            .map(|_| {
                let memory = responses_per_second(memory.address(), requests);
                (memory, responses_per_second(saved.address(), requests))
            })
            .skip(1)
            .collect();
        let memory = median(pairs.iter().map(|(memory, _)| *memory));
        let saved = median(pairs.iter().map(|(_, saved)| *saved));
        [rounded(memory), rounded(saved), rounded(saved / memory)]
    };
    let key = memory.api_key();
    let get = ratio(&[request("GET", "/api/v1/customers/1", key, "", "")]);
    let updates = (1..=UPDATED).map(|number| {
        let path = format!("/api/v1/customers/{number}");
        request("PATCH", &path, key, "", r#"{"plan":"Scale"}"#)
    });
    let update = ratio(&updates.collect::<Vec<_>>());

    let mut connection = Connection::open(memory.address());
    let began = Instant::now();
    let export = b"GET /_sandbox/export HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let export = connection.send(export).body.len();
    let snapshot = began.elapsed().as_secs_f64() * 1_000.0;
    json!({
        "customers": CUSTOMERS,
        "get_per_second": [get[0], get[1]],
        "get_ratio": get[2],
        "update_per_second": [update[0], update[1]],
        "update_ratio": update[2],
        "snapshot_bytes": export,
        "snapshot_milliseconds": rounded(snapshot),
    })
}
