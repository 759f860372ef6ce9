//! The occupied slots of a sliding window, by the time at which each becomes free.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// The window is divided into this many parts. Slots that become free within one part become free
/// together, at the latest of their times, so that memory does not grow with the limit.
const GROUPS: u32 = 4096;

/// Slots that become free together.
#[derive(Clone, Copy, Debug)]
struct Group {
    first: Instant,
    free_at: Instant,
    count: usize,
}

/// Occupied slots, in the order in which they become free.
#[derive(Debug)]
pub(super) struct Slots {
    groups: VecDeque<Group>,
    occupied: usize,
    group_length: Duration,
}

impl Slots {
    pub(super) fn new(window: Duration) -> Self {
        Self {
            groups: VecDeque::new(),
            occupied: 0,
            group_length: window / GROUPS,
        }
    }

    pub(super) fn occupied(&self) -> usize {
        self.occupied
    }

    /// When the next slot becomes free.
    pub(super) fn next_free(&self) -> Option<Instant> {
        Some(self.groups.front()?.free_at)
    }

    /// Occupies slots that become free no sooner than all that are occupied already.
    pub(super) fn occupy(&mut self, count: usize, free_at: Instant) {
        if count == 0 {
            return;
        }
        self.occupied += count;
        match self.groups.back_mut() {
            Some(group) if free_at <= group.first + self.group_length => {
                group.free_at = group.free_at.max(free_at);
                group.count += count;
            }
            _ => self.groups.push_back(Group {
                first: free_at,
                free_at,
                count,
            }),
        }
    }

    /// Occupies one slot that may become free before others.
    pub(super) fn occupy_one(&mut self, free_at: Instant) {
        let position = self
            .groups
            .partition_point(|group| group.free_at <= free_at);
        let group = Group {
            first: free_at,
            free_at,
            count: 1,
        };
        self.groups.insert(position, group);
        self.occupied += 1;
    }

    /// Frees the slots whose time has come.
    pub(super) fn expire(&mut self, now: Instant) {
        while let Some(group) = self.groups.front().filter(|group| group.free_at <= now) {
            self.occupied -= group.count;
            self.groups.pop_front();
        }
    }

    /// Frees the slots that would become free first.
    pub(super) fn release_first(&mut self, count: usize) {
        let mut left = count.min(self.occupied);
        self.occupied -= left;
        while left > 0 {
            let group = self
                .groups
                .front_mut()
                .expect("the number of occupied slots is the sum of the groups");
            let released = left.min(group.count);
            group.count -= released;
            left -= released;
            if group.count == 0 {
                self.groups.pop_front();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WINDOW: Duration = Duration::from_secs(60);

    #[test]
    fn memory_does_not_grow_with_the_number_of_slots() {
        let start = Instant::now();
        let mut slots = Slots::new(WINDOW);
        slots.occupy(usize::MAX / 2, start);
        for call in 0..200_000 {
            slots.occupy(1, start + WINDOW * call / 200_000);
        }
        assert!(slots.groups.len() <= GROUPS as usize + 1);
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
}
