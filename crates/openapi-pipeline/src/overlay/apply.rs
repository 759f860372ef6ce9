//! Applying an overlay.

use std::collections::{BTreeSet, HashSet};

use serde_json::Value;

use super::{Action, Change, Overlay};
use crate::canonical::{count, excerpt};
use crate::problem::kind_of;
use crate::{Pointer, Problem, Problems, canonical, check_depth, resolve};

const REMOVE_THE_ACTION: &str = "upstream has this now: remove the action";

/// The most values that one action adds.
const MAX_ADDED: usize = 2_000_000;

/// The document with every action of the overlay applied, in order, its keys in alphabetical order.
///
/// # Errors
/// Every action that fails by the rules of [this module](super), with its number, counted from 1,
/// its target and its description; the pointer of the problem leads to the action in the overlay.
/// The actions after one that fails are tried all the same, so that one run reports them all.
pub fn apply(document: &Value, overlay: &Overlay) -> Result<Value, Problems> {
    check_depth(document)?;
    let mut document = document.clone();
    let mut problems = Problems::new();
    for (index, action) in overlay.actions.iter().enumerate() {
        let mut attempt = Attempt {
            index,
            action,
            replaces: None,
            changed: false,
            replaced: false,
            failed: false,
            problems: &mut problems,
        };
        attempt.make(&mut document);
    }
    problems.extend(check_depth(&document).err());
    problems.or(canonical::sort(document))
}

/// One action, and what it did so far.
struct Attempt<'a> {
    index: usize,
    action: &'a Action,
    /// What the update replaces, if it replaces anything.
    replaces: Option<&'a Value>,
    /// Whether the document is another one now.
    changed: bool,
    /// Whether a value was replaced.
    replaced: bool,
    failed: bool,
    problems: &'a mut Problems,
}

impl Attempt<'_> {
    /// Reports a failure by the number of the action, counted from 1, its target and its description.
    fn fail(&mut self, found: &str, why: &str) {
        self.failed = true;
        let Action {
            written,
            description,
            ..
        } = self.action;
        let number = self.index + 1;
        let found = format!(
            "action {number} on {written} ({}): {found}",
            description.trim()
        );
        let at = Pointer::root()
            .child("actions")
            .child(&self.index.to_string());
        self.problems.push(Problem::new(&at, found, why));
    }

    fn make(&mut self, document: &mut Value) {
        let action = self.action;
        let places = places(document, action);
        match &action.change {
            Change::Remove if places.is_empty() => self.fail(
                "the target matches nothing",
                "what it removes is gone: remove the action, or correct its target if that has moved",
            ),
            Change::Update { .. } if places.is_empty() => self.fail(
                "the target matches nothing",
                "upstream has moved or removed it: correct the target, or remove the action",
            ),
            Change::Remove if places.contains(&Pointer::root()) => self.fail(
                "the target is the whole document",
                "an action cannot remove all of it",
            ),
            Change::Remove => {
                // The last first, so that the indices of those before stay true.
                for place in places.iter().rev() {
                    place.remove_from(document);
                }
            }
            Change::Update { update, .. } if places.len() > MAX_ADDED / count(update) => self.fail(
                &format!("the update would be made at {} places", places.len()),
                "it makes the document too large: target fewer places",
            ),
            Change::Update { update, replaces } => {
                self.replaces = replaces.as_ref();
                self.update(document, &places, update);
            }
        }
    }

    fn update(&mut self, document: &mut Value, places: &[Pointer], update: &Value) {
        let paths = paths_of(places);
        let before = duplicate_parameters(document, paths.as_ref());
        for place in places {
            if let Some(target) = document.pointer_mut(place.as_str()) {
                self.update_place(target, update, place);
            }
        }
        match self.replaces {
            _ if self.failed => {}
            _ if !self.changed => self.fail("it changes nothing", REMOVE_THE_ACTION),
            Some(replaces) if !self.replaced => {
                let replaces = excerpt(replaces);
                let found =
                    format!("`x-replaces` expects {replaces}, but the action replaces nothing");
                self.fail(&found, "remove `x-replaces`");
            }
            _ => {}
        }
        let why = format!(
            "an operation has at most one parameter of a name in a location; {REMOVE_THE_ACTION}"
        );
        for duplicate in duplicate_parameters(document, paths.as_ref()) {
            if !before.contains(&duplicate) {
                self.fail(&format!("it makes a second parameter {duplicate}"), &why);
            }
        }
    }

    fn update_place(&mut self, target: &mut Value, update: &Value, place: &Pointer) {
        match (&mut *target, update) {
            (Value::Array(_), Value::Array(_)) | (Value::Object(_), Value::Object(_)) => {
                self.merge(target, update, place);
            }
            (Value::Array(entries), entry) => self.append(entries, std::slice::from_ref(entry), place),
            (Value::Object(_), other) => self.fail(
                &format!("the update is {}, but {place} is an object", kind_of(other)),
                "an object can only be updated with an object",
            ),
            (scalar, _) => self.fail(
                &format!("the target {place} is {}", kind_of(scalar)),
                "the target of an update is an object or an array: target the object that holds it, and name the key in the update",
            ),
        }
    }

    /// Merges `update` into the value `at` some place: objects key by key, arrays by appending, all
    /// else by replacing. An array that is to be replaced is not appended to.
    fn merge(&mut self, target: &mut Value, update: &Value, at: &Pointer) {
        if target == update {
            return;
        }
        let is_to_be_replaced = self.replaces == Some(&*target);
        match (&mut *target, update) {
            (Value::Object(members), Value::Object(update)) => {
                for (key, value) in update {
                    match members.get_mut(key) {
                        Some(stated) => self.merge(stated, value, &at.child(key)),
                        None => {
                            members.insert(key.clone(), value.clone());
                            self.changed = true;
                        }
                    }
                }
            }
            (Value::Array(entries), Value::Array(update)) if !is_to_be_replaced => {
                self.append(entries, update, at);
            }
            _ => {
                (self.changed, self.replaced) = (true, true);
                let stated = std::mem::replace(target, update.clone());
                self.check_replaced(&stated, at);
            }
        }
    }

    fn check_replaced(&mut self, stated: &Value, at: &Pointer) {
        let found = format!("it replaces {} at {at}", excerpt(stated));
        match self.replaces {
            Some(replaces) if replaces == stated => {}
            Some(replaces) => {
                let why = format!(
                    "`x-replaces` expects {}: upstream has changed the value; check the action again",
                    excerpt(replaces)
                );
                self.fail(&found, &why);
            }
            None => self.fail(
                &found,
                "an overlay does not overrule the document unawares: remove the action if upstream is right now, else say \
                 what it replaces with `x-replaces`",
            ),
        }
    }

    /// Appends entries to an array, but none that it has already.
    fn append(&mut self, entries: &mut Vec<Value>, update: &[Value], at: &Pointer) {
        let mut known: HashSet<Value> = entries.iter().cloned().collect();
        for entry in update {
            if known.insert(entry.clone()) {
                entries.push(entry.clone());
                self.changed = true;
            } else {
                let found = format!("{at} has the entry {} already", excerpt(entry));
                self.fail(&found, REMOVE_THE_ACTION);
            }
        }
    }
}

/// Where the target of an action matches, each place once.
fn places(document: &Value, action: &Action) -> Vec<Pointer> {
    let nodes = action.target.query_located(document).dedup();
    let mut places: Vec<_> = nodes
        .locations()
        .map(|location| {
            let mut place = Pointer::root();
            for element in location.iter() {
                match element.as_name() {
                    Some(name) => place.push(name),
                    None => place.push(&element.as_index().unwrap_or_default().to_string()),
                }
            }
            place
        })
        .collect();
    places.sort();
    places
}

/// The paths that these places lie in; `None` when one lies elsewhere, and any operation may depend
/// on it.
fn paths_of(places: &[Pointer]) -> Option<BTreeSet<String>> {
    let path_of = |place: &Pointer| {
        let mut keys = place.keys();
        let is_in_paths = keys.next().is_some_and(|section| section == "paths");
        keys.next().filter(|_| is_in_paths)
    };
    places.iter().map(path_of).collect()
}

/// Each parameter that an operation has twice: `limit in query of #/paths/~1teas/get`. Of all
/// operations, or of those of some paths.
fn duplicate_parameters(document: &Value, paths: Option<&BTreeSet<String>>) -> Vec<String> {
    let operations = match paths {
        None => resolve::operations(document),
        Some(paths) => paths
            .iter()
            .filter_map(|path| Some((path, document.get("paths")?.get(path)?)))
            .flat_map(|(path, item)| resolve::operations_of(path, item))
            .collect(),
    };
    let mut duplicates = Vec::new();
    for operation in operations {
        for (_, (name, location)) in operation.duplicate_parameters(document) {
            duplicates.push(format!("`{name}` in {location} of {}", operation.pointer));
        }
    }
    duplicates
}
