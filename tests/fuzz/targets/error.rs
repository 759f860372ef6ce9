//! Any response to a read and to a create is a success, or an error that is bounded and shows neither the
//! key nor a control character when it is printed.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pivotal_fuzz::{assert_harmless, block_on, client, response};
use pivotal_sdk::{CreateCustomer, RateLimiting, RetryPolicy};

fuzz_target!(|data: &[u8]| {
    let Some(response) = response(data) else {
        return;
    };
    let status = response.status();
    let pivotal = client(vec![response])
        .retry(RetryPolicy::off())
        .rate_limiting(RateLimiting::off());
    let pivotal = pivotal.build().expect("the settings are valid");
    let read = block_on(pivotal.customer(1).get().send()).map(drop);
    let list = block_on(pivotal.customers().list().stream().try_next()).map(drop);
    let create = pivotal.customers().create(CreateCustomer::new("Aurora"));
    let created = block_on(create.idempotency_key("aurora-1").send()).map(drop);
    for error in [read, list, created].into_iter().filter_map(Result::err) {
        assert_eq!(error.status(), Some(status));
        assert_eq!(error.attempts(), 1);
        assert_harmless(&error);
    }
});
