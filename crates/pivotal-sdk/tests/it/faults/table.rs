//! The table of docs/faults.md: what every operation comes to under every fault of the sandbox.

use std::collections::{BTreeMap, BTreeSet};
use std::env::var_os;
use std::fmt::{self, Write};
use std::path::Path;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use pivotal_sandbox::{FaultKind, stateful_operations};
use pivotal_sdk::transport::{Attempt, FailureKind, Operation};
use pivotal_sdk::{BaseUrl, Error, Meta, RateLimiting, Result, RetryPolicy};

use super::operations::operations;
use super::server::FaultyServer;

/// The faults in the order of the page. For some the outcome depends on their value.
const FAULTS: [&str; 25] = [
    "latency=50ms",
    "rate-limited",
    "rate-limited=1",
    "rate-limited=3600",
    "status=503",
    "status=501",
    "status-after-processing=504",
    "html-502",
    "reset-before-processing",
    "reset-after-processing",
    "reset-inside-body",
    "stall-before-processing",
    "stall-after-processing",
    "slow-drip",
    "truncated-json",
    "malformed-json",
    "content-length-too-long",
    "content-length-too-short",
    "unknown-enum-value",
    "unknown-key",
    "missing-key=object",
    "missing-key=plan",
    "clock-skew=-90s",
    "clock-skew=90s",
    "key-revoked",
];

/// The limits of time of an attempt that meets a stall, in milliseconds. A busy machine may need the
/// later ones for the attempts that meet none.
const TIMEOUTS: [u64; 4] = [300, 1_500, 6_000, 30_000];
/// A call that takes longer hangs.
const HANG: Duration = Duration::from_secs(120);
/// The calls that run at once.
const CONCURRENT: usize = 96;

/// What the columns of the page differ in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Mode {
    /// One attempt.
    Once,
    /// Retries, and a fault that is gone at the second attempt.
    Passing,
    /// Retries, and a fault that stays.
    Lasting,
}

/// What a caller sees of a call.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Outcome {
    /// Kind and code of the error; `None` for a success.
    error: Option<String>,
    attempts: u32,
    /// Whether the error says that the call can be repeated.
    retryable: bool,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.error.as_deref().unwrap_or("ok"))?;
        match self.attempts {
            1 => Ok(()),
            attempts => write!(f, ", {attempts} attempts"),
        }
    }
}

/// A call that has ended.
struct Ended {
    outcome: Outcome,
    /// Whether the server has made the change all the same; `None` if there is no error or no change.
    done: Option<bool>,
}

/// The class of operations that an operation is in.
fn class(operation: &Operation) -> &'static str {
    match operation.method.as_str() {
        "GET" if !operation.authenticated => "read without a key",
        "GET" => "read",
        "POST" => "create",
        "DELETE" => "delete",
        _ => "update",
    }
}

/// One call on a sandbox of its own.
async fn call(
    operation: &'static Operation,
    fault: &str,
    mode: Mode,
    http: &reqwest::Client,
) -> Ended {
    let mut last = None;
    for timeout in TIMEOUTS.map(Duration::from_millis) {
        let (kind, timeout) = match fault {
            "slow-drip" => (FaultKind::SlowDrip(timeout / 4), timeout),
            fault if fault.starts_with("stall") => (fault.parse().unwrap(), timeout),
            fault => (fault.parse().unwrap(), HANG),
        };
        let times = if mode == Mode::Passing { 1 } else { usize::MAX };
        let server = FaultyServer::new(operation, &kind.into(), times, http).await;
        let builder = server.builder().timeout(timeout);
        // A 429 would keep the rate limiter waiting.
        let builder = builder.rate_limiting(RateLimiting::off());
        let client = match mode {
            Mode::Once => builder.retry(RetryPolicy::off()).build().unwrap(),
            Mode::Passing | Mode::Lasting => builder.build().unwrap(),
        };
        let result = tokio::time::timeout(HANG, server.call(&client)).await;
        let result = result.unwrap_or_else(|_| panic!("{} hangs", server.case));
        let faulted = server.faulted();
        let ended = ended(&server, &result).await;
        if timed_out(&result) <= faulted {
            return ended;
        }
        last = Some(ended);
    }
    last.unwrap()
}

/// Nothing is made twice, nothing is lost, and what only reads changes nothing.
async fn ended(server: &FaultyServer, result: &Result<Meta>) -> Ended {
    let changed = server.expect_change().await;
    let reads = server.operation.method == "GET";
    assert!(!(reads && changed), "{} changes a row", server.case);
    assert!(
        reads || changed || result.is_err(),
        "{} is lost",
        server.case
    );
    let (error, attempts) = match result {
        Ok(meta) => (None, meta.attempts()),
        Err(error) => (Some(error), error.attempts()),
    };
    let shown = |error: &Error| {
        let code = error.code().map(|code| format!(" `{}`", code.as_str()));
        format!("`{:?}`{}", error.kind(), code.unwrap_or_default())
    };
    Ended {
        outcome: Outcome {
            error: error.map(shown),
            attempts,
            retryable: error.is_some_and(Error::is_retryable),
        },
        done: error.filter(|_| !reads).map(|_| changed),
    }
}

/// How many attempts have ended by the limit of time.
fn timed_out(result: &Result<Meta>) -> u64 {
    let (history, last) = match result {
        Ok(meta) => (meta.history(), false),
        Err(error) => (error.history(), error.is_timeout()),
    };
    let is_timeout = |attempt: &&Attempt| attempt.failure == Some(FailureKind::Timeout);
    history.iter().filter(is_timeout).count() as u64 + u64::from(last)
}

/// The modes in the order of the columns.
const MODES: [Mode; 3] = [Mode::Once, Mode::Passing, Mode::Lasting];

/// The outcomes of a fault by mode, the classes that have them, and whether their changes are made.
type Rows = BTreeMap<[Outcome; 3], (BTreeSet<&'static str>, Option<bool>)>;

/// The rows of a fault. All operations of a class have the same outcomes, and all changes are made or
/// none.
fn rows(fault: &str, ended: &BTreeMap<(&str, Mode), Ended>, known: &[&'static Operation]) -> Rows {
    let mut by_class: BTreeMap<&str, (&str, [Outcome; 3])> = BTreeMap::new();
    let mut rows = Rows::new();
    for operation in known {
        let of = MODES.map(|mode| &ended[&(operation.name, mode)]);
        let outcomes = of.map(|of| of.outcome.clone());
        let (classes, done) = rows.entry(outcomes.clone()).or_default();
        classes.insert(class(operation));
        for mine in of.into_iter().filter_map(|of| of.done) {
            let all = *done.get_or_insert(mine);
            assert_eq!(mine, all, "{fault}: {} differs from others", operation.name);
        }
        let first = by_class.entry(class(operation));
        let (first, same) = first.or_insert_with(|| (operation.name, outcomes.clone()));
        for (mine, same) in outcomes.iter().zip(same) {
            let (name, mine, same) = (operation.name, mine.to_string(), same.to_string());
            assert_eq!(mine, same, "{fault}: {name} differs from {first}");
        }
    }
    rows
}

/// The operations of each class.
fn classes(known: &[&'static Operation]) -> BTreeMap<&'static str, Vec<&'static str>> {
    let mut classes: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for operation in known {
        classes
            .entry(class(operation))
            .or_default()
            .push(operation.name);
    }
    classes
}

/// What stands between the two marks of the page.
async fn table() -> String {
    let is_stored = |operation: &&Operation| {
        stateful_operations().any(|id| id == operation.name.replace('_', "-"))
    };
    let known: Vec<_> = operations().filter(is_stored).collect();
    let classes = classes(&known);
    let mut text = String::from("| class | operations |\n|---|---|\n");
    for (class, names) in &classes {
        let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
        writeln!(text, "| {class} | {} |", names.join(", ")).unwrap();
    }
    text.push_str(
        "\n| fault | operations | without retries | with retries, it passes | with retries, it lasts | failed change | repeat later |\n|---|---|---|---|---|---|---|\n",
    );
    let here = BaseUrl::parse("http://127.0.0.1").unwrap();
    let http = pivotal_runtime::http_client(&here).unwrap();
    let cells = FAULTS.iter().flat_map(|fault| {
        let cells = known
            .iter()
            .flat_map(move |of| MODES.map(|mode| (*fault, *of, mode)));
        cells.collect::<Vec<_>>()
    });
    let cells = cells.map(|(fault, operation, mode)| {
        let http = http.clone();
        tokio::spawn(async move {
            let ended = call(operation, fault, mode, &http).await;
            (fault, (operation.name, mode), ended)
        })
    });
    let mut ended: BTreeMap<&str, BTreeMap<_, _>> = BTreeMap::new();
    let mut cells = stream::iter(cells).buffer_unordered(CONCURRENT);
    while let Some(cell) = cells.next().await {
        let (fault, cell, end) = cell.unwrap();
        ended.entry(fault).or_default().insert(cell, end);
    }
    for fault in FAULTS {
        for (outcomes, (of, done)) in rows(fault, &ended[fault], &known) {
            let of = match of.len() == classes.len() {
                true => "all".to_owned(),
                false => Vec::from_iter(of).join(", "),
            };
            let [once, passing, lasting] = &outcomes;
            let done = match done {
                None => "",
                Some(true) => "done",
                Some(false) => "not done",
            };
            let repeat = match (&lasting.error, lasting.retryable) {
                (None, _) => "",
                (_, true) => "yes",
                (_, false) => "no",
            };
            let cells = format!("{once} | {passing} | {lasting} | {done} | {repeat}");
            writeln!(text, "| `{fault}` | {of} | {cells} |").unwrap();
        }
    }
    text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_outcomes_are_those_of_the_page() {
    const MARKS: [&str; 2] = ["<!-- outcomes -->\n\n", "\n<!-- end of outcomes -->"];
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/faults.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (head, rest) = page.split_once(MARKS[0]).unwrap();
    let (shown, tail) = rest.split_once(MARKS[1]).unwrap();
    let table = table().await;
    if var_os("INSTA_UPDATE").is_some_and(|update| update == "always") {
        let page = [head, MARKS[0], &table, MARKS[1], tail].concat();
        std::fs::write(&path, page).unwrap();
        return;
    }
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<BTreeSet<_>>();
    let (shown, found) = (lines(shown), lines(&table));
    let missing: Vec<_> = shown
        .difference(&found)
        .map(|line| format!("-{line}"))
        .collect();
    let new: Vec<_> = found
        .difference(&shown)
        .map(|line| format!("+{line}"))
        .collect();
    assert!(
        missing.is_empty() && new.is_empty(),
        "docs/faults.md differs from what happens; INSTA_UPDATE=always writes it\n{}\n{}",
        missing.join("\n"),
        new.join("\n")
    );
}

/// A fault that the sandbox gains is to be in the table.
#[test]
fn no_fault_of_the_sandbox_is_left_out() {
    let name = |fault: &str| fault.split(['=', '[']).next().unwrap().to_owned();
    let known = "none".parse::<FaultKind>().unwrap_err().to_string();
    let known = known
        .split("there are ")
        .nth(1)
        .unwrap()
        .split(", ")
        .map(name);
    let of_webhooks = ["duplicate", "reorder", "wrong-signature", "old-timestamp"];
    let known: BTreeSet<_> = known
        .filter(|fault| !of_webhooks.contains(&fault.as_str()))
        .collect();
    assert_eq!(known, BTreeSet::from(FAULTS.map(name)));
}
