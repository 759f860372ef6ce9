//! Every operation of the case table, with records to work on.

use futures_util::future::BoxFuture;
use pivotal_contract::operation_cases::{Inputs, operation_case};
use pivotal_sdk::{
    Client, CreateContact, CreateCustomer, CreateOnboarding, Customer, Meta, Method, Result,
    RetryClass,
    transport::{OPERATIONS, Operation},
};
use serde_json::Value;

/// What the records and bodies hold: none of it may be logged.
pub(super) const CONTENT: [&str; 5] = ["Aurora", "borealis", "Mira", "Ada Park", "example.com"];

/// The collections whose rows are counted.
const COLLECTIONS: [&str; 3] = ["customers", "contacts", "onboardings"];

/// Rows of three lists, as JSON.
pub(super) type Lists = [Vec<Value>; 3];

/// Records for the operations to work on.
pub(super) struct Rows {
    customer: Customer,
    contact: i64,
    onboarding: i64,
}

impl Rows {
    pub(super) async fn make(pivotal: &Client) -> Self {
        let customer = CreateCustomer::new("Aurora");
        let customer = pivotal.customers().create(customer).await.unwrap();
        let contact = CreateContact::new("Mira", "mira@aurora.test");
        let contacts = pivotal.customer(&customer).contacts();
        let contact = contacts.create(contact).await.unwrap();
        let onboarding = CreateOnboarding::new(&customer.id);
        let onboarding = pivotal.onboardings().create(onboarding).await.unwrap();
        Self {
            customer,
            contact: contact.display_id,
            onboarding: onboarding.display_id,
        }
    }

    /// The customers, and the contacts and onboardings of this one.
    pub(super) async fn list(&self, pivotal: &Client) -> Lists {
        let customer = format!("/api/v1/customers/{}", self.customer.id);
        let list = async |path: String| {
            let list = pivotal.request(Method::GET, path).query("limit", 100);
            // With a customer go its contacts and onboardings.
            match list.await {
                Ok(mut list) => serde_json::from_value(list["data"].take()).unwrap(),
                Err(error) if error.is_not_found() => Vec::new(),
                Err(error) => panic!("{error}"),
            }
        };
        [
            list("/api/v1/customers".to_owned()).await,
            list(format!("{customer}/contacts")).await,
            list(format!("{customer}/onboardings")).await,
        ]
    }
}

/// The operations that the case table has a row for, and that are sent again after a fault. What
/// becomes of those that are not, is in the tests of `pivotal-runtime`.
pub(super) fn operations() -> impl Iterator<Item = &'static Operation> {
    let is_repeated = |operation: &&Operation| operation.class != RetryClass::Never;
    let has_case = |operation: &&Operation| operation_case(operation.name).is_some();
    OPERATIONS
        .iter()
        .copied()
        .filter(is_repeated)
        .filter(has_case)
}

/// Sends the minimal request of an operation.
pub(super) fn call(
    pivotal: &Client,
    operation: &str,
    rows: &Rows,
) -> BoxFuture<'static, Result<Meta>> {
    let inputs = Inputs::new("borealis", rows.customer.id.as_str())
        .with_id("contacts", rows.contact.to_string())
        .with_id("onboardings", rows.onboarding.to_string());
    let case = operation_case(operation).unwrap();
    let sent = (case.minimal)(pivotal, &inputs);
    Box::pin(async { sent.await.map(|reply| reply.meta) })
}

/// What an operation that is carried out once does to the numbers of rows in [`Rows::list`]. With a customer go
/// its contacts and onboardings.
pub(super) fn change(operation: &Operation) -> [isize; 3] {
    let named = operation
        .path
        .rsplit('/')
        .find(|part| !part.starts_with('{'));
    COLLECTIONS.map(|collection| match operation.method.as_str() {
        "POST" if named == Some(collection) => 1,
        "DELETE" if named == Some(collection) || named == Some("customers") => -1,
        _ => 0,
    })
}
