//! The pages that a sandbox serves. They link to each other and need no script.

mod controls;
mod customer;
mod customers;
mod requests;
mod webhooks;

use maud::{Markup, html};

pub use controls::{ArmedFault, Controls};
pub use customer::{Action, Contact, CustomerPage};
pub use customers::{CustomerRow, Customers};
pub use requests::{RequestPage, RequestRow, Requests};
pub use webhooks::{WebhookEvent, Webhooks};

use crate::board::class;
use crate::page::{Page, name, noun, words};

/// A page, and the policy to send with it.
#[derive(Clone, Debug)]
pub struct ServedPage {
    /// The page.
    pub html: String,
    /// The value of the header `Content-Security-Policy`.
    pub policy: String,
}

/// The parts of the sandbox that have pages.
const PARTS: [(&str, &str); 5] = [
    ("/customers", "Customers"),
    ("/onboardings", "Onboardings"),
    ("/requests", "Requests"),
    ("/webhooks", "Webhooks"),
    ("/controls", "Faults and clock"),
];

/// A page of the part with this path.
pub(crate) fn page(part: &str, title: &str, content: &Markup) -> ServedPage {
    let nav = html! {
        nav aria-label="Pages" {
            span.home { "Sandbox" }
            @for (path, label) in PARTS {
                a href=(path) aria-current=[(path == part).then_some("page")] { (label) }
            }
        }
    };
    let page = Page {
        title,
        style: concat!(include_str!("../board.css"), include_str!("sandbox.css")),
        script: "",
        nav: Some(nav),
    };
    let about = html! { "Served by " code { "pivotal sandbox" } ". Its rows are made up, or came through its API." };
    ServedPage {
        policy: format!("{}; frame-ancestors 'none'", page.policy()),
        html: page.render(content, &about),
    }
}

impl ServedPage {
    /// A page that says why there is no other.
    pub fn problem(title: &str, message: &str) -> Self {
        page("", title, &html! { p { (message) } })
    }
}

/// A list to choose one value of, as a field of a form.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The name of the field.
    pub name: &'static str,
    /// What the field is for.
    pub label: &'static str,
    /// What no choice means.
    pub all: &'static str,
    /// The values to choose from.
    pub values: Vec<String>,
    /// What is chosen.
    pub chosen: Option<String>,
}

impl Choice {
    pub(crate) fn field(&self) -> Markup {
        let chosen = self.chosen.as_ref();
        let unlisted = chosen.filter(|chosen| !self.values.contains(chosen));
        html! {
            label {
                (self.label)
                select name=(self.name) {
                    option value="" { (self.all) }
                    @for value in self.values.iter().chain(unlisted) {
                        option value=(value) selected[chosen == Some(value)] { (words(value)) }
                    }
                }
            }
        }
    }
}

/// The part of a list that a page shows, and its neighbours.
#[derive(Clone, Debug, Default)]
pub struct Links {
    /// The number of the first row that is shown; the first of all has 1.
    pub first: usize,
    /// How many rows there are.
    pub total: usize,
    /// The address of the rows before these.
    pub previous: Option<String>,
    /// The address of the rows after these.
    pub next: Option<String>,
}

impl Links {
    /// What `shown` rows are of all; `one` is the noun for one.
    fn count(&self, shown: usize, one: &str) -> Markup {
        let last = self.first + shown.saturating_sub(1);
        html! {
            p.muted role="status" {
                @if shown == 0 { "No " (noun(0, one)) } @else {
                    (self.first) "–" (last) " of " (self.total) " " (noun(self.total, one))
                }
            }
        }
    }

    fn nav(&self) -> Markup {
        html! {
            @if self.previous.is_some() || self.next.is_some() {
                nav.paging aria-label="More rows" {
                    @if let Some(previous) = &self.previous { a rel="prev" href=(previous) { "← Previous" } }
                    @if let Some(next) = &self.next { a rel="next" href=(next) { "Next →" } }
                }
            }
        }
    }
}

/// Why the last form was not carried out, and why there are no forms.
fn notices(refused: Option<&str>, read_only: Option<&str>) -> Markup {
    html! {
        @if let Some(refused) = refused { p.alarm role="alert" { bdi { (refused) } } }
        @if let Some(why) = read_only { p.muted { (why) } }
    }
}

/// The word of a status or state, in its colour.
fn status(word: &str) -> Markup {
    let class = match word {
        "onboarding" | "pending" => "waiting",
        "churned" => "paused",
        "accepted" => "active",
        "given_up" => "at-risk",
        word => class(word),
    };
    html! { span.state.(class) { (words(word)) } }
}

/// A time of the API in UTC, to the second.
fn time(at: &str) -> Markup {
    html! { time datetime=(at) { (at.get(..19).unwrap_or(at).replace('T', " ")) } }
}

fn or_none(value: Option<&str>) -> Markup {
    html! { @if let Some(value) = value { (name(value)) } @else { span.muted { "–" } } }
}
