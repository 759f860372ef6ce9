//! A server that sends one prepared response to every request, and what an observer reports.

use pivotal_contract::{Addition, ContractObserver, Violation};
use pivotal_sdk::{Client, RetryPolicy};
use pivotal_test_support::ScriptedServer;
use std::sync::{Arc, Mutex};

pub(crate) const KEY: &str = "pivotal_test_N0tTobeSeenAnywhere";

/// The headers that every response carries.
pub(crate) const HEADERS: &str = "content-type: application/json\r\nx-ratelimit-limit: 30\r\n\
     x-ratelimit-remaining: 29\r\nx-ratelimit-reset: 1780000000\r\n";

/// What an observer reported.
#[derive(Clone, Default)]
pub(crate) struct Reports {
    violations: Arc<Mutex<Vec<Violation>>>,
    additions: Arc<Mutex<Vec<Addition>>>,
}

impl Reports {
    pub(crate) fn observer(&self) -> ContractObserver {
        let (violations, additions) = (Arc::clone(&self.violations), Arc::clone(&self.additions));
        ContractObserver::new(move |violation| violations.lock().unwrap().push(violation.clone()))
            .on_addition(move |addition| additions.lock().unwrap().push(addition.clone()))
    }

    pub(crate) fn violations(&self) -> Vec<Violation> {
        std::mem::take(&mut self.violations.lock().unwrap())
    }

    pub(crate) fn additions(&self) -> Vec<Addition> {
        std::mem::take(&mut self.additions.lock().unwrap())
    }

    /// The violations as lines.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.violations().iter().map(ToString::to_string).collect()
    }
}

/// The address of a server that responds to every request with a status, header lines and a body.
pub(crate) async fn serve(status: u16, headers: &str, body: &str) -> String {
    let status = format!("{status} Prepared");
    let server = ScriptedServer::responding(&status, headers, body);
    server.base_url().to_owned()
}

/// A client that sends each call once, watched by an observer.
pub(crate) fn client(base_url: &str, observer: ContractObserver) -> Client {
    Client::builder()
        .base_url(base_url)
        .api_key(KEY)
        .retry(RetryPolicy::off())
        .observer(Arc::new(observer))
        .build()
        .unwrap()
}
