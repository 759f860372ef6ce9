//! The journal of requests.

use maud::{Markup, html};

use super::{Choice, Links, ServedPage, page, time};
use crate::page::section;

/// Requests, those of one page of the journal, the newest first.
#[derive(Clone, Debug)]
pub struct Requests {
    /// What the list is filtered by.
    pub show: Choice,
    /// The rows of this page.
    pub rows: Vec<RequestRow>,
    /// Where the other rows are.
    pub links: Links,
}

/// A request.
#[derive(Clone, Debug)]
pub struct RequestRow {
    /// Its number in the journal.
    pub number: u64,
    /// When it arrived, such as `2026-05-26T17:21:09.412Z`.
    pub at: String,
    /// The method.
    pub method: String,
    /// The path and query.
    pub target: String,
    /// The status of the response; `None` while there is none.
    pub status: Option<u16>,
    /// How long the response took, such as `0.3 ms`.
    pub took: Option<String>,
    /// Whether the response was that of an earlier request with the same idempotency key.
    pub replayed: bool,
    /// The fault that met it.
    pub fault: Option<String>,
}

/// A request with its head and body.
#[derive(Clone, Debug)]
pub struct RequestPage {
    /// The request.
    pub request: RequestRow,
    /// The operation of the contract.
    pub operation: Option<String>,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body as text.
    pub body: String,
    /// What is not shown of it.
    pub note: Option<String>,
}

impl Requests {
    /// The journal as a page.
    pub fn page(&self) -> ServedPage {
        let content = html! {
            form.filters role="search" aria-label="Filter the requests" {
                (self.show.field())
                button { "Show" }
                a href="/requests" { "Newest" }
            }
            (self.links.count(self.rows.len(), "request"))
            @if !self.rows.is_empty() {
                table.rows aria-label="Requests" {
                    thead {
                        tr {
                            th scope="col" { "Request" }
                            th.number.narrow scope="col" { "Status" }
                            th.number.narrow.wide scope="col" { "Duration" }
                            th.notes scope="col" { "Notes" }
                            th.time.wide scope="col" { "Time (UTC)" }
                        }
                    }
                    tbody {
                        @for row in &self.rows {
                            tr {
                                th scope="row" {
                                    a href={ "/requests/" (row.number) } { (row.method) " " bdi { (row.target) } }
                                }
                                td.number { (row.status()) }
                                td.number.wide { (row.took.as_deref().unwrap_or("–")) }
                                td { (row.notes()) }
                                td.wide { (time(&row.at)) }
                            }
                        }
                    }
                }
            }
            (self.links.nav())
        };
        page("/requests", "Requests", &content)
    }
}

impl RequestRow {
    fn status(&self) -> Markup {
        html! {
            @match self.status {
                Some(status) => span.alarm[status >= 400] { (status) },
                None => span.muted { "Running" },
            }
        }
    }

    fn notes(&self) -> Markup {
        html! {
            @if self.replayed { span.badge { "Replayed" } " " }
            @if let Some(fault) = &self.fault { span.badge.fault { "Fault " bdi { (fault) } } }
        }
    }
}

impl RequestPage {
    /// The request as a page.
    pub fn page(&self) -> ServedPage {
        let request = &self.request;
        let title = format!("{} {}", request.method, request.target);
        let content = html! {
            p { "Status " (request.status()) " " (request.notes()) }
            ul.facts {
                li { (time(&request.at)) " UTC" }
                @if let Some(took) = &request.took { li { "Took " (took) } }
                li { "Operation " code { (self.operation.as_deref().unwrap_or("none")) } }
            }
            (section("body", "Body", &html! {
                @if self.body.is_empty() { p.muted { "None" } } @else { pre tabindex="0" { code { (self.body) } } }
                @if let Some(note) = &self.note { p.muted { (note) } }
            }))
            (section("headers", "Headers", &html! {
                table.rows aria-labelledby="headers" {
                    tbody {
                        @for (key, value) in &self.headers {
                            tr { th.key-name scope="row" { code { (key) } } td { bdi { (value) } } }
                        }
                    }
                }
            }))
            p { a href="/requests" { "All requests" } }
        };
        page("/requests", &title, &content)
    }
}
