//! The random numbers and IDs of the sandbox.

use std::collections::HashSet;

use crate::random::{IdSequence, Random};

#[test]
fn a_seed_repeats_and_another_differs() {
    let numbers = |seed| {
        let mut random = Random::new(seed);
        [(); 8].map(|()| random.next())
    };
    assert_eq!(numbers(7), numbers(7));
    assert_ne!(numbers(7), numbers(8));
}

#[test]
fn numbers_stay_below_their_bound_and_reach_all_of_it() {
    let mut random = Random::new(1);
    let mut seen = [0; 6];
    (0..6_000).for_each(|_| seen[random.below(6) as usize] += 1);
    assert!(
        seen.iter().all(|count| (850..1_150).contains(count)),
        "{seen:?}"
    );
}

#[test]
fn a_chance_is_never_at_0_always_at_1_and_otherwise_as_given() {
    let mut random = Random::new(1);
    let mut count = |probability| (0..4_000).filter(|_| random.chance(probability)).count();
    assert_eq!((count(0.0), count(1.0)), (0, 4_000));
    assert!((900..1_100).contains(&count(0.25)));
}

#[test]
fn ids_are_distinct_alike_in_form_and_repeat_with_the_seed() {
    let ids = |seed| {
        let mut sequence = IdSequence::new(seed);
        (0..5_000).map(|_| sequence.next()).collect::<Vec<_>>()
    };
    let first = ids(7);
    assert_eq!(first, ids(7));
    assert_eq!(
        first.iter().chain(&ids(8)).collect::<HashSet<_>>().len(),
        10_000
    );
    for id in first {
        assert_eq!(id.len(), 25);
        assert!(
            id.starts_with('c')
                && id
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()),
            "{id}"
        );
    }
}
