//! Customers, with their contacts and onboardings.

use pivotal_api::models::{CreateContact, CreateCustomer, Customer, UpdateCustomer};
use pivotal_api::requests::{
    CreateCustomerContactRequest, CreateCustomerRequest, DeleteCustomerRequest, GetCustomerRequest,
    ListCustomerContactsRequest, ListCustomerOnboardingsRequest, ListCustomersRequest,
    UpdateCustomerRequest,
};
use pivotal_runtime::Id;

use crate::call::Call;
use crate::client::Client;

/// All customers: [`Client::customers`].
#[derive(Clone, Debug)]
pub struct Customers {
    pub(super) client: Client,
}

impl Customers {
    /// A page of customers, newest first. Sends `GET /api/v1/customers`.
    ///
    /// ```
    /// # pivotal_tests::on_sandbox(async |pivotal| {
    /// # use pivotal_sdk::CreateCustomer;
    /// # for name in ["Aurora", "Borealis"] {
    /// #     pivotal.customers().create(CreateCustomer::new(name).status("onboarding")).await?;
    /// # }
    /// let page = pivotal.customers().list().status("onboarding").limit(50).await?;
    /// assert!(!page.has_more);
    /// for customer in page {
    ///     println!("{} {}", customer.display_id, customer.name);
    /// }
    /// # Ok(()) });
    /// ```
    pub fn list(&self) -> Call<ListCustomersRequest> {
        self.client.call(ListCustomersRequest::new())
    }

    /// Creates a customer. Sends `POST /api/v1/customers`.
    ///
    /// With an idempotency key, the customer is created only once, even if the program runs again:
    ///
    /// ```
    /// # pivotal_tests::on_sandbox(async |pivotal| {
    /// use pivotal_sdk::{CreateCustomer, CustomerStatus};
    ///
    /// let create = || {
    ///     let aurora = CreateCustomer::new("Aurora Outfitters")
    ///         .slug("aurora-demo")
    ///         .status(CustomerStatus::Onboarding);
    ///     pivotal.customers().create(aurora).idempotency_key("first-customer-aurora-demo")
    /// };
    /// let first = create().await?;
    /// let again = create().await?;
    /// assert_eq!(first.id, again.id);
    /// # Ok(()) });
    /// ```
    pub fn create(&self, customer: CreateCustomer) -> Call<CreateCustomerRequest> {
        self.client.call(CreateCustomerRequest::new(customer))
    }
}

/// One customer: [`Client::customer`].
#[derive(Clone, Debug)]
pub struct CustomerHandle {
    pub(super) client: Client,
    pub(super) id: Id<Customer>,
}

impl CustomerHandle {
    /// Fetches the customer. Sends `GET /api/v1/customers/{id}`.
    pub fn get(&self) -> Call<GetCustomerRequest> {
        self.client.call(GetCustomerRequest::new(&self.id))
    }

    /// Updates the fields in the body. Sends `PATCH /api/v1/customers/{id}`. An empty body changes
    /// nothing: the customer is fetched instead.
    ///
    /// [`UpdateCustomer::changes`] makes a body of what differs from the customer:
    ///
    /// ```
    /// # pivotal_tests::on_sandbox(async |pivotal| {
    /// use pivotal_sdk::{CreateCustomer, UpdateCustomer};
    ///
    /// let mut wanted = CreateCustomer::new("Aurora").slug("aurora-demo").plan("Growth");
    /// let customer = pivotal.customers().create(wanted.clone()).await?;
    /// assert!(UpdateCustomer::changes(&customer, &wanted).is_empty());
    ///
    /// wanted = wanted.plan("Scale");
    /// let changes = UpdateCustomer::changes(&customer, &wanted);
    /// assert_eq!(changes, UpdateCustomer::new().plan("Scale"));
    /// let customer = pivotal.customer(&customer).update(changes).await?;
    /// assert_eq!(customer.plan.as_deref(), Some("Scale"));
    /// # Ok(()) });
    /// ```
    pub fn update(&self, changes: UpdateCustomer) -> Call<UpdateCustomerRequest> {
        self.client
            .call(UpdateCustomerRequest::new(&self.id, changes))
    }

    /// Deletes the customer and removes its contacts and onboardings from all lists. Deleting it
    /// again gives the same response. Sends `DELETE /api/v1/customers/{id}`.
    pub fn delete(&self) -> Call<DeleteCustomerRequest> {
        self.client.call(DeleteCustomerRequest::new(&self.id))
    }

    /// The contacts of the customer.
    pub fn contacts(&self) -> CustomerContacts {
        CustomerContacts {
            client: self.client.clone(),
            customer: self.id.clone(),
        }
    }

    /// The onboardings of the customer.
    pub fn onboardings(&self) -> CustomerOnboardings {
        CustomerOnboardings {
            client: self.client.clone(),
            customer: self.id.clone(),
        }
    }
}

/// The contacts of one customer: [`CustomerHandle::contacts`].
#[derive(Clone, Debug)]
pub struct CustomerContacts {
    pub(crate) client: Client,
    pub(crate) customer: Id<Customer>,
}

impl CustomerContacts {
    /// A page of contacts, newest first. Sends `GET /api/v1/customers/{customerId}/contacts`.
    pub fn list(&self) -> Call<ListCustomerContactsRequest> {
        let request = ListCustomerContactsRequest::new(&self.customer);
        self.client.call(request)
    }

    /// Creates a contact. Sends `POST /api/v1/customers/{customerId}/contacts`.
    ///
    /// If a contact already has the e-mail address, the server may create a second one, return the
    /// existing one unchanged, or reject the request with `email_taken`: Pivotal does not document
    /// it. Use [`get_or_create`](Self::get_or_create) in a program that may run twice.
    ///
    /// ```
    /// # pivotal_tests::on_sandbox(async |pivotal| {
    /// # use pivotal_sdk::CreateCustomer;
    /// # let customer = pivotal.customers().create(CreateCustomer::new("Aurora")).await?;
    /// use pivotal_sdk::CreateContact;
    ///
    /// let mira = CreateContact::new("Mira Chen", "mira@aurora-demo.com").is_primary(true);
    /// let mira = pivotal.customer(&customer).contacts().create(mira).await?;
    /// assert!(mira.is_primary);
    /// # Ok(()) });
    /// ```
    pub fn create(&self, contact: CreateContact) -> Call<CreateCustomerContactRequest> {
        let request = CreateCustomerContactRequest::new(&self.customer, contact);
        self.client.call(request)
    }
}

/// The onboardings of one customer: [`CustomerHandle::onboardings`]. They are created through
/// [`Client::onboardings`].
#[derive(Clone, Debug)]
pub struct CustomerOnboardings {
    pub(super) client: Client,
    pub(super) customer: Id<Customer>,
}

impl CustomerOnboardings {
    /// All onboardings of the customer, newest first, not paged. Sends
    /// `GET /api/v1/customers/{customerId}/onboardings`.
    pub fn list(&self) -> Call<ListCustomerOnboardingsRequest> {
        let request = ListCustomerOnboardingsRequest::new(&self.customer);
        self.client.call(request)
    }
}
