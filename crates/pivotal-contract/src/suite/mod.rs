//! The contract suite: calls that together exercise the whole contract.

pub(crate) mod cases;
mod cleanup;
mod fixture;
mod log;
mod resource;

use std::collections::BTreeSet;
use std::fmt;
use std::future::pending;
use std::sync::{Arc, Mutex};

use pivotal_openapi::Document;
use pivotal_sdk::{Client, ClientBuilder, Error, RateLimiting, RetryPolicy};

use crate::contract::Contract;
use crate::coverage::{Coverage, EXEMPTIONS};
use crate::report::{CaseNote, Report};
use cases::{Access, Case};
use fixture::{Fixture, Inject, Stop, brief};
use log::Log;
use resource::resources;

/// The prefix of the names of all customers that a run creates.
const PREFIX: &str = "contract-check-";

/// A key of the right form that no workspace has.
const INVALID_KEY: &str = "pivotal_test_contractCheckKeyOfNobody";

type Connect = dyn Fn() -> ClientBuilder + Send + Sync;
type Progress = dyn Fn(&str) + Send + Sync;

/// The contract suite.
///
/// It builds its clients from builders that you configure: key, address, limits, retries and rate
/// limiting. By default it only reads.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use pivotal_contract::Suite;
/// use pivotal_sandbox::{Sandbox, stateful_operations};
/// use pivotal_sdk::Client;
///
/// let sandbox = Sandbox::builder().seed(7).start().await?;
/// let (base_url, key) = (sandbox.base_url().to_owned(), sandbox.api_key().to_owned());
/// let suite = Suite::new(move || Client::builder().base_url(&base_url).api_key(&key));
/// let suite = suite.only(stateful_operations());
///
/// let report = suite.run().await?;
/// assert!(report.agrees(), "{report}");
/// # Ok(())
/// # }
/// ```
pub struct Suite {
    connect: Arc<Connect>,
    writes: bool,
    inject: Option<Arc<Inject>>,
    progress: Box<Progress>,
    cases: Vec<Case>,
    /// The operations that are left out, by operationId.
    left_out: BTreeSet<String>,
}

/// Why nothing was checked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SuiteError {
    /// A client cannot be built from the builder: no key, or an address that cannot be used.
    #[error("{0}")]
    Config(#[source] Error),
    /// No server responds at the address.
    #[error("no server responds at {base_url}: {error}")]
    Unreachable {
        /// Where the suite looked.
        base_url: String,
        /// What the first call came to.
        #[source]
        error: Error,
    },
    /// The server is not Pivotal: a proxy, a login page, another service.
    #[error("the server at {base_url} is not Pivotal: {found}; check the address")]
    NotPivotal {
        /// Where the suite looked.
        base_url: String,
        /// What the first call came to, without what the server says.
        found: String,
    },
    /// The server does not take the key.
    #[error(
        "the server at {base_url} refuses the API key; take one of a workspace that it serves, and that was not revoked"
    )]
    KeyRefused {
        /// Where the suite looked.
        base_url: String,
    },
    /// There is no such case.
    #[error("there is no case {0:?}")]
    NoSuchCase(String),
}

impl Suite {
    /// A suite that reads through clients from these builders. An observer that they have is
    /// replaced.
    pub fn new(connect: impl Fn() -> ClientBuilder + Send + Sync + 'static) -> Self {
        Self {
            connect: Arc::new(connect),
            writes: false,
            inject: None,
            progress: Box::new(|_| ()),
            cases: cases::all(Contract::shipped()),
            left_out: BTreeSet::new(),
        }
    }

    /// Whether it may write: it makes, checks and removes records of its own, all under customers
    /// whose name begins with `contract-check-`.
    #[must_use]
    pub fn writes(mut self, writes: bool) -> Self {
        self.writes = writes;
        self
    }

    /// How it sets a fault, as in `get-me:status=500:count=1`, on a sandbox. Without it the
    /// statuses that a healthy server does not give on demand are left out.
    #[must_use]
    pub fn faults(
        mut self,
        inject: impl Fn(&str) -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        self.inject = Some(Arc::new(inject));
        self
    }

    /// Calls a function with the name of each case before it runs: under the rate limit of a test
    /// key a run that writes takes some minutes.
    #[must_use]
    pub fn progress(mut self, progress: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.progress = Box::new(progress);
        self
    }

    /// Leaves out a case.
    ///
    /// # Errors
    /// [`SuiteError::NoSuchCase`] when no case has this name.
    pub fn without(mut self, name: &str) -> Result<Self, SuiteError> {
        let before = self.cases.len();
        self.cases.retain(|case| case.name != name);
        if self.cases.len() == before {
            return Err(SuiteError::NoSuchCase(name.to_owned()));
        }
        Ok(self)
    }

    /// Leaves out every operation but these, by operationId, from the cases and the coverage: for a
    /// sandbox that has no handler for the others.
    #[must_use]
    pub fn only<'o>(mut self, operations: impl IntoIterator<Item = &'o str>) -> Self {
        let kept: BTreeSet<&str> = operations.into_iter().collect();
        let all = Document::contract().operations();
        let left_out = all.filter(|operation| !kept.contains(operation.id));
        self.left_out
            .extend(left_out.map(|operation| operation.id.to_owned()));
        self.cases
            .retain(|case| !self.left_out.contains(case.operation.id));
        self
    }

    /// The names of its cases, in the order in which they are run.
    pub fn cases(&self) -> impl Iterator<Item = &str> {
        self.cases.iter().map(|case| case.name.as_str())
    }

    /// Runs all cases, one after the other, and removes what they made.
    ///
    /// # Errors
    /// [`SuiteError`] when nothing could be checked. What is found is in the report.
    pub async fn run(&self) -> Result<Report, SuiteError> {
        self.run_until(pending()).await
    }

    /// Runs the cases until `stop` is ready, then removes what they made.
    ///
    /// # Errors
    /// [`SuiteError`] when nothing could be checked. What is found is in the report.
    pub async fn run_until(&self, stop: impl Future<Output = ()>) -> Result<Report, SuiteError> {
        let fixture = self.fixture().map_err(SuiteError::Config)?;
        self.preflight(&fixture).await?;

        let interrupted = tokio::select! {
            () = self.run_cases(&fixture) => false,
            () = stop => true,
        };
        let found = fixture.log.end();
        let left_behind = match self.writes {
            true => cleanup::clean_up(&fixture).await,
            false => Vec::new(),
        };
        let complete = self.writes && self.inject.is_some() && !interrupted;
        Ok(Report {
            server: fixture.client.base_url().to_string(),
            writes: self.writes,
            interrupted,
            cases: found.cases,
            exchanges: found.exchanges,
            deviations: found.deviations,
            failures: found.failures,
            skipped: found.skipped,
            additions: found.additions,
            left_behind,
            coverage: Coverage::of(
                fixture.contract,
                &found.seen,
                EXEMPTIONS,
                &self.left_out,
                complete,
            ),
        })
    }

    fn fixture(&self) -> Result<Fixture, Error> {
        let contract = Contract::shipped();
        let log = Arc::new(Log::new(contract));
        let observed = || (self.connect)().observer(Arc::clone(&log) as _);
        let now = jiff::Timestamp::now().as_microsecond();
        Ok(Fixture {
            client: observed().build()?,
            invalid_key_client: observed().api_key(INVALID_KEY).build()?,
            unlimited_client: observed()
                .retry(RetryPolicy::off())
                .rate_limiting(RateLimiting::off())
                .build()?,
            inject: self.inject.clone(),
            run: format!("{PREFIX}{now:x}"),
            created: Mutex::default(),
            log,
            contract,
            resources: resources(contract.document, &self.left_out),
        })
    }

    /// Checks that there is a server that accepts the key.
    async fn preflight(&self, fixture: &Fixture) -> Result<(), SuiteError> {
        // With a client of its own: what this call finds the first case finds too.
        let client: Client = (self.connect)().build().map_err(SuiteError::Config)?;
        let base_url = fixture.client.base_url().to_string();
        match client.me().await {
            Err(error) if error.is_authentication() => Err(SuiteError::KeyRefused { base_url }),
            Err(error) if error.is_transport() || error.is_timeout() => {
                Err(SuiteError::Unreachable { base_url, error })
            }
            // Every case would deviate in the same way, and none of it would be drift.
            Err(error) if is_foreign(&error) => Err(SuiteError::NotPivotal {
                base_url,
                found: brief(&error),
            }),
            _ => Ok(()),
        }
    }

    async fn run_cases(&self, fixture: &Fixture) {
        for case in &self.cases {
            let allowed = match case.access {
                Access::Reads => true,
                Access::Writes => self.writes,
                Access::Faults => self.writes && self.inject.is_some(),
            };
            if !allowed {
                continue;
            }
            (self.progress)(&case.name);
            fixture.log.kept().case.clone_from(&case.name);
            let ended = case.run(fixture).await;
            let mut kept = fixture.log.kept();
            kept.cases += 1;
            let note = |reason| CaseNote {
                case: case.name.clone(),
                reason,
            };
            match ended {
                Ok(()) | Err(Stop::Reported) => {}
                Err(Stop::Skipped(reason)) => kept.skipped.push(note(reason.to_owned())),
                Err(Stop::Failed(reason)) => kept.failures.push(note(reason)),
            }
        }
    }
}

/// Whether a response is from another server: neither a success of Pivotal nor one of its errors.
fn is_foreign(error: &Error) -> bool {
    let is_json = || serde_json::from_slice::<serde::de::IgnoredAny>(error.raw_body()).is_ok();
    error.is_unexpected() || (error.is_decode() && !is_json())
}

impl fmt::Debug for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Suite")
            .field("writes", &self.writes)
            .field("faults", &self.inject.is_some())
            .field("cases", &self.cases.len())
            .finish_non_exhaustive()
    }
}
