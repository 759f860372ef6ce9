//! Webhooks: signed events about what changes, sent to a receiver on this machine.
//!
//! Requests only put events into a bounded queue (`queue`), so that a slow receiver does not slow
//! them down; a task sends them (`send`).
//!
//! Evidence: stated (signed by Svix: headers, secret, signature; a test key suppresses outbound
//! effects; payloads are not the rows of the API), decided (types, payloads, order, retries, that
//! the sandbox sends events of test keys too). With `Contract::undocumented` off, the payload is
//! an empty object, and changes with a test key send nothing.

pub(crate) mod admin;
pub(crate) mod queue;
mod send;
mod target;

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::{sync::Notify, time::Instant};

use queue::{Entry, Queue};
pub(crate) use send::deliver;
use target::{Secret, Target};

use crate::{
    clock::{Moment, iso},
    contract::Contract,
    keys::{Key, random_number},
    random::IdSequence,
    response::json as to_json,
    setup::Setup,
    store::{Change, Kind, Workspace},
};

/// The maximum number of events that wait to be sent, and of those that the journal keeps after
/// that. A further event is dropped while so many wait.
pub const PENDING_EVENTS: usize = 1_000;
/// The maximum size of a payload in bytes.
const PAYLOAD_BYTES: usize = 16 * 1024;

/// Why webhooks cannot be configured, or an event not sent. Contains no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct WebhookError(&'static str);

/// The webhooks of a sandbox, from [`Sandbox::webhooks`](crate::Sandbox::webhooks).
///
/// Events about one row are sent in order. An event that is not accepted with a 2xx within 10
/// seconds is sent again after 1, 2, 4, 8, 16 and 32 seconds, then given up. State is lost when the
/// sandbox stops or is reset.
pub struct Webhooks {
    initial: Endpoint,
    state: Mutex<State>,
    /// Notified when an event is put into the queue.
    changed: Notify,
}

/// Where events are sent, and what signs them.
#[derive(Clone)]
struct Endpoint {
    target: Option<Target>,
    secret: Secret,
}

struct State {
    endpoint: Endpoint,
    queue: Queue,
    ids: IdSequence,
}

/// An event and its deliveries.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SentEvent {
    /// The value of `svix-id`, the same on each attempt. No other sandbox has it.
    pub id: String,
    /// The type, such as `customer.created`.
    pub event_type: String,
    /// The payload: JSON, as it is sent.
    pub body: Bytes,
    /// Whether it was accepted.
    pub state: DeliveryState,
    /// The last 8 attempts, oldest first.
    pub attempts: Vec<Attempt>,
}

/// What has become of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeliveryState {
    /// It waits to be sent, or to be sent again.
    Pending,
    /// The receiver responded with a 2xx.
    Accepted,
    /// The receiver did not accept it on any attempt.
    GivenUp,
}

impl DeliveryState {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::GivenUp => "given_up",
        }
    }
}

/// One time that an event was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// When, by the system's clock.
    pub at: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// The status of the answer, if there was one.
    pub status: Option<u16>,
    /// The first 1,024 bytes of the answer's body, or why there was no answer.
    pub answer: String,
}

impl Attempt {
    /// Whether the receiver responded with a 2xx.
    pub fn is_accepted(&self) -> bool {
        self.status
            .is_some_and(|status| (200..300).contains(&status))
    }
}

impl State {
    fn new(endpoint: Endpoint) -> Self {
        Self {
            endpoint,
            queue: Queue::default(),
            ids: IdSequence::new(random_number()),
        }
    }
}

impl fmt::Debug for Webhooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Webhooks")
    }
}

/// The payload of an event. Evidence: decided, except that it is not the row.
fn payload(event_type: &str, at: Timestamp, data: &Value) -> Value {
    json!({ "type": event_type, "timestamp": iso(at), "data": data })
}

impl Webhooks {
    pub(crate) fn new(setup: &Setup) -> Result<Self, WebhookError> {
        let secret = setup.webhook_secret.as_deref();
        let initial = Endpoint {
            target: setup.webhook.as_deref().map(Target::parse).transpose()?,
            secret: secret.map_or_else(|| Ok(Secret::generate()), Secret::parse)?,
        };
        Ok(Self {
            state: Mutex::new(State::new(initial.clone())),
            initial,
            changed: Notify::new(),
        })
    }

    pub(crate) fn reset(&self) {
        *self.lock() = State::new(self.initial.clone());
    }

    /// The secret that signs events, `whsec_…`.
    pub fn secret(&self) -> String {
        self.lock().endpoint.secret.text()
    }

    /// Sends events to this URL from now on, also those that wait; with `None`, new events are not
    /// kept. Without a secret, they are signed with the one before.
    ///
    /// # Errors
    /// [`WebhookError`] if the URL is not plain HTTP to this machine, or the secret is malformed.
    pub fn set(&self, url: Option<&str>, secret: Option<&str>) -> Result<(), WebhookError> {
        let target = url.map(Target::parse).transpose()?;
        let secret = secret.map(Secret::parse).transpose()?;
        let endpoint = &mut self.lock().endpoint;
        endpoint.target = target;
        if let Some(secret) = secret {
            endpoint.secret = secret;
        }
        Ok(())
    }

    pub(crate) fn url(&self) -> Option<String> {
        Some(self.lock().endpoint.target.as_ref()?.url.clone())
    }

    /// The events, at most [`PENDING_EVENTS`] that ended and as many that wait, each oldest first.
    pub fn events(&self) -> Vec<SentEvent> {
        self.lock().queue.events()
    }

    /// How many events were dropped because too many waited.
    pub fn dropped(&self) -> u64 {
        self.lock().queue.dropped()
    }

    /// Sends an event of any type, and returns its ID. `data` is that of the payload.
    ///
    /// # Errors
    /// [`WebhookError`] if no URL is set, the payload has more than 16 KiB, or too many events wait.
    pub fn trigger(&self, event_type: &str, data: &Value) -> Result<String, WebhookError> {
        let body = to_json(&payload(event_type, Timestamp::now(), data));
        if body.len() > PAYLOAD_BYTES {
            return Err(WebhookError("the payload has more than 16 KiB"));
        }
        self.push(event_type, None, body)
    }

    /// Sends an event of the journal again, with the same ID and a new time. False if the journal does
    /// not have it, or [`PENDING_EVENTS`] wait.
    pub fn resend(&self, id: &str) -> bool {
        let queued = self.lock().queue.resend(id, Instant::now());
        self.changed.notify_one();
        queued
    }

    /// Puts the event of a change into the queue, if a URL is set.
    pub(crate) fn record(
        &self,
        contract: &Contract,
        workspace: &Workspace,
        key: &Key,
        change: &Change,
        now: Moment,
    ) {
        if self.lock().endpoint.target.is_none() || (!contract.undocumented && key.is_test()) {
            return;
        }
        let row = workspace.row(change.kind, change.index);
        let object = change.kind.component().to_lowercase();
        let event_type = format!("{object}.{}", change.verb.name());
        let mut data = json!({ "object": object, "id": row.id, "display_id": row.display_id });
        if let Some(customer) = row.customer {
            let customer = workspace.row(Kind::Customer, customer);
            data["customer_id"] = customer.id.as_str().into();
        }
        let payload = match contract.undocumented {
            true => payload(&event_type, now.time, &data),
            false => json!({}),
        };
        // One that is dropped is counted.
        let _ = self.push(&event_type, Some(&row.id), to_json(&payload));
    }

    /// Puts an event into the queue and returns its ID.
    fn push(
        &self,
        event_type: &str,
        row: Option<&str>,
        body: Bytes,
    ) -> Result<String, WebhookError> {
        let mut state = self.lock();
        if state.endpoint.target.is_none() {
            return Err(WebhookError(
                "no webhook URL is set; start the sandbox with one, or set it with POST /_sandbox/webhooks",
            ));
        }
        let id = format!("msg_{}", state.ids.next());
        let row = row.unwrap_or(&id);
        let event = SentEvent {
            id: id.clone(),
            event_type: event_type.to_owned(),
            body,
            state: DeliveryState::Pending,
            attempts: Vec::new(),
        };
        let queued = state.queue.push(Entry::new(event, row, Instant::now()));
        drop(state);
        self.changed.notify_one();
        queued.then_some(id).ok_or(WebhookError(
            "too many events wait already; make the receiver respond, or reset the sandbox",
        ))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
