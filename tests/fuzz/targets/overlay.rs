//! Any overlay applies to any document, or is refused. The result does not nest too deep, and an overlay
//! that has actions has changed something. The two stand one after the other, with a line `---` between.

#![no_main]

use libfuzzer_sys::fuzz_target;
use openapi_pipeline::overlay::{Overlay, apply};
use openapi_pipeline::{check_depth, load};

fuzz_target!(|text: &str| {
    let Some((document, overlay)) = text.split_once("\n---\n") else {
        return;
    };
    let (Ok(document), Ok(overlay)) = (
        load::document(document, "fuzz"),
        Overlay::parse(overlay, "fuzz.yaml"),
    ) else {
        return;
    };
    let applied = match apply(&document, &overlay) {
        Ok(applied) => applied,
        Err(problems) => {
            assert!(!problems.is_empty() && !problems.to_string().is_empty());
            return;
        }
    };
    check_depth(&applied).expect("the result is bounded");
    // Each action must change something; two may undo each other.
    if overlay.len() == 1 {
        assert_ne!(applied, document);
    }
});
