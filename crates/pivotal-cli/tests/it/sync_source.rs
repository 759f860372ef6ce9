//! `pivotal sync` from HubSpot, Stripe and Singer taps.

// A helper that cannot unwrap hides its point, like a test.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::Write;
use std::process::{Output, Stdio};

use pivotal_test_support::{Reply, Request, ScriptedServer, response};

use crate::place::Place;
use crate::running::{pivotal, shown};

const KEY: &str = "pat-eu1-secretSecretSecret";

/// Two companies on two pages, and any update.
fn hubspot(request: &Request) -> Reply {
    let company = |id: u32| {
        format!(
            r#"{{"id":"{id}","properties":{{"name":"C{id}","domain":"c{id}.test","pivotal_customer_id":null}}}}"#
        )
    };
    let body = match request.line.as_str() {
        line if line.starts_with("POST") => r#"{"results":[{"id":"1"},{"id":"2"}]}"#.to_owned(),
        line if line.contains("after=1") => format!(r#"{{"results":[{}]}}"#, company(2)),
        _ => format!(
            r#"{{"results":[{}],"paging":{{"next":{{"after":"1"}}}}}}"#,
            company(1)
        ),
    };
    response("200 OK", "", body)
}

/// Runs the command with a service in the environment.
async fn run(place: &Place, line: &str, service: &ScriptedServer) -> (i32, String) {
    let mut command = place.command(line);
    for service_name in ["HUBSPOT", "STRIPE"] {
        command.env(format!("{service_name}_BASE_URL"), service.base_url());
    }
    command.env("HUBSPOT_TOKEN", KEY).env("STRIPE_API_KEY", KEY);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap());
    let output = output.await.unwrap();
    let text = shown(&output);
    assert!(!text.contains("secretSecret"), "{text}");
    (output.status.code().unwrap(), text)
}

/// Runs `pivotal sync init`, which needs neither key nor server.
fn init_with(place: &Place, arguments: &[&str]) -> Output {
    let mut command = pivotal();
    command.args(["sync", "init", "--from"]).args(arguments);
    command.current_dir(place.path(".")).output().unwrap()
}

/// Sets up a source, and makes these lines of the configuration active.
fn init(place: &Place, source: &str, lines: &[&str]) {
    assert_eq!(init_with(place, &[source]).status.code(), Some(0));
    let path = place.path("pivotal-sync.toml");
    let mut text = fs::read_to_string(&path).unwrap();
    for line in lines {
        let commented = format!("# {line}");
        assert!(text.contains(&commented), "{commented}");
        text = text.replace(&commented, line);
    }
    fs::write(path, text).unwrap();
}

#[tokio::test]
async fn hubspot_is_set_up_planned_synced_and_written_to() {
    let place = Place::new(false).await;
    let service = ScriptedServer::start(hubspot);
    let lines = ["[write_back]", "property = \"pivotal_customer_id\""];
    init(&place, "hubspot", &lines);
    let (code, text) = run(&place, "plan", &service).await;
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("+ create   C1  (HubSpot:1)"), "{text}");
    let (code, text) = run(&place, "sync --dry-run", &service).await;
    assert_eq!(code, 0, "{text}");
    let posts = || {
        service
            .requests()
            .iter()
            .filter(|request| request.line.starts_with("POST"))
            .count()
    };
    assert_eq!(posts(), 0, "neither a plan nor a dry run writes");
    let (code, text) = run(&place, "sync -v --trace-http", &service).await;
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains("write back  2 written, 0 unchanged, 0 failed"),
        "{text}"
    );
    assert!(text.contains("> authorization: [redacted]"), "{text}");
    assert_eq!(posts(), 2, "one update per page");
    let (code, text) = run(&place, "sync", &service).await;
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("2 unchanged"), "{text}");
}

#[tokio::test]
async fn the_configuration_for_stripe_works_as_it_is_written() {
    let place = Place::new(false).await;
    let body = r#"{"object":"list","has_more":false,"data":[{"id":"cus_1","name":"A","subscriptions":{"data":[],"has_more":false}}]}"#;
    let service = ScriptedServer::responding("200 OK", "", body);
    init(&place, "stripe", &[]);
    let (code, text) = run(&place, "sync", &service).await;
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains("source      1 record, read to its end"),
        "{text}"
    );
}

#[tokio::test]
async fn a_refused_key_names_the_service() {
    let place = Place::new(false).await;
    let body = format!(r#"{{"message":"expired: {KEY}","error":{{"message":"expired: {KEY}"}}}}"#);
    let service = ScriptedServer::responding("401 Unauthorized", "", body);
    for (source, name) in [("hubspot", "HubSpot"), ("stripe", "Stripe")] {
        let _ = fs::remove_file(place.path("pivotal-sync.toml"));
        init(&place, source, &[]);
        let (code, text) = run(&place, "sync", &service).await;
        assert_eq!(code, 4, "{text}");
        let expected = format!("error: {name}: GET /");
        assert!(
            text.contains(&expected) && text.contains("expired: [redacted]"),
            "{text}"
        );
        let mut without = place.command("sync");
        without
            .env_remove("HUBSPOT_TOKEN")
            .env_remove("STRIPE_API_KEY");
        let output = without.output().unwrap();
        assert_eq!(output.status.code(), Some(4), "{}", shown(&output));
        assert!(
            shown(&output).contains("set the environment variable"),
            "{}",
            shown(&output)
        );
    }
}

#[tokio::test]
async fn a_sync_without_a_source_says_how_to_set_one_up() {
    let place = Place::new(false).await;
    let (code, text) = place.code("sync").await;
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("pivotal sync init"), "{text}");
    for arguments in [&["csv"][..], &["salesforce"], &["stripe", "x"]] {
        let output = init_with(&place, arguments);
        assert_eq!(output.status.code(), Some(2), "{}", shown(&output));
    }
    assert!(!place.path("pivotal-sync.toml").exists());
    place.write("crm.csv", "name,slug\nA,a\n");
    assert_eq!(
        init_with(&place, &["csv", "crm.csv"]).status.code(),
        Some(0)
    );
    let (code, text) = place.code("sync").await;
    assert_eq!(code, 0, "{text}");
}

/// Runs a sync with these messages on its standard input.
async fn pipe(place: &Place, messages: &str) -> Output {
    let mut command = place.command("sync");
    command.stdin(std::process::Stdio::piped());
    let messages = messages.to_owned();
    let child = tokio::task::spawn_blocking(move || {
        let mut child = command.spawn().unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(messages.as_bytes())
            .unwrap();
        child.wait_with_output().unwrap()
    });
    child.await.unwrap()
}

#[tokio::test]
async fn the_state_of_a_tap_is_printed_once_everything_is_done() {
    let place = Place::new(false).await;
    init(&place, "singer", &[]);
    let messages = r#"{"type":"SCHEMA","stream":"companies","key_properties":["domain"],"schema":{}}
{"type":"RECORD","stream":"companies","record":{"name":"A","domain":"a.test"}}
{"type":"STATE","value":{"bookmark":"\u009b1"}}
"#;
    let output = pipe(&place, messages).await;
    assert_eq!(output.status.code(), Some(0), "{}", shown(&output));
    let state = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(state, "{\"bookmark\":\"\\u009b1\"}\n");
    assert!(shown(&output).contains("COMPLETE"));
    // Without it the tap sends the records again.
    for extra in [
        "oops\n",
        "{\"type\":\"RECORD\",\"stream\":\"companies\",\"record\":{\"name\":\"B\"}}\n",
    ] {
        let output = pipe(&place, &format!("{messages}{extra}")).await;
        assert_ne!(output.status.code(), Some(0), "{}", shown(&output));
        assert_eq!(output.stdout, b"", "{}", shown(&output));
    }
}

#[cfg(unix)]
#[tokio::test]
async fn an_interruption_while_a_service_is_read_leaves_no_records() {
    let place = Place::new(false).await;
    let service = ScriptedServer::start(|request| match request.line.contains("after=1") {
        true => Reply::Stall,
        false => hubspot(request),
    });
    init(&place, "hubspot", &[]);
    let mut command = place.command("sync");
    command
        .env("HUBSPOT_BASE_URL", service.base_url())
        .env("HUBSPOT_TOKEN", KEY);
    let child = command.spawn().unwrap();
    while service.requests().len() < 2 {
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    let interrupt = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(interrupt.unwrap().success());
    let output = tokio::task::spawn_blocking(|| child.wait_with_output().unwrap());
    let output = output.await.unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", shown(&output));
    let database = rusqlite::Connection::open(place.path("pivotal.db")).unwrap();
    let count = "SELECT (SELECT count(*) FROM items) + (SELECT count(*) FROM records)";
    let rows: i64 = database.query_row(count, [], |row| row.get(0)).unwrap();
    assert_eq!((rows, place.sandbox.requests().len()), (0, 0));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_ends_the_run_while_the_tap_is_idle() {
    let place = Place::new(false).await;
    init(&place, "singer", &[]);
    // Files of more than 1 MiB cannot be written.
    let script = r#"trap '' XFSZ; ulimit -f 2048; exec "$0" sync"#;
    let mut child = std::process::Command::new("sh");
    child.args(["-c", script, env!("CARGO_BIN_EXE_pivotal")]);
    child.envs(
        place
            .command("")
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    child.current_dir(place.path(""));
    child
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = child.spawn().expect("the shell starts");
    let mut tap = child.stdin.take().expect("its input is piped");
    let ended = tokio::task::spawn_blocking(move || {
        let schema = r#"{"type":"SCHEMA","stream":"companies","key_properties":[],"schema":{}}"#;
        let _ = writeln!(tap, "{schema}");
        let notes = "x".repeat(1 << 20);
        for row in 0..40 {
            // The run may have ended.
            let _ = writeln!(
                tap,
                r#"{{"type":"RECORD","stream":"companies","record":{{"name":"{row}","notes":"{notes}"}}}}"#
            );
        }
        // The input stays open.
        let output = child.wait_with_output();
        drop(tap);
        output
    });
    let output = ended.await.expect("no panic").expect("it ends");
    let text = shown(&output);
    assert_eq!(output.status.code(), Some(5), "{text}");
    assert!(
        text.contains(
            "error: the records of the source cannot be kept in a temporary file in the folder .:"
        ),
        "{text}"
    );
}
