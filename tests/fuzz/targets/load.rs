//! Any text is a document, or is refused in text without control characters. What was loaded holds together, and reads as the same when
//! it is printed.

#![no_main]

use libfuzzer_sys::fuzz_target;
use openapi_pipeline::{canonical, load};

/// Whether a text has control characters but for line breaks.
fn controls(text: &str) -> bool {
    text.chars().any(|char| char.is_control() && char != '\n')
}

fuzz_target!(|text: &str| {
    for origin in ["fuzz.json", "fuzz.yaml"] {
        let document = match load::document(text, origin) {
            Ok(document) => document,
            Err(error) => {
                let text = error.to_string();
                assert!(!text.is_empty() && !controls(&text), "{text:?}");
                continue;
            }
        };
        load::check(&document).expect("what was loaded holds together");
        let printed = canonical::text(&document);
        let again = load::document(&printed, "printed.json").expect("what was printed loads");
        assert_eq!(again, document, "printed as {printed}");
        assert_eq!(canonical::text(&again), printed);
    }
});
