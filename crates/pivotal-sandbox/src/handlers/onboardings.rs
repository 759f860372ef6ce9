//! Onboardings.

use bytes::Bytes;
use serde_json::Value;

use super::{Call, paging, phase, rows};
use crate::{
    error::ApiError,
    store::{Kind, Record, Row},
};

/// What a new onboarding has when the body does not say. Evidence: stated.
fn defaults() -> [(&'static str, Value); 5] {
    [
        ("phase", phase::FIRST.into()),
        ("state", "active".into()),
        ("reminder_email", true.into()),
        ("reminder_slack", true.into()),
        ("reminder_frequency_days", 1.into()),
    ]
}

/// Lists live onboardings of live customers, newest first, by `customer_id`, `state` and `phase`.
///
/// A `customer_id` may be a display_id, as everywhere; one that names no live customer matches
/// nothing. Evidence: stated, the unknown customer decided.
pub(super) fn list(call: &mut Call<'_>) -> Result<Bytes, ApiError> {
    let cursor = paging::cursor(call)?;
    let onboardings = &call.workspace.onboardings;
    let rows: Box<dyn Iterator<Item = &Row>> = match call.query.text("customer_id") {
        None => Box::new(onboardings.newest_first(cursor)),
        Some(reference) => match call.workspace.customers.find_live(reference) {
            Some(customer) => Box::new(onboardings.newest_first_of(customer, cursor)),
            None => Box::new(std::iter::empty()),
        },
    };
    let filter = paging::Filter::of(call, Kind::Onboarding, &["customer_id", "state"]);
    let state = call.query.text("state");
    let wanted = rows.filter(|row| {
        call.workspace.is_listed(row) && is_in_state(state, row.record()) && filter.takes(row)
    });
    Ok(paging::page(call, wanted))
}

/// Whether an onboarding is in the state that a list is filtered by: `waiting` means that it waits
/// on the customer, whatever its own state; any other value is its state. Evidence: stated.
fn is_in_state(wanted: Option<&str>, onboarding: &Record) -> bool {
    match wanted {
        None => true,
        Some(phase::WAITING) => onboarding.flag("waiting_on_customer"),
        Some(state) => onboarding.text("state") == Some(state),
    }
}

/// Lists the live onboardings of a live customer, newest first, in one envelope. Evidence: stated.
pub(super) fn list_of_customer(call: &mut Call<'_>) -> Result<Bytes, ApiError> {
    let customer = rows::find(call, Kind::Customer)?;
    let onboardings = call.workspace.onboardings.newest_first_of(customer, None);
    Ok(paging::everything(
        onboardings.filter(|row| call.workspace.is_listed(row)),
    ))
}

/// Creates an onboarding of a live customer, which the body names by id or by display_id as a
/// string.
///
/// Evidence: stated (404), example (display_id).
pub(super) fn create(call: &mut Call<'_>) -> Result<Bytes, ApiError> {
    let reference = call.body.text("customer_id").unwrap_or_default();
    let customer = call
        .workspace
        .customers
        .find_live(reference)
        .ok_or_else(|| rows::not_found(Kind::Customer, reference).field("customer_id"))?;
    let before = Record::blank(call.workspace.shape(Kind::Onboarding));
    let mut record = rows::new_record(call, Kind::Onboarding);
    for (key, value) in defaults() {
        if !call.body.fields.contains_key(key) {
            record.set(key, value);
        }
    }
    phase::apply_side_effects(&before, &mut record, &call.body.fields, call.now.time);
    let place = call
        .workspace
        .insert(Kind::Onboarding, record, Some(customer), call.now);
    Ok(rows::answer(call, Kind::Onboarding, place))
}

/// Reads an onboarding; that of a deleted customer can still be read. Evidence: stated (it
/// survives).
pub(super) fn get(call: &mut Call<'_>) -> Result<Bytes, ApiError> {
    let place = rows::find(call, Kind::Onboarding)?;
    Ok(rows::answer(call, Kind::Onboarding, place))
}

/// Changes what the body names; one call may change several. Phases may be entered in any order. A
/// deleted onboarding is 404 `onboarding_not_found`. Evidence: stated, the order decided.
pub(super) fn update(call: &mut Call<'_>) -> Result<Bytes, ApiError> {
    let place = rows::find(call, Kind::Onboarding)?;
    let before = call.workspace.onboardings.row(place).record().clone();
    let mut record = rows::changed_record(call, Kind::Onboarding, place);
    phase::apply_side_effects(&before, &mut record, &call.body.fields, call.now.time);
    call.workspace
        .update(Kind::Onboarding, place, record, call.now);
    Ok(rows::answer(call, Kind::Onboarding, place))
}

/// Deletes an onboarding. Evidence: stated.
pub(super) fn delete(call: &mut Call<'_>) -> Result<Bytes, ApiError> {
    rows::delete(call, Kind::Onboarding).map(|(_, answer)| answer)
}
