//! The webhooks that a sandbox sends.

use maud::{Markup, html};

use super::{ServedPage, notices, page, status, time};
use crate::page::noun;

/// The newest events.
#[derive(Clone, Debug)]
pub struct Webhooks {
    /// Where they are sent.
    pub url: Option<String>,
    /// The newest events.
    pub events: Vec<WebhookEvent>,
    /// How many there are, those that are not shown included.
    pub total: usize,
    /// How many were dropped, because too many waited.
    pub dropped: u64,
    /// Why none can be sent again here; `None` if it can.
    pub read_only: Option<&'static str>,
    /// Why the last one was not sent again.
    pub refused: Option<String>,
}

/// An event and its attempts.
#[derive(Clone, Debug)]
pub struct WebhookEvent {
    /// The value of `svix-id`.
    pub id: String,
    /// The type, such as `customer.created`.
    pub event_type: String,
    /// `pending`, `accepted` or `given_up`.
    pub state: &'static str,
    /// The payload.
    pub payload: String,
    /// The last attempts, the newest first: when, and the status and the answer, or why there was none.
    pub attempts: Vec<(String, String)>,
}

impl Webhooks {
    /// The events as a page.
    pub fn page(&self) -> ServedPage {
        let content = html! {
            (notices(self.refused.as_deref(), self.read_only))
            p {
                @match &self.url {
                    Some(url) => { "Sent to " code { (url) } },
                    None => span.muted { "No URL is set: start the sandbox with --webhook URL." },
                }
            }
            p.muted role="status" {
                @if self.events.is_empty() { "No events" } @else {
                    (self.events.len()) " of " (self.total) " " (noun(self.total, "event")) ", the newest first"
                }
                @if self.dropped > 0 { "; " (self.dropped) " were dropped, because too many waited" }
            }
            @if !self.events.is_empty() {
                table.rows aria-label="Events" {
                    thead {
                        tr {
                            th scope="col" { "Event" }
                            th.half scope="col" { "Deliveries" }
                        }
                    }
                    tbody { @for event in &self.events { (self.row(event)) } }
                }
            }
        };
        page("/webhooks", "Webhooks", &content)
    }

    fn row(&self, event: &WebhookEvent) -> Markup {
        let attempt =
            |(at, answer): &(String, String)| html! { p { (time(at)) " UTC: " bdi { (answer) } } };
        html! {
            tr {
                th scope="row" {
                    bdi { (event.event_type) } br; span.muted { (event.id) }
                    details { summary { "Payload" } pre tabindex="0" { code { (event.payload) } } }
                }
                td {
                    p { (status(event.state)) }
                    @if let [newest, earlier @ ..] = event.attempts.as_slice() {
                        (attempt(newest))
                        @if !earlier.is_empty() {
                            details {
                                summary { (earlier.len()) " earlier" }
                                @for earlier in earlier { (attempt(earlier)) }
                            }
                        }
                    }
                    @if self.read_only.is_none() {
                        form method="post" action="/webhooks" {
                            button name="resend" value=(event.id) aria-label={ "Send " (event.id) " again" } { "Send again" }
                        }
                    }
                }
            }
        }
    }
}
