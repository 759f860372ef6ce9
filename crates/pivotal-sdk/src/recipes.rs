//! The tasks in Pivotal's guides, as one method each.

use pivotal_api::models::{
    Customer, ErrorCode, Onboarding, OnboardingPhase, OnboardingState, UpdateOnboarding,
};
use pivotal_api::requests::{CreateCustomerRequest, UpdateOnboardingRequest};

use crate::call::Call;
use crate::client::Client;
use crate::error::{Error, Result};
use crate::resources::{Customers, OnboardingHandle};

/// A row that exists now, and whether this call created it.
///
/// ```
/// use pivotal_sdk::CreateOutcome;
///
/// let (made, found) = (CreateOutcome::Created("Aurora"), CreateOutcome::Existing("Aurora"));
/// assert!(made.is_created() && !found.is_created());
/// assert_eq!(made.into_inner(), found.into_inner());
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum CreateOutcome<T> {
    /// The row did not exist before.
    Created(T),
    /// The row existed and was not changed.
    Existing(T),
}

impl<T> CreateOutcome<T> {
    /// The row, created or found.
    pub fn into_inner(self) -> T {
        match self {
            Self::Created(row) | Self::Existing(row) => row,
        }
    }

    /// Whether this call created the row. A create that the server replays for the same idempotency
    /// key counts as well.
    pub fn is_created(&self) -> bool {
        matches!(self, Self::Created(_))
    }
}

impl Call<CreateCustomerRequest> {
    /// Creates the customer, or fetches the existing customer with the same slug.
    ///
    /// An existing customer is not changed, and may differ from the body in everything but the
    /// slug. Use this for jobs that may run twice or concurrently:
    ///
    /// ```
    /// # pivotal_tests::on_sandbox(async |pivotal| {
    /// use pivotal_sdk::CreateCustomer;
    ///
    /// let aurora = || CreateCustomer::new("Aurora Outfitters").slug("aurora-demo");
    /// let first = pivotal.customers().create(aurora()).or_fetch().await?;
    /// let again = pivotal.customers().create(aurora()).or_fetch().await?;
    /// assert!(first.is_created() && !again.is_created());
    /// assert_eq!(first.into_inner().id, again.into_inner().id);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// The errors of both calls. `slug_taken` if the body has no slug, or if the customer with that
    /// slug was deleted before it was fetched: try again then.
    pub async fn or_fetch(self) -> Result<CreateOutcome<Customer>> {
        let body = &self.request.body;
        // A slug that is set by `extra` replaces the field.
        let slug = match body.extra.get("slug") {
            Some(slug) => slug.as_str().map(str::to_owned),
            None => body.slug.clone(),
        };
        let customers = self.client.customers();
        let error = match self.await {
            Ok(customer) => return Ok(CreateOutcome::Created(customer)),
            Err(error) => error,
        };
        match slug {
            Some(slug) if error.is_code(ErrorCode::SlugTaken) => {
                let found = customers.find_by_slug(slug).await?;
                found.map(CreateOutcome::Existing).ok_or(error)
            }
            _ => Err(error),
        }
    }
}

impl Customers {
    /// The customer with this slug, or `None` if there is none. Sends
    /// `GET /api/v1/customers?slug=…`.
    ///
    /// ```
    /// # pivotal_tests::on_sandbox(async |pivotal| {
    /// use pivotal_sdk::CreateCustomer;
    ///
    /// let aurora = CreateCustomer::new("Aurora Outfitters").slug("aurora-demo");
    /// pivotal.customers().create(aurora).await?;
    /// let found = pivotal.customers().find_by_slug("aurora-demo").await?;
    /// assert_eq!(found.unwrap().name, "Aurora Outfitters");
    /// assert_eq!(pivotal.customers().find_by_slug("nobody").await?, None);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// The errors of the list.
    pub async fn find_by_slug(&self, slug: impl Into<String>) -> Result<Option<Customer>> {
        let slug = slug.into();
        let page = self.list().slug(&slug).await?;
        // A server that does not know the filter returns its newest customer instead.
        let mut rows = page.data.into_iter();
        Ok(rows.find(|customer| customer.slug.as_deref() == Some(&slug)))
    }
}

impl OnboardingHandle {
    /// Moves the onboarding to its next phase: fetches it, then updates the phase. Returns `None`
    /// if it is in the last phase.
    ///
    /// ```
    /// # pivotal_tests::on_sandbox(async |pivotal| {
    /// # use pivotal_sdk::{CreateCustomer, CreateOnboarding, OnboardingPhase};
    /// # let customer = pivotal.customers().create(CreateCustomer::new("Aurora")).await?;
    /// # let onboarding = pivotal.onboardings().create(CreateOnboarding::new(&customer.id)).await?;
    /// let handle = pivotal.onboarding(&onboarding);
    /// let mut phases = vec![onboarding.phase];
    /// while let Some(onboarding) = handle.advance().await? {
    ///     phases.push(onboarding.phase);
    /// }
    /// assert_eq!(phases, OnboardingPhase::KNOWN);
    /// # Ok(()) });
    /// ```
    ///
    /// Two concurrent calls may advance it once or twice, because the API has no conditional
    /// update.
    ///
    /// # Errors
    /// The errors of both calls, and [`Unexpected`](crate::ErrorKind::Unexpected) with the code
    /// `unknown_phase` if this version does not know the current phase.
    pub async fn advance(&self) -> Result<Option<Onboarding>> {
        let onboarding = self.get().await?;
        if !onboarding.phase.is_known() {
            return Err(Error::unknown_phase(&onboarding.phase));
        }
        match onboarding.phase.next() {
            Some(next) => {
                let change = UpdateOnboarding::new().phase(next);
                self.update(change).await.map(Some)
            }
            None => Ok(None),
        }
    }

    /// Pauses the onboarding: sets its state to `paused`.
    ///
    /// ```
    /// # pivotal_tests::on_sandbox(async |pivotal| {
    /// # use pivotal_sdk::{CreateCustomer, CreateOnboarding, OnboardingState};
    /// # let customer = pivotal.customers().create(CreateCustomer::new("Aurora")).await?;
    /// # let onboarding = pivotal.onboardings().create(CreateOnboarding::new(&customer.id)).await?;
    /// let handle = pivotal.onboarding(&onboarding);
    /// assert_eq!(handle.pause().await?.state, OnboardingState::Paused);
    /// assert_eq!(handle.resume().await?.state, OnboardingState::Active);
    /// # Ok(()) });
    /// ```
    pub fn pause(&self) -> Call<UpdateOnboardingRequest> {
        self.update(UpdateOnboarding::new().state(OnboardingState::Paused))
    }

    /// Resumes the onboarding: sets its state to `active`, whatever it was.
    ///
    /// ```
    /// # pivotal_tests::on_sandbox(async |pivotal| {
    /// # use pivotal_sdk::{CreateCustomer, CreateOnboarding};
    /// # let customer = pivotal.customers().create(CreateCustomer::new("Aurora")).await?;
    /// # let onboarding = pivotal.onboardings().create(CreateOnboarding::new(&customer.id)).await?;
    /// # pivotal.onboarding(&onboarding).pause().await?;
    /// use pivotal_sdk::OnboardingState;
    ///
    /// let mut paused = pivotal.onboardings().list().state(OnboardingState::Paused).stream();
    /// while let Some(onboarding) = paused.try_next().await? {
    ///     let resumed = pivotal.onboarding(&onboarding).resume().await?;
    ///     assert_eq!(resumed.state, OnboardingState::Active);
    /// }
    /// # Ok(()) });
    /// ```
    pub fn resume(&self) -> Call<UpdateOnboardingRequest> {
        self.update(UpdateOnboarding::new().state(OnboardingState::Active))
    }
}

/// The order of an onboarding's phases.
pub trait PhaseOrder: Sized {
    /// The next phase in the order of the contract. `None` for the last phase and for a phase that
    /// this version does not know.
    ///
    /// ```
    /// use pivotal_sdk::{OnboardingPhase, PhaseOrder};
    ///
    /// assert_eq!(OnboardingPhase::InternalQa.next(), Some(OnboardingPhase::Launch));
    /// assert_eq!(OnboardingPhase::Completed.next(), None);
    /// assert!(OnboardingPhase::InternalQa < OnboardingPhase::Launch);
    /// ```
    fn next(&self) -> Option<Self>;
}

impl PhaseOrder for OnboardingPhase {
    fn next(&self) -> Option<Self> {
        let position = Self::KNOWN.iter().position(|known| known == self)?;
        Self::KNOWN.get(position + 1).cloned()
    }
}

impl Client {
    /// The URL of a customer in the app. The documentation shows no URL of a contact or an onboarding.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = pivotal_sandbox::Sandbox::start().await;
    /// # let (base_url, key) = (sandbox.base_url(), sandbox.api_key());
    /// # let pivotal = pivotal_sdk::Client::builder().base_url(base_url).api_key(key).build()?;
    /// use pivotal_sdk::CreateCustomer;
    ///
    /// let aurora = CreateCustomer::new("Aurora Outfitters").slug("aurora-demo");
    /// let aurora = pivotal.customers().create(aurora).await?;
    /// let number = aurora.display_id;
    /// let address = pivotal.ui_url(&aurora);
    /// assert_eq!(address, format!("{base_url}/customers/{number}-aurora-demo"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn ui_url(&self, customer: &Customer) -> String {
        let app = self.base_url().as_str();
        let number = customer.display_id;
        match &customer.slug {
            Some(slug) => format!("{app}/customers/{number}-{slug}"),
            None => format!("{app}/customers/{number}"),
        }
    }
}
