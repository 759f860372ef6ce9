//! Keys, enum values and operations that this version of the SDK does not know.
//!
//! ```sh
//! cargo run -p pivotal-sdk --example raw_and_unknown
//! ```

use std::error::Error;

use pivotal_sdk::{Client, CreateCustomer, CustomerStatus, Method, Value};
use serde_json::json;

mod server;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Box<dyn Error>> {
    let server = server::Server::start().await?;
    run(&server.pivotal).await
}

pub(crate) async fn run(pivotal: &Client) -> Result<(), Box<dyn Error>> {
    // Keys that are not in the contract: sent unchanged, and kept in the response.
    let aurora = CreateCustomer::new("Aurora Outfitters").extra("metadata", json!({ "crm": 17 }));
    let customer = pivotal.customers().create(aurora).with_meta().await?;
    println!("unknown keys:        {:?}", customer.extra);
    println!(
        "nested:              {:?}",
        customer.pointer("/metadata/crm")
    );

    // Enum values that this version does not know.
    match &customer.status {
        CustomerStatus::Unknown(text) => println!("an unknown status:   {text}"),
        status => println!("a known status:      {status}"),
    }

    // Requests by method and path, with the same API key, rate limiter, retries and errors.
    let page = pivotal
        .request(Method::GET, "/api/v1/customers")
        .query("limit", 1)
        .send::<Value>()
        .await?;
    println!("by method and path:  {}", page["data"][0]["name"]);
    let deleted: Value = pivotal
        .request(Method::DELETE, format!("/api/v1/customers/{}", customer.id))
        .await?;
    println!("deleted:             {}", deleted["deleted"]);

    // The generated client has a method for every operation of the document.
    let me = pivotal
        .raw()
        .get_me()
        .await
        .map_err(pivotal_sdk::Error::from)?;
    println!("the workspace:       {}", me.into_inner().organization.name);
    Ok(())
}
