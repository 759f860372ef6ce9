//! The program of the README.

use std::process::Command;

use pivotal_sandbox::Sandbox;

use crate::sandbox::in_both_modes;

#[path = "../../examples/quick_start.rs"]
mod quick_start;

#[test]
#[ignore = "run by the_program_of_the_readme_runs_as_printed, in its environment"]
fn program() {
    quick_start::main().unwrap();
}

fn run(sandbox: &Sandbox, api_key: &str) -> (bool, String) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "readme::program", "--ignored", "--nocapture"])
        .env("PIVOTAL_BASE_URL", sandbox.base_url())
        .env("PIVOTAL_API_KEY", api_key)
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(text).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_program_of_the_readme_runs_as_printed() {
    let readme = include_str!("../../../../README.md");
    let program = readme.split_once("```rust\n").unwrap().1;
    let program = program.split_once("```").unwrap().0;
    let example = include_str!("../../examples/quick_start.rs");
    let example = example.replace("pub(crate) async fn main", "async fn main");
    assert_eq!(example.split_once("\n\n").unwrap().1, program);

    in_both_modes(async |sandbox, pivotal| {
        for _ in 0..2 {
            let (success, text) = run(sandbox, sandbox.api_key());
            assert!(success && text.contains("1 Aurora Outfitters"), "{text}");
        }
        let customers = pivotal.customers().list().await.unwrap().data;
        assert_eq!(customers.len(), 1);
        let contacts = pivotal.customer(&customers[0]).contacts().list();
        assert_eq!(contacts.await.unwrap().data.len(), 1);

        let (success, text) = run(sandbox, "pivotal_a_live_key");
        assert!(!success && text.contains("requires a test key"), "{text}");
    })
    .await;
}
