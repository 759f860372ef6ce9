//! Any text is a document, or is refused.

#![no_main]

use libfuzzer_sys::fuzz_target;
use openapi_pipeline::load;

fuzz_target!(|text: &str| {
    for origin in ["fuzz.json", "fuzz.yaml"] {
        if let Ok(document) = load::document(text, origin) {
            load::check(&document).expect("what was loaded holds together");
        }
    }
});
