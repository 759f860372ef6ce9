//! Lists over all of their pages.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use pivotal_sdk::stream::{Pages, Rows};
use pivotal_sdk::{
    Call, Client, CreateCustomer, ErrorKind, Paged, Stream, requests,
    transport::{Exchange, RequestLine},
};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::responses::{customer, onboarding};
use crate::sandbox::sandbox;
use crate::script::{Reply, Script, parameter};

/// A page of rows with these names; their times are one second apart.
fn page(numbers: std::ops::Range<usize>, next: Option<&str>) -> Value {
    let rows: Vec<Value> = numbers.map(row).collect();
    json!({ "object": "list", "data": rows, "has_more": next.is_some(), "next_cursor": next })
}

/// The row of this number: fits every list.
fn row(number: usize) -> Value {
    let mut row = customer();
    for (key, value) in onboarding().as_object().unwrap() {
        row[key] = value.clone();
    }
    row["email"] = json!("mira@a.test");
    row["is_primary"] = json!(false);
    row["labels"] = json!([]);
    row["id"] = json!(format!("c{number}"));
    row["display_id"] = json!(number);
    let second = 86_400 - number;
    row["created_at"] = json!(format!(
        "2026-05-26T{:02}:{:02}:{:02}Z",
        second / 3600 % 24,
        second / 60 % 60,
        second % 60
    ));
    row
}

/// Pages by their cursor: `total` rows, `size` in a page.
fn paged(total: usize, size: usize) -> Script {
    Script::new(move |request, _| {
        let begin = parameter(request.url(), "cursor").map_or(0, |cursor| cursor.parse().unwrap());
        let end = total.min(begin + size);
        let next = (end < total).then(|| end.to_string());
        Reply::Json(200, page(begin..end, next.as_deref()))
    })
}

/// The `display_id`s of all rows.
async fn numbers<O: Paged>(
    mut rows: Rows<O>,
    number: fn(&pivotal_sdk::stream::RowOf<O>) -> i64,
) -> Vec<i64> {
    let mut numbers = Vec::new();
    while let Some(row) = rows.try_next().await.unwrap() {
        numbers.push(number(&row));
    }
    numbers
}

fn customers(client: &Client) -> Rows<requests::ListCustomersRequest> {
    client.customers().list().stream()
}

/// Lets tasks run that are ready to.
async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn every_paged_list_is_a_stream_of_all_of_its_rows() {
    let all: Vec<i64> = (0..7).collect();
    let script = paged(7, 3);
    let pivotal = script.client();
    let lists = [
        numbers(pivotal.customers().list().stream(), |row| row.display_id).await,
        numbers(pivotal.customer(1).contacts().list().stream(), |row| {
            row.display_id
        })
        .await,
        numbers(pivotal.onboardings().list().stream(), |row| row.display_id).await,
    ];
    for list in lists {
        assert_eq!(list, all);
    }
    assert_eq!(script.count(), 9);
}

#[tokio::test]
async fn a_stream_reads_the_sandbox_to_its_end() {
    let (_sandbox, pivotal) = sandbox().await;
    for number in 0..11 {
        let body = CreateCustomer::new(format!("Customer {number}"));
        pivotal.customers().create(body).await.unwrap();
    }
    let mut rows = pivotal.customers().list().limit(4).stream();
    let mut names = Vec::new();
    while let Some(customer) = rows.try_next().await.unwrap() {
        names.push(customer.name);
    }
    let newest_first: Vec<_> = (0..11).rev().map(|n| format!("Customer {n}")).collect();
    assert_eq!(names, newest_first);
}

#[tokio::test]
async fn never_a_stream_that_ends_at_an_empty_page() {
    let script = Script::new(|_, earlier| {
        Reply::Json(
            200,
            match earlier {
                0 => page(0..2, Some("a")),
                1 => page(0..0, Some("b")),
                2 => page(0..0, Some("c")),
                _ => page(2..3, None),
            },
        )
    });
    let rows = customers(&script.client());
    assert_eq!(numbers(rows, |row| row.display_id).await, [0, 1, 2]);
    let cursors = script.parameter("cursor");
    let expected = [None, Some("a"), Some("b"), Some("c")];
    assert_eq!(cursors, expected.map(|cursor| cursor.map(str::to_owned)));
}

#[tokio::test]
async fn never_a_stream_that_fetches_one_page_for_ever_after_an_error() {
    for broken in [
        Reply::Json(
            404,
            json!({ "error": { "type": "not_found", "message": "Gone." } }),
        ),
        Reply::Json(200, json!({ "object": "list", "data": 5 })),
    ] {
        let script = Script::new(move |_, earlier| match earlier {
            0 => Reply::Json(200, page(0..2, Some("a"))),
            _ => broken.clone(),
        });
        let mut rows = customers(&script.client());
        assert_eq!(rows.try_next().await.unwrap().unwrap().display_id, 0);
        assert_eq!(rows.try_next().await.unwrap().unwrap().display_id, 1);
        rows.try_next().await.unwrap_err();
        for _ in 0..5 {
            assert!(rows.try_next().await.unwrap().is_none());
        }
        assert_eq!(script.count(), 2);
    }
}

#[tokio::test]
async fn never_a_stream_that_cannot_be_resumed() {
    let broken = Arc::new(Mutex::new(true));
    let script = {
        let broken = Arc::clone(&broken);
        let whole = paged(9, 3);
        Script::new(move |request, earlier| {
            let third = parameter(request.url(), "cursor").as_deref() == Some("6");
            if third && *broken.lock().unwrap() {
                return Reply::Json(
                    401,
                    json!({ "error": { "type": "authentication_error", "message": "Revoked." } }),
                );
            }
            whole.respond(request, earlier)
        })
    };
    let pivotal = script.client();
    let mut rows = customers(&pivotal);
    let mut seen = Vec::new();
    let error = loop {
        match rows.try_next().await {
            Ok(row) => seen.push(row.unwrap().display_id),
            Err(error) => break error,
        }
    };
    assert!(error.is_authentication());
    assert_eq!(error.resume_cursor(), Some("6"));

    *broken.lock().unwrap() = false;
    let resumed = pivotal
        .customers()
        .list()
        .cursor(error.resume_cursor().unwrap());
    seen.extend(numbers(resumed.stream(), |row| row.display_id).await);
    assert_eq!(
        seen,
        (0..9).collect::<Vec<_>>(),
        "none is missing, none doubled"
    );
}

#[tokio::test]
async fn a_stream_that_fails_at_once_resumes_where_it_began() {
    let not_found = json!({ "error": { "type": "not_found", "message": "Gone." } });
    let script = Script::new(move |_, _| Reply::Json(404, not_found.clone()));
    let pivotal = script.client();
    let error = customers(&pivotal).try_next().await.unwrap_err();
    assert_eq!(error.resume_cursor(), None);
    let mut from = pivotal.customers().list().cursor("7").stream();
    assert_eq!(
        from.try_next().await.unwrap_err().resume_cursor(),
        Some("7")
    );
}

#[tokio::test]
async fn a_repeated_cursor_is_an_error_and_no_row_comes_twice() {
    for (cursors, expected) in [
        (&["a", "a"][..], 4),
        (&["a", "b", "a"][..], 6),
        (&["a", "b", "c", "d", "b"][..], 10),
    ] {
        let cursors: Vec<_> = cursors.iter().map(|c| (*c).to_owned()).collect();
        let last = cursors[cursors.len() - 2].clone();
        let script = Script::new(move |_, earlier| {
            let rows = earlier * 2..earlier * 2 + 2;
            Reply::Json(200, page(rows, Some(&cursors[earlier])))
        });
        let mut rows = customers(&script.client());
        for number in 0..expected {
            assert_eq!(rows.try_next().await.unwrap().unwrap().display_id, number);
        }
        let error = rows.try_next().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unexpected);
        assert!(error.is_code("repeated_cursor"), "{error}");
        assert_eq!(error.operation(), Some("list_customers"));
        assert_eq!(
            error.resume_cursor(),
            Some(&*last),
            "the page that leads back"
        );
        assert!(rows.try_next().await.unwrap().is_none());
    }
}

#[tokio::test]
async fn the_cursor_that_a_stream_began_at_must_not_come_back() {
    let script = Script::new(|_, _| Reply::Json(200, page(0..1, Some("7"))));
    let mut rows = script.client().customers().list().cursor("7").stream();
    rows.try_next().await.unwrap().unwrap();
    assert!(
        rows.try_next()
            .await
            .unwrap_err()
            .is_code("repeated_cursor")
    );
    assert_eq!(script.count(), 1);
}

#[tokio::test]
async fn a_list_that_goes_on_without_saying_where_is_an_error() {
    let mut nowhere = page(0..2, None);
    nowhere["has_more"] = json!(true);
    let script = Script::new(move |_, _| Reply::Json(200, nowhere.clone()));
    let mut rows = customers(&script.client());
    rows.try_next().await.unwrap().unwrap();
    rows.try_next().await.unwrap().unwrap();
    let error = rows.try_next().await.unwrap_err();
    assert!(
        error.is_unexpected() && error.is_code("missing_cursor"),
        "{error}"
    );
}

#[tokio::test]
async fn has_more_alone_says_that_a_list_ends() {
    let mut last = page(0..2, Some("a"));
    last["has_more"] = json!(false);
    let script = Script::new(move |_, _| Reply::Json(200, last.clone()));
    let rows = customers(&script.client());
    assert_eq!(numbers(rows, |row| row.display_id).await, [0, 1]);
    assert_eq!(script.count(), 1);
}

#[tokio::test]
async fn nothing_is_fetched_before_the_first_row_is_asked_for() {
    let script = paged(9, 3);
    let rows = customers(&script.client());
    settle().await;
    assert_eq!(script.count(), 0);
    drop(rows);
}

#[tokio::test]
async fn one_page_is_fetched_ahead_and_no_more() {
    let script = paged(9, 3);
    let mut rows = customers(&script.client());
    for (taken, fetched) in [
        (1, 2),
        (2, 2),
        (3, 2),
        (4, 3),
        (5, 3),
        (6, 3),
        (7, 3),
        (8, 3),
    ] {
        rows.try_next().await.unwrap().unwrap();
        settle().await;
        assert_eq!(script.count(), fetched, "after {taken} rows");
    }
    let mut pages = script.client().customers().list().pages();
    pages.try_next().await.unwrap().unwrap();
    settle().await;
    assert_eq!(script.count(), 3 + 2);
}

#[tokio::test]
async fn without_prefetch_a_page_is_fetched_when_it_is_needed() {
    let script = paged(6, 3);
    let mut rows = customers(&script.client()).prefetch(false);
    for fetched in [1, 1, 1, 2, 2, 2] {
        rows.try_next().await.unwrap().unwrap();
        settle().await;
        assert_eq!(script.count(), fetched);
    }
}

#[tokio::test(start_paused = true)]
async fn the_next_page_comes_while_rows_are_dealt_with() {
    let delay = Duration::from_secs(1);
    let took = async |prefetch| {
        let script = paged(40, 10).after(delay);
        let mut rows = customers(&script.client()).prefetch(prefetch);
        let started = tokio::time::Instant::now();
        while rows.try_next().await.unwrap().is_some() {
            tokio::time::sleep(delay / 10).await;
        }
        started.elapsed()
    };
    assert_eq!(
        took(false).await,
        delay * 8,
        "a page, its rows, a page, its rows, …"
    );
    assert_eq!(took(true).await, delay * 5, "a page, then the rows alone");
}

#[tokio::test]
async fn dropping_a_stream_cancels_what_is_on_its_way() {
    // The first page, then one that is fetched ahead.
    for silent in [0, 1] {
        let script = Script::new(move |_, earlier| match earlier {
            _ if earlier == silent => Reply::Silence,
            _ => Reply::Json(200, page(0..3, Some("a"))),
        });
        let alive = Arc::new(());
        let guard = Arc::clone(&alive);
        let observer = move |_: &RequestLine, _: &Exchange| drop(Arc::clone(&guard));
        let pivotal = script
            .builder()
            .observer(Arc::new(observer))
            .build()
            .unwrap();
        let mut pages = pivotal.customers().list().pages();
        for _ in 0..=silent {
            let _ = tokio::time::timeout(Duration::from_millis(20), pages.try_next()).await;
        }
        assert_eq!(script.count(), silent + 1);
        drop((pages, pivotal));
        settle().await;
        assert_eq!(
            Arc::strong_count(&alive),
            1,
            "no task holds the client any more"
        );
    }
}

#[tokio::test]
async fn a_cancelled_next_loses_no_row() {
    let script = paged(4, 2).after(Duration::from_millis(30));
    let mut rows = customers(&script.client());
    let mut seen = Vec::new();
    loop {
        match tokio::time::timeout(Duration::from_millis(7), rows.try_next()).await {
            Err(_) => {}
            Ok(row) => match row.unwrap() {
                Some(row) => seen.push(row.display_id),
                None => break,
            },
        }
    }
    assert_eq!(seen, [0, 1, 2, 3]);
    assert_eq!(script.count(), 2);
}

#[tokio::test]
async fn a_position_resumes_without_missing_a_row() {
    let script = paged(7, 3);
    let pivotal = script.client();
    for taken in 0..=7 {
        let mut rows = customers(&pivotal);
        for _ in 0..taken {
            rows.try_next().await.unwrap().unwrap();
        }
        let mut rest = pivotal.customers().list();
        if let Some(cursor) = rows.cursor() {
            rest = rest.cursor(cursor);
        }
        let rest = numbers(rest.stream(), |row| row.display_id).await;
        let taken = i64::from(taken);
        let begins = match taken {
            7 => 0, // nothing is left, so that there is no position
            _ => taken / 3 * 3,
        };
        assert_eq!(rest, (begins..7).collect::<Vec<_>>(), "after {taken}");
    }
}

#[tokio::test]
async fn pages_come_whole_with_what_came_with_them() {
    let script = paged(5, 2);
    let mut pages = script.client().customers().list().status("active").pages();
    let mut sizes = Vec::new();
    while let Some(page) = pages.try_next().await.unwrap() {
        assert_eq!(page.meta.status(), 200);
        assert_eq!(
            page.pointer("/data/0/display_id"),
            Some(json!(page.data[0].display_id))
        );
        sizes.push((page.data.len(), page.has_more));
    }
    assert_eq!(sizes, [(2, true), (2, true), (1, false)]);
    assert_eq!(
        script.parameter("status"),
        vec![Some("active".to_owned()); 3],
        "filters stay on every page"
    );
}

#[tokio::test]
async fn streams_fetch_the_largest_page_by_default() {
    let script = paged(1, 1);
    let pivotal = script.client();
    numbers(customers(&pivotal), |row| row.display_id).await;
    numbers(pivotal.customers().list().limit(7).stream(), |row| {
        row.display_id
    })
    .await;
    pivotal.customers().list().collect_up_to(3).await.unwrap();
    pivotal.customers().list().collect_up_to(500).await.unwrap();
    let limits = script.parameter("limit").into_iter().map(Option::unwrap);
    assert_eq!(limits.collect::<Vec<_>>(), ["100", "7", "3", "100"]);
}

#[tokio::test]
async fn collecting_takes_no_more_rows_and_no_more_requests_than_asked_for() {
    for (rows, requests) in [
        (0, 0),
        (1, 1),
        (3, 1),
        (4, 2),
        (6, 2),
        (7, 3),
        (9, 3),
        (20, 3),
    ] {
        let script = paged(9, 3);
        let collected = script
            .client()
            .customers()
            .list()
            .limit(3)
            .collect_up_to(rows)
            .await;
        assert_eq!(collected.unwrap().len(), rows.min(9));
        settle().await;
        assert_eq!(script.count(), requests, "{rows} rows");
    }
}

#[tokio::test]
async fn never_collect_without_a_bound() {
    // A list without end: every page names another. That there is no `collect` is a doc test.
    let script = Script::new(|_, earlier| {
        let first = earlier * 100;
        Reply::Json(
            200,
            page(first..first + 100, Some(&format!("after {first}"))),
        )
    });
    let newest = script.client().customers().list().collect_up_to(250);
    assert_eq!(newest.await.unwrap().len(), 250);
    settle().await;
    assert_eq!(script.count(), 3);
}

#[tokio::test]
async fn what_is_refused_is_refused_once_and_nothing_is_sent() {
    let script = paged(9, 3);
    let pivotal = script.client();
    for mut rows in [
        pivotal.customers().list().limit(0).stream(),
        pivotal.customers().list().limit(101).stream(),
    ] {
        let error = rows.try_next().await.unwrap_err();
        assert!(error.is_invalid_request(), "{error}");
        assert!(rows.try_next().await.unwrap().is_none());
    }
    assert_eq!(script.count(), 0);
}

#[test]
fn streams_are_named_and_move_between_threads() {
    fn assert<T: Stream + Send + Unpin + 'static>() {}
    assert::<Rows<requests::ListCustomersRequest>>();
    assert::<Pages<requests::ListCustomersRequest>>();
    assert::<Rows<requests::ListOnboardingsRequest>>();
    assert::<Rows<requests::ListCustomerContactsRequest>>();

    fn generic<O: Paged>(call: Call<O>) -> impl Stream {
        call.stream()
    }
    let script = paged(1, 1);
    drop(generic(script.client().customers().list()));
}

/// A page with these rows, after which more follow.
fn page_before(cursor: &str, rows: &Value) -> Reply {
    let page = json!({ "object": "list", "data": rows, "has_more": true, "next_cursor": cursor });
    Reply::Json(200, page)
}

#[tokio::test]
async fn empty_pages_without_end_are_an_error() {
    let opaque: fn(usize) -> String = |earlier| format!("page-{earlier}");
    let times: fn(usize) -> String =
        |earlier| format!("2026-05-26T17:00:00.{:06}Z", 999_999 - earlier);
    for cursor in [opaque, times] {
        for way in ["stream", "pages", "collect"] {
            let script = Script::new(move |_, earlier| page_before(&cursor(earlier), &json!([])));
            let list = script.client().customers().list();
            let error = match way {
                "stream" => list.stream().prefetch(false).try_next().await.unwrap_err(),
                "pages" => {
                    let mut pages = list.pages().prefetch(false);
                    loop {
                        match pages.try_next().await {
                            Ok(page) => assert!(page.unwrap().data.is_empty()),
                            Err(error) => break error,
                        }
                    }
                }
                _ => list.collect_up_to(10).await.unwrap_err(),
            };
            assert!(
                error.is_unexpected() && error.is_code("no_progress"),
                "{error}"
            );
            assert_eq!(error.resume_cursor(), Some(cursor(999).as_str()));
            assert_eq!(script.count(), 1_000, "{way}");
        }
    }
}

#[tokio::test]
async fn some_empty_pages_are_none() {
    let script = Script::new(|_, earlier| match earlier {
        999 => page_before("page-999", &json!([customer()])),
        1_999 => Reply::Json(200, page(0..0, None)),
        _ => page_before(&format!("page-{earlier}"), &json!([])),
    });
    let mut rows = script.client().customers().list().stream();
    assert!(rows.try_next().await.unwrap().is_some());
    assert!(rows.try_next().await.unwrap().is_none());
    assert_eq!(script.count(), 2_000);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_covers_the_whole_stream() {
    // A list without end: each page has a row and takes a second.
    let script = Script::new(|_, earlier| {
        let mut row = customer();
        row["id"] = json!(format!("row-{earlier}"));
        page_before(&format!("page-{earlier}"), &json!([row]))
    });
    let script = script.after(Duration::from_secs(1));
    let list = || {
        script
            .client()
            .customers()
            .list()
            .deadline(Duration::from_millis(10_500))
    };

    let start = Instant::now();
    let error = list().collect_up_to(usize::MAX).await.unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert_eq!(error.resume_cursor(), Some("page-9"));
    assert_eq!(start.elapsed(), Duration::from_millis(10_500));

    // The time in which rows are processed counts.
    let mut rows = list().stream().prefetch(false);
    assert!(rows.try_next().await.unwrap().is_some());
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert!(rows.try_next().await.unwrap_err().is_timeout());
}
