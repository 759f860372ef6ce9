//! The workflows are YAML that says what it should, and the scripts that they call do what the docs
//! say.

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
    assert_eq!(called, 6);
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

/// A `PATH` that begins with a program of this name, a shell script.
#[cfg(unix)]
fn with_program(folder: &Path, name: &str, script: &str) -> String {
    crate::workbench::program(&folder.join(name), script);
    let path = std::env::var("PATH").unwrap();
    format!("{}:{path}", folder.display())
}

/// A `cargo` that says what it was called with.
#[cfg(unix)]
fn with_a_talking_cargo(folder: &Path) -> String {
    with_program(folder, "cargo", "echo \"cargo $*\"")
}

/// A `cargo` whose `xtask` is the one that was built.
#[cfg(unix)]
fn with_the_real_xtask(folder: &Path) -> String {
    let xtask = env!("CARGO_BIN_EXE_xtask");
    with_program(folder, "cargo", &format!("shift; exec '{xtask}' \"$@\""))
}

#[cfg(unix)]
#[test]
fn drift_fails_when_the_published_document_is_another_and_passes_when_it_is_ours() {
    let folder = tempfile::tempdir().unwrap();
    let path = with_the_real_xtask(folder.path());
    let ours = fs::read_to_string(repository().join("openapi/upstream.json")).unwrap();
    let (same, other) = (
        folder.path().join("same.json"),
        folder.path().join("other.json"),
    );
    fs::write(&same, &ours).unwrap();
    let mut changed: Value = serde_json::from_str(&ours).unwrap();
    changed["paths"]["/api/v1/reports"] =
        serde_json::json!({ "get": { "responses": { "200": { "description": "All." } } } });
    fs::write(&other, changed.to_string()).unwrap();
    for (document, code, said) in [(same, 0, "Nothing to do"), (other, 3, "endpoint-added")] {
        let setting = ("PIVOTAL_DOCUMENT_URL", document.to_str().unwrap());
        let output = script(
            "drift.sh",
            "document",
            folder.path(),
            &[("PATH", &path), setting],
        );
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        assert!(text.contains(said), "{text}");
    }
}

/// The step of the users' workflow that asks the live API, run with programs that say what they
/// were called with.
#[cfg(unix)]
#[test]
fn users_ask_the_live_api_with_the_revision_of_the_sdk_that_they_build_with() {
    let folder = tempfile::tempdir().unwrap();
    let file = fs::read_to_string(repository().join("docs/examples/pivotal.yml")).unwrap();
    let workflow: Value = yaml_serde::from_str(&file).unwrap();
    let step = steps(&workflow["jobs"]["contract"]).last().unwrap();
    let path = with_program(
        folder.path(),
        "cargo",
        "if [ \"$1\" != metadata ]; then echo \"cargo $*\"; fi",
    );
    with_program(folder.path(), "pivotal", "echo \"pivotal $*\"");
    with_program(folder.path(), "jq", "echo \"$SOURCE\"");
    let run = |source: &str, key: &str| {
        let output = Command::new("bash")
            .args(["-e", "-c", step["run"].as_str().unwrap()])
            .envs([
                ("PATH", path.as_str()),
                ("SOURCE", source),
                ("PIVOTAL_API_KEY", key),
            ])
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(
        run("git+https://example.com/p.git?branch=main#0a1b2c", "k"),
        "cargo install --locked --git https://example.com/p.git --rev 0a1b2c pivotal-cli\npivotal contract --live\n"
    );
    assert!(run("", "k").starts_with("::notice::pivotal-sdk is no git dependency"));
    assert!(run("git+https://example.com/p.git#0a1b2c", "").starts_with("::notice::The secret"));
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
            format!("cargo xtask update --from {url} --dry-run --no-check --fail-on any\n"),
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
    assert!(
        shown.starts_with("cargo xtask diff FETCH_HEAD:openapi/"),
        "{shown}"
    );
    assert!(
        shown.ends_with("openapi/pivotal.json --format github --fail-on never\n"),
        "{shown}"
    );

    // Annotations name files as the repository does, whatever was found.
    let document = |paths: &str| {
        format!(
            "{{\"openapi\":\"3.1.0\",\"info\":{{\"title\":\"T\",\"version\":\"1\"}},\"paths\":{paths}}}\n"
        )
    };
    let operation = r#"{"/teas":{"get":{"responses":{"200":{"description":"All."}}}}}"#;
    fs::write(origin.join("openapi/pivotal.json"), document(operation)).unwrap();
    git(
        &origin,
        &["commit", "--quiet", "--all", "--message=operation"],
    );
    fs::write(&contract, document("{}")).unwrap();
    with_the_real_xtask(folder.path());
    let shown = run();
    assert!(
        shown.starts_with(
            "::error file=openapi/pivotal.json,line=1,title=api-removed-without-deprecation::"
        ),
        "{shown}"
    );
}
