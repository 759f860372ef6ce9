//! Recipes for onboardings.

use pivotal_api::models::{
    CreateOnboarding, Onboarding, OnboardingPhase, OnboardingState, UpdateOnboarding,
};
use pivotal_api::requests::UpdateOnboardingRequest;

use super::get_or_create::{GetOrCreate, create_once, derived_key, sent_text};
use crate::call::Call;
use crate::error::{Error, Result};
use crate::resources::{OnboardingHandle, Onboardings};

impl Onboardings {
    /// Fetches the open onboarding of the customer in the body, or creates it.
    ///
    /// An onboarding is open unless its phase is `completed`. If both the body and the onboarding
    /// have a `template_id`, they must be equal. An existing onboarding is not changed. If several
    /// match, the newest is returned. Costs one request, and two more if the onboarding is created.
    /// For a customer that was just created, [`create`](Self::create) with an
    /// [`idempotency_key`](crate::Call::idempotency_key) needs one.
    ///
    /// ```
    /// # pivotal_tests::on_sandbox(async |pivotal| {
    /// # use pivotal_sdk::CreateCustomer;
    /// # let customer = pivotal.customers().create(CreateCustomer::new("Aurora")).await?;
    /// use pivotal_sdk::{CreateOnboarding, OnboardingPhase, UpdateOnboarding};
    ///
    /// let onboarding = || CreateOnboarding::new(&customer.id).notes("From the CRM");
    /// let first = pivotal.onboardings().get_or_create(onboarding()).await?.into_inner();
    /// let again = pivotal.onboardings().get_or_create(onboarding()).await?.into_inner();
    /// assert_eq!(first.id, again.id);
    ///
    /// let completed = UpdateOnboarding::new().phase(OnboardingPhase::Completed);
    /// pivotal.onboarding(&first).update(completed).await?;
    /// let next = pivotal.onboardings().get_or_create(onboarding()).await?;
    /// assert!(next.is_created());
    /// # Ok(()) });
    /// ```
    ///
    /// # Concurrent calls
    /// Calls with the same body create one onboarding: they send the same idempotency key, which is
    /// derived from the body. Two onboardings may be created by concurrent calls with different
    /// bodies, and if an onboarding that such a call created was deleted or completed within the
    /// last 24 hours.
    ///
    /// # Evidence
    /// Stated: the list of a customer's onboardings, newest first and not paged; `completed` is the
    /// last phase; idempotency keys. Example: `template_id` of a response. Decided: which
    /// onboardings are open; that a body may have a `template_id`. If the server ignores it, the
    /// onboarding is still found again.
    ///
    /// # Errors
    /// The errors of the calls.
    pub fn get_or_create(
        &self,
        onboarding: CreateOnboarding,
    ) -> impl Future<Output = Result<GetOrCreate<Onboarding>>> + Send + use<> {
        let client = self.client.clone();
        async move {
            let customer = sent_text(&onboarding, "customer_id").unwrap_or_default();
            let template = sent_text(&onboarding, "template_id");
            let is_wanted = |onboarding: &Onboarding| {
                let templates = template.as_ref().zip(onboarding.template_id.as_ref());
                onboarding.phase != OnboardingPhase::Completed
                    && templates.is_none_or(|(wanted, found)| wanted == found)
            };
            let list = client.customer(customer).onboardings().list().await?;
            if let Some(existing) = list.data.into_iter().find(is_wanted) {
                return Ok(GetOrCreate::Existing(existing));
            }
            let key = derived_key("", &onboarding);
            let create = client.onboardings().create(onboarding);
            let fetch = |created: &Onboarding| client.onboarding(created).get();
            let created = create_once(create, key, fetch, is_wanted).await?;
            Ok(GetOrCreate::Created(created))
        }
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
    /// # Evidence
    /// Stated: the phases, their order, and that an update may set the phase.
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
    ///
    /// # Evidence
    /// Stated: the states, and that an update may set the state.
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
    ///
    /// # Evidence
    /// That of [`pause`](Self::pause).
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
    ///
    /// # Evidence
    /// Stated: the order.
    fn next(&self) -> Option<Self>;
}

impl PhaseOrder for OnboardingPhase {
    fn next(&self) -> Option<Self> {
        let position = Self::KNOWN.iter().position(|known| known == self)?;
        Self::KNOWN.get(position + 1).cloned()
    }
}
