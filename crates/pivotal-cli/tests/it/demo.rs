//! `pivotal demo`.

#[cfg(unix)]
use std::io::{BufRead, BufReader, Read, Write};
#[cfg(unix)]
use std::net::TcpStream;
#[cfg(unix)]
use std::process::{Command, Stdio};

use crate::running::{MOVING, Served, pivotal, pivotal_on, shown};

const KEY: &str = "pivotal_test_demo_server";

#[test]
fn the_demo_runs_the_guide_twice_and_doubles_nothing() {
    let output = pivotal().arg("demo").output().unwrap();
    insta::with_settings!({ filters => MOVING }, {
        insta::assert_snapshot!("demo", shown(&output));
    });
}

#[test]
fn the_demo_passes_in_strict_mode() {
    let output = pivotal().args(["demo", "--strict"]).output().unwrap();
    insta::with_settings!({ filters => MOVING }, {
        insta::assert_snapshot!("strict_demo", shown(&output));
    });
    let refused = pivotal()
        .args(["demo", "--strict", "--live"])
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(2), "{}", shown(&refused));
}

/// Only a sandbox is told its key by an argument.
#[test]
fn a_live_demo_takes_no_key_from_an_argument() {
    for (arguments, expected) in [
        (&["--live", "--api-key", "some"][..], "cannot be used with"),
        (
            &["--live", "--api-key", "pivotal_test_0123456789"],
            "an argument contains",
        ),
        (
            &["--api-key=pivotal_test_0123456789", "--live"],
            "an argument contains",
        ),
    ] {
        let output = pivotal_on("http://127.0.0.1:9", KEY)
            .arg("demo")
            .args(arguments)
            .output()
            .unwrap();
        let text = shown(&output);
        assert!(
            text.contains(expected) && text.ends_with("exit: 2"),
            "{text}"
        );
    }
}

#[test]
fn a_key_in_the_environment_is_not_used() {
    let output = pivotal_on("https://my.pivotal.app", "pivotal_live_N0tTobeUsed")
        .arg("demo")
        .output()
        .unwrap();
    let text = shown(&output);
    assert!(output.status.success(), "{text}");
    assert!(
        text.contains("the embedded sandbox") && !text.contains("N0tTobeUsed"),
        "{text}"
    );
}

#[test]
fn twice_in_a_row_on_a_server_that_keeps_its_state() {
    for mode in [None, Some("--strict")] {
        let server = Served::with(["--api-key", KEY].into_iter().chain(mode));
        for _ in 0..2 {
            let output = pivotal()
                .args(["demo", "--base-url", &server.base_url, "--api-key", KEY])
                .output()
                .unwrap();
            assert!(output.status.success(), "{}", shown(&output));
        }
    }
}

#[test]
fn the_guide_to_the_letter_passes_once_and_then_says_why_not() {
    let server = Served::with_key(KEY);
    let exact = || {
        pivotal()
            .args(["demo", "--exact", "--base-url", &server.base_url])
            .env("PIVOTAL_API_KEY", KEY)
            .output()
            .unwrap()
    };
    let first = exact();
    assert!(first.status.success(), "{}", shown(&first));
    let text = shown(&first);
    for word in [
        "aurora-demo",
        "Mira Chen",
        "before_getting_started",
        "slug_taken",
    ] {
        assert!(text.contains(word), "{word} in {text}");
    }
    insta::with_settings!({ filters => MOVING }, {
        insta::assert_snapshot!("exact_again", shown(&exact()));
    });
}

#[test]
fn another_machine_is_refused_without_live() {
    let output = pivotal()
        .args([
            "demo",
            "--base-url",
            "https://my.pivotal.app",
            "--api-key",
            KEY,
        ])
        .output()
        .unwrap();
    insta::assert_snapshot!(shown(&output));
}

#[test]
fn live_wants_a_key_and_a_test_key() {
    let without = pivotal().args(["demo", "--live"]).output().unwrap();
    let with_live_key = pivotal()
        .args(["demo", "--live"])
        .env("PIVOTAL_API_KEY", "pivotal_N0tTobeSeenAnywhere")
        .output()
        .unwrap();
    insta::assert_snapshot!(format!("{}\n\n{}", shown(&without), shown(&with_live_key)));
}

#[cfg(unix)]
#[test]
fn keep_serves_the_rows_and_the_address_that_it_printed() {
    let mut demo = pivotal()
        .args(["demo", "--keep"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(demo.stdout.take().unwrap()).lines();
    let mut shown = Vec::new();
    while !shown
        .last()
        .is_some_and(|line: &String| line.ends_with("until Ctrl-C."))
    {
        shown.push(lines.next().expect("the demo passes").unwrap());
    }
    let address = shown
        .iter()
        .find_map(|line| line.trim().strip_prefix("Address in the app: http://"))
        .unwrap();
    let (host, path) = address.split_at(address.find('/').unwrap());
    let mut connection = TcpStream::connect(host).unwrap();
    write!(connection, "GET {path} HTTP/1.0\r\nhost: {host}\r\n\r\n").unwrap();
    let mut page = String::new();
    connection.read_to_string(&mut page).unwrap();
    for text in [
        "HTTP/1.0 200 OK",
        "Aurora Outfitters",
        "Mira Chen",
        "Primary",
        "API: Sandbox key",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    let shown = shown.join("\n");
    assert!(
        shown.contains("4. The rows are kept.") && shown.contains("9. The companies are kept."),
        "{shown}"
    );

    Command::new("kill")
        .arg(demo.id().to_string())
        .status()
        .unwrap();
    assert!(demo.wait().unwrap().success());
}
