use openapi_generator_client::apis::configuration::Configuration;
use openapi_generator_client::apis::{
    Error, customers_api as customers, onboardings_api as onboardings,
};
use openapi_generator_client::models::{CreateCustomer, Customer, UpdateCustomer};
use serde::Serialize;

use common::{Failure, Peer};

mod common;

struct OpenapiGenerator(Configuration);

fn failure<E: Serialize + std::fmt::Debug>(error: Error<E>) -> Failure {
    let text = format!("{error}: {error:?}");
    match error {
        Error::Reqwest(error) => Failure {
            status: error.status().map(|status| status.as_u16()),
            text,
            ..Failure::default()
        },
        Error::ResponseError(response) => {
            // The variants have the body as `models::Error`.
            let entity = serde_json::to_value(&response.entity).unwrap();
            let code = entity["error"]["code"].as_str().map(str::to_owned);
            Failure {
                status: Some(response.status.as_u16()),
                code,
                text,
            }
        }
        Error::Serde(_) | Error::Io(_) => Failure {
            text,
            ..Failure::default()
        },
    }
}

impl Peer for OpenapiGenerator {
    type Customer = Customer;

    fn new(base_url: &str, key: &str) -> Self {
        Self(Configuration {
            base_path: base_url.to_owned(),
            bearer_access_token: Some(key.to_owned()),
            ..Configuration::new()
        })
    }

    async fn get(&self, id: &str) -> Result<Customer, Failure> {
        customers::get_customer(&self.0, id).await.map_err(failure)
    }

    async fn phase(&self, id: &str) -> Result<String, Failure> {
        let onboarding = onboardings::get_onboarding(&self.0, id)
            .await
            .map_err(failure)?;
        Ok(format!("{:?}", onboarding.phase))
    }

    async fn update(&self, id: &str) -> Result<(), Failure> {
        let changes = UpdateCustomer {
            plan: Some(Some("Scale".to_owned())),
            domain: Some(None),
            ..UpdateCustomer::new()
        };
        customers::update_customer(&self.0, id, changes)
            .await
            .map(drop)
            .map_err(failure)
    }

    async fn create(&self, name: &str) -> Result<(), Failure> {
        let customer = CreateCustomer::new(name.to_owned());
        customers::create_customer(&self.0, customer, None)
            .await
            .map(drop)
            .map_err(failure)
    }

    async fn ids(&self) -> Result<Vec<String>, Failure> {
        let mut ids = Vec::new();
        let mut cursor = None;
        loop {
            let page = customers::list_customers(&self.0, Some(10), cursor, None, None)
                .await
                .map_err(failure)?;
            ids.extend(page.data.into_iter().map(|customer| customer.id));
            cursor = page.next_cursor.map(|time| time.parse().unwrap());
            if !page.has_more {
                return Ok(ids);
            }
        }
    }

    fn debug(&self) -> String {
        format!("{:?}", self.0)
    }
}

fn main() {
    common::run::<OpenapiGenerator>();
}
