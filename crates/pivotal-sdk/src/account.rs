//! Who the key belongs to, and whether the API is up.

use pivotal_api::{Health, Me};

use crate::call::{Endpoint, Sent};
use crate::check::Check;
use crate::error::Result;

/// `GET /api/v1/me`: who the key belongs to.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct GetMe {}

impl Endpoint for GetMe {
    type Response = Me;
    const NAME: &'static str = "get_me";

    fn check(&self, _check: Check) -> Result<()> {
        Ok(())
    }

    async fn send(&self, api: &pivotal_api::Client) -> Sent<Me> {
        api.get_me().await
    }
}

/// `GET /api/v1/health`: whether the API is up.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct GetHealth {}

impl Endpoint for GetHealth {
    type Response = Health;
    const NAME: &'static str = "get_health";

    fn check(&self, _check: Check) -> Result<()> {
        Ok(())
    }

    async fn send(&self, api: &pivotal_api::Client) -> Sent<Health> {
        api.get_health().await
    }
}
