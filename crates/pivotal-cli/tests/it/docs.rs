//! The examples of `docs/sandbox.md`, as its readers run them.

use std::path::Path;
use std::process::Command;

use crate::running::{Served, shown};

const KEY: &str = "pivotal_test_mine";

/// The first block of code under a heading.
fn block(text: &str, heading: &str) -> Option<String> {
    let (_, section) = text.split_once(&format!("\n## {heading}\n"))?;
    let (_, block) = section.split_once("```")?;
    let (_, block) = block.split_once('\n')?;
    Some(block.split_once("```")?.0.to_owned())
}

fn page() -> std::io::Result<String> {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/sandbox.md"))
}

#[test]
fn the_rust_example_is_the_test_that_runs_here() {
    let example = block(&page().unwrap(), "Rust").unwrap();
    assert_eq!(example, include_str!("page.rs"));
}

#[test]
#[ignore = "needs curl 7.82, Node.js 20 with tsx, and Python 3"]
fn the_examples_run() {
    let server = Served::with(["--api-key", KEY, "--seed", "7", "--admin"]);
    let page = page().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let run = |heading: &str, program: &str, file: &str| {
        let code = block(&page, heading)
            .unwrap()
            .replace("http://127.0.0.1:8787", &server.base_url);
        let file = folder.path().join(file);
        std::fs::write(&file, code).unwrap();
        let output = Command::new(program)
            .arg(file)
            .env("PIVOTAL_API_KEY", KEY)
            .env("PIVOTAL_BASE_URL", &server.base_url)
            .output()
            .unwrap_or_else(|error| panic!("{heading}: {program} cannot be started: {error}"));
        assert!(output.status.success(), "{heading}: {}", shown(&output));
        String::from_utf8(output.stdout).unwrap()
    };
    let output = run("curl", "bash", "example.sh");
    let slugs = output.matches(r#""slug":"aurora-demo""#).count();
    assert_eq!(slugs, 2, "{output}");
    let active = run("TypeScript", "tsx", "example.mts");
    assert!(active.lines().count() > 1, "{active}");
    let moved = run("Python", "python3", "example.py");
    assert_eq!(moved, "program_design since 2026-07-04T09:00:00.000Z\n");
}
