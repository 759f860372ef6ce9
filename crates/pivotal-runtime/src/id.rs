//! Identifiers of rows.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::sync::Arc;

/// The identifier of one `R`: its number as people see it (`display_id`) or its opaque id.
///
/// Made from numbers and strings, and from the responses themselves. It fills one segment of the
/// request path; [`check`](Self::check) refuses what would not stay one.
///
/// ```
/// use pivotal_runtime::Id;
/// struct Customer;
///
/// let by_number: Id<Customer> = 245.into();
/// assert_eq!(by_number, Id::from("245"));
/// assert!(by_number.check().is_ok());
/// assert!(Id::<Customer>::from("..").check().is_err());
/// ```
pub struct Id<R> {
    text: Arc<str>,
    of: PhantomData<fn() -> R>,
}

impl<R> Id<R> {
    /// An identifier with this text, not checked yet.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self {
            text: text.into(),
            of: PhantomData,
        }
    }

    /// The text as it stands in the path.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Checks that the text is one segment of a path and cannot change where the request goes.
    ///
    /// # Errors
    /// [`InvalidId`] when it is empty, `.` or `..`, or holds `/`, `\`, `?`, `#`, `%`, white space
    /// or a control character.
    pub fn check(&self) -> Result<(), InvalidId> {
        let fault = if self.text.is_empty() {
            Fault::Empty
        } else if &*self.text == "." || &*self.text == ".." {
            Fault::Dots
        } else if let Some(found) = self.text.chars().find(|c| {
            matches!(c, '/' | '\\' | '?' | '#' | '%') || c.is_whitespace() || c.is_control()
        }) {
            Fault::Character(found)
        } else {
            return Ok(());
        };
        Err(InvalidId { fault })
    }
}

/// Why a text cannot be an identifier. Does not repeat the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an id must be a number or one path segment: {fault}")]
pub struct InvalidId {
    fault: Fault,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum Fault {
    #[error("it is empty")]
    Empty,
    #[error("dots alone would lead to another path")]
    Dots,
    #[error("it contains {0:?}")]
    Character(char),
}

impl<R> Clone for Id<R> {
    fn clone(&self) -> Self {
        Self::new(Arc::clone(&self.text))
    }
}

impl<R> fmt::Debug for Id<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Id").field(&self.text).finish()
    }
}

impl<R> fmt::Display for Id<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl<R> PartialEq for Id<R> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<R> Eq for Id<R> {}

impl<R> Hash for Id<R> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl<R> AsRef<str> for Id<R> {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

impl<R> From<&Id<R>> for Id<R> {
    fn from(id: &Id<R>) -> Self {
        id.clone()
    }
}

impl<R> From<Id<R>> for String {
    fn from(id: Id<R>) -> Self {
        id.as_str().to_owned()
    }
}

macro_rules! from_text {
    ($($source:ty),*) => {$(
        impl<R> From<$source> for Id<R> {
            fn from(id: $source) -> Self {
                Self::new(id)
            }
        }
    )*};
}
from_text!(&str, String);

impl<R> From<&String> for Id<R> {
    fn from(id: &String) -> Self {
        Self::new(id.as_str())
    }
}

macro_rules! from_number {
    ($($source:ty),*) => {$(
        impl<R> From<$source> for Id<R> {
            fn from(id: $source) -> Self {
                Self::new(id.to_string())
            }
        }
    )*};
}
from_number!(i32, u32, i64, u64);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    struct Customer;

    #[test]
    fn what_is_not_one_path_segment_is_refused() {
        for bad in [
            "", ".", "..", "a/b", "a\\b", "a?b", "a#b", "%2e%2e", "a b", "a\nb", "\u{a0}", "a\0",
        ] {
            assert!(Id::<Customer>::from(bad).check().is_err(), "{bad:?}");
        }
        for good in [
            "245",
            "cl9bn00of0000g7l8gcq8c4xk",
            "...",
            "-5",
            "été",
            "a.b",
        ] {
            assert!(Id::<Customer>::from(good).check().is_ok(), "{good:?}");
        }
    }

    #[test]
    fn the_error_says_what_was_found() {
        let error = Id::<Customer>::from("a/b").check().unwrap_err();
        assert_eq!(
            error.to_string(),
            "an id must be a number or one path segment: it contains '/'"
        );
    }

    proptest! {
        #[test]
        fn a_checked_id_stays_one_segment_of_the_url(text in "\\PC*") {
            let id = Id::<Customer>::from(&text);
            prop_assume!(id.check().is_ok());
            let mut url = reqwest::Url::parse("https://my.pivotal.app/api/v1/customers").unwrap();
            url.path_segments_mut().unwrap().push(id.as_str());
            let segments: Vec<_> = url.path_segments().unwrap().collect();
            prop_assert_eq!(segments.len(), 4);
            prop_assert_eq!(&segments[..3], &["api", "v1", "customers"]);
        }

        #[test]
        fn numbers_and_their_text_are_the_same_id(number in any::<i64>()) {
            prop_assert_eq!(Id::<Customer>::from(number), Id::from(number.to_string()));
        }
    }
}
