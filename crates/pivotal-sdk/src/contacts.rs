//! Single contacts.

use pivotal_api::{Contact, Deleted, UpdateContact as ContactChanges};
use pivotal_runtime::Id;

use crate::call::{Call, Endpoint, Sent};
use crate::check::Check;
use crate::client::Client;
use crate::error::Result;

/// One contact: [`Client::contact`].
#[derive(Clone, Debug)]
pub struct ContactHandle {
    client: Client,
    id: Id<Contact>,
}

impl ContactHandle {
    pub(crate) fn new(client: &Client, id: Id<Contact>) -> Self {
        Self {
            client: client.clone(),
            id,
        }
    }

    /// Fetches it. Sends `GET /api/v1/contacts/{id}`.
    pub fn get(&self) -> Call<GetContact> {
        let id = self.id.clone();
        Call::new(&self.client, GetContact { id })
    }

    /// Changes what the body names and nothing else. Sends `PATCH /api/v1/contacts/{id}`.
    pub fn update(&self, changes: ContactChanges) -> Call<UpdateContact> {
        let id = self.id.clone();
        Call::new(&self.client, UpdateContact { id, body: changes })
    }

    /// Deletes it. Deleting it again answers the same. Sends `DELETE /api/v1/contacts/{id}`.
    pub fn delete(&self) -> Call<DeleteContact> {
        let id = self.id.clone();
        Call::new(&self.client, DeleteContact { id })
    }
}

/// `GET /api/v1/contacts/{id}`: one contact.
#[derive(Clone, Debug)]
pub struct GetContact {
    id: Id<Contact>,
}

impl Endpoint for GetContact {
    type Response = Contact;
    const NAME: &'static str = "get_contact";

    fn check(&self, check: Check) -> Result<()> {
        check.id("id", &self.id)
    }

    async fn send(&self, api: &pivotal_api::Client) -> Sent<Contact> {
        api.get_contact(self.id.as_str()).await
    }
}

/// `PATCH /api/v1/contacts/{id}`: changes a contact.
#[derive(Clone, Debug)]
pub struct UpdateContact {
    id: Id<Contact>,
    body: ContactChanges,
}

impl Endpoint for UpdateContact {
    type Response = Contact;
    const NAME: &'static str = "update_contact";

    fn check(&self, check: Check) -> Result<()> {
        check.id("id", &self.id)?;
        check.body(&self.body)
    }

    async fn send(&self, api: &pivotal_api::Client) -> Sent<Contact> {
        api.update_contact(self.id.as_str(), &self.body).await
    }
}

/// `DELETE /api/v1/contacts/{id}`: deletes a contact.
#[derive(Clone, Debug)]
pub struct DeleteContact {
    id: Id<Contact>,
}

impl Endpoint for DeleteContact {
    type Response = Deleted;
    const NAME: &'static str = "delete_contact";

    fn check(&self, check: Check) -> Result<()> {
        check.id("id", &self.id)
    }

    async fn send(&self, api: &pivotal_api::Client) -> Sent<Deleted> {
        api.delete_contact(self.id.as_str()).await
    }
}
