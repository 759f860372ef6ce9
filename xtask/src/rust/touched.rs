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
    /// Whether it surely has to change; else it only may, since a name alone does not tell the
    /// type.
    pub certain: bool,
}

/// Lines that changes concern, in order of file and line. `built` are the types of bodies.
pub(super) fn touched(
    companion: &Companion,
    changes: &[Change],
    operations: &Operations,
    built: &BTreeSet<String>,
    asking: &[Asking],
    near: &dyn Fn(&str, usize) -> String,
) -> Vec<Touched> {
    let mut all = BTreeSet::new();
    // Bodies are built and sent: hardly anybody reads their fields, and a name alone would be a
    // poor reason to look.
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
                .filter(|change| value_gone(change).is_some_and(|value| says(text, value)))
            {
                let why = format!(
                    "`{}` is written; as a value of `{}` it is gone",
                    value_gone(change).unwrap_or_default(),
                    change.owner()
                );
                all.insert(Touched {
                    file: found.file.clone(),
                    line: found.line,
                    why,
                    certain: false,
                });
            }
            for Asking { method, path, name } in asking {
                // `.post("/customers", …)`, `Method::POST`, `"POST"`.
                let lines = || near(&found.file, found.line).to_uppercase();
                if is_path(text, path) && lines().contains(method.as_str()) {
                    all.insert(Touched {
                        file: found.file.clone(),
                        line: found.line,
                        why: format!(
                            "may be {method} {path} by hand, where `{name}` must be sent now"
                        ),
                        certain: false,
                    });
                }
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

/// Something that a request must say now.
#[derive(Clone, Debug)]
pub(super) struct Asking {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) name: String,
}

/// Whether a text is a path of this template, or its end: `/customers/7` of
/// `/api/v1/customers/{id}`.
fn is_path(text: &str, template: &str) -> bool {
    let text = text.split('?').next().unwrap_or_default();
    let (mut given, mut wanted) = (text.split('/').rev(), template.split('/').rev());
    let mut count = 0;
    let fits = loop {
        match (given.next(), wanted.next()) {
            (None, _) | (Some(""), _) => break true,
            (Some(given), Some(wanted)) if given == wanted || wanted.starts_with('{') => count += 1,
            _ => break false,
        }
    };
    fits && count > 0 && text.starts_with('/')
}

/// Whether a text is a value, or has it in a query: `/onboardings?state=paused&limit=3`.
fn says(text: &str, value: &str) -> bool {
    let in_a_query = |pair: &str| {
        pair.split_once('=')
            .is_some_and(|(_, given)| given == value)
    };
    text == value || text.split(['?', '&']).any(in_a_query)
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

#[cfg(test)]
mod tests {
    use super::{is_path, says};

    #[test]
    fn a_path_is_known_by_its_template_or_the_end_of_it() {
        let rows = "/api/v1/customers";
        let row = "/api/v1/customers/{id}";
        for (text, template, expected) in [
            ("/api/v1/customers", rows, true),
            ("/customers", rows, true),
            ("/customers?limit=3", rows, true),
            ("/customers/7", row, true),
            ("/customers/{id}", row, true),
            ("/customers/7", rows, false),
            ("/contacts", rows, false),
            ("/", rows, false),
            ("customers", rows, false),
        ] {
            assert_eq!(is_path(text, template), expected, "{text} as {template}");
        }
    }

    #[test]
    fn a_value_is_a_text_of_its_own_or_one_in_a_query() {
        assert!(says("paused", "paused"));
        assert!(says("/onboardings?state=paused&limit=3", "paused"));
        assert!(!says("paused again", "paused"));
        assert!(!says("/onboardings?state=paused_2", "paused"));
    }
}
