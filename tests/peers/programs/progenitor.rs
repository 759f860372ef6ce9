use std::time::Duration;

use progenitor_client::types::{CreateCustomer, Customer, UpdateCustomer};
use progenitor_client::{Client, Error, types};
use reqwest::header::{AUTHORIZATION, HeaderMap};

use common::{Failure, Peer};

mod common;

struct Progenitor(Client);

fn failure(error: Error<types::Error>) -> Failure {
    let status = error.status().map(|status| status.as_u16());
    let text = error.to_string();
    let code = match error {
        Error::ErrorResponse(response) => Some(response.into_inner().error.code.to_string()),
        _ => None,
    };
    Failure { status, code, text }
}

impl Peer for Progenitor {
    type Customer = Customer;

    /// As its README adds a key: an HTTP client of one's own, with the time limits that `Client::new` has.
    fn new(base_url: &str, key: &str) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, format!("Bearer {key}").parse().unwrap());
        let limit = Duration::from_secs(15);
        let http = reqwest::Client::builder()
            .connect_timeout(limit)
            .timeout(limit)
            .default_headers(headers);
        let http = http.build().unwrap();
        Self(Client::new_with_client(base_url, http))
    }

    async fn get(&self, id: &str) -> Result<Customer, Failure> {
        let customer = self.0.get_customer(id).await.map_err(failure)?;
        Ok(customer.into_inner())
    }

    async fn phase(&self, id: &str) -> Result<String, Failure> {
        let onboarding = self.0.get_onboarding(id).await.map_err(failure)?;
        Ok(format!("{:?}", onboarding.phase))
    }

    /// `domain` can be a value or absent, not null.
    async fn update(&self, id: &str) -> Result<(), Failure> {
        let changes = UpdateCustomer {
            plan: Some("Scale".parse().unwrap()),
            domain: None,
            ..UpdateCustomer::default()
        };
        self.0
            .update_customer(id, &changes)
            .await
            .map(drop)
            .map_err(failure)
    }

    async fn create(&self, name: &str) -> Result<(), Failure> {
        let customer: CreateCustomer =
            serde_json::from_value(serde_json::json!({ "name": name })).unwrap();
        self.0
            .create_customer(None, &customer)
            .await
            .map(drop)
            .map_err(failure)
    }

    async fn ids(&self) -> Result<Vec<String>, Failure> {
        let mut ids = Vec::new();
        let mut cursor = None;
        loop {
            let limit = 10.try_into().ok();
            let page = self
                .0
                .list_customers(cursor.as_ref(), limit, None, None)
                .await
                .map_err(failure)?
                .into_inner();
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
    common::run::<Progenitor>();
}
