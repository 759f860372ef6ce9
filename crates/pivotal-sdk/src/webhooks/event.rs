//! What a webhook says.

use jiff::Timestamp;
use serde_json::Value;

pivotal_runtime::open_enum! {
    /// The type of an event. The names are not in Pivotal's documentation: this project has decided
    /// them, and the sandbox sends them.
    pub enum EventType {
        /// A customer was created.
        CustomerCreated = "customer.created",
        /// A customer was changed.
        CustomerUpdated = "customer.updated",
        /// A customer was deleted.
        CustomerDeleted = "customer.deleted",
        /// A contact was created.
        ContactCreated = "contact.created",
        /// A contact was changed.
        ContactUpdated = "contact.updated",
        /// A contact was deleted.
        ContactDeleted = "contact.deleted",
        /// An onboarding was created.
        OnboardingCreated = "onboarding.created",
        /// An onboarding was changed.
        OnboardingUpdated = "onboarding.updated",
        /// An onboarding was deleted.
        OnboardingDeleted = "onboarding.deleted",
    }
}

/// A verified event, from [`Verifier::verify`](super::Verifier::verify).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Event {
    /// Its ID, from the header `svix-id`: the same each time the event is delivered.
    pub id: String,
    /// When this delivery was sent, from the header `svix-timestamp`, in seconds.
    pub sent_at: Timestamp,
    /// The body, with all of its keys.
    pub payload: Value,
}

impl Event {
    /// The type, from the key `type`; `None` if the payload has no such text. That the key is called
    /// `type` is decided by this project, not documented.
    pub fn event_type(&self) -> Option<EventType> {
        self.payload["type"].as_str().map(EventType::from)
    }

    /// The ID of the row that the event is about, from `data.id`; `None` if the payload has no such
    /// text. That the ID is there is decided by this project, not documented.
    pub fn row_id(&self) -> Option<&str> {
        self.payload["data"]["id"].as_str()
    }
}
