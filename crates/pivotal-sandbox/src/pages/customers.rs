//! The list of customers.

use std::collections::{BTreeSet, HashMap};

use pivotal_views::{CustomerRow, Customers};
use serde_json::Value;

use super::text::{Fields, customer_link, plain, query_of, shown, value};
use crate::{
    clock::iso,
    state::Shared,
    store::{Kind, Row, Workspace},
};

pub(super) fn list(shared: &Shared, query: &Fields) -> Customers {
    let state = shared.lock();
    let workspace = &state.workspaces[0];
    let search = query.get("search").unwrap_or_default().to_lowercase();
    let filters = ["status", "plan"].map(|key| (key, query.get(key)));
    let after = query.number("after");
    let (mut rows, mut skipped) = (Vec::new(), 0);
    for row in workspace.table(Kind::Customer).newest_first(None, None) {
        if workspace.is_listed(row) && matches(row, &search, filters) {
            rows.push(row);
        }
        // It may be deleted, or no longer be what is filtered by.
        if after == Some(row.display_id) {
            skipped = rows.len();
        }
    }
    let numbers: Vec<_> = rows.iter().map(|row| row.display_id).collect();
    let (page, links) = query.page(
        "/customers",
        &["search", "status", "plan"],
        &numbers,
        skipped,
    );
    let domains = Domains::count(workspace);
    let choice = |name, label| {
        let values = listed(workspace).filter_map(|row| row.record().text(name));
        query.choice(name, label, "All", values.collect::<BTreeSet<_>>())
    };
    Customers {
        search: shown(query.get("search").unwrap_or_default()),
        choices: vec![choice("status", "Status"), choice("plan", "Plan")],
        rows: rows[page]
            .iter()
            .map(|row| self::row(row, &domains))
            .collect(),
        links,
    }
}

fn listed(workspace: &Workspace) -> impl Iterator<Item = &Row> {
    let rows = workspace.table(Kind::Customer).newest_first(None, None);
    rows.filter(|row| workspace.is_listed(row))
}

fn matches(row: &Row, search: &str, filters: [(&str, Option<&str>); 2]) -> bool {
    let record = row.record();
    let contains = |key| {
        let text = record.text(key).map(str::to_lowercase);
        text.is_some_and(|text| text.contains(search))
    };
    let mut filters = filters.iter();
    (search.is_empty() || ["name", "slug", "domain"].into_iter().any(contains))
        && filters.all(|(key, wanted)| wanted.is_none() || record.text(key) == *wanted)
}

/// A customer as in the list.
pub(super) fn row(row: &Row, domains: &Domains) -> CustomerRow {
    let record = row.record();
    CustomerRow {
        number: row.display_id,
        name: shown(record.text("name").unwrap_or_default()),
        link: customer_link(row.display_id, record.text("slug")),
        domain: value(record.get("domain")),
        same_domain: domains.of(row),
        status: shown(record.text("status").unwrap_or_default()),
        plan: value(record.get("plan")),
        mrr: amount(record.get("mrr")),
        created: iso(row.created_at)[..10].to_owned(),
    }
}

/// An amount in cents as `2,400.00`.
fn amount(cents: &Value) -> Option<String> {
    let cents = cents.as_u64()?;
    let units = (cents / 100).to_string();
    let mut grouped = String::new();
    for (index, digit) in units.chars().enumerate() {
        if index > 0 && (units.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    Some(format!("{grouped}.{:02}", cents % 100))
}

/// How many customers have each domain.
pub(super) struct Domains(HashMap<String, usize>);

impl Domains {
    pub(super) fn count(workspace: &Workspace) -> Self {
        let mut counts = HashMap::new();
        for domain in listed(workspace).filter_map(domain) {
            *counts.entry(domain).or_default() += 1;
        }
        Self(counts)
    }

    /// How many customers have the domain of this one, and the address of their list; `None` if no
    /// other has, or it cannot be shown as it is.
    pub(super) fn of(&self, row: &Row) -> Option<(usize, String)> {
        let domain = domain(row)?;
        let count = *self.0.get(&domain)?;
        let domain = plain(&domain)?;
        let mut link = query_of("/customers");
        link.append_pair("search", &domain);
        (count > 1).then(|| (count, link.finish()))
    }
}

/// The domain of a customer, without what does not make it another one.
fn domain(row: &Row) -> Option<String> {
    let domain = row.record().text("domain")?.trim().trim_end_matches('.');
    let domain = domain.to_lowercase();
    let domain = domain.strip_prefix("www.").unwrap_or(&domain);
    (!domain.is_empty()).then(|| domain.to_owned())
}
