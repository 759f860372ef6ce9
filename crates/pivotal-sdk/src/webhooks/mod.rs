//! Webhooks: verifies that an event was signed by Pivotal, and reads it. Requires the feature
//! `webhooks`.
//!
//! ```
//! use pivotal_sdk::webhooks::{EventType, Secret, Verifier};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // let verifier = Verifier::from_env()?; // PIVOTAL_WEBHOOK_SECRET
//! let secret = Secret::new("whsec_c2VjcmV0IG9mIGFuIGV4YW1wbGU=")?;
//! let verifier = Verifier::new(secret.clone());
//!
//! // What a server receives. Here, a test signs it.
//! let body = br#"{"type": "customer.created", "data": {"id": "cl9bn00of0000g7l8gcq8c4xk"}}"#;
//! let headers = secret.sign("msg_1", pivotal_sdk::Timestamp::now(), body)?;
//!
//! let event = verifier.verify(&headers, body)?;
//! assert_eq!(event.id, "msg_1");
//! match event.event_type() {
//!     Some(EventType::CustomerCreated) => println!("created: {:?}", event.row_id()),
//!     _ => println!("not for us: {}", event.payload),
//! }
//! # Ok(()) }
//! ```
//!
//! Pass the body as it was received: the signature is of its bytes, and JSON that was parsed and
//! written again has others. The [`id`](Event::id) of an event is the same each time it is
//! delivered: keep it to process an event once. Events can arrive late and out of order, so fetch
//! the row before you act on it.
//!
//! # What is known of Pivotal's webhooks
//! The documentation states that they are signed by Svix: the three headers, the form of the secret,
//! the signature (HMAC-SHA256 of ID, time and body) and the tolerance of 300 seconds. [`Verifier`]
//! relies on nothing else. It also states that there are 15 types of events, and that payloads differ
//! from the rows of the API. The names in [`EventType`] and the keys that [`Event::event_type`] and
//! [`Event::row_id`] read are not documented; this project has decided them. These methods return
//! `None` or an unknown type where Pivotal differs, and [`Event::payload`] is what was received.

mod event;
mod secret;
mod verifier;

pub use event::{Event, EventType};
pub use secret::{InvalidSecret, Secret};
pub use verifier::{Verifier, VerifyError};
