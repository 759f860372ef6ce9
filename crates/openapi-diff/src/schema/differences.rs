//! The differences between two schemas, as they are found.

use serde_json::Value;

use super::resolved::{Parts, ResolvedSchema};
use super::wire::Wire;
use super::{Change, Node, Relation, SchemaComparer, Step};
use crate::document::Both;
use crate::rules::Role;

/// Collects the differences of a pair.
pub(super) struct Differences<'c, 'a> {
    pub(super) comparer: &'c mut SchemaComparer<'a>,
    pub(super) role: Role,
    pub(super) wire: Wire,
    pub(super) node: Node<'a>,
}

impl<'c, 'a> Differences<'c, 'a> {
    pub(super) fn new(comparer: &'c mut SchemaComparer<'a>, role: Role, wire: Wire) -> Self {
        Self {
            comparer,
            role,
            wire,
            node: Node::default(),
        }
    }

    /// Adds a difference between the schemas themselves.
    pub(super) fn schema(
        &mut self,
        aspect: impl Into<String>,
        both: Both,
        message: impl Into<String>,
    ) {
        let aspect = aspect.into();
        let relation = Relation::of(&aspect);
        self.add(None, aspect, relation, both, message.into());
    }

    /// Adds a difference about a property, and what it makes of the allowed objects.
    pub(super) fn property(
        &mut self,
        (rule, relation): (String, Relation),
        name: &'a str,
        both: Both,
        message: String,
    ) {
        self.add(Some(Step::Property(name)), rule, relation, both, message);
    }

    fn add(
        &mut self,
        step: Option<Step<'a>>,
        rule: String,
        relation: Relation,
        both: Both,
        message: String,
    ) {
        let change = Change {
            rule,
            step,
            relation,
            both,
            message,
        };
        // Each alternative holds what stands beside the composition.
        if !self.node.changes.contains(&change) {
            self.node.changes.push(change);
        }
    }

    /// Adds a pair of inner schemas.
    pub(super) fn inner(&mut self, step: Step<'a>, base: &Parts<'a>, revision: &Parts<'a>) {
        if base.is_empty() && revision.is_empty() {
            return;
        }
        let wire = self.wire.inside(step);
        if let Some(pair) = self.comparer.pair(base, revision, self.role, wire)
            && !self.node.inner.contains(&(step, pair))
        {
            self.node.inner.push((step, pair));
        }
    }
}

/// Two schemas without alternatives, side by side.
#[derive(Clone, Copy)]
pub(super) struct Resolved<'s, 'a> {
    pub(super) base: &'s ResolvedSchema<'a>,
    pub(super) revision: &'s ResolvedSchema<'a>,
}

impl<'s, 'a> Resolved<'s, 'a> {
    /// A part of both.
    pub(super) fn map<T>(self, part: impl Fn(&'s ResolvedSchema<'a>) -> T) -> (T, T) {
        (part(self.base), part(self.revision))
    }

    /// Values of both, and the places of the first of these keywords.
    pub(super) fn both(self, keywords: &[&str], from: Option<Value>, to: Option<Value>) -> Both {
        let (base, revision) = self.map(|schema| schema.pointer(keywords));
        Both {
            from,
            to,
            base,
            revision,
        }
    }
}

/// A value in a message: between backticks, lists with commas.
pub(super) fn quoted(value: &Value) -> String {
    match value {
        Value::String(text) => format!("`{text}`"),
        Value::Array(values) => values.iter().map(quoted).collect::<Vec<_>>().join(", "),
        other => format!("`{other}`"),
    }
}
