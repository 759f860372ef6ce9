//! Paths, and which path of the base is which of the revision.

use std::collections::{BTreeMap, BTreeSet};

use openapi_pipeline::Pointer;

use crate::document::{Document, Place};

/// A path and its path item. One that is a reference has the members of its target beside its own.
#[derive(Clone, Debug)]
pub(crate) struct PathItem<'a> {
    pub(crate) path: &'a str,
    /// The names of the parameters in the path, in order.
    pub(crate) parameters: Vec<&'a str>,
    places: Vec<Place<'a>>,
}

impl<'a> PathItem<'a> {
    pub(crate) fn new(document: Document<'a>, path: &'a str, place: Place<'a>) -> Self {
        let target = place.value.get("$ref").and_then(|_| {
            let target = document.follow(place.clone())?;
            (target.address() != place.address()).then_some(target)
        });
        Self {
            path,
            parameters: template(path).1,
            places: [Some(place), target].into_iter().flatten().collect(),
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<Place<'a>> {
        self.places.iter().find_map(|place| place.get(key))
    }

    pub(crate) fn operation(&self, method: &str) -> Option<Place<'a>> {
        self.get(method).filter(|place| place.value.is_object())
    }

    pub(crate) fn pointer(&self) -> Pointer {
        self.places[0].pointer.clone()
    }
}

/// A path without the names of its parameters, and these names.
pub(crate) fn template(path: &str) -> (String, Vec<&str>) {
    let mut shape = String::with_capacity(path.len());
    let mut names = Vec::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else {
            break;
        };
        shape.push_str(before);
        shape.push_str("{}");
        names.push(name);
        rest = after;
    }
    shape.push_str(rest);
    (shape, names)
}

/// The path items of a document.
pub(crate) fn paths(document: Document<'_>) -> Vec<PathItem<'_>> {
    let items = Place::root(document.0).members_of("paths").into_iter();
    items
        .filter(|(path, _)| path.starts_with('/'))
        .map(|(path, place)| PathItem::new(document, path, place))
        .collect()
}

/// The counterpart of each path of the base: the same path, or else one that differs only in the
/// names of its parameters.
pub(crate) fn matched(base: &[PathItem<'_>], revision: &[PathItem<'_>]) -> Vec<Option<usize>> {
    let same: BTreeMap<&str, usize> = revision
        .iter()
        .enumerate()
        .map(|(index, item)| (item.path, index))
        .collect();
    let known: BTreeSet<&str> = base.iter().map(|item| item.path).collect();
    let mut alike: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, item) in revision.iter().enumerate().rev() {
        if !known.contains(item.path) {
            alike.entry(template(item.path).0).or_default().push(index);
        }
    }
    let counterpart = |item: &PathItem<'_>| {
        let renamed = || alike.get_mut(&template(item.path).0)?.pop();
        same.get(item.path).copied().or_else(renamed)
    };
    base.iter().map(counterpart).collect()
}
