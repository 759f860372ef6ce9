//! Whether a schema allows more or fewer values than another.

use std::collections::HashSet;

use bitflags::bitflags;

use super::differences::{Differences, Resolved};
use super::resolved::Parts;
use super::wire::Wire;
use super::{Node, Pair, SchemaComparer, compare};
use crate::rules::{Level, Role, rule};

/// The deepest nesting of relations that depend on others.
const MAX_NESTED: usize = 8;

/// The most pairs of schemas that one relation takes into account.
const MAX_PAIRS: usize = 512;

bitflags! {
    /// How the values that the revision allows relate to those that the base allows. Empty when
    /// they are the same.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(super) struct Relation: u8 {
        /// Values are no longer allowed.
        const NARROWER = 1;
        /// More values are allowed.
        const WIDER = 2;
        const UNKNOWN = 4;
    }
}

impl Relation {
    /// What a change under a rule on schemas makes of the allowed values: the levels say so.
    pub(super) fn of(aspect: &str) -> Self {
        if aspect == "type-generalized-as-text" {
            return Self::WIDER;
        }
        let level = |position: &str| rule(&format!("{position}{aspect}")).level;
        match (level("request-property-"), level("response-property-")) {
            (Level::Breaking, Level::Breaking) => Self::NARROWER | Self::WIDER,
            (Level::Breaking, _) => Self::NARROWER,
            (Level::Info, Level::Breaking | Level::Warning) => Self::WIDER,
            (Level::Warning, Level::Warning) => Self::UNKNOWN,
            _ => Self::empty(),
        }
    }

    /// The relation of the values that are not allowed.
    pub(super) fn reversed(self) -> Self {
        let mut reversed = self & Self::UNKNOWN;
        reversed.set(Self::WIDER, self.contains(Self::NARROWER));
        reversed.set(Self::NARROWER, self.contains(Self::WIDER));
        reversed
    }

    /// The relation of two sizes that both limit the values.
    pub(super) fn of_limits(base: u64, revision: u64) -> Self {
        match revision.cmp(&base) {
            std::cmp::Ordering::Less => Self::NARROWER,
            std::cmp::Ordering::Equal => Self::empty(),
            std::cmp::Ordering::Greater => Self::WIDER,
        }
    }
}

impl<'a> SchemaComparer<'a> {
    /// The relation of two schemas, as JSON.
    pub(super) fn relation(&mut self, base: &Parts<'a>, revision: &Parts<'a>) -> Relation {
        match self.pair(base, revision, Role::RequestBody, Wire::Json) {
            Some(pair) => self.closure(Relation::empty(), vec![pair]),
            None => Relation::empty(),
        }
    }

    /// The relation of two alternatives.
    pub(super) fn relation_of(&mut self, pair: Resolved<'_, 'a>, wire: Wire) -> Relation {
        let mut differences = Differences::new(self, Role::RequestBody, wire);
        compare::resolved(pair, &mut differences);
        let node = differences.node;
        let inner = node.inner.iter().map(|(_, pair)| *pair).collect();
        self.closure(node.relation(), inner)
    }

    /// A relation together with those of pairs and all pairs inside them.
    fn closure(&mut self, mut relation: Relation, mut open: Vec<Pair>) -> Relation {
        if self.nested == MAX_NESTED {
            return Relation::UNKNOWN;
        }
        self.nested += 1;
        let mut known: HashSet<usize> = open.iter().map(|pair| pair.0).collect();
        while let Some(pair) = open.pop() {
            if known.len() > MAX_PAIRS {
                relation |= Relation::UNKNOWN;
                break;
            }
            self.evaluate(pair);
            let node = &self.nodes[pair.0];
            relation |= node.relation();
            let inner = node.inner.iter().map(|(_, pair)| *pair);
            open.extend(inner.filter(|pair| known.insert(pair.0)));
        }
        self.nested -= 1;
        relation
    }
}

impl Node<'_> {
    fn relation(&self) -> Relation {
        let relations = self.changes.iter().map(|change| change.relation);
        relations.fold(Relation::empty(), |all, one| all | one)
    }
}
