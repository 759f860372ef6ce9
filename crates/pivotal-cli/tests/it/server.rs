//! `pivotal sandbox`, and the calls that test a key.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::Duration;

use pivotal_test_support::{ScriptedServer, response};

use crate::running::{MOVING, Served, pivotal, pivotal_on, shown};

const KEY: &str = "pivotal_test_served";

#[test]
fn the_first_line_names_address_and_key() {
    let server = Served::with_key(KEY);
    assert_eq!(
        server.first_line,
        format!("sandbox listening on {} (key {KEY})\n", server.base_url)
    );
}

#[test]
fn pages_are_served_unless_switched_off() {
    for (options, status) in [
        (&[][..], "200 OK"),
        (&["--ui"], "200 OK"),
        (&["--no-ui"], "404 Not Found"),
        (&["--no-ui", "--ui"], "200 OK"),
        (&["--ui", "--no-ui"], "404 Not Found"),
    ] {
        let server = Served::with(options.iter().copied());
        let mut connection = server.connect();
        write!(
            connection,
            "GET /customers HTTP/1.0\r\nhost: localhost\r\n\r\n"
        )
        .unwrap();
        let mut page = String::new();
        connection.read_to_string(&mut page).unwrap();
        assert!(
            page.starts_with(&format!("HTTP/1.0 {status}")),
            "{options:?}: {page}"
        );
    }
}

#[test]
fn me_and_health_work_with_settings_from_the_environment() {
    let server = Served::with_key(KEY);
    let me = pivotal_on(&server.base_url, KEY)
        .arg("me")
        .output()
        .unwrap();
    insta::assert_snapshot!("me", shown(&me));
    let health = pivotal()
        .args(["health", "--base-url", &server.base_url])
        .output()
        .unwrap();
    let text = shown(&health);
    assert!(
        health.status.success() && text.starts_with("status     ok\n"),
        "{text}"
    );
}

#[test]
fn a_wait_is_reported_and_text_of_the_server_is_escaped() {
    let requests = AtomicUsize::new(0);
    let me = r#"{
        "object": "me",
        "api_key": {
            "id": "k1", "name": "a\u001b[31m\nb", "prefix": "pivotal_K8s9",
            "scopes": ["all\u202e"], "rate_limit_tier": "free"
        },
        "organization": { "id": "o1", "slug": "aurora", "name": "Aurora \"East\"" }
    }"#;
    let server = ScriptedServer::start(move |_| match requests.fetch_add(1, Ordering::Relaxed) {
        0 => response("503 Service Unavailable", "retry-after: 2\r\n", "{}"),
        _ => response("200 OK", "content-type: application/json\r\n", me),
    });
    let output = pivotal()
        .args(["me", "--base-url", server.base_url()])
        .env("PIVOTAL_API_KEY", KEY)
        .output()
        .unwrap();
    insta::assert_snapshot!("me_after_a_wait", shown(&output));
}

#[test]
fn an_invalid_key_is_reported_but_never_printed() {
    let server = Served::with_key(KEY);
    let me = pivotal()
        .args(["me", "--base-url", &server.base_url])
        .env("PIVOTAL_API_KEY", "pivotal_test_N0tTobeSeenAnywhere")
        .output()
        .unwrap();
    let text = shown(&me);
    assert!(!text.contains("N0tTobeSeen"), "{text}");
    insta::with_settings!({ filters => MOVING }, {
        insta::assert_snapshot!("wrong_key", text);
    });
}

#[test]
fn me_without_a_key_says_which_variable() {
    insta::assert_snapshot!("no_key", shown(&pivotal().arg("me").output().unwrap()));
}

#[test]
fn an_address_that_others_can_reach_is_refused() {
    let output = pivotal()
        .args(["sandbox", "--listen", "0.0.0.0:0"])
        .output()
        .unwrap();
    insta::assert_snapshot!("listen_everywhere", shown(&output));
}

#[test]
fn strict_mode_is_set_from_the_command_line() {
    let customer = |options: &[&str]| {
        let served = ["--api-key", KEY, "--seed", "7"].iter().chain(options);
        let server = Served::with(served.copied());
        server.get(KEY, "/api/v1/customers?slug=nobody&limit=1")
    };
    assert!(customer(&[]).contains("\"data\":[]"));
    let newest = customer(&["--strict"]);
    assert!(newest.contains("\"display_id\":48"), "{newest}");
    assert!(newest.contains("\"slug\":null"), "{newest}");
}

#[test]
fn faults_are_set_from_the_command_line() {
    // Not a 503, which the SDK would try again: a whole response is not repeated.
    let server = Served::with(["--fault", "get-health:malformed-json,pass,truncated-json"]);
    let health = || {
        let mut health = pivotal();
        health.args(["health", "--base-url", &server.base_url]);
        health.output().unwrap().status.success()
    };
    assert_eq!(
        [health(), health(), health(), health()],
        [false, true, false, true]
    );
}

#[test]
fn a_fault_that_cannot_be_is_refused_with_a_way_on() {
    for (fault, expected) in [
        ("explode", "write OPERATION:FAULT"),
        ("*:explode", "there is no fault `explode`"),
        ("get-you:status=503", "no operation `get-you`"),
    ] {
        let output = pivotal()
            .args(["sandbox", "--listen", "127.0.0.1:0", "--fault", fault])
            .output()
            .unwrap();
        let text = shown(&output);
        assert!(text.contains(expected), "{text}");
        assert!(text.ends_with("exit: 2"), "{text}");
    }
}

#[test]
fn help_and_page_name_every_fault() {
    let output = |arguments: &[&str]| shown(&pivotal().args(arguments).output().unwrap());
    let refusal = output(&["sandbox", "--fault", "*:no-such"]);
    let (_, known) = refusal.split_once("there are ").unwrap();
    let known = known.lines().next().unwrap();
    let names: Vec<_> = known
        .split(", ")
        .map(|fault| fault.split(['=', '[']).next().unwrap())
        .collect();
    assert_eq!(names.len(), 24, "{names:?}");
    let help = output(&["sandbox", "--help"]);
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/sandbox.md");
    let page = std::fs::read_to_string(page).unwrap();
    for name in names {
        assert!(help.contains(name), "{name}: {help}");
        assert!(page.contains(&format!("`{name}")), "{name}");
    }
}

#[cfg(unix)]
#[test]
fn sigterm_lets_running_requests_finish_before_the_exit() {
    let server = Served::with_key(KEY);
    let mut slow = server.connect();
    let head = format!(
        "POST /api/v1/customers HTTP/1.1\r\nhost: sandbox\r\nauthorization: Bearer {KEY}\r\n\
         content-type: application/json\r\ncontent-length: 17\r\nexpect: 100-continue\r\n\r\n"
    );
    slow.write_all(head.as_bytes()).unwrap();
    slow.read_exact(&mut [0; 25]).unwrap();
    server.send_sigterm();
    let address = server.base_url.strip_prefix("http://").unwrap();
    while TcpStream::connect(address).is_ok() {
        sleep(Duration::from_millis(5));
    }
    slow.write_all(br#"{"name":"Aurora"}"#).unwrap();
    let mut response = String::new();
    slow.read_to_string(&mut response).unwrap();
    assert!(response.starts_with("HTTP/1.1 201 Created"), "{response}");
    let (status, log) = server.ended();
    assert!(status.success());
    assert_eq!(log, "", "it logs nothing unless asked to");
}

#[cfg(unix)]
#[test]
fn the_address_file_is_there_while_it_listens() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("address");
    // Of an earlier run.
    std::fs::write(&file, "http://127.0.0.1:1\n").unwrap();
    let server = Served::with(["--address-file", file.to_str().unwrap()]);
    let written = std::fs::read_to_string(&file).unwrap();
    assert_eq!(written, format!("{}\n", server.base_url));
    let names = std::fs::read_dir(folder.path()).unwrap();
    assert_eq!(names.count(), 1, "nothing is left beside it");
    server.send_sigterm();
    assert!(server.ended().0.success());
    assert!(!file.exists());
}

#[test]
fn an_address_file_that_cannot_be_written_ends_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("nowhere").join("address");
    let output = pivotal()
        .args(["sandbox", "--listen", "127.0.0.1:0", "--address-file"])
        .arg(&file)
        .output()
        .unwrap();
    let text = shown(&output);
    assert!(
        text.contains("--address-file") && text.ends_with("exit: 2"),
        "{text}"
    );
}

#[test]
fn an_address_file_with_something_else_in_it_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notes");
    for content in ["my notes\n", "http://127.0.0.1:1\nmore\n"] {
        std::fs::write(&file, content).unwrap();
        let text = refused_address_file(&file, "127.0.0.1:0");
        assert!(text.contains("is no address of a sandbox"), "{text}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), content);
    }
    let text = refused_address_file(folder.path(), "127.0.0.1:0");
    assert!(text.contains("it is not a file"), "{text}");
}

#[test]
fn a_sandbox_that_cannot_start_leaves_the_address_file_of_another() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("address");
    let server = Served::with(["--address-file", file.to_str().unwrap()]);
    let taken = server.base_url.strip_prefix("http://").unwrap();
    refused_address_file(&file, taken);
    let written = std::fs::read_to_string(&file).unwrap();
    assert_eq!(written, format!("{}\n", server.base_url));
}

#[cfg(unix)]
#[test]
fn a_sandbox_that_ends_leaves_the_address_file_of_another() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("address");
    let options = ["--address-file", file.to_str().unwrap()];
    let first = Served::with(options);
    let second = Served::with(options);
    first.send_sigterm();
    assert!(first.ended().0.success());
    let written = std::fs::read_to_string(&file).unwrap();
    assert_eq!(written, format!("{}\n", second.base_url));
    second.send_sigterm();
    assert!(second.ended().0.success());
    assert!(!file.exists());
}

/// What a sandbox says that does not start with this file and address.
fn refused_address_file(file: &Path, listen: &str) -> String {
    let output = pivotal()
        .args(["sandbox", "--listen", listen, "--address-file"])
        .arg(file)
        .output()
        .expect("the binary starts");
    let text = shown(&output);
    assert!(text.ends_with("exit: 2"), "{text}");
    text
}

#[cfg(unix)]
#[test]
fn options_seed_it_limit_it_open_its_admin_api_and_log() {
    let server = Served::with([
        "--api-key",
        KEY,
        "--seed",
        "7",
        "--admin",
        "--log",
        "--rate-limit",
        "documented",
    ]);
    let customers = server.get(KEY, "/api/v1/customers?limit=1");
    assert!(customers.starts_with("HTTP/1.1 200 OK"), "{customers}");
    assert!(
        customers.contains("x-ratelimit-limit: 30\r\n"),
        "{customers}"
    );
    assert!(customers.contains(r#""display_id":48"#), "{customers}");
    let clock = server.get(KEY, "/_sandbox/clock");
    assert!(clock.contains(r#""frozen":false"#), "{clock}");
    server.send_sigterm();
    let (_, log) = server.ended();
    let lines: Vec<_> = log.lines().collect();
    assert_eq!(lines.len(), 1, "{log}");
    let words: Vec<_> = lines[0].split(' ').collect();
    assert_eq!(words[1..4], ["GET", "/api/v1/customers?limit=1", "200"]);
    assert_eq!(words[5], "pivotal_test_ser");
}

#[test]
fn a_rate_limit_that_is_none_is_refused() {
    for value in ["0", "many", "-1"] {
        let output = pivotal()
            .args(["sandbox", &format!("--rate-limit={value}")])
            .output()
            .unwrap();
        let text = shown(&output);
        assert!(
            text.contains("`documented`") && text.ends_with("exit: 2"),
            "{text}"
        );
    }
}
