//! API keys: which workspace a request acts on.
//!
//! A key is a workspace admin password: live and test keys of one workspace share its rows, and
//! each has a rate-limit window of its own. Evidence: stated. Pivotal sends nothing out for a test
//! key; the sandbox never does.

use std::{
    collections::HashSet,
    hash::{BuildHasher, Hasher, RandomState},
};

use http::{HeaderMap, header};
use jiff::Timestamp;
#[cfg(feature = "state")]
use serde::{Deserialize, Serialize};

use crate::{
    error::ApiError,
    random::IdSequence,
    rate_limit::{Allowance, RateLimits, Tier, Window},
    redact::{LIVE_PREFIX, TEST_PREFIX, safe_part},
    setup::NewKey,
};

/// The name of every key. Evidence: decided.
pub(crate) const KEY_NAME: &str = "Sandbox key";

pub(crate) struct Key {
    pub(crate) id: String,
    /// Index of the workspace that it opens.
    pub(crate) workspace: usize,
    pub(crate) tier: Tier,
    secret: String,
    revoked: bool,
    window: Window,
}

/// A test key that no other sandbox has.
pub(crate) fn generate() -> String {
    format!("{TEST_PREFIX}{}", random_text())
}

/// A token for the admin API that no other sandbox has.
pub(crate) fn generate_admin_token() -> String {
    format!("sandbox_admin_{}", random_text())
}

pub(crate) fn random_text() -> String {
    IdSequence::new(random_number()).next()
}

/// A number that no other sandbox has.
pub(crate) fn random_number() -> u64 {
    RandomState::new().build_hasher().finish()
}

impl Key {
    /// Makes a key, or says why its secret is not usable. `limits` hold unless the key has a limit
    /// of its own.
    pub(crate) fn new(
        id: String,
        workspace: usize,
        key: &NewKey,
        limits: RateLimits,
    ) -> Result<Self, &'static str> {
        let secret = &key.secret;
        let test = secret.strip_prefix(TEST_PREFIX);
        match test.or_else(|| secret.strip_prefix(LIVE_PREFIX)) {
            None => return Err("it does not begin with `pivotal_`"),
            Some("") => return Err("nothing follows its prefix"),
            Some(rest) if !rest.bytes().all(|byte| byte.is_ascii_graphic()) => {
                return Err("it has characters that a header cannot carry");
            }
            Some(_) => {}
        }
        let from_prefix = if test.is_some() {
            Tier::Test
        } else {
            Tier::Live
        };
        let tier = key.tier.unwrap_or(from_prefix);
        Ok(Self {
            id,
            workspace,
            tier,
            secret: secret.clone(),
            revoked: key.revoked,
            window: Window::new(key.rate_limit.or_else(|| limits.for_tier(tier))),
        })
    }

    /// Whether it is a test key, according to its prefix.
    pub(crate) fn is_test(&self) -> bool {
        self.secret.starts_with(TEST_PREFIX)
    }

    /// The part that is safe to log, such as `pivotal_K8s9`.
    pub(crate) fn prefix(&self) -> &str {
        safe_part(&self.secret)
    }
}

/// What a request authenticates with: the index of a key, revoked or not, or the code and message
/// of the error.
pub(crate) type Credential = Result<usize, (&'static str, &'static str)>;

const MISSING: (&str, &str) = (
    "missing_api_key",
    "Send your API key in the header `Authorization: Bearer <key>`.",
);
const TWO: (&str, &str) = ("invalid_api_key", "Send the header `Authorization` once.");
const MALFORMED: (&str, &str) = (
    "invalid_api_key",
    "This is not an API key. Send `Authorization: Bearer <key>` with a key that begins with `pivotal_`.",
);
const UNKNOWN: (&str, &str) = ("invalid_api_key", "This server does not know the API key.");

pub(crate) struct Keys {
    keys: Vec<Key>,
    /// The window reported to requests without a known key. Evidence: decided.
    anonymous: Window,
}

impl Keys {
    pub(crate) fn new(keys: Vec<Key>, limits: RateLimits) -> Result<Self, &'static str> {
        let mut secrets = HashSet::new();
        if !keys.iter().all(|key| secrets.insert(&key.secret)) {
            return Err("it is given twice, and a key opens one workspace");
        }
        Ok(Self {
            keys,
            anonymous: Window::new(limits.for_tier(Tier::Live)),
        })
    }

    pub(crate) fn get(&self, index: usize) -> &Key {
        &self.keys[index]
    }

    pub(crate) fn of_workspace(&self, workspace: usize) -> Option<&Key> {
        self.keys.iter().find(|key| key.workspace == workspace)
    }

    /// Reads `Authorization: Bearer <key>`: the header, never a query parameter. Evidence: stated.
    pub(crate) fn credential(&self, headers: &HeaderMap) -> Credential {
        let token = bearer_token(headers)?;
        if !token.starts_with(LIVE_PREFIX.as_bytes()) {
            return Err(MALFORMED);
        }
        self.position(token).ok_or(UNKNOWN)
    }

    fn position(&self, secret: &[u8]) -> Option<usize> {
        self.keys
            .iter()
            .position(|key| key.secret.as_bytes() == secret)
    }

    /// Checks the credential, counts the request and returns the index of its key.
    ///
    /// Evidence: stated (401, `api_key_revoked`), decided (the other two codes; a malformed key is
    /// an invalid one; a revoked key is not counted).
    pub(crate) fn admit(
        &mut self,
        credential: Credential,
        now: Timestamp,
    ) -> Result<usize, ApiError> {
        let (code, message) = match credential {
            Ok(index) if !self.keys[index].revoked => {
                let window = &mut self.keys[index].window;
                return match window.admit(now) {
                    Ok(()) => Ok(index),
                    Err(retry_after) => Err(ApiError::rate_limited(window.limit, retry_after)),
                };
            }
            Ok(_) => ("api_key_revoked", "This API key was revoked."),
            Err(refusal) => refusal,
        };
        Err(ApiError::authentication(code, message))
    }

    /// The rate limit to report: that of the key, or an unused one.
    pub(crate) fn allowance(&mut self, credential: Credential, now: Timestamp) -> Allowance {
        let window = match credential {
            Ok(index) => &mut self.keys[index].window,
            Err(_) => &mut self.anonymous,
        };
        window.allowance(now)
    }

    #[cfg(feature = "state")]
    pub(crate) fn saved(&self) -> Vec<SavedKey> {
        let keys = self.keys.iter().map(|key| SavedKey {
            id: key.id.clone(),
            secret: Some(key.secret.clone()),
            revoked: key.revoked,
        });
        keys.collect()
    }

    /// Revokes keys that were revoked when they were saved. A key that was replaced is not.
    #[cfg(feature = "state")]
    pub(crate) fn restore(&mut self, saved: &[SavedKey]) {
        for key in &mut self.keys {
            let mut same = saved.iter().filter(|saved| saved.id == key.id);
            key.revoked |= same.any(|saved| {
                let secret = saved.secret.as_ref();
                saved.revoked && secret.is_none_or(|secret| *secret == key.secret)
            });
        }
    }

    /// Revokes the key that a request carries, if it is known.
    pub(crate) fn revoke_sent(&mut self, headers: &HeaderMap) {
        if let Ok(index) = self.credential(headers) {
            self.keys[index].revoked = true;
        }
    }

    /// Revokes a key; false if there is none with this secret.
    pub(crate) fn revoke(&mut self, secret: &str) -> bool {
        let position = self.position(secret.as_bytes());
        if let Some(index) = position {
            self.keys[index].revoked = true;
        }
        position.is_some()
    }
}

/// A key in a state file, or without its secret in an export.
#[cfg(feature = "state")]
#[derive(Serialize, Deserialize)]
pub(crate) struct SavedKey {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) secret: Option<String>,
    revoked: bool,
}

/// The token of `Authorization: Bearer <token>`. The scheme is case-insensitive (RFC 9110, section
/// 11.1).
pub(crate) fn bearer_token(headers: &HeaderMap) -> Result<&[u8], (&'static str, &'static str)> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next().ok_or(MISSING)?.as_bytes();
    if values.next().is_some() {
        return Err(TWO);
    }
    match value.split_at_checked("Bearer ".len()) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case(b"Bearer ") => Ok(token.trim_ascii()),
        _ => Err(MALFORMED),
    }
}
