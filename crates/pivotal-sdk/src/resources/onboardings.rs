//! Onboardings.

use pivotal_api::models::{CreateOnboarding, Onboarding, UpdateOnboarding};
use pivotal_api::requests::{
    CreateOnboardingRequest, DeleteOnboardingRequest, GetOnboardingRequest, ListOnboardingsRequest,
    UpdateOnboardingRequest,
};
use pivotal_runtime::Id;

use crate::call::Call;
use crate::client::Client;

/// All onboardings: [`Client::onboardings`].
#[derive(Clone, Debug)]
pub struct Onboardings {
    pub(crate) client: Client,
}

impl Onboardings {
    /// A page of onboardings, newest first. Sends `GET /api/v1/onboardings`.
    ///
    /// ```
    /// # pivotal_tests::on_sandbox(async |pivotal| {
    /// use pivotal_sdk::{OnboardingPhase, OnboardingState};
    ///
    /// let launching = pivotal
    ///     .onboardings()
    ///     .list()
    ///     .state(OnboardingState::Active)
    ///     .phase(OnboardingPhase::Launch)
    ///     .await?;
    /// assert!(launching.data.is_empty());
    /// # Ok(()) });
    /// ```
    pub fn list(&self) -> Call<ListOnboardingsRequest> {
        self.client.call(ListOnboardingsRequest::new())
    }

    /// Creates an onboarding for the customer in the body. Sends `POST /api/v1/onboardings`.
    ///
    /// A customer may have several onboardings. Use [`get_or_create`](Self::get_or_create) or an
    /// idempotency key in a program that may run twice.
    ///
    /// ```
    /// # pivotal_tests::on_sandbox(async |pivotal| {
    /// # use pivotal_sdk::CreateCustomer;
    /// # let customer = pivotal.customers().create(CreateCustomer::new("Aurora")).await?;
    /// use pivotal_sdk::CreateOnboarding;
    ///
    /// // A row of a CSV file, in which a cell may be empty.
    /// let (launch, notes) = (Some("2026-07-15"), None::<String>);
    /// let onboarding = CreateOnboarding::new(&customer)
    ///     .maybe_target_launch_date(launch)
    ///     .maybe_notes(notes);
    /// onboarding.validate()?; // the call does this too
    /// let onboarding = pivotal.onboardings().create(onboarding).await?;
    /// assert_eq!(onboarding.target_launch_date, "2026-07-15T00:00:00Z".parse().ok());
    /// # Ok(()) });
    /// ```
    pub fn create(&self, onboarding: CreateOnboarding) -> Call<CreateOnboardingRequest> {
        self.client.call(CreateOnboardingRequest::new(onboarding))
    }
}

/// One onboarding: [`Client::onboarding`].
#[derive(Clone, Debug)]
pub struct OnboardingHandle {
    pub(super) client: Client,
    pub(super) id: Id<Onboarding>,
}

impl OnboardingHandle {
    /// Fetches the onboarding. Sends `GET /api/v1/onboardings/{id}`.
    pub fn get(&self) -> Call<GetOnboardingRequest> {
        self.client.call(GetOnboardingRequest::new(&self.id))
    }

    /// Updates the fields in the body. Sends `PATCH /api/v1/onboardings/{id}`.
    pub fn update(&self, changes: UpdateOnboarding) -> Call<UpdateOnboardingRequest> {
        self.client
            .call(UpdateOnboardingRequest::new(&self.id, changes))
    }

    /// Deletes the onboarding. Deleting it again gives the same response. Sends
    /// `DELETE /api/v1/onboardings/{id}`.
    pub fn delete(&self) -> Call<DeleteOnboardingRequest> {
        self.client.call(DeleteOnboardingRequest::new(&self.id))
    }
}
