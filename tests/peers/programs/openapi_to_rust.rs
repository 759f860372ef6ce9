use openapi_to_rust_client::{
    ApiOpError, CreateCustomer, CreateCustomerApiError, Customer, GetCustomerApiError,
    GetOnboardingApiError, HttpClient, ListCustomersApiError, RetryConfig, UpdateCustomer,
    UpdateCustomerApiError,
};

use common::{Failure, Peer};

mod common;

struct OpenapiToRust(HttpClient);

/// The failure of an operation, whose error type has a variant for each documented status.
macro_rules! failure {
    ($errors:ident: $($status:ident)*) => {
        |error: ApiOpError<$errors>| {
            let text = error.to_string();
            let response = error.api();
            let code = response.and_then(|response| match response.typed.as_ref()? {
                $($errors::$status(body) => Some(body.error.code.clone()),)*
            });
            let status = response.map(|response| response.status);
            Failure { status, code, text }
        }
    };
}

impl Peer for OpenapiToRust {
    type Customer = Customer;

    /// With the retries that its configuration sets.
    fn new(base_url: &str, key: &str) -> Self {
        let client = HttpClient::with_config(Some(RetryConfig::default()));
        Self(client.with_base_url(base_url).with_api_key(key))
    }

    async fn get(&self, id: &str) -> Result<Customer, Failure> {
        self.0.get_customer(id).await.map_err(
            failure!(GetCustomerApiError: Status401 Status404 Status429 Status4xx Status500),
        )
    }

    async fn phase(&self, id: &str) -> Result<String, Failure> {
        let onboarding = self.0.get_onboarding(id).await.map_err(
            failure!(GetOnboardingApiError: Status401 Status404 Status429 Status4xx Status500),
        )?;
        Ok(format!("{:?}", onboarding.phase))
    }

    async fn update(&self, id: &str) -> Result<(), Failure> {
        let changes = UpdateCustomer {
            plan: Some(Some("Scale".to_owned())),
            domain: Some(None),
            ..UpdateCustomer::default()
        };
        let updated = self.0.update_customer(id, changes).await;
        updated.map(drop).map_err(
            failure!(UpdateCustomerApiError: Status400 Status401 Status404 Status409 Status429 Status4xx Status500),
        )
    }

    async fn create(&self, name: &str) -> Result<(), Failure> {
        let customer: CreateCustomer =
            serde_json::from_value(serde_json::json!({ "name": name })).unwrap();
        let created = self.0.create_customer(None::<&str>, customer).await;
        created.map(drop).map_err(
            failure!(CreateCustomerApiError: Status400 Status401 Status409 Status429 Status4xx Status500),
        )
    }

    async fn ids(&self) -> Result<Vec<String>, Failure> {
        let mut ids = Vec::new();
        let mut cursor = None;
        loop {
            let page = self.0.list_customers(Some(10), cursor, None, None::<&str>);
            let page = page.await.map_err(
                failure!(ListCustomersApiError: Status400 Status401 Status429 Status4xx Status500),
            )?;
            ids.extend(page.data.into_iter().map(|customer| customer.id));
            cursor = page.next_cursor;
            if !page.has_more {
                return Ok(ids);
            }
        }
    }

    /// The client has no `Debug`.
    fn debug(&self) -> String {
        String::new()
    }
}

fn main() {
    common::run::<OpenapiToRust>();
}
