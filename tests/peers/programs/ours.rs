use pivotal_sdk::{Client, CreateCustomer, Customer, Error, UpdateCustomer};

use common::{Failure, Peer};

mod common;

struct Ours(Client);

fn failure(error: Error) -> Failure {
    Failure {
        status: error.status().map(|status| status.as_u16()),
        code: error.code().map(|code| code.to_string()),
        text: error.to_string(),
    }
}

impl Peer for Ours {
    type Customer = Customer;

    fn new(base_url: &str, key: &str) -> Self {
        Self(
            Client::builder()
                .base_url(base_url)
                .api_key(key)
                .build()
                .unwrap(),
        )
    }

    async fn get(&self, id: &str) -> Result<Customer, Failure> {
        self.0.customer(id).get().await.map_err(failure)
    }

    async fn phase(&self, id: &str) -> Result<String, Failure> {
        let onboarding = self.0.onboarding(id).get().await.map_err(failure)?;
        Ok(onboarding.phase.to_string())
    }

    async fn update(&self, id: &str) -> Result<(), Failure> {
        let changes = UpdateCustomer::new().plan("Scale").clear_domain();
        self.0
            .customer(id)
            .update(changes)
            .await
            .map(drop)
            .map_err(failure)
    }

    async fn create(&self, name: &str) -> Result<(), Failure> {
        let call = self.0.customers().create(CreateCustomer::new(name));
        call.await.map(drop).map_err(failure)
    }

    async fn ids(&self) -> Result<Vec<String>, Failure> {
        let mut ids = Vec::new();
        let mut customers = self.0.customers().list().limit(10).stream();
        while let Some(customer) = customers.try_next().await.map_err(failure)? {
            ids.push(customer.id.to_string());
        }
        Ok(ids)
    }

    fn debug(&self) -> String {
        format!("{:?}", self.0)
    }
}

fn main() {
    common::run::<Ours>();
}
