//! `pivotal contract`.

use std::process::{Command, Output};

use crate::running::{Served, pivotal, pivotal_on, shown};

const KEY: &str = "pivotal_test_contract";

const MOVING: [(&str, &str); 2] = [
    (r"127\.0\.0\.1:\d+", "127.0.0.1:[port]"),
    (r"\d+ cases, \d+ calls", "[n] cases, [n] calls"),
];

/// `pivotal contract --base-url` of a served sandbox, with its key.
fn contract(server: &Served, options: &[&str]) -> Command {
    let mut command = pivotal();
    command
        .args(["contract", "--base-url", &server.base_url])
        .args(options)
        .env("PIVOTAL_API_KEY", KEY);
    command
}

fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

#[test]
fn on_a_sandbox_of_its_own_all_agree_and_a_key_in_the_environment_is_not_used() {
    let output = pivotal_on("https://my.pivotal.app", "pivotal_N0tTobeUsed")
        .arg("contract")
        .output()
        .unwrap();
    insta::with_settings!({ filters => MOVING }, {
        insta::assert_snapshot!(shown(&output), @r"
        Contract check of http://127.0.0.1:[port], read and write

        [n] cases, [n] calls: 0 deviations, 0 failed cases, 0 additions, 0 records left behind.
        Document, SDK and server agree on all of the contract.
        exit: 0
        ");
    });
}

#[test]
fn strict_mode_contradicts_only_what_this_project_inferred_or_decided() {
    let strict = |options: &[&str]| {
        let mut command = pivotal();
        command.args(["contract", "--strict"]).args(options);
        command.output().unwrap()
    };
    let output = strict(&[]);
    assert_eq!(code(&output), Some(1));
    insta::with_settings!({ filters => MOVING }, {
        insta::assert_snapshot!("strict", shown(&output));
    });
    let output = strict(&["--format", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    for found in report["deviations"].as_array().unwrap() {
        assert_eq!(found["source"], "project_decision", "{found}");
    }
    assert_eq!(report["failures"], serde_json::json!([]));
}

#[test]
fn coverage_comes_before_the_report_and_is_whole() {
    let output = pivotal().args(["contract", "--coverage"]).output().unwrap();
    let text = shown(&output);
    assert_eq!(code(&output), Some(0), "{text}");
    assert!(text.starts_with("operation "), "{text}");
    for part in [
        "\nupdate-customer ",
        "\nall ",
        "\nexempted: the list is not paged\n",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn a_server_is_only_read_unless_writing_is_asked_for() {
    let server = Served::with(["--api-key", KEY, "--seed", "7", "--admin"]);
    let read = contract(&server, &[]).output().unwrap();
    assert_eq!(code(&read), Some(0), "{}", shown(&read));
    let journal = || server.get(KEY, "/_sandbox/requests");
    assert!(!journal().contains("\"POST\""));

    let written = contract(&server, &["--write", "--format", "json"])
        .output()
        .unwrap();
    assert_eq!(code(&written), Some(0), "{}", shown(&written));
    let report: serde_json::Value = serde_json::from_slice(&written.stdout).unwrap();
    assert_eq!(report["writes"], true);
    assert_eq!(report["deviations"], serde_json::json!([]));
    assert!(journal().contains("\"POST\""));
    let customers = server.get(KEY, "/api/v1/customers?limit=100");
    assert!(customers.contains("\"object\":\"list\"") && !customers.contains("contract-check-"));
}

#[test]
fn a_deviation_exits_with_1_and_is_printed_to_standard_output() {
    let server = Served::with([
        "--api-key",
        KEY,
        "--seed",
        "7",
        "--fault",
        "get-me:missing-key=organization",
    ]);
    let output = contract(&server, &[]).output().unwrap();
    insta::with_settings!({ filters => MOVING }, {
        insta::assert_snapshot!(shown(&output), @r#"
        Contract check of http://127.0.0.1:[port], read-only

        deviation: get-me returned 200: the key "organization" is missing (body)
          contradicts the document (stated)
          at /response/body
          rule /components/schemas/Me/properties/organization
          case get-me: succeeds

        [n] cases, [n] calls: 1 deviation, 0 failed cases, 0 additions, 0 records left behind.
        They do not agree.
        exit: 1
        "#);
    });
}

#[test]
fn invalid_settings_exit_with_2_and_nothing_is_sent() {
    let server = Served::with_key(KEY);
    let base_url = server.base_url.as_str();
    let live_key = "pivotal_N0tTobeSeenAnywhere";
    for (arguments, key, expected) in [
        (vec!["--live"], None, "PIVOTAL_API_KEY is not set"),
        (vec!["--live"], Some(live_key), "add --allow-live-key"),
        (
            vec!["--base-url", base_url],
            Some(live_key),
            "add --allow-live-key",
        ),
        (
            vec!["--base-url", base_url, "--allow-live-key"],
            Some(live_key),
            "refuses the API key",
        ),
        (
            vec!["--base-url", base_url],
            Some("pivotal_test_other"),
            "refuses the API key",
        ),
        (vec!["--base-url", "nonsense"], Some(KEY), "the base URL"),
        (
            vec!["--base-url", "http://127.0.0.1:1"],
            Some(KEY),
            "no server responds",
        ),
        (
            vec!["--base-url", base_url, "--live"],
            Some(KEY),
            "cannot be used with",
        ),
        (vec!["--write"], Some(KEY), "--base-url <URL>|--live"),
        (vec!["--live", "--strict"], Some(KEY), "cannot be used with"),
        (vec!["--format", "yaml"], None, "invalid value"),
    ] {
        let mut command = pivotal();
        command.arg("contract").args(&arguments);
        if let Some(key) = key {
            command.env("PIVOTAL_API_KEY", key);
        }
        let output = command.output().unwrap();
        let text = shown(&output);
        assert!(text.contains(expected), "{arguments:?}: {text}");
        assert_eq!(code(&output), Some(2), "{arguments:?}: {text}");
        assert!(
            output.stdout.is_empty() && !text.contains("N0tTobeSeen"),
            "{text}"
        );
    }
}

#[test]
fn live_is_the_server_of_the_environment() {
    let server = Served::with_key(KEY);
    let output = pivotal_on(&server.base_url, KEY)
        .args(["contract", "--live"])
        .output()
        .unwrap();
    let text = shown(&output);
    assert_eq!(code(&output), Some(0), "{text}");
    assert!(
        text.contains(&server.base_url) && text.contains("skipped: "),
        "{text}"
    );
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_deletes_its_records_and_reports_it() {
    use std::process::Stdio;
    use std::thread::sleep;
    use std::time::Duration;

    // The response for the first contact never comes, so the run waits there when SIGINT arrives.
    let server = Served::with([
        "--api-key",
        KEY,
        "--admin",
        "--fault",
        "create-customer-contact:stall-before-processing:count=1",
    ]);
    let mut run = contract(&server, &["--write"]);
    let run = run
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let reached = || {
        server
            .get(KEY, "/_sandbox/requests")
            .contains("create-customer-contact")
    };
    for _ in 0..3_000 {
        if reached() {
            break;
        }
        sleep(Duration::from_millis(10));
    }
    assert!(reached(), "the run did not reach the first contact");
    let customers = || server.get(KEY, "/api/v1/customers?limit=100");
    assert!(customers().contains("contract-check-"));
    let status = Command::new("kill")
        .args(["-INT", &run.id().to_string()])
        .status();
    assert!(status.unwrap().success());
    let output = run.wait_with_output().unwrap();
    let text = shown(&output);
    assert!(
        text.contains("Interrupted before its end.") && text.contains("0 records left behind"),
        "{text}"
    );
    assert_eq!(code(&output), Some(1), "{text}");
    assert!(!customers().contains("contract-check-"));
}

#[test]
fn help_documents_the_exit_codes() {
    let output = pivotal().args(["contract", "--help"]).output().unwrap();
    let text = shown(&output);
    for part in [
        "Exit codes: 0 if all agree",
        "1 after a deviation",
        "2 if nothing was checked",
    ] {
        assert!(text.contains(part), "{text}");
    }
}
