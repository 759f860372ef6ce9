//! When events are sent, at given times.

use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use tokio::time::Instant;

use crate::{
    Attempt, DeliveryState, PENDING_EVENTS, SentEvent,
    webhooks::queue::{Entry, Queue},
};

fn attempt(status: u16) -> Vec<Attempt> {
    vec![Attempt {
        at: Timestamp::UNIX_EPOCH,
        took: Duration::ZERO,
        status: Some(status),
        answer: String::new(),
    }]
}

fn push(queue: &mut Queue, id: &str, row: &str, now: Instant) {
    let event = SentEvent {
        id: id.to_owned(),
        event_type: "customer.updated".to_owned(),
        body: Bytes::new(),
        state: DeliveryState::Pending,
        attempts: Vec::new(),
    };
    queue.push(Entry::new(event, row, now));
}

/// The ID of the event to send, or how long to wait.
fn next(queue: &mut Queue, now: Instant) -> Result<String, Option<Duration>> {
    let job = queue.next(now).map(|job| job.id);
    job.map_err(|until| until.map(|until| until - now))
}

#[test]
fn an_event_is_given_up_after_a_minute_of_longer_and_longer_waits() {
    let mut queue = Queue::default();
    let mut now = Instant::now();
    push(&mut queue, "a", "row", now);
    for seconds in [1, 2, 4, 8, 16, 32] {
        assert_eq!(next(&mut queue, now), Ok("a".to_owned()));
        assert_eq!(next(&mut queue, now), Err(None), "it is being sent");
        queue.finish("a", attempt(503), now);
        let wait = Duration::from_secs(seconds);
        assert_eq!(next(&mut queue, now), Err(Some(wait)));
        now += wait;
    }
    assert_eq!(next(&mut queue, now), Ok("a".to_owned()));
    queue.finish("a", attempt(302), now);
    assert_eq!(next(&mut queue, now), Err(None));
    assert_eq!(queue.events()[0].state, DeliveryState::GivenUp);
    assert_eq!(queue.events()[0].attempts.len(), 7);

    assert!(queue.resend("a", now) && !queue.resend("b", now));
    assert_eq!(next(&mut queue, now), Ok("a".to_owned()));
    queue.finish("a", attempt(503), now);
    let second = Some(Duration::from_secs(1));
    assert_eq!(next(&mut queue, now), Err(second), "from the first wait on");
    assert!(queue.resend("a", now), "at once, though it waits");
    assert_eq!(next(&mut queue, now), Ok("a".to_owned()));
    queue.finish("a", attempt(204), now);
    assert_eq!(queue.events()[0].state, DeliveryState::Accepted);
    assert_eq!(queue.events()[0].attempts.len(), 8, "the newest");
}

#[test]
fn events_of_a_row_wait_for_each_other_and_not_for_those_of_others() {
    let mut queue = Queue::default();
    let now = Instant::now();
    for (id, row) in [("a1", "a"), ("a2", "a"), ("b1", "b")] {
        push(&mut queue, id, row, now);
    }
    assert_eq!(next(&mut queue, now), Ok("a1".to_owned()));
    assert_eq!(next(&mut queue, now), Ok("b1".to_owned()));
    assert_eq!(next(&mut queue, now), Err(None));
    queue.finish("a1", attempt(500), now);
    let second = Duration::from_secs(1);
    assert_eq!(next(&mut queue, now), Err(Some(second)));
    assert_eq!(next(&mut queue, now + second), Ok("a1".to_owned()));
    queue.finish("a1", attempt(200), now);
    assert_eq!(next(&mut queue, now), Ok("a2".to_owned()));
}

#[test]
fn an_event_that_is_held_follows_the_next_of_its_row_or_the_time() {
    let mut queue = Queue::default();
    let now = Instant::now();
    let until = now + Duration::from_secs(5);
    push(&mut queue, "a1", "a", now);
    assert_eq!(next(&mut queue, now), Ok("a1".to_owned()));
    queue.hold("a1", until);
    assert_eq!(next(&mut queue, now), Err(Some(Duration::from_secs(5))));
    push(&mut queue, "a2", "a", now);
    assert_eq!(next(&mut queue, now), Ok("a2".to_owned()));
    queue.finish("a2", attempt(200), now);
    assert_eq!(next(&mut queue, now), Ok("a1".to_owned()));
    queue.hold("a1", until);
    assert_eq!(next(&mut queue, until), Ok("a1".to_owned()));
    queue.hold("a1", until + Duration::from_secs(5));
    assert!(queue.resend("a1", now));
    assert_eq!(next(&mut queue, now), Ok("a1".to_owned()), "at once");
}

#[test]
fn sixteen_are_sent_at_a_time_and_a_full_queue_drops() {
    let mut queue = Queue::default();
    let now = Instant::now();
    for number in 0..PENDING_EVENTS + 3 {
        push(&mut queue, &number.to_string(), &number.to_string(), now);
    }
    assert_eq!((queue.events().len(), queue.dropped()), (PENDING_EVENTS, 3));
    for number in 0..16 {
        assert_eq!(next(&mut queue, now), Ok(number.to_string()));
    }
    assert_eq!(next(&mut queue, now), Err(None));
    queue.finish("7", attempt(200), now);
    queue.finish("7", attempt(200), now);
    assert_eq!(next(&mut queue, now), Ok("16".to_owned()));
    assert_eq!(next(&mut queue, now), Err(None));
}
