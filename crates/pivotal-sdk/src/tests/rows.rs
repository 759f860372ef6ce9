//! The memory of a stream of rows.

use std::ptr;

use pivotal_sandbox::Sandbox;

use crate::Client;

#[tokio::test]
async fn never_a_stream_that_costs_the_square_of_the_page() {
    let sandbox = Sandbox::builder().seed(7).start().await.unwrap();
    let pivotal = Client::builder()
        .base_url(sandbox.base_url())
        .api_key(sandbox.api_key())
        .build()
        .unwrap();
    let mut rows = pivotal.customers().list().stream();
    rows.try_next().await.unwrap().unwrap();

    // Taking a row does not move the rows that remain in its page.
    let left = rows.page.len();
    let last: *const _ = rows.page.as_slice().last().unwrap();
    for taken in 1..left {
        rows.try_next().await.unwrap().unwrap();
        let at_hand = rows.page.as_slice();
        assert_eq!(at_hand.len(), left - taken);
        assert!(ptr::eq(last, at_hand.last().unwrap()));
    }
    assert!(left > 40, "{left}");
}
