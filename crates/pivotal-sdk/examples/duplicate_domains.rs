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

/// The customers of each domain that more than one has, the one with the longest history first. A
/// customer that was imported later may have onboardings that began before.
pub(crate) async fn run(
    pivotal: &Client,
) -> pivotal_sdk::Result<BTreeMap<String, Vec<(Timestamp, Customer)>>> {
    let mut by_domain = BTreeMap::new();
    for duplicates in pivotal.customers().duplicates().await? {
        let domain = duplicates.domain.clone();
        by_domain.insert(domain, duplicates.by_history(pivotal).await?);
    }
    Ok(by_domain)
}

/// Two customers of one domain, the first one with a contact, and another customer.
async fn fill(pivotal: &Client) -> pivotal_sdk::Result<Vec<Customer>> {
    let mut customers = Vec::new();
    for (name, domain) in [
        ("Aurora", "aurora-demo.com"),
        ("Borealis", "borealis-demo.com"),
        ("Aurora Ltd", "www.Aurora-Demo.com"),
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
