//! Every operation by its name, with rows to work on.

use futures_util::future::BoxFuture;
use pivotal_sdk::{
    Call, Client, CreateContact, CreateCustomer, CreateOnboarding, Customer, Endpoint, Meta,
    Result, UpdateContact, UpdateCustomer, UpdateOnboarding,
};

/// What the rows and bodies hold: nothing of it is for the log.
pub(super) const CONTENT: [&str; 5] = ["Aurora", "Borealis", "Mira", "Noor", "on_time"];

/// Rows for the operations to work on.
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

    /// How many customers there are, and how many contacts and onboardings of this one.
    pub(super) async fn count(&self, pivotal: &Client) -> [usize; 3] {
        let customers = pivotal.customers().list().limit(100).await.unwrap().data;
        if !customers.iter().any(|row| row.id == self.customer.id) {
            return [customers.len(), 0, 0];
        }
        let customer = pivotal.customer(&self.customer);
        let contacts = customer.contacts().list().limit(100).await.unwrap().data;
        let onboardings = customer.onboardings().list().await.unwrap().data;
        [customers.len(), contacts.len(), onboardings.len()]
    }
}

/// Any operation of the contract.
pub(super) fn call(
    pivotal: &Client,
    operation: &str,
    rows: &Rows,
) -> BoxFuture<'static, Result<Meta>> {
    fn send<O: Endpoint>(call: Call<O>) -> BoxFuture<'static, Result<Meta>> {
        Box::pin(async { call.with_meta().await.map(|answer| answer.meta) })
    }
    let customer = pivotal.customer(&rows.customer);
    let contact = pivotal.contact(rows.contact);
    let onboarding = pivotal.onboarding(rows.onboarding);
    match operation {
        "get_me" => send(pivotal.me()),
        "get_health" => send(pivotal.health()),
        "list_customers" => send(pivotal.customers().list()),
        "create_customer" => send(pivotal.customers().create(CreateCustomer::new("Borealis"))),
        "get_customer" => send(customer.get()),
        "update_customer" => send(customer.update(UpdateCustomer::new().plan("on_time"))),
        "delete_customer" => send(customer.delete()),
        "list_customer_contacts" => send(customer.contacts().list()),
        "create_customer_contact" => {
            let noor = CreateContact::new("Noor", "noor@aurora.test");
            send(customer.contacts().create(noor))
        }
        "list_customer_onboardings" => send(customer.onboardings().list()),
        "get_contact" => send(contact.get()),
        "update_contact" => send(contact.update(UpdateContact::new().title("on_time"))),
        "delete_contact" => send(contact.delete()),
        "list_onboardings" => send(pivotal.onboardings().list()),
        "create_onboarding" => {
            let onboarding = CreateOnboarding::new(&rows.customer.id);
            send(pivotal.onboardings().create(onboarding))
        }
        "get_onboarding" => send(onboarding.get()),
        "update_onboarding" => send(onboarding.update(UpdateOnboarding::new().notes("on_time"))),
        "delete_onboarding" => send(onboarding.delete()),
        new => panic!("{new} is new: send it here as well"),
    }
}

/// What an operation that is carried out once does to what [`Rows::count`] sees.
pub(super) fn change(operation: &str) -> [isize; 3] {
    match operation {
        "create_customer" => [1, 0, 0],
        "create_customer_contact" => [0, 1, 0],
        "create_onboarding" => [0, 0, 1],
        "delete_customer" => [-1, -1, -1],
        "delete_contact" => [0, -1, 0],
        "delete_onboarding" => [0, 0, -1],
        _ => [0, 0, 0],
    }
}
