//! Any bytes are read as CSV, JSON or JSON Lines with any delimiter and encoding, or are refused. No
//! record that fails is lost, its values are those of the file, and the file of failed records can be
//! imported again, with the same columns and values.
//!
//! The first line has the delimiter, the encoding and the format, separated by commas. Each may be
//! empty.

#![no_main]

use std::io::Cursor;
use std::sync::LazyLock;

use http::Response;
use libfuzzer_sys::fuzz_target;
use pivotal_fuzz::{block_on, client};
use pivotal_sdk::{Bytes, RateLimiting};
use pivotal_sync::{
    Config, Error, Format, Report, Source, SourceOptions, State, plan, write_failed,
};

/// No record can be used, so all of them fail.
fn all_fail() -> Config {
    let long = "x".repeat(1_000);
    let fields = format!("fields = {{slug = {{constant = 'a'}}, name = {{constant = '{long}'}}}}");
    Config::parse(&fields).expect("the configuration is valid")
}

/// The workspace of the key, and a list without customers.
const WORKSPACE: [&str; 2] = [
    r#"{"object": "me", "organization": {"id": "org_1", "name": "Acme", "slug": "acme"}, "api_key": {"id": "key_1",
        "name": "CI", "prefix": "pivotal_test", "rate_limit_tier": "test", "scopes": ["admin"]}}"#,
    r#"{"object": "list", "data": [], "has_more": false, "next_cursor": null}"#,
];

/// How many columns follow those of the source in a file of failed records.
const ABOUT: usize = 4;

static STATE: LazyLock<State> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a temporary folder").keep();
    State::open(&folder.join("state.db")).expect("a state file")
});

fuzz_target!(|data: &[u8]| {
    let Some((options, text)) = split(data) else {
        return;
    };
    let source = |text: &[u8], options| {
        let text = Cursor::new(text.to_vec());
        Source::new("fuzz", None, text, options).ok()
    };
    let Some((rows, failed)) = source(text, &options).and_then(import) else {
        return;
    };
    let records = parse(&failed, b',');
    assert_eq!(records.len(), if rows == 0 { 0 } else { rows + 1 });
    if let Some(columns) = records.first() {
        assert!(columns.ends_with(&["reason", "code", "field", "sent"].map(Vec::from)));
        let mut again = SourceOptions::default();
        again.format = Some(Format::Csv);
        let (rows_again, failed_again) = source(&failed, &again)
            .and_then(import)
            .unwrap_or_else(|| panic!("refused: {}", String::from_utf8_lossy(&failed)));
        assert_eq!(rows_again, rows);
        let of_source = |record: Vec<Vec<u8>>| record[..record.len() - ABOUT].to_vec();
        let again = parse(&failed_again, b',').into_iter().map(of_source);
        let values: Vec<_> = records.into_iter().map(of_source).collect();
        assert!(
            again.eq(values.iter().cloned()),
            "{}",
            String::from_utf8_lossy(&failed)
        );
        if options.format == Some(Format::Csv) && options.encoding.is_none() && !has_mark(text) {
            let delimiter = options.delimiter.map_or(b',', |delimiter| delimiter as u8);
            assert_values(&parse(text, delimiter), &values);
        }
    }
});

/// The options, and the rest.
fn split(data: &[u8]) -> Option<(SourceOptions, &[u8])> {
    let end = data.iter().position(|byte| *byte == b'\n')?;
    let line = std::str::from_utf8(&data[..end]).ok()?;
    let (rest, format) = line.rsplit_once(',')?;
    let (delimiter, encoding) = rest.rsplit_once(',')?;
    let mut options = SourceOptions::default();
    options.delimiter = delimiter.chars().next();
    options.encoding = (!encoding.is_empty()).then(|| encoding.to_owned());
    options.format = match format {
        "csv" => Some(Format::Csv),
        "json" => Some(Format::Json),
        "jsonl" => Some(Format::Jsonl),
        _ => None,
    };
    Some((options, &data[end + 1..]))
}

/// How many records a source has, and the file of those that have failed; `None` if it is refused.
fn import(source: Source) -> Option<(usize, Vec<u8>)> {
    let config = all_fail();
    let responses = WORKSPACE.map(|body| Response::new(Bytes::from_static(body.as_bytes())));
    let pivotal = client(responses.to_vec());
    let pivotal = pivotal.rate_limiting(RateLimiting::off()).build();
    let pivotal = pivotal.expect("the settings are valid");
    let run = match block_on(plan(&pivotal, &STATE, &config, vec![source])) {
        Ok(run) => run,
        Err(Error::Unusable(reason)) => {
            assert!(!reason.is_empty());
            return None;
        }
        Err(error) => panic!("{error}"),
    };
    let report = Report::new(&STATE, run, Vec::new()).expect("the run is known");
    let mut failed = Vec::new();
    let written = write_failed(&STATE, run, &mut failed).expect("memory can be written");
    assert_eq!(written, report.run.rows, "{report}");
    Some((usize::try_from(written).unwrap(), failed))
}

fn parse(text: &[u8], delimiter: u8) -> Vec<Vec<Vec<u8>>> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text);
    let records = reader.byte_records();
    let fields = |record: csv::ByteRecord| record.iter().map(Vec::from).collect();
    records
        .map(|record| fields(record.expect("memory can be read")))
        .collect()
}

/// Checks that the records which are as wide as the header, and UTF-8, are in the file of failed ones.
fn assert_values(written: &[Vec<Vec<u8>>], failed: &[Vec<Vec<u8>>]) {
    let (header, records) = written.split_first().expect("there is a record");
    assert_eq!(records.len() + 1, failed.len());
    for (record, failed) in records.iter().zip(&failed[1..]) {
        let is_utf_8 = record
            .iter()
            .all(|value| std::str::from_utf8(value).is_ok());
        // A file of failed records has columns of its own at the end.
        if record.len() == header.len() && is_utf_8 {
            assert_eq!(&record[..failed.len()], &failed[..]);
        }
    }
}

/// Whether a byte order mark says what the encoding is.
fn has_mark(text: &[u8]) -> bool {
    let marks: [&[u8]; 3] = [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"];
    marks.iter().any(|mark| text.starts_with(mark))
}
