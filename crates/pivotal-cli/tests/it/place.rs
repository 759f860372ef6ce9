//! A folder and a server for the commands that import.

use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, Output, Stdio};

use pivotal_sandbox::{Sandbox, SandboxBuilder};
use pivotal_sdk::Client;
use pivotal_test_support::words;
use tempfile::TempDir;

use crate::running::{pivotal_on, shown};

/// Another key of the workspace.
pub(crate) const SECOND_KEY: &str = "pivotal_test_second";

/// A sandbox, and a folder with the state file.
pub(crate) struct Place {
    pub(crate) sandbox: Sandbox,
    pub(crate) folder: TempDir,
    pub(crate) key: String,
}

impl Place {
    pub(crate) async fn new(undocumented: bool) -> Self {
        Self::on(Sandbox::builder().undocumented(undocumented)).await
    }

    pub(crate) async fn on(sandbox: SandboxBuilder) -> Self {
        let sandbox = sandbox.key(SECOND_KEY).start().await;
        let sandbox = sandbox.expect("the sandbox starts");
        Self {
            key: sandbox.api_key().to_owned(),
            sandbox,
            folder: tempfile::tempdir().expect("a folder"),
        }
    }

    pub(crate) fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path(name), text).expect("a file");
    }

    /// `pivotal` with the arguments in a line of a shell.
    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = pivotal_on(self.sandbox.base_url(), &self.key);
        command
            .args(words(line))
            .current_dir(self.folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs the command while the sandbox serves on this thread's runtime.
    pub(crate) async fn run(&self, line: &str) -> Output {
        let mut command = self.command(line);
        tokio::task::spawn_blocking(move || command.output())
            .await
            .expect("no panic")
            .expect("the binary starts")
    }

    pub(crate) async fn code(&self, line: &str) -> (i32, String) {
        let output = self.run(line).await;
        (output.status.code().unwrap_or(-1), shown(&output))
    }

    /// The customers by slug, with how many there are of each.
    pub(crate) async fn customers(&self) -> BTreeMap<String, usize> {
        let client = Client::builder()
            .base_url(self.sandbox.base_url())
            .api_key(&*self.key)
            .build()
            .expect("a client");
        let mut counts = BTreeMap::new();
        for customer in client
            .customers()
            .list()
            .collect_up_to(1_000)
            .await
            .expect("a list")
        {
            *counts.entry(customer.slug.unwrap_or_default()).or_default() += 1;
        }
        counts
    }

    pub(crate) fn creates(&self) -> usize {
        let requests = self.sandbox.requests();
        requests
            .iter()
            .filter(|request| request.method == "POST")
            .count()
    }
}
