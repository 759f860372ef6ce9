//! What changes at run time though no type does: the operation table.

use openapi_pipeline::shape::{Constraint, ConstraintKind, Location, Operation, RetryClass};
use serde::Serialize;

/// A change of the operation table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RunTime {
    /// The operation, as its method is called.
    pub operation: String,
    /// What changed.
    pub change: String,
    /// What callers notice.
    pub effect: String,
    /// Whether a program that worked may stop working.
    pub breaking: bool,
}

/// Operations on one side alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Operations {
    /// New ones, `list_tags (GET /api/v1/tags)`.
    pub added: Vec<String>,
    /// Those that are gone.
    pub removed: Vec<String>,
}

pub(super) fn operations(base: &[Operation], revision: &[Operation]) -> Operations {
    let alone = |these: &[Operation], those: &[Operation]| {
        let missing = these
            .iter()
            .filter(|one| those.iter().all(|other| other.name != one.name));
        missing
            .map(|one| format!("{} ({} {})", one.name, one.method, one.path))
            .collect()
    };
    Operations {
        added: alone(revision, base),
        removed: alone(base, revision),
    }
}

pub(super) fn run_time(base: &[Operation], revision: &[Operation]) -> Vec<RunTime> {
    let mut changes = Vec::new();
    for before in base {
        if let Some(after) = revision.iter().find(|other| other.name == before.name) {
            compare(before, after, &mut changes);
        }
    }
    changes
}

fn compare(before: &Operation, after: &Operation, changes: &mut Vec<RunTime>) {
    let mut add = |change: String, effect: &str, breaking: bool| {
        changes.push(RunTime {
            operation: before.name.clone(),
            change,
            effect: effect.to_owned(),
            breaking,
        });
    };
    let place = |operation: &Operation| format!("{} {}", operation.method, operation.path);
    if place(before) != place(after) {
        add(
            format!("{} becomes {}", place(before), place(after)),
            "programs built on the old version call a place that is gone",
            true,
        );
    }
    for status in before
        .statuses
        .iter()
        .filter(|status| !after.statuses.contains(status))
    {
        match status.as_str() {
            "404" => add(
                "404 is documented no more".to_owned(),
                "code that waits for `is_not_found()` here may wait in vain: what comes instead is not said",
                true,
            ),
            status if status.starts_with(['4', '5']) => add(
                format!("{status} is documented no more"),
                "an error all the same if it comes; code that branches on it may wait in vain",
                true,
            ),
            status => add(
                format!("{status} is documented no more"),
                "a success of another status is taken as unexpected by the version before",
                true,
            ),
        }
    }
    for status in after
        .statuses
        .iter()
        .filter(|status| !before.statuses.contains(status))
    {
        let error = status.starts_with(['4', '5']);
        let effect = if error {
            "an error like any other: its kind follows from the response"
        } else {
            "the version before takes it as unexpected"
        };
        add(format!("{status} is documented"), effect, !error);
    }
    if before.class != after.class {
        add(
            format!("{} becomes {}", class(before.class), class(after.class)),
            "it decides whether a failed call is repeated",
            after.class == RetryClass::Never,
        );
    }
    if before.paged != after.paged {
        add(
            if after.paged {
                "it is paged"
            } else {
                "it is paged no more"
            }
            .to_owned(),
            "streams and pages of it come or go",
            before.paged,
        );
    }
    limits(before, after, &mut add);
}

fn limits(before: &Operation, after: &Operation, add: &mut impl FnMut(String, &str, bool)) {
    let same = |one: &Constraint, other: &Constraint| {
        one.location == other.location
            && one.name == other.name
            && std::mem::discriminant(&one.rule) == std::mem::discriminant(&other.rule)
    };
    for limit in &after.constraints {
        match before.constraints.iter().find(|other| same(limit, other)) {
            Some(other) if other.rule == limit.rule => {}
            Some(other) => {
                let narrower = narrows(other.rule, limit.rule);
                add(
                    format!(
                        "{}: {} becomes {}",
                        site(limit),
                        rule(other.rule),
                        rule(limit.rule)
                    ),
                    if narrower {
                        "what was accepted is refused: by the server at once, before sending from the next release on"
                    } else {
                        "the version before refuses what the server takes now"
                    },
                    narrower,
                );
            }
            None => add(
                format!("{}: {}", site(limit), rule(limit.rule)),
                "what was accepted is refused: by the server at once, before sending from the next release on",
                true,
            ),
        }
    }
    for limit in &before.constraints {
        if after.constraints.iter().all(|other| !same(limit, other)) {
            let change = format!("{}: {} goes", site(limit), rule(limit.rule));
            add(
                change,
                "the version before refuses what the server takes now",
                false,
            );
        }
    }
}

fn site(limit: &Constraint) -> String {
    let place = match limit.location {
        Location::Path => "path",
        Location::Query => "query",
        Location::Header => "header",
        Location::Body => "body",
    };
    format!("{place} `{}`", limit.name)
}

fn rule(rule: ConstraintKind) -> String {
    match rule {
        ConstraintKind::MinLength(limit) => format!("at least {limit} characters"),
        ConstraintKind::MaxLength(limit) => format!("at most {limit} characters"),
        ConstraintKind::Minimum(limit) => format!("at least {limit}"),
        ConstraintKind::Maximum(limit) => format!("at most {limit}"),
        ConstraintKind::ExclusiveMinimum(limit) => format!("more than {limit}"),
        ConstraintKind::ExclusiveMaximum(limit) => format!("less than {limit}"),
        ConstraintKind::MultipleOf(limit) => format!("a multiple of {limit}"),
        ConstraintKind::MinItems(limit) => format!("at least {limit} entries"),
        ConstraintKind::MaxItems(limit) => format!("at most {limit} entries"),
        ConstraintKind::UniqueItems => "no entry twice".to_owned(),
    }
}

/// Whether the second limit lets less through than the first, which is of the same kind.
fn narrows(from: ConstraintKind, to: ConstraintKind) -> bool {
    match (from, to) {
        (ConstraintKind::MinLength(from), ConstraintKind::MinLength(to))
        | (ConstraintKind::MinItems(from), ConstraintKind::MinItems(to)) => to > from,
        (ConstraintKind::MaxLength(from), ConstraintKind::MaxLength(to))
        | (ConstraintKind::MaxItems(from), ConstraintKind::MaxItems(to)) => to < from,
        (ConstraintKind::Minimum(from), ConstraintKind::Minimum(to))
        | (ConstraintKind::ExclusiveMinimum(from), ConstraintKind::ExclusiveMinimum(to)) => {
            to > from
        }
        (ConstraintKind::Maximum(from), ConstraintKind::Maximum(to))
        | (ConstraintKind::ExclusiveMaximum(from), ConstraintKind::ExclusiveMaximum(to)) => {
            to < from
        }
        _ => true,
    }
}

fn class(class: RetryClass) -> &'static str {
    match class {
        RetryClass::Safe => "safe to repeat",
        RetryClass::Idempotent => "idempotent",
        RetryClass::ByKey => "repeated under an idempotency key",
        RetryClass::Never => "never repeated",
    }
}
