//! Runs that are killed, interrupted or broken off: nothing is lost and nothing doubled.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command};
use std::time::Duration;

use crate::place::Place;
use crate::running::shown;

/// 300 records, of which these slugs are good.
fn dirty() -> (Vec<u8>, Vec<String>) {
    let mut bytes = b"\xef\xbb\xbfname,slug,mrr,status\r\n".to_vec();
    let mut good = Vec::new();
    for row in 0..300 {
        let slug = format!("customer-{row:03}");
        let record = match row % 12 {
            3 => format!("No amount,{slug},a lot,active\r\n").into_bytes(),
            5 => format!("Too,many,{slug},1,active\r\n").into_bytes(),
            7 => [b"M\xfcller,", slug.as_bytes(), b",1,active\r\n"].concat(),
            9 => b"Without a key,,1,active\r\n".to_vec(),
            11 => b"Twice,twice,1,active\r\n".to_vec(),
            kind => {
                good.push(slug.clone());
                let name = if kind == 1 {
                    "\"Two\nlines, \"\"Ltd\"\"\""
                } else {
                    " Plain "
                };
                format!("{name},{slug},{row},active\r\n").into_bytes()
            }
        };
        bytes.extend(record);
    }
    (bytes, good)
}

async fn kill_after(place: &Place, mut child: Child, creates: usize) {
    while place.creates() < creates && child.try_wait().expect("a child").is_none() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    child.kill().expect("a child");
    child.wait().expect("a child");
}

#[tokio::test]
async fn an_import_that_is_killed_several_times_creates_each_good_record_once() {
    for undocumented in [true, false] {
        let place = Place::new(undocumented).await;
        let (bytes, good) = dirty();
        place.write("customers.csv", bytes);
        place
            .sandbox
            .faults()
            .add("create-customer:latency=5ms".parse().unwrap())
            .unwrap();
        for creates in [1, 30, 60] {
            let child = place.command("import customers.csv").spawn().unwrap();
            kill_after(&place, child, creates).await;
        }
        // The run goes on under its number, and is killed again.
        let child = place.command("apply 3").spawn().unwrap();
        kill_after(&place, child, 100).await;
        let (code, text) = place.code("import customers.csv").await;
        assert_eq!(code, 1, "{text}");
        let expected: BTreeMap<_, _> = good.iter().map(|slug| (slug.clone(), 1)).collect();
        assert_eq!(place.customers().await, expected);
        let failed = fs::read_to_string(place.path("failed.csv"));
        let records = csv::Reader::from_reader(failed.unwrap().as_bytes())
            .into_records()
            .count();
        assert_eq!(records, 300 - good.len());

        place.sandbox.clear_requests();
        let (code, _) = place.code("import customers.csv").await;
        assert_eq!((code, place.creates()), (1, 0));
        // Every item of every run is accounted for.
        let database = rusqlite::Connection::open(place.path("pivotal.db")).unwrap();
        let sending: i64 = database
            .query_row(
                "SELECT count(*) FROM items WHERE state = 'sending'",
                [],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(sending, 0);
    }
}

/// 40 companies, each with two contacts and a deal, and their configuration.
fn companies(place: &Place) {
    let company = |number: usize| {
        serde_json::json!({
            "name": format!("Company {number}"),
            "slug": format!("company-{number}"),
            "people": [
                { "email": format!("ada@{number}.test"), "first": "Ada", "last": "King" },
                { "email": format!("bob@{number}.test"), "first": "Bob", "last": null },
            ],
            "deal": 1_000 + number,
            "closed": "2026-06-01",
        })
    };
    let companies: Vec<_> = (0..40).map(company).collect();
    place.write(
        "companies.json",
        serde_json::Value::from(companies).to_string(),
    );
    place.write(
        "pivotal-sync.toml",
        r#"
        [fields]
        name = "name"
        slug = "slug"
        [contacts]
        list = "people"
        [contacts.fields]
        email = "email"
        name = { column = ["first", "last"] }
        [onboarding]
        when = "deal"
        [onboarding.fields]
        target_launch_date = { column = "closed", add_days = 90 }
        "#,
    );
}

#[tokio::test]
async fn contacts_and_onboardings_survive_kills_and_lost_responses() {
    for undocumented in [true, false] {
        let place = Place::new(undocumented).await;
        companies(&place);
        let faults = [
            "create-customer:latency=3ms",
            "create-customer-contact:latency=3ms",
            "create-customer-contact:reset-after-processing:probability=0.2",
            "create-onboarding:latency=3ms",
            "create-onboarding:reset-after-processing:probability=0.2",
        ];
        for fault in faults {
            place.sandbox.faults().add(fault.parse().unwrap()).unwrap();
        }
        for creates in [10, 40, 80, 120] {
            let child = place.command("import companies.json").spawn();
            kill_after(&place, child.unwrap(), creates).await;
        }
        // Complete, or partial because of lost responses.
        let (code, text) = place.code("import companies.json").await;
        assert!(code == 0 || code == 5, "{text}");
        place.sandbox.faults().clear();
        let (code, text) = place.code("import companies.json").await;
        assert_eq!(code, 0, "{text}");
        let (code, text) = place.code("mirror --with contacts,onboardings").await;
        assert_eq!(code, 0, "{text}");
        assert!(text.contains("complete: 80 contacts"), "{text}");
        assert!(text.contains("complete: 40 onboardings"), "{text}");
        let database = rusqlite::Connection::open(place.path("pivotal.db")).unwrap();
        let count = |sql: &str| -> i64 { database.query_row(sql, [], |row| row.get(0)).unwrap() };
        assert_eq!(place.customers().await.len(), 40);
        assert_eq!(count("SELECT count(DISTINCT email) FROM contacts"), 80);
        assert_eq!(
            count("SELECT count(DISTINCT customer_id) FROM onboardings"),
            40
        );
        assert_eq!(count("SELECT count(*) FROM deals"), 40);
        assert_eq!(
            count("SELECT count(*) FROM items WHERE state = 'sending'"),
            0
        );
        for table in ["customer", "contact", "onboarding"] {
            let done = count(&format!(
                "SELECT count(DISTINCT id) FROM items
                 WHERE kind = '{table}' AND action = 'create' AND state = 'done'"
            ));
            assert_eq!(
                done,
                count(&format!("SELECT count(*) FROM {table}s")),
                "{table}"
            );
        }
        place.sandbox.clear_requests();
        let (code, text) = place.code("import companies.json").await;
        assert_eq!((code, place.creates()), (0, 0), "{text}");
        assert!(
            text.contains("contacts    0 create, 0 update, 80 unchanged"),
            "{text}"
        );
    }
}

#[cfg(unix)]
#[tokio::test]
async fn an_interruption_ends_the_run_and_leaves_the_rest_to_apply() {
    let place = Place::new(false).await;
    let rows = (0..60).map(|row| format!("C {row},c-{row}\n"));
    place.write(
        "customers.csv",
        rows.fold("name,slug\n".to_owned(), |text, row| text + &row),
    );
    place
        .sandbox
        .faults()
        .add("create-customer:latency=30ms".parse().unwrap())
        .unwrap();
    let child = place.command("import customers.csv").spawn().unwrap();
    while place.creates() < 5 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let interrupt = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(interrupt.unwrap().success());
    let output = tokio::task::spawn_blocking(|| child.wait_with_output().unwrap())
        .await
        .unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", shown(&output));
    assert!(
        shown(&output).contains("`pivotal apply 1` goes on"),
        "{}",
        shown(&output)
    );
    let (_, text) = place.code("runs 1").await;
    assert_eq!(text.matches("pivotal apply 1").count(), 1, "{text}");
    place.sandbox.faults().clear();
    let (code, text) = place.code("apply 1").await;
    assert_eq!((code, place.customers().await.len()), (0, 60), "{text}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_signal_ends_a_filter_of_a_report_that_never_ends() {
    let place = Place::new(false).await;
    place.write("some.csv", "name,slug\nA,a\n");
    let mut child = place
        .command(r#"import some.csv -o json --jq '"started", (def f: f; f)'"#)
        .spawn()
        .unwrap();
    let ended = tokio::task::spawn_blocking(move || {
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        Command::new("kill")
            .args(["-INT", &child.id().to_string()])
            .status()
            .unwrap();
        (line, child.wait().unwrap().code())
    });
    assert_eq!(ended.await.unwrap(), ("started\n".to_owned(), Some(130)));
}

/// As on a full disk, the state file takes no more outcomes, or nothing at all.
#[tokio::test]
async fn a_full_disk_ends_with_a_report() {
    const OUTCOMES: &str = "CREATE TRIGGER full BEFORE INSERT ON outcomes
        WHEN (SELECT count(*) FROM outcomes) >= 100
        BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END;";
    const END: &str = "CREATE TRIGGER full_too BEFORE UPDATE ON runs WHEN NEW.ended_at IS NOT NULL
        BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END;";
    for (triggers, recorded) in [
        (OUTCOMES.to_owned(), "partial"),
        (OUTCOMES.to_owned() + END, "interrupted"),
    ] {
        let place = Place::new(false).await;
        let rows = (0..300).map(|row| format!("C {row},c-{row}\n"));
        let source = rows.fold("name,slug\n".to_owned(), |text, row| text + &row);
        place.write("crm.csv", source);
        assert_eq!(place.code("plan crm.csv").await.0, 0);
        let database = rusqlite::Connection::open(place.path("pivotal.db")).unwrap();
        database.execute_batch(&triggers).unwrap();
        let output = place.run("apply 1 -o json").await;
        assert_eq!(output.status.code(), Some(5), "{}", shown(&output));
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let count = |name: &str| report["counts"][name].as_u64().unwrap();
        assert!(count("done") > 0 && count("in_doubt") > 0, "{report}");
        assert_eq!(count("done") + count("in_doubt") + count("left"), 300);
        assert_eq!(
            (&report["state"], &report["exit_code"]),
            (&"partial".into(), &5.into())
        );
        let reason = report["reason"].as_str().unwrap();
        assert!(reason.contains("database or disk is full"), "{reason}");
        let (_, text) = place.code("runs 1").await;
        assert!(
            text.contains(&format!("result      {}", recorded.to_uppercase())),
            "{text}"
        );
        assert!(text.contains("`pivotal apply 1` goes on"), "{text}");
        database
            .execute_batch("DROP TRIGGER full; DROP TRIGGER IF EXISTS full_too")
            .unwrap();
        let (code, text) = place.code("apply 1").await;
        assert_eq!((code, place.customers().await.len()), (0, 300), "{text}");
    }
}

#[tokio::test]
async fn a_list_of_the_mirror_that_breaks_off_leaves_its_table() {
    let place = Place::new(true).await;
    companies(&place);
    let (code, text) = place.code("import companies.json").await;
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("contacts    80 create"), "{text}");
    let all = "mirror --with 'contacts, onboardings'";
    assert_eq!(place.code(all).await.0, 0);
    // All attempts of one list.
    let fault = "list-customer-contacts:status=503:after=20";
    place.sandbox.faults().add(fault.parse().unwrap()).unwrap();
    let (code, text) = place.code(all).await;
    assert_eq!(code, 5, "{text}");
    assert!(
        text.contains("reading the contacts of 40 customers (requests: 40)"),
        "{text}"
    );
    assert!(text.contains("complete: 40 customers"), "{text}");
    let database = rusqlite::Connection::open(place.path("pivotal.db")).unwrap();
    let text = |sql: &str| -> String { database.query_row(sql, [], |row| row.get(0)).unwrap() };
    assert_eq!(text("SELECT count(*) || '' FROM contacts"), "80");
    let last = "SELECT group_concat(mirror || ' ' || state) FROM
        (SELECT mirror, state FROM walks ORDER BY id DESC LIMIT 2)";
    assert_eq!(text(last), "contacts broken,customers complete");
}
