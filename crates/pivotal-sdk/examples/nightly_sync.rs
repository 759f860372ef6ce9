//! A nightly job that copies the records of a CRM: it creates new customers and updates fields that
//! differ; fields that only Pivotal has stay unchanged. A failed record does not stop the others,
//! and the job can run again at any time.
//!
//! ```sh
//! cargo run -p pivotal-sdk --example nightly_sync
//! ```

use std::error::Error;

use pivotal_sdk::{Client, CreateCustomer, Customer, GetOrCreate, UpdateCustomer};

mod server;

/// A company in the CRM.
pub(crate) struct ExchangeSlot {
    pub(crate) slug: &'static str,
    pub(crate) name: &'static str,
    pub(crate) domain: Option<&'static str>,
    pub(crate) mrr: i64,
}

/// The result of one run.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Report {
    pub(crate) created: usize,
    pub(crate) changed: usize,
    pub(crate) unchanged: usize,
    pub(crate) failed: Vec<String>,
}

enum Synced {
    Created,
    Changed,
    Unchanged,
}

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Box<dyn Error>> {
    let server = server::Server::start().await?;
    let mut records = [
        ExchangeSlot {
            slug: "aurora-demo",
            name: "Aurora Outfitters",
            domain: Some("aurora-demo.com"),
            mrr: 120_000,
        },
        ExchangeSlot {
            slug: "borealis-demo",
            name: "Borealis Books",
            domain: None,
            mrr: 45_000,
        },
        ExchangeSlot {
            slug: "cumulus-demo",
            name: "Cumulus Coffee",
            domain: Some("cumulus-demo.com"),
            mrr: 9_900,
        },
    ];
    println!("first night   {:?}", run(&server.pivotal, &records).await);
    println!("second night  {:?}", run(&server.pivotal, &records).await);
    records[1].mrr = 52_000;
    println!("third night   {:?}", run(&server.pivotal, &records).await);

    for record in records {
        if let Some(customer) = server.pivotal.customers().find_by_slug(record.slug).await? {
            server.pivotal.customer(&customer).delete().await?;
        }
    }
    Ok(())
}

pub(crate) async fn run(pivotal: &Client, records: &[ExchangeSlot]) -> Report {
    let mut report = Report::default();
    for record in records {
        match sync(pivotal, record).await {
            Ok(Synced::Created) => report.created += 1,
            Ok(Synced::Changed) => report.changed += 1,
            Ok(Synced::Unchanged) => report.unchanged += 1,
            Err(error) => report.failed.push(format!("{}: {error}", record.slug)),
        }
    }
    report
}

async fn sync(pivotal: &Client, record: &ExchangeSlot) -> pivotal_sdk::Result<Synced> {
    let mut new = CreateCustomer::new(record.name)
        .slug(record.slug)
        .mrr(record.mrr);
    if let Some(domain) = record.domain {
        new = new.domain(domain);
    }
    // The SDK sends one idempotency key on all attempts of a call. In the next run, the slug finds
    // the customer.
    let known = match pivotal.customers().get_or_create(new).await? {
        GetOrCreate::Created(_) => return Ok(Synced::Created),
        GetOrCreate::Existing(known) => known,
    };
    match difference(&known, record) {
        Some(changes) => {
            pivotal.customer(&known).update(changes).await?;
            Ok(Synced::Changed)
        }
        None => Ok(Synced::Unchanged),
    }
}

/// The fields that the CRM owns and that differ. A PATCH changes no other field.
fn difference(known: &Customer, record: &ExchangeSlot) -> Option<UpdateCustomer> {
    let mut changes = UpdateCustomer::new();
    let mut any = false;
    if known.name != record.name {
        changes = changes.name(record.name);
        any = true;
    }
    if known.mrr != Some(record.mrr) {
        changes = changes.mrr(record.mrr);
        any = true;
    }
    if known.domain.as_deref() != record.domain {
        changes = match record.domain {
            Some(domain) => changes.domain(domain),
            None => changes.clear_domain(),
        };
        any = true;
    }
    any.then_some(changes)
}
