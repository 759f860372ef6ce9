//! The occupied slots of the rate limiter.

use std::time::Duration;

use proptest::prelude::*;
use tokio::time::Instant;

use crate::rate_limiter::slots::{GROUPS, Slots};

const WINDOW: Duration = Duration::from_secs(60);

#[test]
fn memory_does_not_grow_with_the_number_of_slots() {
    let start = Instant::now();
    let mut slots = Slots::new(WINDOW);
    slots.occupy(usize::MAX / 2, start);
    for call in 0..200_000 {
        slots.occupy(1, start + WINDOW * call / 200_000);
    }
    assert!(slots.groups() <= GROUPS as usize + 1);
    assert_eq!(slots.occupied(), usize::MAX / 2 + 200_000);
}

proptest! {
    #[test]
    fn no_slot_becomes_free_early_or_much_too_late(
        gaps in prop::collection::vec(0u64..40, 1..200),
        released in 0usize..100,
    ) {
        let start = Instant::now();
        let mut slots = Slots::new(WINDOW);
        let mut times = Vec::new();
        let mut at = start;
        for gap in gaps {
            at += Duration::from_millis(gap);
            slots.occupy(1, at);
            times.push(at);
        }
        let released = released.min(times.len());
        slots.release_first(released);
        times.drain(..released);
        for step in 0..200u32 {
            let now = start + Duration::from_millis(40) * step;
            slots.expire(now);
            let due = times.iter().filter(|time| **time > now).count();
            let late = times.iter().filter(|time| **time + WINDOW / GROUPS > now).count();
            prop_assert!((due..=late).contains(&slots.occupied()));
        }
        prop_assert_eq!(slots.next_free(), None);
    }
}
