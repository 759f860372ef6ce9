//! Recipes for customers.

use http::StatusCode;
use pivotal_api::endpoint::Endpoint;
use pivotal_api::models::{CreateCustomer, Customer, ErrorCode};
use pivotal_api::requests::CreateCustomerRequest;
use pivotal_runtime::encode_path;

use super::get_or_create::{GetOrCreate, find, sent_text};
use crate::client::Client;
use crate::error::{Error, Result};
use crate::resources::Customers;

impl Customers {
    /// The customer with this slug, or `None` if there is none. Slugs are compared exactly.
    ///
    /// Sends `GET /api/v1/customers?slug=…` and compares the slugs of the rows. If the server
    /// ignores the filter, the whole list is searched, with one request per 100 customers. To look
    /// up many customers then, read the [list](Self::list) once.
    ///
    /// ```
    /// # pivotal_tests::on_sandbox(async |pivotal| {
    /// use pivotal_sdk::CreateCustomer;
    ///
    /// let aurora = CreateCustomer::new("Aurora Outfitters").slug("aurora-demo");
    /// pivotal.customers().create(aurora).await?;
    /// let found = pivotal.customers().find_by_slug("aurora-demo").await?;
    /// assert_eq!(found.unwrap().name, "Aurora Outfitters");
    /// assert_eq!(pivotal.customers().find_by_slug("nobody").await?, None);
    /// # Ok(()) });
    /// ```
    ///
    /// # Evidence
    /// Stated: slugs are unique; the list has all customers. Decided: the filter, which only saves
    /// requests.
    ///
    /// # Errors
    /// The errors of the list.
    pub fn find_by_slug(
        &self,
        slug: &str,
    ) -> impl Future<Output = Result<Option<Customer>>> + Send + use<> {
        let (customers, slug) = (self.clone(), slug.to_owned());
        async move {
            let has_slug = |customer: &Customer| customer.slug.as_deref() == Some(&slug);
            match find(customers.list().slug(&slug), has_slug).await {
                // A server may also reject a parameter that it does not know.
                Err(error) if error.status() == Some(StatusCode::BAD_REQUEST) => {
                    find(customers.list(), has_slug).await
                }
                result => result,
            }
        }
    }

    /// Creates the customer, or fetches the existing customer with the same slug, which the body
    /// must have.
    ///
    /// An existing customer is not changed. Of concurrent calls with one slug, one creates the
    /// customer and the others return it. Costs one request if the customer is created, otherwise
    /// those of [`find_by_slug`](Self::find_by_slug) as well.
    ///
    /// ```
    /// # pivotal_tests::on_sandbox(async |pivotal| {
    /// use pivotal_sdk::CreateCustomer;
    ///
    /// let aurora = || CreateCustomer::new("Aurora Outfitters").slug("aurora-demo");
    /// let first = pivotal.customers().get_or_create(aurora()).await?;
    /// let again = pivotal.customers().get_or_create(aurora()).await?;
    /// assert!(first.is_created() && !again.is_created());
    /// assert_eq!(first.into_inner().id, again.into_inner().id);
    /// # Ok(()) });
    /// ```
    ///
    /// # Evidence
    /// Stated: slugs are unique, and a create with the slug of another customer is rejected with
    /// `slug_taken`.
    ///
    /// # Errors
    /// The errors of both calls. `missing_field` if the body has no slug. `slug_taken` if a deleted
    /// customer has the slug, which the message says: Pivotal does not document whether it is free
    /// again.
    pub fn get_or_create(
        &self,
        customer: CreateCustomer,
    ) -> impl Future<Output = Result<GetOrCreate<Customer>>> + Send + use<> {
        let customers = self.clone();
        async move {
            let Some(slug) = sent_text(&customer, "slug") else {
                let message = "get_or_create needs a slug, by which it finds the customer";
                return Err(Error::invalid_request(
                    CreateCustomerRequest::OPERATION,
                    "slug",
                    "missing_field",
                    message.to_owned(),
                ));
            };
            match customers.create(customer).await {
                Ok(created) => Ok(GetOrCreate::Created(created)),
                Err(error) if error.is_code(ErrorCode::SlugTaken) => {
                    let existing = customers.find_by_slug(&slug).await?;
                    let error = || error.note("the list has none: a deleted customer may have it");
                    existing.map(GetOrCreate::Existing).ok_or_else(error)
                }
                Err(error) => Err(error),
            }
        }
    }
}

impl Client {
    /// The URL of a customer in the app. The documentation shows no URL of a contact or an
    /// onboarding.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = pivotal_sandbox::Sandbox::start().await;
    /// # let (base_url, key) = (sandbox.base_url(), sandbox.api_key());
    /// # let pivotal = pivotal_sdk::Client::builder().base_url(base_url).api_key(key).build()?;
    /// use pivotal_sdk::CreateCustomer;
    ///
    /// let aurora = CreateCustomer::new("Aurora Outfitters").slug("aurora-demo");
    /// let aurora = pivotal.customers().create(aurora).await?;
    /// let number = aurora.display_id;
    /// let address = pivotal.ui_url(&aurora);
    /// assert_eq!(address, format!("{base_url}/customers/{number}-aurora-demo"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Evidence
    /// Example: the URL with a slug. Inferred: the URL of a customer without a slug.
    pub fn ui_url(&self, customer: &Customer) -> String {
        let app = self.base_url().as_str();
        let number = customer.display_id;
        match &customer.slug {
            Some(slug) => format!("{app}/customers/{number}-{}", encode_path(slug)),
            None => format!("{app}/customers/{number}"),
        }
    }
}
