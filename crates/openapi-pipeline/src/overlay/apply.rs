//! Applying an overlay.

use std::collections::BTreeSet;

use serde_json::Value;

use super::merge::{Account, append, merge};
use super::{Action, Applied, Deed, Outcome, Overlay};
use crate::canonical::excerpt;
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
        let told = failures
            .into_iter()
            .map(|failure| problem(index, action, failure));
        problems.extend(told);
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
        let why = match action.deed {
            Deed::Remove => {
                "what it removes is gone: remove the action, or mend its target if that has moved"
            }
            Deed::Update { .. } => {
                "upstream has moved or dropped it: mend the target, or remove the action"
            }
        };
        failures.push(Failure::new("the target matches nothing", why));
        return outcome;
    }
    match &action.deed {
        Deed::Remove => outcome.changed = remove(document, &places, failures),
        Deed::Update { update, replaces } => {
            let touched = paths_of(&places);
            let doubles = doubled_parameters(document, touched.as_ref());
            let mut account = Account::default();
            for place in &places {
                let before = std::mem::take(&mut account.changed);
                if let Some(target) = document.pointer_mut(place.as_str()) {
                    update_place(
                        target,
                        update,
                        replaces.as_ref(),
                        place,
                        &mut account,
                        failures,
                    );
                }
                outcome.changed += usize::from(account.changed);
                account.changed |= before;
            }
            judge(&account, replaces.as_ref(), failures);
            for double in doubled_parameters(document, touched.as_ref())
                .into_iter()
                .filter(|double| !doubles.contains(double))
            {
                let why = format!(
                    "an operation has one parameter of a name in a place; {REMOVE_THE_ACTION}"
                );
                failures.push(Failure::new(
                    format!("it makes a second parameter {double}"),
                    why,
                ));
            }
        }
    }
    outcome
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

fn update_place(
    target: &mut Value,
    update: &Value,
    replaces: Option<&Value>,
    place: &Pointer,
    account: &mut Account,
    failures: &mut Vec<Failure>,
) {
    match (&*target, update) {
        (Value::Array(_), Value::Array(_)) | (Value::Object(_), Value::Object(_)) => merge(target, update, replaces, place, account),
        (Value::Array(_), entry) => append(target, std::slice::from_ref(entry), place, account),
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
fn judge(account: &Account, replaces: Option<&Value>, failures: &mut Vec<Failure>) {
    for (place, entry) in &account.repeated {
        failures.push(Failure::new(
            format!("{place} has the entry {} already", excerpt(entry)),
            REMOVE_THE_ACTION,
        ));
    }
    for (place, stated) in &account.replaced {
        let found = format!("it replaces {} at {place}", excerpt(stated));
        match replaces {
            Some(replaces) if replaces == stated => {}
            Some(replaces) => {
                let why = format!(
                    "`x-replaces` says that {} stands there: upstream has changed it; look again",
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
    if !account.changed && account.repeated.is_empty() && failures.is_empty() {
        failures.push(Failure::new("it changes nothing", REMOVE_THE_ACTION));
    } else if let (Some(replaces), true, true) =
        (replaces, account.replaced.is_empty(), failures.is_empty())
    {
        let found = format!(
            "`x-replaces` says that it replaces {}, but it replaces nothing",
            excerpt(replaces)
        );
        failures.push(Failure::new(found, "remove `x-replaces`"));
    }
}

/// Removes the places, the last first, so that the indices of those before stay true.
fn remove(document: &mut Value, places: &[Pointer], failures: &mut Vec<Failure>) -> usize {
    let mut removed = 0;
    let mut places: Vec<_> = places
        .iter()
        .map(|place| (place.parent(), place.keys().next_back()))
        .collect();
    places.sort_by_key(|(parent, key)| {
        (
            parent.clone(),
            key.as_ref().and_then(|key| key.parse::<usize>().ok()),
            key.clone(),
        )
    });
    for (parent, key) in places.into_iter().rev() {
        let (Some(parent), Some(key)) = (parent, key) else {
            failures.push(Failure::new(
                "the target is the whole document",
                "nothing would be left of it",
            ));
            continue;
        };
        let gone = match document.pointer_mut(parent.as_str()) {
            Some(Value::Object(members)) => members.remove(&key).is_some(),
            Some(Value::Array(entries)) => key.parse().is_ok_and(|index: usize| {
                index < entries.len() && {
                    entries.remove(index);
                    true
                }
            }),
            _ => false,
        };
        removed += usize::from(gone);
    }
    removed
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

/// Each operation and parameter that is there twice: `limit in query of #/paths/~1teas/get`. Of all
/// operations, or of those of some paths.
fn doubled_parameters(document: &Value, paths: Option<&BTreeSet<String>>) -> Vec<String> {
    let operations = match paths {
        None => resolve::operations(document),
        Some(paths) => paths
            .iter()
            .filter_map(|path| Some((path, document.get("paths")?.get(path)?)))
            .flat_map(|(path, item)| resolve::operations_of(path, item))
            .collect(),
    };
    let mut doubled = Vec::new();
    for operation in operations {
        for (_, (name, location)) in operation.duplicate_parameters(document) {
            doubled.push(format!("`{name}` in {location} of {}", operation.pointer));
        }
    }
    doubled
}
