//! API keys and guards of the commands.

use std::io::{Read, Write};
use std::net::TcpListener;
#[cfg(unix)]
use std::{path::Path, process::Output};

use crate::running::{Served, pivotal, pivotal_on, shown};

const KEY: &str = "pivotal_test_keys";
const LIVE_KEY: &str = "pivotal_liveN0tTobeSeen";

#[cfg(unix)]
fn me_with(server: &Served, options: &[&str], home: &Path) -> Output {
    pivotal()
        .args([
            "me",
            "--jq",
            ".organization.slug",
            "--base-url",
            &server.base_url,
        ])
        .args(options)
        .env("XDG_CONFIG_HOME", home)
        .output()
        .expect("the binary starts")
}

#[cfg(unix)]
fn write_key(path: &Path, text: &str, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, text).expect("the folder is ours");
    let mode = std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(path, mode).expect("the file is ours");
}

#[cfg(unix)]
#[test]
fn a_key_is_read_from_a_file_that_only_its_owner_may_read() {
    let server = Served::with_key(KEY);
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    std::fs::create_dir(home.join("pivotal")).unwrap();
    let file = home.join("pivotal/work.key");
    let path = file.to_str().unwrap();
    for options in [&["--api-key-file", path][..], &["--profile", "work"]] {
        write_key(&file, &format!("{KEY}\n"), 0o600);
        let output = me_with(&server, options, home);
        assert_eq!(shown(&output), "sandbox\nexit: 0");
        for mode in [0o640, 0o604, 0o620, 0o644] {
            write_key(&file, KEY, mode);
            let text = shown(&me_with(&server, options, home));
            assert!(
                text.contains("chmod 600") && text.ends_with("exit: 4"),
                "{text}"
            );
            assert!(!text.contains(KEY), "{text}");
        }
    }
}

#[cfg(unix)]
#[test]
fn a_file_without_a_key_is_reported_and_never_printed() {
    let server = Served::with_key(KEY);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    let path = file.to_str().unwrap();
    let refused = |options: &[&str], code: i32, why: &str| {
        let output = me_with(&server, options, folder.path());
        let text = shown(&output);
        assert_eq!(output.status.code(), Some(code), "{text}");
        assert!(
            text.contains(why) && !text.contains("N0tTobeSeen"),
            "{text}"
        );
    };
    refused(&["--api-key-file", path], 4, "No such file");
    refused(
        &["--api-key-file", folder.path().to_str().unwrap()],
        4,
        "not a file",
    );
    refused(&["--profile", "none"], 4, "none.key");
    refused(&["--profile", "../key"], 2, "letters, digits");
    refused(&["--profile", "a", "--api-key-file", path], 2, "remove one");
    for (text, why) in [
        ("\n", "is empty"),
        ("N0tTobeSeen two words", "not visible ASCII"),
        (&"N0tTobeSeen".repeat(1000), "too long"),
        ("pivotal_test_N0tTobeSeen", "invalid_api_key"),
    ] {
        write_key(&file, text, 0o600);
        refused(&["--api-key-file", path], 4, why);
    }
}

#[test]
fn a_missing_and_a_revoked_key_exit_with_4() {
    let none = pivotal().args(["customers", "list"]).output().unwrap();
    assert_eq!(none.status.code(), Some(4), "{}", shown(&none));
    let server = Served::with(["--api-key", KEY, "--fault", "list-customers:key-revoked"]);
    let revoked = pivotal()
        .args(["customers", "list", "--base-url", &server.base_url])
        .env("PIVOTAL_API_KEY", KEY)
        .output()
        .unwrap();
    let text = shown(&revoked);
    assert!(
        text.contains("api_key_revoked") && text.ends_with("exit: 4"),
        "{text}"
    );
}

#[test]
fn a_live_key_deletes_only_with_yes() {
    let server = Served::with(["--api-key", LIVE_KEY, "--seed", "7"]);
    let run = |arguments: &[&str]| {
        let output = pivotal_on(&server.base_url, LIVE_KEY)
            .args(arguments)
            .output()
            .unwrap();
        let text = shown(&output);
        assert!(!text.contains(LIVE_KEY), "{text}");
        (output.status.code(), text)
    };
    for arguments in [
        &["customers", "delete", "3"][..],
        &["contacts", "delete", "3"],
        &["onboardings", "delete", "3"],
        &["api", "DELETE", "/api/v1/customers/3"],
    ] {
        let (code, text) = run(arguments);
        assert_eq!(code, Some(6), "{text}");
        assert!(text.contains("add --yes"), "{text}");
    }
    assert_eq!(run(&["customers", "get", "3"]).0, Some(0));
    assert_eq!(run(&["customers", "delete", "3", "--yes"]).0, Some(0));
    assert_eq!(run(&["customers", "get", "3"]).0, Some(1));
}

/// A server that repeats the whole request.
#[test]
fn the_trace_shows_both_sides_but_no_key() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let mut request = [0; 4096];
        let read = connection.read(&mut request).unwrap();
        let request = String::from_utf8_lossy(&request[..read]).into_owned();
        let line = request
            .lines()
            .find(|line| line.contains(LIVE_KEY))
            .unwrap();
        let body = serde_json::json!({ "object": "me", "echo": request }).to_string();
        write!(
            connection,
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-echo: {line}\r\nset-cookie: s=1\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
    });
    let output = pivotal()
        .args([
            "me",
            "--trace-http",
            "--base-url",
            &format!("http://{address}"),
        ])
        .env("PIVOTAL_API_KEY", LIVE_KEY)
        .output()
        .unwrap();
    server.join().unwrap();
    let text = shown(&output);
    for part in [
        "> GET http://127.0.0.1:",
        "> authorization: [redacted]",
        "< 200 OK, ",
        "< x-echo: authorization: Bearer [redacted]",
        "< set-cookie: [redacted]",
        "user-agent: pivotal-sdk-rust",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains("N0tTobeSeen"), "{text}");
}

#[test]
fn no_help_names_a_key_of_the_environment() {
    for command in ["", "customers", "api", "me"] {
        let mut help = pivotal();
        help.args(
            [command, "--help"]
                .into_iter()
                .filter(|word| !word.is_empty()),
        );
        let help = help.env("PIVOTAL_API_KEY", LIVE_KEY).output().unwrap();
        assert!(!shown(&help).contains(LIVE_KEY));
    }
}

#[test]
fn a_secret_among_the_arguments_is_refused_and_never_printed() {
    let run = |arguments: &[&str]| {
        let output = pivotal().args(arguments).output().unwrap();
        (output.status.code(), shown(&output))
    };
    for secret in [
        "pivotal_test_aB3dE5fG7hJ9kL1m",
        "pivotal_test_c00000000kuhgt7gs3eu2lrq",
        "pivotal_live_N0tTobeUsed",
        LIVE_KEY,
        "pivotal_K8s9aB3dE5fG7hJ9kL1m",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        concat!("pat", "-na1-11111111-2222-3333-4444-555555555555"),
        concat!("sk_li", "ve_51AbCdEfGhIjKlMnOp"),
        concat!("rk_te", "st_51AbCdEfGhIjKlMnOp"),
    ] {
        let of_option = format!("--columns={secret}");
        let query = format!("q={secret}");
        let path = format!("/customers?q={secret}&limit=1");
        for arguments in [
            &[secret][..],
            &["me", secret],
            &["me", "--api-key-file", secret],
            &["me", "--profile", secret],
            &["me", "--api-key", secret],
            &["me", "-o", secret],
            &["me", &of_option],
            &["import", secret],
            &["api", "/customers", "--query", &query, "-v"],
            &["api", &path, "--sandbox", "-v"],
            &["sandbox", "--listen", secret],
            &["demo", secret, "--help"],
        ] {
            let (code, text) = run(arguments);
            assert_eq!(code, Some(2), "{arguments:?}: {text}");
            assert!(
                text.contains("PIVOTAL_API_KEY") && text.contains("Revoke"),
                "{text}"
            );
            assert!(!text.contains(&secret[secret.len() - 8..]), "{text}");
        }
    }
    // Names that only begin like one.
    for name in [
        "pivotal_test_customers",
        "pivotal_test_export2024.csv",
        "pivotal_export_2024-06-01",
    ] {
        let (_, text) = run(&["import", name]);
        assert!(text.contains(name) && !text.contains("Revoke"), "{text}");
    }
    // A sandbox is told its key, also behind an option of all commands.
    let key = "pivotal_test_aB3dE5fG7hJ9kL1m";
    let sandbox = Served::with_key(key);
    let of_option = format!("--api-key={key}");
    let server = ["--base-url", &sandbox.base_url];
    for arguments in [
        [&["demo"][..], &server, &[&of_option]].concat(),
        [&["--quiet", "demo"][..], &server, &["--api-key", key]].concat(),
    ] {
        let (code, text) = run(&arguments);
        assert_eq!(code, Some(0), "{text}");
    }
}

#[test]
fn an_invalid_output_option_is_reported_before_a_missing_key() {
    for (options, code, why) in [
        (&["--jq", ".["][..], 2, "--jq"),
        (&["-o", "table", "--jq", "."], 2, "--output json"),
        (&[], 4, "PIVOTAL_API_KEY"),
    ] {
        let mut command = pivotal();
        let output = command.args(["customers", "list"]).args(options).output();
        let output = output.expect("the binary starts");
        let text = shown(&output);
        assert_eq!(output.status.code(), Some(code), "{text}");
        assert!(text.contains(why), "{text}");
    }
}
