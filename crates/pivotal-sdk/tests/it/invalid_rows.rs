//! Rows that do not decode: which row and key it was, and how a list goes on after them.

use pivotal_sdk::stream::Results;
use pivotal_sdk::{Client, Error, ErrorKind, requests::ListCustomersRequest};
use serde_json::{Value, json};

use crate::lossless::Server;
use crate::responses::{customer, list};
use crate::script::{Reply, Script};

/// A server whose rows `spoil` changes before they are sent.
fn spoiled(server: &Server, spoil: fn(i64, &mut Value)) -> Script {
    let server = server.clone();
    Script::new(move |request, earlier| {
        let mut page = server.page(request.url(), earlier);
        for row in page["data"].as_array_mut().unwrap() {
            spoil(row["display_id"].as_i64().unwrap(), row);
        }
        Reply::Json(200, page)
    })
}

fn remove(row: &mut Value, key: &str) {
    row.as_object_mut().unwrap().remove(key).unwrap();
}

/// The numbers of the rows and of the invalid rows, each in order, and of all of them.
async fn read(mut results: Results<ListCustomersRequest>) -> Result<[Vec<i64>; 3], Error> {
    let (mut valid, mut invalid, mut all) = (Vec::new(), Vec::new(), Vec::new());
    while let Some(row) = results.try_next().await? {
        match row {
            Ok(row) => {
                valid.push(row.display_id);
                all.push(row.display_id);
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Decode);
                assert_eq!(error.operation(), Some("list_customers"));
                let number = error.row_id().unwrap().parse().unwrap();
                invalid.push(number);
                all.push(number);
            }
        }
    }
    assert_eq!(results.invalid(), invalid.len());
    Ok([valid, invalid, all])
}

#[tokio::test]
async fn the_error_of_a_list_names_the_row_and_the_missing_key() {
    let server = Server::new((0..5).map(|number| (number, number)));
    let script = spoiled(&server, |number, row| {
        if number == 2 {
            remove(row, "name");
        }
    });
    let pivotal = script.client();

    let mut rows = pivotal.customers().list().stream();
    let streamed = rows.try_next().await.unwrap_err();
    let awaited = pivotal.customers().list().await.unwrap_err();
    for error in [streamed, awaited] {
        assert_eq!(error.field(), Some("/data/2/name"));
        assert_eq!(error.row_id(), Some("2"));
        let shown = error.to_string();
        assert!(
            shown
                .starts_with("list_customers: invalid response body: missing field `name` at line"),
            "{shown}"
        );
        assert!(
            shown.ends_with("(status 200, field /data/2/name, row 2)"),
            "{shown}"
        );
    }
}

/// What a row may have that spoils it.
const SPOILS: [fn(i64, &mut Value); 6] = [
    |number, row| {
        if number % 3 == 0 {
            remove(row, "name");
        }
    },
    |number, row| {
        if number % 3 == 0 {
            row["mrr"] = json!(u64::MAX);
        }
    },
    // The creation time cannot be read.
    |number, row| {
        if number % 3 == 0 {
            row["created_at"] = json!("9999-12-31T23:59:59Z");
        }
    },
    // Nor can the ID.
    |number, row| {
        if number % 3 == 0 {
            row["id"] = json!({});
            row["created_at"] = json!(null);
        }
    },
    |_, row| remove(row, "status"),
    // All have the same ID, which is none.
    |_, row| {
        row["id"] = json!("");
        remove(row, "name");
    },
];

#[tokio::test]
async fn results_go_on_after_a_row_that_does_not_decode_and_return_each_row_once() {
    // Two rows share each time, so that a page may end between them.
    let server = Server::new((0..20).map(|number| (number / 2 * 1000, number)));
    let newest_first: Vec<i64> = (0..20).rev().collect();
    for (index, spoil) in SPOILS.into_iter().enumerate() {
        for limit in [3, 4, 7, 100] {
            let script = spoiled(&server, spoil);
            let list = script.client().customers().list().limit(limit);
            let [valid, invalid, all] = read(list.stream().results()).await.unwrap();
            assert_eq!(all, newest_first, "spoil {index}, limit {limit}");
            let is_spoiled = |number: &i64| index >= 4 || number % 3 == 0;
            assert!(invalid.iter().all(is_spoiled));
            assert!(!valid.iter().any(is_spoiled));
        }
    }
}

#[tokio::test]
async fn rows_with_an_empty_id_are_not_taken_for_one_another() {
    let server = Server::new((0..10).map(|number| (number * 1000, number)));
    let script = spoiled(&server, |_, row| row["id"] = json!(""));
    let list = script.client().customers().list().limit(3);
    let [valid, ..] = read(list.stream().results()).await.unwrap();
    assert_eq!(valid, [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
}

#[tokio::test]
async fn more_invalid_rows_of_one_time_than_a_page_holds_end_the_list_with_an_error() {
    let server = Server::new((0..150).map(|number| (0, number)).chain([(-1000, 999)]));
    let script = spoiled(&server, |_, row| remove(row, "name"));
    let results = script.client().customers().list().stream().results();
    let error = read(results).await.unwrap_err();
    assert!(error.is_code("unreachable_rows"), "{error}");
}

#[tokio::test]
async fn a_page_with_another_fault_still_ends_the_list() {
    let mut page = list(&[customer()]);
    page["has_more"] = json!("yes");
    for (page, field) in [(page, Some("/has_more")), (json!("x"), None)] {
        let script = Script::new(move |_, _| Reply::Json(200, page.clone()));
        let mut results = script.client().customers().list().stream().results();
        let error = results.try_next().await.unwrap_err();
        assert_eq!((error.kind(), error.field()), (ErrorKind::Decode, field));
        assert!(results.try_next().await.unwrap().is_none());
        assert_eq!(results.invalid(), 0);
    }
}

#[tokio::test]
async fn an_invalid_row_is_kept_with_its_error() {
    let mut row = customer();
    row["mrr"] = json!(["hunter2"]);
    let page = list(&[customer(), row.clone()]);
    let script = Script::new(move |_, _| Reply::Json(200, page.clone()));
    let mut results = script.client().customers().list().stream().results();
    assert!(results.try_next().await.unwrap().unwrap().is_ok());
    let error = results.try_next().await.unwrap().unwrap().unwrap_err();
    assert_eq!(
        error.to_string(),
        "list_customers: invalid response body: invalid type: sequence, expected i64 \
         (status 200, field /data/1/mrr, row 245)"
    );
    let kept: Value = serde_json::from_slice(error.raw_body()).unwrap();
    assert_eq!(kept, row);
}

#[tokio::test]
async fn results_that_begin_within_a_stream_read_the_pages_ahead_again() {
    let server = Server::new((0..6).map(|number| (number * 1000, number)));
    let script = spoiled(&server, |number, row| {
        if number == 1 {
            remove(row, "name");
        }
    });
    let mut rows = script.client().customers().list().limit(3).stream();
    rows.try_next().await.unwrap().unwrap();
    // The next page is being fetched by now.
    let [valid, invalid, _] = read(rows.results()).await.unwrap();
    assert_eq!((valid, invalid), (vec![4, 3, 2, 0], vec![1]));
}

#[tokio::test]
async fn unknown_keys_of_rows_and_pages_are_kept() {
    let mut row = customer();
    row["metadata"] = json!({ "tier": "gold" });
    let mut page = list(&[row]);
    page["total"] = json!(17);
    let script = Script::new(move |_, _| Reply::Json(200, page.clone()));
    let pivotal = script.client();

    let page = pivotal.customers().list().await.unwrap();
    assert_eq!(page.extra["total"], 17);
    assert_eq!(page.data[0].extra["metadata"]["tier"], "gold");
    let mut pages = pivotal.customers().list().pages();
    assert_eq!(pages.try_next().await.unwrap().unwrap().extra["total"], 17);
    let mut rows = pivotal.customers().list().stream();
    let row = rows.try_next().await.unwrap().unwrap();
    assert_eq!(row.extra.len(), 1);
    // They are written again, beside the known ones.
    let written = serde_json::to_value(&row).unwrap();
    assert_eq!(written["metadata"]["tier"], "gold");
    assert_eq!(written.get("extra"), None);
}

#[tokio::test]
async fn a_query_parameter_is_added_to_those_of_every_page() {
    let server = Server::new((0..5).map(|number| (number * 1000, number)));
    let script = spoiled(&server, |_, _| {});
    let pivotal: Client = script.client();
    let list = pivotal.customers().list().status("active").limit(2);
    let list = list.query("sort", "name & größe").query("depth", 2);
    let [valid, ..] = read(list.stream().results()).await.unwrap();
    assert_eq!(valid, [4, 3, 2, 1, 0]);
    let requests = script.count();
    assert!(requests > 1);
    for (name, value) in [
        ("sort", "name & größe"),
        ("depth", "2"),
        ("status", "active"),
    ] {
        let sent = vec![Some(value.to_owned()); requests];
        assert_eq!(script.parameter(name), sent);
    }
}
