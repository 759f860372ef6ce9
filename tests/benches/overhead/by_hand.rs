//! The baseline: what a program would write without the SDK, with reqwest, serde and the same types.
//!
//! The HTTP client is the SDK's own, gzip and redirects included, and each request has its time
//! limit. Bodies are read whole, without the SDK's limit.

use pivotal_sdk::{Customer, CustomerList};
use reqwest::RequestBuilder;

pub(crate) struct ByHand {
    pub(crate) http: reqwest::Client,
    pub(crate) base_url: String,
}

impl ByHand {
    fn get(&self, path: &str) -> RequestBuilder {
        self.http
            .get(format!("{}/api/v1/customers{path}", self.base_url))
            .bearer_auth(super::KEY)
            .header("accept", "application/json")
            .timeout(super::TIMEOUT)
    }

    pub(crate) async fn get_customer(&self, id: &str) -> reqwest::Result<Customer> {
        let request = self.get(&format!("/{id}"));
        request.send().await?.error_for_status()?.json().await
    }

    pub(crate) async fn list_customers(
        &self,
        cursor: Option<&str>,
    ) -> reqwest::Result<CustomerList> {
        let mut request = self.get("").query(&[("limit", 100)]);
        if let Some(cursor) = cursor {
            request = request.query(&[("cursor", cursor)]);
        }
        request.send().await?.error_for_status()?.json().await
    }
}
