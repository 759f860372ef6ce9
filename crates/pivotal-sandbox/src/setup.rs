//! What a sandbox begins with: workspaces, each with its keys.

use std::fmt;

/// How many requests a minute Pivotal admits with a key. Evidence: stated (the figures), decided
/// (the names).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Tier {
    /// 60 a minute: what a live key has.
    Live,
    /// 30 a minute: what a test key has.
    Test,
    /// 600 a minute: a live key on a paid plan.
    Paid,
}

impl Tier {
    /// Requests a minute.
    pub fn per_minute(self) -> u32 {
        match self {
            Self::Live => 60,
            Self::Test => 30,
            Self::Paid => 600,
        }
    }

    /// Its name in `GET /me`: `live`, `test` or `paid`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Test => "test",
            Self::Paid => "paid",
        }
    }
}

/// A key to begin with: `pivotal_test_…` or `pivotal_…`, for
/// [`SandboxBuilder::key`](crate::SandboxBuilder::key) and [`NewWorkspace::key`].
#[derive(Clone, PartialEq, Eq)]
#[must_use]
pub struct NewKey {
    pub(crate) secret: String,
    pub(crate) tier: Option<Tier>,
    pub(crate) rate_limit: Option<u32>,
    pub(crate) revoked: bool,
}

impl NewKey {
    /// A key with this secret, in the tier that its beginning says.
    pub fn new(secret: impl Into<String>) -> Self {
        Self {
            secret: secret.into(),
            tier: None,
            rate_limit: None,
            revoked: false,
        }
    }

    /// Puts it in another tier, such as [`Tier::Paid`].
    pub fn tier(mut self, tier: Tier) -> Self {
        self.tier = Some(tier);
        self
    }

    /// Refuses more than this many requests with it in any 60 seconds, whatever the sandbox does
    /// with other keys.
    pub fn rate_limit(mut self, per_minute: u32) -> Self {
        self.rate_limit = Some(per_minute);
        self
    }

    /// A key that was revoked: requests with it answer 401 `api_key_revoked`.
    pub fn revoked(mut self) -> Self {
        self.revoked = true;
        self
    }
}

impl<S: Into<String>> From<S> for NewKey {
    fn from(secret: S) -> Self {
        Self::new(secret)
    }
}

impl fmt::Debug for NewKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewKey")
            .field("tier", &self.tier)
            .field("rate_limit", &self.rate_limit)
            .field("revoked", &self.revoked)
            .finish_non_exhaustive()
    }
}

/// A workspace to begin with. Its keys see its rows and no others; its `display_id`s count from 1.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), pivotal_sandbox::StartError> {
/// use pivotal_sandbox::{NewKey, NewWorkspace, Sandbox, Tier};
///
/// let sandbox = Sandbox::builder()
///     .workspace(
///         NewWorkspace::new("Aurora")
///             .key(NewKey::new("pivotal_auroraLive").tier(Tier::Paid))
///             .key("pivotal_test_auroraTest"),
///     )
///     .workspace(NewWorkspace::new("Borealis").key("pivotal_borealisLive"))
///     .start()
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct NewWorkspace {
    pub(crate) name: String,
    pub(crate) keys: Vec<NewKey>,
}

impl NewWorkspace {
    /// A workspace of this name without keys.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            keys: Vec::new(),
        }
    }

    /// Adds a key. Live and test keys of one workspace share its rows; each has a rate limit of its
    /// own.
    pub fn key(mut self, key: impl Into<NewKey>) -> Self {
        self.keys.push(key.into());
        self
    }
}
