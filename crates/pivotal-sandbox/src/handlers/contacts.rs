//! Contacts.

use bytes::Bytes;

use super::{Call, email, paging, rows};
use crate::{error::ApiError, store::Kind};

/// Lists the live contacts of a live customer, newest first. Evidence: stated (envelope), decided
/// (paged).
pub(super) fn list(call: &mut Call<'_>) -> Result<Bytes, ApiError> {
    let cursor = paging::cursor(call)?;
    let customer = rows::find(call, Kind::Customer)?;
    let contacts = call.workspace.contacts.newest_first_of(customer, cursor);
    let filter = paging::Filter::of(call, Kind::Contact, &[]);
    let wanted = contacts.filter(|row| call.workspace.is_listed(row) && filter.takes(row));
    Ok(paging::page(call, wanted))
}

/// Creates a contact of a live customer.
///
/// An address that a contact of the same customer has already answers with that contact, unchanged,
/// under the same 201: the first-customer guide promises that its script can be run again, and its
/// contact call carries no idempotency key. The address of another customer's contact is refused.
/// Evidence: decided.
pub(super) fn create(call: &mut Call<'_>) -> Result<Bytes, ApiError> {
    let customer = rows::find(call, Kind::Customer)?;
    let address = email::normalise(call.body.text("email").unwrap_or_default());
    if let Some(holder) = email::holder(call.workspace, &address) {
        let same_customer = call.workspace.contacts.row(holder).customer == Some(customer);
        return if same_customer {
            Ok(rows::answer(call, Kind::Contact, holder))
        } else {
            Err(email::taken(&address))
        };
    }
    let mut record = rows::new_record(call, Kind::Contact);
    record.set("email", address.as_str());
    let place = call
        .workspace
        .insert(Kind::Contact, record, Some(customer), call.now);
    email::take(call.workspace, &address, place);
    Ok(rows::answer(call, Kind::Contact, place))
}

/// Reads a contact; that of a deleted customer can still be read. Evidence: stated (it survives).
pub(super) fn get(call: &mut Call<'_>) -> Result<Bytes, ApiError> {
    let place = rows::find(call, Kind::Contact)?;
    Ok(rows::answer(call, Kind::Contact, place))
}

/// Changes what the body names. An address that another contact has is refused, whoever's it is:
/// two contacts cannot become one. Evidence: stated (partial), inferred (409), decided (whoever's).
pub(super) fn update(call: &mut Call<'_>) -> Result<Bytes, ApiError> {
    let place = rows::find(call, Kind::Contact)?;
    let mut record = rows::changed_record(call, Kind::Contact, place);
    if let Some(address) = call.body.text("email").map(email::normalise) {
        if email::holder(call.workspace, &address).is_some_and(|holder| holder != place) {
            return Err(email::taken(&address));
        }
        let before = call
            .workspace
            .contacts
            .row(place)
            .record()
            .text("email")
            .unwrap_or_default()
            .to_owned();
        email::give_up(call.workspace, &before, place);
        email::take(call.workspace, &address, place);
        record.set("email", address);
    }
    call.workspace
        .update(Kind::Contact, place, record, call.now);
    Ok(rows::answer(call, Kind::Contact, place))
}

/// Deletes a contact. Evidence: stated.
pub(super) fn delete(call: &mut Call<'_>) -> Result<Bytes, ApiError> {
    rows::delete(call, Kind::Contact).map(|(_, answer)| answer)
}
