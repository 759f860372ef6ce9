//! A nightly job that mirrors the companies of a CRM. It reads all customers once, creates those that
//! are new, updates what differs, and leaves alone what only Pivotal knows. A company that fails does
//! not stop the others. If nothing has changed, the job only reads.
//!
//! ```sh
//! cargo run -p pivotal-sdk --example nightly_sync
//! ```

use std::collections::HashMap;
use std::error::Error;

use pivotal_sdk::{Client, CreateCustomer, Customer, GetOrCreate, UpdateCustomer};

mod server;

/// What the CRM knows about a company.
pub(crate) struct Company {
    pub(crate) slug: &'static str,
    pub(crate) name: &'static str,
    pub(crate) domain: Option<&'static str>,
    /// In cents.
    pub(crate) mrr: i64,
}

#[derive(Debug, Default, PartialEq)]
pub(crate) struct Report {
    pub(crate) created: usize,
    pub(crate) updated: usize,
    pub(crate) unchanged: usize,
    pub(crate) failed: Vec<String>,
}

enum Synced {
    Created,
    Updated,
    Unchanged,
}

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Box<dyn Error>> {
    let server = server::Server::start().await?;
    let pivotal = &server.pivotal;
    let company = |slug, name, domain, mrr| Company {
        slug,
        name,
        domain,
        mrr,
    };
    let mut companies = [
        company(
            "sync-example-aurora",
            "Aurora Outfitters",
            Some("aurora-demo.com"),
            120_000,
        ),
        company("sync-example-borealis", "Borealis Books", None, 45_000),
        company(
            "sync-example-cumulus",
            "Cumulus Coffee",
            Some("cumulus-demo.com"),
            9_900,
        ),
    ];
    println!("first night   {:?}", run(pivotal, &companies).await?);
    println!("second night  {:?}", run(pivotal, &companies).await?);
    companies[1].mrr = 52_000;
    println!("third night   {:?}", run(pivotal, &companies).await?);

    for company in companies {
        if let Some(customer) = pivotal.customers().find_by_slug(company.slug).await? {
            pivotal.customer(&customer).delete().await?;
        }
    }
    Ok(())
}

/// An error means that the customers could not be read. Nothing was written then.
pub(crate) async fn run(pivotal: &Client, companies: &[Company]) -> pivotal_sdk::Result<Report> {
    let mut known = HashMap::new();
    let mut customers = pivotal.customers().list().stream();
    while let Some(customer) = customers.try_next().await? {
        if let Some(slug) = customer.slug.clone() {
            known.insert(slug, customer);
        }
    }

    let mut report = Report::default();
    for company in companies {
        match sync(pivotal, known.remove(company.slug), company).await {
            Ok(Synced::Created) => report.created += 1,
            Ok(Synced::Updated) => report.updated += 1,
            Ok(Synced::Unchanged) => report.unchanged += 1,
            Err(error) => report.failed.push(format!("{}: {error}", company.slug)),
        }
    }
    Ok(report)
}

async fn sync(
    pivotal: &Client,
    known: Option<Customer>,
    company: &Company,
) -> pivotal_sdk::Result<Synced> {
    let customer = match known {
        Some(customer) => customer,
        None => {
            let mut new = CreateCustomer::new(company.name)
                .slug(company.slug)
                .mrr(company.mrr);
            if let Some(domain) = company.domain {
                new = new.domain(domain);
            }
            // Another program may have created it since the list was read.
            match pivotal.customers().get_or_create(new).await? {
                GetOrCreate::Created(_) => return Ok(Synced::Created),
                GetOrCreate::Existing(customer) => customer,
            }
        }
    };
    match difference(&customer, company) {
        Some(changes) => {
            pivotal.customer(&customer).update(changes).await?;
            Ok(Synced::Updated)
        }
        None => Ok(Synced::Unchanged),
    }
}

/// The fields that the CRM owns and that differ. An update leaves all others as they are.
fn difference(customer: &Customer, company: &Company) -> Option<UpdateCustomer> {
    let mut changes = UpdateCustomer::new();
    if customer.name != company.name {
        changes = changes.name(company.name);
    }
    if customer.mrr != Some(company.mrr) {
        changes = changes.mrr(company.mrr);
    }
    if customer.domain.as_deref() != company.domain {
        changes = match company.domain {
            Some(domain) => changes.domain(domain),
            None => changes.clear_domain(),
        };
    }
    (changes != UpdateCustomer::new()).then_some(changes)
}
