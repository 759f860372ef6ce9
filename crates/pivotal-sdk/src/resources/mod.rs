//! Handles of resources, from a [`Client`] to its calls.

mod contacts;
mod customers;
mod onboardings;

use pivotal_api::models::{Contact, Customer, Onboarding};
use pivotal_api::requests::{GetHealthRequest, GetMeRequest};
use pivotal_runtime::Id;

use crate::call::Call;
use crate::client::Client;
pub use contacts::ContactHandle;
pub use customers::{CustomerContacts, CustomerHandle, CustomerOnboardings, Customers};
pub use onboardings::{OnboardingHandle, Onboardings};

impl Client {
    /// The owner of the API key. Sends `GET /api/v1/me`.
    pub fn me(&self) -> Call<GetMeRequest> {
        self.call(GetMeRequest::new())
    }

    /// Whether the API is up. Sends `GET /api/v1/health` without the API key.
    pub fn health(&self) -> Call<GetHealthRequest> {
        self.call(GetHealthRequest::new())
    }

    /// All customers.
    pub fn customers(&self) -> Customers {
        let client = self.clone();
        Customers { client }
    }

    /// One customer, by `display_id`, by opaque ID, or by the customer itself.
    pub fn customer(&self, id: impl Into<Id<Customer>>) -> CustomerHandle {
        let (client, id) = (self.clone(), id.into());
        CustomerHandle { client, id }
    }

    /// One contact, by `display_id`, by opaque ID, or by the contact itself. New contacts are
    /// created through [`CustomerHandle::contacts`].
    pub fn contact(&self, id: impl Into<Id<Contact>>) -> ContactHandle {
        let (client, id) = (self.clone(), id.into());
        ContactHandle { client, id }
    }

    /// All onboardings.
    pub fn onboardings(&self) -> Onboardings {
        let client = self.clone();
        Onboardings { client }
    }

    /// One onboarding, by `display_id`, by opaque ID, or by the onboarding itself.
    pub fn onboarding(&self, id: impl Into<Id<Onboarding>>) -> OnboardingHandle {
        let (client, id) = (self.clone(), id.into());
        OnboardingHandle { client, id }
    }
}
