//! The crontab, the systemd units and the GitHub Action of `docs/nightly-sync.md`.

// A helper that cannot unwrap hides its point, like a test.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use yaml_serde::Value;

use crate::place::Place;
use crate::running::{pivotal, shown};

/// The first block of the page in this language after the heading `Every night`.
fn block(language: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/nightly-sync.md");
    let page = fs::read_to_string(path).unwrap();
    let (_, section) = page.split_once("\n## Every night\n").unwrap();
    let (_, block) = section.split_once(&format!("```{language}\n")).unwrap();
    block.split_once("```").unwrap().0.to_owned()
}

/// Runs a line of a shell in a place with a source, with `pivotal` and a `mail` in the path that
/// prints its arguments.
async fn run(place: &Place, line: &str) -> Output {
    place.write("mail", "#!/bin/sh\necho mail \"$@\"\n");
    let mail = place.path("mail");
    let script = format!("chmod +x '{}'; {line}", mail.display());
    let binary = Path::new(env!("CARGO_BIN_EXE_pivotal")).parent().unwrap();
    let path = [
        binary,
        mail.parent().unwrap(),
        Path::new("/usr/bin"),
        Path::new("/bin"),
    ];
    let mut command = Command::new("sh");
    command.args(["-c", &script]).current_dir(place.path(""));
    let variables = place.command("");
    command.envs(
        variables
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    command.env("PATH", std::env::join_paths(path).unwrap());
    let output = tokio::task::spawn_blocking(move || command.output()).await;
    output.unwrap().unwrap()
}

fn with_source(place: &Place) {
    place.write("crm.csv", "name,slug\nA,a\n");
    let mut init = pivotal();
    init.args(["sync", "init", "crm.csv"]);
    let init = init.current_dir(place.path("")).output().unwrap();
    assert!(init.status.success(), "{}", shown(&init));
}

#[tokio::test]
async fn the_line_of_the_crontab_syncs_and_mails_a_failure() {
    let place = Place::new(false).await;
    let line = block("text");
    let folder = place.path("");
    let line = line.trim().strip_prefix("15 2 * * *  ").unwrap();
    let line = line.replace("/srv/pivotal", folder.to_str().unwrap());
    let output = shown(&run(&place, &line).await);
    assert_eq!(
        output,
        "mail -s Pivotal sync: exit 2 ops@example.com\nexit: 0"
    );
    with_source(&place);
    assert_eq!(shown(&run(&place, &line).await), "exit: 0");
    let log = fs::read_to_string(place.path("sync.log")).unwrap();
    assert!(
        log.contains("no source is configured") && log.contains("COMPLETE"),
        "{log}"
    );
}

#[test]
fn the_units_are_valid() {
    if Command::new("systemd-analyze")
        .arg("--version")
        .output()
        .is_err()
    {
        eprintln!("not checked: systemd-analyze is not installed");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for unit in block("ini").split("# /etc/systemd/system/").skip(1) {
        let (name, content) = unit.split_once('\n').unwrap();
        let file = folder.path().join(name);
        // The command has to exist.
        let binary = env!("CARGO_BIN_EXE_pivotal");
        fs::write(&file, content.replace("/usr/local/bin/pivotal", binary)).unwrap();
        files.push(file);
    }
    assert_eq!(files.len(), 2);
    let output = Command::new("systemd-analyze")
        .arg("verify")
        .args(&files)
        .output()
        .unwrap();
    // An unknown key is only a warning.
    assert_eq!(shown(&output), "exit: 0");
}

#[tokio::test]
async fn the_steps_of_the_action_are_commands_that_exist() {
    let action: Value = yaml_serde::from_str(&block("yaml")).unwrap();
    let steps = action["jobs"]["sync"]["steps"].as_sequence().unwrap();
    let commands = steps.iter().filter_map(|step| step["run"].as_str());
    let [install, sync] = commands.collect::<Vec<_>>()[..] else {
        panic!("{steps:?}");
    };
    assert!(install.starts_with("cargo install ") && install.ends_with(env!("CARGO_PKG_NAME")));
    let place = Place::new(false).await;
    with_source(&place);
    let output = run(&place, sync).await;
    assert!(output.status.success(), "{}", shown(&output));
    // What is cached is the state, and it is saved under the name by which it is restored.
    let cached = steps.iter().filter(|step| step["with"].is_mapping());
    let cached: Vec<_> = cached.map(|step| &step["with"]).collect();
    assert_eq!(cached.len(), 2, "{steps:?}");
    assert_eq!(cached[0]["key"], cached[1]["key"]);
    for step in cached {
        assert!(place.path(step["path"].as_str().unwrap()).exists());
    }
}
