//! Any overlay applies to any document, or is refused. The two stand one after the other, with a
//! line `---` between.

#![no_main]

use libfuzzer_sys::fuzz_target;
use openapi_pipeline::load;
use openapi_pipeline::overlay::{Overlay, apply};

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
    let _ = apply(&document, &overlay);
});
