//! The first-customer guide, run twice to show its idempotency keys.

use std::mem;

use pivotal_sdk::{
    Client, CreateContact, CreateCustomer, CreateOnboarding, Customer, CustomerStatus, Deleted,
    List, OnboardingPhase, OnboardingState, Response,
};

use crate::report::{Failure, line};

/// Runs the guide. With `exact`, the slug, address and keys are those of the guide; with `keep`, its
/// rows are not deleted.
pub(super) async fn run(client: Client, exact: bool, keep: bool) -> Result<(), Failure> {
    let suffix = if exact {
        String::new()
    } else {
        format!("-{:x}", jiff::Timestamp::now().as_microsecond())
    };
    let guide = Guide {
        client,
        slug: format!("aurora-demo{suffix}"),
        email: format!("mira@aurora-demo{suffix}.com"),
        key: format!("first-customer-aurora-demo{suffix}"),
        exact,
    };
    line("\n1. A customer, its primary contact and an onboarding.");
    let customer = guide.customer().await?;
    let outcome = guide.with_customer(&customer, keep).await;
    if keep {
        line("\n4. The rows are kept.");
        return outcome;
    }
    // All rows are deleted even after a failure, so that a failed run leaves nothing behind.
    let cleaned = guide.clean_up(&customer).await;
    outcome.and(cleaned)
}

/// The guide, with the values that must be new in each run on a server that keeps its state.
struct Guide {
    client: Client,
    slug: String,
    email: String,
    key: String,
    exact: bool,
}

impl Guide {
    async fn with_customer(&self, customer: &Customer, keep: bool) -> Result<(), Failure> {
        let first = self.rows_of(customer).await?;
        // Without `keep` the customer is gone when someone could open it.
        if keep {
            let address = self.client.ui_url(customer);
            line(format!("   Address in the app: {address}"));
        }
        line("\n2. The same calls again: keys and the e-mail address lead to the same rows.");
        let second = self.rows_of(&self.customer().await?).await?;
        self.nothing_is_doubled(customer, first == second).await?;
        line("\n3. The same customer without a key: the slug is taken.");
        self.conflict().await
    }

    async fn customer(&self) -> Result<Customer, Failure> {
        let Self { slug, key, .. } = self;
        let response = self
            .client
            .customers()
            .create(
                CreateCustomer::new("Aurora Outfitters")
                    .slug(slug)
                    .domain("aurora-demo.com")
                    .status(CustomerStatus::Onboarding),
            )
            .idempotency_key(key)
            .with_meta()
            .await
            .map_err(|error| self.explain(error))?;
        let replayed = replayed(&response);
        let customer = response.value;
        line(format!(
            "   customer    #{} {}  {}, slug {}, {}  (key {key}{})",
            customer.display_id,
            customer.id,
            customer.name,
            customer.slug.as_deref().unwrap_or("none"),
            customer.status,
            replayed,
        ));
        Ok(customer)
    }

    /// The contact and the onboarding of a customer, and the IDs of all three.
    async fn rows_of(&self, customer: &Customer) -> Result<[String; 3], Failure> {
        let Self { email, key, .. } = self;
        // The guide's create of a contact has no key, and what it does with an e-mail address that
        // exists is not documented.
        let contact = CreateContact::new("Mira Chen", email)
            .title("Head of Ops")
            .is_primary(true)
            .labels(["billing", "technical"]);
        let contacts = self.client.customer(customer).contacts();
        let contact = contacts.get_or_create(contact).await;
        let contact = contact.map_err(|error| self.explain(error))?.into_inner();
        line(format!(
            "   contact     #{} {}  {} <{}>, {}",
            contact.display_id,
            contact.id,
            contact.name,
            contact.email,
            contact.labels.join(" and "),
        ));

        let response = self
            .client
            .onboardings()
            .create(
                CreateOnboarding::new(customer)
                    .phase(OnboardingPhase::BeforeGettingStarted)
                    .state(OnboardingState::Active)
                    .target_launch_date("2026-07-15"),
            )
            .idempotency_key(format!("{key}-onb"))
            .with_meta()
            .await
            .map_err(|error| self.explain(error))?;
        let replayed = replayed(&response);
        let onboarding = response.value;
        line(format!(
            "   onboarding  #{} {}  {}, {}  (key {key}-onb{replayed})",
            onboarding.display_id, onboarding.id, onboarding.phase, onboarding.state,
        ));
        Ok([customer.id.clone(), contact.id, onboarding.id])
    }

    /// Checks that both runs led to the same IDs, and that the customer has one contact and one
    /// onboarding. Slugs are unique.
    async fn nothing_is_doubled(&self, customer: &Customer, same: bool) -> Result<(), Failure> {
        let customer = self.client.customer(customer);
        let contacts = customer.contacts().list().await?;
        let onboardings = customer.onboardings().list().await?;
        let counts = [contacts.data.len(), onboardings.data.len()];
        line(format!(
            "   the customer has {} contact and {} onboarding",
            counts[0], counts[1]
        ));
        if same && counts == [1, 1] {
            Ok(())
        } else {
            Err(Failure::step(
                "the second run created new rows; the server did not apply the idempotency keys",
            ))
        }
    }

    async fn conflict(&self) -> Result<(), Failure> {
        let again = CreateCustomer::new("Aurora Outfitters").slug(&self.slug);
        match self.client.customers().create(again).await {
            Err(error) if error.is_code("slug_taken") => {
                line(format!("   {error}"));
                Ok(())
            }
            Err(error) => Err(error.into()),
            Ok(customer) => Err(Failure::step(format!(
                "a second customer was created, #{}; a taken slug should have been rejected",
                customer.display_id
            ))),
        }
    }

    /// Deletes the contacts and onboardings of the customer, and then the customer, which alone
    /// would only hide them.
    async fn clean_up(&self, customer: &Customer) -> Result<(), Failure> {
        line("\n4. Clean up.");
        let deleted = |what, row: Deleted| {
            line(format!(
                "   {what:<11} #{} {}  deleted",
                row.display_id, row.id
            ));
        };
        let handle = self.client.customer(customer);
        for onboarding in unless_gone(handle.onboardings().list().await)? {
            let row = self.client.onboarding(&onboarding).delete().await?;
            deleted("onboarding", row);
        }
        for contact in unless_gone(handle.contacts().list().await)? {
            deleted("contact", self.client.contact(&contact).delete().await?);
        }
        deleted("customer", handle.delete().await?);
        match self.client.customer(customer).get().await {
            Err(error) if error.is_not_found() => {
                line(format!("   {error}"));
                Ok(())
            }
            Err(error) => Err(error.into()),
            Ok(_) => Err(Failure::step("the deleted customer is still there")),
        }
    }

    fn explain(&self, error: pivotal_sdk::Error) -> Failure {
        if self.exact {
            Failure::step(format!(
                "{error}\nWith --exact the guide's own slug, address and keys are used; a run of the last 24 hours may have used them up. Try without --exact."
            ))
        } else {
            error.into()
        }
    }
}

/// Whether the server reports that the response is that of an earlier call. The name of the header
/// is this project's choice, because it is not documented.
fn replayed<T>(response: &Response<T>) -> &'static str {
    if response.meta.headers().contains_key("idempotent-replayed") {
        ", replayed"
    } else {
        ""
    }
}

/// The rows of a customer; none if it is deleted.
fn unless_gone<L: List>(page: pivotal_sdk::Result<L>) -> Result<Vec<L::Row>, Failure> {
    match page {
        Ok(mut page) => Ok(mem::take(page.rows_mut())),
        Err(error) if error.is_not_found() => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}
