//! Documents, the places in them, and what the two documents of a comparison state.

use std::collections::BTreeMap;

use openapi_pipeline::Pointer;
use openapi_pipeline::resolve::resolve;
use serde_json::{Map, Value};

use crate::lifecycle::Lifecycle;
use crate::schema::Parts;

/// A value of a document, and where it stands there.
#[derive(Clone, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) value: &'a Value,
    pub(crate) pointer: Pointer,
}

impl<'a> Place<'a> {
    pub(crate) fn root(document: &'a Value) -> Self {
        Self {
            value: document,
            pointer: Pointer::root(),
        }
    }

    /// The value of `key`.
    pub(crate) fn get(&self, key: &str) -> Option<Self> {
        let value = self.value.get(key)?;
        Some(Self {
            value,
            pointer: self.pointer.child(key),
        })
    }

    /// The place of `key`, or this place when there is no such key.
    pub(crate) fn nearest(&self, key: &str) -> Pointer {
        if self.value.get(key).is_some() {
            self.pointer.child(key)
        } else {
            self.pointer.clone()
        }
    }

    /// The members of an object.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&'a str, Self)> + '_ {
        let members = self.value.as_object().into_iter().flatten();
        members.map(|(key, value)| {
            let pointer = self.pointer.child(key);
            (key.as_str(), Self { value, pointer })
        })
    }

    /// The members of the object at `key`; none without one.
    pub(crate) fn members_of(&self, key: &str) -> Vec<(&'a str, Self)> {
        self.get(key).iter().flat_map(Self::members).collect()
    }

    /// The entries of an array.
    pub(crate) fn entries(&self) -> impl Iterator<Item = Self> + '_ {
        let entries = self.value.as_array().into_iter().flatten().enumerate();
        entries.map(|(index, value)| {
            let pointer = self.pointer.child(&index.to_string());
            Self { value, pointer }
        })
    }

    /// The media type in the `content` of a parameter or header.
    pub(crate) fn media_type(&self) -> Option<(&'a str, Self)> {
        self.get("content")?.members().next()
    }

    /// The schema of a parameter, header or media type, or of the media type in it; none when any
    /// value is allowed.
    pub(crate) fn schemas(&self) -> Parts<'a> {
        let media_type = self.media_type().map(|(_, media_type)| media_type);
        media_type
            .as_ref()
            .unwrap_or(self)
            .get("schema")
            .into_iter()
            .collect()
    }

    pub(crate) fn text(&self, key: &str) -> Option<&'a str> {
        self.value.get(key)?.as_str()
    }

    /// What is announced of it.
    pub(crate) fn lifecycle(&self) -> Lifecycle<'a> {
        let object = self.value.as_object();
        object.map(Lifecycle::of).unwrap_or_default()
    }

    pub(crate) fn flag(&self, key: &str) -> bool {
        self.value.get(key) == Some(&Value::Bool(true))
    }

    /// Tells values of a document apart, whatever they hold.
    pub(crate) fn address(&self) -> usize {
        std::ptr::from_ref(self.value).addr()
    }
}

/// The values in both documents, and their places; the nearest place around where there is none.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Both {
    pub(crate) from: Option<Value>,
    pub(crate) to: Option<Value>,
    pub(crate) base: Option<Pointer>,
    pub(crate) revision: Option<Pointer>,
}

impl Both {
    pub(crate) fn at(
        base: impl Into<Option<Pointer>>,
        revision: impl Into<Option<Pointer>>,
    ) -> Self {
        Self {
            base: base.into(),
            revision: revision.into(),
            ..Self::default()
        }
    }

    /// The two places, or that around one where it is missing.
    pub(crate) fn of(places: [&Option<Place<'_>>; 2], around: [&Place<'_>; 2]) -> Self {
        let pointer = |index: usize| {
            let place = places[index].as_ref().unwrap_or(around[index]);
            place.pointer.clone()
        };
        Self::at(pointer(0), pointer(1))
    }

    /// The places of a keyword in both.
    pub(crate) fn keyword(base: &Place<'_>, revision: &Place<'_>, keyword: &str) -> Self {
        Self::at(base.nearest(keyword), revision.nearest(keyword))
    }

    pub(crate) fn from(mut self, value: impl Into<Value>) -> Self {
        self.from = Some(value.into());
        self
    }

    pub(crate) fn to(mut self, value: impl Into<Value>) -> Self {
        self.to = Some(value.into());
        self
    }
}

/// What two maps have, by key: the value in each.
pub(crate) fn joined<K: Ord, V>(
    sides: [impl IntoIterator<Item = (K, V)>; 2],
) -> BTreeMap<K, [Option<V>; 2]> {
    let mut all: BTreeMap<K, [Option<V>; 2]> = BTreeMap::new();
    for (index, side) in sides.into_iter().enumerate() {
        for (key, value) in side {
            all.entry(key).or_default()[index] = Some(value);
        }
    }
    all
}

/// A document whose references can be followed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Document<'a>(pub(crate) &'a Value);

impl<'a> Document<'a> {
    /// The target of a reference, one step.
    pub(crate) fn target(self, reference: &str) -> Option<Place<'a>> {
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

    /// A place, or the target of the reference there, followed to the end. `None` when it leads
    /// nowhere.
    pub(crate) fn follow(self, place: Place<'a>) -> Option<Place<'a>> {
        self.follow_while(place, |_| true)
    }

    /// The same for a schema: only references that stand alone, or beside annotations.
    pub(crate) fn follow_schema(self, place: Place<'a>) -> Place<'a> {
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
        // The limit ends circles; no sane document has a longer chain.
        for _ in 0..1000 {
            let reference = match current.value.as_object() {
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

/// Whether a keyword of a schema says nothing about the allowed values.
pub(crate) fn is_annotation(keyword: &str) -> bool {
    matches!(
        keyword,
        "title" | "description" | "summary" | "example" | "examples" | "externalDocs" | "$comment"
    ) || keyword.starts_with("x-")
}
