//! Single contacts.

use pivotal_api::models::{Contact, UpdateContact};
use pivotal_api::requests::{DeleteContactRequest, GetContactRequest, UpdateContactRequest};
use pivotal_runtime::Id;

use crate::call::Call;
use crate::client::Client;

/// One contact: [`Client::contact`].
#[derive(Clone, Debug)]
pub struct ContactHandle {
    pub(super) client: Client,
    pub(super) id: Id<Contact>,
}

impl ContactHandle {
    /// Fetches the contact. Sends `GET /api/v1/contacts/{id}`.
    pub fn get(&self) -> Call<GetContactRequest> {
        self.client.call(GetContactRequest::new(&self.id))
    }

    /// Updates the fields in the body. Sends `PATCH /api/v1/contacts/{id}`. An empty body changes
    /// nothing: the contact is fetched instead.
    ///
    /// [`UpdateContact::changes`] makes a body of what differs from the contact. The server stores
    /// e-mail addresses in lower case, so compare them in lower case.
    pub fn update(&self, changes: UpdateContact) -> Call<UpdateContactRequest> {
        self.client
            .call(UpdateContactRequest::new(&self.id, changes))
    }

    /// Deletes the contact. Deleting it again gives the same response. Sends
    /// `DELETE /api/v1/contacts/{id}`.
    pub fn delete(&self) -> Call<DeleteContactRequest> {
        self.client.call(DeleteContactRequest::new(&self.id))
    }
}
