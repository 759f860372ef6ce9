//! Finds customers that share a domain, and says which of them has the longer history.
//!
//! ```sh
//! cargo run -p pivotal-sdk --example duplicate_domains
//! ```

use std::collections::BTreeMap;
use std::error::Error;

use pivotal_sdk::{Client, CreateContact, CreateCustomer, Customer, Timestamp};

mod server;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Box<dyn Error>> {
    let server = server::Server::start().await?;
    let customers = fill(&server.pivotal).await?;
    for (domain, customers) in run(&server.pivotal).await? {
        println!("{domain}");
        for (since, customer) in customers {
            println!("  since {since}: {} {}", customer.display_id, customer.name);
        }
    }
    for customer in customers {
        server.pivotal.customer(&customer).delete().await?;
    }
    Ok(())
}

/// The customers of each domain that more than one has, the one with the longest history first.
pub(crate) async fn run(
    pivotal: &Client,
) -> pivotal_sdk::Result<BTreeMap<String, Vec<(Timestamp, Customer)>>> {
    let mut by_domain: BTreeMap<String, Vec<(Timestamp, Customer)>> = BTreeMap::new();
    let mut customers = pivotal.customers().list().stream();
    while let Some(customer) = customers.try_next().await? {
        if let Some(domain) = &customer.domain {
            let domain = domain.trim().to_lowercase();
            let same = by_domain.entry(domain).or_default();
            same.push((customer.created_at, customer));
        }
    }
    by_domain.retain(|_, customers| customers.len() > 1);
    for (since, customer) in by_domain.values_mut().flatten() {
        *since = history(pivotal, customer).await?;
    }
    for customers in by_domain.values_mut() {
        customers.sort_by_key(|(since, customer)| (*since, customer.display_id));
    }
    Ok(by_domain)
}

/// The earliest time that is known of a customer: its own, and those of its contacts and
/// onboardings. A customer that was imported later may have onboardings that began before.
async fn history(pivotal: &Client, customer: &Customer) -> pivotal_sdk::Result<Timestamp> {
    let mut since = customer.created_at;
    let customer = pivotal.customer(customer);
    let mut contacts = customer.contacts().list().stream();
    while let Some(contact) = contacts.try_next().await? {
        since = since.min(contact.created_at);
    }
    for onboarding in customer.onboardings().list().await? {
        let started = onboarding.started_at.unwrap_or(onboarding.created_at);
        since = since.min(started);
    }
    Ok(since)
}

/// Two customers of one domain, the first one with a contact, and another customer.
async fn fill(pivotal: &Client) -> pivotal_sdk::Result<Vec<Customer>> {
    let mut customers = Vec::new();
    for (name, domain) in [
        ("Aurora", "aurora-demo.com"),
        ("Borealis", "borealis-demo.com"),
        ("Aurora Ltd", "Aurora-Demo.com"),
    ] {
        let create = CreateCustomer::new(name).domain(domain);
        customers.push(pivotal.customers().create(create).await?);
    }
    let mira = CreateContact::new("Mira Chen", "mira@aurora-demo.com");
    pivotal
        .customer(&customers[0])
        .contacts()
        .create(mira)
        .await?;
    Ok(customers)
}
