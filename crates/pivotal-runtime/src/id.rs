//! Identifiers of rows, and path parameters.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::sync::Arc;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// The ID of an `R`: its number (`display_id`) or its opaque ID.
///
/// It converts from numbers, strings and response types. It is one segment of the request path,
/// which [`check`](Self::check) verifies.
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
    /// An ID with this text, which is not checked.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self {
            text: text.into(),
            of: PhantomData,
        }
    }

    /// The text of the ID.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Checks that the ID is one non-empty path segment and cannot change the path of a request.
    ///
    /// # Errors
    /// [`InvalidId`] if it is empty, `.` or `..`, or contains `/`, `\`, `?`, `#`, `%`, white space
    /// or a control character.
    pub fn check(&self) -> Result<(), InvalidId> {
        let problem = if self.text.is_empty() {
            IdProblem::Empty
        } else if &*self.text == "." || &*self.text == ".." {
            IdProblem::Dots
        } else if let Some(found) = self.text.chars().find(|c| {
            matches!(c, '/' | '\\' | '?' | '#' | '%') || c.is_whitespace() || c.is_control()
        }) {
            IdProblem::Character(found)
        } else {
            return Ok(());
        };
        Err(InvalidId(problem))
    }
}

/// An ID is not one non-empty path segment. Does not contain the ID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidId(IdProblem);

#[derive(Clone, Debug, PartialEq, Eq)]
enum IdProblem {
    Empty,
    Dots,
    Character(char),
}

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an ID must be one non-empty path segment: ")?;
        match self.0 {
            IdProblem::Empty => f.write_str("it is empty"),
            IdProblem::Dots => f.write_str("dots alone would change the path"),
            IdProblem::Character(character) => write!(f, "it contains {character:?}"),
        }
    }
}

impl Error for InvalidId {}

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

macro_rules! from {
    ($($source:ty: $convert:expr;)*) => {$(
        impl<R> From<$source> for Id<R> {
            fn from(id: $source) -> Self {
                Self::new($convert(id))
            }
        }
    )*};
}
from! {
    &str: Arc::<str>::from;
    String: Arc::<str>::from;
    &String: String::as_str;
    i32: |id: i32| id.to_string();
    u32: |id: u32| id.to_string();
    i64: |id: i64| id.to_string();
    u64: |id: u64| id.to_string();
}

/// The characters that would end a path segment or be changed in a URL.
const NOT_IN_SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'\\')
    .add(b'`')
    .add(b'{')
    .add(b'}');

/// Percent-encodes a parameter as one path segment, for the generated client.
///
/// A segment that consists of one or two dots changes the path in any encoding:
/// [`Executor::prepare`](crate::Executor::prepare) rejects it.
///
/// ```
/// use pivotal_runtime::encode_path;
///
/// assert_eq!(encode_path("aurora-demo"), "aurora-demo");
/// assert_eq!(encode_path("a/b c"), "a%2Fb%20c");
/// // URL parsers treat a backslash as a slash.
/// assert_eq!(encode_path(r"1\..\2"), "1%5C..%5C2");
/// ```
pub fn encode_path(parameter: &str) -> Cow<'_, str> {
    utf8_percent_encode(parameter, NOT_IN_SEGMENT).into()
}
