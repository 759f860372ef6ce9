//! A sandbox, a client of it, and a state file.

use std::future::pending;
use std::io::Cursor;

use pivotal_sandbox::{ReceivedRequest, Sandbox};
use pivotal_sdk::{Client, Customer, Onboarding, RetryPolicy};
use pivotal_sync::{
    Allow, ApplyOptions, Config, PlanItem, Report, Result, RunId, Source, SourceOptions, State,
};
use serde_json::Value;
use tempfile::TempDir;

/// The modes of the sandbox: everything, and only what is documented.
pub(crate) const MODES: [bool; 2] = [true, false];

/// Another key of the workspace.
const SECOND_KEY: &str = "pivotal_test_second";

pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) client: Client,
    pub(crate) folder: TempDir,
    pub(crate) state: State,
}

/// A sandbox that serves, or does not serve, what is not documented.
pub(crate) async fn world(undocumented: bool) -> World {
    let sandbox = Sandbox::builder()
        .undocumented(undocumented)
        .key(SECOND_KEY);
    let sandbox = sandbox.start().await.unwrap();
    let client = client(&sandbox, sandbox.api_key());
    let folder = tempfile::tempdir().unwrap();
    let state = State::open(&folder.path().join("pivotal.db")).unwrap();
    World {
        sandbox,
        client,
        folder,
        state,
    }
}

fn client(sandbox: &Sandbox, key: &str) -> Client {
    let client = Client::builder().base_url(sandbox.base_url()).api_key(key);
    client.retry(RetryPolicy::off()).build().unwrap()
}

/// Any number of changes and deletes.
pub(crate) fn anything() -> ApplyOptions {
    let mut options = ApplyOptions::default();
    options.allow = Allow::default();
    options.allow.max_changes = 100;
    options.allow.max_deletes = 100;
    options
}

fn csv(text: &str) -> Source {
    let bytes = Cursor::new(text.as_bytes().to_vec());
    Source::new("source.csv", Some("csv"), bytes, &SourceOptions::default()).unwrap()
}

fn json(records: &Value) -> Source {
    let bytes = Cursor::new(records.to_string().into_bytes());
    Source::new(
        "source.json",
        Some("json"),
        bytes,
        &SourceOptions::default(),
    )
    .unwrap()
}

/// Columns that are fields, in this mode.
pub(crate) fn mode(name: &str) -> Config {
    let mut config = Config::columns_are_fields();
    config.sync.mode = serde_json::from_value(name.into()).unwrap();
    config
}

impl World {
    /// As a process that begins later.
    pub(crate) fn reopened(self) -> Self {
        let path = self.folder.path().join("pivotal.db");
        drop(self.state);
        Self {
            state: State::open(&path).unwrap(),
            ..self
        }
    }

    /// With another key of the workspace.
    pub(crate) fn with_second_key(self) -> Self {
        let client = client(&self.sandbox, SECOND_KEY);
        Self { client, ..self }
    }

    pub(crate) async fn customer(&self, slug: &str) -> Customer {
        let found = self.client.customers().find_by_slug(slug).await;
        found.unwrap().unwrap()
    }

    pub(crate) async fn plan_sources(&self, config: &Config, all: Vec<Source>) -> Result<RunId> {
        pivotal_sync::plan(&self.client, &self.state, config, all).await
    }

    pub(crate) async fn plan(&self, config: &Config, source: &str) -> Result<RunId> {
        self.plan_sources(config, vec![csv(source)]).await
    }

    pub(crate) async fn plan_json(&self, config: &Config, records: &Value) -> Result<RunId> {
        self.plan_sources(config, vec![json(records)]).await
    }

    pub(crate) async fn apply(&self, run: RunId, options: &ApplyOptions) -> Result<Report> {
        pivotal_sync::apply(&self.client, &self.state, run, options, pending()).await
    }

    /// Plans and applies an import, with any number of changes.
    pub(crate) async fn sync(&self, config: &Config, source: Source) -> Result<Report> {
        let run = self.plan_sources(config, vec![source]).await?;
        self.apply(run, &anything()).await
    }

    pub(crate) async fn import(&self, config: &Config, source: &str) -> Report {
        self.sync(config, csv(source)).await.unwrap()
    }

    pub(crate) async fn import_json(&self, config: &Config, records: &Value) -> Report {
        self.sync(config, json(records)).await.unwrap()
    }

    pub(crate) async fn plan_undo(&self, run: RunId) -> Result<RunId> {
        pivotal_sync::undo(&self.client, &self.state, run).await
    }

    /// Undoes a run.
    pub(crate) async fn undo(&self, run: RunId) -> Report {
        let undo = self.plan_undo(run).await.unwrap();
        self.apply(undo, &anything()).await.unwrap()
    }

    /// The state file as another program sees it.
    pub(crate) fn database(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.folder.path().join("pivotal.db")).unwrap()
    }

    pub(crate) fn inject(&self, fault: &str) {
        self.sandbox.faults().add(fault.parse().unwrap()).unwrap();
    }

    /// The contacts of all customers as `slug: name, email, title`, oldest first.
    pub(crate) async fn contacts(&self) -> Vec<String> {
        let mut shown = Vec::new();
        for customer in self.customers().await {
            let contacts = self.client.customer(&customer).contacts().list();
            let mut contacts = contacts.collect_up_to(1_000).await.unwrap();
            contacts.reverse();
            let slug = customer.slug.unwrap_or_default();
            shown.extend(contacts.into_iter().map(|contact| {
                let title = contact.title.unwrap_or_default();
                format!("{slug}: {}, {}, {title}", contact.name, contact.email)
            }));
        }
        shown
    }

    /// The onboardings, oldest first.
    pub(crate) async fn onboardings(&self) -> Vec<Onboarding> {
        let list = self.client.onboardings().list();
        let mut onboardings = list.collect_up_to(1_000).await.unwrap();
        onboardings.reverse();
        onboardings
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
        let mut written = Vec::new();
        pivotal_sync::write_failed(&self.state, run, &mut written).unwrap();
        String::from_utf8(written).unwrap()
    }
}
