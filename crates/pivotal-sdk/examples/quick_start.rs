//! The program of the README. It runs against the server and with the key of the environment:
//!
//! ```sh
//! cargo run -p pivotal-cli -- sandbox --api-key pivotal_test_mine
//! PIVOTAL_API_KEY=pivotal_test_mine PIVOTAL_BASE_URL=http://127.0.0.1:8787 \
//!     cargo run -p pivotal-sdk --example quick_start
//! ```

use pivotal_sdk::{ClientBuilder, CreateContact, CreateCustomer, CustomerStatus};

#[tokio::main]
pub(crate) async fn main() -> Result<(), pivotal_sdk::Error> {
    // PIVOTAL_API_KEY, which must be a test key, and PIVOTAL_BASE_URL if it is set.
    let pivotal = ClientBuilder::from_env()?.require_test_mode().build()?;

    // A row that exists is not created again.
    let aurora = CreateCustomer::new("Aurora Outfitters")
        .slug("aurora-demo")
        .status(CustomerStatus::Onboarding);
    let aurora = pivotal.customers().get_or_create(aurora).await?;

    let contacts = pivotal.customer(&aurora.into_inner()).contacts();
    let mira = CreateContact::new("Mira Chen", "mira@aurora-demo.com").is_primary(true);
    contacts.get_or_create(mira).await?;

    let mut customers = pivotal.customers().list().stream();
    while let Some(customer) = customers.try_next().await? {
        println!("{} {}", customer.display_id, customer.name);
    }
    Ok(())
}
