//! The semver step of the next release, and why.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use super::changes::{Change, What};
use super::table::{Operations, RunTime};
use super::uses::Reexports;
use crate::surface::Kind;

/// What to release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Release {
    /// The crate.
    pub package: String,
    /// Its version now.
    pub current: String,
    /// The next version; as now when nothing is to be released.
    pub next: String,
    /// What kind of release it is.
    pub step: Step,
    /// Why, a line each.
    pub reasons: Vec<String>,
    /// The rule that makes the step of the reasons.
    pub rule: &'static str,
}

/// A kind of release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// Nothing that a caller could notice.
    None,
    /// Every program that compiled compiles.
    Compatible,
    /// A program that compiled may not compile any more.
    Breaking,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "no release",
            Self::Compatible => "compatible",
            Self::Breaking => "breaking",
        })
    }
}

/// What the companion shows of the wire client: its re-exports, and the types of their fields.
pub(super) fn shown(
    reexports: &Reexports,
    surfaces: [&crate::surface::Surface; 2],
) -> BTreeSet<String> {
    let mut shown: BTreeSet<String> = reexports.clone();
    loop {
        let before = shown.len();
        for item in surfaces.iter().flat_map(|surface| surface.items()) {
            let of = super::changes::owner(&item.path);
            if item.kind == Kind::Field && shown.contains(of) {
                let words = item
                    .text
                    .split(|letter: char| !letter.is_alphanumeric() && letter != '_');
                let types: Vec<String> = words
                    .filter(|word| {
                        surfaces
                            .iter()
                            .any(|surface| surface.keyed().contains_key(*word))
                    })
                    .map(str::to_owned)
                    .collect();
                shown.extend(types);
            }
        }
        if shown.len() == before {
            return shown;
        }
    }
}

pub(super) fn release(
    current: &str,
    shown: &BTreeSet<String>,
    changes: &[Change],
    operations: &Operations,
    run_time: &[RunTime],
) -> Release {
    let public = |change: &&Change| shown.contains(change.owner());
    let mut step = Step::None;
    let mut reasons = Vec::new();
    for change in changes
        .iter()
        .filter(public)
        .filter(|change| change.breaking)
    {
        let owner_gone = changes.iter().any(|other| {
            other.is_type() && other.change == What::Removed && other.path == change.owner()
        });
        if owner_gone && !change.is_type() {
            continue;
        }
        step = Step::Breaking;
        reasons.push(match (change.change, &change.from, &change.to) {
            (What::Removed, ..) => format!("breaking: `{}` is gone", told(change)),
            (What::Changed, Some(from), Some(to)) if change.kind == Kind::Field => {
                format!(
                    "breaking: `{}` was `{}` and is `{}`",
                    change.path,
                    tail(from),
                    tail(to)
                )
            }
            (What::Changed, _, Some(to)) => {
                format!(
                    "breaking: `{}` has another signature, `{}`",
                    change.path,
                    to.trim_start_matches("pub ")
                )
            }
            _ => format!(
                "breaking: `{}` is new in a type that programs may list in full",
                change.path
            ),
        });
    }
    let added: Vec<&Change> = changes
        .iter()
        .filter(public)
        .filter(|change| !change.breaking && change.kind != Kind::Impl)
        .collect();
    if !added.is_empty() {
        step = step.max(Step::Compatible);
        let names: Vec<&str> = added
            .iter()
            .take(4)
            .map(|change| change.path.as_str())
            .collect();
        let more = added.len().saturating_sub(names.len());
        let more = if more == 0 {
            String::new()
        } else {
            format!(" and {more} more")
        };
        reasons.push(format!("compatible: `{}`{more}", names.join("`, `")));
    }
    for operation in &operations.added {
        step = step.max(Step::Compatible);
        reasons.push(format!("compatible: the operation {operation}"));
    }
    for operation in &operations.removed {
        step = Step::Breaking;
        reasons.push(format!(
            "breaking: the operation {operation} is gone, and its call with it"
        ));
    }
    for change in run_time {
        step = step.max(Step::Compatible);
        let breaks = if change.breaking {
            ", but breaks at run time, whatever the version"
        } else {
            ""
        };
        reasons.push(format!(
            "compatible{breaks}: {}: {}",
            change.operation, change.change
        ));
    }
    let hidden = changes
        .iter()
        .filter(|change| !public(change) && change.breaking)
        .count();
    if hidden > 0 {
        step = step.max(Step::Compatible);
        let items = if hidden == 1 {
            "item changes".to_owned()
        } else {
            format!("{hidden} items change")
        };
        reasons.push(format!(
            "compatible: {items} that only `raw()` shows, for which nothing is promised"
        ));
    }
    if step == Step::None && !changes.is_empty() {
        step = Step::Compatible;
        reasons.push("compatible: only `raw()` shows what changes".to_owned());
    }
    let (next, rule) = next(current, step);
    Release {
        package: "pivotal-sdk".to_owned(),
        current: current.to_owned(),
        next,
        step,
        reasons,
        rule,
    }
}

fn told(change: &Change) -> String {
    match change.kind {
        Kind::Impl => change.from.clone().unwrap_or_default(),
        _ => change.path.clone(),
    }
}

fn tail(declaration: &str) -> &str {
    declaration
        .split_once(": ")
        .map_or(declaration, |(_, ty)| ty)
}

/// The version after a step, by the rules of cargo.
fn next(current: &str, step: Step) -> (String, &'static str) {
    let mut parts = current
        .split(['.', '-', '+'])
        .map(|part| part.parse::<u64>().unwrap_or_default());
    let mut part = || parts.next().unwrap_or_default();
    let (major, minor, patch) = (part(), part(), part());
    let rule = if major == 0 {
        "below 1.0 cargo takes 0.y for breaking and 0.y.z for the rest; what the vendor may add breaks nobody"
    } else {
        "the first number is for what breaks, the second for the rest; what the vendor may add breaks nobody"
    };
    let next = match (step, major) {
        (Step::None, _) => return (current.to_owned(), rule),
        (Step::Breaking, 0) => format!("0.{}.0", minor + 1),
        (Step::Compatible, 0) => format!("0.{minor}.{}", patch + 1),
        (Step::Breaking, _) => format!("{}.0.0", major + 1),
        (Step::Compatible, _) => format!("{major}.{}.0", minor + 1),
    };
    (next, rule)
}

#[cfg(test)]
mod tests {
    use super::{Step, next};

    #[test]
    fn under_1_0_the_second_number_breaks() {
        let step = |current, step| next(current, step).0;
        assert_eq!(step("0.1.4", Step::Breaking), "0.2.0");
        assert_eq!(step("0.1.4", Step::Compatible), "0.1.5");
        assert_eq!(step("1.2.3", Step::Breaking), "2.0.0");
        assert_eq!(step("1.2.3", Step::Compatible), "1.3.0");
        assert_eq!(step("1.2.3", Step::None), "1.2.3");
    }
}
