//! `pivotal sandbox --state`, `export` and `import`.

// Clippy allows unwrap in test functions only, not in what they share.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::io::{BufRead, Read, Write};
use std::path::Path;
use std::process::Command;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::running::{Served, pivotal, shown};

const KEY: &str = "pivotal_test_lasting";

fn served(file: &Path) -> Served {
    let file = file.to_str().unwrap();
    Served::with(["--api-key", KEY, "--admin", "--state", file])
}

/// The status and the body of an answer; `None` if the server is gone.
fn send(server: &Served, head: &str, headers: &str, body: &str) -> Option<(String, String)> {
    let mut connection = server.connect();
    let length = body.len();
    let request = format!(
        "{head} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {KEY}\r\ncontent-type: application/json\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    );
    connection.write_all(request.as_bytes()).ok()?;
    let mut response = String::new();
    connection.read_to_string(&mut response).ok()?;
    let (head, body) = response.split_once("\r\n\r\n")?;
    Some((head.to_owned(), body.to_owned()))
}

fn get(server: &Served, path: &str) -> Value {
    let (_, body) = send(server, &format!("GET {path}"), "", "").unwrap();
    serde_json::from_str(&body).unwrap()
}

fn state_of(server: &Served) -> Value {
    get(server, "/_sandbox/state")
}

fn time(value: &Value) -> Timestamp {
    value.as_str().unwrap().parse().unwrap()
}

/// Creates a customer under an idempotency key.
fn create(server: &Served, number: usize) -> (String, String) {
    let body = json!({ "name": format!("Customer {number}") }).to_string();
    let key = format!("idempotency-key: k{number}\r\n");
    send(server, "POST /api/v1/customers", &key, &body).unwrap()
}

fn refused(arguments: &[&str]) -> String {
    let output = pivotal().arg("sandbox").args(arguments).output().unwrap();
    let text = shown(&output);
    assert!(text.ends_with("exit: 2"), "{text}");
    text
}

/// What the server has acknowledged, with the time at which the response was here.
#[derive(Default)]
struct Acknowledged {
    /// The response of each create, by the `display_id` of its customer.
    created: BTreeMap<usize, (String, Timestamp)>,
    /// The values that the first customer got in turn.
    updated: Vec<(u64, Timestamp)>,
}

impl Acknowledged {
    fn write(&mut self, server: &Served) {
        let number = self.created.keys().last().map_or(1, |last| last + 1);
        let (head, body) = create(server, number);
        assert!(head.contains(" 201 "), "{head}");
        self.created.insert(number, (body, Timestamp::now()));
        let mrr = self.updated.last().map_or(1, |(last, _)| last + 1);
        let body = json!({ "mrr": mrr }).to_string();
        let (head, _) = send(server, "PATCH /api/v1/customers/1", "", &body).unwrap();
        assert!(head.contains(" 200 "), "{head}");
        self.updated.push((mrr, Timestamp::now()));
    }

    /// Holds a sandbox that was started again against this, and forgets what was lost.
    fn check(&mut self, server: &Served, reported: Timestamp) {
        let restored = time(&state_of(server)["restored"]);
        assert!(restored >= reported, "{restored} {reported}");
        let newest = &get(server, "/api/v1/customers?limit=1")["data"][0]["display_id"];
        let newest = newest.as_u64().map_or(0, |number| number as usize);
        let lost = self.created.split_off(&(newest + 1));
        assert!(lost.values().all(|(_, at)| *at > restored));
        assert_eq!(self.created.len(), newest, "a row without a response");

        let mrr = get(server, "/api/v1/customers/1")["mrr"].as_u64().unwrap();
        let lost = self.updated.iter().filter(|(value, _)| *value > mrr);
        assert!(lost.into_iter().all(|(_, at)| *at > restored));
        self.updated.retain(|(value, _)| *value <= mrr);
        for (number, (body, _)) in &self.created {
            let (head, replayed) = create(server, *number);
            assert!(head.contains("idempotent-replayed: true"), "{head}");
            assert_eq!(replayed, *body);
        }
    }
}

#[test]
fn a_kill_loses_nothing_that_was_saved() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state");
    let mut acknowledged = Acknowledged::default();
    let mut reported = Timestamp::UNIX_EPOCH;
    // So many writes follow the save that is awaited.
    for writes in [0, 3, 17, 40] {
        let server = served(&file);
        if reported != Timestamp::UNIX_EPOCH {
            acknowledged.check(&server, reported);
        }
        acknowledged.write(&server);
        let first = Timestamp::now();
        loop {
            acknowledged.write(&server);
            reported = time(&state_of(&server)["saved_at"]);
            if reported > first {
                break;
            }
        }
        (0..writes).for_each(|_| acknowledged.write(&server));
        server.send_signal("KILL");
        server.ended();
    }
    acknowledged.check(&served(&file), reported);
    assert!(acknowledged.created.len() > 4);
}

#[test]
fn a_sandbox_that_is_stopped_saves_its_last_change() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state");
    for (rows, signal) in ["TERM", "INT"].into_iter().enumerate() {
        let server = served(&file);
        let customers = get(&server, "/api/v1/customers");
        assert_eq!(customers["data"].as_array().unwrap().len(), rows);
        let (head, _) = create(&server, rows);
        assert!(head.contains(" 201 "), "{head}");
        server.send_signal(signal);
        let (status, log) = server.ended();
        assert!(status.success() && log.is_empty(), "{log}");
    }
    let exported = pivotal()
        .args(["sandbox", "export", "--state"])
        .arg(&file)
        .output()
        .unwrap();
    let text = String::from_utf8(exported.stdout).unwrap();
    assert_eq!(text.matches("\"object\":\"customer\"").count(), 2);
    assert!(!text.contains(KEY));
}

#[test]
fn a_state_file_is_of_its_owner_and_of_one_sandbox() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state");
    let server = served(&file);
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let linked = folder.path().join("link");
    std::os::unix::fs::symlink(&file, &linked).unwrap();
    for file in [&file, &linked] {
        let text = refused(&["--listen", "127.0.0.1:0", "--state", file.to_str().unwrap()]);
        assert!(
            text.contains("another sandbox uses this state file"),
            "{text}"
        );
    }
    let (head, _) = create(&server, 1);
    assert!(head.contains(" 201 "), "{head}");
}

#[test]
fn a_file_that_is_damaged_or_something_else_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole");
    let server = served(&whole);
    (0..200).for_each(|number| drop(create(&server, number)));
    server.send_sigterm();
    server.ended();
    let bytes = std::fs::read(&whole).unwrap();
    let mut flipped = bytes.clone();
    flipped[2 * 4096..3 * 4096].fill(7);
    let altered = |statement: &str| {
        let file = folder.path().join("altered");
        std::fs::write(&file, &bytes).unwrap();
        let connection = rusqlite::Connection::open(&file).unwrap();
        connection.execute_batch(statement).unwrap();
        drop(connection);
        std::fs::read(&file).unwrap()
    };
    let row = |json: &str| {
        altered(&format!(
            "UPDATE entries SET json = '{json}' WHERE list = 'customers' AND number = 2"
        ))
    };
    for (content, expected) in [
        (
            b"my notes\n".to_vec(),
            "it is not a state file of a sandbox; name another file",
        ),
        (
            vec![0; 5000],
            "it is not a state file of a sandbox; name another file",
        ),
        (bytes[..bytes.len() / 2].to_vec(), "it cannot be restored"),
        (bytes[..700].to_vec(), "it cannot be restored"),
        (flipped, "it cannot be restored"),
        (
            altered("PRAGMA user_version = 2"),
            "it is of version 2, and this program reads version 1",
        ),
        (
            altered("PRAGMA application_id = 1"),
            "it is not a state file of a sandbox",
        ),
        (
            altered("DELETE FROM entries WHERE number = 7 AND list = 'customers'"),
            "row 7 of a list is missing",
        ),
        (
            altered("UPDATE server SET json = '{'"),
            "it cannot be restored (EOF",
        ),
        (altered("DELETE FROM server"), "it cannot be restored"),
        (
            altered("UPDATE entries SET workspace = 9"),
            "it cannot be restored",
        ),
        (row("{}"), "workspaces/0/customers/1: missing field"),
        (row("\u{1b}[31m"), "it cannot be restored"),
    ] {
        let file = folder.path().join("state");
        std::fs::write(&file, &content).unwrap();
        let path = file.to_str().unwrap();
        let text = refused(&["--listen", "127.0.0.1:0", "--state", path]);
        let start = format!("error: {path}: ");
        assert!(
            text.starts_with(&start) && text.contains(expected),
            "{expected}: {text}"
        );
        assert!(!text.contains('\u{1b}'), "{text}");
        assert_eq!(std::fs::read(&file).unwrap(), content, "{expected}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_reported_and_the_last_save_stays() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state");
    let mut limited = Command::new("sh");
    // A file that is too large fails to be written, as on a full disk.
    limited
        .args(["-c", "trap '' XFSZ; ulimit -f 128; exec \"$@\"", "sh"])
        .arg(env!("CARGO_BIN_EXE_pivotal"))
        .args([
            "sandbox",
            "--listen",
            "127.0.0.1:0",
            "--admin",
            "--api-key",
            KEY,
            "--state",
        ])
        .arg(&file);
    let server = Served::start(limited);
    let (head, _) = create(&server, 0);
    assert!(head.contains(" 201 "), "{head}");
    let first = Timestamp::now();
    while time(&state_of(&server)["saved_at"]) < first {}
    let (mut created, mut saved) = (1, Value::Null);
    let error = loop {
        let (head, _) = create(&server, created);
        assert!(head.contains(" 201 "), "{head}");
        created += 1;
        let state = state_of(&server);
        if let Some(error) = state["error"].as_str() {
            break error.to_owned();
        }
        saved = state["saved_at"].clone();
    };
    assert!(error.contains("the state cannot be saved"), "{error}");
    let (head, _) = create(&server, created);
    assert!(head.contains(" 201 "), "{head}");
    server.send_sigterm();
    let (status, log) = server.ended();
    assert_eq!(status.code(), Some(1));
    assert_eq!(log.matches("the state cannot be saved").count(), 2, "{log}");
    assert!(log.contains("goes on and tries again"), "{log}");

    let again = served(&file);
    assert!(time(&state_of(&again)["restored"]) >= time(&saved));
    let customers = get(&again, "/api/v1/customers?limit=1");
    let kept = customers["data"][0]["display_id"].as_u64().unwrap();
    assert!(kept >= 1 && kept <= created as u64, "{kept}");
}

#[test]
fn a_state_is_exported_and_imported_and_told_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (fixture, file) = (path("fixture.json"), path("state"));
    std::fs::write(&fixture, r#"{ "customers": [{ "name": "Aurora" }] }"#).unwrap();
    let options = [
        "--api-key",
        KEY,
        "--admin",
        "--load",
        &fixture,
        "--state",
        &file,
    ];
    let server = Served::with(options);
    let running = send(&server, "GET /_sandbox/export", "", "").unwrap().1;
    server.send_sigterm();
    server.ended();
    let export = |file: &str| {
        pivotal()
            .args(["sandbox", "export", "--state", file])
            .output()
    };
    let exported = export(&file).unwrap();
    assert_eq!(
        String::from_utf8(exported.stdout.clone()).unwrap(),
        format!("{running}\n")
    );
    std::fs::write(path("all.json"), &exported.stdout).unwrap();
    let import = || {
        let arguments = [
            "sandbox",
            "import",
            &path("all.json"),
            "--state",
            &path("copy"),
        ];
        pivotal().args(arguments).output().unwrap()
    };
    assert!(shown(&import()).ends_with("copy\nexit: 0"));
    assert_eq!(export(&path("copy")).unwrap().stdout, exported.stdout);
    assert!(shown(&import()).contains("it has a state already; name a new file"));
    let mut server = Served::with(["--state", &path("copy"), "--load", &fixture]);
    let mut told = String::new();
    server.stdout.read_line(&mut told).unwrap();
    assert!(told.contains("restored, saved at 20"), "{told}");
    assert!(
        told.contains("--seed and --load are not applied again"),
        "{told}"
    );
    let text = refused(&["import", &fixture, "--state", &path("new")]);
    let start = format!("error: {fixture}: this is not an export of a sandbox: missing field");
    assert!(text.starts_with(&start), "{text}");
    assert!(refused(&["export", "--state", &path("new")]).contains("No such file"));
    assert!(refused(&["--load", &path("new")]).contains("it cannot be read"));
}

#[test]
fn what_could_control_a_terminal_is_escaped_in_an_export() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state");
    let server = served(&file);
    let body = json!({ "name": "Aurora\u{9b}2J\u{202e}" }).to_string();
    send(&server, "POST /api/v1/customers", "", &body).unwrap();
    server.send_sigterm();
    server.ended();
    let mut export = pivotal();
    export.args(["sandbox", "export", "--state"]).arg(&file);
    let text = String::from_utf8(export.output().unwrap().stdout).unwrap();
    assert!(text.contains(r"Aurora\u009b2J\u202e"), "{text}");
    assert!(!text.contains(['\u{9b}', '\u{202e}']), "{text}");
}
