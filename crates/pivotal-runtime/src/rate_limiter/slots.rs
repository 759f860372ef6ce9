//! The occupied slots of a sliding window, by the time at which each becomes free.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// The window is divided into this many parts. Slots that become free within one part become free
/// together, at the latest of their times, so that memory does not grow with the limit.
pub(crate) const GROUPS: u32 = 4096;

/// Slots that become free together.
#[derive(Clone, Copy, Debug)]
struct Group {
    first: Instant,
    free_at: Instant,
    count: usize,
}

/// Occupied slots, in the order in which they become free.
#[derive(Debug)]
pub(crate) struct Slots {
    groups: VecDeque<Group>,
    occupied: usize,
    group_length: Duration,
}

impl Slots {
    pub(crate) fn new(window: Duration) -> Self {
        Self {
            groups: VecDeque::new(),
            occupied: 0,
            group_length: window / GROUPS,
        }
    }

    pub(crate) fn occupied(&self) -> usize {
        self.occupied
    }

    /// The number of groups in memory.
    #[cfg(test)]
    pub(crate) fn groups(&self) -> usize {
        self.groups.len()
    }

    /// When the next slot becomes free.
    pub(crate) fn next_free(&self) -> Option<Instant> {
        Some(self.groups.front()?.free_at)
    }

    /// Occupies slots that become free no sooner than all that are occupied already.
    pub(crate) fn occupy(&mut self, count: usize, free_at: Instant) {
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
    pub(crate) fn occupy_one(&mut self, free_at: Instant) {
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
    pub(crate) fn expire(&mut self, now: Instant) {
        while let Some(group) = self.groups.front().filter(|group| group.free_at <= now) {
            self.occupied -= group.count;
            self.groups.pop_front();
        }
    }

    /// Frees the slots that would become free first.
    pub(crate) fn release_first(&mut self, count: usize) {
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
