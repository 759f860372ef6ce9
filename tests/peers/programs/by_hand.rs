//! The baseline: reqwest and serde, as a program would use them without a generated client.

use chrono::{DateTime, Utc};
use reqwest::{Client, Method, RequestBuilder};
use serde::Deserialize;
use serde_json::json;

use common::{Failure, Peer};

mod common;

#[derive(Debug)]
struct ByHand {
    http: Client,
    base_url: String,
    key: String,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "decoded, as a program would that uses some of it")]
struct Customer {
    object: String,
    id: String,
    display_id: i64,
    name: String,
    slug: Option<String>,
    domain: Option<String>,
    status: String,
    plan: Option<String>,
    mrr: Option<i64>,
    monthly_orders: Option<i64>,
    hubspot_company_id: Option<String>,
    hubspot_deal_id: Option<String>,
    stripe_customer_id: Option<String>,
    intercom_company_id: Option<String>,
    slack_channel_id: Option<String>,
    owner_id: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// The part that is printed.
#[derive(Deserialize)]
struct Onboarding {
    phase: String,
}

#[derive(Deserialize)]
struct List {
    data: Vec<Customer>,
    has_more: bool,
    next_cursor: Option<String>,
}

fn failure(error: reqwest::Error) -> Failure {
    Failure {
        status: error.status().map(|status| status.as_u16()),
        text: error.to_string(),
        ..Failure::default()
    }
}

impl ByHand {
    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}/api/v1{path}", self.base_url);
        self.http.request(method, url).bearer_auth(&self.key)
    }
}

async fn send<T: serde::de::DeserializeOwned>(request: RequestBuilder) -> Result<T, Failure> {
    let response = request
        .send()
        .await
        .and_then(|response| response.error_for_status());
    response.map_err(failure)?.json().await.map_err(failure)
}

impl Peer for ByHand {
    type Customer = Customer;

    fn new(base_url: &str, key: &str) -> Self {
        Self {
            http: Client::new(),
            base_url: base_url.to_owned(),
            key: key.to_owned(),
        }
    }

    async fn get(&self, id: &str) -> Result<Customer, Failure> {
        send(self.request(Method::GET, &format!("/customers/{id}"))).await
    }

    async fn phase(&self, id: &str) -> Result<String, Failure> {
        let onboarding: Onboarding =
            send(self.request(Method::GET, &format!("/onboardings/{id}"))).await?;
        Ok(onboarding.phase)
    }

    async fn update(&self, id: &str) -> Result<(), Failure> {
        let request = self.request(Method::PATCH, &format!("/customers/{id}"));
        send::<Customer>(request.json(&json!({ "plan": "Scale", "domain": null })))
            .await
            .map(drop)
    }

    async fn create(&self, name: &str) -> Result<(), Failure> {
        let request = self.request(Method::POST, "/customers");
        send::<Customer>(request.json(&json!({ "name": name })))
            .await
            .map(drop)
    }

    async fn ids(&self) -> Result<Vec<String>, Failure> {
        let mut ids = Vec::new();
        let mut cursor = None;
        loop {
            let request = self
                .request(Method::GET, "/customers")
                .query(&[("limit", "10")]);
            let list: List = send(request.query(&[("cursor", &cursor)])).await?;
            ids.extend(list.data.into_iter().map(|customer| customer.id));
            cursor = list.next_cursor;
            if !list.has_more {
                return Ok(ids);
            }
        }
    }

    fn debug(&self) -> String {
        format!("{self:?}")
    }
}

fn main() {
    common::run::<ByHand>();
}
