//! Counts the open onboardings by phase and state, over all pages, for a dashboard.
//!
//! ```sh
//! cargo run -p pivotal-sdk --example dashboard
//! ```

use std::collections::BTreeMap;
use std::error::Error;

use pivotal_sdk::{Client, CreateCustomer, CreateOnboarding, OnboardingPhase, OnboardingState};

mod server;

/// How many onboardings are in each phase and state.
pub(crate) type Counts = BTreeMap<(String, String), usize>;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Box<dyn Error>> {
    let server = server::Server::start().await?;
    let customer = fill(&server.pivotal).await?;
    for ((phase, state), count) in run(&server.pivotal).await? {
        println!("{phase:<24} {state:<8} {count:>4} {}", "#".repeat(count));
    }
    server.pivotal.customer(customer).delete().await?;
    Ok(())
}

/// Counts all onboardings except completed ones. A filter such as `state=active` would leave out
/// those that wait for the customer.
pub(crate) async fn run(pivotal: &Client) -> pivotal_sdk::Result<Counts> {
    let mut counts = Counts::new();
    let mut onboardings = pivotal.onboardings().list().stream();
    while let Some(onboarding) = onboardings.try_next().await? {
        if onboarding.phase != OnboardingPhase::Completed {
            // Phases and states that this program does not know have their own lines.
            let key = (onboarding.phase.to_string(), onboarding.state.to_string());
            *counts.entry(key).or_default() += 1;
        }
    }
    Ok(counts)
}

/// Creates onboardings to count, and returns the ID of their customer.
pub(crate) async fn fill(pivotal: &Client) -> pivotal_sdk::Result<String> {
    let aurora = CreateCustomer::new("Aurora Outfitters");
    let customer = pivotal.customers().create(aurora).await?;
    for phase in OnboardingPhase::KNOWN {
        for (number, state) in OnboardingState::KNOWN.iter().enumerate() {
            for _ in 0..=number {
                let onboarding = CreateOnboarding::new(&customer.id)
                    .phase(phase)
                    .state(state);
                pivotal.onboardings().create(onboarding).await?;
            }
        }
    }
    Ok(customer.id)
}
