//! What appears, vanishes or changes on a Rust surface.

use serde::Serialize;

use crate::surface::{Item, Kind, Surface};

/// One item that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What became of it.
    pub change: What,
    /// What it is.
    #[serde(skip)]
    pub kind: Kind,
    /// Its path: `CreateContact::new`; a field is `Contact.email`.
    pub path: String,
    /// Its declaration on the base; `None` when it is new.
    pub from: Option<String>,
    /// Its declaration on the revision; `None` when it is gone.
    pub to: Option<String>,
    /// Whether a program that compiled may not compile any more.
    pub breaking: bool,
}

/// What became of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum What {
    /// It is gone.
    Removed,
    /// It is declared otherwise.
    Changed,
    /// It is new.
    Added,
}

impl Change {
    /// The type that it belongs to, or its own name: `CreateContact`.
    pub fn owner(&self) -> &str {
        owner(&self.path)
    }

    /// Its name within its owner; `None` for the owner itself.
    pub fn member(&self) -> Option<&str> {
        let rest = &self.path[self.owner().len()..];
        (self.kind != Kind::Impl && !rest.is_empty()).then(|| rest.trim_start_matches(['.', ':']))
    }

    /// Whether it is a type itself and no part of one.
    pub fn is_type(&self) -> bool {
        matches!(
            self.kind,
            Kind::Struct | Kind::Enum | Kind::Trait | Kind::Alias
        ) && self.member().is_none()
    }
}

/// The first name of a path.
pub(super) fn owner(path: &str) -> &str {
    path.split(['.', ':', '<']).next().unwrap_or(path)
}

/// Every change from one surface to another, in order of path.
///
/// Other names for the same item are no items of their own.
pub fn changes(base: &Surface, revision: &Surface) -> Vec<Change> {
    let (base, revision) = (base.keyed(), revision.keyed());
    let keys: std::collections::BTreeSet<&String> = base.keys().chain(revision.keys()).collect();
    let mut changes = Vec::new();
    for key in keys {
        let (from, to) = (base.get(key), revision.get(key));
        let Some(item) = to.or(from) else { continue };
        if from == to || matches!(item.kind, Kind::Reexport | Kind::Module) {
            continue;
        }
        let change = match (from, to) {
            (None, _) => What::Added,
            (_, None) => What::Removed,
            _ => What::Changed,
        };
        let exhaustive = |path: &str| {
            let of = base.get(path);
            of.is_some_and(|of| !of.text.contains("#[non_exhaustive]"))
        };
        changes.push(Change {
            change,
            kind: item.kind,
            path: item.path.clone(),
            from: from.map(|item| item.text.clone()),
            to: to.map(|item| item.text.clone()),
            breaking: match change {
                What::Added => {
                    matches!(item.kind, Kind::Field | Kind::Variant)
                        && exhaustive(owner(&item.path))
                }
                What::Removed => true,
                What::Changed => breaks(from, to),
            },
        });
    }
    changes
}

/// Whether another declaration of the same item may stop a program from compiling.
fn breaks(from: Option<&Item>, to: Option<&Item>) -> bool {
    let (Some(from), Some(to)) = (from, to) else {
        return true;
    };
    // Another text on the wire: the variant is written in Rust as before.
    let value = |item: &Item| item.text.split(" = ").next().map(str::to_owned);
    !(from.kind == Kind::Variant && to.kind == Kind::Variant && value(from) == value(to))
}

/// Changes as a reader wants them: what belongs to a type that appears or vanishes whole is
/// counted, not listed.
pub fn folded(changes: &[Change]) -> Vec<String> {
    let whole = |change: &Change| {
        changes.iter().find(|other| {
            other.is_type() && other.change == change.change && other.path == change.owner()
        })
    };
    let mut lines = Vec::new();
    for change in changes {
        let text = change
            .to
            .as_deref()
            .or(change.from.as_deref())
            .unwrap_or_default();
        let of_whole = change.kind == Kind::Impl
            && changes.iter().any(|other| {
                other.is_type() && other.change == change.change && names(text, &other.path)
            });
        if of_whole || whole(change).is_some_and(|of| of.path != change.path) {
            continue;
        }
        let sign = match change.change {
            What::Added => "+",
            What::Removed => "-",
            What::Changed => {
                lines.push(format!("- {}", shown(change.from.as_deref())));
                lines.push(format!("+ {}", shown(change.to.as_deref())));
                continue;
            }
        };
        let text = shown(change.from.as_deref().or(change.to.as_deref()));
        lines.push(format!("{sign} {text}{}", members(change, changes)));
    }
    lines
}

/// Whether a declaration names a type.
fn names(text: &str, of: &str) -> bool {
    text.split(|letter: char| !letter.is_alphanumeric() && letter != '_')
        .any(|word| word == of)
}

/// The same declaration without what every item here has.
fn shown(text: Option<&str>) -> &str {
    let text = text.unwrap_or_default();
    let text = text.strip_prefix("#[non_exhaustive] ").unwrap_or(text);
    text.strip_prefix("pub ").unwrap_or(text)
}

/// ` (4 fields, 3 functions)`.
fn members(of: &Change, changes: &[Change]) -> String {
    if !of.is_type() {
        return String::new();
    }
    let count = |kind: Kind, one: &str| {
        let count = changes
            .iter()
            .filter(|change| {
                change.kind == kind && change.owner() == of.path && change.path != of.path
            })
            .count();
        match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            many => Some(format!("{many} {one}s")),
        }
    };
    let parts = [
        count(Kind::Field, "field"),
        count(Kind::Variant, "variant"),
        count(Kind::Function, "function"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() {
        String::new()
    } else {
        format!(" ({})", parts.join(", "))
    }
}
