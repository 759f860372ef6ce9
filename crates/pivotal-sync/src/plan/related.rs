//! The contacts and the onboarding of a record, compared with the mirror.

use std::collections::BTreeSet;

use rusqlite::{OptionalExtension, params};

use super::new_plan::{Decision, EXISTS, NewPlan};
use crate::config::{Mode, contacts, onboarding};
use crate::error::{Result, shortened};
use crate::field::{Values, differing, json, object, text_of};
use crate::kind::Kind;
use crate::state::outcomes::is_opened;
use crate::state::rows::{onboardings_of, with_email};
use crate::state::{Action, NewItem};

/// Adds the contacts of a record, whose customer an item is about.
pub(super) fn add_contacts(plan: &mut NewPlan<'_>, customer: &NewItem<'_>) -> Result<()> {
    let Some(options) = &plan.config.contacts else {
        return Ok(());
    };
    let of_customer = NewItem {
        id: None,
        kind: Kind::Contact,
        ..customer.clone()
    };
    let contacts = match contacts(options, &object(customer.raw)) {
        Ok(contacts) => contacts,
        Err(problem) => return plan.add(Decision::Not(Action::Invalid, problem), &of_customer),
    };
    let mut seen = BTreeSet::new();
    for (values, problem) in contacts {
        let email = text_of(&values, "email").unwrap_or_default().to_owned();
        let found = match customer.customer {
            Some(id) if !email.is_empty() => with_email(plan.transaction, id, &email)?,
            _ => Vec::new(),
        };
        let name = text_of(&values, "email").or_else(|| text_of(&values, "name"));
        let label = format!("{} of {}", name.unwrap_or("a contact"), customer.label);
        let item = NewItem {
            id: found.first().and_then(|row| text_of(row, "id")),
            label: &shortened(&label),
            key: &format!("email={email}"),
            ..of_customer.clone()
        };
        let decision = match problem {
            Some(problem) => Decision::Not(Action::Invalid, problem),
            None if !email.is_empty() && !seen.insert(email) => {
                let reason = "the record has this address twice";
                Decision::not(
                    Action::Conflict,
                    "duplicate_in_source",
                    Some("email"),
                    reason,
                )
            }
            None => decide_contact(plan, values, &found)?,
        };
        plan.add(decision, &item)?;
    }
    Ok(())
}

/// Adds the onboarding of a record with a closed-won deal, unless the customer has one, or a run
/// has opened one for the deal.
pub(super) fn add_onboarding(plan: &mut NewPlan<'_>, customer: &NewItem<'_>) -> Result<()> {
    let options = plan.config.onboarding.as_ref();
    let Some(found) = options.and_then(|options| onboarding(options, &object(customer.raw))) else {
        return Ok(());
    };
    let item = NewItem {
        id: None,
        kind: Kind::Onboarding,
        key: &found.deal,
        ..customer.clone()
    };
    let has_one = match customer.customer {
        Some(id) => !onboardings_of(plan.transaction, id)?.is_empty(),
        None => false,
    };
    let decision = if has_one || is_opened(plan.transaction, &found.deal)? {
        Decision::Unchanged
    } else if let Some(problem) = found.problem {
        Decision::Not(Action::Invalid, problem)
    } else if plan.config.sync.mode == Mode::Update {
        let reason = "the customer has no onboarding, and the mode is update";
        Decision::not(Action::Skipped, "not_found", None, reason)
    } else if let Some(other) = other_record(plan, &found.deal)? {
        let reason = format!("{other} has the same {}", found.deal);
        Decision::not(Action::Skipped, "duplicate_in_source", None, reason)
    } else {
        Decision::Do(Action::Create, None, json(&found.values))
    };
    plan.add(decision, &item)
}

/// The place of another record for whose deal the plan opens an onboarding.
fn other_record(plan: &NewPlan<'_>, deal: &str) -> Result<Option<String>> {
    let mut statement = plan.transaction.prepare_cached(
        "SELECT place FROM plans INDEXED BY plans_deal
         WHERE run = ? AND key = ? AND kind = 'onboarding' LIMIT 1",
    )?;
    let place = statement.query_row(params![plan.run, deal], |row| row.get(0));
    Ok(place.optional()?)
}

fn decide_contact(plan: &NewPlan<'_>, mut wanted: Values, found: &[Values]) -> Result<Decision> {
    let mode = plan.config.sync.mode;
    let Some(email) = text_of(&wanted, "email").map(str::to_owned) else {
        let reason = "without an address a contact is not recognized again";
        let decision = Decision::not(Action::Skipped, "no_email", Some("email"), reason);
        return Ok(decision);
    };
    Ok(match found {
        [] if mode == Mode::Update => {
            let reason = "there is no such contact, and the mode is update";
            Decision::not(Action::Skipped, "not_found", None, reason)
        }
        [] => {
            wanted.retain(|_, value| !value.is_null());
            wanted.entry("name").or_insert(email.into());
            Decision::Do(Action::Create, None, json(&wanted))
        }
        [contact] => {
            wanted.remove("email");
            let differing = differing(contact, &wanted);
            if differing.is_empty() {
                Decision::Unchanged
            } else if mode == Mode::Create {
                let reason = "the contact exists, and the mode is create";
                Decision::not(Action::Skipped, EXISTS, None, reason)
            } else {
                plan.update(contact, &differing)?
            }
        }
        _ => {
            let reason = "the customer has several contacts with this address";
            Decision::not(Action::Conflict, "ambiguous_match", Some("email"), reason)
        }
    })
}
