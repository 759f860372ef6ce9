//! What changes of the wire client do to the companion.

use std::collections::BTreeSet;

use serde::Serialize;

use super::changes::{Change, What};
use super::companion::Companion;
use super::table::Operations;
use super::uses::{Found, Used};
use crate::surface::Kind;

/// A line of hand-written code that a change concerns.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Touched {
    /// The file, from the root of the tree.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// Why.
    pub why: String,
    /// Whether it surely has to change; else it only may, since a name alone does not tell the type.
    pub certain: bool,
}

/// Lines that changes concern, in order of file and line. `built` are the types of bodies.
pub(super) fn touched(
    companion: &Companion,
    changes: &[Change],
    operations: &Operations,
    built: &BTreeSet<String>,
) -> Vec<Touched> {
    let mut all = BTreeSet::new();
    // Bodies are built and sent: hardly anybody reads their fields, and a name alone would be a poor reason to look.
    let is_read = |change: &&Change| change.kind != Kind::Field || !built.contains(change.owner());

    for found in &companion.found {
        for change in changes
            .iter()
            .filter(|change| change.change != What::Added)
            .filter(is_read)
        {
            if let Some((why, certain)) = concerns(found, change) {
                all.insert(Touched {
                    file: found.file.clone(),
                    line: found.line,
                    why,
                    certain,
                });
            }
        }
        if let Used::Text(text) = &found.what {
            for change in changes
                .iter()
                .filter(|change| value_gone(change) == Some(text))
            {
                let why = format!(
                    "`{text}` is written; as a value of `{}` it is gone",
                    change.owner()
                );
                all.insert(Touched {
                    file: found.file.clone(),
                    line: found.line,
                    why,
                    certain: false,
                });
            }
            let gone = operations
                .removed
                .iter()
                .any(|row| row.split(' ').next() == Some(text));
            if gone {
                let why = format!("names the operation `{text}`, which is gone");
                all.insert(Touched {
                    file: found.file.clone(),
                    line: found.line,
                    why,
                    certain: true,
                });
            }
        }
    }
    all.into_iter().collect()
}

/// The text on the wire of a variant that goes.
fn value_gone(change: &Change) -> Option<&str> {
    let value = change.from.as_deref()?.split(" = ").nth(1)?;
    (change.kind == Kind::Variant && change.change == What::Removed)
        .then(|| value.trim_matches('"'))
}

fn concerns(found: &Found, change: &Change) -> Option<(String, bool)> {
    let fate = match change.change {
        What::Removed => "is gone",
        _ if change.kind == Kind::Function => "has another signature",
        _ => "has another type",
    };
    let told = |certain: bool| Some((format!("`{}` {fate}", change.path), certain));
    match (&found.what, change.member()) {
        (Used::Path(path), None) if change.is_type() || change.kind == Kind::Constant => {
            (change.change == What::Removed && path[0] == change.path).then(|| told(true))?
        }
        (Used::Path(path), Some(member))
            if matches!(change.kind, Kind::Variant | Kind::Function | Kind::Constant) =>
        {
            let same = path[0] == change.owner() && path.get(1).is_some_and(|name| name == member);
            (same && change.breaking).then(|| told(true))?
        }
        (Used::Method(of, name), Some(member)) if change.kind == Kind::Function => {
            (of == change.owner() && name == member).then(|| told(true))?
        }
        (Used::Wire(name), Some(member)) if change.owner() == "Client" => {
            (name == member).then(|| told(true))?
        }
        (Used::Field(name), Some(member)) if change.kind == Kind::Field && name == member => {
            let why = format!(
                "a field `{name}` is read; that of `{}` {fate}",
                change.owner()
            );
            Some((why, false))
        }
        _ => None,
    }
}
