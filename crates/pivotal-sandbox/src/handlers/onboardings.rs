//! Onboardings, and what changes with their phase and state.

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{Request, paging, rows};
use crate::{
    clock::iso,
    error::ApiError,
    store::{Kind, Record, Row},
};

/// The phase that an onboarding begins in. Evidence: stated.
const FIRST_PHASE: &str = "before_getting_started";
/// The phase that ends it. Evidence: stated.
pub(crate) const LAST_PHASE: &str = "completed";
/// The state that is also a flag.
pub(crate) const WAITING: &str = "waiting";

/// Lists live onboardings of live customers, newest first, by `customer_id`, `state` and `phase`.
///
/// A `customer_id` may be a display_id, as in paths; one that names no live customer matches
/// nothing. Evidence: stated, the display_id and the unknown customer decided.
pub(super) fn list(request: &mut Request<'_>) -> Result<Bytes, ApiError> {
    let cursor = paging::cursor(request)?;
    let onboardings = request.workspace.table(Kind::Onboarding);
    let rows: Box<dyn Iterator<Item = &Row>> = match request.query.text("customer_id") {
        None => Box::new(onboardings.newest_first(None, cursor)),
        Some(reference) => {
            let customers = request.workspace.table(Kind::Customer);
            let matches = |index: &usize| {
                request.contract.undocumented || customers.row(*index).id == reference
            };
            match customers.find_live(reference).filter(matches) {
                Some(customer) => Box::new(onboardings.newest_first(Some(customer), cursor)),
                None => Box::new(std::iter::empty()),
            }
        }
    };
    let state = request.query.text("state");
    let rows = rows.filter(|row| is_in_state(state, row.record()));
    let applied = ["customer_id", "state"];
    Ok(paging::page(request, Kind::Onboarding, &applied, rows))
}

/// Whether an onboarding is in the state that a list is filtered by: `waiting` means that it waits
/// on the customer, whatever its own state; any other value is its state. Evidence: stated.
pub(crate) fn is_in_state(wanted: Option<&str>, onboarding: &Record) -> bool {
    match wanted {
        None => true,
        Some(WAITING) => onboarding.flag("waiting_on_customer"),
        Some(state) => onboarding.text("state") == Some(state),
    }
}

/// Lists the live onboardings of a live customer, newest first. Evidence: stated.
pub(super) fn list_of_customer(request: &mut Request<'_>) -> Result<Bytes, ApiError> {
    let customer = rows::find(request, Kind::Customer)?;
    let onboardings = request.workspace.table(Kind::Onboarding);
    let onboardings = onboardings.newest_first(Some(customer), None);
    Ok(paging::page(request, Kind::Onboarding, &[], onboardings))
}

/// Creates an onboarding of a live customer, which the body names by ID or by display_id as a
/// string.
///
/// Evidence: stated (404), example (display_id).
pub(super) fn create(request: &mut Request<'_>) -> Result<Bytes, ApiError> {
    let reference = request.body.text("customer_id").unwrap_or_default();
    let customer = rows::find_live(request, Kind::Customer, reference)
        .map_err(|error| error.field("customer_id"))?;
    let before = Record::blank(request.workspace.shape(Kind::Onboarding));
    let mut record = rows::new_record(request, Kind::Onboarding);
    // Evidence: stated.
    let defaults: [(&str, Value); 5] = [
        ("phase", FIRST_PHASE.into()),
        ("state", "active".into()),
        ("reminder_email", true.into()),
        ("reminder_slack", true.into()),
        ("reminder_frequency_days", 1.into()),
    ];
    for (key, value) in defaults {
        if !request.body.fields.contains_key(key) {
            record.set(key, value);
        }
    }
    apply_side_effects(request, &before, &mut record);
    Ok(rows::insert(
        request,
        Kind::Onboarding,
        record,
        Some(customer),
    ))
}

/// Updates the fields in the body, one or several. Phases may be entered in any order. A
/// deleted onboarding is 404 `onboarding_not_found`. Evidence: stated, the order decided; that the
/// last phase is terminal is stated, and decided is that it can be left all the same.
pub(super) fn update(request: &mut Request<'_>) -> Result<Bytes, ApiError> {
    let index = rows::find(request, Kind::Onboarding)?;
    let before = request.workspace.row(Kind::Onboarding, index).record();
    let before = before.clone();
    let mut record = rows::changed_record(request, Kind::Onboarding, index);
    let was_completed = before.text("phase") == Some(LAST_PHASE);
    if was_completed && record.text("phase") != Some(LAST_PHASE) && !request.contract.undocumented {
        let message = format!("The phase {LAST_PHASE} is terminal");
        return Err(ApiError::invalid_request("invalid_enum_value", message).field("phase"));
    }
    apply_side_effects(request, &before, &mut record);
    Ok(rows::update(request, Kind::Onboarding, index, record))
}

/// Updates the fields that depend on phase and state, none of which is documented. `before` is
/// blank for a new onboarding.
fn apply_side_effects(request: &Request<'_>, before: &Record, after: &mut Record) {
    if request.contract.undocumented {
        started_and_completed(after, request.now.time);
        state_and_flag(before, after, &request.body.fields);
        waiting_since(after, request.now.time);
    }
}

/// `started_at` is when the onboarding first left its first phase, and stays. `completed_at` is
/// when it entered its last phase, and is cleared when it leaves that phase. Evidence: inferred
/// (the names), decided (leaving it is allowed).
fn started_and_completed(after: &mut Record, now: Timestamp) {
    if after.text("phase") != Some(FIRST_PHASE) && after.get("started_at").is_null() {
        after.set("started_at", iso(now));
    }
    let completed = after.text("phase") == Some(LAST_PHASE);
    if completed && after.get("completed_at").is_null() {
        after.set("completed_at", iso(now));
    } else if !completed {
        after.set("completed_at", Value::Null);
    }
}

/// The state `waiting` and the flag `waiting_on_customer` go together, as the filter of lists
/// treats them as one. If the body sets one of them, the other follows: entering the state sets the
/// flag, leaving it clears the flag, and clearing the flag makes a waiting onboarding active.
/// Setting the flag does not change the state, so that an onboarding can be at risk and wait. If
/// the body sets both, both are stored as sent.
///
/// Evidence: stated (the filter), decided (the rest).
fn state_and_flag(before: &Record, after: &mut Record, body: &Map<String, Value>) {
    let waiting = after.text("state") == Some(WAITING);
    match (
        body.contains_key("state"),
        body.contains_key("waiting_on_customer"),
    ) {
        (true, false) if waiting => after.set("waiting_on_customer", true),
        (true, false) if before.text("state") == Some(WAITING) => {
            after.set("waiting_on_customer", false);
        }
        (false, true) if waiting && !after.flag("waiting_on_customer") => {
            after.set("state", "active");
        }
        _ => {}
    }
}

/// `waiting_on_customer_since` is when the flag was set, and null while it is not. Evidence:
/// inferred.
fn waiting_since(after: &mut Record, now: Timestamp) {
    if !after.flag("waiting_on_customer") {
        after.set("waiting_on_customer_since", Value::Null);
    } else if after.get("waiting_on_customer_since").is_null() {
        after.set("waiting_on_customer_since", iso(now));
    }
}
