//! Advances an onboarding through all phases, and pauses it once.
//!
//! ```sh
//! cargo run -p pivotal-sdk --example onboarding_phases
//! ```

use std::error::Error;

use pivotal_sdk::{
    Client, CreateCustomer, CreateOnboarding, Onboarding, OnboardingPhase, OnboardingState,
};

mod server;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Box<dyn Error>> {
    let server = server::Server::start().await?;
    let onboarding = run(&server.pivotal).await?;
    println!("completed at {:?}", onboarding.completed_at);
    server
        .pivotal
        .customer(onboarding.customer_id)
        .delete()
        .await?;
    Ok(())
}

pub(crate) async fn run(pivotal: &Client) -> Result<Onboarding, Box<dyn Error>> {
    let customer = pivotal
        .customers()
        .create(CreateCustomer::new("Borealis Books"))
        .await?;
    let mut onboarding = pivotal
        .onboardings()
        .create(CreateOnboarding::new(&customer.id))
        .await?;
    println!("{}", onboarding.phase);

    let handle = pivotal.onboarding(&onboarding);
    while let Some(moved) = handle.advance().await? {
        println!("{}", moved.phase);
        if moved.phase == OnboardingPhase::Review {
            println!("  paused: {}", handle.pause().await?.state);
            let held = pivotal
                .onboardings()
                .list()
                .phase(OnboardingPhase::Review)
                .state(OnboardingState::Paused)
                .customer_id(&customer)
                .await?;
            assert_eq!(
                held.data.len(),
                1,
                "filters by phase and state work together"
            );
            println!("  resumed: {}", handle.resume().await?.state);
        }
        onboarding = moved;
    }
    Ok(onboarding)
}
