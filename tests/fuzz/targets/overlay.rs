//! Any overlay applies to any document, or is refused. The result does not nest too deep and each
//! action has changed something; an overlay of one action on one place by name does not apply twice.
//! The two stand one after the other, with a line `---` between.

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
    check_depth(&applied.document).expect("the result is bounded");
    assert_eq!(applied.actions.len(), overlay.len());
    for action in &applied.actions {
        assert!(0 < action.changed && action.changed <= action.matched, "{action:?}");
    }
    if let [action] = &applied.actions[..]
        && names_a_place(&action.target)
    {
        let twice = apply(&applied.document, &overlay);
        assert!(twice.is_err(), "{action:?} applies twice");
    }
});

/// Whether a target is names alone, as in `$.info.title`. With an index, the next entry takes the
/// place of one that was removed; a filter may match what an update has made.
fn names_a_place(target: &str) -> bool {
    let of_name = |char: char| char.is_ascii_alphanumeric() || char == '_';
    let names = target.strip_prefix("$.").unwrap_or_default();
    names.split('.').all(|name| {
        name.starts_with(|first: char| first.is_ascii_alphabetic()) && name.chars().all(of_name)
    })
}
