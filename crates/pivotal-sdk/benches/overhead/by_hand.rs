//! What a program would write without the SDK: reqwest and serde, with the same types.
//!
//! The HTTP client is the SDK's own, gzip and redirects included, and each request has its time
//! limit. Bodies are read whole, without the SDK's bound on them.

use pivotal_sdk::{Customer, CustomerList};

pub(crate) struct ByHand {
    http: reqwest::Client,
    base_url: String,
}

impl ByHand {
    pub(crate) fn new(http: &reqwest::Client, base_url: &str) -> Self {
        Self {
            http: http.clone(),
            base_url: base_url.to_owned(),
        }
    }

    pub(crate) async fn get_customer(&self, id: &str) -> Result<Customer, reqwest::Error> {
        self.http
            .get(format!("{}/api/v1/customers/{id}", self.base_url))
            .bearer_auth(super::KEY)
            .header("accept", "application/json")
            .timeout(super::TIMEOUT)
            .send()
            .await?
            .error_for_status()?
            .json()
            .await
    }

    pub(crate) async fn list_customers(
        &self,
        cursor: Option<&str>,
    ) -> Result<CustomerList, reqwest::Error> {
        let mut request = self
            .http
            .get(format!("{}/api/v1/customers", self.base_url))
            .bearer_auth(super::KEY)
            .header("accept", "application/json")
            .timeout(super::TIMEOUT)
            .query(&[("limit", 100)]);
        if let Some(cursor) = cursor {
            request = request.query(&[("cursor", cursor)]);
        }
        request.send().await?.error_for_status()?.json().await
    }
}
