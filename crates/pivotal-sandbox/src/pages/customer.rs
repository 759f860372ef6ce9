//! A customer.

use pivotal_views::{Action, Contact, CustomerPage};

use super::{
    PAGE,
    customers::{self, Domains},
    onboardings,
    text::{printable, shown, value},
};
use crate::{
    clock::iso,
    keys::KEY_NAME,
    state::Shared,
    store::{ActivityEntry, Kind, Row, Verb, Workspace},
};

/// The customer at an address, `1` or `1-aurora`. The number alone decides, so that an address is
/// valid after the slug has changed.
pub(super) fn view(shared: &Shared, address: &str) -> Option<CustomerPage> {
    let number = address.split('-').next().unwrap_or_default();
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let state = shared.lock();
    let now = state.clock.now();
    let workspace = &state.workspaces[0];
    let table = workspace.table(Kind::Customer);
    let index = table
        .find_live(number)
        .filter(|_| is_number && !address.contains('/'))?;
    let row = table.row(index);
    let record = row.record();

    let mut notes = Vec::new();
    let mut first = |rows: &mut Vec<&Row>, noun| {
        if rows.len() > PAGE {
            notes.push(format!("{PAGE} of {} {noun} are listed.", rows.len()));
            rows.truncate(PAGE);
        }
    };
    let mut contacts = rows_of(workspace, Kind::Contact, index);
    contacts.sort_by_key(|contact| !contact.record().flag("is_primary"));
    first(&mut contacts, "contacts");
    let mut onboardings = rows_of(workspace, Kind::Onboarding, index);
    first(&mut onboardings, "onboardings");
    let onboarding = |row: &Row| {
        let phase = row.record().text("phase").unwrap_or_default();
        (shown(phase), onboardings::card(workspace, row, now))
    };
    let activity = workspace.activity.of(index).take(PAGE);
    Some(CustomerPage {
        customer: customers::row(row, &Domains::count(workspace)),
        fields: record
            .fields()
            .map(|(key, field)| (shown(key), value(field)))
            .collect(),
        contacts: contacts.into_iter().map(contact).collect(),
        onboardings: onboardings.into_iter().map(onboarding).collect(),
        activity: activity.map(action).collect(),
        notes,
    })
}

/// The rows of a customer, newest first.
fn rows_of(workspace: &Workspace, kind: Kind, customer: usize) -> Vec<&Row> {
    let rows = workspace.table(kind).newest_first(Some(customer), None);
    rows.filter(|row| !row.deleted).collect()
}

fn contact(row: &Row) -> Contact {
    let record = row.record();
    let labels = record.get("labels").as_array();
    Contact {
        number: row.display_id,
        name: shown(record.text("name").unwrap_or_default()),
        email: shown(record.text("email").unwrap_or_default()),
        title: value(record.get("title")),
        primary: record.flag("is_primary"),
        labels: labels
            .into_iter()
            .flatten()
            .take(PAGE)
            .filter_map(value)
            .collect(),
    }
}

fn action(entry: &ActivityEntry) -> Action {
    let number = entry.display_id;
    let noun = match entry.kind {
        Kind::Customer => "the customer".to_owned(),
        Kind::Contact => format!("contact #{number}"),
        Kind::Onboarding => format!("onboarding #{number}"),
    };
    Action {
        at: iso(entry.at),
        who: format!("API: {KEY_NAME} ({}…)", printable(&entry.key, false)),
        what: match &entry.verb {
            Verb::Created => format!("Created {noun}"),
            Verb::Updated(changes) if changes.is_empty() => {
                format!("Saved {noun} without a change")
            }
            Verb::Updated(changes) => format!("Changed {noun}: {}", shown(&changes.join(", "))),
            Verb::Deleted => format!("Deleted {noun}"),
        },
    }
}
