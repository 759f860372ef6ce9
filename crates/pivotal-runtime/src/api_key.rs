//! The API key.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use http::HeaderValue;
use zeroize::Zeroizing;

/// How many leading characters of a key may be logged, according to the vendor.
const SHOWN: usize = 12;
/// The leading characters are only shown if at least this many stay hidden.
const HIDDEN: usize = 12;

/// Whether a key is a live or a test key, according to its prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyMode {
    /// `pivotal_…`: a live key.
    Live,
    /// `pivotal_test_…`: the same data, but outbound effects are suppressed.
    Test,
    /// An unknown prefix.
    Unknown,
}

/// An API key, which never prints itself.
///
/// `Debug` and `Display` show at most the first twelve characters, which the vendor considers safe
/// to log, and only if the key is long enough and has the vendor's prefix. The text is erased from
/// memory when the last clone is dropped. Copies in the HTTP and TLS libraries are not erased.
///
/// ```
/// use pivotal_runtime::{ApiKey, KeyMode};
///
/// let key = ApiKey::new("pivotal_K8s9aB3dE5fG7hJ9kL1m")?;
/// assert_eq!(key.to_string(), "pivotal_K8s9…");
/// assert_eq!(key.mode(), KeyMode::Live);
/// # Ok::<(), pivotal_runtime::InvalidApiKey>(())
/// ```
#[derive(Clone)]
pub struct ApiKey(Arc<Zeroizing<String>>);

impl ApiKey {
    /// Checks that the key can be sent in a header.
    ///
    /// # Errors
    /// [`InvalidApiKey`] if it is empty or contains anything but visible ASCII characters.
    pub fn new(key: impl Into<String>) -> Result<Self, InvalidApiKey> {
        let key = Zeroizing::new(key.into());
        if key.is_empty() {
            return Err(InvalidApiKey::Empty);
        }
        match key.chars().position(|c| !c.is_ascii_graphic()) {
            Some(position) => Err(InvalidApiKey::Character {
                position: position + 1,
            }),
            None => Ok(Self(Arc::new(key))),
        }
    }

    /// Whether it is a live or a test key, according to its prefix.
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

    /// The whole key.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
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

/// Why a text cannot be an API key. Does not contain the text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidApiKey {
    /// The text is empty.
    Empty,
    /// A character that a header cannot contain, often a line break read from a file.
    Character {
        /// The position of the character, from 1.
        position: usize,
    },
}

impl fmt::Display for InvalidApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the API key is empty"),
            Self::Character { position } => write!(
                f,
                "the API key has a character at position {position} that is not visible ASCII; \
                 check for spaces, line breaks and quotation marks around it"
            ),
        }
    }
}

impl Error for InvalidApiKey {}
