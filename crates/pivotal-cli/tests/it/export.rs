//! `pivotal export`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Output;

use pivotal_test_support::{ScriptedServer, response};
use serde_json::{Value, json};

use crate::output::{breaking, customer, page};
use crate::running::{Served, pivotal, pivotal_on, shown};

const KEY: &str = "pivotal_test_export";

fn export(base_url: &str, arguments: &[&str]) -> Output {
    pivotal_on(base_url, KEY)
        .args([&["export"], arguments].concat())
        .output()
        .expect("the binary starts")
}

/// What an export prints that must succeed.
fn stdout(base_url: &str, arguments: &[&str]) -> String {
    let output = export(base_url, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", shown(&output));
    String::from_utf8(output.stdout).expect("it prints text")
}

fn lines(text: &str) -> Vec<Value> {
    let parse = |line| serde_json::from_str(line).expect("it is JSON");
    text.lines().map(parse).collect()
}

/// The files in a folder, hidden ones as well.
fn files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder exists");
    let entries = entries.map(|entry| entry.expect("it can be read").file_name());
    entries
        .map(|name| name.to_string_lossy().into_owned())
        .collect()
}

#[test]
fn every_format_has_all_rows() {
    let server = Served::seeded(KEY);
    let url = &server.base_url;
    for (rows, count) in [("customers", 48), ("contacts", 114), ("onboardings", 53)] {
        let jsonl = lines(&stdout(url, &[rows, "--format", "jsonl"]));
        assert_eq!(jsonl.len(), count, "{rows}");
        let array: Value = serde_json::from_str(&stdout(url, &[rows, "--format", "json"])).unwrap();
        assert_eq!(array, Value::from(jsonl.clone()));
        let csv = stdout(url, &[rows]);
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let names = reader.headers().unwrap().clone();
        let id = names.iter().position(|name| name == "id").unwrap();
        let ids = reader.records().map(|row| row.unwrap()[id].to_owned());
        let ids: Vec<Value> = ids.map(Value::from).collect();
        assert_eq!(
            ids,
            jsonl
                .iter()
                .map(|row| row["id"].clone())
                .collect::<Vec<_>>()
        );
        // All keys are columns.
        let keys = jsonl[0].as_object().unwrap().keys().map(String::as_str);
        let keys: BTreeSet<_> = keys.chain(["extra"]).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>(), keys);
        assert_eq!(names.len(), keys.len());
    }
}

#[test]
fn a_database_has_a_typed_table_per_kind_of_row() {
    let (server, folder) = (Served::seeded(KEY), tempfile::tempdir().unwrap());
    let file = folder.path().join("pivotal.sqlite");
    let name = file.to_str().unwrap();
    for _ in 0..2 {
        let output = export(&server.base_url, &["all", "-o", name]);
        let text = shown(&output);
        assert!(text.contains("contacts: at least 48 calls"), "{text}");
        assert!(
            text.contains("complete: 215 rows") && text.ends_with("exit: 0"),
            "{text}"
        );
    }
    assert_eq!(files(folder.path()), ["pivotal.sqlite"]);
    let database = rusqlite::Connection::open(&file).unwrap();
    let text = |sql: &str| {
        database
            .query_row(sql, [], |row| row.get::<_, String>(0))
            .unwrap()
    };
    let types = "SELECT group_concat(kind, ' ') FROM
        (SELECT DISTINCT typeof(mrr) AS kind FROM customers ORDER BY kind)";
    assert_eq!(text(types), "integer null");
    let others = "SELECT count(*) || '' FROM customers WHERE json_extract(raw, '$.mrr') IS NOT mrr";
    assert_eq!(text(others), "0");
    assert_eq!(
        text(
            "SELECT typeof(is_primary) || ' ' || labels || ' ' || created_at FROM contacts WHERE display_id = 112"
        ),
        r#"integer ["marketing"] 2026-05-16T10:39:37.714Z"#
    );
    let joined = "SELECT count(*) || '' FROM onboardings JOIN customers c ON c.id = customer_id";
    assert_eq!(text(joined), "53");
}

#[test]
fn singer_messages_are_valid_and_end_with_a_state() {
    let server = Served::seeded(KEY);
    let messages = lines(&stdout(&server.base_url, &["all", "--format", "singer"]));
    let mut schemas = Vec::new();
    for message in &messages {
        let stream = message["stream"].as_str().unwrap_or_default();
        match message["type"].as_str().unwrap() {
            "SCHEMA" => {
                assert_eq!(message["key_properties"], json!(["id"]));
                let schema = jsonschema::validator_for(&message["schema"]).unwrap();
                schemas.push((stream, schema, 0));
            }
            "RECORD" => {
                let (name, schema, rows) = schemas.last_mut().unwrap();
                assert_eq!(stream, *name);
                assert!(schema.is_valid(&message["record"]), "{message}");
                *rows += 1;
            }
            other => assert_eq!(other, "STATE"),
        }
    }
    let rows: Vec<_> = schemas
        .iter()
        .map(|(stream, _, rows)| (*stream, *rows))
        .collect();
    assert_eq!(
        rows,
        [("customers", 48), ("contacts", 114), ("onboardings", 53)]
    );
    let state = json!({ "customers": { "rows": 48 }, "contacts": { "rows": 114 }, "onboardings": { "rows": 53 } });
    assert_eq!(messages.last().unwrap()["value"]["bookmarks"], state);
    let created_at = &messages[0]["schema"]["properties"]["created_at"];
    assert_eq!(
        (&created_at["type"], &created_at["format"]),
        (&json!(["string"]), &json!("date-time"))
    );
}

#[test]
fn filters_select_rows() {
    let server = Served::seeded(KEY);
    let count = |arguments: &[&str]| {
        let jsonl = [arguments, &["--format", "jsonl"]].concat();
        stdout(&server.base_url, &jsonl).lines().count()
    };
    assert_eq!(count(&["customers", "--status", "churned"]), 2);
    assert_eq!(
        count(&["onboardings", "--phase", "launch", "--state", "paused"]),
        2
    );
    assert_eq!(count(&["onboardings", "--customer-id", "48"]), 1);
    assert_eq!(count(&["contacts", "--customer", "48", "-o", "-"]), 3);
    let of_one = count(&["contacts", "--slug", "harbor-tea-house-online"]);
    assert_eq!(of_one, 3);
}

#[test]
fn unknown_keys_are_kept_and_formulas_are_defused() {
    let row = customer(1, "=1+1").replacen('{', r#"{"metadata": {"tier": "gold"}, "#, 1);
    let server = ScriptedServer::start(move |_| page(std::slice::from_ref(&row), None));
    let csv = stdout(server.base_url(), &["customers"]);
    assert!(csv.starts_with("id,display_id,name,slug,domain,"), "{csv}");
    assert!(
        csv.contains("\nc1,1,'=1+1,,,") && csv.contains(",-5,"),
        "{csv}"
    );
    assert!(
        csv.ends_with("\"{\"\"metadata\"\":{\"\"tier\"\":\"\"gold\"\"}}\"\n"),
        "{csv}"
    );
    let raw = stdout(server.base_url(), &["customers", "--raw-csv"]);
    assert!(raw.contains("\nc1,1,=1+1,,,"), "{raw}");
    let jsonl = lines(&stdout(
        server.base_url(),
        &["customers", "--format", "jsonl"],
    ));
    assert_eq!(jsonl[0]["metadata"]["tier"], "gold");
}

#[test]
fn an_export_replaces_an_export_of_its_format_alone() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let empty = Served::with(["--api-key", KEY]);
    let seeded = Served::seeded(KEY);
    for rows in ["customers", "contacts", "onboardings"] {
        for format in ["csv", "json", "jsonl", "singer", "sqlite"] {
            let file = place(&format!("{rows}.{format}"));
            for server in [&empty, &seeded, &seeded, &empty, &seeded] {
                stdout(&server.base_url, &[rows, "-o", &file]);
            }
        }
    }
    let source = "id,name,domain,created_at\n1,Acme,acme.test,2026-01-31\n";
    let config = "[fields]\nname = \"name\"\nslug = \"slug\"\n";
    let tap =
        r#"{"type":"SCHEMA","stream":"customers","schema":{"properties":{"id":{},"name":{}}}}"#;
    let json = r#"[{"id": 1, "name": "Acme"}]"#;
    for (name, content) in [
        ("crm.csv", source),
        ("pivotal-sync.toml", config),
        ("tap.jsonl", tap),
        ("crm.json", json),
        ("failed.csv", "name,slug,reason,code,field,sent\n"),
    ] {
        fs::write(place(name), content).unwrap();
    }
    // Empty, or not there.
    fs::write(place("pivotal.db-lock"), "").unwrap();
    let before = files(folder.path()).len();
    for (name, format) in [
        ("crm.csv", "csv"),
        ("failed.csv", "csv"),
        ("pivotal-sync.toml", "csv"),
        ("tap.jsonl", "singer"),
        ("tap.jsonl", "jsonl"),
        ("crm.json", "json"),
        ("customers.sqlite", "csv"),
        ("customers.csv", "jsonl"),
        ("pivotal.db-lock", "csv"),
        ("pivotal.db-wal", "csv"),
        ("pivotal.db-shm", "sqlite"),
    ] {
        let content = fs::read(place(name)).ok();
        let arguments = ["customers", "-o", &place(name), "--format", format];
        let text = shown(&export(&seeded.base_url, &arguments));
        assert!(
            text.contains("name another file") && text.ends_with("exit: 2"),
            "{name}: {text}"
        );
        assert!(fs::read(place(name)).ok() == content, "{name}");
    }
    assert_eq!(files(folder.path()).len(), before);
}

#[test]
fn a_walk_that_breaks_off_leaves_the_file_as_it_was() {
    let server = Served::seeded(KEY);
    let folder = tempfile::tempdir().unwrap();
    for extension in ["csv", "json", "jsonl", "singer", "sqlite"] {
        let file = folder.path().join(format!("customers.{extension}"));
        let arguments = ["customers", "-o", file.to_str().unwrap()];
        stdout(&server.base_url, &arguments);
        let before = fs::read(&file).unwrap();
        let output = export(breaking().base_url(), &arguments);
        let text = shown(&output);
        assert!(
            text.contains("partial: the customers broke off after 1 row: "),
            "{text}"
        );
        assert!(text.ends_with("exit: 5"), "{text}");
        assert!(fs::read(&file).unwrap() == before, "{extension}");
    }
    assert_eq!(files(folder.path()).len(), 5, "{:?}", files(folder.path()));
    let printed = export(breaking().base_url(), &["customers", "--format", "singer"]);
    let text = shown(&printed);
    assert!(text.contains("RECORD") && !text.contains("STATE"), "{text}");
    assert!(text.ends_with("exit: 5"), "{text}");
}

#[test]
fn contacts_of_a_customer_that_cannot_be_read_break_the_export_off() {
    let server = Served::with([
        "--api-key",
        KEY,
        "--seed",
        "7",
        "--fault",
        "list-customer-contacts:key-revoked:after=9",
    ]);
    let output = export(&server.base_url, &["contacts"]);
    let text = shown(&output);
    assert!(
        text.contains("the contacts broke off after") && text.ends_with("exit: 5"),
        "{text}"
    );
}

/// A customer that was deleted while the export ran has no contacts. Something between the command
/// and Pivotal that knows no such page is not that.
#[test]
fn only_pivotal_can_say_that_a_customer_was_deleted() {
    let deleted =
        r#"{"error": {"type": "not_found", "code": "customer_not_found", "message": "No."}}"#;
    for (body, ended) in [(deleted, "exit: 0"), ("{}", "exit: 1")] {
        let server = ScriptedServer::start(move |request| {
            if request.target().contains("/contacts") {
                return response("404 Not Found", "content-type: application/json\r\n", body);
            }
            page(&[customer(1, "One")], None)
        });
        let text = shown(&export(
            server.base_url(),
            &["contacts", "--format", "jsonl"],
        ));
        assert!(text.ends_with(ended), "{text}");
    }
}

/// The contacts of a customer that cannot be read are read all the same.
#[test]
fn contacts_are_complete_even_if_a_customer_cannot_be_read() {
    let server = ScriptedServer::start(|request| {
        let rows: &[&str] = match request.target().split('?').next() {
            Some("/api/v1/customers") => &[r#"{"id": "c2", "display_id": "?"}"#],
            _ => &[],
        };
        page(
            &rows.iter().map(ToString::to_string).collect::<Vec<_>>(),
            None,
        )
    });
    let text = shown(&export(
        server.base_url(),
        &["contacts", "--format", "jsonl"],
    ));
    assert!(text.ends_with("exit: 0"), "{text}");
    let requests = server.requests();
    let last = requests.last().unwrap().target();
    assert!(last.starts_with("/api/v1/customers/c2/contacts"), "{last}");
}

#[test]
fn a_row_that_cannot_be_read_is_named_and_exits_with_1() {
    let rows = [
        customer(1, "One"),
        r#"{"id": "c2", "display_id": "?"}"#.to_owned(),
    ];
    let server = ScriptedServer::start(move |_| page(&rows, None));
    let text = shown(&export(
        server.base_url(),
        &["customers", "--format", "jsonl"],
    ));
    assert!(text.contains("One") && text.contains("c2"), "{text}");
    assert!(
        text.contains("wrote 1 row, and left out 1 row that could not be read")
            && text.ends_with("exit: 1"),
        "{text}"
    );
}

#[test]
fn what_cannot_be_written_is_refused_before_anything_is_sent() {
    let server = ScriptedServer::start(|_| response("500 Error", "", ""));
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let database = place("state.db");
    let foreign = rusqlite::Connection::open(&database).unwrap();
    foreign.execute_batch("CREATE TABLE precious (id)").unwrap();
    drop(foreign);
    let (other, missing, itself) = (place("rows.xls"), place("missing/rows.csv"), place("."));
    for (arguments, why) in [
        (&["customers", "-o", &database][..], "is no earlier export"),
        (&["customers", "-o", &other], "add --format"),
        (
            &["customers", "-o", &missing],
            "missing does not exist; create it\n",
        ),
        (
            &["customers", "-o", &itself, "--format", "csv"],
            "it is not a file",
        ),
        (&["customers", "--format", "sqlite"], "SQLite needs a file"),
        (
            &["customers", "--format", "xls"],
            "use csv, jsonl, json, sqlite, parquet, singer",
        ),
        (
            &["contacts", "--customer", "1", "--status", "active"],
            "exclude each other",
        ),
        (
            &["all", "--format", "csv"],
            "export all as sqlite or singer",
        ),
    ] {
        let text = shown(&export(server.base_url(), arguments));
        assert!(
            text.contains(why) && text.ends_with("exit: 2"),
            "{arguments:?}: {text}"
        );
    }
    assert_eq!(server.requests().len(), 0);
    assert_eq!(files(folder.path()), ["state.db"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_and_a_closed_pipe_are_no_success() {
    for format in ["csv", "json", "jsonl", "singer"] {
        let run = |stdout: std::process::Stdio| {
            let arguments = ["export", "customers", "--sandbox", "--format", format];
            shown(&pivotal().args(arguments).stdout(stdout).output().unwrap())
        };
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let text = run(full.into());
        assert!(
            text.contains("No space left") && text.ends_with("exit: 1"),
            "{format}: {text}"
        );
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        assert_eq!(run(writer.into()), "exit: 141", "{format}");
    }
}

#[cfg(unix)]
#[test]
fn an_interrupted_export_leaves_no_file() {
    use std::sync::mpsc;

    let (asked, was_asked) = mpsc::channel();
    let server = ScriptedServer::start(move |_| {
        let _ = asked.send(());
        pivotal_test_support::Reply::Stall
    });
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("customers.csv");
    let export = pivotal_on(server.base_url(), KEY)
        .args(["export", "customers", "-o", file.to_str().unwrap()])
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    was_asked.recv().unwrap();
    assert_eq!(files(folder.path()).len(), 1);
    let kill = std::process::Command::new("kill")
        .args(["-INT", &export.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
    let text = shown(&export.wait_with_output().unwrap());
    assert!(
        text.contains("interrupted") && text.ends_with("exit: 130"),
        "{text}"
    );
    assert_eq!(files(folder.path()), [""; 0]);
}
