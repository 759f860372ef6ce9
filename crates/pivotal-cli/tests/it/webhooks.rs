//! `pivotal webhooks`, with `pivotal sandbox` as the sender.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot unwrap hides its point"
)]

use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::running::{Served, pivotal, shown};

const KEY: &str = "pivotal_test_webhooks";
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// `pivotal webhooks listen`; it ends with the test.
struct Listener {
    child: Child,
    url: String,
    stdout: BufReader<ChildStdout>,
    stderr: BufReader<ChildStderr>,
}

impl Listener {
    fn with(options: &[&str]) -> Self {
        let mut child = pivotal()
            .args(["webhooks", "listen", "--listen", "127.0.0.1:0"])
            .args(options)
            .env("PIVOTAL_WEBHOOK_SECRET", SECRET)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        let url = line
            .trim()
            .strip_prefix("listening on ")
            .unwrap()
            .to_owned();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self {
            child,
            url,
            stdout,
            stderr,
        }
    }

    /// The next event.
    fn next(&mut self) -> Value {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    /// Its exit code after a SIGTERM, and the rest of what it logged.
    fn stopped(mut self) -> (Option<i32>, String) {
        let id = self.child.id().to_string();
        Command::new("kill").arg(id).status().unwrap();
        self.ended()
    }

    fn ended(&mut self) -> (Option<i32>, String) {
        let mut log = String::new();
        self.stderr.read_to_string(&mut log).unwrap();
        (self.child.wait().unwrap().code(), log)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn secret_file(folder: &Path, secret: &str, mode: u32) -> String {
    let file = folder.join("secret");
    std::fs::write(&file, secret).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
    file.to_str().unwrap().to_owned()
}

/// A sandbox that sends to this URL.
fn sandbox(url: &str, options: &[&str]) -> Served {
    let folder = tempfile::tempdir().unwrap();
    let file = secret_file(folder.path(), &format!("{SECRET}\n"), 0o600);
    let served = ["--api-key", KEY, "--admin", "--webhook", url];
    let secret = ["--webhook-secret-file", &file];
    Served::with(served.iter().chain(&secret).chain(options).copied())
}

fn run(server: &Served, arguments: &[&str]) -> String {
    let mut command = pivotal();
    command
        .args(arguments)
        .args(["--base-url", &server.base_url]);
    shown(&command.env("PIVOTAL_API_KEY", KEY).output().unwrap())
}

#[test]
fn what_a_sandbox_sends_is_verified_printed_triggered_and_sent_again() {
    let mut listener = Listener::with(&[]);
    let server = sandbox(&listener.url, &["--fault", "webhook:wrong-signature,pass"]);
    let created = run(
        &server,
        &["customers", "create", "--set", "name=Aurora", "--jq", ".id"],
    );
    let id = created.lines().next().unwrap();
    let event = listener.next();
    assert_eq!(event["type"], "customer.created");
    assert_eq!(event["payload"]["data"]["id"], id);
    assert!(event["sent_at"].is_string(), "{event}");

    let data = r#"{"text":"a\u001b[31m\u202e"}"#;
    let arguments = [
        "webhooks",
        "trigger",
        "plan.renamed",
        "--json",
        data,
        "--jq",
        ".id",
    ];
    let triggered = run(&server, &arguments);
    let event = listener.next();
    assert_eq!(
        triggered,
        format!("{}\nexit: 0", event["id"].as_str().unwrap())
    );
    assert_eq!(event["type"], "plan.renamed");
    assert_eq!(
        event["payload"]["data"],
        json!({ "text": "a\u{1b}[31m\u{202e}" })
    );

    let id = event["id"].as_str().unwrap();
    assert_eq!(
        run(&server, &["webhooks", "resend", id]),
        format!("id  {id}\nexit: 0")
    );
    assert_eq!(listener.next()["id"], event["id"]);
    let (code, log) = listener.stopped();
    assert_eq!(code, Some(0));
    assert!(
        log.starts_with("refused a delivery: no secret fits"),
        "{log}"
    );
    server.send_sigterm();
    assert!(server.ended().0.success());
}

#[test]
fn deliveries_are_forwarded_unchanged() {
    let mut last = Listener::with(&[]);
    let mut first = Listener::with(&["--forward", &last.url]);
    let server = sandbox(&first.url, &[]);
    run(&server, &["webhooks", "trigger", "customer.created"]);
    assert_eq!(first.next(), last.next());
    drop(last);
    run(&server, &["webhooks", "trigger", "customer.created"]);
    first.next();
    // The sandbox sends it again, because it was not accepted.
    first.next();
    let (code, log) = first.stopped();
    assert_eq!(code, Some(0));
    assert!(log.starts_with("cannot forward: "), "{log}");
}

#[test]
fn a_secret_that_is_generated_is_printed() {
    let mut child = pivotal()
        .args([
            "sandbox",
            "--listen",
            "127.0.0.1:0",
            "--webhook",
            "http://127.0.0.1:9",
        ])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    lines.next().unwrap().unwrap();
    let line = lines.next().unwrap().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(line.starts_with("webhook secret whsec_"), "{line}");
}

#[test]
fn an_output_that_is_closed_ends_the_listener() {
    let mut listener = Listener::with(&[]);
    let server = sandbox(&listener.url, &[]);
    let mut child = Command::new("true").stdout(Stdio::piped()).spawn().unwrap();
    let closed = BufReader::new(child.stdout.take().unwrap());
    drop(std::mem::replace(&mut listener.stdout, closed));
    child.wait().unwrap();
    run(&server, &["webhooks", "trigger", "customer.created"]);
    assert_eq!(listener.ended(), (Some(141), String::new()));
}

#[test]
fn a_secret_that_cannot_be_used_is_refused_and_never_printed() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |secret: Option<&str>, options: &[&str], code: i32, why: &str| {
        let mut listen = pivotal();
        listen.args(["webhooks", "listen"]);
        if let Some(secret) = secret {
            listen.env("PIVOTAL_WEBHOOK_SECRET", secret);
        }
        let text = shown(&listen.args(options).output().unwrap());
        assert!(text.contains(why) && !text.contains("MfKQ"), "{text}");
        assert!(text.ends_with(&format!("exit: {code}")), "{text}");
    };
    refused(None, &[], 4, "set PIVOTAL_WEBHOOK_SECRET");
    refused(Some(&SECRET[6..]), &[], 4, "does not begin with `whsec_`");
    for mode in [0o644, 0o640] {
        let file = secret_file(folder.path(), SECRET, mode);
        refused(None, &["--secret-file", &file], 4, "chmod 600");
    }
    refused(
        Some(SECRET),
        &["--listen", "0.0.0.0:0"],
        2,
        "from other machines",
    );
    refused(
        Some(SECRET),
        &["--forward", "http://example.com"],
        2,
        "--forward",
    );
}

#[test]
fn only_a_sandbox_on_this_machine_is_asked_to_send() {
    let trigger = |base_url: &str| {
        let arguments = [
            "webhooks",
            "trigger",
            "customer.created",
            "--base-url",
            base_url,
        ];
        shown(&pivotal().args(arguments).output().unwrap())
    };
    let text = trigger("https://my.pivotal.app");
    assert!(
        text.contains("pivotal sandbox --admin") && text.ends_with("exit: 2"),
        "{text}"
    );
    let text = trigger(&Served::with_key(KEY).base_url);
    assert!(
        text.contains("not found") && text.ends_with("exit: 1"),
        "{text}"
    );

    let server = Served::with(["--admin", "--admin-token", "tokenForTests"]);
    assert!(run(&server, &["webhooks", "trigger", "a"]).ends_with("exit: 4"));
    let mut resend = pivotal();
    resend.args([
        "webhooks",
        "resend",
        "msg_1",
        "--base-url",
        &server.base_url,
    ]);
    let text = shown(
        &resend
            .env("PIVOTAL_ADMIN_TOKEN", "tokenForTests")
            .output()
            .unwrap(),
    );
    assert!(
        text.contains("There is no such event") && text.ends_with("exit: 1"),
        "{text}"
    );
}
