//! Properties: which there are, which are required, and what is allowed beside them.

use std::collections::BTreeMap;

use openapi_pipeline::Pointer;
use serde_json::json;

use super::differences::{Differences, Resolved};
use super::resolved::{Parts, ResolvedSchema};
use super::{Relation, Side, Step};
use crate::document::Both;
use crate::rules::{Role, necessity};

/// Compares the properties of two objects.
pub(super) fn compare<'a>(pair: Resolved<'_, 'a>, differences: &mut Differences<'_, 'a>) {
    let (base, revision) = (pair.base, pair.revision);
    let (before, after) = pair.map(ResolvedSchema::names);
    let mut removed = Vec::new();
    let mut added = Vec::new();
    for name in before.union(&after) {
        let role = differences.role;
        let comparer = &mut differences.comparer;
        let old = Property::new(base, name, role, &mut comparer.base);
        let new = Property::new(revision, name, role, &mut comparer.revision);
        match (old, new) {
            (Some(old), Some(new)) => {
                membership(&old, &new, pair, differences);
                if old.is_sent && new.is_sent {
                    differences.inner(Step::Property(name), old.parts, new.parts);
                }
            }
            (Some(old), None) if old.is_sent => removed.push(old),
            (None, Some(new)) if new.is_sent => added.push(new),
            _ => {}
        }
    }
    added_and_removed(&removed, &added, pair, differences);
    let patterns = base.pattern_properties.keys();
    for pattern in patterns.chain(revision.pattern_properties.keys()) {
        let (old, new) = pair.map(|schema| schema.pattern_properties.get(pattern));
        let (aspect, message) = match (old, new) {
            (Some(old), Some(new)) => {
                differences.inner(Step::Matching(pattern), old, new);
                continue;
            }
            (None, _) => ("pattern-property-added", "restricted now"),
            (_, None) => ("pattern-property-removed", "no longer restricted"),
        };
        let [from, to] = [old, new].map(|parts| parts.map(|_| json!(pattern)));
        let both = pair.both(&["patternProperties"], from, to);
        let message = format!("properties whose names match `{pattern}` are {message}");
        differences.schema(aspect, both, message);
    }
    if base.closed != revision.closed {
        let (change, message) = if revision.closed {
            ("closed", "are no longer allowed")
        } else {
            ("opened", "are allowed now")
        };
        let aspect = format!("additional-properties-{change}");
        let message = format!("undeclared properties {message}");
        let (from, to) = pair.map(|schema| Some(json!(!schema.closed)));
        let both = pair.both(&["additionalProperties"], from, to);
        differences.schema(aspect, both, message);
    } else if !base.closed {
        differences.inner(Step::Other, &base.additional, &revision.additional);
    }
}

/// A property in one direction.
struct Property<'p, 'a> {
    name: &'a str,
    parts: &'p Parts<'a>,
    required: bool,
    /// It is sent in this direction: no read-only property of a request, no write-only one of a
    /// response.
    is_sent: bool,
    pointer: Option<Pointer>,
}

const NO_PARTS: &Parts<'static> = &Vec::new();

impl<'p, 'a> Property<'p, 'a> {
    fn new(
        schema: &'p ResolvedSchema<'a>,
        name: &'a str,
        role: Role,
        side: &mut Side<'a>,
    ) -> Option<Self> {
        let parts = schema.properties.get(name);
        let required = schema.required.contains(name);
        if parts.is_none() && !required {
            return None;
        }
        let is_sent = match parts {
            Some(parts) if role.is_response() => {
                !side.has_flag(parts, "writeOnly", |schema| schema.write_only)
            }
            Some(parts) if role == Role::RequestBody => {
                !side.has_flag(parts, "readOnly", |schema| schema.read_only)
            }
            _ => true,
        };
        let pointer = match parts.and_then(|parts| parts.first()) {
            Some(place) => Some(place.pointer.clone()),
            None => schema.pointer(&["required"]),
        };
        Some(Self {
            name,
            parts: parts.unwrap_or(NO_PARTS),
            required,
            is_sent,
            pointer,
        })
    }
}

/// Compares whether a property of both sides is sent and required.
fn membership<'a>(
    old: &Property<'_, 'a>,
    new: &Property<'_, 'a>,
    pair: Resolved<'_, 'a>,
    differences: &mut Differences<'_, 'a>,
) {
    let is_response = differences.role.is_response();
    let (was, is) = (necessity(old.required), necessity(new.required));
    let relation = match (old.is_sent == new.is_sent, new.required) {
        (false, _) => Relation::UNKNOWN,
        (true, true) => Relation::NARROWER,
        (true, false) => Relation::WIDER,
    };
    let (rule, message) = match (old.is_sent, new.is_sent) {
        (true, false) if is_response => (
            format!("response-{was}-property-became-write-only"),
            "is no longer returned; it is only sent".to_owned(),
        ),
        (true, false) => (
            "request-property-became-read-only".to_owned(),
            "is set by the server alone now".to_owned(),
        ),
        (false, true) if is_response => {
            let word = if new.required { "is" } else { "can be" };
            (
                format!("response-{is}-property-became-not-write-only"),
                format!("{word} returned now; it was only sent before"),
            )
        }
        (false, true) => (
            format!("request-{is}-property-became-not-read-only"),
            format!("is {is} in requests now; the server set it before"),
        ),
        (true, true) if old.required != new.required => (
            format!("{}-became-{is}", differences.role.property()),
            match (is_response, new.required) {
                (false, _) => format!("is {is} now"),
                (true, true) => "is never missing any more".to_owned(),
                (true, false) => "can be missing now".to_owned(),
            },
        ),
        _ => return,
    };
    let both = if old.is_sent == new.is_sent {
        let (from, to) = (Some(json!(old.required)), Some(json!(new.required)));
        pair.both(&["required"], from, to)
    } else {
        Both::at(old.pointer.clone(), new.pointer.clone())
            .from(old.is_sent)
            .to(new.is_sent)
    };
    let message = format!("`{}` {message}", old.name);
    differences.property((rule, relation), old.name, both, message);
}

/// The new name of each removed property that may have been renamed: an added property of the same
/// schema has its shape, and no other removed or added one has it.
fn renamed<'a>(
    removed: &[Property<'_, 'a>],
    added: &[Property<'_, 'a>],
    differences: &mut Differences<'_, 'a>,
) -> BTreeMap<&'a str, &'a str> {
    if removed.is_empty() || added.is_empty() {
        return BTreeMap::new();
    }
    let mut shapes: BTreeMap<_, [Vec<&str>; 2]> = BTreeMap::new();
    for old in removed {
        let shape = differences.comparer.base.fingerprint(old.parts);
        shapes.entry((shape, old.required)).or_default()[0].push(old.name);
    }
    for new in added {
        let shape = differences.comparer.revision.fingerprint(new.parts);
        shapes.entry((shape, new.required)).or_default()[1].push(new.name);
    }
    let pairs = shapes.values().filter_map(|names| match names {
        [old, new] if old.len() == 1 && new.len() == 1 => Some((old[0], new[0])),
        _ => None,
    });
    pairs.collect()
}

fn added_and_removed<'a>(
    removed: &[Property<'_, 'a>],
    added: &[Property<'_, 'a>],
    pair: Resolved<'_, 'a>,
    differences: &mut Differences<'_, 'a>,
) {
    let property = differences.role.property();
    let is_response = differences.role.is_response();
    let renamed = renamed(removed, added, differences);
    for old in removed {
        let rule = if is_response {
            format!("response-{}-property-removed", necessity(old.required))
        } else if pair.revision.closed {
            format!("{property}-removed-from-closed-object")
        } else {
            format!("{property}-removed")
        };
        let mut message = format!("`{}` is removed", old.name);
        if let Some(new) = renamed.get(old.name) {
            message = format!("{message}; was it renamed to `{new}`?");
        }
        let both =
            Both::at(old.pointer.clone(), pair.revision.pointer(&["properties"])).from(old.name);
        let relation = match (pair.revision.closed, pair.revision.additional.is_empty()) {
            (true, _) => Relation::NARROWER,
            (false, true) => Relation::WIDER,
            (false, false) => Relation::UNKNOWN,
        };
        differences.property((rule, relation), old.name, both, message);
    }
    for new in added {
        let needed = necessity(new.required);
        let (rule, what) = match (is_response, new.required) {
            (false, _) => (format!("new-{needed}-{property}"), format!(" and {needed}")),
            (true, true) => (format!("response-{needed}-property-added"), String::new()),
            (true, false) => (
                format!("response-{needed}-property-added"),
                " and can be missing".to_owned(),
            ),
        };
        let both = Both::at(pair.base.pointer(&["properties"]), new.pointer.clone()).to(new.name);
        let relation = match (pair.base.closed, new.required) {
            (true, true) => Relation::NARROWER | Relation::WIDER,
            (true, false) => Relation::WIDER,
            (false, _) => Relation::NARROWER,
        };
        let message = format!("`{}` is new{what}", new.name);
        differences.property((rule, relation), new.name, both, message);
    }
}
