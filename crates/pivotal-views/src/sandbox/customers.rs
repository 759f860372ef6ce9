//! The list of customers.

use maud::{Markup, html};

use super::{Choice, Links, ServedPage, or_none, page, status};
use crate::page::name;

/// Customers, those of one page of the list.
#[derive(Clone, Debug)]
pub struct Customers {
    /// What is searched for.
    pub search: String,
    /// What else the list is filtered by.
    pub choices: Vec<Choice>,
    /// The rows of this page.
    pub rows: Vec<CustomerRow>,
    /// Where the other rows are.
    pub links: Links,
}

/// A customer in the list.
#[derive(Clone, Debug)]
pub struct CustomerRow {
    /// The number shown in the app.
    pub number: u64,
    /// Its name.
    pub name: String,
    /// The address of its page.
    pub link: String,
    /// Its domain.
    pub domain: Option<String>,
    /// How many customers have this domain, and the address of their list; `None` if it is the only
    /// one.
    pub same_domain: Option<(usize, String)>,
    /// The word of the API, such as `at_risk`.
    pub status: String,
    /// Its plan.
    pub plan: Option<String>,
    /// Its monthly recurring revenue, such as `2,400.00`.
    pub mrr: Option<String>,
    /// The day on which it was created.
    pub created: String,
}

impl Customers {
    /// The list as a page.
    pub fn page(&self) -> ServedPage {
        let content = html! {
            form.filters role="search" aria-label="Filter the customers" {
                label {
                    "Name, slug or domain"
                    input type="search" name="search" value=(self.search);
                }
                @for choice in &self.choices { (choice.field()) }
                button { "Show" }
                a href="/customers" { "Show all" }
            }
            (self.links.count(self.rows.len(), "customer"))
            @if !self.rows.is_empty() {
                table.rows aria-label="Customers" {
                    thead {
                        tr {
                            th scope="col" { "Customer" }
                            th.narrow scope="col" { "Status" }
                            th.narrow scope="col" { "Plan" }
                            th.number.narrow.wide scope="col" { "MRR" }
                            th.narrow.wide scope="col" { "Created" }
                        }
                    }
                    tbody { @for row in &self.rows { (row.row()) } }
                }
            }
            (self.links.nav())
        };
        page("/customers", "Customers", &content)
    }
}

impl CustomerRow {
    fn row(&self) -> Markup {
        html! {
            tr {
                th scope="row" {
                    a href=(self.link) { (name(&self.name)) } " " span.muted { "#" (self.number) }
                    @if let Some(domain) = &self.domain {
                        br; span.muted { (name(domain)) }
                    }
                    (self.badge())
                }
                td { (status(&self.status)) }
                td { (or_none(self.plan.as_deref())) }
                td.number.wide { (or_none(self.mrr.as_deref())) }
                td.wide { time datetime=(self.created) { (self.created) } }
            }
        }
    }

    /// Says how many customers have its domain, and leads to them.
    pub(super) fn badge(&self) -> Markup {
        html! {
            @if let Some((count, link)) = &self.same_domain {
                " " a.badge href=(link) { (count) " with this domain" }
            }
        }
    }
}
