//! `pivotal import` and its relatives, as a user runs them.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use pivotal_sandbox::{Sandbox, SandboxBuilder};
use pivotal_sdk::Client;
use tempfile::TempDir;

use crate::running::{pivotal, shown};

/// Another key of the workspace.
const SECOND_KEY: &str = "pivotal_test_second";

/// A sandbox, and a folder with the state file.
pub(crate) struct Place {
    pub(crate) sandbox: Sandbox,
    folder: TempDir,
    key: String,
}

impl Place {
    pub(crate) async fn new(undocumented: bool) -> Self {
        Self::on(Sandbox::builder().undocumented(undocumented)).await
    }

    pub(crate) async fn on(sandbox: SandboxBuilder) -> Self {
        let sandbox = sandbox.key(SECOND_KEY).start().await;
        let sandbox = sandbox.expect("the sandbox starts");
        Self {
            key: sandbox.api_key().to_owned(),
            sandbox,
            folder: tempfile::tempdir().expect("a folder"),
        }
    }

    pub(crate) fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path(name), text).expect("a file");
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = pivotal();
        command
            .args(arguments)
            .env("PIVOTAL_BASE_URL", self.sandbox.base_url())
            .env("PIVOTAL_API_KEY", &self.key)
            .current_dir(self.folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs the command while the sandbox serves on this thread's runtime.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        tokio::task::spawn_blocking(move || command.output())
            .await
            .expect("no panic")
            .expect("the binary starts")
    }

    pub(crate) async fn code(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.run(arguments).await;
        (output.status.code().unwrap_or(-1), shown(&output))
    }

    /// The customers by slug, with how many there are of each.
    async fn customers(&self) -> BTreeMap<String, usize> {
        let client = Client::builder()
            .base_url(self.sandbox.base_url())
            .api_key(&*self.key)
            .build()
            .expect("a client");
        let mut counts = BTreeMap::new();
        for customer in client
            .customers()
            .list()
            .collect_up_to(1_000)
            .await
            .expect("a list")
        {
            *counts.entry(customer.slug.unwrap_or_default()).or_default() += 1;
        }
        counts
    }

    pub(crate) fn creates(&self) -> usize {
        let requests = self.sandbox.requests();
        requests
            .iter()
            .filter(|request| request.method == "POST")
            .count()
    }
}

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
            let child = place.command(&["import", "customers.csv"]).spawn().unwrap();
            kill_after(&place, child, creates).await;
        }
        // The run goes on under its number, and is killed again.
        let child = place.command(&["apply", "3"]).spawn().unwrap();
        kill_after(&place, child, 100).await;
        let (code, text) = place.code(&["import", "customers.csv"]).await;
        assert_eq!(code, 1, "{text}");
        let expected: BTreeMap<_, _> = good.iter().map(|slug| (slug.clone(), 1)).collect();
        assert_eq!(place.customers().await, expected);
        let failed = fs::read_to_string(place.path("failed.csv"));
        let records = csv::Reader::from_reader(failed.unwrap().as_bytes())
            .into_records()
            .count();
        assert_eq!(records, 300 - good.len());

        place.sandbox.clear_requests();
        let (code, _) = place.code(&["import", "customers.csv"]).await;
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
            let child = place.command(&["import", "companies.json"]).spawn();
            kill_after(&place, child.unwrap(), creates).await;
        }
        // Complete, or partial because of lost responses.
        let (code, text) = place.code(&["import", "companies.json"]).await;
        assert!(code == 0 || code == 5, "{text}");
        place.sandbox.faults().clear();
        let (code, text) = place.code(&["import", "companies.json"]).await;
        assert_eq!(code, 0, "{text}");
        let (code, text) = place
            .code(&["mirror", "--with", "contacts,onboardings"])
            .await;
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
        let (code, text) = place.code(&["import", "companies.json"]).await;
        assert_eq!((code, place.creates()), (0, 0), "{text}");
        assert!(
            text.contains("contacts    0 create, 0 update, 80 unchanged"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_list_of_the_mirror_that_breaks_off_leaves_its_table() {
    let place = Place::new(true).await;
    companies(&place);
    let (code, text) = place.code(&["import", "companies.json"]).await;
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("contacts    80 create"), "{text}");
    let all = ["mirror", "--with", "contacts, onboardings"];
    assert_eq!(place.code(&all).await.0, 0);
    // All attempts of one list.
    let fault = "list-customer-contacts:status=503:after=20";
    place.sandbox.faults().add(fault.parse().unwrap()).unwrap();
    let (code, text) = place.code(&all).await;
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

#[tokio::test]
async fn exit_codes_say_how_a_run_ended() {
    let place = Place::new(false).await;
    place.write("good.csv", "name,slug\nA,a\nB,b\n");
    place.write("changed.csv", "name,slug\nA1,a\nB1,b\n");
    place.write("unknown.csv", "nmae,slug\nA,a\n");
    place.write("cut.csv", "name,slug\nA,a\n\"B,b");
    let cases: [(&[&str], i32, &str); 13] = [
        (&["import", "missing.csv"], 2, "missing.csv"),
        (&["import", "unknown.csv"], 2, "did you mean \"name\"?"),
        (&["runs"], 0, "failed"),
        (&["plan", "good.csv"], 0, "apply it with `pivotal apply 2`"),
        (&["import", "good.csv", "--dry-run"], 0, "2 create"),
        (&["apply", "2"], 0, "COMPLETE"),
        (&["import", "good.csv"], 0, "2 unchanged"),
        (
            &["plan", "changed.csv"],
            6,
            "apply it with `pivotal apply 5 --max-changes 100`",
        ),
        (
            &["import", "changed.csv"],
            6,
            "STOPPED by a guard; nothing was written",
        ),
        (&["runs", "6"], 0, "with the option applies it"),
        (&["import", "cut.csv"], 5, "INCOMPLETE: cut.csv"),
        (&["mirror"], 0, "complete: 2 customers"),
        (&["apply", "77"], 2, "there is no run 77"),
    ];
    for (arguments, expected, part) in cases {
        let (code, text) = place.code(arguments).await;
        assert_eq!(code, expected, "{arguments:?}: {text}");
        assert!(text.contains(part), "{arguments:?}: {text}");
        assert!(!text.contains(place.sandbox.api_key()), "{text}");
    }
    place.sandbox.revoke_key(place.sandbox.api_key());
    let (code, text) = place.code(&["import", "good.csv"]).await;
    assert_eq!(code, 4, "{text}");
}

#[tokio::test]
async fn failed_csv_is_written_though_nobody_reads_the_output() {
    let place = Place::new(false).await;
    place.write("some.csv", "name,slug,mrr\nA,a,1\nB,b,many\n");
    let mut command = place.command(&["import", "some.csv", "-o", "jsonl"]);
    let mut child = command.spawn().expect("the binary starts");
    drop(child.stdout.take());
    let ended = tokio::task::spawn_blocking(move || child.wait()).await;
    let status = ended.expect("no panic").expect("it ends");
    assert_eq!(status.code(), Some(141));
    let failed = fs::read_to_string(place.path("failed.csv")).expect("the file");
    assert!(failed.contains("B,b,many"), "{failed}");
}

#[tokio::test]
async fn json_has_the_plan_and_undo_takes_it_back() {
    let place = Place::new(false).await;
    place.write(
        "customers.csv",
        "name,slug,mrr\nA\u{9b}\u{202e},a,1\nB,b,many\n",
    );
    let output = place.run(&["import", "customers.csv", "-o", "json"]).await;
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
    let output = place.run(&["runs", "--output", "json"]).await;
    let runs: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(runs[0]["run"], 1);

    let (code, text) = place.code(&["undo", "1", "--dry-run"]).await;
    assert_eq!((code, place.customers().await.len()), (0, 1), "{text}");
    let (code, text) = place.code(&["undo", "1"]).await;
    assert_eq!((code, place.customers().await.len()), (0, 0), "{text}");
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
    let child = place.command(&["import", "customers.csv"]).spawn().unwrap();
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
    let (_, text) = place.code(&["runs", "1"]).await;
    assert_eq!(text.matches("pivotal apply 1").count(), 1, "{text}");
    place.sandbox.faults().clear();
    let (code, text) = place.code(&["apply", "1"]).await;
    assert_eq!((code, place.customers().await.len()), (0, 60), "{text}");
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
    let other = async |arguments: &[&str], expected: i32, words: &str| {
        let arguments = [&["sync", "init", "--config", "t.toml"], arguments].concat();
        let (code, text) = place.code(&arguments).await;
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
        &["crm.csv"][..],
        &["crm.csv", "--from", "csv"],
        &["--from", "csv", "crm.csv"],
        &["--from=csv", "crm.csv"],
    ] {
        let written = other(arguments, 0, "wrote t.toml").await;
        assert!(written.contains("Company name"), "{written}");
    }
    other(&[], 2, "<FILE>").await;
    other(&["--from", "csv"], 2, "needs the file").await;
    other(&["--from", "hubspot", "crm.csv"], 2, "takes no file").await;
    other(
        &["--from", "oracle"],
        2,
        "use csv, hubspot, stripe or singer",
    )
    .await;
    assert_eq!(init(&place).status.code(), Some(0));
    let config = fs::read(place.path("pivotal-sync.toml")).unwrap();
    assert_eq!(init(&place).status.code(), Some(2));
    assert_eq!(fs::read(place.path("pivotal-sync.toml")).unwrap(), config);
    let (code, text) = place.code(&["import", "crm.csv"]).await;
    assert_eq!(code, 0, "{text}");
    assert!(place.path("pivotal.db").exists());
}

#[tokio::test]
async fn one_customer_is_counted_as_one() {
    let place = Place::new(false).await;
    place.write("crm.csv", "name,slug\nA,a\n");
    let (code, text) = place.code(&["import", "crm.csv"]).await;
    assert_eq!(code, 0, "{text}");
    let (_, text) = place
        .code(&["mirror", "--with", "contacts", "--verbose"])
        .await;
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

#[cfg(unix)]
#[tokio::test]
async fn failed_csv_is_not_written_over_another_file() {
    let place = Place::new(false).await;
    place.write("crm.csv", "name,slug,mrr\nA,a,many\n");
    place.write(
        "pivotal-sync.toml",
        "[fields]\nname = \"name\"\nslug = \"slug\"\nmrr = \"mrr\"\n",
    );
    std::os::unix::fs::symlink(place.path("crm.csv"), place.path("link")).unwrap();
    fs::create_dir(place.path("folder")).unwrap();
    let (code, text) = place.code(&["import", "crm.csv"]).await;
    assert_eq!(code, 1, "{text}");
    place.sandbox.clear_requests();
    let files = ["crm.csv", "pivotal.db", "pivotal-sync.toml"];
    let read = || files.map(|file| fs::read(place.path(file)).unwrap());
    let before = read();
    let import: &[&str] = &["import", "crm.csv"];
    for command in [import, &["import", "failed.csv"], &["apply", "1"]] {
        for failed in [
            "crm.csv",
            "link",
            "pivotal.db",
            "pivotal-sync.toml",
            "folder",
            "pivotal.db-lock",
            "new.db-wal",
        ] {
            let arguments = [command, &["--failed", failed]].concat();
            let (code, text) = place.code(&arguments).await;
            assert_eq!(code, 2, "{arguments:?}: {text}");
            assert!(text.contains("name another file"), "{text}");
        }
    }
    assert_eq!(read(), before);
    assert_eq!(place.sandbox.requests().len(), 0);
}

#[cfg(unix)]
#[tokio::test]
async fn failed_csv_replaces_nothing_but_files_and_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new(false).await;
    place.write("some.csv", "name,slug,mrr\nA,a,many\n");
    place.write("file", "slug;reason;code;field;sent\n");
    std::os::unix::fs::symlink(place.path("file"), place.path("link")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(place.path("socket")).unwrap();
    for (failed, expected) in [("socket", 5), ("/dev/null", 1), ("link", 1)] {
        let (code, text) = place
            .code(&["import", "some.csv", "--failed", failed])
            .await;
        assert_eq!(code, expected, "{failed}: {text}");
    }
    assert!(place.path("link").is_symlink());
    let written = fs::read_to_string(place.path("file")).unwrap();
    assert!(written.starts_with("name,slug,mrr,reason"), "{written}");
    let mode = fs::metadata(place.path("file"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[cfg(unix)]
#[tokio::test]
async fn a_signal_ends_a_filter_of_a_report_that_never_ends() {
    let place = Place::new(false).await;
    place.write("some.csv", "name,slug\nA,a\n");
    let filter = "\"started\", (def f: f; f)";
    let mut child = place
        .command(&["import", "some.csv", "-o", "json", "--jq", filter])
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

#[tokio::test]
async fn wrong_options_of_the_output_are_reported_before_anything_is_sent() {
    let place = Place::new(true).await;
    place.write("customers.csv", "name,slug\nAurora,aurora\n");
    place.write("more.csv", "name,slug\nBorealis,borealis\n");
    place.write(
        "pivotal-sync.toml",
        "[source]\npath = \"more.csv\"\n[fields]\nname = \"name\"\nslug = \"slug\"\n",
    );
    assert_eq!(place.code(&["import", "customers.csv"]).await.0, 0);
    assert_eq!(place.code(&["plan"]).await.0, 0);
    for command in [
        &["import", "more.csv"][..],
        &["plan"],
        &["sync"],
        &["apply", "2"],
        &["undo", "1"],
        &["mirror"],
        &["customers", "create", "--set", "name=Cirrus"],
        &["customers", "update", "1", "--set", "name=Cirrus"],
        &["customers", "delete", "1"],
        &[
            "contacts",
            "create",
            "1",
            "--set",
            "name=Mira",
            "--set",
            "email=m@aurora.com",
        ],
        &["contacts", "update", "1", "--set", "name=Mira"],
        &["contacts", "delete", "1"],
        &["onboardings", "create", "--set", "customer_id=1"],
        &["onboardings", "update", "1", "--set", "state=paused"],
        &["onboardings", "delete", "1"],
        &["onboardings", "advance", "1"],
        &["onboardings", "pause", "1"],
        &["onboardings", "resume", "1"],
    ] {
        place.sandbox.clear_requests();
        for options in [
            &["--columns", "bogus"][..],
            &["-o", "csv", "--columns", "state,bogus"],
            &["-o", "json", "--columns", "state"],
            &["--jq", ".["],
            &["-o", "csv", "--jq", "."],
        ] {
            let (code, text) = place.code(&[command, options].concat()).await;
            assert_eq!(code, 2, "{command:?} {options:?}: {text}");
            assert!(
                text.contains("--columns") || text.contains("--jq"),
                "{text}"
            );
            let sent = place.sandbox.requests();
            assert!(sent.is_empty(), "{command:?} {options:?}: {sent:?}");
        }
    }
}

#[tokio::test]
async fn a_state_file_that_is_missing_is_not_created() {
    let place = Place::new(true).await;
    for command in [
        &["apply", "1"][..],
        &["undo", "1"],
        &["runs"],
        &["runs", "1"],
    ] {
        let (code, text) = place.code(command).await;
        assert_eq!(code, 2, "{text}");
        assert!(text.contains("pivotal.db: no such state file"), "{text}");
        let (code, text) = place.code(&[command, &["--state", "."]].concat()).await;
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
    assert_eq!(
        place
            .code(&["plan", "customers.csv", "--state", state])
            .await
            .0,
        0
    );
    let allow = |path: &std::path::Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    for file in fs::read_dir(place.folder.path()).unwrap() {
        allow(&file.unwrap().path(), 0o444);
    }
    allow(place.folder.path(), 0o555);
    // Root may write anywhere.
    let is_root = fs::write(place.path("probe"), "").is_ok();
    let run = |arguments: &[&str]| {
        let mut command = place.command(arguments);
        if is_root {
            command.uid(65534);
        }
        command.output().map(|output| shown(&output))
    };
    let Ok(listed) = run(&["runs", "--state", state, "--jq", "length"]) else {
        return eprintln!("not tested: another user may not run the binary");
    };
    assert_eq!(listed, "1\nexit: 0");
    let one = run(&["runs", "1", "--state", state]).unwrap();
    assert!(
        one.contains("+ create") && one.ends_with("exit: 0"),
        "{one}"
    );
    allow(place.folder.path(), 0o755);
    fs::write(format!("{state}-wal"), "").unwrap();
    allow(place.folder.path(), 0o555);
    let refused = run(&["runs", "--state", state]).unwrap();
    assert!(
        refused.contains("copy it and its -wal file") && refused.ends_with("exit: 2"),
        "{refused}"
    );
    allow(place.folder.path(), 0o755);
    allow(std::path::Path::new(state), 0o000);
    let refused = run(&["runs", "--state", state]).unwrap();
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
        let (code, text) = place.code(&["plan", "tabs.csv", "--delimiter", tab]).await;
        assert_eq!(code, 0, "{text}");
        let init = ["sync", "init", "--from", "csv", "tabs.csv", "--config", tab];
        let (code, text) = place
            .code(&[&init[..], &["--delimiter", tab]].concat())
            .await;
        assert_eq!(code, 0, "{text}");
    }
    let (code, text) = place.code(&["plan", "tabs.csv", "--delimiter", ";;"]).await;
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
        let (code, text) = place.code(&["import", file]).await;
        assert_eq!(code, 2, "{text}");
        assert!(text.contains(file) && text.contains(what), "{text}");
    }
}

#[tokio::test]
async fn failed_csv_is_the_rest_of_a_run_and_a_guard_leaves_it() {
    let mut place = Place::new(false).await;
    let rows = (0..60).map(|row| format!("C {row},c-{row}\n"));
    let source = rows.fold("name,slug\n,bad\n".to_owned(), |text, row| text + &row);
    place.write("crm.csv", source);
    let fault = "create-customer:latency=20ms";
    place.sandbox.faults().add(fault.parse().unwrap()).unwrap();
    let child = place.command(&["import", "crm.csv"]).spawn().unwrap();
    while place.creates() < 20 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    place.sandbox.revoke_key(&place.key);
    let output = tokio::task::spawn_blocking(|| child.wait_with_output().unwrap());
    let text = shown(&output.await.unwrap());
    let said = "the records that failed or were not attempted (";
    assert!(text.contains(said) && text.contains("exit: 4"), "{text}");

    place.key = SECOND_KEY.to_owned();
    place.sandbox.faults().clear();
    let failed = |place: &Place| fs::read_to_string(place.path("failed.csv")).unwrap();
    let rest = failed(&place);
    let done = place.customers().await.len();
    assert_eq!(rest.lines().count() + done, 1 + 61, "{rest}");
    let rows = (0..5).map(|row| format!("changed,c-{row}\n"));
    let changed = rows.fold("name,slug\n,bad\n".to_owned(), |text, row| text + &row);
    place.write("changed.csv", changed);
    let (code, text) = place.code(&["import", "changed.csv"]).await;
    assert_eq!((code, failed(&place)), (6, rest.clone()), "{text}");
    let cut = rest + "\"cut";
    place.write("failed.csv", &cut);
    let (code, text) = place.code(&["import", "failed.csv"]).await;
    assert_eq!((code, failed(&place)), (5, cut.clone()), "{text}");
    assert!(text.contains("failed.csv is left as it is"), "{text}");
    let mended = cut.replace("\"cut", "").replace("\n,bad", "\nBad,bad");
    place.write("failed.csv", mended);
    let (code, text) = place.code(&["import", "failed.csv"]).await;
    assert_eq!((code, place.customers().await.len()), (0, 61), "{text}");
}

#[tokio::test]
async fn a_conflict_with_a_change_in_pivotal_is_resolved_by_an_option() {
    let place = Place::new(false).await;
    place.write("crm.csv", "name,slug,plan\nA,a,Growth\nB,b,Growth\n");
    let (code, text) = place.code(&["import", "crm.csv"]).await;
    assert_eq!(code, 0, "{text}");
    let change = ["customers", "update", "1", "--set", "plan=Human"];
    assert_eq!(place.code(&change).await.0, 0);
    let (code, text) = place.code(&["import", "crm.csv"]).await;
    assert_eq!(code, 1, "{text}");
    let reason = "since run 1: `plan` was \"Growth\", is \"Human\"";
    assert!(text.contains(reason), "{text}");
    for command in ["plan", "import"] {
        let arguments = [
            command,
            "crm.csv",
            "--overwrite-changed",
            "--max-changes",
            "100",
        ];
        let (code, text) = place.code(&arguments).await;
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
        let (code, text) = place.code(&["import", "crm.csv"]).await;
        assert_eq!(code, 2, "{text}");
        let said = format!("error: pivotal-sync.toml: {said}");
        assert!(text.contains(&said), "{text}");
    }
    assert_eq!(place.sandbox.requests().len(), 0);
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
        assert_eq!(place.code(&["plan", "crm.csv"]).await.0, 0);
        let database = rusqlite::Connection::open(place.path("pivotal.db")).unwrap();
        database.execute_batch(&triggers).unwrap();
        let output = place.run(&["apply", "1", "-o", "json"]).await;
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
        let (_, text) = place.code(&["runs", "1"]).await;
        assert!(
            text.contains(&format!("result      {}", recorded.to_uppercase())),
            "{text}"
        );
        assert!(text.contains("`pivotal apply 1` goes on"), "{text}");
        database
            .execute_batch("DROP TRIGGER full; DROP TRIGGER IF EXISTS full_too")
            .unwrap();
        let (code, text) = place.code(&["apply", "1"]).await;
        assert_eq!((code, place.customers().await.len()), (0, 300), "{text}");
    }
}

#[tokio::test]
async fn a_plan_that_is_applied_later_takes_the_time_of_a_test_key() {
    let place = Place::new(false).await;
    let rows = (0..90).map(|row| format!("C {row},c-{row}\n"));
    let source = rows.fold("name,slug\n".to_owned(), |text, row| text + &row);
    place.write("crm.csv", source);
    assert_eq!(place.code(&["plan", "crm.csv"]).await.0, 0);
    let (code, text) = place.code(&["apply", "1"]).await;
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
        &["import", "customers.csv", "--quiet"][..],
        &["runs", "--quiet"],
        &["--quiet", "runs", "1"],
        &["undo", "1", "-q"],
        &["sync", "init", "--from", "csv", "customers.csv", "--quiet"],
        &["demo", "--quiet"],
        &["export", "customers", "-q"],
    ] {
        let output = place.run(arguments).await;
        assert!(output.status.success(), "{}", shown(&output));
        assert_eq!(
            String::from_utf8(output.stderr).unwrap(),
            "",
            "{arguments:?}"
        );
        assert!(!output.stdout.is_empty());
    }
}
