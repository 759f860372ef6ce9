//! Applying an overlay.

use std::collections::{BTreeSet, HashSet};

use serde_json::Value;

use super::{Action, Applied, Change, Outcome, Overlay};
use crate::canonical::{count, excerpt};
use crate::problem::kind_of;
use crate::{Pointer, Problem, Problems, canonical, check_depth, resolve};

const REMOVE_THE_ACTION: &str = "upstream has this now: remove the action";

/// The document with every action of the overlay applied, in order.
///
/// # Errors
/// Every action that fails by the rules of [this module](super), with its number, counted from 1,
/// its target and its description; the pointer of the problem leads to the action in the overlay.
/// The actions after one that fails are tried all the same, so that one run reports them all.
pub fn apply(document: &Value, overlay: &Overlay) -> Result<Applied, Problems> {
    check_depth(document)?;
    let mut document = document.clone();
    let mut problems = Problems::new();
    let mut actions = Vec::with_capacity(overlay.len());
    for (index, action) in overlay.actions.iter().enumerate() {
        let mut failures = Vec::new();
        actions.push(act(&mut document, action, &mut failures));
        let reported = failures
            .into_iter()
            .map(|failure| problem(index, action, failure));
        problems.extend(reported);
    }
    problems.extend(check_depth(&document).err());
    problems.or(Applied {
        document: canonical::sort(document),
        actions,
    })
}

/// A failure as it is reported, by the number of its action, counted from 1, its target and its
/// description.
fn problem(index: usize, action: &Action, failure: Failure) -> Problem {
    let at = Pointer::root().child("actions").child(&index.to_string());
    let whose = format!(
        "action {} on {} ({})",
        index + 1,
        action.written,
        action.description.trim()
    );
    Problem::new(&at, format!("{whose}: {}", failure.found), failure.why)
}

struct Failure {
    found: String,
    why: String,
}

impl Failure {
    fn new(found: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            found: found.into(),
            why: why.into(),
        }
    }
}

fn act(document: &mut Value, action: &Action, failures: &mut Vec<Failure>) -> Outcome {
    let places = places(document, action);
    let mut outcome = Outcome {
        target: action.written.clone(),
        description: action.description.clone(),
        matched: places.len(),
        changed: 0,
    };
    if places.is_empty() {
        let why = match action.change {
            Change::Remove => {
                "what it removes is gone: remove the action, or correct its target if that has moved"
            }
            Change::Update { .. } => {
                "upstream has moved or removed it: correct the target, or remove the action"
            }
        };
        failures.push(Failure::new("the target matches nothing", why));
        return outcome;
    }
    match &action.change {
        Change::Remove => outcome.changed = remove(document, &places, failures),
        Change::Update { update, .. } if places.len() > MAX_ADDED / count(update) => {
            failures.push(Failure::new(
                format!("the update would be made at {} places", places.len()),
                "it makes the document too large: target fewer places",
            ));
        }
        Change::Update { update, replaces } => {
            let changed_paths = paths_of(&places);
            let before = duplicate_parameters(document, changed_paths.as_ref());
            let mut merged = Merged::default();
            for place in &places {
                let changed = std::mem::take(&mut merged.changed);
                if let Some(target) = document.pointer_mut(place.as_str()) {
                    update_place(
                        target,
                        update,
                        replaces.as_ref(),
                        place,
                        &mut merged,
                        failures,
                    );
                }
                outcome.changed += usize::from(merged.changed);
                merged.changed |= changed;
            }
            check_merged(&merged, replaces.as_ref(), failures);
            for duplicate in duplicate_parameters(document, changed_paths.as_ref())
                .into_iter()
                .filter(|duplicate| !before.contains(duplicate))
            {
                let why = format!(
                    "an operation has at most one parameter of a name in a location; {REMOVE_THE_ACTION}"
                );
                failures.push(Failure::new(
                    format!("it makes a second parameter {duplicate}"),
                    why,
                ));
            }
        }
    }
    outcome
}

/// The most values that one action adds.
const MAX_ADDED: usize = 2_000_000;

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

fn update_place(
    target: &mut Value,
    update: &Value,
    replaces: Option<&Value>,
    place: &Pointer,
    merged: &mut Merged,
    failures: &mut Vec<Failure>,
) {
    match (&*target, update) {
        (Value::Array(_), Value::Array(_)) | (Value::Object(_), Value::Object(_)) => merge(target, update, replaces, place, merged),
        (Value::Array(_), entry) => append(target, std::slice::from_ref(entry), place, merged),
        (Value::Object(_), other) => {
            failures.push(Failure::new(
                format!("the update is {}, but {place} is an object", kind_of(other)),
                "an object can only be updated with an object",
            ));
        }
        (scalar, _) => failures.push(Failure::new(
            format!("the target {place} is {}", kind_of(scalar)),
            "the target of an update is an object or an array: target the object that holds it, and name the key in the update",
        )),
    }
}

/// What the merges of one action add up to.
fn check_merged(merged: &Merged, replaces: Option<&Value>, failures: &mut Vec<Failure>) {
    for (place, entry) in &merged.repeated {
        failures.push(Failure::new(
            format!("{place} has the entry {} already", excerpt(entry)),
            REMOVE_THE_ACTION,
        ));
    }
    for (place, stated) in &merged.replaced {
        let found = format!("it replaces {} at {place}", excerpt(stated));
        match replaces {
            Some(replaces) if replaces == stated => {}
            Some(replaces) => {
                let why = format!(
                    "`x-replaces` expects {}: upstream has changed the value; check the action again",
                    excerpt(replaces)
                );
                failures.push(Failure::new(found, why));
            }
            None => {
                let why = "an overlay does not overrule the document unawares: remove the action if upstream is right now, else say \
                           what it replaces with `x-replaces`";
                failures.push(Failure::new(found, why));
            }
        }
    }
    if !merged.changed && merged.repeated.is_empty() && failures.is_empty() {
        failures.push(Failure::new("it changes nothing", REMOVE_THE_ACTION));
    } else if let (Some(replaces), true, true) =
        (replaces, merged.replaced.is_empty(), failures.is_empty())
    {
        let found = format!(
            "`x-replaces` expects {}, but the action replaces nothing",
            excerpt(replaces)
        );
        failures.push(Failure::new(found, "remove `x-replaces`"));
    }
}

/// Removes the places, the last first, so that the indices of those before stay true.
fn remove(document: &mut Value, places: &[Pointer], failures: &mut Vec<Failure>) -> usize {
    if places.contains(&Pointer::root()) {
        let why = "an action cannot remove all of it";
        failures.push(Failure::new("the target is the whole document", why));
    }
    let removed = places
        .iter()
        .rev()
        .filter(|place| place.remove_from(document));
    removed.count()
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

/// What a merge did and met.
#[derive(Default)]
struct Merged {
    /// Whether the value is another one now.
    changed: bool,
    /// Where a value was replaced, and which value.
    replaced: Vec<(Pointer, Value)>,
    /// Where an entry was to be appended that was there already, and which entry.
    repeated: Vec<(Pointer, Value)>,
}

/// Merges `update` into the value `at` some place: objects key by key, arrays by appending, all
/// else by replacing.
///
/// An array that equals `replaces` is replaced, not appended to.
fn merge(
    target: &mut Value,
    update: &Value,
    replaces: Option<&Value>,
    at: &Pointer,
    merged: &mut Merged,
) {
    if target == update {
        return;
    }
    let is_to_be_replaced = replaces == Some(&*target);
    match (&mut *target, update) {
        (Value::Object(members), Value::Object(update)) => {
            for (key, value) in update {
                match members.get_mut(key) {
                    Some(stated) => merge(stated, value, replaces, &at.child(key), merged),
                    None => {
                        members.insert(key.clone(), value.clone());
                        merged.changed = true;
                    }
                }
            }
        }
        (Value::Array(_), Value::Array(update)) if !is_to_be_replaced => {
            append(target, update, at, merged);
        }
        _ => {
            merged.changed = true;
            merged
                .replaced
                .push((at.clone(), std::mem::replace(target, update.clone())));
        }
    }
}

/// Appends entries to an array, but none that it has already.
fn append(target: &mut Value, update: &[Value], at: &Pointer, merged: &mut Merged) {
    let Some(entries) = target.as_array_mut() else {
        return;
    };
    let mut known: HashSet<Value> = entries.iter().cloned().collect();
    for entry in update {
        if known.insert(entry.clone()) {
            entries.push(entry.clone());
            merged.changed = true;
        } else {
            merged.repeated.push((at.clone(), entry.clone()));
        }
    }
}
