//! A server that sends one prepared response to every request.

use pivotal_sdk::{Client, RetryPolicy};
use pivotal_test_support::ScriptedServer;
use serde_json::Value;

pub(crate) struct Server(ScriptedServer);

impl Server {
    /// Responds with this status and JSON.
    pub(crate) async fn json(status: u16, body: &Value) -> Self {
        let headers = "content-type: application/json\r\n";
        Self::start(status, headers, &body.to_string()).await
    }

    /// Responds with this status, these header lines and this body.
    pub(crate) async fn start(status: u16, headers: &str, body: &str) -> Self {
        let status = format!("{status} Prepared");
        Self(ScriptedServer::responding(&status, headers, body))
    }

    /// Sends these bytes, whatever they are, and closes.
    pub(crate) async fn bytes(bytes: String) -> Self {
        Self(ScriptedServer::raw(bytes))
    }

    /// A client that sends each call once.
    pub(crate) fn client(&self) -> Client {
        Client::builder()
            .base_url(self.0.base_url())
            .api_key(crate::memory::KEY)
            .retry(RetryPolicy::off())
            .build()
            .unwrap()
    }

    /// The requests so far, head and body.
    pub(crate) fn requests(&self) -> Vec<String> {
        let requests = self.0.requests();
        requests
            .iter()
            .map(|request| request.text().to_owned())
            .collect()
    }
}
