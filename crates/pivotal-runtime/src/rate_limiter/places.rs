//! The places of a window that are taken, and when each is free again.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// How many groups cover a window: places that are freed within a 4096th of it are freed together,
/// at the latest of their times, so that memory does not grow with the limit.
const GROUPS: u32 = 4096;

/// Places that are freed together.
#[derive(Clone, Copy, Debug)]
struct Group {
    first: Instant,
    free: Instant,
    places: usize,
}

/// Places by the time when they are free, soonest first.
#[derive(Debug)]
pub(super) struct Places {
    groups: VecDeque<Group>,
    total: usize,
    together: Duration,
}

impl Places {
    pub(super) fn new(window: Duration) -> Self {
        Self {
            groups: VecDeque::new(),
            total: 0,
            together: window / GROUPS,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.total
    }

    /// When the next one is free.
    pub(super) fn next_free(&self) -> Option<Instant> {
        Some(self.groups.front()?.free)
    }

    /// Takes places that will be free no sooner than all that are taken.
    pub(super) fn take(&mut self, places: usize, free: Instant) {
        if places == 0 {
            return;
        }
        self.total += places;
        match self.groups.back_mut() {
            Some(group) if free <= group.first + self.together => {
                group.free = group.free.max(free);
                group.places += places;
            }
            _ => self.groups.push_back(Group {
                first: free,
                free,
                places,
            }),
        }
    }

    /// Takes one place that may be free before others that are taken.
    pub(super) fn take_one_until(&mut self, free: Instant) {
        let position = self.groups.partition_point(|group| group.free <= free);
        let group = Group {
            first: free,
            free,
            places: 1,
        };
        self.groups.insert(position, group);
        self.total += 1;
    }

    /// Frees what is due.
    pub(super) fn free_until(&mut self, now: Instant) {
        while let Some(group) = self.groups.front().filter(|group| group.free <= now) {
            self.total -= group.places;
            self.groups.pop_front();
        }
    }

    /// Frees the places that would be free first.
    pub(super) fn free_first(&mut self, places: usize) {
        let mut left = places.min(self.total);
        self.total -= left;
        while left > 0 {
            let group = self
                .groups
                .front_mut()
                .expect("the total is the sum of the groups");
            let freed = left.min(group.places);
            group.places -= freed;
            left -= freed;
            if group.places == 0 {
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
    fn however_many_places_memory_stays_small() {
        let start = Instant::now();
        let mut places = Places::new(WINDOW);
        places.take(usize::MAX / 2, start);
        for call in 0..200_000 {
            places.take(1, start + WINDOW * call / 200_000);
        }
        assert!(places.groups.len() <= GROUPS as usize + 1);
        assert_eq!(places.len(), usize::MAX / 2 + 200_000);
    }

    proptest! {
        #[test]
        fn no_place_is_free_before_its_time_and_none_much_later(
            gaps in prop::collection::vec(0u64..40, 1..200),
            freed in 0usize..100,
        ) {
            let start = Instant::now();
            let mut places = Places::new(WINDOW);
            let mut times = Vec::new();
            let mut at = start;
            for gap in gaps {
                at += Duration::from_millis(gap);
                places.take(1, at);
                times.push(at);
            }
            let freed = freed.min(times.len());
            places.free_first(freed);
            times.drain(..freed);
            for step in 0..200u32 {
                let now = start + Duration::from_millis(40) * step;
                places.free_until(now);
                let due = times.iter().filter(|time| **time > now).count();
                let late = times.iter().filter(|time| **time + WINDOW / GROUPS > now).count();
                prop_assert!((due..=late).contains(&places.len()));
            }
            prop_assert_eq!(places.next_free(), None);
        }
    }
}
