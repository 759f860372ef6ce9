//! Any two documents compare, either way round, and every format prints what was found, without control
//! characters of the documents. A document has no findings against itself, nor against its normal form, if it
//! is OpenAPI. The two stand one after the other, with a line `---` between.

#![no_main]

use libfuzzer_sys::fuzz_target;
use openapi_diff::{Comparison, Promises, Report, diff, format};
use openapi_pipeline::{load, lower, normalise};
use serde_json::Value;

fuzz_target!(|text: &str| {
    let Some((base, revision)) = text.split_once("\n---\n") else {
        return;
    };
    let (Ok(one), Ok(other)) = (
        load::document(base, "fuzz"),
        load::document(revision, "fuzz"),
    ) else {
        return;
    };
    print(compare(&one, &other), revision);
    print(compare(&other, &one), base);
    for document in [&one, &other] {
        let same = compare(document, document);
        assert!(same.is_empty(), "a document differs from itself: {same:?}");
        // What is no OpenAPI has no meaning that a normal form could keep.
        if lower::lower(document).is_ok()
            && let Ok(normal) = normalise::normalise(document)
        {
            let same = compare(document, &normal);
            assert!(
                same.is_empty(),
                "a document differs from its normal form: {same:?}"
            );
        }
    }
});

fn compare(base: &Value, revision: &Value) -> Report {
    diff(base, revision, &Promises::none()).expect("what was loaded is not too deep")
}

fn print(report: Report, revision_text: &str) {
    let json: Value = serde_json::from_str(&format::json(&report)).expect("a report is JSON");
    assert_eq!(json.as_array().map(Vec::len), Some(report.len()));
    let changes = report.groups().len();
    let comparison = Comparison {
        report,
        waived: Vec::new(),
        promises: Promises::none(),
        revision: "fuzz".to_owned(),
        revision_text: revision_text.to_owned(),
    };
    let (text, markdown) = (format::text(&comparison), format::markdown(&comparison));
    for text in [text, markdown] {
        let controls = |char: char| char.is_control() && char != '\n';
        assert!(text.ends_with('\n') && !text.contains(controls), "{text:?}");
    }
    let annotations = format::github(&comparison);
    assert_eq!(annotations.lines().count(), changes, "{annotations}");
    assert!(annotations.lines().all(|line| line.starts_with("::")));
}
