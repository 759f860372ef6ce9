//! Any two documents compare, either way round; a document has no findings against itself. The two
//! stand one after the other, with a line `---` between.

#![no_main]

use libfuzzer_sys::fuzz_target;
use openapi_diff::{Promises, diff};
use openapi_pipeline::load;

fuzz_target!(|text: &str| {
    let Some((base, revision)) = text.split_once("\n---\n") else {
        return;
    };
    let (Ok(base), Ok(revision)) = (
        load::document(base, "fuzz"),
        load::document(revision, "fuzz"),
    ) else {
        return;
    };
    let _ = diff(&base, &revision, &Promises::none());
    let _ = diff(&revision, &base, &Promises::none());
    let same = diff(&base, &base, &Promises::none()).expect("what was loaded is not too deep");
    assert!(same.is_empty(), "a document differs from itself: {same:?}");
});
