//! An import, here or in a process of its own.

use std::fmt::Write;
use std::fs;
use std::future::pending;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Instant;

use cpu_time::ProcessTime;
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
pub(crate) fn http_client(base_url: &str) -> reqwest::Client {
    let base_url = BaseUrl::parse(base_url).unwrap();
    pivotal_runtime::http_client(&base_url).unwrap()
}

/// Creates the customers of [`source`] with plain requests.
pub(crate) async fn create(base_url: &str, api_key: &str, customers: usize) {
    let client = http_client(base_url);
    let number = std::cell::Cell::new(0);
    let worker = async || {
        while number.get() < customers {
            let this = number.replace(number.get() + 1);
            let response = client
                .post(format!("{base_url}/api/v1/customers"))
                .bearer_auth(api_key)
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

/// What a child does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Job {
    /// Creates the customers of the source with plain requests, which are so many.
    Loop,
    Plan,
    /// Plans and applies.
    Import,
}

impl Job {
    const ALL: [Self; 3] = [Self::Loop, Self::Plan, Self::Import];

    fn name(self) -> String {
        format!("{self:?}")
    }
}

/// This program as a child.
pub(crate) fn start(sandbox: &Sandbox, job: Job, state: &Path, source: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args([CHILD, &job.name()])
        .args([state, source])
        .env("PIVOTAL_BASE_URL", sandbox.base_url())
        .env("PIVOTAL_API_KEY", sandbox.api_key())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// What a child has used. It prints these numbers.
pub(crate) struct Used {
    pub(crate) plan_seconds: f64,
    /// Without the plan.
    pub(crate) seconds: f64,
    /// Without the plan, of all threads of the process.
    pub(crate) cpu_seconds: f64,
    /// The most memory that it had in use. Only Linux tells.
    pub(crate) peak_kib: f64,
}

/// Waits until a child has ended.
pub(crate) fn end(mut child: Child) -> Used {
    assert!(child.wait().unwrap().success());
    let mut text = String::new();
    child.stdout.unwrap().read_to_string(&mut text).unwrap();
    let numbers = text
        .split_whitespace()
        .map(|number| number.parse().unwrap());
    let [plan_seconds, seconds, cpu_seconds, peak_kib] =
        numbers.collect::<Vec<f64>>().try_into().unwrap();
    Used {
        plan_seconds,
        seconds,
        cpu_seconds,
        peak_kib,
    }
}

/// The child.
pub(crate) fn child(job: &str, state: &Path, source: &Path) -> ExitCode {
    let job = Job::ALL.into_iter().find(|known| known.name() == job);
    let job = job.unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let code = runtime.block_on(async {
        let client = ClientBuilder::from_env().unwrap().build().unwrap();
        let started = Instant::now();
        let planned = match job {
            Job::Loop => None,
            Job::Plan | Job::Import => {
                let state = State::open(state).unwrap();
                let run = plan(&client, &state, source).await;
                Some((state, run))
            }
        };
        let plan_seconds = started.elapsed().as_secs_f64();
        let (started, cpu) = (Instant::now(), ProcessTime::now());
        let code = match planned {
            None => {
                let [base_url, key] = ["PIVOTAL_BASE_URL", "PIVOTAL_API_KEY"]
                    .map(|name| std::env::var(name).unwrap());
                let customers = fs::read_to_string(source).unwrap().lines().count() - 1;
                create(&base_url, &key, customers).await;
                Some(0)
            }
            Some((state, run)) if job == Job::Import => {
                apply(&client, &state, run).await.run.exit_code
            }
            Some(_) => Some(0),
        };
        let (seconds, cpu) = (started.elapsed(), cpu.elapsed());
        println!(
            "{plan_seconds} {} {}",
            seconds.as_secs_f64(),
            cpu.as_secs_f64()
        );
        code
    });
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    println!("{}", peak.unwrap_or("0 kB").trim().trim_end_matches(" kB"));
    ExitCode::from(code.unwrap_or(1))
}
