//! Applying what still applies of an overlay that is behind its document.

use serde_json::{Map, Value};

use super::apply::{act, places, problem};
use super::{Action, Applied, Deed, Outcome, Overlay};
use crate::{Pointer, Problem, Problems, canonical, check_depth};

/// An action that no longer applies, and what the document says at its target.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Stale {
    /// Which action of the overlay, counted from 0.
    pub position: usize,
    /// The JSONPath of the action.
    pub target: String,
    /// The reason that the action gives.
    pub description: String,
    /// What is wrong with it now.
    pub problems: Vec<Problem>,
    /// What the document says where the target matches, of that only what the action is about;
    /// empty when it matches nothing.
    pub stated: Vec<(Pointer, Value)>,
    /// Whether the document holds all that the action would add: it can go.
    pub caught_up: bool,
}

/// Like [`apply`](super::apply()), but an action that fails is left out, whole, and told; those
/// after it are applied.
///
/// # Errors
/// The document is nested too deeply, before or afterwards.
///
/// ```
/// use openapi_pipeline::overlay::{Overlay, apply_what_applies};
///
/// let overlay = Overlay::parse(
///     "
/// overlay: 1.0.0
/// actions:
///   - {target: $.info, description: the guides say so, update: {title: Tea}}
///   - {target: $.info, description: the guides say so, update: {version: '2'}}
/// ",
///     "overlay.yaml",
/// )?;
/// let (applied, stale) = apply_what_applies(&serde_json::json!({"info": {"title": "Tea"}}), &overlay)?;
/// assert_eq!(applied.document["info"]["version"], "2");
/// assert_eq!((stale.len(), stale[0].position, stale[0].caught_up), (1, 0, true));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn apply_what_applies(
    document: &Value,
    overlay: &Overlay,
) -> Result<(Applied, Vec<Stale>), Problems> {
    check_depth(document)?;
    let original = document;
    let mut document = original.clone();
    let mut stale = Vec::new();
    let mut applied: Vec<(&Action, Outcome)> = Vec::new();
    for (position, action) in overlay.actions.iter().enumerate() {
        let mut failures = Vec::new();
        let outcome = act(&mut document, action, &mut failures);
        if failures.is_empty() {
            applied.push((action, outcome));
            continue;
        }
        // It may have done part of its work: once more without it.
        document = original.clone();
        for (earlier, _) in &applied {
            act(&mut document, earlier, &mut Vec::new());
        }
        let stated = stated(&document, action);
        stale.push(Stale {
            position,
            target: action.written.clone(),
            description: action.description.trim().to_owned(),
            problems: failures
                .into_iter()
                .map(|failure| problem(position, action, failure))
                .collect(),
            caught_up: caught_up(action, &stated),
            stated,
        });
    }
    check_depth(&document)?;
    let document = canonical::sort(document);
    let actions = applied.into_iter().map(|(_, outcome)| outcome).collect();
    Ok((Applied { document, actions }, stale))
}

/// What stands where the action would act.
fn stated(document: &Value, action: &Action) -> Vec<(Pointer, Value)> {
    places(document, action)
        .into_iter()
        .filter_map(|place| {
            let found = document.pointer(place.as_str())?;
            let shown = match &action.deed {
                Deed::Update { update, .. } => part(found, update),
                Deed::Remove => found.clone(),
            };
            Some((place, shown))
        })
        .collect()
}

/// Of a value only the keys that the update names; of an array the entries that are alike by name.
fn part(found: &Value, update: &Value) -> Value {
    match (found, update) {
        (Value::Object(found), Value::Object(update)) => {
            let kept = update
                .iter()
                .filter_map(|(key, update)| Some((key.clone(), part(found.get(key)?, update))));
            Value::Object(kept.collect::<Map<_, _>>())
        }
        (Value::Array(found), update) => {
            let wanted = update
                .as_array()
                .map_or(std::slice::from_ref(update), Vec::as_slice);
            let kept = found
                .iter()
                .filter(|entry| wanted.iter().any(|wanted| alike(entry, wanted)));
            Value::Array(kept.cloned().collect())
        }
        (found, _) => found.clone(),
    }
}

fn alike(entry: &Value, wanted: &Value) -> bool {
    entry == wanted
        || ["name", "$ref"].iter().any(|key| {
            let of = |value: &Value| value.get(*key).cloned();
            of(entry).is_some() && of(entry) == of(wanted)
        })
}

fn caught_up(action: &Action, stated: &[(Pointer, Value)]) -> bool {
    match &action.deed {
        Deed::Remove => stated.is_empty(),
        Deed::Update { update, .. } => {
            !stated.is_empty() && stated.iter().all(|(_, stated)| holds(stated, update))
        }
    }
}

/// Whether a value holds all that an update would add.
fn holds(stated: &Value, update: &Value) -> bool {
    match (stated, update) {
        (Value::Object(stated), Value::Object(update)) => update
            .iter()
            .all(|(key, update)| stated.get(key).is_some_and(|stated| holds(stated, update))),
        (Value::Array(stated), Value::Array(update)) => {
            update.iter().all(|update| stated.contains(update))
        }
        (Value::Array(stated), update) => stated.contains(update),
        (stated, update) => stated == update,
    }
}
