//! Sources are read to their end, or the run says that they were not.

use std::io::{self, Cursor, Read};
use std::time::{Duration, Instant};

use pivotal_sync::{Config, Error, Report, Source, SourceOptions};

use crate::world::{World, anything, mode, world};

async fn import(world: &World, source: Source) -> Result<Report, Error> {
    world.sync(&mode("upsert"), source).await
}

fn source(extension: Option<&str>, bytes: &[u8]) -> Source {
    let options = SourceOptions::default();
    Source::new("source", extension, Cursor::new(bytes.to_vec()), &options).unwrap()
}

#[tokio::test]
async fn formats_and_encodings_give_the_same_customer() {
    let csv = "name,slug,mrr\nMüller,m,5\n";
    let utf_16 = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        let text = format!("\u{feff}{csv}");
        text.encode_utf16().flat_map(bytes).collect()
    };
    let mut latin = SourceOptions::default();
    latin.encoding = Some("latin1".to_owned());
    let latin_1 = Cursor::new(b"name,slug,mrr\nM\xfcller,m,5\n".to_vec());
    let mut semicolon = SourceOptions::default();
    semicolon.delimiter = Some(';');
    let delimited = Cursor::new(csv.replace(',', ";").into_bytes());
    let sources = [
        source(Some("csv"), csv.as_bytes()),
        source(None, csv.as_bytes()),
        source(
            Some("csv"),
            format!("\u{feff}{csv}").replace('\n', "\r\n").as_bytes(),
        ),
        source(Some("csv"), &utf_16(u16::to_le_bytes)),
        source(Some("csv"), &utf_16(u16::to_be_bytes)),
        Source::new("source", Some("csv"), latin_1, &latin).unwrap(),
        Source::new("source", Some("csv"), delimited, &semicolon).unwrap(),
        source(Some("tsv"), csv.replace(',', "\t").as_bytes()),
        source(None, r#"[{"name":"Müller","slug":"m","mrr":5}]"#.as_bytes()),
        source(
            Some("jsonl"),
            "{\"name\":\"Müller\",\"slug\":\"m\",\"mrr\":\"5\"}\n\n".as_bytes(),
        ),
    ];
    let world = world(false).await;
    for (index, source) in sources.into_iter().enumerate() {
        let report = import(&world, source).await.unwrap();
        assert_eq!(report.run.exit_code, Some(0), "source {index}: {report}");
        assert_eq!(report.run.unchanged, u64::from(index > 0), "source {index}");
    }
    let customers = world.customers().await;
    assert_eq!((customers.len(), customers[0].mrr), (1, Some(5)));
    assert_eq!(customers[0].name, "Müller");
}

#[tokio::test]
async fn a_record_as_long_as_the_file_is_written_in_linear_time() {
    let world = world(false).await;
    let rest = "Acme,acme\n".repeat(2 * 1024 * 1024);
    let text = format!("name,slug\n\"Open,open\n{rest}");
    let run = import(&world, source(Some("csv"), text.as_bytes())).await;
    let run = run.unwrap().run.id;
    let start = Instant::now();
    let failed = world.failed_csv(run);
    let time = start.elapsed();
    assert!(failed.contains(&rest));
    assert!(time < Duration::from_secs(5), "{time:?}");
}

/// A reader that fails after some bytes.
struct Fails(Cursor<&'static [u8]>);

impl Read for Fails {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(io::Error::other("the disk is gone")),
            length => Ok(length),
        }
    }
}

#[tokio::test]
async fn a_source_that_breaks_off_is_partial() {
    let options = SourceOptions::default();
    let broken = Fails(Cursor::new(b"name,slug\nA,a\nB,b"));
    let cases = [
        (
            source(Some("csv"), b"name,slug\nA,a\n\"B,b\nC,c\n"),
            "inside a quoted value",
        ),
        (
            source(Some("csv"), b"name,slug\nA,a\n\"B"),
            "inside a quoted value",
        ),
        (
            source(Some("json"), br#"[{"name":"A","slug":"a"},{"name":"#),
            "EOF",
        ),
        (
            source(Some("json"), br#"[{"name":"A","slug":"a"}] x"#),
            "trailing",
        ),
        (
            source(Some("jsonl"), b"{\"name\":\"A\",\"slug\":\"a\"}\n{\"na"),
            "inside a record",
        ),
        (
            Source::new("source", Some("csv"), broken, &options).unwrap(),
            "the disk is gone",
        ),
    ];
    for (index, (source, why)) in cases.into_iter().enumerate() {
        let world = world(false).await;
        let report = import(&world, source).await.unwrap();
        assert_eq!(report.run.state, "partial", "source {index}: {report}");
        assert_eq!(report.run.exit_code, Some(5), "source {index}");
        let incomplete = report.run.incomplete.unwrap();
        assert!(incomplete.starts_with("source: "), "{incomplete}");
        assert!(incomplete.contains(why), "source {index}: {incomplete}");
        assert_eq!(world.customers().await[0].name, "A", "source {index}");
    }
}

#[tokio::test]
async fn a_record_without_end_is_refused_before_it_fills_the_memory() {
    let cases = [
        (
            "csv",
            "name,slug\nA,a\n\"Open,",
            "source: line 3: the record is larger than 64 MiB; a quote in it may be open",
        ),
        (
            "jsonl",
            "{\"name\":\"A\",\"slug\":\"a\"}\n{\"name\":\"",
            "source: line 2: the record is larger than 64 MiB; a quote in it may be open",
        ),
        (
            "json",
            "[{\"name\":\"A\",\"slug\":\"a\"},{\"name\":\"",
            "source: the record is larger than 64 MiB; a quote in it may be open",
        ),
    ];
    for (extension, start, why) in cases {
        let world = world(false).await;
        let endless = Cursor::new(start.as_bytes()).chain(io::repeat(b'x'));
        let options = SourceOptions::default();
        let source = Source::new("source", Some(extension), endless, &options).unwrap();
        let report = import(&world, source).await.unwrap();
        assert_eq!(report.run.exit_code, Some(5), "{report}");
        let incomplete = report.run.incomplete.unwrap();
        assert!(incomplete.starts_with(why), "{incomplete}");
        assert_eq!(world.customers().await[0].name, "A");
    }
}

#[tokio::test]
async fn a_value_of_10_mb_is_read() {
    let world = world(false).await;
    let long = "x\n".repeat(5_000_000);
    let config = Config::parse("[fields]\nname = \"name\"\nslug = \"slug\"").unwrap();
    let text = format!("name,slug,notes\nA,a,\"{long}\"\nB,b,\n");
    let report = world.import(&config, &text).await;
    assert_eq!((report.run.exit_code, report.counts.done), (Some(0), 2));
}

#[tokio::test]
async fn an_unknown_column_is_reported_with_its_file() {
    let world = world(true).await;
    let options = SourceOptions::default();
    let of = |name, text: &'static str| {
        let text = Cursor::new(text.as_bytes());
        Source::new(name, Some("csv"), text, &options).unwrap()
    };
    let sources = vec![
        of("a.csv", "name,slug\nA,a\n"),
        of("b.csv", "ID,slug\n1,b\n"),
    ];
    let error = world.plan_sources(&mode("upsert"), sources).await;
    let error = error.unwrap_err().to_string();
    assert!(
        error.starts_with("b.csv: column \"ID\" is not a field"),
        "{error}"
    );
}

#[tokio::test]
async fn several_sources_are_one_import() {
    let world = world(false).await;
    let sources = vec![
        source(Some("csv"), b"name,slug\nA,a\nB,b\n"),
        source(
            Some("json"),
            br#"[{"slug":"c","name":"C","mrr":1},{"slug":"a","name":"A"}]"#,
        ),
    ];
    let run = world.plan_sources(&mode("upsert"), sources).await.unwrap();
    let report = world.apply(run, &anything()).await.unwrap();
    assert_eq!((report.counts.done, report.counts.conflict), (2, 2));
    let failed = world.failed_csv(run);
    assert!(
        failed.starts_with("name,slug,mrr,reason,code,field,sent\nA,a,,"),
        "{failed}"
    );
}

#[tokio::test]
async fn an_unreadable_record_is_reported_and_the_others_are_imported() {
    let world = world(false).await;
    let bytes = b"name,slug\nA,a\nB,b,too many\nC\nM\xfcller,m\n5\" pipe,p\nD,d\n";
    let report = import(&world, source(Some("csv"), bytes)).await.unwrap();
    assert_eq!((report.counts.done, report.counts.invalid), (3, 3));
    assert_eq!(report.run.exit_code, Some(1), "{report}");
    let failed = world.failed_csv(report.run.id);
    assert!(failed.contains("set the encoding"), "{failed}");
    let lines = source(
        Some("jsonl"),
        b"{\"name\":\"E\",\"slug\":\"e\"}\n{oops}\n3\n",
    );
    let report = import(&world, lines).await.unwrap();
    assert_eq!((report.counts.done, report.counts.invalid), (1, 2));
}

#[tokio::test]
async fn unusable_sources_are_refused_before_any_call() {
    let world = world(true).await;
    let cases = [
        source(Some("csv"), b"name,slug,name\nA,a,b\n"),
        source(Some("csv"), b"n\xfcme,slug\nA,a\n"),
        source(Some("csv"), b"name;slug\nA;a\n"),
        source(Some("json"), br#"{"name":"A"}"#),
        source(Some("csv"), b"n\0a\0m\0e\0,\0s\0l\0u\0g\0\n\0"),
    ];
    for (case, source) in cases.into_iter().enumerate() {
        let error = import(&world, source).await.unwrap_err();
        assert_eq!(error.exit_code(), 2, "{error}");
        assert!(
            case != 4 || error.to_string().contains("utf-16le"),
            "{error}"
        );
    }
    assert_eq!(world.sandbox.requests(), []);
    let mut unknown = SourceOptions::default();
    unknown.encoding = Some("utf-99".to_owned());
    Source::new("source", None, io::empty(), &unknown).unwrap_err();
    for delimiter in ['ü', '"'] {
        let mut options = SourceOptions::default();
        options.delimiter = Some(delimiter);
        let error = Source::new("source", None, io::empty(), &options).unwrap_err();
        let expected = format!("source: {delimiter:?} cannot be the delimiter");
        assert!(error.to_string().starts_with(&expected), "{error}");
    }
}

#[tokio::test]
async fn a_record_that_cannot_be_read_keeps_its_columns_to_be_repaired() {
    let world = world(false).await;
    let bytes = b"name,slug,plan\nCaf\xe9,cafe,Growth\nAcme, Inc,acme,Scale\nShort,short\n";
    let report = import(&world, source(Some("csv"), bytes)).await.unwrap();
    assert_eq!((report.counts.invalid, report.run.exit_code), (3, Some(1)));
    let failed = world.failed_csv(report.run.id);
    let rest = "; correct the values and then empty the cell in the column code";
    let code = "unreadable,,no\n";
    assert_eq!(
        failed,
        format!(
            "name,slug,plan,reason,code,field,sent\n\
             Caf\u{fffd},cafe,Growth,\"source:2: the record is not UTF-8; set the encoding, such as windows-1252{rest}\",{code}\
             Acme, Inc,\"acme,Scale\",source:3: the record has 4 fields and the header 3{rest},{code}\
             Short,short,,source:4: the record has 2 fields and the header 3{rest},{code}"
        )
    );
    // It is well-formed there, but nobody has corrected it. The reasons do not grow.
    let report = import(&world, source(Some("csv"), failed.as_bytes()))
        .await
        .unwrap();
    assert_eq!((report.counts.create, report.counts.invalid), (0, 3));
    assert_eq!(world.failed_csv(report.run.id), failed);
    let corrected = failed
        .replace("Caf\u{fffd}", "Caf\u{e9}")
        .replacen(code, ",,\n", 1);
    let report = import(&world, source(Some("csv"), corrected.as_bytes()))
        .await
        .unwrap();
    assert_eq!((report.counts.create, report.counts.invalid), (1, 2));
    assert_eq!(world.customers().await[0].name, "Caf\u{e9}");
}

#[tokio::test]
async fn failed_records_that_can_be_read_are_imported_as_they_are() {
    let world = world(false).await;
    let failed = "name,slug,reason,code,field,sent\nCaf\u{fffd},cafe,no network,,,no\nAcme,acme,,conflict,,no\n";
    let report = import(&world, source(Some("csv"), failed.as_bytes()))
        .await
        .unwrap();
    assert_eq!(report.counts.create, 2, "{report}");
}

#[tokio::test]
async fn a_line_of_json_that_is_not_utf_8_keeps_its_values() {
    let world = world(false).await;
    let bytes = b"{\"name\":\"Caf\xe9\",\"slug\":\"cafe\"}\n";
    let report = import(&world, source(Some("jsonl"), bytes)).await.unwrap();
    let failed = world.failed_csv(report.run.id);
    assert!(
        failed.contains("Caf\u{fffd},cafe,\"source:1: the record is not UTF-8"),
        "{failed}"
    );
}

#[tokio::test]
async fn failed_records_of_json_keep_the_names_of_their_keys() {
    let world = world(false).await;
    let long = "x".repeat(1_000);
    let all_fail =
        format!("fields = {{slug = {{constant = 'a'}}, name = {{constant = '{long}'}}}}");
    let config = Config::parse(&all_fail).unwrap();
    let failed = async |source| {
        let plan = pivotal_sync::plan(&world.client, &world.state, &config, vec![source]);
        world.failed_csv(plan.await.unwrap())
    };
    for key in [" Name ", "a;b", r"\u0000"] {
        let json = format!("[{{\"{key}\":\"Acme\"}}]");
        let first = failed(source(Some("json"), json.as_bytes())).await;
        let again = failed(source(Some("csv"), first.as_bytes())).await;
        let [first, again] = [first, again].map(|text| text.lines().next().unwrap().to_owned());
        assert_eq!(again, first);
    }
}

#[tokio::test]
async fn a_record_with_malformed_quotes_is_unreadable() {
    let world = world(false).await;
    let rows = [
        "\u{feff}\"na,me\",slug",
        "\"A \"B\" C\",a",
        "\"A\" B,b",
        "5\" pipe \"x\",c",
        "\"\"\"Two\nlines\"\", \"\"\",d",
        "\"\",e",
    ];
    for end in ["\n", "\r\n", "\r"] {
        let config = "[fields]\nname = \"na,me\"\nslug = \"slug\"";
        let config = Config::parse(config).unwrap();
        let text = rows.join(end) + end;
        let source = source(Some("csv"), text.as_bytes());
        let plan = pivotal_sync::plan(&world.client, &world.state, &config, vec![source]);
        let run = plan.await.unwrap();
        let items = world.items(run);
        let shown: Vec<_> = items
            .iter()
            .map(|item| format!("{} {}", item.label, item.code.as_deref().unwrap_or("-")))
            .collect();
        let expected = [
            " unreadable",
            " unreadable",
            "5\" pipe \"x\" -",
            "\"Two\nlines\", \" -",
            "slug=e missing_field",
        ];
        assert_eq!(shown, expected, "{end:?}");
        let reason = items[0].reason.as_deref().unwrap();
        assert!(reason.contains("double the quotes"), "{reason}");
        assert_eq!(world.state.run(run).unwrap().incomplete, None);
    }
    let header = source(Some("csv"), b"\"na\"me,slug\nA,a\n");
    let error = import(&world, header).await.unwrap_err().to_string();
    assert!(
        error.contains("source: the header: text follows"),
        "{error}"
    );
}
