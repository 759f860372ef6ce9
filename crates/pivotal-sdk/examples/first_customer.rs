//! The first-customer guide: a customer, its primary contact and its onboarding. However often it
//! runs, it creates the three rows once.
//!
//! ```sh
//! cargo run -p pivotal-sdk --example first_customer
//! ```

use std::error::Error;

use pivotal_sdk::{
    Client, CreateContact, CreateCustomer, CreateOnboarding, Customer, CustomerStatus,
    OnboardingPhase, OnboardingState,
};

mod server;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Box<dyn Error>> {
    let server = server::Server::start().await?;
    let customer = run(&server.pivotal).await?;
    println!("see it at {}", server.pivotal.ui_url(&customer));

    let again = run(&server.pivotal).await?;
    assert_eq!(customer.id, again.id, "nothing is doubled");
    Ok(())
}

pub(crate) async fn run(pivotal: &Client) -> Result<Customer, Box<dyn Error>> {
    let aurora = CreateCustomer::new("Aurora Outfitters")
        .slug("aurora-demo")
        .domain("aurora-demo.com")
        .status(CustomerStatus::Onboarding);
    // A row that exists is returned unchanged.
    let customer = pivotal.customers().get_or_create(aurora).await?;
    let customer = customer.into_inner();
    println!("customer   {:>4}  {}", customer.display_id, customer.name);

    let mira = CreateContact::new("Mira Chen", "mira@aurora-demo.com")
        .title("Head of Ops")
        .is_primary(true)
        .labels(["billing", "technical"].map(String::from));
    let contacts = pivotal.customer(&customer).contacts();
    let mira = contacts.get_or_create(mira).await?.into_inner();
    println!("contact    {:>4}  {}", mira.display_id, mira.email);

    let onboarding = CreateOnboarding::new(&customer)
        .phase(OnboardingPhase::BeforeGettingStarted)
        .state(OnboardingState::Active)
        .target_launch_date("2026-07-15");
    let onboarding = pivotal.onboardings().get_or_create(onboarding).await?;
    let onboarding = onboarding.into_inner();
    println!(
        "onboarding {:>4}  {}",
        onboarding.display_id, onboarding.phase
    );
    Ok(customer)
}
