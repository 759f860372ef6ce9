//! The check of a signature.

use std::str::FromStr;
use std::time::Duration;

use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use zeroize::Zeroizing;

use super::{Event, InvalidSecret, Secret};

pub(super) const ID: &str = "svix-id";
pub(super) const TIMESTAMP: &str = "svix-timestamp";
pub(super) const SIGNATURE: &str = "svix-signature";
/// The version of signatures that are made with a secret. Others are skipped.
pub(super) const VERSION: &str = "v1";

const TOLERANCE: SignedDuration = SignedDuration::from_secs(300);

/// Verifies that events were signed with a secret.
#[derive(Debug, Clone)]
pub struct Verifier {
    secrets: Vec<Secret>,
    tolerance: SignedDuration,
}

impl Verifier {
    /// Accepts events that were signed with this secret, and sent at most 300 seconds ago or ahead.
    pub fn new(secret: Secret) -> Self {
        Self::with(vec![secret])
    }

    fn with(secrets: Vec<Secret>) -> Self {
        Self {
            secrets,
            tolerance: TOLERANCE,
        }
    }

    /// Accepts the secret in `PIVOTAL_WEBHOOK_SECRET`, or several that are separated by spaces.
    ///
    /// # Errors
    /// [`InvalidSecret`], which does not contain the text.
    pub fn from_env() -> Result<Self, InvalidSecret> {
        let text = std::env::var("PIVOTAL_WEBHOOK_SECRET");
        text.map_or(Err(InvalidSecret::Missing), |text| {
            Zeroizing::new(text).parse()
        })
    }

    /// Accepts another secret too, while the secret of an endpoint is replaced.
    #[must_use]
    pub fn also(mut self, secret: Secret) -> Self {
        self.secrets.push(secret);
        self
    }

    /// Sets how far the time of a delivery may be from this machine's clock. Default: 300 seconds. A
    /// longer time lets old deliveries be replayed by whoever has recorded them.
    #[must_use]
    pub fn tolerance(mut self, tolerance: Duration) -> Self {
        self.tolerance = SignedDuration::try_from(tolerance).unwrap_or(SignedDuration::MAX);
        self
    }

    /// Verifies a delivery: its headers, and its body as it was received.
    ///
    /// # Errors
    /// [`VerifyError`]. Respond with 400, so that the delivery counts as failed.
    pub fn verify(&self, headers: &HeaderMap, body: &[u8]) -> Result<Event, VerifyError> {
        self.verify_at(headers, body, Timestamp::now())
    }

    /// Like [`verify`](Self::verify), at another time than the present, for recorded deliveries.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn verify_at(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Event, VerifyError> {
        let id = text_of(headers, ID)?;
        let timestamp = text_of(headers, TIMESTAMP)?;
        let seconds = timestamp.parse().ok();
        let sent_at = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
        let sent_at = sent_at.ok_or(VerifyError::InvalidHeader(TIMESTAMP))?;
        // Whole seconds, as the header has.
        let age = SignedDuration::from_secs(now.as_second() - sent_at.as_second());
        if age > self.tolerance {
            return Err(VerifyError::TooOld(age.unsigned_abs()));
        } else if -age > self.tolerance {
            return Err(VerifyError::TooNew(age.unsigned_abs()));
        }
        let mut signatures = text_of(headers, SIGNATURE)?
            .split(' ')
            .filter_map(|signature| signature.strip_prefix(VERSION)?.strip_prefix(','))
            .peekable();
        if signatures.peek().is_none() {
            return Err(VerifyError::NoSignature);
        }
        let is_signed = signatures.any(|signature| {
            let mut secrets = self.secrets.iter();
            secrets.any(|secret| {
                secret.has_signed(id.as_bytes(), timestamp.as_bytes(), body, signature)
            })
        });
        if !is_signed {
            return Err(VerifyError::WrongSignature);
        }
        Ok(Event {
            id: id.to_owned(),
            sent_at,
            payload: serde_json::from_slice(body).map_err(|_| VerifyError::NotJson)?,
        })
    }
}

/// One secret or several, separated by white space.
impl FromStr for Verifier {
    type Err = InvalidSecret;

    fn from_str(text: &str) -> Result<Self, InvalidSecret> {
        let secrets: Result<Vec<_>, _> = text.split_whitespace().map(Secret::new).collect();
        match secrets? {
            none if none.is_empty() => Err(InvalidSecret::Missing),
            secrets => Ok(Self::with(secrets)),
        }
    }
}

/// The value of a header that is there once.
fn text_of<'h>(headers: &'h HeaderMap, name: &'static str) -> Result<&'h str, VerifyError> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().ok_or(VerifyError::MissingHeader(name))?;
    match (value.to_str(), values.next()) {
        (Ok(text), None) => Ok(text),
        _ => Err(VerifyError::InvalidHeader(name)),
    }
}

/// Why a delivery is refused. Contains nothing of the delivery or the secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// A header is missing.
    #[error("the header {0} is missing; a proxy may have removed it, or this is no webhook")]
    MissingHeader(&'static str),
    /// A header has a value that cannot be read, or is there twice.
    #[error("the header {0} cannot be read")]
    InvalidHeader(&'static str),
    /// It was sent longer ago than the tolerance: a replay, or this machine's clock is ahead.
    #[error(
        "it was sent {} s ago, longer than the tolerance; if it is no replay, check this machine's clock",
        .0.as_secs()
    )]
    TooOld(Duration),
    /// It was sent in the future: this machine's clock is behind.
    #[error("it was sent {} s in the future; check this machine's clock", .0.as_secs())]
    TooNew(Duration),
    /// The header `svix-signature` has no signature of version 1.
    #[error("the header {SIGNATURE} has no signature of version {VERSION}")]
    NoSignature,
    /// No secret has made any of the signatures.
    #[error(
        "no secret fits the signature: it is that of another endpoint, or the body is not as it was sent"
    )]
    WrongSignature,
    /// The signature fits, but the body is not JSON.
    #[error("the signature fits, but the body is not JSON")]
    NotJson,
}
