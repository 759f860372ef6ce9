//! The kinds of rows that are synced, with their calls. The rest of the crate treats them alike.

use pivotal_sdk::requests::{UpdateContactRequest, UpdateCustomerRequest, UpdateOnboardingRequest};
use pivotal_sdk::{Client, Endpoint, Error, Meta, Response, Violation};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::field::Values;
use crate::words::words;

words! {
    /// A kind of rows in Pivotal.
    #[derive(PartialOrd, Ord, Hash, Deserialize)]
    Kind {
        /// A customer.
        Customer = "customer",
        /// A contact of a customer.
        Contact = "contact",
        /// An onboarding of a customer.
        Onboarding = "onboarding",
    }
}

/// Why a call has no row as its response.
pub(crate) enum CallError {
    /// The values are no body of the API, so that nothing was sent.
    Values(String),
    /// The call failed.
    Call(Box<Error>),
}

impl From<serde_json::Error> for CallError {
    fn from(error: serde_json::Error) -> Self {
        Self::Values(error.to_string())
    }
}

impl From<Error> for CallError {
    fn from(error: Error) -> Self {
        Self::Call(Box::new(error))
    }
}

impl Kind {
    /// All kinds, in the order in which the rows of a customer are written.
    pub const ALL: [Self; 3] = [Self::Customer, Self::Contact, Self::Onboarding];

    /// The table of the mirror, which is also the plural.
    pub fn table(self) -> &'static str {
        match self {
            Self::Customer => "customers",
            Self::Contact => "contacts",
            Self::Onboarding => "onboardings",
        }
    }

    /// The first limit of the contract that these values exceed. The values are given back.
    pub(crate) fn violation(self, values: Values) -> (Values, Option<Violation>) {
        let operation = match self {
            Self::Customer => UpdateCustomerRequest::OPERATION,
            Self::Contact => UpdateContactRequest::OPERATION,
            Self::Onboarding => UpdateOnboardingRequest::OPERATION,
        };
        let body = Value::Object(values);
        let violation = operation.check_json(&body).err();
        match body {
            Value::Object(values) => (values, violation),
            _ => (Values::new(), violation),
        }
    }

    pub(crate) async fn get(self, client: &Client, id: &str) -> Result<Values, Error> {
        Ok(match self {
            Self::Customer => row(&client.customer(id).get().await?),
            Self::Contact => row(&client.contact(id).get().await?),
            Self::Onboarding => row(&client.onboarding(id).get().await?),
        })
    }

    /// Creates a row of a customer, or a customer, for which `customer` is not used. The values have
    /// no nulls: a create takes none.
    pub(crate) async fn create(
        self,
        client: &Client,
        customer: &str,
        values: &Values,
        key: &str,
    ) -> Result<(Values, Meta), CallError> {
        Ok(match self {
            Self::Customer => {
                let call = client.customers().create(body(values)?);
                row_and_meta(call.idempotency_key(key).with_meta().await?)
            }
            Self::Contact => {
                let contacts = client.customer(customer).contacts();
                let call = contacts.create(body(values)?);
                row_and_meta(call.idempotency_key(key).with_meta().await?)
            }
            Self::Onboarding => {
                let mut values = values.clone();
                values.insert("customer_id".to_owned(), customer.into());
                let call = client.onboardings().create(body(&values)?);
                row_and_meta(call.idempotency_key(key).with_meta().await?)
            }
        })
    }

    /// Changes these values. Null clears a field.
    pub(crate) async fn update(
        self,
        client: &Client,
        id: &str,
        values: &Values,
    ) -> Result<Values, CallError> {
        Ok(match self {
            Self::Customer => row(&client.customer(id).update(body(values)?).await?),
            Self::Contact => row(&client.contact(id).update(body(values)?).await?),
            Self::Onboarding => row(&client.onboarding(id).update(body(values)?).await?),
        })
    }

    pub(crate) async fn delete(self, client: &Client, id: &str) -> Result<(), Error> {
        match self {
            Self::Customer => client.customer(id).delete().await?,
            Self::Contact => client.contact(id).delete().await?,
            Self::Onboarding => client.onboarding(id).delete().await?,
        };
        Ok(())
    }
}

fn body<'de, T: Deserialize<'de>>(values: &'de Values) -> serde_json::Result<T> {
    T::deserialize(values)
}

/// A row as JSON. Keys that are null are not in it.
pub(crate) fn row(row: &impl Serialize) -> Values {
    match serde_json::to_value(row) {
        Ok(Value::Object(values)) => values,
        _ => Values::new(),
    }
}

fn row_and_meta<T: Serialize>(response: Response<T>) -> (Values, Meta) {
    (row(&response.value), response.meta)
}
