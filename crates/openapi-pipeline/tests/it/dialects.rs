//! One document in three dialects: 3.0.3, 3.1 with `nullable`, 3.1 with type arrays. They are one
//! document.

use openapi_pipeline::lower::lower;
use openapi_pipeline::normalise::normalise;
use openapi_pipeline::{canonical, load};
use serde_json::Value;

/// OpenAPI 3.0.3, as strict as it gets: a reference stands alone, bytes are a format, bounds have
/// flags.
const STRICT_3_0: &str = include_str!("dialects/3.0.3.yaml");
/// 3.1.0 by its version, `nullable` all over.
const MIXED: &str = include_str!("dialects/3.1.0-nullable.yaml");
/// OpenAPI 3.1.0 as the specification has it: type arrays, null branches, constants, `$defs`, path
/// items among the components.
const STRICT_3_1: &str = include_str!("dialects/3.1.0.yaml");

fn document(text: &str) -> Value {
    load::document(text, "document.yaml").unwrap_or_else(|error| panic!("{error}"))
}

fn normal(text: &str) -> String {
    normalise(&document(text)).map_or_else(
        |problems| panic!("{problems}"),
        |normal| canonical::text(&normal),
    )
}

fn lowered(text: &str) -> String {
    lower(&document(text)).map_or_else(
        |problems| panic!("{problems}"),
        |lowered| canonical::text(&lowered),
    )
}

#[test]
fn the_three_dialects_are_normalised_to_the_same_bytes() {
    let strict = normal(STRICT_3_1);
    assert_eq!(normal(STRICT_3_0), strict);
    assert_eq!(normal(MIXED), strict);
}

#[test]
fn the_three_dialects_are_lowered_to_the_same_bytes() {
    let strict = lowered(STRICT_3_1);
    assert_eq!(lowered(STRICT_3_0), strict);
    assert_eq!(lowered(MIXED), strict);
    insta::assert_snapshot!(strict);
}

#[test]
fn a_lowered_document_is_the_same_document_in_another_dialect() {
    // Apart from what lowering makes explicit, the way back leads to where it started.
    let there = lower(&document(STRICT_3_1)).unwrap();
    assert_eq!(
        canonical::text(&normalise(&there).unwrap()),
        normal(STRICT_3_1)
    );
}
