//! Reading an overlay.

use serde_json::{Map, Value, json};
use serde_json_path::JsonPath;

use super::{Action, Change, Overlay};
use crate::keywords::is_extension;
use crate::load::{self, LoadError};
use crate::problem::kind_of;
use crate::{Pointer, Problem, Problems};

impl Overlay {
    /// Reads an overlay in YAML or JSON; `origin` is the name of the text in error messages.
    ///
    /// An empty text is an overlay without actions.
    ///
    /// # Errors
    /// [`LoadError::Syntax`], and [`LoadError::Document`] with everything that makes an action
    /// unusable: no target, a target that is no JSONPath, no description, neither `update` nor
    /// `remove`, both, or an unknown key.
    pub fn parse(text: &str, origin: &str) -> Result<Self, LoadError> {
        let no_content = text
            .lines()
            .all(|line| matches!(line.trim_start().as_bytes().first(), None | Some(b'#')));
        let overlay = if no_content {
            json!({"overlay": "1.0.0"})
        } else {
            load::parse(text, origin)?
        };
        read(&overlay).map_err(|problems| LoadError::Document {
            origin: origin.to_owned(),
            problems,
        })
    }
}

fn read(overlay: &Value) -> Result<Overlay, Problems> {
    let root = Pointer::root();
    let Some(members) = overlay.as_object() else {
        return Err(Problem::new(&root, kind_of(overlay), "an overlay is an object").into());
    };
    let mut problems = Problems::new();
    match members.get("overlay") {
        Some(Value::String(version)) if version.starts_with("1.0.") => {}
        Some(version) => {
            problems.push(Problem::new(
                &root.child("overlay"),
                version.to_string(),
                "only overlays of version 1.0.x, a string, are read",
            ));
        }
        None => problems.push(Problem::new(
            &root,
            "no `overlay`",
            "it names the version of the specification: `overlay: 1.0.0`",
        )),
    }
    unknown_keys(
        members,
        &["overlay", "info", "extends", "actions"],
        &root,
        &mut problems,
    );
    let at = root.child("actions");
    let entries = match members.get("actions") {
        None | Some(Value::Null) => &[][..],
        Some(Value::Array(entries)) => entries,
        Some(other) => {
            problems.push(Problem::new(
                &at,
                kind_of(other),
                "the actions are an array",
            ));
            &[]
        }
    };
    let mut actions = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        actions.extend(action(entry, &at.child(&index.to_string()), &mut problems));
    }
    problems.or(Overlay { actions })
}

fn action(entry: &Value, at: &Pointer, problems: &mut Problems) -> Option<Action> {
    let Some(members) = entry.as_object() else {
        problems.push(Problem::new(at, kind_of(entry), "an action is an object"));
        return None;
    };
    unknown_keys(
        members,
        &["target", "description", "update", "remove"],
        at,
        problems,
    );
    let target = target(members.get("target"), at, problems);
    let description = match members.get("description") {
        Some(Value::String(description)) if !description.trim().is_empty() => {
            Some(description.clone())
        }
        _ => {
            let why =
                "every action needs its reason, so that a reader can decide when to remove it";
            problems.push(Problem::new(at, "no `description`", why));
            None
        }
    };
    let change = change(members, at, problems);
    let (target, written) = target?;
    Some(Action {
        target,
        written,
        description: description?,
        change: change?,
    })
}

fn target(
    target: Option<&Value>,
    at: &Pointer,
    problems: &mut Problems,
) -> Option<(JsonPath, String)> {
    let Some(Value::String(written)) = target else {
        problems.push(Problem::new(
            at,
            "no `target`",
            "an action needs a JSONPath to the places that it changes: `target: $.info`",
        ));
        return None;
    };
    if let Some(why) = too_costly(written) {
        let shown: String = written.chars().take(MAX_BARE).collect();
        problems.push(Problem::new(&at.child("target"), shown, why));
        return None;
    }
    match JsonPath::parse(written) {
        Ok(path) => Some((path, written.clone())),
        Err(error) => {
            problems.push(Problem::new(
                &at.child("target"),
                written.clone(),
                format!("it is not a JSONPath (RFC 9535): {error}"),
            ));
            None
        }
    }
}

/// The longest target, and the longest without its quoted names.
const MAX_TARGET: usize = 10_000;
const MAX_BARE: usize = 500;
/// The deepest nesting of brackets in a target: the parser tries each in several ways.
const MAX_NESTED: usize = 8;
/// The most filters and descendants in a target: each may go through the whole document, once for
/// each place that the others reach.
const MAX_SEARCHES: usize = 4;

/// Why a JSONPath may take longer to parse or to evaluate than anyone waits.
fn too_costly(path: &str) -> Option<String> {
    let (mut bare, mut quote, mut escaped) = (String::new(), None, false);
    let (mut depth, mut deepest) = (0_usize, 0);
    for character in path.chars() {
        match (quote, character) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), _) if character == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(character),
            (None, _) => {
                match character {
                    '[' | '(' => depth += 1,
                    ']' | ')' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                deepest = deepest.max(depth);
                bare.push(character);
            }
        }
    }
    let searches = bare.matches("..").count() + bare.matches('?').count();
    if path.len() > MAX_TARGET || bare.len() > MAX_BARE {
        Some(format!(
            "a target has at most {MAX_TARGET} bytes, and {MAX_BARE} without its quoted names"
        ))
    } else if deepest > MAX_NESTED {
        Some(format!("a target nests at most {MAX_NESTED} brackets"))
    } else if searches > MAX_SEARCHES {
        Some(format!(
            "a target has at most {MAX_SEARCHES} filters and descendants, `?` and `..`"
        ))
    } else if bare.contains("match(") || bare.contains("search(") {
        Some("the functions of regular expressions are not evaluated".to_owned())
    } else {
        None
    }
}

fn change(members: &Map<String, Value>, at: &Pointer, problems: &mut Problems) -> Option<Change> {
    let (update, replaces) = (members.get("update"), members.get("x-replaces").cloned());
    let mut refuse = |found: &str, why: &str| {
        problems.push(Problem::new(at, found, why));
        None
    };
    match (update, members.get("remove").unwrap_or(&Value::Bool(false))) {
        (None, Value::Bool(true)) if replaces.is_some() => refuse(
            "`remove` with `x-replaces`",
            "an action either removes or replaces",
        ),
        (None, Value::Bool(true)) => Some(Change::Remove),
        (Some(update), Value::Bool(false)) => Some(Change::Update {
            update: update.clone(),
            replaces,
        }),
        (Some(_), Value::Bool(true)) => refuse(
            "both `update` and `remove`",
            "an action either removes or updates",
        ),
        (None, Value::Bool(false)) => refuse(
            "neither `update` nor `remove: true`",
            "the action does nothing",
        ),
        (_, other) => refuse(
            &format!("`remove` is {}", kind_of(other)),
            "true or false is expected",
        ),
    }
}

fn unknown_keys(
    members: &Map<String, Value>,
    known: &[&str],
    at: &Pointer,
    problems: &mut Problems,
) {
    for key in members
        .keys()
        .filter(|key| !known.contains(&key.as_str()) && !is_extension(key))
    {
        problems.push(Problem::new(
            &at.child(key),
            format!("the unknown key `{key}`"),
            format!("the known keys are {}", known.join(", ")),
        ));
    }
}
