//! `docs/contract-checks.md` is true.

use std::path::Path;

use pivotal_sandbox::Sandbox;

use crate::altered::connect;
use crate::page::watched;
use crate::scripted::{HEADERS, KEY, Told, answering, client};

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
    let sandbox = Sandbox::start().await;
    watched(connect(&sandbox)()).unwrap().me().await.unwrap();
}

#[tokio::test]
async fn its_line_of_drift_is_what_is_told() {
    let told = Told::default();
    let me = serde_json::json!({
        "object": "me",
        "api_key": { "id": "k", "name": "n", "prefix": "p", "scopes": [], "rate_limit_tier": "test" },
    });
    let base_url = answering(200, HEADERS, &me.to_string()).await;
    let _ = client(&base_url, told.observer()).me().await;
    let line = format!("drift: {}\n", told.lines().concat());
    assert!(page().contains(&line) && !line.contains(KEY), "{line}");
}
