//! E-mail addresses of contacts: one contact for one address in a workspace.
//!
//! Addresses are lower-cased on the way in. An address belongs to a contact as long as neither the
//! contact nor its customer is deleted. Evidence: stated (lower case, `email_taken`), decided (the
//! rest).

use crate::{error::ApiError, store::Workspace};

/// The address as it is kept.
pub(super) fn normalise(email: &str) -> String {
    email.to_lowercase()
}

/// The place of the contact that has an address.
pub(super) fn holder(workspace: &Workspace, email: &str) -> Option<usize> {
    let contacts = workspace.emails.get(email)?;
    contacts
        .iter()
        .copied()
        .find(|place| workspace.is_listed(workspace.contacts.row(*place)))
}

/// The refusal of an address that another contact has.
pub(super) fn taken(email: &str) -> ApiError {
    ApiError::conflict(
        "email_taken",
        format!("A contact with the e-mail {email} already exists."),
    )
    .field("email")
}

/// Notes that a contact has an address from now on.
pub(super) fn take(workspace: &mut Workspace, email: &str, place: usize) {
    workspace
        .emails
        .entry(email.to_owned())
        .or_default()
        .push(place);
}

/// Notes that a contact no longer has an address.
pub(super) fn give_up(workspace: &mut Workspace, email: &str, place: usize) {
    if let Some(contacts) = workspace.emails.get_mut(email) {
        contacts.retain(|known| *known != place);
    }
}
