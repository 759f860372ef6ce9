//! Counts the active onboardings by phase, over all pages.
//!
//! ```sh
//! cargo run -p pivotal-sdk --example dashboard
//! ```

use std::collections::BTreeMap;
use std::error::Error;

use pivotal_sdk::{Client, CreateCustomer, CreateOnboarding, OnboardingPhase, OnboardingState};

mod server;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Box<dyn Error>> {
    let server = server::Server::start().await?;
    let customer = fill(&server.pivotal).await?;
    let counts = run(&server.pivotal).await?;
    for phase in OnboardingPhase::KNOWN {
        let count = counts.get(phase.as_str()).copied().unwrap_or_default();
        println!("{:<24} {count:>4} {}", phase.as_str(), "#".repeat(count));
    }
    if let Some(rate_limit) = server.pivotal.rate_limit() {
        println!("\n{rate_limit:?}");
    }
    server.pivotal.customer(customer).delete().await?;
    Ok(())
}

/// How many active onboardings are in each phase.
pub(crate) async fn run(pivotal: &Client) -> Result<BTreeMap<String, usize>, Box<dyn Error>> {
    let mut counts = BTreeMap::new();
    let mut active = pivotal
        .onboardings()
        .list()
        .state(OnboardingState::Active)
        .stream();
    while let Some(onboarding) = active.try_next().await? {
        // An unknown phase is counted under its own name.
        *counts.entry(onboarding.phase.to_string()).or_default() += 1;
    }
    Ok(counts)
}

/// Creates sample onboardings.
pub(crate) async fn fill(pivotal: &Client) -> Result<String, Box<dyn Error>> {
    let customer = pivotal
        .customers()
        .create(CreateCustomer::new("Aurora Outfitters"))
        .await?;
    for (number, phase) in OnboardingPhase::KNOWN.iter().enumerate() {
        for _ in 0..=number {
            let onboarding = CreateOnboarding::new(&customer.id).phase(phase);
            pivotal.onboardings().create(onboarding).await?;
        }
    }
    Ok(customer.id)
}
