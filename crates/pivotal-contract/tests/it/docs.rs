//! `docs/contract-checks.md` is up to date.

use std::collections::BTreeSet;
use std::path::Path;

use pivotal_contract::{AdditionKind, Evidence, Source, ViolationKind};
use pivotal_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::altered::connect;
use crate::page::run;
use crate::report::wrong;
use crate::scripted::{HEADERS, KEY, Reports, client, serve};

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/contract-checks.md");
    std::fs::read_to_string(path).unwrap()
}

#[tokio::test]
async fn its_example_is_the_code_that_runs_here() {
    let page = page();
    let (_, code) = page.split_once("```rust\n").unwrap();
    let (code, _) = code.split_once("```").unwrap();
    assert_eq!(code, include_str!("page.rs"));
    let sandbox = Sandbox::builder().seed(7).start().await.unwrap();
    assert_eq!(run(connect(&sandbox)()).await.unwrap(), 0);
    let fault = "list-customers:missing-key=plan".parse().unwrap();
    sandbox.faults().add(fault).unwrap();
    assert!(run(connect(&sandbox)()).await.unwrap() > 0);
}

/// The keys of an object, and of the objects in its lists.
fn keys(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(key, value)| {
            found.insert(key.clone());
            // Its keys are points of the contract.
            if key != "exempted" {
                keys(value, found);
            }
        }),
        Value::Array(items) => items.iter().for_each(|item| keys(item, found)),
        _ => {}
    }
}

#[tokio::test]
async fn its_keys_and_words_of_the_json_report_are_those_that_are_printed() {
    let mut printed = BTreeSet::new();
    keys(&serde_json::to_value(wrong().await).unwrap(), &mut printed);
    let note = json!({ "case": "", "reason": "" });
    keys(&note, &mut printed);
    let words = json!([
        ViolationKind::Status,
        ViolationKind::Header,
        ViolationKind::ContentType,
        ViolationKind::Body,
        ViolationKind::Parameter,
        ViolationKind::RequestBody,
        ViolationKind::Behaviour,
        ViolationKind::Sdk,
        AdditionKind::Key,
        AdditionKind::EnumValue,
        AdditionKind::Parameter,
        Source::Document,
        Source::ProjectDecision,
        Source::Sdk,
        Evidence::Stated,
        Evidence::Example,
        Evidence::Inferred,
        Evidence::Decided,
    ]);
    let words = words.as_array().unwrap().iter();
    printed.extend(words.map(|word| word.as_str().unwrap().to_owned()));

    let page = page();
    let (_, section) = page.split_once("`--format json` prints").unwrap();
    let (section, _) = section.split_once("What it writes").unwrap();
    let documented: BTreeSet<String> = section
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|word| !word.contains('/'))
        .map(str::to_owned)
        .collect();
    assert_eq!(documented, printed);
}

#[tokio::test]
async fn its_example_of_a_violation_is_what_is_reported() {
    let reports = Reports::default();
    let me = json!({
        "object": "me",
        "api_key": { "id": "k", "name": "n", "prefix": "p", "scopes": [], "rate_limit_tier": "test" },
    });
    let base_url = serve(200, HEADERS, &me.to_string()).await;
    let _ = client(&base_url, reports.observer()).me().await;
    let line = format!("drift: {}\n", reports.lines().concat());
    assert!(page().contains(&line) && !line.contains(KEY), "{line}");
}
