//! A server with a fault in one operation.

use std::fmt;
use std::time::Duration;

use futures_util::future::join_all;
use pivotal_sandbox::{FaultKind, Sandbox};
use pivotal_sdk::{
    BaseUrl, Client, ClientBuilder, Meta, Result, RetryBudget, RetryPolicy, transport::Operation,
};
use serde_json::Value;

use super::operations::{self, Lists, Rows};
use super::proxy::{self, Proxy};
use crate::memory::KEY;

pub(super) const ATTEMPTS: u32 = 3;
/// Past the faults, to make rows and to count them.
const OTHER_KEY: &str = "pivotal_test_N5tGoesPastTheFaults";

/// What goes wrong, and who does it.
#[derive(Clone, Debug)]
pub(super) enum Fault {
    Sandbox(FaultKind),
    Proxy(proxy::Fault),
}

impl From<FaultKind> for Fault {
    fn from(kind: FaultKind) -> Self {
        Self::Sandbox(kind)
    }
}

impl From<proxy::Fault> for Fault {
    fn from(fault: proxy::Fault) -> Self {
        Self::Proxy(fault)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sandbox(kind) => kind.fmt(f),
            Self::Proxy(fault) => write!(f, "{fault:?}"),
        }
    }
}

/// A sandbox for one operation, with a fault in that operation.
pub(super) struct FaultyServer {
    pub(super) operation: &'static Operation,
    pub(super) proxy: Option<Proxy>,
    sandbox: Sandbox,
    direct: Client,
    rows: Rows,
    http: reqwest::Client,
    /// Operation and fault, for the messages of failed assertions.
    pub(super) case: String,
}

impl FaultyServer {
    /// A server whose first `times` responses have the fault.
    pub(super) async fn new(
        operation: &'static Operation,
        fault: &Fault,
        times: usize,
        http: &reqwest::Client,
    ) -> Self {
        let sandbox = Sandbox::builder().api_key(KEY).key(OTHER_KEY).start().await;
        let sandbox = sandbox.unwrap();
        let direct = Client::builder()
            .base_url(sandbox.base_url())
            .api_key(OTHER_KEY)
            .http_client(http.clone())
            .build()
            .unwrap();
        let rows = Rows::make(&direct).await;
        // A change in the millisecond in which the row was made would not show in its times.
        sandbox.advance_clock(Duration::from_secs(1));
        let proxy = match fault {
            Fault::Sandbox(kind) => {
                let fault = pivotal_sandbox::Fault::new(kind.clone())
                    .on(operation.name.replace('_', "-"))
                    .times(times as u64);
                sandbox.faults().add(fault).unwrap();
                None
            }
            Fault::Proxy(fault) => Some(Proxy::start(sandbox.base_url(), *fault, times).await),
        };
        sandbox.clear_requests();
        Self {
            operation,
            case: format!("{} under {fault}", operation.name),
            http: http.clone(),
            proxy,
            sandbox,
            direct,
            rows,
        }
    }

    /// A client that meets the fault. It repeats after a millisecond or two.
    pub(super) fn builder(&self) -> ClientBuilder {
        let base_url = match &self.proxy {
            Some(proxy) => &proxy.base_url,
            None => self.sandbox.base_url(),
        };
        settings(Client::builder().base_url(base_url)).http_client(self.http.clone())
    }

    /// Makes the operation's call.
    pub(super) async fn call(&self, client: &Client) -> Result<Meta> {
        operations::call(client, self.operation.name, &self.rows).await
    }

    /// How many requests the operation came to.
    pub(super) fn requests(&self) -> usize {
        match &self.proxy {
            Some(proxy) => proxy.requests(),
            None => self.sandbox.requests().len(),
        }
    }

    /// To how many requests the sandbox has applied the fault.
    pub(super) fn faulted(&self) -> u64 {
        let faults = self.sandbox.faults().armed().into_iter();
        faults.map(|fault| fault.applied).sum()
    }

    /// The rows are as one call leaves them, however often it was sent; or as they were.
    pub(super) async fn expect_rows(&self, carried_out: bool) {
        self.sandbox.faults().clear();
        let after = self.rows.list(&self.direct).await;
        assert_eq!(count(&after), self.expected(carried_out), "{}", self.case);
    }

    /// The rows are as they were or as one call leaves them. Returns whether any has changed.
    pub(super) async fn expect_change(&self) -> bool {
        self.sandbox.faults().clear();
        let after = self.rows.list(&self.direct).await;
        let updated = |row: &Value| row["updated_at"] != row["created_at"];
        let unchanged = self.expected(false);
        let changed = count(&after) != unchanged || after.iter().flatten().any(updated);
        assert_eq!(count(&after), self.expected(changed), "{}", self.case);
        changed
    }

    /// The numbers of rows, before or after the operation. [`Rows`] are one of each.
    fn expected(&self, carried_out: bool) -> [usize; 3] {
        let change = operations::change(self.operation);
        change.map(|change| match carried_out {
            true => 1_usize.checked_add_signed(change).unwrap(),
            false => 1,
        })
    }

    /// Whether the sandbox has a row of this kind and id.
    pub(super) async fn has(&self, kind: &str, id: &str) -> bool {
        match kind {
            "customer" => self.direct.customer(id).get().await.is_ok(),
            "contact" => self.direct.contact(id).get().await.is_ok(),
            "onboarding" => self.direct.onboarding(id).get().await.is_ok(),
            _ => false,
        }
    }
}

fn count(lists: &Lists) -> [usize; 3] {
    lists.each_ref().map(Vec::len)
}

/// The settings of every client that meets a fault. No limit of time but where a test is about one:
/// this machine may be busy.
pub(super) fn settings(builder: ClientBuilder) -> ClientBuilder {
    builder
        .api_key(KEY)
        .retry(
            RetryPolicy::default()
                .max_attempts(ATTEMPTS)
                .backoff(Duration::from_millis(1), Duration::from_millis(2)),
        )
        .retry_budget(None::<RetryBudget>)
        .timeout(Duration::from_secs(60))
        .body_limit(64 * 1024)
}

/// All operations meet the fault at once.
pub(super) async fn each(fault: impl Into<Fault>, times: usize, look: impl AsyncFn(FaultyServer)) {
    let fault = fault.into();
    // The SDK's own, made once: it reads the certificates of the system.
    let here = BaseUrl::parse("http://127.0.0.1").unwrap();
    let http = pivotal_runtime::http_client(&here).unwrap();
    join_all(operations::operations().map(async |operation| {
        look(FaultyServer::new(operation, &fault, times, &http).await).await;
    }))
    .await;
}
