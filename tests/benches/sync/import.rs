//! An import, here or in a process of its own.

use std::fmt::Write;
use std::fs;
use std::future::pending;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Instant;

use pivotal_runtime::BaseUrl;
use pivotal_sandbox::Sandbox;
use pivotal_sdk::{Client, ClientBuilder};
use pivotal_sync::{ApplyOptions, Config, RunId, Source, SourceOptions, State};
use serde_json::{Value, json};

/// The first argument of this program as a child.
pub(crate) const CHILD: &str = "import-in-a-child";

/// A CSV file with so many customers.
pub(crate) fn source(folder: &Path, customers: usize) -> PathBuf {
    let mut text = String::from("name,slug,domain,plan,mrr,hubspot_company_id\n");
    for number in 0..customers {
        writeln!(
            text,
            "Customer {number:07},customer-{number:07},customer-{number:07}.example,Growth,{number}00,{}",
            1_000_000 + number
        )
        .unwrap();
    }
    let path = folder.join(format!("{customers}.csv"));
    fs::write(&path, text).unwrap();
    path
}

/// The HTTP client of the SDK.
pub(crate) fn http_client(sandbox: &Sandbox) -> reqwest::Client {
    let base_url = BaseUrl::parse(sandbox.base_url()).unwrap();
    pivotal_runtime::http_client(&base_url).unwrap()
}

/// Creates the customers of [`source`] with plain requests.
pub(crate) async fn create(sandbox: &Sandbox, customers: usize) {
    let client = http_client(sandbox);
    let number = std::cell::Cell::new(0);
    let worker = async || {
        while number.get() < customers {
            let this = number.replace(number.get() + 1);
            let response = client
                .post(format!("{}/api/v1/customers", sandbox.base_url()))
                .bearer_auth(sandbox.api_key())
                .json(&json!({
                    "name": format!("Customer {this:07}"),
                    "slug": format!("customer-{this:07}"),
                    "domain": format!("customer-{this:07}.example"),
                    "plan": "Growth",
                    "mrr": this * 100,
                    "hubspot_company_id": (1_000_000 + this).to_string(),
                }))
                .send()
                .await
                .unwrap();
            assert_eq!(response.status(), 201);
            let customer: Value = response.json().await.unwrap();
            assert!(customer["id"].is_string());
        }
    };
    let workers = (0..ApplyOptions::default().concurrency).map(|_| worker());
    futures_util::future::join_all(workers).await;
}

/// Plans the import of a file.
pub(crate) async fn plan(client: &Client, state: &State, source: &Path) -> RunId {
    let source = Source::open(source, &SourceOptions::default()).unwrap();
    let config = Config::columns_are_fields();
    pivotal_sync::plan(client, state, &config, vec![source])
        .await
        .unwrap()
}

/// Applies a plan, and returns how the run ended.
pub(crate) async fn apply(client: &Client, state: &State, run: RunId) -> pivotal_sync::Report {
    let options = ApplyOptions::default();
    pivotal_sync::apply(client, state, run, &options, pending())
        .await
        .unwrap()
}

/// This program as a child that imports a file.
pub(crate) fn start(sandbox: &Sandbox, state: &Path, source: &Path, apply: bool) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .arg(CHILD)
        .args([state, source])
        .arg(if apply { "apply" } else { "plan" })
        .env("PIVOTAL_BASE_URL", sandbox.base_url())
        .env("PIVOTAL_API_KEY", sandbox.api_key())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The child. It prints the seconds that the plan took, and the most memory that it had in use, in
/// kibibytes.
pub(crate) fn child(state: &Path, source: &Path, applies: bool) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let code = runtime.block_on(async {
        let client = ClientBuilder::from_env().unwrap().build().unwrap();
        let state = State::open(state).unwrap();
        let started = Instant::now();
        let run = plan(&client, &state, source).await;
        println!("{}", started.elapsed().as_secs_f64());
        if !applies {
            return Some(0);
        }
        apply(&client, &state, run).await.run.exit_code
    });
    // Only Linux tells.
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    println!("{}", peak.unwrap_or("0 kB").trim().trim_end_matches(" kB"));
    ExitCode::from(code.unwrap_or(1))
}
