//! A server with one response, and a client that asks once.

use pivotal_sdk::{Client, RateLimiting, RetryPolicy};
use pivotal_test_support::ScriptedServer;
use serde_json::Value;

/// A server that sends the same JSON to every request, and a client of it.
pub(crate) fn serving(status: &str, body: &Value) -> (ScriptedServer, Client) {
    let headers = "content-type: application/json\r\n";
    let server = ScriptedServer::responding(status, headers, body.to_string());
    let client = Client::builder()
        .base_url(server.base_url())
        .api_key("pivotal_test_contract")
        .retry(RetryPolicy::off())
        .rate_limiting(RateLimiting::off())
        .build()
        .unwrap();
    (server, client)
}
