//! Lists lose no row: rows that share a creation time, and rows that come and go meanwhile.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use pivotal_sandbox::Sandbox;
use pivotal_sdk::stream::Rows;
use pivotal_sdk::{Client, CreateCustomer, Customer, Error, ErrorKind, requests};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};

use crate::responses::customer;
use crate::script::{Reply, Script, parameter};

/// A customer as the server stores it: microseconds after [`BEGIN`], and its number.
type Row = (i64, i64);

const BEGIN: &str = "2026-05-26T17:21:09Z";

/// A server that pages as Pivotal documents it: newest first, rows strictly older than the cursor.
#[derive(Clone)]
pub(crate) struct Server {
    rows: Arc<Mutex<Vec<Row>>>,
    /// The digits after the point in the times that it sends.
    digits: usize,
    /// Whether it rounds the times that it sends. Otherwise it truncates them.
    rounds: bool,
    /// Whether rows with the same time come in another order in every other response.
    shuffles: bool,
    /// The maximum number of rows of a page, whatever the limit is.
    largest: usize,
}

impl Server {
    pub(crate) fn new(rows: impl IntoIterator<Item = Row>) -> Self {
        Self {
            rows: Arc::new(Mutex::new(rows.into_iter().collect())),
            digits: 3,
            rounds: false,
            shuffles: false,
            largest: 100,
        }
    }

    /// Sends the times of rows with this many digits after the point.
    fn digits(mut self, digits: usize) -> Self {
        self.digits = digits;
        self
    }

    /// The time that the server sends for a stored one.
    fn shown(&self, stored: i64) -> Timestamp {
        let unit = 10_i64.pow(6 - self.digits as u32);
        let rounded = if self.rounds {
            stored + unit / 2
        } else {
            stored
        };
        time(rounded.div_euclid(unit) * unit)
    }

    fn script(&self) -> Script {
        self.changing(|_, _| {})
    }

    /// Changes the rows before each response. `change` gets the number of earlier ones.
    fn changing(&self, change: impl Fn(usize, &mut Vec<Row>) + Send + Sync + 'static) -> Script {
        let server = self.clone();
        Script::new(move |request, earlier| {
            change(earlier, &mut server.rows.lock().unwrap());
            Reply::Json(200, server.page(request.url(), earlier))
        })
    }

    pub(crate) fn page(&self, url: &reqwest::Url, earlier: usize) -> Value {
        let cursor = parameter(url, "cursor").map(|cursor| cursor.parse::<Timestamp>().unwrap());
        let limit = parameter(url, "limit").map_or(25, |limit| limit.parse().unwrap());
        let mut rows = self.rows.lock().unwrap().clone();
        rows.retain(|(stored, _)| cursor.is_none_or(|cursor| time(*stored) < cursor));
        rows.sort_unstable_by_key(|(stored, number)| {
            let number = if self.shuffles && earlier % 2 == 1 {
                -number
            } else {
                *number
            };
            std::cmp::Reverse((*stored, number))
        });
        let has_more = rows.len() > limit.min(self.largest);
        rows.truncate(limit.min(self.largest));
        let data: Vec<Value> = rows.iter().map(|row| self.row(*row)).collect();
        let last = data.last().filter(|_| has_more);
        let next = last.map(|row| row["created_at"].clone());
        json!({ "object": "list", "data": data, "has_more": has_more, "next_cursor": next })
    }

    fn row(&self, (stored, number): Row) -> Value {
        let mut row = customer();
        row["id"] = json!(format!("c{number}"));
        row["display_id"] = json!(number);
        row["created_at"] = json!(format!("{:.*}", self.digits, self.shown(stored)));
        row
    }
}

fn time(microseconds: i64) -> Timestamp {
    let begin: Timestamp = BEGIN.parse().unwrap();
    begin + SignedDuration::from_micros(microseconds)
}

/// Rows that all have this time, numbered from `first`.
fn tied(microseconds: i64, first: i64, count: i64) -> impl Iterator<Item = Row> {
    (first..first + count).map(move |number| (microseconds, number))
}

fn customers(client: &Client, limit: u32) -> Rows<requests::ListCustomersRequest> {
    client.customers().list().limit(limit).stream()
}

/// The numbers of all rows, sorted, and the error that ended the stream.
async fn read(mut rows: Rows<requests::ListCustomersRequest>) -> (Vec<i64>, Option<Error>) {
    let mut numbers = Vec::new();
    let error = loop {
        match rows.try_next().await {
            Ok(Some(row)) => numbers.push(row.display_id),
            Ok(None) => break None,
            Err(error) => break Some(error),
        }
    };
    numbers.sort_unstable();
    (numbers, error)
}

/// The numbers of all rows, sorted. The stream must end without an error.
async fn read_all(rows: Rows<requests::ListCustomersRequest>) -> Vec<i64> {
    let (numbers, error) = read(rows).await;
    assert!(error.is_none(), "{error:?}");
    numbers
}

fn numbers(range: std::ops::Range<i64>) -> Vec<i64> {
    range.collect()
}

#[tokio::test]
async fn rows_that_share_the_time_of_the_last_row_of_a_page_are_not_skipped() {
    let rows = tied(0, 0, 4)
        .chain(tied(1_000, 4, 5))
        .chain(tied(2_000, 9, 2));
    let script = Server::new(rows).script();
    let pivotal = script.client();
    for limit in [1, 2, 3, 4, 7, 10, 11, 100] {
        let rows = customers(&pivotal, limit);
        assert_eq!(read_all(rows).await, numbers(0..11), "limit {limit}");
        let rows = customers(&pivotal, limit).prefetch(false);
        assert_eq!(read_all(rows).await, numbers(0..11), "limit {limit}");
    }
}

#[tokio::test]
async fn a_page_is_requested_from_one_unit_later_with_one_row_more() {
    let script = Server::new((0..6).map(|number| (number * 1_000, number))).script();
    read_all(customers(&script.client(), 2)).await;
    let cursors = [
        None,
        Some("2026-05-26T17:21:09.005Z"),
        Some("2026-05-26T17:21:09.003Z"),
    ];
    assert_eq!(
        script.parameter("cursor"),
        cursors.map(|cursor| cursor.map(str::to_owned))
    );
    let limits: Vec<_> = script.parameter("limit").into_iter().flatten().collect();
    assert_eq!(limits, ["2", "3", "3"]);

    // A page of the maximum size cannot be larger.
    let script = Server::new((0..250).map(|number| (number * 1_000, number))).script();
    let all = read_all(script.client().customers().list().stream()).await;
    assert_eq!(all, numbers(0..250));
    let limits: Vec<_> = script.parameter("limit").into_iter().flatten().collect();
    assert_eq!(limits, ["100"; 3]);
}

#[tokio::test]
async fn cursors_keep_the_format_of_the_server() {
    for (cursor, expected) in [
        ("2026-05-26T17:21:09Z", "2026-05-26T17:21:10Z"),
        ("2026-05-26T17:21:09.412Z", "2026-05-26T17:21:09.413Z"),
        ("2026-05-26T17:21:09.412300Z", "2026-05-26T17:21:09.412301Z"),
        (
            "2026-05-26T17:21:09.412345678Z",
            "2026-05-26T17:21:09.412345679Z",
        ),
        ("2026-05-26T23:59:59.999Z", "2026-05-27T00:00:00.000Z"),
        ("2026-12-31T23:59:59.9+02:00", "2027-01-01T00:00:00.0+02:00"),
        (
            "2026-05-26T17:21:09.412-00:00",
            "2026-05-26T17:21:09.413-00:00",
        ),
        ("2026-05-26T17:21:09.412z", "2026-05-26T17:21:09.413z"),
    ] {
        assert_eq!(second_cursor(cursor).await, expected);
    }
}

#[tokio::test]
async fn a_cursor_that_is_not_a_time_is_sent_back_unchanged() {
    for cursor in [
        "7",
        "cl9bn00of0000g7l8gcq8c4xk",
        "a b+c/d=%",
        "2026-05-26",
        "2026-05-26T17:21:09",
        "2026-05-26T17:21Z",
        "2026-13-26T17:21:09Z",
        "-009999-05-26T17:21:09Z",
        "9999-12-31T23:59:59.999Z",
        "2026-05-26T17:21:09.4123456789Z",
        "ääääääääääääääääääää",
    ] {
        assert_eq!(second_cursor(cursor).await, cursor);
    }
}

/// The cursor of the second request, after a first page with this `next_cursor`.
async fn second_cursor(next: &str) -> String {
    let next = next.to_owned();
    let script = Script::new(move |_, earlier| {
        let next = (earlier == 0).then_some(&next);
        let page = json!({
            "object": "list", "data": [], "has_more": next.is_some(), "next_cursor": next
        });
        Reply::Json(200, page)
    });
    read_all(customers(&script.client(), 2)).await;
    script.parameter("cursor")[1].clone().unwrap()
}

#[tokio::test]
async fn a_server_that_omits_trailing_zeros_returns_no_row_twice() {
    // The page at .41 and the one at .4 must not reach back a hundredth or a tenth of a second.
    let next = ["09.42Z", "09.415Z", "09.41Z", "09.405Z", "09.4Z", "09Z"];
    let script = Script::new(move |_, earlier| {
        let next = next
            .get(earlier)
            .map(|end| format!("2026-05-26T17:21:{end}"));
        let page = json!({
            "object": "list", "data": [], "has_more": next.is_some(), "next_cursor": next
        });
        Reply::Json(200, page)
    });
    read_all(customers(&script.client(), 2)).await;
    let sent: Vec<_> = script.parameter("cursor").into_iter().flatten().collect();
    let expected = [
        "09.43Z", "09.416Z", "09.411Z", "09.406Z", "09.401Z", "09.001Z",
    ];
    assert_eq!(sent, expected.map(|end| format!("2026-05-26T17:21:{end}")));
}

#[tokio::test]
async fn the_server_may_store_finer_times_than_it_sends() {
    // Within one millisecond, and spread over the boundary of two.
    let rows: Vec<Row> = (0..12).map(|number| (number * 150, number)).collect();
    for rounds in [false, true] {
        for digits in [0, 3, 6] {
            let mut server = Server::new(rows.clone()).digits(digits);
            server.rounds = rounds;
            let pivotal = server.script().client();
            for limit in 1..=12 {
                let all = read_all(customers(&pivotal, limit)).await;
                assert_eq!(
                    all,
                    numbers(0..12),
                    "limit {limit}, {digits} digits, {rounds}"
                );
            }
        }
    }
}

#[tokio::test]
async fn rows_with_the_same_time_may_come_in_any_order() {
    let mut server = Server::new(tied(0, 0, 30).chain(tied(1_000, 30, 30)));
    server.shuffles = true;
    let pivotal = server.script().client();
    for limit in [1, 2, 7, 29] {
        assert_eq!(read_all(customers(&pivotal, limit)).await, numbers(0..60));
    }
}

#[tokio::test]
async fn rows_may_be_added_between_pages() {
    // A newer row, one at the time of the boundary, and an older one.
    let server = Server::new((0..6).map(|number| (number * 1_000, number)));
    let script = server.changing(|earlier, rows| {
        if earlier == 1 {
            rows.extend([(9_000, 100), (4_000, 101), (500, 102)]);
        }
    });
    let all = read_all(customers(&script.client(), 2)).await;
    assert_eq!(all, [0, 1, 2, 3, 4, 5, 101, 102]);
}

#[tokio::test]
async fn rows_may_be_added_just_below_the_boundary_of_a_server_that_rounds() {
    // The first page ends at 2940, sent as 2900. The added rows are sent as 3000, so that the cursor
    // of the second page is later than that of the first.
    let mut server = Server::new([(3_060, 0), (2_940, 1), (1_000, 2), (500, 3)]).digits(4);
    server.rounds = true;
    let script = server.changing(|earlier, rows| {
        if earlier == 1 {
            rows.extend([(2_990, 4), (2_980, 5), (2_970, 6), (2_960, 7)]);
        }
    });
    let all = read_all(customers(&script.client(), 2)).await;
    assert_eq!(all, numbers(0..8));
}

#[tokio::test]
async fn rows_may_be_deleted_between_pages() {
    let rows = || {
        tied(0, 0, 3)
            .chain(tied(1_000, 3, 3))
            .chain(tied(2_000, 6, 3))
    };
    // A page of four ends among the rows of the second time: all of these are deleted, or the last
    // row of the page, or the next one, or a row far from it.
    for (deleted, left) in [
        (3..6, vec![0, 1, 2, 5, 6, 7, 8]),
        (5..6, numbers(0..9)),
        (4..5, vec![0, 1, 2, 3, 5, 6, 7, 8]),
        (0..1, vec![1, 2, 3, 4, 5, 6, 7, 8]),
    ] {
        let script = Server::new(rows()).changing(move |earlier, rows| {
            if earlier == 1 {
                rows.retain(|(_, number)| !deleted.contains(number));
            }
        });
        assert_eq!(read_all(customers(&script.client(), 4)).await, left);
    }
}

#[tokio::test]
async fn pages_have_each_row_once() {
    let script = Server::new(tied(0, 0, 3).chain(tied(1_000, 3, 4))).script();
    let mut pages = script.client().customers().list().limit(3).pages();
    let mut seen = Vec::new();
    while let Some(page) = pages.try_next().await.unwrap() {
        let rows: Vec<i64> = page.data.iter().map(|row| row.display_id).collect();
        seen.push((rows, page.has_more));
    }
    assert_eq!(
        seen,
        [
            (vec![6, 5, 4], true),
            (vec![3, 2, 1], true),
            (vec![0], false),
        ]
    );
}

#[tokio::test]
async fn collecting_takes_no_row_twice() {
    let pivotal = Server::new(tied(0, 0, 99).chain(tied(1_000, 99, 99)))
        .script()
        .client();
    for rows in [1, 99, 100, 101, 198, 500] {
        let collected = pivotal
            .customers()
            .list()
            .collect_up_to(rows)
            .await
            .unwrap();
        let collected: BTreeSet<i64> = collected.iter().map(|row| row.display_id).collect();
        assert_eq!(collected.len(), rows.min(198));
    }
}

#[tokio::test]
async fn a_stream_from_the_cursor_of_any_page_misses_no_row() {
    let server = Server::new(
        tied(0, 0, 4)
            .chain(tied(1_000, 4, 4))
            .chain(tied(2_000, 8, 4)),
    );
    let pivotal = server.script().client();
    for limit in [1, 3, 4, 5] {
        let mut pages = pivotal.customers().list().limit(limit).pages();
        let mut seen = BTreeSet::new();
        while let Some(page) = pages.try_next().await.unwrap() {
            seen.extend(page.data.iter().map(|row| row.display_id));
            let Some(cursor) = page.next_cursor.clone() else {
                break;
            };
            assert_eq!(pages.cursor(), Some(&*cursor));
            let resumed = pivotal
                .customers()
                .list()
                .limit(limit)
                .cursor(cursor)
                .stream();
            let rest = read_all(resumed).await;
            let all: BTreeSet<i64> = rest.iter().copied().chain(seen.clone()).collect();
            assert_eq!(all, (0..12).collect(), "limit {limit}");
            // Only rows that share the time of the cursor come again.
            let time = |number: i64| number / 4;
            let last = *seen.first().unwrap();
            let again = rest.iter().filter(|number| seen.contains(number));
            assert!(again.into_iter().all(|number| time(*number) == time(last)));
        }
    }
}

#[tokio::test]
async fn a_row_position_and_the_cursor_of_an_error_miss_no_row() {
    let server = Server::new(tied(0, 0, 5).chain(tied(1_000, 5, 5)));
    let whole = server.script();
    let pivotal = whole.client();
    for taken in 0..10 {
        let mut rows = customers(&pivotal, 3);
        let mut seen = BTreeSet::new();
        for _ in 0..taken {
            seen.insert(rows.try_next().await.unwrap().unwrap().display_id);
        }
        let mut rest = pivotal.customers().list().limit(3);
        if let Some(cursor) = rows.cursor() {
            rest = rest.cursor(cursor);
        }
        seen.extend(read_all(rest.stream()).await);
        assert_eq!(seen, (0..10).collect(), "after {taken} rows");
    }
    for failing in 1..3 {
        let whole = whole.clone();
        let script = Script::new(move |request, earlier| match earlier {
            _ if earlier == failing => Reply::Json(
                404,
                json!({ "error": { "type": "not_found", "message": "Gone." } }),
            ),
            _ => whole.respond(request, earlier),
        });
        let pivotal = script.client();
        let (mut seen, error) = read(customers(&pivotal, 3)).await;
        let error = error.unwrap();
        let from = pivotal
            .customers()
            .list()
            .limit(3)
            .cursor(error.resume_cursor().unwrap());
        seen.extend(read_all(from.stream()).await);
        assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), (0..10).collect());
    }
}

#[tokio::test]
async fn a_server_that_ignores_the_cursor_is_an_error() {
    let newest = Server::new((0..9).map(|number| (number * 1_000, number)));
    let ignores = Script::new(move |_, earlier| {
        let url = "http://pivotal.test/?limit=3".parse().unwrap();
        Reply::Json(200, newest.page(&url, earlier))
    });
    let (rows, error) = read(customers(&ignores.client(), 3)).await;
    assert!(error.unwrap().is_code("unreachable_rows"));
    assert!(rows.len() < 9, "{rows:?}");

    let from = ignores
        .client()
        .customers()
        .list()
        .cursor("2026-05-26T00:00:00Z");
    let error = read(from.limit(3).stream()).await.1.unwrap();
    assert!(error.is_code("repeated_cursor"), "{error}");
    assert_eq!(error.resume_cursor(), Some("2026-05-26T00:00:00Z"));
}

#[tokio::test]
async fn a_short_page_without_a_new_row_is_requested_again_at_the_maximum() {
    // The server drops rows from a page after it has read as many as the limit says.
    let server = Server::new((0..10).map(|number| (number * 1_000, number)));
    let script = Script::new(move |request, earlier| {
        let mut page = server.page(request.url(), earlier);
        let rows = page["data"].as_array_mut().unwrap();
        rows.retain(|row| !(4..8).contains(&row["display_id"].as_i64().unwrap()));
        let last = rows.last().map(|row| row["created_at"].clone());
        if page["has_more"] == true {
            page["next_cursor"] = last.unwrap();
        }
        Reply::Json(200, page)
    });
    let all = read_all(customers(&script.client(), 2)).await;
    assert_eq!(all, [0, 1, 2, 3, 8, 9]);
    let limits: Vec<_> = script.parameter("limit").into_iter().flatten().collect();
    assert_eq!(limits, ["2", "3", "100"]);
}

/// A sandbox whose customers share their times: so many of each, a millisecond or more apart.
async fn sandbox(ties: &[usize]) -> (Sandbox, Client) {
    let sandbox = Sandbox::builder().frozen_at(time(0)).start().await.unwrap();
    let client = Client::builder()
        .base_url(sandbox.base_url())
        .api_key(sandbox.api_key())
        .build()
        .unwrap();
    fill(&sandbox, &client, ties).await;
    (sandbox, client)
}

async fn fill(sandbox: &Sandbox, client: &Client, ties: &[usize]) {
    for (step, tied) in ties.iter().enumerate() {
        for number in 0..*tied {
            let customer = CreateCustomer::new(format!("Customer {step}-{number}"));
            client.customers().create(customer).await.unwrap();
        }
        sandbox.advance_clock(std::time::Duration::from_millis(1 + step as u64 % 3));
    }
}

fn assert_unreachable(error: &Error) {
    assert_eq!(error.kind(), ErrorKind::Unexpected);
    assert!(error.is_code("unreachable_rows"), "{error}");
    assert_eq!(error.operation(), Some("list_customers"));
    assert!(!error.is_retryable());
    let cursor = error.resume_cursor().unwrap();
    let time: Timestamp = cursor.parse().unwrap();
    assert!(error.to_string().contains(&time.to_string()), "{error}");
}

#[tokio::test]
async fn a_list_of_293_customers_with_one_time_does_not_end_as_if_it_were_complete() {
    let (_sandbox, pivotal) = sandbox(&[293]).await;
    for limit in [1, 50, 100] {
        let (rows, error) = read(customers(&pivotal, limit)).await;
        assert_unreachable(&error.unwrap());
        assert_eq!(rows.len(), 100, "limit {limit}");
    }
    let mut pages = pivotal.customers().list().pages();
    pages.try_next().await.unwrap().unwrap();
    assert_eq!(pages.try_next().await.unwrap().unwrap().data.len(), 0);
    assert_unreachable(&pages.try_next().await.unwrap_err());
    assert!(pages.try_next().await.unwrap().is_none());

    let list = || pivotal.customers().list();
    assert_eq!(list().collect_up_to(100).await.unwrap().len(), 100);
    assert_unreachable(&list().collect_up_to(101).await.unwrap_err());
}

#[tokio::test]
async fn as_many_customers_as_a_page_holds_may_share_their_time() {
    let (_sandbox, pivotal) = sandbox(&[100]).await;
    for limit in [1, 7, 99, 100] {
        assert_eq!(read_all(customers(&pivotal, limit)).await, numbers(1..101));
    }
}

#[cfg(feature = "blocking")]
#[test]
fn blocking_iterators_lose_no_row() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let (_sandbox, pivotal) = runtime.block_on(sandbox(&[30, 101]));
    let mut rows = pivotal.customers().list().limit(20).stream().blocking();
    let read: Vec<Customer> = rows.by_ref().map_while(Result::ok).collect();
    assert_eq!(read.len(), 100, "the error ends the iterator");
    assert!(rows.next().is_none());

    let (_sandbox, pivotal) = runtime.block_on(sandbox(&[30, 40]));
    let pages = pivotal.customers().list().limit(20).pages().blocking();
    let read: usize = pages.map(|page| page.unwrap().data.len()).sum();
    assert_eq!(read, 70);
}

/// The same cases on every run.
fn reproducible(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(7),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Sizes of ties: mostly small, some as large as a page or larger.
fn ties() -> impl Strategy<Value = Vec<usize>> {
    let tie = prop_oneof![6 => 1..4_usize, 2 => 4..60_usize, 1 => 90..110_usize];
    prop::collection::vec(tie, 0..6)
}

#[test]
fn every_row_of_the_sandbox_is_read_once_whatever_its_clock_does() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (sandbox, pivotal) = runtime.block_on(sandbox(&[]));
    let limits = prop_oneof![Just(1), 2..30_u32, Just(99), Just(100)];
    let cases = reproducible(16);
    proptest!(cases, |(ties in ties(), limit in limits, prefetch: bool)| {
        let (rows, error) = runtime.block_on(async {
            sandbox.reset();
            fill(&sandbox, &pivotal, &ties).await;
            read(customers(&pivotal, limit).prefetch(prefetch)).await
        });
        let total = ties.iter().sum::<usize>() as i64;
        // The oldest rows may fill a page: no row follows them.
        let fills_pages = |(step, tied): (usize, &usize)| *tied >= 100 + usize::from(step == 0);
        if ties.iter().enumerate().any(fills_pages) {
            assert_unreachable(&error.unwrap());
            let distinct: BTreeSet<_> = rows.iter().collect();
            prop_assert_eq!(distinct.len(), rows.len(), "a row came twice");
        } else {
            prop_assert!(error.is_none(), "{:?}", error);
            prop_assert_eq!(rows, (1..=total).collect::<Vec<_>>());
        }
    });
}

/// What happens before a response: rows that are added and numbers of rows that are deleted.
type Change = (Vec<i64>, Vec<i64>);

#[test]
fn every_row_that_exists_throughout_is_read_once_whatever_else_happens() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let times = || prop::collection::vec(0..4_000_i64, 0..40);
    let changes = prop::collection::vec((times(), prop::collection::vec(0..40_i64, 0..4)), 0..6);
    let server = (0..4_usize, any::<bool>(), any::<bool>(), 1..30_usize);
    let cases = reproducible(96);
    proptest!(cases, |(
        times in times(), changes in changes, server in server, limit in 1..=100_u32, coarse: bool,
    )| {
        let stored = |time: i64| if coarse { time / 500 * 500 } else { time };
        let rows = times.into_iter().zip(0..).map(|(time, number)| (stored(time), number));
        let first: Vec<Row> = rows.collect();
        let (digits, rounds, shuffles, largest) = server;
        let server = Server { digits: digits.min(3) * 2, rounds, shuffles, largest, ..Server::new(first.clone()) };
        let deleted: BTreeSet<i64> = changes.iter().flat_map(|(_, deleted)| deleted.clone()).collect();
        let added: Vec<Row> = changes
            .iter()
            .flat_map(|(added, _)| added.iter().map(|time| stored(*time)))
            .zip(1_000..)
            .collect();
        let script = changing_by(&server, changes, added.clone());
        let (rows, error) = runtime.block_on(read(customers(&script.client(), limit)));

        let distinct: BTreeSet<i64> = rows.iter().copied().collect();
        prop_assert_eq!(distinct.len(), rows.len(), "a row came twice");
        match error {
            None => {
                for (_, number) in first {
                    let is_read = distinct.contains(&number) || deleted.contains(&number);
                    prop_assert!(is_read, "row {} is missing", number);
                }
            }
            Some(error) => {
                // Only where the rows of one time, as it is sent, fill a page.
                assert_unreachable(&error);
                let time: Timestamp = error.resume_cursor().unwrap().parse().unwrap();
                let unit = SignedDuration::from_micros(10_i64.pow(6 - server.digits as u32));
                let near = first.iter().chain(&added).filter(|(stored, _)| {
                    let shown = server.shown(*stored);
                    shown == time || shown == time + unit
                });
                prop_assert!(near.count() >= largest, "{}", error);
            }
        }
    });
}

/// Makes one change before each response but the first.
fn changing_by(server: &Server, changes: Vec<Change>, added: Vec<Row>) -> Script {
    server.changing(move |earlier, rows| {
        let Some(change) = earlier.checked_sub(1) else {
            return;
        };
        let Some((new, deleted)) = changes.get(change) else {
            return;
        };
        rows.retain(|(_, number)| !deleted.contains(number));
        let before: usize = changes[..change].iter().map(|(new, _)| new.len()).sum();
        rows.extend(&added[before..before + new.len()]);
    })
}
