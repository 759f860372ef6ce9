//! Idempotency keys.

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::{BuildHasher, Hasher};
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

use http::HeaderValue;

/// A caller's own idempotency key: the server performs one create per key, however often it is
/// sent within 24 hours.
///
/// 1 to [`MAX_BYTES`](Self::MAX_BYTES) visible ASCII characters.
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
    /// The most bytes that the server accepts.
    pub const MAX_BYTES: usize = 255;

    /// Takes a key after checking it.
    ///
    /// # Errors
    /// [`InvalidIdempotencyKey`] when it is empty, longer than [`MAX_BYTES`](Self::MAX_BYTES) or
    /// holds anything but visible ASCII.
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

    /// A fresh key: a UUID of version 7, whose leading milliseconds help to find a call in a log.
    ///
    /// ```
    /// use pivotal_runtime::IdempotencyKey;
    ///
    /// let key = IdempotencyKey::generate();
    /// assert_eq!(key.as_str().len(), 36);
    /// assert_ne!(key, IdempotencyKey::generate());
    /// ```
    pub fn generate() -> Self {
        let uuid = uuid_v7(SystemTime::now(), random());
        Self(HeaderValue::from_str(&uuid).expect("hexadecimal digits are a header value"))
    }

    /// The key's text.
    pub fn as_str(&self) -> &str {
        self.0.to_str().expect("made from visible ASCII")
    }

    pub(crate) fn header(&self) -> HeaderValue {
        self.0.clone()
    }

    /// A key that a header already carries.
    pub(crate) fn from_header(value: &HeaderValue) -> Option<Self> {
        let visible = value.as_bytes().iter().all(u8::is_ascii_graphic);
        visible.then(|| Self(value.clone()))
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

/// Sixteen bytes that nobody else draws.
fn random() -> [u8; 16] {
    let mut bytes = [0; 16];
    if getrandom::fill(&mut bytes).is_err() {
        // A system without randomness still seeds its hash maps as well as it can.
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
    let (a, b, c, d, e) = (
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    );
    format!("{a}-{b}-{c}-{d}-{e}")
}

/// Why a text cannot be an idempotency key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidIdempotencyKey {
    /// Nothing was given.
    #[error("the idempotency key is empty: give 1 to 255 visible ASCII characters")]
    Empty,
    /// More bytes than the server accepts.
    #[error("the idempotency key is {bytes} bytes long: the limit is 255")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// A character that cannot travel in a header.
    #[error(
        "the idempotency key has a character at position {position} that is not visible ASCII: \
         give 1 to 255 visible ASCII characters"
    )]
    Character {
        /// Its position, counted from 1.
        position: usize,
    },
}

impl InvalidIdempotencyKey {
    /// The server's word for what is wrong: `too_small`, `too_big` or `invalid_string`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "too_small",
            Self::TooLong { .. } => "too_big",
            Self::Character { .. } => "invalid_string",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_key_passes_and_one_byte_more_names_the_limit() {
        assert!(IdempotencyKey::new("k".repeat(255)).is_ok());
        let error = IdempotencyKey::new("k".repeat(256)).unwrap_err();
        assert_eq!(error, InvalidIdempotencyKey::TooLong { bytes: 256 });
        assert!(error.to_string().contains("255"), "{error}");
    }

    #[test]
    fn a_key_of_ours_is_a_uuid_of_version_7() {
        // The example of RFC 9562, appendix A.6.
        let now = UNIX_EPOCH + std::time::Duration::from_millis(0x017F_22E2_79B0);
        let random = 0x0CC3_18C4_DC0C_0C07_398F_u128.to_be_bytes();
        let uuid = uuid_v7(now, random);
        assert_eq!(uuid, "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
        let all_ones = uuid_v7(now, [0xff; 16]);
        assert_eq!(all_ones, "017f22e2-79b0-7fff-bfff-ffffffffffff");
    }

    #[test]
    fn what_no_header_can_hold_is_refused() {
        assert_eq!(
            IdempotencyKey::new("").unwrap_err(),
            InvalidIdempotencyKey::Empty
        );
        for (key, position) in [("a b", 2), ("a\r\nX-Evil: 1", 2), ("ü", 1)] {
            let error = IdempotencyKey::new(key).unwrap_err();
            assert_eq!(error, InvalidIdempotencyKey::Character { position });
        }
    }
}
