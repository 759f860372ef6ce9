//! Recipes for contacts.

use pivotal_api::models::{Contact, CreateContact};

use super::get_or_create::{GetOrCreate, create_once, derived_key, find, sent_text};
use crate::error::Result;
use crate::resources::CustomerContacts;

impl CustomerContacts {
    /// The customer's contact with this e-mail address, or `None` if there is none. If there are
    /// several, the newest. Addresses are compared without case.
    ///
    /// Searches the list, with one request per 100 contacts.
    ///
    /// ```
    /// # pivotal_tests::on_sandbox(async |pivotal| {
    /// # use pivotal_sdk::CreateCustomer;
    /// # let customer = pivotal.customers().create(CreateCustomer::new("Aurora")).await?;
    /// use pivotal_sdk::CreateContact;
    ///
    /// let contacts = pivotal.customer(&customer).contacts();
    /// contacts.create(CreateContact::new("Mira Chen", "mira@aurora-demo.com")).await?;
    /// let found = contacts.find_by_email("Mira@Aurora-Demo.com").await?;
    /// assert_eq!(found.unwrap().name, "Mira Chen");
    /// # Ok(()) });
    /// ```
    ///
    /// # Evidence
    /// Stated: the list envelope; addresses are stored in lower case. Decided: that the list has
    /// pages, which is not required.
    ///
    /// # Errors
    /// The errors of the list.
    pub fn find_by_email(
        &self,
        email: &str,
    ) -> impl Future<Output = Result<Option<Contact>>> + Send + use<> {
        let (list, email) = (self.list(), email.to_lowercase());
        find(list, move |contact| contact.email.to_lowercase() == email)
    }

    /// Fetches the customer's contact with the e-mail address of the body, or creates it.
    ///
    /// An existing contact is not changed. If there are several, the newest is returned.
    ///
    /// # Cost
    /// One request per 100 contacts of the customer, at least one, and two more if the contact is
    /// created. With the customer itself, a row of a backfill costs four requests: 15 rows a minute
    /// at 60 requests a minute, 7 at the 30 of a test key.
    ///
    /// A customer that was just created has no contact to look for, so that one request is enough:
    /// [`create`](Self::create) with an [`idempotency_key`](crate::Call::idempotency_key) that is
    /// made from your record. A repetition within 24 hours then creates no second contact.
    ///
    /// ```
    /// # pivotal_tests::on_sandbox(async |pivotal| {
    /// # use pivotal_sdk::CreateCustomer;
    /// # let customer = pivotal.customers().create(CreateCustomer::new("Aurora")).await?;
    /// use pivotal_sdk::CreateContact;
    ///
    /// let contacts = pivotal.customer(&customer).contacts();
    /// let mira = || CreateContact::new("Mira Chen", "mira@aurora-demo.com").is_primary(true);
    /// let first = contacts.get_or_create(mira()).await?;
    /// let again = contacts.get_or_create(mira()).await?;
    /// assert!(first.is_created() && !again.is_created());
    /// assert_eq!(first.into_inner().id, again.into_inner().id);
    /// # Ok(()) });
    /// ```
    ///
    /// # Concurrent calls
    /// Calls with the same ID of the customer and the same body create one contact: they send the
    /// same idempotency key, which is derived from both. Two contacts may be created by concurrent
    /// calls that differ in the ID or the body, and if a contact that such a call created was
    /// deleted or got another address within the last 24 hours.
    ///
    /// # Evidence
    /// Stated: that of [`find_by_email`](Self::find_by_email); idempotency keys. What a create does
    /// with an address that exists is not documented, and makes no difference.
    ///
    /// # Errors
    /// The errors of the calls. `email_taken` if the server rejects the address because a contact
    /// of another customer has it.
    pub fn get_or_create(
        &self,
        contact: CreateContact,
    ) -> impl Future<Output = Result<GetOrCreate<Contact>>> + Send + use<> {
        let contacts = self.clone();
        async move {
            let email = sent_text(&contact, "email").unwrap_or_default();
            if let Some(existing) = contacts.find_by_email(&email).await? {
                return Ok(GetOrCreate::Existing(existing));
            }
            let key = derived_key(contacts.customer.as_str(), &contact);
            let fetch = |created: &Contact| contacts.client.contact(created).get();
            let has_email =
                |contact: &Contact| contact.email.to_lowercase() == email.to_lowercase();
            match create_once(contacts.create(contact), key, fetch, has_email).await {
                Ok(created) => Ok(GetOrCreate::Created(created)),
                Err(error) if error.is_conflict() => {
                    let existing = contacts.find_by_email(&email).await?;
                    existing.map(GetOrCreate::Existing).ok_or(error)
                }
                Err(error) => Err(error),
            }
        }
    }
}
