//! The synthetic documents of the benchmarks.

use openapi_diff::{Promises, diff};
use openapi_pipeline::{load, resolve};

use pivotal_benches::codegen::synthetic::{document, overlay, revision};

#[test]
fn a_document_has_as_many_operations_as_were_asked_for() {
    for operations in [1, 7, 100, 5_003] {
        assert_eq!(resolve::operations(&document(operations)).len(), operations);
    }
}

#[test]
fn the_same_number_gives_the_same_document() {
    assert_eq!(document(40).to_string(), document(40).to_string());
    assert_eq!(overlay(40), overlay(40));
    assert_eq!(revision(40).to_string(), revision(40).to_string());
}

#[test]
fn a_revision_has_about_as_many_changes_for_each_operation_whatever_the_size() {
    let findings = |operations| {
        let [base, revision] = [document(operations), revision(operations)]
            .map(|document| load::document(&document.to_string(), "synthetic").unwrap());
        let report = diff(&base, &revision, &Promises::none()).unwrap();
        let rules: std::collections::BTreeSet<_> = report.iter().map(|f| f.id).collect();
        (report.len(), rules.len())
    };
    let ((few, rules), (many, as_many)) = (findings(100), findings(1_000));
    // Larger documents share their schemas a little more.
    assert!((9 * few..=12 * few).contains(&many), "{few}, {many}");
    assert_eq!(rules, as_many);
    assert!(rules >= 12, "{rules} rules");
}
