//! The calls of the admin API.

use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{SentEvent, WebhookError};
use crate::{
    admin::{Reply, parse},
    clock::iso,
    error::ApiError,
    response::json as to_json,
    state::Shared,
};

/// Why an event is not sent again.
pub(crate) const NOT_RESENT: &str = "There is no such event, or too many wait.";

impl From<WebhookError> for ApiError {
    fn from(error: WebhookError) -> Self {
        Self::invalid_request("invalid_body", error.to_string())
    }
}

/// Lists the events, or sets where they are sent: `{"url": "http://127.0.0.1:8788/", "secret":
/// "whsec_…"}`, null for nowhere. The secret is in no response.
pub(crate) fn webhooks(shared: &Shared, method: &Method, body: &[u8]) -> Reply {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Set {
        url: Option<String>,
        secret: Option<String>,
    }
    let webhooks = &shared.webhooks;
    if method == Method::POST {
        let Set { url, secret } = parse(body)?;
        webhooks.set(url.as_deref(), secret.as_deref())?;
    }
    Ok(Some(to_json(&json!({
        "url": webhooks.url(),
        "dropped": webhooks.dropped(),
        "events": webhooks.events().iter().map(shown).collect::<Vec<_>>(),
    }))))
}

fn shown(event: &SentEvent) -> Value {
    let attempts = event.attempts.iter().map(|attempt| {
        json!({
            "at": iso(attempt.at),
            "seconds": attempt.took.as_secs_f64(),
            "status": attempt.status,
            "answer": attempt.answer,
        })
    });
    json!({
        "id": event.id,
        "type": event.event_type,
        "payload": serde_json::from_slice::<Value>(&event.body).unwrap_or_default(),
        "state": event.state.name(),
        "attempts": attempts.collect::<Vec<_>>(),
    })
}

/// Sends an event: `{"type": "customer.created", "data": {"id": "…"}}`.
pub(crate) fn trigger(shared: &Shared, _: &Method, body: &[u8]) -> Reply {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Trigger {
        #[serde(rename = "type")]
        event_type: String,
        #[serde(default)]
        data: Value,
    }
    let Trigger { event_type, data } = parse(body)?;
    let id = shared.webhooks.trigger(&event_type, &data)?;
    Ok(Some(to_json(&json!({ "id": id }))))
}

/// Sends an event again: `{"id": "msg_…"}`.
pub(crate) fn resend(shared: &Shared, _: &Method, body: &[u8]) -> Reply {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Resend {
        id: String,
    }
    let Resend { id } = parse(body)?;
    if !shared.webhooks.resend(&id) {
        return Err(ApiError::not_found("event_not_found", NOT_RESENT));
    }
    Ok(Some(to_json(&json!({ "id": id }))))
}
