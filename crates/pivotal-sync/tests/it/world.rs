//! A sandbox, a client of it, and a state file.

use std::future::pending;
use std::io::Cursor;

use pivotal_sandbox::{ReceivedRequest, Sandbox};
use pivotal_sdk::{Client, Customer, RetryPolicy};
use pivotal_sync::{
    Allow, ApplyOptions, Config, PlanItem, Report, Result, RunId, Source, SourceOptions, State,
};
use tempfile::TempDir;

/// The modes of the sandbox: everything, and only what is documented.
pub(crate) const MODES: [bool; 2] = [true, false];

pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) client: Client,
    pub(crate) folder: TempDir,
    pub(crate) state: State,
}

/// A sandbox that serves, or does not serve, what is not documented.
pub(crate) async fn world(undocumented: bool) -> World {
    let sandbox = Sandbox::builder().undocumented(undocumented).start().await;
    let sandbox = sandbox.unwrap();
    let client = Client::builder()
        .base_url(sandbox.base_url())
        .api_key(sandbox.api_key())
        .retry(RetryPolicy::off())
        .build()
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let state = State::open(&folder.path().join("pivotal.db")).unwrap();
    World {
        sandbox,
        client,
        folder,
        state,
    }
}

/// Any number of changes and deletes.
pub(crate) fn anything() -> ApplyOptions {
    let mut options = ApplyOptions::default();
    options.allow = Allow::default();
    options.allow.max_changes = 100;
    options.allow.max_archives = 100;
    options
}

pub(crate) fn csv(text: &str) -> Source {
    let bytes = Cursor::new(text.as_bytes().to_vec());
    Source::new("source.csv", Some("csv"), bytes, &SourceOptions::default()).unwrap()
}

/// Columns that are fields, in this mode.
pub(crate) fn mode(name: &str) -> Config {
    let mut config = Config::columns_are_fields();
    config.sync.mode = serde_json::from_value(name.into()).unwrap();
    config
}

impl World {
    pub(crate) async fn plan(&self, config: &Config, source: &str) -> Result<RunId> {
        pivotal_sync::plan(&self.client, &self.state, config, vec![csv(source)]).await
    }

    /// Plans and applies an import from a source.
    pub(crate) async fn sync(&self, config: &Config, source: Source) -> Result<Report> {
        let plan = pivotal_sync::plan(&self.client, &self.state, config, vec![source]);
        let run = plan.await?;
        self.apply(run, &anything()).await
    }

    pub(crate) async fn apply(&self, run: RunId, options: &ApplyOptions) -> Result<Report> {
        pivotal_sync::apply(&self.client, &self.state, run, options, pending()).await
    }

    /// Plans and applies, with any number of changes.
    pub(crate) async fn import(&self, config: &Config, source: &str) -> Report {
        let run = self.plan(config, source).await.unwrap();
        self.apply(run, &anything()).await.unwrap()
    }

    pub(crate) fn items(&self, run: RunId) -> Vec<PlanItem> {
        let mut items = Vec::new();
        self.state.each_item(run, |item| items.push(item)).unwrap();
        items
    }

    /// The customers of the sandbox, oldest first.
    pub(crate) async fn customers(&self) -> Vec<Customer> {
        let mut customers = self
            .client
            .customers()
            .list()
            .collect_up_to(1_000)
            .await
            .unwrap();
        customers.reverse();
        customers
    }

    /// The writing requests since the journal was emptied.
    pub(crate) fn writes(&self) -> Vec<ReceivedRequest> {
        let requests = self.sandbox.requests();
        requests
            .into_iter()
            .filter(|request| request.method != "GET")
            .collect()
    }

    pub(crate) fn failed_csv(&self, run: RunId) -> String {
        let path = self.folder.path().join("failed.csv");
        pivotal_sync::write_failed(&self.state, run, &path).unwrap();
        std::fs::read_to_string(path).unwrap_or_default()
    }
}
