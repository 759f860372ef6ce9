//! Places in a document.

use std::cmp::Ordering;
use std::fmt::{self, Write};

use serde_json::Value;

/// A place in a document: a JSON pointer (RFC 6901).
///
/// It is displayed as a URI fragment, the way a `$ref` is written: `#/paths/~1me/get`, and `#` for
/// the whole document. Places are ordered key by key, the outer before the inner, and entries of an
/// array by their number.
///
/// ```
/// use openapi_pipeline::Pointer;
///
/// let place = Pointer::root().child("paths").child("/me").child("get");
/// assert_eq!(place.to_string(), "#/paths/~1me/get");
/// assert_eq!(place.to_json_path(), "$.paths['/me'].get");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Pointer(String);

impl Pointer {
    /// The whole document.
    pub fn root() -> Self {
        Self::default()
    }

    /// Reads the fragment of a local reference: `#/components/schemas/Pet`, percent-encoded or not.
    ///
    /// `None` when the text is not a fragment (`other.json#/Pet`), or the fragment is not a JSON
    /// pointer (`#Pet`).
    pub fn from_reference(reference: &str) -> Option<Self> {
        let fragment = percent_decoded(reference.strip_prefix('#')?)?;
        (fragment.is_empty() || fragment.starts_with('/')).then_some(Self(fragment))
    }

    /// The pointer itself, as [`serde_json::Value::pointer`] takes it: empty for the whole
    /// document.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The place `key` below this one: a key of an object, or the index of an array entry in
    /// digits.
    pub fn child(&self, key: &str) -> Self {
        let mut child = Self(String::with_capacity(self.0.len() + key.len() + 1));
        child.0.push_str(&self.0);
        child.push(key);
        child
    }

    /// Steps down to `key`.
    pub fn push(&mut self, key: &str) {
        self.0.push('/');
        if !key.contains(['~', '/']) {
            self.0.push_str(key);
            return;
        }
        for character in key.chars() {
            match character {
                '~' => self.0.push_str("~0"),
                '/' => self.0.push_str("~1"),
                other => self.0.push(other),
            }
        }
    }

    /// Steps up again and returns the key that was left; `None` at the root.
    pub fn pop(&mut self) -> Option<String> {
        let cut = self.0.rfind('/')?;
        let key = unescaped(&self.0[cut + 1..]);
        self.0.truncate(cut);
        Some(key)
    }

    /// The place above this one; `None` at the root.
    pub fn parent(&self) -> Option<Self> {
        let mut parent = self.clone();
        parent.pop().map(|_| parent)
    }

    /// The keys from the root down, unescaped.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = String> + '_ {
        let inner = self.0.strip_prefix('/').map(|keys| keys.split('/'));
        inner.into_iter().flatten().map(unescaped)
    }

    /// Removes the value at this place, if there is one.
    pub(crate) fn remove_from(&self, document: &mut Value) {
        let mut parent = self.clone();
        let key = parent.pop().unwrap_or_default();
        match document.pointer_mut(parent.as_str()) {
            Some(Value::Object(members)) => {
                members.remove(&key);
            }
            Some(Value::Array(entries)) => {
                if let Some(index) = key.parse().ok().filter(|index| *index < entries.len()) {
                    entries.remove(index);
                }
            }
            _ => {}
        }
    }

    /// The number of keys: 0 for the root.
    pub fn depth(&self) -> usize {
        self.0.matches('/').count()
    }

    /// Whether this place is `other` or lies below it.
    pub fn is_within(&self, other: &Self) -> bool {
        self.0
            .strip_prefix(&other.0)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// The same place as a JSONPath (RFC 9535), as the `target` of an overlay action names it.
    ///
    /// A JSON pointer does not tell the third entry of an array from the key `2`. Here digits are
    /// an index below a keyword of OpenAPI that holds an array, and a key, such as a status, below
    /// all others.
    pub fn to_json_path(&self) -> String {
        const ARRAYS: [&str; 8] = [
            "parameters",
            "servers",
            "security",
            "tags",
            "allOf",
            "anyOf",
            "oneOf",
            "prefixItems",
        ];
        let mut path = String::from("$");
        let mut in_array = false;
        for key in self.keys() {
            if in_array && key.bytes().all(|byte| byte.is_ascii_digit()) {
                path.extend(["[", &key, "]"]);
            } else if is_shorthand(&key) {
                path.extend([".", &key]);
            } else {
                path.extend(["['", &escaped(&key), "']"]);
            }
            in_array = ARRAYS.contains(&key.as_str());
        }
        path
    }
}

impl Ord for Pointer {
    fn cmp(&self, other: &Self) -> Ordering {
        let mut keys = self.0.split('/').zip(other.0.split('/'));
        let by_key = keys
            .find(|(left, right)| left != right)
            .map(
                |(left, right)| match (left.parse::<usize>(), right.parse::<usize>()) {
                    (Ok(left), Ok(right)) => left.cmp(&right),
                    _ => left.cmp(right),
                },
            );
        by_key
            .unwrap_or(Ordering::Equal)
            .then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for Pointer {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// As a string, the pointer itself: `/paths/~1me/get`.
impl serde::Serialize for Pointer {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

fn unescaped(key: &str) -> String {
    key.replace("~1", "/").replace("~0", "~")
}

/// A key between the single quotes of a JSONPath.
pub(crate) fn escaped(key: &str) -> String {
    let mut escaped = String::with_capacity(key.len());
    for character in key.chars() {
        match character {
            '\'' | '\\' => escaped.extend(['\\', character]),
            other if is_escaped_in_yaml(other) => {
                let _ = write!(escaped, "\\u{:04x}", u32::from(other));
            }
            other => escaped.push(other),
        }
    }
    escaped
}

/// Whether a character is escaped in YAML: control characters, line breaks that ASCII does not have, and
/// the byte order mark.
pub(crate) fn is_escaped_in_yaml(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}' | '\u{2029}' | '\u{feff}')
}

fn is_shorthand(key: &str) -> bool {
    let mut characters = key.chars();
    characters
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn percent_decoded(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let high = char::from(rest.next()?).to_digit(16)?;
            let low = char::from(rest.next()?).to_digit(16)?;
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}
