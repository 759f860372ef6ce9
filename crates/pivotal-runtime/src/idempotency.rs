//! Idempotency keys.

use std::collections::hash_map::RandomState;
use std::error::Error;
use std::fmt;
use std::hash::{BuildHasher, Hasher};
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

use http::HeaderValue;

/// An idempotency key: the server performs a create once per key within 24 hours, however often the
/// request is sent.
///
/// It consists of 1 to [`MAX_BYTES`](Self::MAX_BYTES) visible ASCII characters.
///
/// ```
/// use pivotal_runtime::IdempotencyKey;
///
/// let key: IdempotencyKey = "first-customer-aurora-demo".parse()?;
/// assert_eq!(key.as_str(), "first-customer-aurora-demo");
/// assert!(IdempotencyKey::new("x".repeat(256)).is_err());
/// # Ok::<(), pivotal_runtime::InvalidIdempotencyKey>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(HeaderValue);

impl IdempotencyKey {
    /// The maximum length in bytes.
    pub const MAX_BYTES: usize = 255;

    /// Checks and takes a key.
    ///
    /// # Errors
    /// [`InvalidIdempotencyKey`] if it is empty, longer than [`MAX_BYTES`](Self::MAX_BYTES) or
    /// contains anything but visible ASCII.
    pub fn new(key: impl AsRef<str>) -> Result<Self, InvalidIdempotencyKey> {
        let key = key.as_ref();
        if key.is_empty() {
            return Err(InvalidIdempotencyKey::Empty);
        }
        if key.len() > Self::MAX_BYTES {
            return Err(InvalidIdempotencyKey::TooLong { bytes: key.len() });
        }
        if let Some(position) = key.chars().position(|c| !c.is_ascii_graphic()) {
            return Err(InvalidIdempotencyKey::Character {
                position: position + 1,
            });
        }
        let value = HeaderValue::from_str(key).expect("visible ASCII is a header value");
        Ok(Self(value))
    }

    /// Generates a key: a UUID of version 7, which begins with the time in milliseconds.
    pub fn generate() -> Self {
        let uuid = uuid_v7(SystemTime::now(), random());
        Self(HeaderValue::from_str(&uuid).expect("hexadecimal digits are a header value"))
    }

    /// The text of the key.
    pub fn as_str(&self) -> &str {
        self.0.to_str().expect("made from visible ASCII")
    }

    pub(crate) fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl AsRef<str> for IdempotencyKey {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl FromStr for IdempotencyKey {
    type Err = InvalidIdempotencyKey;

    fn from_str(key: &str) -> Result<Self, Self::Err> {
        Self::new(key)
    }
}

fn random() -> [u8; 16] {
    let mut bytes = [0; 16];
    if getrandom::fill(&mut bytes).is_err() {
        // Without a system random number generator, hash maps are still seeded differently.
        for half in bytes.chunks_mut(8) {
            half.copy_from_slice(&RandomState::new().build_hasher().finish().to_be_bytes());
        }
    }
    bytes
}

/// RFC 9562, section 5.7: 48 bits of Unix milliseconds, the version, the variant, the rest random.
fn uuid_v7(now: SystemTime, random: [u8; 16]) -> String {
    let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    let milliseconds = since.as_millis() << 80;
    let rest = u128::from_be_bytes(random) & !(u128::MAX << 80);
    let bits = milliseconds | rest;
    let bits = bits & !(0xf << 76) | 0x7 << 76;
    let bits = bits & !(0x3 << 62) | 0x2 << 62;
    let hex = format!("{bits:032x}");
    let parts = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    parts.join("-")
}

/// Why a text cannot be an idempotency key. Does not contain the text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidIdempotencyKey {
    /// The text is empty.
    Empty,
    /// The text is longer than the server accepts.
    TooLong {
        /// The length in bytes.
        bytes: usize,
    },
    /// A character that a header cannot contain.
    Character {
        /// The position of the character, from 1.
        position: usize,
    },
}

impl fmt::Display for InvalidIdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str(
                "the idempotency key is empty; it must be 1 to 255 visible ASCII characters",
            ),
            Self::TooLong { bytes } => {
                write!(
                    f,
                    "the idempotency key is {bytes} bytes long; the limit is 255"
                )
            }
            Self::Character { position } => write!(
                f,
                "the idempotency key has a character at position {position} that is not visible ASCII"
            ),
        }
    }
}

impl Error for InvalidIdempotencyKey {}

impl InvalidIdempotencyKey {
    /// The server's error code: `too_small`, `too_big` or `invalid_string`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "too_small",
            Self::TooLong { .. } => "too_big",
            Self::Character { .. } => "invalid_string",
        }
    }
}
