//! `pivotal import` and its relatives, as a user runs them.

use std::fs;
use std::process::Command;

use crate::place::Place;
use crate::running::{pivotal, shown};

#[tokio::test]
async fn exit_codes_say_how_a_run_ended() {
    let place = Place::new(false).await;
    place.write("good.csv", "name,slug\nA,a\nB,b\n");
    place.write("changed.csv", "name,slug\nA1,a\nB1,b\n");
    place.write("unknown.csv", "nmae,slug\nA,a\n");
    place.write("cut.csv", "name,slug\nA,a\n\"B,b");
    let cases: [(&str, i32, &str); 13] = [
        ("import missing.csv", 2, "missing.csv"),
        ("import unknown.csv", 2, "did you mean \"name\"?"),
        ("runs", 0, "failed"),
        ("plan good.csv", 0, "apply it with `pivotal apply 2`"),
        ("import good.csv --dry-run", 0, "2 create"),
        ("apply 2", 0, "COMPLETE"),
        ("import good.csv", 0, "2 unchanged"),
        (
            "plan changed.csv",
            6,
            "apply it with `pivotal apply 5 --max-changes 100`",
        ),
        (
            "import changed.csv",
            6,
            "STOPPED by a guard; nothing was written",
        ),
        ("runs 6", 0, "with the option applies it"),
        ("import cut.csv", 5, "INCOMPLETE: cut.csv"),
        ("mirror", 0, "complete: 2 customers"),
        ("apply 77", 2, "there is no run 77"),
    ];
    for (arguments, expected, part) in cases {
        let (code, text) = place.code(arguments).await;
        assert_eq!(code, expected, "{arguments}: {text}");
        assert!(text.contains(part), "{arguments}: {text}");
        assert!(!text.contains(place.sandbox.api_key()), "{text}");
    }
    place.sandbox.revoke_key(place.sandbox.api_key());
    let (code, text) = place.code("import good.csv").await;
    assert_eq!(code, 4, "{text}");
}

#[tokio::test]
async fn json_has_the_plan_and_undo_takes_it_back() {
    let place = Place::new(false).await;
    place.write(
        "customers.csv",
        "name,slug,mrr\nA\u{9b}\u{202e},a,1\nB,b,many\n",
    );
    let output = place.run("import customers.csv -o json").await;
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        (&report["exit_code"], &report["state"]),
        (&1.into(), &"partial".into())
    );
    assert_eq!(report["items"].as_array().unwrap().len(), 2);
    assert_eq!(report["items"][1]["field"], "mrr");
    assert_eq!(report["items"][0]["label"], "A\u{9b}\u{202e}");
    assert!(
        !shown(&output).contains(['\u{9b}', '\u{202e}']),
        "nothing controls a terminal"
    );
    let output = place.run("runs --output json").await;
    let runs: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(runs[0]["run"], 1);

    let (code, text) = place.code("undo 1 --dry-run").await;
    assert_eq!((code, place.customers().await.len()), (0, 1), "{text}");
    let (code, text) = place.code("undo 1").await;
    assert_eq!((code, place.customers().await.len()), (0, 0), "{text}");
}

#[cfg(unix)]
#[tokio::test]
async fn init_writes_a_configuration_that_plans_and_never_replaces_one() {
    let place = Place::new(false).await;
    let init = |place: &Place| {
        let mut command = pivotal();
        command
            .args(["sync", "init", "--from", "csv", "crm.csv"])
            .current_dir(place.folder.path());
        command.output().unwrap()
    };
    let other = async |arguments: &str, expected: i32, words: &str| {
        let init = format!("sync init --config t.toml {arguments}");
        let (code, text) = place.code(&init).await;
        assert!(code == expected && text.contains(words), "{text}");
        let written = fs::read_to_string(place.path("t.toml")).unwrap_or_default();
        let _ = fs::remove_file(place.path("t.toml"));
        written
    };
    place.write(
        "crm.csv",
        "Company name,Website,MRR\nAurora,https://aurora.test,99.50\n",
    );
    // A file that is too large fails to be written, as on a full disk.
    let mut limited = Command::new("sh");
    limited
        .args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$@\"", "sh"])
        .arg(env!("CARGO_BIN_EXE_pivotal"))
        .args(["sync", "init", "--from", "csv", "crm.csv"])
        .current_dir(place.folder.path());
    let output = limited.output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", shown(&output));
    assert!(
        shown(&output).contains("pivotal-sync.toml: "),
        "{}",
        shown(&output)
    );
    assert_eq!(fs::read_dir(place.folder.path()).unwrap().count(), 1);
    for arguments in [
        "crm.csv",
        "crm.csv --from csv",
        "--from csv crm.csv",
        "--from=csv crm.csv",
    ] {
        let written = other(arguments, 0, "wrote t.toml").await;
        assert!(written.contains("Company name"), "{written}");
    }
    other("", 2, "<FILE>").await;
    other("--from csv", 2, "needs the file").await;
    other("--from hubspot crm.csv", 2, "takes no file").await;
    other("--from oracle", 2, "use csv, hubspot, stripe or singer").await;
    assert_eq!(init(&place).status.code(), Some(0));
    let config = fs::read(place.path("pivotal-sync.toml")).unwrap();
    assert_eq!(init(&place).status.code(), Some(2));
    assert_eq!(fs::read(place.path("pivotal-sync.toml")).unwrap(), config);
    let (code, text) = place.code("import crm.csv").await;
    assert_eq!(code, 0, "{text}");
    assert!(place.path("pivotal.db").exists());
}

#[tokio::test]
async fn one_customer_is_counted_as_one() {
    let place = Place::new(false).await;
    place.write("crm.csv", "name,slug\nA,a\n");
    let (code, text) = place.code("import crm.csv").await;
    assert_eq!(code, 0, "{text}");
    let (_, text) = place.code("mirror --with contacts --verbose").await;
    assert!(
        text.contains("complete: 1 customer in the table customers"),
        "{text}"
    );
    assert!(
        text.contains("complete: 0 contacts in the table contacts"),
        "{text}"
    );
    assert!(text.contains(" ms, 1 attempt\n"), "{text}");
}

#[tokio::test]
async fn wrong_options_of_the_output_are_reported_before_anything_is_sent() {
    let place = Place::new(true).await;
    place.write("customers.csv", "name,slug\nAurora,aurora\n");
    place.write("more.csv", "name,slug\nBorealis,borealis\n");
    place.write(
        "pivotal-sync.toml",
        "[source]\npath = \"more.csv\"\n[fields]\nname = \"name\"\nslug = \"slug\"\n",
    );
    assert_eq!(place.code("import customers.csv").await.0, 0);
    assert_eq!(place.code("plan").await.0, 0);
    for command in [
        "import more.csv",
        "plan",
        "sync",
        "apply 2",
        "undo 1",
        "mirror",
        "customers create --set name=Cirrus",
        "customers update 1 --set name=Cirrus",
        "customers delete 1",
        "contacts create 1 --set name=Mira --set email=m@aurora.com",
        "contacts update 1 --set name=Mira",
        "contacts delete 1",
        "onboardings create --set customer_id=1",
        "onboardings update 1 --set state=paused",
        "onboardings delete 1",
        "onboardings advance 1",
        "onboardings pause 1",
        "onboardings resume 1",
    ] {
        place.sandbox.clear_requests();
        for options in [
            "--columns bogus",
            "-o csv --columns state,bogus",
            "-o json --columns state",
            "--jq .[",
            "-o csv --jq .",
        ] {
            let (code, text) = place.code(&format!("{command} {options}")).await;
            assert_eq!(code, 2, "{command} {options}: {text}");
            assert!(
                text.contains("--columns") || text.contains("--jq"),
                "{text}"
            );
            let sent = place.sandbox.requests();
            assert!(sent.is_empty(), "{command} {options}: {sent:?}");
        }
    }
}

#[tokio::test]
async fn a_state_file_that_is_missing_is_not_created() {
    let place = Place::new(true).await;
    for command in ["apply 1", "undo 1", "runs", "runs 1"] {
        let (code, text) = place.code(command).await;
        assert_eq!(code, 2, "{text}");
        assert!(text.contains("pivotal.db: no such state file"), "{text}");
        let (code, text) = place.code(&format!("{command} --state .")).await;
        assert_eq!(code, 2, "{text}");
        assert!(text.contains("the state file .: it is a folder"), "{text}");
    }
    assert_eq!(fs::read_dir(place.folder.path()).unwrap().count(), 0);
}

#[cfg(unix)]
#[tokio::test]
async fn runs_in_a_folder_that_is_read_only_are_shown() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;

    let place = Place::new(true).await;
    place.write("customers.csv", "name,slug\nAurora,aurora\n");
    let state = place.path("what? 100%.db");
    let state = state.to_str().unwrap();
    let plan = format!("plan customers.csv --state '{state}'");
    assert_eq!(place.code(&plan).await.0, 0);
    let allow = |path: &std::path::Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    for file in fs::read_dir(place.folder.path()).unwrap() {
        allow(&file.unwrap().path(), 0o444);
    }
    allow(place.folder.path(), 0o555);
    // Root may write anywhere.
    let is_root = fs::write(place.path("probe"), "").is_ok();
    let run = |line: &str| {
        let mut command = place.command(line);
        if is_root {
            command.uid(65534);
        }
        command.output().map(|output| shown(&output))
    };
    let Ok(listed) = run(&format!("runs --state '{state}' --jq length")) else {
        return eprintln!("not tested: another user may not run the binary");
    };
    assert_eq!(listed, "1\nexit: 0");
    let one = run(&format!("runs 1 --state '{state}'")).unwrap();
    assert!(
        one.contains("+ create") && one.ends_with("exit: 0"),
        "{one}"
    );
    allow(place.folder.path(), 0o755);
    fs::write(format!("{state}-wal"), "").unwrap();
    allow(place.folder.path(), 0o555);
    let refused = run(&format!("runs --state '{state}'")).unwrap();
    assert!(
        refused.contains("copy it and its -wal file") && refused.ends_with("exit: 2"),
        "{refused}"
    );
    allow(place.folder.path(), 0o755);
    allow(std::path::Path::new(state), 0o000);
    let refused = run(&format!("runs --state '{state}'")).unwrap();
    assert!(
        refused.contains("100%.db: Permission denied") && refused.ends_with("exit: 2"),
        "{refused}"
    );
}

#[tokio::test]
async fn a_tab_is_a_delimiter_and_packed_files_are_named_as_such() {
    let place = Place::new(true).await;
    place.write("tabs.csv", "name\tslug\nAurora\taurora\n");
    for tab in ["\\t", "tab", "\t"] {
        let (code, text) = place
            .code(&format!("plan tabs.csv --delimiter '{tab}'"))
            .await;
        assert_eq!(code, 0, "{text}");
        let init = "sync init --from csv tabs.csv --config";
        let (code, text) = place
            .code(&format!("{init} '{tab}' --delimiter '{tab}'"))
            .await;
        assert_eq!(code, 0, "{text}");
    }
    let (code, text) = place.code("plan tabs.csv --delimiter ;;").await;
    assert!(
        code == 2 && text.contains("give one character, or tab"),
        "{text}"
    );
    place.write("book.xlsx", b"PK\x03\x04\x14\0\x06\0\x08\0");
    place.write("customers.csv.gz", b"\x1f\x8b\x08\0\0\0\0\0");
    for (file, what) in [
        ("book.xlsx", "save it as CSV"),
        ("customers.csv.gz", "gunzip -c"),
    ] {
        let (code, text) = place.code(&format!("import {file}")).await;
        assert_eq!(code, 2, "{text}");
        assert!(text.contains(file) && text.contains(what), "{text}");
    }
}

#[tokio::test]
async fn a_conflict_with_a_change_in_pivotal_is_resolved_by_an_option() {
    let place = Place::new(false).await;
    place.write("crm.csv", "name,slug,plan\nA,a,Growth\nB,b,Growth\n");
    let (code, text) = place.code("import crm.csv").await;
    assert_eq!(code, 0, "{text}");
    let change = "customers update 1 --set plan=Human";
    assert_eq!(place.code(change).await.0, 0);
    let (code, text) = place.code("import crm.csv").await;
    assert_eq!(code, 1, "{text}");
    let reason = "since run 1: `plan` was \"Growth\", is \"Human\"";
    assert!(text.contains(reason), "{text}");
    for command in ["plan", "import"] {
        let line = format!("{command} crm.csv --overwrite-changed --max-changes 100");
        let (code, text) = place.code(&line).await;
        assert!(
            code == 0 && text.contains("1 update, 1 unchanged"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn errors_of_the_configuration_in_the_folder_name_it() {
    let place = Place::new(false).await;
    place.write("crm.csv", "name,slug\nA,a\n");
    for (name, said) in [
        (
            "\"nmae\"",
            "line 2, column 8: field `name`: the source has no column",
        ),
        (
            "{ constant = \"\", default = \"\", clear = true }",
            "line 2, column 47: field `name`",
        ),
    ] {
        let config = format!("[fields]\nname = {name}\nslug = \"slug\"\n");
        place.write("pivotal-sync.toml", config);
        let (code, text) = place.code("import crm.csv").await;
        assert_eq!(code, 2, "{text}");
        let said = format!("error: pivotal-sync.toml: {said}");
        assert!(text.contains(&said), "{text}");
    }
    assert_eq!(place.sandbox.requests().len(), 0);
}

#[tokio::test]
async fn a_plan_that_is_applied_later_takes_the_time_of_a_test_key() {
    let place = Place::new(false).await;
    let rows = (0..90).map(|row| format!("C {row},c-{row}\n"));
    let source = rows.fold("name,slug\n".to_owned(), |text, row| text + &row);
    place.write("crm.csv", source);
    assert_eq!(place.code("plan crm.csv").await.0, 0);
    let (code, text) = place.code("apply 1").await;
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains("requests    90, 3 min at 30 a minute\n"),
        "{text}"
    );
}

#[tokio::test]
async fn every_command_can_be_quiet() {
    let place = Place::new(true).await;
    place.write("customers.csv", "name,slug\nAurora,aurora\n");
    for arguments in [
        "import customers.csv --quiet",
        "runs --quiet",
        "--quiet runs 1",
        "undo 1 -q",
        "sync init --from csv customers.csv --quiet",
        "demo --quiet",
        "export customers -q",
    ] {
        let output = place.run(arguments).await;
        assert!(output.status.success(), "{}", shown(&output));
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "", "{arguments}");
        assert!(!output.stdout.is_empty());
    }
}
