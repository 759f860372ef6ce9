//! The last page of many customers beside the first.

use std::time::Instant;

use pivotal_sandbox::Sandbox;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::{
    connection::{Connection, request},
    median::{median, rounded},
};

const TARGET: f64 = 1.5;
const CUSTOMERS: usize = 100_000;
const LIMIT: usize = 100;
/// Requests of one measurement.
const REQUESTS: u32 = 50;

pub(crate) fn measure(server: &Runtime, runs: usize) -> Value {
    let sandbox = server.block_on(Sandbox::start());
    let key = sandbox.api_key();
    let mut connection = Connection::open(sandbox.address());
    for number in 0..CUSTOMERS {
        let body = json!({ "name": format!("Customer {number:06}") }).to_string();
        let answer = connection.send(&request("POST", "/api/v1/customers", key, "", &body));
        assert_eq!(answer.status(), 201);
    }
    let page = |cursor: Option<&str>| {
        let cursor = cursor.map_or(String::new(), |cursor| format!("&cursor={cursor}"));
        let path = format!("/api/v1/customers?limit={LIMIT}{cursor}");
        request("GET", &path, key, "", "")
    };
    let mut cursor: Option<String> = None;
    let mut rows = 0;
    let last = loop {
        let request = page(cursor.as_deref());
        let answer: Value = serde_json::from_slice(&connection.send(&request).body).unwrap();
        rows += answer["data"].as_array().unwrap().len();
        match answer["next_cursor"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => break request,
        }
    };
    assert_eq!(rows, CUSTOMERS, "every customer is on one page");
    let first = page(None);
    let mut microseconds = |request: &[u8]| {
        let began = Instant::now();
        (0..REQUESTS).for_each(|_| drop(connection.send(request)));
        began.elapsed().as_secs_f64() * 1e6 / f64::from(REQUESTS)
    };
    let [mut of_first, mut of_last] = [Vec::new(), Vec::new()];
    for _ in 0..runs {
        of_first.push(microseconds(&first));
        of_last.push(microseconds(&last));
    }
    let (first, last) = (median(of_first), median(of_last));
    json!({
        "runs": runs,
        "customers": CUSTOMERS,
        "limit": LIMIT,
        "first_page_microseconds": rounded(first),
        "last_page_microseconds": rounded(last),
        "ratio": rounded(last / first),
        "target": format!("at most {TARGET}"),
        "met": last / first <= TARGET,
    })
}
