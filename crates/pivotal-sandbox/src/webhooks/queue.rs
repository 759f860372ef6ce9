//! The events that wait for their delivery, and those that have ended: which one is sent next, and
//! when. It does not send anything, and is told the time.
//!
//! Events about one row are sent in order: the next one when the last has been accepted or given up.

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use tokio::time::Instant;

use super::{Attempt, DeliveryState, PENDING_EVENTS, SentEvent};

/// The waits in seconds before an event is sent again; after the last one it is given up. Evidence:
/// decided.
const BACKOFF: [u64; 6] = [1, 2, 4, 8, 16, 32];

/// How many events are sent at the same time.
const CONCURRENT: usize = 16;
/// How many attempts of an event are kept, the newest.
const KEPT_ATTEMPTS: usize = 8;

#[derive(Default)]
pub(crate) struct Queue {
    pending: VecDeque<Entry>,
    ended: VecDeque<Entry>,
    running: usize,
    dropped: u64,
}

pub(crate) struct Entry {
    event: SentEvent,
    /// The row that it is about.
    row: Arc<str>,
    /// Attempts since it was put into the queue.
    tries: usize,
    due: Instant,
    running: bool,
    /// Until when later events about the row go first.
    held_until: Option<Instant>,
    was_held: bool,
}

impl Entry {
    pub(crate) fn new(event: SentEvent, row: &str, now: Instant) -> Self {
        Self {
            event,
            row: row.into(),
            tries: 0,
            due: now,
            running: false,
            held_until: None,
            was_held: false,
        }
    }
}

/// An event to send now.
pub(crate) struct Job {
    pub(crate) id: String,
    pub(crate) body: Bytes,
    /// Whether later events could go first.
    pub(crate) was_held: bool,
}

impl Queue {
    /// Adds an event. If too many wait, it is dropped and counted; false then.
    pub(crate) fn push(&mut self, entry: Entry) -> bool {
        let has_room = self.pending.len() < PENDING_EVENTS;
        if has_room {
            self.pending.push_back(entry);
        } else {
            self.dropped += 1;
        }
        has_room
    }

    /// The next event to send: the first that is due, and is the first of its row. If there is none, the
    /// time until which there is none unless something changes.
    pub(crate) fn next(&mut self, now: Instant) -> Result<Job, Option<Instant>> {
        let mut wake: Option<Instant> = None;
        let mut sleep_until = |time| wake = Some(wake.map_or(time, |wake| time.min(wake)));
        let mut rows = HashSet::new();
        if self.running >= CONCURRENT {
            return Err(None);
        }
        for entry in &mut self.pending {
            if let Some(until) = entry.held_until.filter(|until| *until > now) {
                sleep_until(until);
                continue;
            }
            let is_first = rows.insert(Arc::clone(&entry.row));
            if !is_first || entry.running {
                continue;
            }
            if entry.due > now {
                sleep_until(entry.due);
                continue;
            }
            entry.held_until = None;
            entry.running = true;
            self.running += 1;
            return Ok(Job {
                id: entry.event.id.clone(),
                body: entry.event.body.clone(),
                was_held: entry.was_held,
            });
        }
        Err(wake)
    }

    /// Lets later events about the same row go before a job: until one has, or this time.
    pub(crate) fn hold(&mut self, id: &str, until: Instant) {
        if let Some(entry) = self.pending.iter_mut().find(|entry| entry.event.id == id) {
            entry.running = false;
            entry.held_until = Some(until);
            entry.was_held = true;
            self.running -= 1;
        }
    }

    /// Records the attempts of a job, usually one. A job from before a reset is unknown.
    pub(crate) fn finish(&mut self, id: &str, attempts: Vec<Attempt>, now: Instant) {
        let running = |entry: &Entry| entry.running && entry.event.id == id;
        let Some(index) = self.pending.iter().position(running) else {
            return;
        };
        self.running -= 1;
        let entry = &mut self.pending[index];
        let accepted = attempts.last().is_some_and(Attempt::is_accepted);
        entry.event.attempts.extend(attempts);
        let excess = entry.event.attempts.len().saturating_sub(KEPT_ATTEMPTS);
        entry.event.attempts.drain(..excess);
        entry.running = false;
        let row = Arc::clone(&entry.row);
        let wait = BACKOFF.get(entry.tries);
        entry.tries += 1;
        match wait {
            Some(wait) if !accepted => entry.due = now + Duration::from_secs(*wait),
            _ => self.end(index, accepted),
        }
        let held = self.pending.iter_mut().filter(|entry| entry.row == row);
        held.for_each(|entry| entry.held_until = None);
    }

    fn end(&mut self, index: usize, accepted: bool) {
        let Some(mut entry) = self.pending.remove(index) else {
            return;
        };
        entry.event.state = if accepted {
            DeliveryState::Accepted
        } else {
            DeliveryState::GivenUp
        };
        if self.ended.len() >= PENDING_EVENTS {
            self.ended.pop_front();
        }
        self.ended.push_back(entry);
    }

    /// Sends an event again, from the first attempt on, or at once if it waits. False if there is no
    /// such event, or too many wait.
    pub(crate) fn resend(&mut self, id: &str, now: Instant) -> bool {
        if let Some(entry) = self.pending.iter_mut().find(|entry| entry.event.id == id) {
            (entry.due, entry.held_until) = (now, None);
            return true;
        }
        let index = self.ended.iter().position(|entry| entry.event.id == id);
        let room = self.pending.len() < PENDING_EVENTS;
        let entry = index
            .filter(|_| room)
            .and_then(|index| self.ended.remove(index));
        let Some(mut entry) = entry else {
            return false;
        };
        entry.event.state = DeliveryState::Pending;
        (entry.tries, entry.due) = (0, now);
        self.pending.push_back(entry);
        true
    }

    /// All events: those that ended, then those that wait.
    pub(crate) fn events(&self) -> Vec<SentEvent> {
        let all = self.ended.iter().chain(&self.pending);
        all.map(|entry| entry.event.clone()).collect()
    }

    pub(crate) fn dropped(&self) -> u64 {
        self.dropped
    }
}
