//! Values and where they stand.

use serde_json::{Map, Value};

use openapi_pipeline::Pointer;
use openapi_pipeline::resolve::resolve;

/// A value of a document, and where it stands there.
#[derive(Clone, Debug)]
pub(super) struct Place<'a> {
    pub(super) value: &'a Value,
    pub(super) pointer: Pointer,
}

impl<'a> Place<'a> {
    pub(super) fn root(document: &'a Value) -> Self {
        Self {
            value: document,
            pointer: Pointer::root(),
        }
    }

    /// What `key` holds.
    pub(super) fn get(&self, key: &str) -> Option<Self> {
        let value = self.value.get(key)?;
        Some(Self {
            value,
            pointer: self.pointer.child(key),
        })
    }

    /// What `key` holds, or else this very place.
    pub(super) fn nearest(&self, key: &str) -> Pointer {
        if self.value.get(key).is_some() {
            self.pointer.child(key)
        } else {
            self.pointer.clone()
        }
    }

    pub(super) fn object(&self) -> Option<&'a Map<String, Value>> {
        self.value.as_object()
    }

    /// The members of an object.
    pub(super) fn members(&self) -> impl Iterator<Item = (&'a str, Self)> + '_ {
        let members = self.object().into_iter().flatten();
        members.map(|(key, value)| {
            let pointer = self.pointer.child(key);
            (key.as_str(), Self { value, pointer })
        })
    }

    /// The entries of an array.
    pub(super) fn entries(&self) -> impl Iterator<Item = Self> + '_ {
        let entries = self.value.as_array().into_iter().flatten().enumerate();
        entries.map(|(index, value)| {
            let pointer = self.pointer.child(&index.to_string());
            Self { value, pointer }
        })
    }

    pub(super) fn text(&self, key: &str) -> Option<&'a str> {
        self.value.get(key)?.as_str()
    }

    pub(super) fn flag(&self, key: &str) -> bool {
        self.value.get(key) == Some(&Value::Bool(true))
    }

    /// Tells values of a document apart, whatever they hold.
    pub(super) fn address(&self) -> usize {
        std::ptr::from_ref(self.value).addr()
    }
}

/// A document whose references can be followed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Document<'a>(pub(super) &'a Value);

impl<'a> Document<'a> {
    /// What a reference refers to, one step.
    pub(super) fn target(self, reference: &str) -> Option<Place<'a>> {
        let pointer = Pointer::from_reference(reference)?;
        // Most references need no decoding, and there are very many.
        let value = if reference.contains(['%', '~']) {
            resolve(self.0, reference)?
        } else {
            let mut keys = pointer.as_str().split('/').skip(1);
            keys.try_fold(self.0, child)?
        };
        Some(Place { value, pointer })
    }

    /// A place, or what it refers to when it is a reference object, followed to the end. `None`
    /// when that leads nowhere.
    pub(super) fn follow(self, place: Place<'a>) -> Option<Place<'a>> {
        self.follow_while(place, |_| true)
    }

    /// The same for a schema: only references that stand alone, or beside words for readers.
    pub(super) fn follow_schema(self, place: Place<'a>) -> Place<'a> {
        let alone = |object: &Map<String, Value>| {
            object.keys().all(|key| key == "$ref" || is_annotation(key))
        };
        if place.value.get("$ref").is_none() {
            return place;
        }
        self.follow_while(place.clone(), alone).unwrap_or(place)
    }

    fn follow_while(
        self,
        place: Place<'a>,
        may_follow: impl Fn(&Map<String, Value>) -> bool,
    ) -> Option<Place<'a>> {
        let mut current = place;
        // A chain without a circle is no longer than the references of a sane document are many.
        for _ in 0..1000 {
            let reference = match current.object() {
                Some(object) if may_follow(object) => object.get("$ref"),
                _ => None,
            };
            match reference {
                Some(reference) => current = self.target(reference.as_str()?)?,
                None => return Some(current),
            }
        }
        None
    }
}

fn child<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    match value {
        Value::Array(entries) => entries.get(key.parse::<usize>().ok()?),
        value => value.get(key),
    }
}

/// Whether a keyword of a schema says nothing about the values that it takes.
fn is_annotation(keyword: &str) -> bool {
    matches!(
        keyword,
        "title" | "description" | "summary" | "example" | "examples" | "externalDocs" | "$comment"
    ) || keyword.starts_with("x-")
}
