//! The webhooks.

use pivotal_views::{WebhookEvent, Webhooks};

use super::{
    PAGE, controls,
    requests::body,
    text::{beginning, shown},
};
use crate::{clock::iso, state::Shared, webhooks::SentEvent};

/// The most characters of a payload that are shown.
const PAYLOAD: usize = 400;

pub(super) fn view(shared: &Shared, refused: Option<String>) -> Webhooks {
    let events = shared.webhooks.events();
    Webhooks {
        url: shared.webhooks.url().map(|url| shown(&url)),
        events: events.iter().rev().take(PAGE).map(event).collect(),
        total: events.len(),
        dropped: shared.webhooks.dropped(),
        read_only: controls::read_only(shared),
        refused,
    }
}

fn event(event: &SentEvent) -> WebhookEvent {
    let attempts = event.attempts.iter().rev().map(|attempt| {
        let status = attempt.status.map(|status| format!("{status} "));
        let answer = format!("{}{}", status.unwrap_or_default(), attempt.answer);
        (iso(attempt.at), shown(&answer))
    });
    let payload = body(&event.body);
    let payload = match beginning(&payload, PAYLOAD) {
        Some(cut) => format!("{cut}…"),
        None => payload,
    };
    WebhookEvent {
        id: event.id.clone(),
        event_type: shown(&event.event_type),
        state: event.state.name(),
        payload,
        attempts: attempts.collect(),
    }
}
