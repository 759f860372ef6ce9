//! Any document that loads passes every stage, or is refused.

#![no_main]

use libfuzzer_sys::fuzz_target;
use openapi_pipeline::naming::{self, Names};
use openapi_pipeline::{Problems, load, lower, normalise, shape};

fuzz_target!(|text: &str| {
    let Ok(document) = load::document(text, "fuzz") else {
        return;
    };
    let names = Names::default();
    let shaped = || -> Result<_, Problems> {
        let named = naming::apply(normalise::normalise(&document)?, &names)?;
        shape::shape(&lower::lower(&named)?, &names)
    };
    let _ = shaped();
});
