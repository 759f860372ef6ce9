//! Customers that share a domain.

use std::collections::BTreeMap;

use jiff::Timestamp;
use pivotal_api::models::Customer;

use crate::client::Client;
use crate::error::Result;
use crate::resources::Customers;

/// The customers of one domain, from [`Customers::duplicates`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Duplicates {
    /// The domain in lower case, without `www.`.
    pub domain: String,
    /// Two or more customers, the oldest first.
    pub customers: Vec<Customer>,
}

impl Customers {
    /// The customers that share a domain, by domain. Domains are compared without case, `www.` and a
    /// dot at the end.
    ///
    /// Reads all customers, with one request per 100 of them, and keeps those that have a domain in
    /// memory.
    ///
    /// ```
    /// # pivotal_tests::on_sandbox(async |pivotal| {
    /// use pivotal_sdk::CreateCustomer;
    ///
    /// for (name, domain) in [("Aurora", "aurora-demo.com"), ("Aurora Ltd", "www.Aurora-Demo.com")] {
    ///     pivotal.customers().create(CreateCustomer::new(name).domain(domain)).await?;
    /// }
    /// for duplicates in pivotal.customers().duplicates().await? {
    ///     println!("{}", duplicates.domain);
    ///     for (since, customer) in duplicates.by_history(&pivotal).await? {
    ///         println!("  since {since}: {}", customer.name);
    ///     }
    /// }
    /// # Ok(()) });
    /// ```
    ///
    /// # Evidence
    /// Stated: domains are not unique; the list has all customers.
    ///
    /// # Errors
    /// The errors of the list.
    pub fn duplicates(&self) -> impl Future<Output = Result<Vec<Duplicates>>> + Send + use<> {
        let customers = self.clone();
        async move {
            let mut by_domain: BTreeMap<String, Vec<Customer>> = BTreeMap::new();
            let mut customers = customers.list().stream();
            while let Some(customer) = customers.try_next().await? {
                if let Some(domain) = customer.domain.as_deref().and_then(compared) {
                    by_domain.entry(domain).or_default().push(customer);
                }
            }
            by_domain.retain(|_, customers| customers.len() > 1);
            let duplicates = by_domain.into_iter().map(|(domain, mut customers)| {
                customers.sort_by_key(|customer| (customer.created_at, customer.display_id));
                Duplicates { domain, customers }
            });
            Ok(duplicates.collect())
        }
    }
}

impl Duplicates {
    /// The customers with the earliest time that is known of each, the one with the longest history
    /// first: the one to keep. The time is that of the customer, or of an earlier contact or
    /// onboarding, which a customer that was imported later may have.
    ///
    /// Costs two requests per customer. A customer that was deleted meanwhile is left out.
    ///
    /// # Evidence
    /// Stated: all that this reads.
    ///
    /// # Errors
    /// The errors of the lists of contacts and onboardings.
    pub fn by_history(
        self,
        client: &Client,
    ) -> impl Future<Output = Result<Vec<(Timestamp, Customer)>>> + Send + use<> {
        let client = client.clone();
        async move {
            let mut known = Vec::with_capacity(self.customers.len());
            for customer in self.customers {
                match history(&client, &customer).await {
                    Ok(since) => known.push((since, customer)),
                    // Pivotal says so, not something in between: its errors have codes.
                    Err(error) if error.is_not_found() && error.code().is_some() => {}
                    Err(error) => return Err(error),
                }
            }
            known.sort_by_key(|(since, customer)| (*since, customer.display_id));
            Ok(known)
        }
    }
}

/// A domain in the form in which domains are compared; `None` if it is empty.
fn compared(domain: &str) -> Option<String> {
    let domain = domain.trim().trim_end_matches('.').to_lowercase();
    let domain = domain.strip_prefix("www.").unwrap_or(&domain);
    (!domain.is_empty()).then(|| domain.to_owned())
}

async fn history(client: &Client, customer: &Customer) -> Result<Timestamp> {
    let mut since = customer.created_at;
    let customer = client.customer(customer);
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
