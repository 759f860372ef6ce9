//! Customers, and what belongs to one.

use pivotal_api::{
    Contact, ContactList, CreateContact as ContactBody, CreateCustomer as CustomerBody, Customer,
    CustomerList, CustomerStatus, Deleted, OnboardingList, UpdateCustomer as CustomerChanges,
};
use pivotal_runtime::Id;

use crate::call::{ByKey, Call, Endpoint, Page, Paged, Sent};
use crate::check::Check;
use crate::client::Client;
use crate::error::Result;

/// All customers: [`Client::customers`].
#[derive(Clone, Debug)]
pub struct Customers {
    client: Client,
}

impl Customers {
    pub(crate) fn new(client: &Client) -> Self {
        Self {
            client: client.clone(),
        }
    }

    /// A page of customers, newest first. Sends `GET /api/v1/customers`.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use pivotal_sdk::CreateCustomer;
    /// # let sandbox = pivotal_sandbox::Sandbox::start().await;
    /// # let (base_url, key) = (sandbox.base_url(), sandbox.api_key());
    /// # let pivotal = pivotal_sdk::Client::builder().base_url(base_url).api_key(key).build()?;
    /// # for name in ["Aurora", "Borealis"] {
    /// #     pivotal.customers().create(CreateCustomer::new(name).status("onboarding")).await?;
    /// # }
    /// let page = pivotal.customers().list().status("onboarding").limit(50).await?;
    /// for customer in &page.data {
    ///     println!("{} {}", customer.display_id, customer.name);
    /// }
    /// assert_eq!(page.data.len(), 2);
    /// assert!(!page.has_more);
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self) -> Call<ListCustomers> {
        Call::new(&self.client, ListCustomers::default())
    }

    /// Creates a customer. Sends `POST /api/v1/customers`.
    ///
    /// With a key of your own it is created once, however often this runs:
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = pivotal_sandbox::Sandbox::start().await;
    /// # let (base_url, key) = (sandbox.base_url(), sandbox.api_key());
    /// # let pivotal = pivotal_sdk::Client::builder().base_url(base_url).api_key(key).build()?;
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
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(&self, customer: CustomerBody) -> Call<CreateCustomer> {
        Call::new(&self.client, CreateCustomer { body: customer })
    }
}

/// One customer: [`Client::customer`].
#[derive(Clone, Debug)]
pub struct CustomerHandle {
    client: Client,
    id: Id<Customer>,
}

impl CustomerHandle {
    pub(crate) fn new(client: &Client, id: Id<Customer>) -> Self {
        Self {
            client: client.clone(),
            id,
        }
    }

    /// Fetches it. Sends `GET /api/v1/customers/{id}`.
    pub fn get(&self) -> Call<GetCustomer> {
        let id = self.id.clone();
        Call::new(&self.client, GetCustomer { id })
    }

    /// Changes what the body names and nothing else. Sends `PATCH /api/v1/customers/{id}`.
    pub fn update(&self, changes: CustomerChanges) -> Call<UpdateCustomer> {
        let id = self.id.clone();
        Call::new(&self.client, UpdateCustomer { id, body: changes })
    }

    /// Deletes it, with its contacts and onboardings out of all lists. Deleting it again answers
    /// the same. Sends `DELETE /api/v1/customers/{id}`.
    pub fn delete(&self) -> Call<DeleteCustomer> {
        let id = self.id.clone();
        Call::new(&self.client, DeleteCustomer { id })
    }

    /// Its contacts.
    pub fn contacts(&self) -> CustomerContacts {
        CustomerContacts {
            client: self.client.clone(),
            customer: self.id.clone(),
        }
    }

    /// Its onboardings.
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
    client: Client,
    customer: Id<Customer>,
}

impl CustomerContacts {
    /// A page of them, newest first. Sends `GET /api/v1/customers/{customerId}/contacts`.
    pub fn list(&self) -> Call<ListCustomerContacts> {
        let request = ListCustomerContacts {
            customer: self.customer.clone(),
            page: Page::default(),
        };
        Call::new(&self.client, request)
    }

    /// Creates one. Sends `POST /api/v1/customers/{customerId}/contacts`.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use pivotal_sdk::CreateCustomer;
    /// # let sandbox = pivotal_sandbox::Sandbox::start().await;
    /// # let (base_url, key) = (sandbox.base_url(), sandbox.api_key());
    /// # let pivotal = pivotal_sdk::Client::builder().base_url(base_url).api_key(key).build()?;
    /// # let customer = pivotal.customers().create(CreateCustomer::new("Aurora")).await?;
    /// use pivotal_sdk::CreateContact;
    ///
    /// let mira = CreateContact::new("Mira Chen", "mira@aurora-demo.com").is_primary(true);
    /// let mira = pivotal.customer(&customer).contacts().create(mira).await?;
    /// assert!(mira.is_primary);
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(&self, contact: ContactBody) -> Call<CreateCustomerContact> {
        let request = CreateCustomerContact {
            customer: self.customer.clone(),
            body: contact,
        };
        Call::new(&self.client, request)
    }
}

/// The onboardings of one customer: [`CustomerHandle::onboardings`]. They are created through
/// [`Client::onboardings`].
#[derive(Clone, Debug)]
pub struct CustomerOnboardings {
    client: Client,
    customer: Id<Customer>,
}

impl CustomerOnboardings {
    /// All of them, newest first, not paged. Sends
    /// `GET /api/v1/customers/{customerId}/onboardings`.
    pub fn list(&self) -> Call<ListCustomerOnboardings> {
        let customer = self.customer.clone();
        Call::new(&self.client, ListCustomerOnboardings { customer })
    }
}

/// `GET /api/v1/customers`: a page of customers.
#[derive(Clone, Debug, Default)]
pub struct ListCustomers {
    page: Page,
    slug: Option<String>,
    status: Option<CustomerStatus>,
}

impl Call<ListCustomers> {
    /// Only the one with this slug.
    pub fn slug(mut self, slug: impl Into<String>) -> Self {
        self.request.slug = Some(slug.into());
        self
    }

    /// Only those with this status.
    pub fn status(mut self, status: impl Into<CustomerStatus>) -> Self {
        self.request.status = Some(status.into());
        self
    }
}

impl Paged for ListCustomers {
    fn page(&mut self) -> &mut Page {
        &mut self.page
    }
}

impl Endpoint for ListCustomers {
    type Response = CustomerList;
    const NAME: &'static str = "list_customers";

    fn check(&self, check: Check) -> Result<()> {
        check.page(&self.page)?;
        check.query("slug", self.slug.as_ref())?;
        check.query("status", self.status.as_ref())
    }

    async fn send(&self, api: &pivotal_api::Client) -> Sent<CustomerList> {
        let Page { cursor, limit } = &self.page;
        let (slug, status) = (self.slug.as_deref(), self.status.as_ref());
        api.list_customers(cursor.as_deref(), *limit, slug, status)
            .await
    }
}

/// `POST /api/v1/customers`: creates a customer.
#[derive(Clone, Debug)]
pub struct CreateCustomer {
    body: CustomerBody,
}

impl CreateCustomer {
    /// The slug that it asks for, as it will be sent.
    pub(crate) fn slug(&self) -> Option<&str> {
        match self.body.extra.get("slug") {
            Some(slug) => slug.as_str(),
            None => self.body.slug.as_deref(),
        }
    }
}

impl ByKey for CreateCustomer {}

impl Endpoint for CreateCustomer {
    type Response = Customer;
    const NAME: &'static str = "create_customer";

    fn check(&self, check: Check) -> Result<()> {
        check.body(&self.body)
    }

    async fn send(&self, api: &pivotal_api::Client) -> Sent<Customer> {
        api.create_customer(&self.body).await
    }
}

/// `GET /api/v1/customers/{id}`: one customer.
#[derive(Clone, Debug)]
pub struct GetCustomer {
    id: Id<Customer>,
}

impl Endpoint for GetCustomer {
    type Response = Customer;
    const NAME: &'static str = "get_customer";

    fn check(&self, check: Check) -> Result<()> {
        check.id("id", &self.id)
    }

    async fn send(&self, api: &pivotal_api::Client) -> Sent<Customer> {
        api.get_customer(self.id.as_str()).await
    }
}

/// `PATCH /api/v1/customers/{id}`: changes a customer.
#[derive(Clone, Debug)]
pub struct UpdateCustomer {
    id: Id<Customer>,
    body: CustomerChanges,
}

impl Endpoint for UpdateCustomer {
    type Response = Customer;
    const NAME: &'static str = "update_customer";

    fn check(&self, check: Check) -> Result<()> {
        check.id("id", &self.id)?;
        check.body(&self.body)
    }

    async fn send(&self, api: &pivotal_api::Client) -> Sent<Customer> {
        api.update_customer(self.id.as_str(), &self.body).await
    }
}

/// `DELETE /api/v1/customers/{id}`: deletes a customer.
#[derive(Clone, Debug)]
pub struct DeleteCustomer {
    id: Id<Customer>,
}

impl Endpoint for DeleteCustomer {
    type Response = Deleted;
    const NAME: &'static str = "delete_customer";

    fn check(&self, check: Check) -> Result<()> {
        check.id("id", &self.id)
    }

    async fn send(&self, api: &pivotal_api::Client) -> Sent<Deleted> {
        api.delete_customer(self.id.as_str()).await
    }
}

/// `GET /api/v1/customers/{customerId}/contacts`: a page of a customer's contacts.
#[derive(Clone, Debug)]
pub struct ListCustomerContacts {
    customer: Id<Customer>,
    page: Page,
}

impl Paged for ListCustomerContacts {
    fn page(&mut self) -> &mut Page {
        &mut self.page
    }
}

impl Endpoint for ListCustomerContacts {
    type Response = ContactList;
    const NAME: &'static str = "list_customer_contacts";

    fn check(&self, check: Check) -> Result<()> {
        check.id("customerId", &self.customer)?;
        check.page(&self.page)
    }

    async fn send(&self, api: &pivotal_api::Client) -> Sent<ContactList> {
        let Page { cursor, limit } = &self.page;
        api.list_customer_contacts(self.customer.as_str(), cursor.as_deref(), *limit)
            .await
    }
}

/// `POST /api/v1/customers/{customerId}/contacts`: creates a contact.
#[derive(Clone, Debug)]
pub struct CreateCustomerContact {
    customer: Id<Customer>,
    body: ContactBody,
}

impl ByKey for CreateCustomerContact {}

impl Endpoint for CreateCustomerContact {
    type Response = Contact;
    const NAME: &'static str = "create_customer_contact";

    fn check(&self, check: Check) -> Result<()> {
        check.id("customerId", &self.customer)?;
        check.body(&self.body)
    }

    async fn send(&self, api: &pivotal_api::Client) -> Sent<Contact> {
        api.create_customer_contact(self.customer.as_str(), &self.body)
            .await
    }
}

/// `GET /api/v1/customers/{customerId}/onboardings`: a customer's onboardings.
#[derive(Clone, Debug)]
pub struct ListCustomerOnboardings {
    customer: Id<Customer>,
}

impl Endpoint for ListCustomerOnboardings {
    type Response = OnboardingList;
    const NAME: &'static str = "list_customer_onboardings";

    fn check(&self, check: Check) -> Result<()> {
        check.id("customerId", &self.customer)
    }

    async fn send(&self, api: &pivotal_api::Client) -> Sent<OnboardingList> {
        api.list_customer_onboardings(self.customer.as_str()).await
    }
}
