//! `failed.csv` is imported as it is, whatever the source is that it comes from.

use std::fs;

use crate::sync::Place;

const FIELDS: &str = "\n[fields]\nname = \"name\"\nslug = \"slug\"\nmrr = \"mrr\"\n";

/// Imports a source with one record whose `mrr` is `x`, corrects it in the file of failed records, and
/// returns the customers.
async fn corrected(options: &str, file: &str, source: &[u8], failed: &str) -> String {
    let place = Place::new(false).await;
    let config = format!("[source]\npath = \"{file}\"\n{options}{FIELDS}");
    place.write("pivotal-sync.toml", config);
    place.write(file, source);
    let (code, text) = place.code(&["sync", "--failed", failed]).await;
    assert_eq!(code, 1, "{options}: {text}");
    let written = fs::read_to_string(place.path(failed)).expect("failed records");
    place.write(failed, written.replace("x,", "4,"));
    let (code, text) = place.code(&["import", failed, "--failed", failed]).await;
    assert_eq!(code, 0, "{options}: {text}");
    let columns = "name,slug,mrr";
    let list = ["customers", "list", "-o", "csv", "--columns", columns];
    place.code(&list).await.1
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
            &["crm.csv"][..],
            &["crm.tsv"],
            &["crm.data", "--format", "csv"],
            &["list", "--format", "json"],
        ] {
            let (code, text) = place.code(&[&["plan"], arguments].concat()).await;
            assert_eq!(code, 0, "{service} {arguments:?}: {text}");
        }
    }
}

#[tokio::test]
async fn a_line_break_in_a_name_splits_no_line_of_the_plan() {
    let place = Place::new(false).await;
    place.write("crm.csv", "name,slug,mrr\n\"A\nB\",a,1\n\"C\nD\",c,x\n");
    for command in [["plan", "crm.csv"], ["import", "crm.csv"]] {
        let (_, text) = place.code(&command).await;
        assert!(text.contains("C\\nD  (crm.csv:4)"), "{text}");
    }
}
