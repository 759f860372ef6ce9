//! The workflows are YAML that says what it should, and the scripts that they call do what the docs say.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::workbench::repository;

/// Every workflow of this repository, and the one that users copy.
fn workflows() -> Vec<(PathBuf, Value)> {
    let folders = [".github/workflows", "docs/examples"].map(|folder| repository().join(folder));
    let mut found: Vec<_> = folders
        .iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yml"))
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            let workflow = yaml_serde::from_str(&text)
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            (path, workflow)
        })
        .collect();
    found.sort_by(|(left, _), (right, _)| left.cmp(right));
    found
}

fn jobs(workflow: &Value) -> impl Iterator<Item = (&String, &Value)> {
    workflow["jobs"].as_object().into_iter().flatten()
}

fn steps(job: &Value) -> impl Iterator<Item = &Value> {
    job["steps"].as_array().into_iter().flatten()
}

#[test]
fn every_workflow_reads_only_ends_in_time_and_runs_once() {
    let workflows = workflows();
    assert_eq!(workflows.len(), 3, "{workflows:?}");
    for (path, workflow) in &workflows {
        let path = path.display();
        assert_eq!(
            workflow["permissions"],
            serde_json::json!({ "contents": "read" }),
            "{path}"
        );
        assert!(workflow["concurrency"]["group"].is_string(), "{path}");
        assert!(workflow["on"].is_object(), "{path}");
        assert!(jobs(workflow).count() > 0, "{path}");
        for (name, job) in jobs(workflow) {
            assert!(job["timeout-minutes"].is_u64(), "{path}: {name}");
            assert!(job.get("permissions").is_none(), "{path}: {name}");
            assert!(steps(job).count() > 0, "{path}: {name}");
        }
    }
}

#[test]
fn actions_are_pinned_to_a_major_version() {
    for (path, workflow) in workflows() {
        let actions = jobs(&workflow)
            .flat_map(|(_, job)| steps(job))
            .filter_map(|step| step["uses"].as_str());
        for action in actions {
            let version = action.split_once("@v").map(|(_, version)| version);
            let is_major = version.is_some_and(|version| version.parse::<u8>().is_ok());
            assert!(is_major, "{}: {action}", path.display());
        }
    }
}

#[test]
fn scripts_that_workflows_call_are_there() {
    let mut called = 0;
    for (path, workflow) in workflows() {
        for step in jobs(&workflow).flat_map(|(_, job)| steps(job)) {
            let words = step["run"].as_str().unwrap_or_default().split_whitespace();
            for script in
                words.filter(|word| word.starts_with(".github/") || word.starts_with(".ci/"))
            {
                assert!(
                    repository().join(script).is_file(),
                    "{}: {script}",
                    path.display()
                );
                called += 1;
            }
        }
    }
    assert_eq!(called, 4);
}

/// Values of secrets reach a script through its environment, never through the text of a command.
#[test]
fn no_expression_stands_in_a_command() {
    for (path, workflow) in workflows() {
        for step in jobs(&workflow).flat_map(|(_, job)| steps(job)) {
            let run = step["run"].as_str().unwrap_or_default();
            assert!(!run.contains("${{"), "{}: {run}", path.display());
        }
    }
}

#[cfg(unix)]
fn script(name: &str, argument: &str, folder: &Path, environment: &[(&str, &str)]) -> Output {
    Command::new("bash")
        .arg(repository().join(".github/scripts").join(name))
        .args(Some(argument).filter(|argument| !argument.is_empty()))
        .current_dir(folder)
        .env_remove("PIVOTAL_DOCUMENT_URL")
        .env_remove("PIVOTAL_API_KEY")
        .envs(environment.iter().copied())
        .output()
        .unwrap()
}

#[cfg(unix)]
#[test]
fn drift_without_a_url_or_a_key_is_a_notice() {
    for (job, setting) in [
        ("document", "PIVOTAL_DOCUMENT_URL"),
        ("server", "PIVOTAL_TEST_API_KEY"),
    ] {
        let output = script("drift.sh", job, &repository(), &[]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{text}");
        assert!(
            text.starts_with("::notice::") && text.contains(setting),
            "{text}"
        );
    }
}

#[cfg(unix)]
#[test]
fn drift_of_nothing_in_particular_is_a_mistake() {
    let output = script("drift.sh", "", &repository(), &[]);
    assert_eq!(output.status.code(), Some(2));
}

/// A `cargo` that says what it was called with.
#[cfg(unix)]
fn with_a_talking_cargo(folder: &Path) -> String {
    use std::os::unix::fs::PermissionsExt;
    let cargo = folder.join("cargo");
    fs::write(&cargo, "#!/bin/sh\necho \"cargo $*\"\n").unwrap();
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
    let path = std::env::var("PATH").unwrap();
    format!("{}:{path}", folder.display())
}

#[cfg(unix)]
#[test]
fn drift_runs_the_command_that_the_docs_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = with_a_talking_cargo(folder.path());
    let url = "https://example.com/openapi.json";
    for (job, setting, command) in [
        (
            "document",
            ("PIVOTAL_DOCUMENT_URL", url),
            format!("cargo xtask update --from {url} --dry-run\n"),
        ),
        (
            "server",
            ("PIVOTAL_API_KEY", "pvt_test_key"),
            "cargo xtask contract --live\n".to_owned(),
        ),
    ] {
        let output = script("drift.sh", job, folder.path(), &[("PATH", &path), setting]);
        assert_eq!(String::from_utf8(output.stdout).unwrap(), command);
    }
}

#[cfg(unix)]
#[test]
fn api_changes_are_shown_when_the_contract_differs_from_that_of_the_base() {
    let folder = tempfile::tempdir().unwrap();
    let (origin, clone) = (folder.path().join("origin"), folder.path().join("clone"));
    let contract = clone.join("openapi/pivotal.json");
    let git = |folder: &Path, arguments: &[&str]| {
        let identity = [
            "-c",
            "user.name=T",
            "-c",
            "user.email=t@example.com",
            "-c",
            "commit.gpgsign=false",
        ];
        let output = Command::new("git")
            .args(identity)
            .args(arguments)
            .current_dir(folder)
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
    };
    fs::create_dir_all(origin.join("openapi")).unwrap();
    git(&origin, &["init", "--quiet", "--initial-branch=main"]);
    git(
        &origin,
        &["commit", "--quiet", "--allow-empty", "--message=start"],
    );
    git(folder.path(), &["clone", "--quiet", "origin", "clone"]);
    let path = with_a_talking_cargo(folder.path());
    let run = || {
        let output = script(
            "api-changes.sh",
            "",
            &clone,
            &[("PATH", &path), ("BASE_REF", "main")],
        );
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(run().contains("nothing to compare"));

    fs::write(origin.join("openapi/pivotal.json"), "{}\n").unwrap();
    git(&origin, &["add", "--all"]);
    git(&origin, &["commit", "--quiet", "--message=contract"]);
    fs::create_dir_all(contract.parent().unwrap()).unwrap();
    fs::write(&contract, "{}\n").unwrap();
    assert_eq!(run(), "The contract is that of main.\n");

    fs::write(&contract, "{\"paths\": {}}\n").unwrap();
    let shown = run();
    assert!(shown.starts_with("cargo xtask diff /"), "{shown}");
    assert!(
        shown.ends_with("openapi/pivotal.json --format github --fail-on never\n"),
        "{shown}"
    );
}
