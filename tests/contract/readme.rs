//! The Rust in README.md, compiled: every block of it stands here too, and a test compares them.

#![allow(
    dead_code,
    reason = "to be compiled is all that the blocks are here for"
)]

use std::time::Duration;

use pivotal_sdk::{
    Client, CreateCustomer, Customer, Method, OnboardingState, Result, RetryPolicy, Value,
};

type Report = Value;

/// Its own program.
#[rustfmt::skip]
mod use_it {
    use pivotal_sdk::{Client, CreateContact, CreateCustomer, CustomerStatus, OnboardingState, UpdateCustomer};

    #[tokio::main]
    async fn main() -> Result<(), pivotal_sdk::Error> {
        let pivotal = Client::from_env()?; // PIVOTAL_API_KEY, and PIVOTAL_BASE_URL where it is set

        let customer = pivotal
            .customers()
            .create(CreateCustomer::new("Aurora Outfitters").slug("aurora-demo").status(CustomerStatus::Onboarding))
            .idempotency_key("first-customer-aurora-demo") // run it again: the same customer
            .await?;
        let mira = CreateContact::new("Mira Chen", "mira@aurora-demo.com").is_primary(true);
        pivotal.customer(&customer).contacts().create(mira).await?;
        pivotal.customer(245).update(UpdateCustomer::new().plan("Growth").clear_domain()).await?;

        let page = pivotal.onboardings().list().state(OnboardingState::Active).limit(50).await?;
        for onboarding in page.data {
            println!("{} {}", onboarding.display_id, onboarding.phase);
        }
        match pivotal.customer("cl9bn00of0000g7l8gcq8c4xk").get().await {
            Err(error) if error.is_not_found() => println!("no such customer"),
            other => println!("{}", other?.name),
        }
        Ok(())
    }
}

#[rustfmt::skip]
async fn when_things_go_wrong(key: String) -> Result<()> {
    let pivotal = Client::builder()
        .api_key(key)
        .deadline(Duration::from_secs(120))                   // all attempts and waits of a call
        .retry(RetryPolicy::default().max_attempts(6))        // RetryPolicy::off() sends once
        .require_test_mode()                                  // refuses a live key
        .build()?;

    let answer = pivotal.customer(245).get()
        .timeout(Duration::from_secs(5)).header("x-trace", "t1")   // options of one call
        .with_meta().await?;
    println!("{} after {} attempts, {:?}", answer.name, answer.meta.attempts(), answer.meta.rate_limit());
    Ok(())
}

#[rustfmt::skip]
async fn lists_of_any_length(pivotal: Client) -> Result<()> {
    let mut active = pivotal.onboardings().list().state(OnboardingState::Active).stream();
    while let Some(onboarding) = active.try_next().await? {
        println!("{} {}", onboarding.display_id, onboarding.phase);
    }
    let newest = pivotal.customers().list().collect_up_to(500).await?;   // there is no collect without a bound
    drop(newest);
    Ok(())
}

#[rustfmt::skip]
async fn recipes(pivotal: Client, aurora: CreateCustomer, customer: Customer) -> Result<()> {
    pivotal.customers().create(aurora).or_fetch().await?;      // or the one that has the slug already
    pivotal.customers().find_by_slug("aurora-demo").await?;
    pivotal.onboarding(7).advance().await?;                    // on to the next phase; None after the last
    pivotal.onboarding(7).pause().await?;                      // and resume()
    pivotal.ui_url(&customer);
    pivotal.request(Method::GET, "/api/v1/reports").query("year", 2026).send::<Report>().await?;   // what the SDK does not know
    Ok(())
}

#[rustfmt::skip]
async fn the_sandbox() -> Result<()> {
    let sandbox = pivotal_sandbox::Sandbox::start().await; // a fresh one for each test
    let pivotal = pivotal_sdk::Client::builder().base_url(sandbox.base_url()).api_key(sandbox.api_key()).build()?;
    pivotal.me().await?;
    Ok(())
}

/// A text without the whitespace that says nothing.
fn dense(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_rust_of_the_readme_compiles() {
    let readme = include_str!("../../README.md");
    let here = dense(include_str!("readme.rs"));
    let blocks: Vec<&str> = readme
        .split("```rust\n")
        .skip(1)
        .filter_map(|block| block.split("```").next())
        .collect();
    assert_eq!(blocks.len(), 5, "put the new block into {}", file!());
    for block in blocks {
        assert!(
            here.contains(&dense(block)),
            "README.md and {} differ; change this too:\n{block}",
            file!()
        );
    }
}
