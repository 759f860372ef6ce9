//! Contacts: at most one with an e-mail address in a workspace, unless only what is documented is
//! served.
//!
//! Addresses are stored in lower case. An address belongs to a contact as long as neither the
//! contact nor its customer is deleted. Evidence: stated (lower case, the code `email_taken`),
//! decided (the rest).

use bytes::Bytes;

use super::{Request, paging, rows};
use crate::{error::ApiError, store::Kind};

/// Lists the live contacts of a live customer, newest first. Evidence: stated (envelope), decided
/// (paged: `limit` and `cursor` are parameters of the overlay).
pub(super) fn list(request: &mut Request<'_>) -> Result<Bytes, ApiError> {
    let cursor = paging::cursor(request)?;
    let customer = rows::find(request, Kind::Customer)?;
    let contacts = request.workspace.table(Kind::Contact);
    let contacts = contacts.newest_first(Some(customer), cursor);
    Ok(paging::page(request, Kind::Contact, &[], contacts))
}

/// Creates a contact of a live customer.
///
/// If a contact of the same customer has the address, the response is that contact, unchanged,
/// under the same 201: the first-customer guide promises that its script can be run again, and its
/// contact request carries no idempotency key. The address of another customer's contact is
/// refused. Evidence: decided.
pub(super) fn create(request: &mut Request<'_>) -> Result<Bytes, ApiError> {
    let customer = rows::find(request, Kind::Customer)?;
    let address = request.body.text("email").unwrap_or_default();
    let address = address.to_lowercase();
    if let Some(holder) = holder_of(request, &address) {
        let holder = request.workspace.row(Kind::Contact, holder);
        return match holder.customer == Some(customer) {
            true => Ok(holder.response()),
            false => Err(email_taken(&address)),
        };
    }
    let mut record = rows::new_record(request, Kind::Contact);
    record.set("email", address.as_str());
    Ok(rows::insert(request, Kind::Contact, record, Some(customer)))
}

/// Updates the fields in the body. An address of another contact is refused, whoever's it is: two
/// contacts cannot become one. Evidence: stated (partial), inferred (409), decided (whoever's).
pub(super) fn update(request: &mut Request<'_>) -> Result<Bytes, ApiError> {
    let index = rows::find(request, Kind::Contact)?;
    let mut record = rows::changed_record(request, Kind::Contact, index);
    if let Some(address) = request.body.text("email").map(str::to_lowercase) {
        if holder_of(request, &address).is_some_and(|holder| holder != index) {
            return Err(email_taken(&address));
        }
        record.set("email", address);
    }
    Ok(rows::update(request, Kind::Contact, index, record))
}

/// The index of the contact that keeps others from having its address.
fn holder_of(request: &Request<'_>, email: &str) -> Option<usize> {
    if !request.contract.undocumented {
        return None;
    }
    let workspace = &*request.workspace;
    let mut contacts = workspace.named(Kind::Contact, email).iter().copied();
    contacts.find(|index| workspace.is_listed(workspace.row(Kind::Contact, *index)))
}

fn email_taken(email: &str) -> ApiError {
    let message = format!("A contact with the e-mail {email} already exists.");
    ApiError::conflict("email_taken", message).field("email")
}
