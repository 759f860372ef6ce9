//! Values of options that are refused, and how it is said.

use std::fs;
use std::path::Path;

use crate::running::{pivotal, shown};

fn run(folder: &Path, arguments: &str) -> String {
    let mut command = pivotal();
    command.args(arguments.split(' ')).current_dir(folder);
    shown(&command.output().expect("the binary starts"))
}

/// A file of another kind there would stop the next import.
#[test]
fn the_names_of_the_state_and_the_configuration_are_kept_before_these_exist() {
    let folder = tempfile::tempdir().unwrap();
    let state = ["pivotal.db", "./Pivotal.DB"];
    let config = ["pivotal-sync.toml", "../pivotal-sync.toml"];
    let other = [
        "export customers --sandbox --format csv -o",
        "export all --sandbox --format sqlite -o",
        "import - --sandbox --failed",
        "plan - --sandbox --out",
        "board --sandbox --html",
        "sandbox --listen 127.0.0.1:0 --state",
        "sandbox --listen 127.0.0.1:0 --address-file",
        "sandbox import export.json --state",
    ];
    let both = other.map(|command| (command, [&state[..], &config]));
    let init = "sync init --from stripe --config";
    let one = [
        (init, [&state[..], &[]]),
        ("mirror --sandbox --state", [&config, &[]]),
    ];
    for (command, names) in both.into_iter().chain(one) {
        let dash: &[&str] = if command.starts_with("export") {
            &[]
        } else {
            &["-"]
        };
        for name in names.concat().iter().chain(dash) {
            let text = run(folder.path(), &format!("{command} {name}"));
            assert!(
                text.contains("name another file") && text.contains("exit: 2"),
                "{command} {name}: {text}"
            );
        }
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    let text = run(folder.path(), init.strip_suffix(" --config").unwrap());
    assert!(text.contains("wrote pivotal-sync.toml"), "{text}");
}

#[test]
fn folders_are_not_created() {
    let folder = tempfile::tempdir().unwrap();
    for command in [
        "export customers --sandbox -o d/e/f.csv",
        "import - --sandbox --failed d/e/f.csv",
        "plan - --sandbox --out d/e/f.jsonl",
        "board --sandbox --html d/e/f.html",
        "sync init --from stripe --config d/e/f.toml",
        "sandbox --listen 127.0.0.1:0 --address-file d/e/f",
    ] {
        let text = run(folder.path(), command);
        assert!(
            text.contains("the folder d/e does not exist; create it") && text.contains("exit: 2"),
            "{command}: {text}"
        );
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn what_an_option_takes_is_said_in_plain_words() {
    let folder = tempfile::tempdir().unwrap();
    let whole = "give a whole number, in digits";
    let large = "the number is too large";
    let at_most = "mrr takes a whole number of at most 9223372036854775807, not 1";
    let create = "customers create --sandbox --set name=a --set slug=a --set";
    for (command, expected) in [
        ("undo abc", whole),
        ("runs abc", whole),
        ("customers list --sandbox --limit x", whole),
        (
            "customers list --sandbox --limit 99999999999999999999",
            large,
        ),
        ("import --max-changes 1.5 crm.csv", whole),
        ("import --max-deletes=-1 crm.csv", whole),
        ("sandbox --seed x", whole),
        ("sandbox --fault-seed x", whole),
        ("board --sandbox --watch x", whole),
        (
            "board --sandbox --watch 0",
            "give a whole number of at least 1",
        ),
        (
            "board --sandbox --now xx",
            "give a time such as 2026-07-01T00:00:00Z",
        ),
        (
            "sandbox --listen 8787",
            "give an IP address and a port, such as 127.0.0.1:8787",
        ),
        (&format!("{create} mrr=99999999999999999999"), at_most),
        (&format!("{create} mrr=10000000000000000000"), at_most),
        (
            &format!("{create} mrr=1.5"),
            "mrr takes a whole number, not 1.5",
        ),
    ] {
        let text = run(folder.path(), command);
        assert!(
            text.contains(expected) && text.contains("exit: 2"),
            "{command}: {text}"
        );
    }
}

/// A file that is too large fails to be written, as on a full disk.
#[cfg(unix)]
#[test]
fn the_file_that_a_full_disk_does_not_take_is_named() {
    let folder = tempfile::tempdir().unwrap();
    for (command, file) in [
        ("export customers --sandbox -o c.csv", "c.csv"),
        ("export customers --sandbox -o c.jsonl", "c.jsonl"),
        ("export customers --sandbox -o c.sqlite", "c.sqlite"),
        ("export contacts --sandbox -o c.json", "c.json"),
        ("board --sandbox --html b.html", "b.html"),
    ] {
        let output = std::process::Command::new("sh")
            .args(["-c", "trap '' XFSZ; ulimit -f 1; exec \"$@\"", "sh"])
            .arg(env!("CARGO_BIN_EXE_pivotal"))
            .args(command.split(' '))
            .current_dir(folder.path())
            .output()
            .unwrap();
        let text = shown(&output);
        assert!(
            text.contains(&format!("error: {file}: cannot write")) && text.contains("exit: 1"),
            "{command}: {text}"
        );
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
