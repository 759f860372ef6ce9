//! The secret of a webhook endpoint.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use http::header::InvalidHeaderValue;
use http::{HeaderMap, HeaderValue};
use jiff::Timestamp;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::verifier::{ID, SIGNATURE, TIMESTAMP, VERSION};

const PREFIX: &str = "whsec_";

/// The secret of a webhook endpoint, `whsec_…`, which never prints itself. It is erased from memory
/// when the last clone is dropped.
#[derive(Clone)]
pub struct Secret(Arc<Zeroizing<Vec<u8>>>);

impl Secret {
    /// Reads a secret: `whsec_`, followed by Base64.
    ///
    /// # Errors
    /// [`InvalidSecret`], which does not contain the text.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidSecret> {
        let text = Zeroizing::new(text.into());
        let encoded = text.strip_prefix(PREFIX).ok_or(InvalidSecret::Prefix)?;
        let key = STANDARD.decode(encoded).map(Zeroizing::new);
        let key = key.map_err(|_| InvalidSecret::Base64)?;
        if key.is_empty() {
            return Err(InvalidSecret::Empty);
        }
        Ok(Self(Arc::new(key)))
    }

    /// Signs an event as Pivotal does, for tests of a receiver: returns the headers to send with
    /// `body`. The time is cut to seconds.
    ///
    /// # Errors
    /// If the ID has characters that a header cannot carry.
    pub fn sign(
        &self,
        id: &str,
        at: Timestamp,
        body: &[u8],
    ) -> Result<HeaderMap, InvalidHeaderValue> {
        let timestamp = at.as_second().to_string();
        let mac = self.mac(id.as_bytes(), timestamp.as_bytes(), body);
        let signature = STANDARD.encode(mac.finalize().into_bytes());
        let mut headers = HeaderMap::new();
        headers.insert(ID, HeaderValue::from_str(id)?);
        headers.insert(TIMESTAMP, HeaderValue::try_from(timestamp)?);
        let signature = HeaderValue::try_from(format!("{VERSION},{signature}"))?;
        headers.insert(SIGNATURE, signature);
        Ok(headers)
    }

    /// Whether this is the Base64 of the signature. Takes the same time wherever they differ.
    pub(super) fn has_signed(
        &self,
        id: &[u8],
        timestamp: &[u8],
        body: &[u8],
        signature: &str,
    ) -> bool {
        let signature = STANDARD.decode(signature);
        signature.is_ok_and(|signature| {
            let mac = self.mac(id, timestamp, body);
            mac.verify_slice(&signature).is_ok()
        })
    }

    fn mac(&self, id: &[u8], timestamp: &[u8], body: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        for part in [id, b".", timestamp, b".", body] {
            mac.update(part);
        }
        mac
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Why a text is no secret. Does not contain the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidSecret {
    /// The environment variable is not set, or empty.
    #[error(
        "there is no webhook secret: set PIVOTAL_WEBHOOK_SECRET to that of the endpoint, `whsec_…`"
    )]
    Missing,
    /// The text does not begin with `whsec_`.
    #[error("the webhook secret does not begin with `{PREFIX}`")]
    Prefix,
    /// What follows `whsec_` is not Base64.
    #[error(
        "the webhook secret is not Base64 after `{PREFIX}`; check for missing characters and line breaks"
    )]
    Base64,
    /// Nothing follows `whsec_`.
    #[error("nothing follows `{PREFIX}` in the webhook secret")]
    Empty,
}
