//! The guide's first customer: a company, its primary contact and its onboarding. Run it as often
//! as you like: it makes the three rows once.
//!
//! ```sh
//! cargo run -p pivotal-sdk --example first_customer
//! ```

use std::error::Error;

use pivotal_sdk::{
    Client, CreateContact, CreateCustomer, CreateOnboarding, Customer, CustomerStatus,
    OnboardingPhase, OnboardingState,
};

mod stage;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Box<dyn Error>> {
    let stage = stage::Stage::open().await?;
    let customer = run(&stage.pivotal).await?;
    println!("see it at {}", stage.pivotal.ui_url(&customer));

    let again = run(&stage.pivotal).await?;
    assert_eq!(customer.id, again.id, "nothing is doubled");
    stage.pivotal.customer(&customer).delete().await?;
    println!("and deleted again");
    Ok(())
}

pub(crate) async fn run(pivotal: &Client) -> Result<Customer, Box<dyn Error>> {
    let aurora = CreateCustomer::new("Aurora Outfitters")
        .slug("aurora-demo")
        .domain("aurora-demo.com")
        .status(CustomerStatus::Onboarding);
    // The key makes a repetition within 24 hours answer as the first time; after that, or-fetch
    // finds the customer by its slug.
    let customer = pivotal
        .customers()
        .create(aurora)
        .idempotency_key("first-customer-aurora-demo")
        .or_fetch()
        .await?
        .into_inner();
    println!("customer   {:>4}  {}", customer.display_id, customer.name);

    let mira = CreateContact::new("Mira Chen", "mira@aurora-demo.com")
        .title("Head of Ops")
        .is_primary(true)
        .labels(["billing", "technical"].map(String::from));
    let mira = pivotal.customer(&customer).contacts().create(mira).await?;
    println!("contact    {:>4}  {}", mira.display_id, mira.email);

    let onboarding = CreateOnboarding::new(&customer)
        .phase(OnboardingPhase::BeforeGettingStarted)
        .state(OnboardingState::Active)
        .target_launch_date("2026-07-15");
    let onboarding = pivotal
        .onboardings()
        .create(onboarding)
        .idempotency_key("first-customer-aurora-demo-onb")
        .await?;
    println!(
        "onboarding {:>4}  {}",
        onboarding.display_id, onboarding.phase
    );
    Ok(customer)
}
