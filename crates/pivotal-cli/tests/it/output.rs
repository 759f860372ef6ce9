//! What the commands print: formats, hostile texts, and outputs that cannot be written.

use std::io::{BufRead, BufReader};
use std::process::{Output, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use pivotal_test_support::{Reply, ScriptedServer, response};

use crate::running::{Served, pivotal, pivotal_on, shown};

const KEY: &str = "pivotal_test_output";

/// A row with this name and number, older the higher the number.
pub(crate) fn customer(number: usize, name: &str) -> String {
    let name = serde_json::Value::from(name);
    let minute = 59 - number;
    format!(
        r#"{{"object": "customer", "id": "c{number}", "display_id": {number}, "name": {name},
            "slug": null, "domain": null, "status": "active", "plan": null, "mrr": -5,
            "monthly_orders": null, "hubspot_company_id": null, "hubspot_deal_id": null,
            "stripe_customer_id": null, "intercom_company_id": null, "slack_channel_id": null,
            "owner_id": null, "created_at": "2026-05-26T17:{minute}:09.400Z",
            "updated_at": "2026-05-26T17:{minute}:09.400Z"}}"#
    )
}

pub(crate) fn page(rows: &[String], next: Option<&str>) -> Reply {
    let (has_more, next) = (next.is_some(), serde_json::Value::from(next));
    let page = format!(
        r#"{{"object": "list", "data": [{}], "has_more": {has_more}, "next_cursor": {next}}}"#,
        rows.join(",")
    );
    response("200 OK", "content-type: application/json\r\n", &page)
}

fn list(base_url: &str, options: &[&str]) -> Output {
    pivotal()
        .args(["customers", "list", "--base-url", base_url])
        .args(options)
        .env("PIVOTAL_API_KEY", KEY)
        .output()
        .expect("the binary starts")
}

#[test]
fn text_of_the_server_is_escaped_in_every_format() {
    let hostile = "=cmd|'/C calc'!A1 \u{1b}[31m\u{9b}2J\u{202e}\r\n\"x\",y";
    let server = ScriptedServer::start(move |_| page(&[customer(1, hostile)], None));
    let columns = ["--columns", "name,mrr"];
    let shown_as = |options: &[&str]| shown(&list(server.base_url(), options));
    let outputs = [
        shown_as(&columns),
        shown_as(&["-o", "jsonl", "--jq", "{name, created_at}"]),
        shown_as(&["-o", "json", "--jq", "map(.name)"]),
        shown_as(&["-o", "json"]),
    ];
    insta::assert_snapshot!(outputs.join("\n\n"));
}

#[test]
fn cells_that_a_spreadsheet_would_run_begin_with_an_apostrophe() {
    let names = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "x=1", "'=1"];
    let rows: Vec<_> = names
        .iter()
        .enumerate()
        .map(|(number, name)| customer(number + 1, name))
        .collect();
    let server = ScriptedServer::start(move |_| page(&rows, None));
    let csv = ["-o", "csv", "--columns", "name,mrr"];
    let output = list(server.base_url(), &csv);
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "name,mrr\n'=1+1,-5\n'+1,-5\n'-1,-5\n'@x,-5\n'\tx,-5\n\"'\rx\",-5\nx=1,-5\n'=1,-5\n"
    );
    let output = list(server.base_url(), &[&csv[..], &["--raw-csv"]].concat());
    assert!(output.stdout.starts_with(b"name,mrr\n=1+1,-5\n+1,-5\n"));

    let server = ScriptedServer::start(|_| {
        let json = "content-type: application/json\r\n";
        response("200 OK", json, r#"{"=1+1": "=2"}"#)
    });
    let api = ["api", "/x", "-o", "csv", "--base-url", server.base_url()];
    let output = pivotal().args(api).env("PIVOTAL_API_KEY", KEY).output();
    assert_eq!(output.unwrap().stdout, b"'=1+1\n'=2\n");
}

/// A list whose second page cannot be read.
pub(crate) fn breaking() -> ScriptedServer {
    let requests = AtomicUsize::new(0);
    ScriptedServer::start(move |_| match requests.fetch_add(1, Ordering::Relaxed) {
        0 => page(&[customer(1, "One")], Some("2026-05-26T17:58:09.400Z")),
        _ => response("404 Not Found", "content-type: application/json\r\n", "{}"),
    })
}

#[test]
fn a_list_that_breaks_off_is_never_a_success() {
    for format in ["table", "csv", "jsonl", "json"] {
        let output = list(breaking().base_url(), &["-o", format]);
        assert_eq!(output.status.code(), Some(5), "{}", shown(&output));
        let (out, err) = (output.stdout, String::from_utf8(output.stderr).unwrap());
        assert!(err.contains("the list ended early, after 1 row:"), "{err}");
        let out = String::from_utf8(out).unwrap();
        assert!(out.contains("One"), "{out}");
        // What is printed of an array is no JSON, so that no program takes it for all.
        let is_json = serde_json::from_str::<serde_json::Value>(&out).is_ok();
        assert_eq!(is_json, format == "jsonl", "{out}");
    }
    let filtered = list(breaking().base_url(), &["--jq", "length"]);
    assert_eq!(filtered.stdout, b"", "{}", shown(&filtered));
}

#[test]
fn rows_that_cannot_be_read_are_left_out_and_exit_with_1() {
    let rows = [
        customer(1, "One"),
        r#"{"id": "c2", "display_id": "?"}"#.to_owned(),
        customer(3, "Three"),
    ];
    let server = ScriptedServer::start(move |_| page(&rows, None));
    let output = list(server.base_url(), &["-o", "csv", "--columns", "name"]);
    let text = shown(&output);
    assert!(
        text.starts_with("name\nOne\nThree\n") && text.ends_with("exit: 1"),
        "{text}"
    );
    assert!(
        text.contains("left out 1 row that could not be read"),
        "{text}"
    );
}

#[test]
fn rows_are_printed_as_they_arrive() {
    // The second page arrives only after the row of the first was read.
    let (row_was_read, gate) = std::sync::mpsc::channel::<()>();
    let gate = Mutex::new(gate);
    let requests = AtomicUsize::new(0);
    let server = ScriptedServer::start(move |_| match requests.fetch_add(1, Ordering::Relaxed) {
        0 => page(&[customer(1, "One")], Some("2026-05-26T17:58:09.400Z")),
        _ => {
            let _ = gate.lock().unwrap().recv();
            page(&[customer(2, "Two")], None)
        }
    });
    let mut list = pivotal_on(server.base_url(), KEY)
        .args(["customers", "list", "-o", "jsonl", "--jq", ".name"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut rows = BufReader::new(list.stdout.take().unwrap()).lines();
    assert_eq!(rows.next().unwrap().unwrap(), "One");
    drop(row_was_read);
    assert_eq!(rows.next().unwrap().unwrap(), "Two");
    assert!(list.wait().unwrap().success());
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_with_a_message() {
    for arguments in [
        &["me", "--sandbox"][..],
        &["health", "--sandbox"],
        &["customers", "list", "--sandbox"],
        &["customers", "list", "--sandbox", "-o", "csv"],
        &["customers", "list", "--sandbox", "-o", "json"],
        &["customers", "list", "--sandbox", "-o", "jsonl"],
        &["customers", "list", "--sandbox", "--jq", "length"],
        &["customers", "get", "3", "--sandbox", "-o", "csv"],
        &["open", "3", "--sandbox"],
        &["completions", "bash"],
        &["--version"],
        &["customers", "list", "--help"],
        &["demo"],
    ] {
        let full = std::fs::File::options()
            .write(true)
            .open("/dev/full")
            .unwrap();
        let output = pivotal().args(arguments).stdout(full).output().unwrap();
        let text = shown(&output);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {text}");
        assert!(
            text.contains("cannot write the output: No space left"),
            "{text}"
        );
    }
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_ends_quietly_but_is_no_success() {
    for arguments in [
        &["customers", "list", "--sandbox"][..],
        &["customers", "list", "--sandbox", "-o", "jsonl"],
        &["customers", "list", "--sandbox", "-o", "csv"],
        &["customers", "get", "3", "--sandbox"],
        &["open", "3", "--sandbox"],
        &["demo"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = pivotal().args(arguments).stdout(writer).output().unwrap();
        assert_eq!(shown(&output), "exit: 141", "{arguments:?}");
    }
}

/// Longer than what the writer of CSV holds back.
#[cfg(unix)]
#[test]
fn a_long_row_notices_a_closed_pipe() {
    let row = customer(1, &"x".repeat(20_000));
    let server = ScriptedServer::start(move |_| page(std::slice::from_ref(&row), None));
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = pivotal_on(server.base_url(), KEY)
        .args(["customers", "list", "-o", "csv", "--columns", "name"])
        .stdout(writer)
        .output()
        .unwrap();
    assert_eq!(shown(&output), "exit: 141");
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_a_request_at_once() {
    use std::os::unix::process::ExitStatusExt;

    let server = Served::with([
        "--api-key",
        KEY,
        "--fault",
        "get-me:stall-before-processing",
        "--log",
    ]);
    let mut me = pivotal()
        .args(["me", "--base-url", &server.base_url])
        .env("PIVOTAL_API_KEY", KEY)
        .spawn()
        .unwrap();
    std::thread::sleep(std::time::Duration::from_millis(300));
    let kill = std::process::Command::new("kill")
        .args(["-INT", &me.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
    assert_eq!(me.wait().unwrap().signal(), Some(2));
}

#[test]
fn verbose_prints_a_line_per_request_without_the_key() {
    let output = pivotal().args(["me", "--sandbox", "-v"]).output().unwrap();
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(
        log.contains("/api/v1/me: 200 OK") && !log.contains("pivotal_test"),
        "{log}"
    );
}

#[test]
fn a_time_limit_ends_a_request() {
    let server = Served::with([
        "--api-key",
        KEY,
        "--fault",
        "get-me:stall-before-processing",
    ]);
    let output = pivotal()
        .args(["me", "--timeout", "0.2", "--base-url", &server.base_url])
        .env("PIVOTAL_API_KEY", KEY)
        .output()
        .unwrap();
    let text = shown(&output);
    assert!(
        text.contains("timed out") && text.ends_with("exit: 1"),
        "{text}"
    );
}

#[test]
fn a_filter_without_end_is_an_error() {
    let run = |filter: &str| {
        let output = pivotal()
            .args(["health", "--sandbox", "--jq", filter])
            .output();
        let output = output.expect("the binary starts");
        (output.status.code(), shown(&output))
    };
    for endless in [
        "def f: 1 + f; f",
        "def f: [f]; f",
        "def f: . |= f; f",
        "def f: first(f); path(f)",
        r#"{def: 1} | "\(def f($x): def g: 1 + f($x); g; f(1))""#,
    ] {
        let (code, text) = run(endless);
        assert_eq!(code, Some(1), "{endless}: {text}");
        assert!(
            text.contains("a function calls itself too often"),
            "{endless}: {text}"
        );
    }
    let (code, text) = run("nth(100000; recurse([.]))");
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("nested too deep"), "{text}");
    // What was written is what an error shows, and recursion with an end has one.
    assert!(
        run("def a: .x; def b: ; a")
            .1
            .contains("expected term at `;`")
    );
    let ends = "def f: if . > 0 then 1 + (. - 1 | f) else 0 end; 1000 | f";
    assert_eq!(run(ends), (Some(0), "1000\nexit: 0".to_owned()));
    let path = "path(def f: if .status then .status else . end; f) | tojson";
    assert_eq!(run(path), (Some(0), "[\"status\"]\nexit: 0".to_owned()));
}
