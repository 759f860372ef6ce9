//! The same calls from programs that are not async.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::Duration;

use pivotal_sdk::{Client, CreateCustomer, RetryPolicy, blocking};
use serde_json::json;

use crate::responses::customer;
use crate::sandbox::Watched;
use crate::script::{Reply, Script};

/// A sandbox that lives on a runtime of its own.
fn sandbox() -> (tokio::runtime::Runtime, Watched, Client) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let (sandbox, client) = runtime.block_on(crate::sandbox::sandbox());
    (runtime, sandbox, client)
}

#[test]
fn calls_streams_and_recipes_work_without_async() {
    let (_runtime, _sandbox, pivotal) = sandbox();
    for number in 0..5 {
        let body = CreateCustomer::new(format!("Customer {number}")).slug(format!("c-{number}"));
        let created = pivotal.customers().create(body).send_blocking().unwrap();
        let fetched = pivotal
            .customer(&created)
            .get()
            .with_meta_blocking()
            .unwrap();
        assert_eq!(
            (fetched.id.as_str(), fetched.meta.attempts()),
            (&*created.id, 1)
        );
    }
    let rows = pivotal.customers().list().limit(2).stream().blocking();
    let names: Vec<_> = rows.map(|customer| customer.unwrap().name).collect();
    assert_eq!(names.len(), 5);
    let pages = pivotal.customers().list().limit(2).pages().blocking();
    let sizes: Vec<_> = pages.map(|page| page.unwrap().data.len()).collect();
    assert_eq!(sizes, [2, 2, 1]);

    let found = blocking::run(pivotal.customers().find_by_slug("c-3")).unwrap();
    assert_eq!(found.unwrap().name, "Customer 3");
    let some = blocking::run(pivotal.customers().list().collect_up_to(3)).unwrap();
    assert_eq!(some.len(), 3);
}

#[test]
fn errors_and_repetitions_are_the_same() {
    let script = Script::new(|_, earlier| match earlier {
        0 => Reply::Json(503, json!({})),
        1 => Reply::Json(200, customer()),
        _ => Reply::Json(
            404,
            json!({ "error": { "type": "not_found", "message": "No." } }),
        ),
    });
    let quick = RetryPolicy::default().backoff(Duration::from_millis(1), Duration::from_millis(1));
    let pivotal = script.builder().retry(quick).build().unwrap();
    let response = pivotal.customer(1).get().with_meta_blocking().unwrap();
    assert_eq!(response.meta.attempts(), 2);
    assert!(
        pivotal
            .customer(1)
            .get()
            .send_blocking()
            .unwrap_err()
            .is_not_found()
    );

    let mut rows = pivotal.customers().list().cursor("7").stream().blocking();
    let error = rows.next().unwrap().unwrap_err();
    assert_eq!(error.resume_cursor(), Some("7"));
    assert!(rows.next().is_none());
}

#[test]
fn many_threads_share_a_client() {
    let (_runtime, _sandbox, pivotal) = sandbox();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..5 {
                    pivotal.me().send_blocking().unwrap();
                }
            });
        }
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_async_code_a_blocking_call_panics_at_once_unless_the_thread_may_block() {
    let (sandbox, pivotal) = crate::sandbox::sandbox().await;
    let waiting = pivotal.clone();
    let me = tokio::task::spawn_blocking(move || waiting.me().send_blocking());
    me.await.unwrap().unwrap();
    tokio::task::block_in_place(|| pivotal.me().send_blocking()).unwrap();

    let sent = sandbox.requests().len();
    let calls: [fn(&Client); 3] = [
        |pivotal| drop(pivotal.me().send_blocking()),
        |pivotal| drop(pivotal.me().with_meta_blocking()),
        |pivotal| drop(pivotal.customers().list().stream().blocking().next()),
    ];
    for call in calls {
        let called = catch_unwind(AssertUnwindSafe(|| call(&pivotal)));
        let message = called.unwrap_err().downcast::<&str>().unwrap();
        assert!(message.contains("Cannot start a runtime"), "{message}");
    }
    assert_eq!(sandbox.requests().len(), sent);
}
