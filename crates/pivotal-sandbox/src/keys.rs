//! API keys.

use std::{
    fmt,
    hash::{BuildHasher, Hasher, RandomState},
};

use http::{HeaderMap, header};

use crate::{error::ApiError, store::IdSequence};

/// What every key begins with. Evidence: stated.
const LIVE: &str = "pivotal_";
/// What a test key begins with. Evidence: stated.
const TEST: &str = "pivotal_test_";

/// A key of the sandbox.
pub(crate) struct Key {
    pub(crate) id: String,
    secret: String,
}

impl Key {
    /// A test key that no other sandbox has.
    pub(crate) fn generate(id: String) -> Self {
        let seed = RandomState::new().build_hasher().finish();
        Self {
            id,
            secret: format!("{TEST}{}", IdSequence::new(seed).next()),
        }
    }

    /// A key of the caller's choice, or what is wrong with it.
    pub(crate) fn parse(id: String, secret: String) -> Result<Self, &'static str> {
        let rest = secret
            .strip_prefix(TEST)
            .or_else(|| secret.strip_prefix(LIVE));
        match rest {
            None => Err("it does not begin with `pivotal_`"),
            Some("") => Err("nothing follows its prefix"),
            Some(rest) if !rest.bytes().all(|byte| byte.is_ascii_graphic()) => {
                Err("it has characters that a header cannot carry")
            }
            Some(_) => Ok(Self { id, secret }),
        }
    }

    pub(crate) fn secret(&self) -> &str {
        &self.secret
    }

    /// The part that is safe to log: what the key begins with and four characters, `pivotal_K8s9`. Evidence: stated.
    pub(crate) fn prefix(&self) -> &str {
        let kind = if self.is_test() { TEST } else { LIVE };
        // Never more than half of a short key.
        let shown = 4.min((self.secret.len() - kind.len()) / 2);
        &self.secret[..kind.len() + shown]
    }

    /// Name of the rate-limit tier. Evidence: decided.
    pub(crate) fn tier(&self) -> &'static str {
        if self.is_test() { "test" } else { "live" }
    }

    fn is_test(&self) -> bool {
        self.secret.starts_with(TEST)
    }

    /// Whether a request carries this key: `Authorization: Bearer <key>`, the header and never a query parameter.
    ///
    /// Evidence: stated (header only, 401), decided (the two codes).
    pub(crate) fn check(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        let Some(sent) = headers.get(header::AUTHORIZATION) else {
            let message = "Send your API key in the header `Authorization: Bearer <key>`.";
            return Err(ApiError::authentication("missing_api_key", message));
        };
        if bearer(sent.as_bytes()) == Some(self.secret.as_bytes()) {
            return Ok(());
        }
        Err(ApiError::authentication(
            "invalid_api_key",
            "The API key is not one of this server.",
        ))
    }
}

/// The token of a bearer header. The scheme's case does not matter (RFC 9110, section 11.1).
fn bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = value.split_at_checked("Bearer ".len())?;
    scheme
        .eq_ignore_ascii_case(b"Bearer ")
        .then(|| token.trim_ascii())
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("id", &self.id)
            .field("prefix", &self.prefix())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::Key;

    #[test]
    fn only_the_safe_part_of_a_key_is_shown() {
        let key = Key::parse("k".to_owned(), "pivotal_K8s9secretsecret".to_owned()).unwrap();
        assert_eq!((key.prefix(), key.tier()), ("pivotal_K8s9", "live"));
        assert!(!format!("{key:?}").contains("secret"));
        let key = Key::parse("k".to_owned(), "pivotal_test_ab".to_owned()).unwrap();
        assert_eq!((key.prefix(), key.tier()), ("pivotal_test_a", "test"));
    }

    #[test]
    fn generated_keys_are_distinct_test_keys() {
        let [first, second] = [(); 2].map(|()| Key::generate("k".to_owned()));
        assert!(first.secret().starts_with("pivotal_test_"));
        assert_ne!(first.secret(), second.secret());
        assert!(Key::parse("k".to_owned(), first.secret().to_owned()).is_ok());
    }

    #[test]
    fn what_cannot_be_a_key_is_refused() {
        for secret in [
            "",
            "sk_123",
            "pivotal_",
            "pivotal_test_",
            "pivotal_a b",
            "pivotal_é",
        ] {
            assert!(
                Key::parse("k".to_owned(), secret.to_owned()).is_err(),
                "{secret}"
            );
        }
    }
}
