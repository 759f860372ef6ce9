//! Slugs of customers: unique in the workspace among customers that are not deleted. Domains are
//! not unique.
//!
//! Evidence: stated (unique, `slug_taken`, domains), decided (a deleted customer frees its slug).

use std::collections::HashMap;

use crate::error::ApiError;

/// Most characters of a slug. Evidence: stated.
const LONGEST: usize = 120;

/// Refuses a slug that another live customer has. `customer` is the place of the one that asks, if
/// it exists yet.
///
/// Slugs are compared as they stand. Evidence: decided.
pub(super) fn check_free(
    taken: &HashMap<String, usize>,
    slug: &str,
    customer: Option<usize>,
) -> Result<(), ApiError> {
    match taken.get(slug) {
        Some(owner) if Some(*owner) != customer => {
            let message = format!("A customer with the slug {slug} already exists.");
            Err(ApiError::conflict("slug_taken", message).field("slug"))
        }
        _ => Ok(()),
    }
}

/// A free slug made from a name, for a customer created without one: `Aurora Outfitters` gives
/// `aurora-outfitters`, then `aurora-outfitters-2`. Evidence: decided.
pub(super) fn derive(taken: &HashMap<String, usize>, name: &str) -> String {
    let base = slugify(name);
    if !taken.contains_key(&base) {
        return base;
    }
    let numbered = |number: usize| {
        let suffix = format!("-{number}");
        let kept: String = base.chars().take(LONGEST - suffix.len()).collect();
        format!("{kept}{suffix}")
    };
    (2..)
        .map(numbered)
        .find(|slug| !taken.contains_key(slug))
        .expect("fewer slugs are taken than there are numbers")
}

/// Letters and digits in lower case, a dash for each run of anything else.
pub(crate) fn slugify(name: &str) -> String {
    let lower: String = name
        .to_lowercase()
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    let dashed = lower.split_whitespace().collect::<Vec<_>>().join("-");
    let slug: String = dashed.chars().take(LONGEST).collect();
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() {
        "customer".to_owned()
    } else {
        slug.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::{LONGEST, derive, slugify};

    #[test]
    fn words_are_joined_by_dashes() {
        for (name, slug) in [
            ("Aurora Outfitters", "aurora-outfitters"),
            ("  O'Neil & Sons, Ltd. ", "o-neil-sons-ltd"),
            ("Ünïcode Søn", "ünïcode-søn"),
            ("!!!", "customer"),
        ] {
            assert_eq!(slugify(name), slug);
        }
    }

    proptest! {
        #[test]
        fn a_derived_slug_is_free_and_within_bounds(name in "\\PC{1,255}") {
            let mut taken = HashMap::new();
            for place in 0..4 {
                let slug = derive(&taken, &name);
                prop_assert!((1..=LONGEST).contains(&slug.chars().count()));
                prop_assert!(taken.insert(slug, place).is_none());
            }
        }
    }
}
