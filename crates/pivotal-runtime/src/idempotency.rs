//! Idempotency keys.

use std::fmt;
use std::str::FromStr;

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

    /// The key's text.
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
