//! The key that opens a workspace.

use std::fmt;
use std::sync::Arc;

use http::HeaderValue;
use zeroize::Zeroizing;

/// How many leading characters of a key the vendor calls safe to log.
const SHOWN: usize = 12;
/// A key is shown in part only when at least this many characters stay hidden.
const HIDDEN: usize = 12;

/// What a key may do to the outside world, told by its prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyMode {
    /// `pivotal_…`: everything has its effect.
    Live,
    /// `pivotal_test_…`: same data, effects on the outside are suppressed.
    Test,
    /// No prefix that we know.
    Unknown,
}

/// An API key: as powerful as an administrator's password, so it never prints itself.
///
/// `Debug` and `Display` show the first twelve characters, which the vendor calls safe to log, and
/// those only when the key is long enough and has the vendor's prefix. The text is wiped from
/// memory when the last clone goes; copies that the HTTP and TLS layers make are theirs.
///
/// ```
/// use pivotal_runtime::{ApiKey, KeyMode};
///
/// let key = ApiKey::new("pivotal_K8s9aB3dE5fG7hJ9kL1m")?;
/// assert_eq!(key.to_string(), "pivotal_K8s9…");
/// assert_eq!(key.mode(), KeyMode::Live);
/// # Ok::<(), pivotal_runtime::InvalidKey>(())
/// ```
#[derive(Clone)]
pub struct ApiKey(Arc<Zeroizing<String>>);

impl ApiKey {
    /// Takes a key after checking that it can travel in a header.
    ///
    /// # Errors
    /// [`InvalidKey`] when it is empty or holds anything but visible ASCII characters. The error
    /// does not repeat the key.
    pub fn new(key: impl Into<String>) -> Result<Self, InvalidKey> {
        let key = Zeroizing::new(key.into());
        if key.is_empty() {
            return Err(InvalidKey::Empty);
        }
        match key.chars().position(|c| !c.is_ascii_graphic()) {
            Some(position) => Err(InvalidKey::Character {
                position: position + 1,
            }),
            None => Ok(Self(Arc::new(key))),
        }
    }

    /// What the prefix says about the key.
    pub fn mode(&self) -> KeyMode {
        if self.0.starts_with("pivotal_test_") {
            KeyMode::Test
        } else if self.0.starts_with("pivotal_") {
            KeyMode::Live
        } else {
            KeyMode::Unknown
        }
    }

    /// The value of the `Authorization` header, marked sensitive.
    pub(crate) fn header(&self) -> HeaderValue {
        let text = Zeroizing::new(format!("Bearer {}", self.0.as_str()));
        let mut value =
            HeaderValue::from_str(&text).expect("visible ASCII was checked when the key was made");
        value.set_sensitive(true);
        value
    }

    fn shown(&self) -> &str {
        let long_enough = self.0.len() >= SHOWN + HIDDEN;
        if long_enough && self.mode() != KeyMode::Unknown {
            &self.0[..SHOWN]
        } else {
            ""
        }
    }
}

impl fmt::Display for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}…", self.shown())
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiKey({self})")
    }
}

/// Why a text cannot be an API key. Never holds the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidKey {
    /// Nothing was given.
    #[error("the API key is empty")]
    Empty,
    /// A character that cannot travel in a header, often a line break read from a file.
    #[error(
        "the API key has a character at position {position} that is not visible ASCII; \
         check for a space, a line break or a quotation mark around it"
    )]
    Character {
        /// Its position, counted from 1.
        position: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printing_a_key_shows_no_more_than_its_safe_start() {
        for (key, shown) in [
            ("pivotal_K8s9aB3dE5fG7hJ9kL1m", "pivotal_K8s9…"),
            ("pivotal_test_aB3dE5fG7hJ9kL1m", "pivotal_test…"),
            ("pivotal_K8s9aB3d", "…"),
            ("a-secret-without-the-vendors-prefix", "…"),
        ] {
            let key = ApiKey::new(key).unwrap();
            assert_eq!(key.to_string(), shown);
            assert_eq!(format!("{key:?}"), format!("ApiKey({shown})"));
            assert_eq!(format!("{key:#?}"), format!("ApiKey({shown})"));
        }
    }

    #[test]
    fn the_header_does_not_print_the_key() {
        let header = ApiKey::new("pivotal_K8s9aB3dE5fG7hJ9kL1m")
            .unwrap()
            .header();
        assert!(header.is_sensitive());
        assert_eq!(format!("{header:?}"), "Sensitive");
        assert_eq!(header, "Bearer pivotal_K8s9aB3dE5fG7hJ9kL1m");
    }

    #[test]
    fn a_key_that_cannot_travel_in_a_header_is_refused_without_being_repeated() {
        assert_eq!(ApiKey::new("").unwrap_err(), InvalidKey::Empty);
        for (key, position) in [("pivotal_abc\n", 12), (" pivotal_abc", 1), ("pivotal_é", 9)] {
            let error = ApiKey::new(key).unwrap_err();
            assert_eq!(error, InvalidKey::Character { position });
            assert!(!error.to_string().contains("pivotal_"));
        }
    }

    #[test]
    fn the_mode_is_told_by_the_prefix() {
        for (key, mode) in [
            ("pivotal_abc", KeyMode::Live),
            ("pivotal_test_abc", KeyMode::Test),
            ("sk_abc", KeyMode::Unknown),
        ] {
            assert_eq!(ApiKey::new(key).unwrap().mode(), mode);
        }
    }
}
