//! Collects the findings of a comparison, and the pairs of schemas that are left to compare.

use std::collections::HashSet;
use std::rc::Rc;

use openapi_pipeline::Pointer;

use crate::document::{Both, Document, Place};
use crate::finding::{Finding, Report};
use crate::policies::Promises;
use crate::rules::{Role, rule};
use crate::schema::{Pair, Parts, SchemaComparer, Wire};

/// An operation, or another thing with a name of its own.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    pub(crate) method: Option<String>,
    pub(crate) path: Option<String>,
    pub(crate) operation_id: Option<String>,
}

/// A part of an operation.
#[derive(Clone, Debug)]
pub(crate) struct Location {
    scope: Rc<Scope>,
    part: String,
}

impl Location {
    pub(crate) fn new(scope: &Rc<Scope>, part: impl Into<String>) -> Self {
        Self {
            scope: Rc::clone(scope),
            part: part.into(),
        }
    }

    pub(crate) fn scope(&self) -> &Rc<Scope> {
        &self.scope
    }

    pub(crate) fn part(&self) -> &str {
        self.part.trim_end()
    }

    /// A part of this part.
    pub(crate) fn inside(&self, part: &str) -> Self {
        Self::new(&self.scope, format!("{} {part}", self.part))
    }
}

/// Two documents that are being compared.
#[derive(Debug)]
pub(crate) struct Comparer<'a> {
    pub(crate) base: Document<'a>,
    pub(crate) revision: Document<'a>,
    pub(crate) schemas: SchemaComparer<'a>,
    findings: Vec<Finding>,
    /// Pairs of operations that were visited, by address.
    visited: HashSet<(usize, usize)>,
    /// Pairs of schemas, each with the places around them.
    pairs: Vec<(Location, Role, Pair, [Pointer; 2])>,
}

impl<'a> Comparer<'a> {
    pub(crate) fn new(base: Document<'a>, revision: Document<'a>) -> Self {
        Self {
            base,
            revision,
            schemas: SchemaComparer::new(base, revision),
            findings: Vec::new(),
            visited: HashSet::new(),
            pairs: Vec::new(),
        }
    }

    /// Whether two operations are visited for the first time.
    pub(crate) fn is_first_visit(&mut self, old: &Place<'a>, new: &Place<'a>) -> bool {
        self.visited.insert((old.address(), new.address()))
    }

    /// Records a change that falls under the rule `id`.
    pub(crate) fn record(
        &mut self,
        at: &Location,
        id: &str,
        both: Both,
        message: impl Into<String>,
    ) {
        self.push(at, id, None, both, message.into());
    }

    /// Records that a flag differs: under the first rule if it is set now, else under the second,
    /// each with its message.
    pub(crate) fn flag(
        &mut self,
        at: &Location,
        keyword: &str,
        [old, new]: [&Place<'a>; 2],
        [set, unset]: [(&str, &str); 2],
    ) {
        let (was, is) = (old.flag(keyword), new.flag(keyword));
        if was != is {
            let (id, message) = if is { set } else { unset };
            let both = Both::keyword(old, new, keyword).from(was).to(is);
            self.record(at, id, both, message);
        }
    }

    /// Records what is announced in another way than before, under the rules that `id` names.
    pub(crate) fn lifecycle(
        &mut self,
        at: &Location,
        [old, new]: [&Place<'a>; 2],
        id: impl Fn(&str) -> String,
    ) {
        for change in old.lifecycle().changes(new.lifecycle()) {
            let mut both = Both::keyword(old, new, change.keyword);
            (both.from, both.to) = (change.from, change.to);
            self.record(at, &id(change.aspect), both, change.message);
        }
    }

    /// Adds the schemas of two media types, parameters or headers. Where there is none, any value is
    /// allowed.
    pub(crate) fn add_schemas(
        &mut self,
        at: &Location,
        (role, wire): (Role, Wire),
        places: [&Place<'a>; 2],
        [old, new]: [&Parts<'a>; 2],
    ) {
        if !(old.is_empty() && new.is_empty())
            && let Some(pair) = self.schemas.pair(old, new, role, wire)
        {
            let around = places.map(|place| place.pointer.clone());
            self.pairs.push((at.clone(), role, pair, around));
        }
    }

    /// Records a change that falls under the rule `id`, of a property if it has a path.
    pub(crate) fn push(
        &mut self,
        at: &Location,
        id: &str,
        property: Option<String>,
        both: Both,
        message: String,
    ) {
        let rule = rule(id);
        self.findings.push(Finding {
            id: &rule.id,
            level: rule.level,
            method: at.scope.method.clone(),
            path: at.scope.path.clone(),
            operation_id: at.scope.operation_id.clone(),
            location: at.part.clone(),
            property,
            from: both.from,
            to: both.to,
            message,
            base_pointer: both.base,
            revision_pointer: both.revision,
            promise: None,
        });
    }

    /// Compares the schemas and returns every finding.
    pub(crate) fn finish(mut self, promises: &Promises) -> Report {
        self.schemas.compare();
        for (at, role, pair, around) in std::mem::take(&mut self.pairs) {
            for (property, change) in self.schemas.changes(pair, &around) {
                let id = if change.is_of_property() {
                    change.rule
                } else {
                    role.rule(&change.rule, property.is_some())
                };
                self.push(&at, &id, property, change.both, change.message);
            }
        }
        for finding in &mut self.findings {
            let broken = promises.broken_by(finding);
            finding.promise = broken.map(|promise| promise.id.clone());
        }
        Report::new(self.findings)
    }
}
