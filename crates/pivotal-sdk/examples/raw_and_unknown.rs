//! What this version of the SDK does not know stays within reach: keys, values, operations.
//!
//! ```sh
//! cargo run -p pivotal-sdk --example raw_and_unknown
//! ```

use std::error::Error;

use pivotal_sdk::{Client, CreateCustomer, CustomerStatus, Method, Value};
use serde_json::json;

mod stage;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Box<dyn Error>> {
    let stage = stage::Stage::open().await?;
    run(&stage.pivotal).await
}

pub(crate) async fn run(pivotal: &Client) -> Result<(), Box<dyn Error>> {
    // Keys that the contract does not have: sent as they are, read from the kept body.
    let aurora = CreateCustomer::new("Aurora Outfitters").extra("metadata", json!({ "crm": 17 }));
    let customer = pivotal.customers().create(aurora).with_meta().await?;
    println!("beyond the contract: {:?}", customer.extra());
    println!(
        "deep inside it:      {:?}",
        customer.pointer("/metadata/crm")
    );

    // Values that are newer than this program.
    match &customer.status {
        CustomerStatus::Unknown(text) => println!("a new status:        {text}"),
        status => println!("a status we know:    {status}"),
    }

    // Operations: by method and path, with the same key, pacing, retries and errors.
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

    // The generated client has what a regeneration brought, before the SDK has words for it.
    let me = pivotal
        .raw()
        .get_me()
        .await
        .map_err(pivotal_sdk::Error::from)?;
    println!("the workspace:       {}", me.into_inner().organization.name);
    Ok(())
}
