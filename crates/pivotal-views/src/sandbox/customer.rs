//! A customer.

use maud::{Markup, html};

use super::{CustomerRow, ServedPage, or_none, page, status, time};
use crate::board::{Card, in_days};
use crate::page::{name, section, words};

/// A customer with what belongs to it.
#[derive(Clone, Debug)]
pub struct CustomerPage {
    /// The customer as in the list.
    pub customer: CustomerRow,
    /// The fields by the names of the API.
    pub fields: Vec<(String, Option<String>)>,
    /// Its contacts, the primary ones first.
    pub contacts: Vec<Contact>,
    /// Its onboardings, the newest first, each with its phase as the API writes it.
    pub onboardings: Vec<(String, Card)>,
    /// What was done with it, the newest first.
    pub activity: Vec<Action>,
    /// What the page does not show.
    pub notes: Vec<String>,
}

/// A contact.
#[derive(Clone, Debug)]
pub struct Contact {
    /// The number of the API.
    pub number: u64,
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
    /// What the person does.
    pub title: Option<String>,
    /// Whether it is the one to write to.
    pub primary: bool,
    /// The labels.
    pub labels: Vec<String>,
}

/// Something that was done.
#[derive(Clone, Debug)]
pub struct Action {
    /// When, such as `2026-05-26T17:21:09.412Z`.
    pub at: String,
    /// Who did it, such as `API: Sandbox key`.
    pub who: String,
    /// What was done, such as `Changed contact #3: title`.
    pub what: String,
}

impl CustomerPage {
    /// The customer as a page.
    pub fn page(&self) -> ServedPage {
        let content = html! {
            p { (status(&self.customer.status)) " " span.muted { "#" (self.customer.number) } (self.customer.badge()) }
            @for note in &self.notes { p.muted { (note) } }
            div.columns {
                (self.fields())
                div {
                    (self.contacts())
                    (self.onboardings())
                    (self.activity())
                }
            }
        };
        page("/customers", &self.customer.name, &content)
    }

    fn fields(&self) -> Markup {
        let content = html! {
            table.rows aria-labelledby="fields" {
                tbody {
                    @for (key, value) in &self.fields {
                        tr { th.key-name scope="row" { code { (key) } } td { (or_none(value.as_deref())) } }
                    }
                }
            }
        };
        section("fields", "Fields", &content)
    }

    fn contacts(&self) -> Markup {
        let content = html! {
            @if self.contacts.is_empty() { p.muted { "None" } } @else {
                table.rows aria-labelledby="contacts" {
                    thead { tr { th.half scope="col" { "Contact" } th scope="col" { "Title" } th scope="col" { "Labels" } } }
                    tbody {
                        @for contact in &self.contacts {
                            tr {
                                th scope="row" {
                                    (name(&contact.name)) " " span.muted { "#" (contact.number) }
                                    @if contact.primary { " " span.badge { "Primary" } }
                                    br; span.muted { (name(&contact.email)) }
                                }
                                td { (or_none(contact.title.as_deref())) }
                                td { (or_none(Some(contact.labels.join(", ").as_str()).filter(|labels| !labels.is_empty()))) }
                            }
                        }
                    }
                }
            }
        };
        section("contacts", "Contacts", &content)
    }

    fn onboardings(&self) -> Markup {
        let content = html! {
            @if self.onboardings.is_empty() { p.muted { "None" } } @else {
                table.rows aria-labelledby="onboardings" {
                    thead { tr { th.half scope="col" { "Onboarding" } th scope="col" { "State" } th scope="col" { "Launch" } } }
                    tbody {
                        @for (phase, onboarding) in &self.onboardings {
                            tr {
                                th scope="row" { (words(phase)) " " span.muted { "#" (onboarding.number) } }
                                td {
                                    (status(&onboarding.state))
                                    @if let Some(days) = onboarding.waiting_days {
                                        br; "Waiting on the customer for " (in_days(days))
                                    }
                                }
                                td.alarm[onboarding.overdue_days.is_some()] {
                                    (or_none(onboarding.launch.as_deref()))
                                    @if let Some(days) = onboarding.overdue_days { ", overdue by " (in_days(days)) }
                                }
                            }
                        }
                    }
                }
            }
        };
        section("onboardings", "Onboardings", &content)
    }

    fn activity(&self) -> Markup {
        let content = html! {
            @if self.activity.is_empty() { p.muted { "None" } }
            ol.activity {
                @for action in &self.activity {
                    li {
                        bdi { (action.what) }
                        br; span.muted { (name(&action.who)) " · " (time(&action.at)) " UTC" }
                    }
                }
            }
        };
        section("activity", "Activity", &content)
    }
}
