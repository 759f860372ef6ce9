//! `failed.csv`: what is written there, that it replaces no other file, and that it is imported as it is.

use std::fs;
use std::time::Duration;

use crate::place::{Place, SECOND_KEY};
use crate::running::shown;

const FIELDS: &str = "\n[fields]\nname = \"name\"\nslug = \"slug\"\nmrr = \"mrr\"\n";

/// Imports a source with one record whose `mrr` is `x`, corrects it in the file of failed records, and
/// returns the customers.
async fn corrected(options: &str, file: &str, source: &[u8], failed: &str) -> String {
    let place = Place::new(false).await;
    let config = format!("[source]\npath = \"{file}\"\n{options}{FIELDS}");
    place.write("pivotal-sync.toml", config);
    place.write(file, source);
    let (code, text) = place.code(&format!("sync --failed {failed}")).await;
    assert_eq!(code, 1, "{options}: {text}");
    let written = fs::read_to_string(place.path(failed)).expect("failed records");
    place.write(failed, written.replace("x,", "4,"));
    let import = format!("import {failed} --failed {failed}");
    let (code, text) = place.code(&import).await;
    assert_eq!(code, 0, "{options}: {text}");
    let list = "customers list -o csv --columns name,slug,mrr";
    place.code(list).await.1
}

fn utf_16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[tokio::test]
async fn failed_records_of_every_kind_of_source_are_imported_again() {
    let schema = r#"{"type":"SCHEMA","stream":"s","key_properties":["slug"],"schema":{}}"#;
    let record = r#"{"name":"Müller","slug":"mueller","mrr":"x"}"#;
    let singer = format!(r#"{{"type":"RECORD","stream":"s","record":{record}}}"#);
    let csv = "name,slug,mrr\nMüller,mueller,x\n";
    let latin = b"name,slug,mrr\nM\xfcller,mueller,x\n";
    let cases = [
        ("encoding = \"windows-1252\"", "crm.csv", latin.to_vec()),
        ("encoding = \"utf-16le\"", "crm.csv", utf_16(csv)),
        ("format = \"jsonl\"", "crm.data", record.into()),
        (
            "format = \"json\"",
            "crm.data",
            format!("[{record}]").into_bytes(),
        ),
        (
            "delimiter = \";\"",
            "crm.csv",
            csv.replace(',', ";").into_bytes(),
        ),
        (
            "type = \"singer\"\nstream = \"s\"",
            "messages.jsonl",
            format!("{schema}\n{singer}\n").into_bytes(),
        ),
    ];
    for (options, file, source) in cases {
        for failed in ["failed.csv", "failed", "failed.tsv"] {
            let customers = corrected(options, file, &source, failed).await;
            assert!(
                customers.contains("Müller,mueller,4"),
                "{options}: {customers}"
            );
        }
    }
}

#[tokio::test]
async fn a_file_that_is_named_is_read_by_its_own_kind() {
    let services = [
        "type = \"singer\"\nstream = \"s\"",
        "type = \"hubspot\"",
        "type = \"stripe\"\ncurrency = \"usd\"",
    ];
    let place = Place::new(false).await;
    place.write("crm.csv", "name,slug,mrr\nA,a,1\n");
    place.write("crm.tsv", "name\tslug\tmrr\nA\ta\t1\n");
    place.write("crm.data", "name,slug,mrr\nA,a,1\n");
    place.write("list", r#"[{"name":"A","slug":"a","mrr":1}]"#);
    for service in services {
        let config = format!("[source]\n{service}{FIELDS}");
        place.write("pivotal-sync.toml", config);
        for arguments in [
            "crm.csv",
            "crm.tsv",
            "crm.data --format csv",
            "list --format json",
        ] {
            let (code, text) = place.code(&format!("plan {arguments}")).await;
            assert_eq!(code, 0, "{service} {arguments}: {text}");
        }
    }
}

#[tokio::test]
async fn a_line_break_in_a_name_splits_no_line_of_the_plan() {
    let place = Place::new(false).await;
    place.write("crm.csv", "name,slug,mrr\n\"A\nB\",a,1\n\"C\nD\",c,x\n");
    for command in ["plan crm.csv", "import crm.csv"] {
        let (_, text) = place.code(command).await;
        assert!(text.contains("C\\nD  (crm.csv:4)"), "{text}");
    }
}

#[tokio::test]
async fn failed_csv_is_written_though_nobody_reads_the_output() {
    let place = Place::new(false).await;
    place.write("some.csv", "name,slug,mrr\nA,a,1\nB,b,many\n");
    let mut command = place.command("import some.csv -o jsonl");
    let mut child = command.spawn().expect("the binary starts");
    drop(child.stdout.take());
    let ended = tokio::task::spawn_blocking(move || child.wait()).await;
    let status = ended.expect("no panic").expect("it ends");
    assert_eq!(status.code(), Some(141));
    let failed = fs::read_to_string(place.path("failed.csv")).expect("the file");
    assert!(failed.contains("B,b,many"), "{failed}");
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
    let (code, text) = place.code("import crm.csv").await;
    assert_eq!(code, 1, "{text}");
    place.sandbox.clear_requests();
    let files = ["crm.csv", "pivotal.db", "pivotal-sync.toml"];
    let read = || files.map(|file| fs::read(place.path(file)).unwrap());
    let before = read();
    for command in ["import crm.csv", "import failed.csv", "apply 1"] {
        for failed in [
            "crm.csv",
            "link",
            "pivotal.db",
            "pivotal-sync.toml",
            "folder",
            "pivotal.db-lock",
            "new.db-wal",
        ] {
            let line = format!("{command} --failed {failed}");
            let (code, text) = place.code(&line).await;
            assert_eq!(code, 2, "{line}: {text}");
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
            .code(&format!("import some.csv --failed {failed}"))
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

#[tokio::test]
async fn failed_csv_is_the_rest_of_a_run_and_a_guard_leaves_it() {
    let mut place = Place::new(false).await;
    let rows = (0..60).map(|row| format!("C {row},c-{row}\n"));
    let source = rows.fold("name,slug\n,bad\n".to_owned(), |text, row| text + &row);
    place.write("crm.csv", source);
    let fault = "create-customer:latency=20ms";
    place.sandbox.faults().add(fault.parse().unwrap()).unwrap();
    let child = place.command("import crm.csv").spawn().unwrap();
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
    let (code, text) = place.code("import changed.csv").await;
    assert_eq!((code, failed(&place)), (6, rest.clone()), "{text}");
    let cut = rest + "\"cut";
    place.write("failed.csv", &cut);
    let (code, text) = place.code("import failed.csv").await;
    assert_eq!((code, failed(&place)), (5, cut.clone()), "{text}");
    assert!(text.contains("failed.csv is left as it is"), "{text}");
    let mended = cut.replace("\"cut", "").replace("\n,bad", "\nBad,bad");
    place.write("failed.csv", mended);
    let (code, text) = place.code("import failed.csv").await;
    assert_eq!((code, place.customers().await.len()), (0, 61), "{text}");
}
