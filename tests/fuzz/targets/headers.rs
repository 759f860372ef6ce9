//! Whatever the headers of responses say about rate limits and retries, a call ends within a bounded
//! time, and a `Retry-After` in seconds is read as it is written. Several responses are separated by
//! a line `---`.

#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use pivotal_fuzz::{assert_harmless, block_on, client, response};
use pivotal_sdk::RateLimit;
use tokio::time::Instant;

/// Four attempts, each of which waits for a `Retry-After` of at most a minute and for a window of a
/// minute.
const LONGEST: Duration = Duration::from_secs(4 * 125);

fuzz_target!(|text: &str| {
    let responses = text.split("\n---\n").map(|text| response(text.as_bytes()));
    let Some(responses) = responses.collect::<Option<Vec<_>>>() else {
        return;
    };
    for response in &responses {
        if let Some(limit) = RateLimit::from_headers(response.headers()) {
            assert!(!limit.to_string().is_empty());
        }
    }
    let only = match &responses[..] {
        [only] => in_seconds(only.headers()),
        _ => None,
    };
    let pivotal = client(responses).build().expect("the settings are valid");
    block_on(async {
        for _ in 0..3 {
            let started = Instant::now();
            let result = pivotal.customer(1).get().send().await;
            assert!(started.elapsed() <= LONGEST, "{:?}", started.elapsed());
            if let Err(error) = result {
                assert_harmless(&error);
                assert!(only.is_none() || error.retry_after() == only, "{error:?}");
            }
        }
    });
});

/// The delay of a `Retry-After` that is a whole number.
fn in_seconds(headers: &http::HeaderMap) -> Option<Duration> {
    let value = headers.get("retry-after")?.to_str().ok()?;
    let is_number = value.len() < 10 && value.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number || headers.contains_key("retry-after-ms") {
        return None;
    }
    value.parse().ok().map(Duration::from_secs)
}
