//! Onboardings.

use pivotal_api::{
    CreateOnboarding as OnboardingBody, Customer, Deleted, Onboarding, OnboardingList,
    OnboardingPhase, OnboardingState, UpdateOnboarding as OnboardingChanges,
};
use pivotal_runtime::Id;

use crate::call::{ByKey, Call, Endpoint, Page, Paged, Sent};
use crate::check::Check;
use crate::client::Client;
use crate::error::Result;

/// All onboardings: [`Client::onboardings`].
#[derive(Clone, Debug)]
pub struct Onboardings {
    client: Client,
}

impl Onboardings {
    pub(crate) fn new(client: &Client) -> Self {
        Self {
            client: client.clone(),
        }
    }

    /// A page of onboardings, newest first. Sends `GET /api/v1/onboardings`.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = pivotal_sandbox::Sandbox::start().await;
    /// # let (base_url, key) = (sandbox.base_url(), sandbox.api_key());
    /// # let pivotal = pivotal_sdk::Client::builder().base_url(base_url).api_key(key).build()?;
    /// use pivotal_sdk::{OnboardingPhase, OnboardingState};
    ///
    /// let launching = pivotal
    ///     .onboardings()
    ///     .list()
    ///     .state(OnboardingState::Active)
    ///     .phase(OnboardingPhase::Launch)
    ///     .await?;
    /// assert!(launching.data.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self) -> Call<ListOnboardings> {
        Call::new(&self.client, ListOnboardings::default())
    }

    /// Creates an onboarding for the customer that the body names. Sends
    /// `POST /api/v1/onboardings`.
    pub fn create(&self, onboarding: OnboardingBody) -> Call<CreateOnboarding> {
        Call::new(&self.client, CreateOnboarding { body: onboarding })
    }
}

/// One onboarding: [`Client::onboarding`].
#[derive(Clone, Debug)]
pub struct OnboardingHandle {
    client: Client,
    id: Id<Onboarding>,
}

impl OnboardingHandle {
    pub(crate) fn new(client: &Client, id: Id<Onboarding>) -> Self {
        Self {
            client: client.clone(),
            id,
        }
    }

    /// Fetches it. Sends `GET /api/v1/onboardings/{id}`.
    pub fn get(&self) -> Call<GetOnboarding> {
        let id = self.id.clone();
        Call::new(&self.client, GetOnboarding { id })
    }

    /// Changes what the body names and nothing else. Sends `PATCH /api/v1/onboardings/{id}`.
    pub fn update(&self, changes: OnboardingChanges) -> Call<UpdateOnboarding> {
        let id = self.id.clone();
        Call::new(&self.client, UpdateOnboarding { id, body: changes })
    }

    /// Deletes it. Deleting it again answers the same. Sends `DELETE /api/v1/onboardings/{id}`.
    pub fn delete(&self) -> Call<DeleteOnboarding> {
        let id = self.id.clone();
        Call::new(&self.client, DeleteOnboarding { id })
    }
}

/// `GET /api/v1/onboardings`: a page of onboardings.
#[derive(Clone, Debug, Default)]
pub struct ListOnboardings {
    page: Page,
    customer: Option<Id<Customer>>,
    phase: Option<OnboardingPhase>,
    state: Option<OnboardingState>,
}

impl Call<ListOnboardings> {
    /// Only those of this customer.
    pub fn customer_id(mut self, customer: impl Into<Id<Customer>>) -> Self {
        self.request.customer = Some(customer.into());
        self
    }

    /// Only those in this phase.
    pub fn phase(mut self, phase: impl Into<OnboardingPhase>) -> Self {
        self.request.phase = Some(phase.into());
        self
    }

    /// Only those in this state. [`Waiting`](OnboardingState::Waiting) means that they wait on the
    /// customer.
    pub fn state(mut self, state: impl Into<OnboardingState>) -> Self {
        self.request.state = Some(state.into());
        self
    }
}

impl Paged for ListOnboardings {
    fn page(&mut self) -> &mut Page {
        &mut self.page
    }
}

impl Endpoint for ListOnboardings {
    type Response = OnboardingList;
    const NAME: &'static str = "list_onboardings";

    fn check(&self, check: Check) -> Result<()> {
        check.page(&self.page)?;
        if let Some(customer) = &self.customer {
            check.id("customer_id", customer)?;
        }
        check.query("phase", self.phase.as_ref())?;
        check.query("state", self.state.as_ref())
    }

    async fn send(&self, api: &pivotal_api::Client) -> Sent<OnboardingList> {
        let Page { cursor, limit } = &self.page;
        api.list_onboardings(
            cursor.as_deref(),
            self.customer.as_ref().map(Id::as_str),
            *limit,
            self.phase.as_ref(),
            self.state.as_ref(),
        )
        .await
    }
}

/// `POST /api/v1/onboardings`: creates an onboarding.
#[derive(Clone, Debug)]
pub struct CreateOnboarding {
    body: OnboardingBody,
}

impl ByKey for CreateOnboarding {}

impl Endpoint for CreateOnboarding {
    type Response = Onboarding;
    const NAME: &'static str = "create_onboarding";

    fn check(&self, check: Check) -> Result<()> {
        check.body(&self.body)
    }

    async fn send(&self, api: &pivotal_api::Client) -> Sent<Onboarding> {
        api.create_onboarding(&self.body).await
    }
}

/// `GET /api/v1/onboardings/{id}`: one onboarding.
#[derive(Clone, Debug)]
pub struct GetOnboarding {
    id: Id<Onboarding>,
}

impl Endpoint for GetOnboarding {
    type Response = Onboarding;
    const NAME: &'static str = "get_onboarding";

    fn check(&self, check: Check) -> Result<()> {
        check.id("id", &self.id)
    }

    async fn send(&self, api: &pivotal_api::Client) -> Sent<Onboarding> {
        api.get_onboarding(self.id.as_str()).await
    }
}

/// `PATCH /api/v1/onboardings/{id}`: changes an onboarding.
#[derive(Clone, Debug)]
pub struct UpdateOnboarding {
    id: Id<Onboarding>,
    body: OnboardingChanges,
}

impl Endpoint for UpdateOnboarding {
    type Response = Onboarding;
    const NAME: &'static str = "update_onboarding";

    fn check(&self, check: Check) -> Result<()> {
        check.id("id", &self.id)?;
        check.body(&self.body)
    }

    async fn send(&self, api: &pivotal_api::Client) -> Sent<Onboarding> {
        api.update_onboarding(self.id.as_str(), &self.body).await
    }
}

/// `DELETE /api/v1/onboardings/{id}`: deletes an onboarding.
#[derive(Clone, Debug)]
pub struct DeleteOnboarding {
    id: Id<Onboarding>,
}

impl Endpoint for DeleteOnboarding {
    type Response = Deleted;
    const NAME: &'static str = "delete_onboarding";

    fn check(&self, check: Check) -> Result<()> {
        check.id("id", &self.id)
    }

    async fn send(&self, api: &pivotal_api::Client) -> Sent<Deleted> {
        api.delete_onboarding(self.id.as_str()).await
    }
}
