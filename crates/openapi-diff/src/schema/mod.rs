//! Compares schemas.
//!
//! Pairs of schemas are compared once, however many operations share them: each pair is a node that
//! holds what differs between the two themselves, and leads to the pairs of schemas inside them.
//! What an operation meets is then read off along the way from its root. Neither recursion of
//! schemas nor their sharing costs more than the pairs that there are.

mod bound;
mod compare;
mod discriminator;
mod flat;
mod numbers;
mod print;
mod properties;
mod types;
mod unions;
mod values;
mod view;

use std::collections::{HashMap, VecDeque};
use std::fmt::Write;
use std::rc::Rc;

use serde_json::Value;

use super::place::{Document, Place};
use super::rules::{Aspect, Named};
use flat::Parts;
use openapi_pipeline::Pointer;
use view::{Reader, View};

/// A schema that is met at more places of one body than these is reported at the nearest.
const PLACES: usize = 8;

/// Who sends a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Use {
    /// The client, in a body.
    Request,
    /// The client, in a parameter.
    Parameter,
    /// The server.
    Response,
}

/// A pair of schemas that is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pair(usize);

/// The rule that a change falls under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    Schema(Aspect),
    Property(Named),
}

/// What differs between two schemas.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Change<'a> {
    pub(super) about: About,
    /// The property of the schema that it is about; the schema itself when there is none.
    step: Option<Step<'a>>,
    pub(super) from: Option<Value>,
    pub(super) to: Option<Value>,
    pub(super) message: String,
    pub(super) base: Option<Pointer>,
    pub(super) revision: Option<Pointer>,
}

/// One step into a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Step<'a> {
    Property(&'a str),
    /// A property whose name matches a pattern.
    Matching(&'a str),
    /// A property without a schema of its own.
    Other,
    Entry,
    Nth(usize),
}

/// A pair of schemas: what differs between the two themselves, and the pairs inside.
#[derive(Debug, Default)]
struct Node<'a> {
    changes: Vec<Change<'a>>,
    inner: Vec<(Step<'a>, Pair)>,
    /// Where the two stand.
    places: [Option<Pointer>; 2],
    /// Something differs here or inside.
    differs: bool,
}

type Address = Box<[usize]>;

#[derive(Debug)]
pub(super) struct Comparer<'a> {
    base: Side<'a>,
    revision: Side<'a>,
    nodes: Vec<Node<'a>>,
    known: HashMap<(Address, Address, Use), Pair>,
    open: VecDeque<(Pair, Parts<'a>, Parts<'a>, Use)>,
}

/// One of the two documents, and what was read of it.
#[derive(Debug)]
struct Side<'a> {
    document: Document<'a>,
    reader: Reader<'a>,
    views: HashMap<Address, Rc<View<'a>>>,
    prints: HashMap<(Address, u8), u64>,
}

impl<'a> Side<'a> {
    fn new(document: Document<'a>) -> Self {
        Self {
            document,
            reader: Reader::new(document),
            views: HashMap::new(),
            prints: HashMap::new(),
        }
    }

    /// Schemas with lone references followed, and their address.
    fn settled(&self, parts: &Parts<'a>) -> (Parts<'a>, Address) {
        let parts: Parts<'a> = parts
            .iter()
            .map(|part| self.document.follow_schema(part.clone()))
            .collect();
        let address = parts.iter().map(Place::address).collect();
        (parts, address)
    }

    /// Whether schemas that hold at once say of themselves this flag, such as `readOnly`.
    fn says(&mut self, parts: &Parts<'a>, flag: &str, seen: fn(&View<'a>) -> bool) -> bool {
        let is_plain = |part: &Place<'a>| {
            let refers = |key: &str| part.value.get(key).is_some();
            !["$ref", "allOf", "oneOf", "anyOf"].into_iter().any(refers)
        };
        if parts.iter().all(is_plain) {
            return parts.iter().any(|part| part.flag(flag));
        }
        seen(&self.view(parts))
    }

    fn view(&mut self, parts: &Parts<'a>) -> Rc<View<'a>> {
        let (parts, address) = self.settled(parts);
        let reader = &mut self.reader;
        let view = self.views.entry(address);
        Rc::clone(view.or_insert_with(|| Rc::new(View::of(reader, &parts))))
    }
}

impl<'a> Comparer<'a> {
    pub(super) fn new(base: Document<'a>, revision: Document<'a>) -> Self {
        Self {
            base: Side::new(base),
            revision: Side::new(revision),
            nodes: Vec::new(),
            known: HashMap::new(),
            open: VecDeque::new(),
        }
    }

    /// The pair of two schemas, unless they are surely the same; without a schema any value is
    /// taken.
    pub(super) fn pair(
        &mut self,
        base: Option<Place<'a>>,
        revision: Option<Place<'a>>,
        used: Use,
    ) -> Option<Pair> {
        self.pair_of(
            &base.into_iter().collect(),
            &revision.into_iter().collect(),
            used,
        )
    }

    fn pair_of(&mut self, base: &Parts<'a>, revision: &Parts<'a>, used: Use) -> Option<Pair> {
        // Most schemas of most documents have not changed at all.
        if let ([base], [revision]) = (&base[..], &revision[..])
            && base.value == revision.value
            && stands_alone(base.value)
        {
            return None;
        }
        let (base, base_address) = self.base.settled(base);
        let (revision, revision_address) = self.revision.settled(revision);
        let next = Pair(self.nodes.len());
        let pair = *self
            .known
            .entry((base_address, revision_address, used))
            .or_insert(next);
        if pair == next {
            self.nodes.push(Node::default());
            self.open.push_back((pair, base, revision, used));
        }
        Some(pair)
    }

    /// Whether arrays or objects are taken on either side.
    pub(super) fn is_composite(
        &mut self,
        base: Option<Place<'a>>,
        revision: Option<Place<'a>>,
    ) -> bool {
        let composite = types::Types::ARRAY | types::Types::OBJECT;
        let base = self.base.view(&base.into_iter().collect()).types();
        let revision = self.revision.view(&revision.into_iter().collect()).types();
        base.meets(composite) || revision.meets(composite)
    }

    /// Compares every pair, and the pairs inside.
    pub(super) fn compare(&mut self) {
        while let Some((pair, base, revision, used)) = self.open.pop_front() {
            let places = [&base, &revision].map(|parts| Some(parts.first()?.pointer.clone()));
            let node = compare::node(self, &base, &revision, used);
            self.nodes[pair.0] = Node { places, ..node };
        }
        self.spread();
    }

    /// Marks every pair inside which something differs.
    fn spread(&mut self) {
        let mut outer: Vec<Vec<usize>> = vec![Vec::new(); self.nodes.len()];
        for (index, node) in self.nodes.iter().enumerate() {
            for (_, inner) in &node.inner {
                outer[inner.0].push(index);
            }
        }
        let changed =
            |(index, node): (usize, &Node<'a>)| (!node.changes.is_empty()).then_some(index);
        let mut open: Vec<usize> = self.nodes.iter().enumerate().filter_map(changed).collect();
        while let Some(index) = open.pop() {
            if !std::mem::replace(&mut self.nodes[index].differs, true) {
                open.extend(&outer[index]);
            }
        }
    }

    /// What differs between two schemas and inside them, each with the way to it: nothing for the
    /// schemas themselves, else `data[].phase`. The nearest come first. Where a side has no schema,
    /// the place is that of what is `around`.
    pub(super) fn changes(
        &self,
        root: Pair,
        around: &[Pointer; 2],
    ) -> Vec<(Option<String>, Change<'a>)> {
        let mut found = Vec::new();
        let mut visits: HashMap<usize, usize> = HashMap::new();
        let mut open = VecDeque::from([(root.0, Vec::new(), [&around[0], &around[1]])]);
        while let Some((index, way, around)) = open.pop_front() {
            let node = &self.nodes[index];
            let visits = visits.entry(index).or_default();
            if !node.differs || *visits == PLACES {
                continue;
            }
            *visits += 1;
            let [base, revision] = &node.places;
            let around = [
                base.as_ref().unwrap_or(around[0]),
                revision.as_ref().unwrap_or(around[1]),
            ];
            for change in &node.changes {
                let mut change = change.clone();
                change.base.get_or_insert_with(|| around[0].clone());
                change.revision.get_or_insert_with(|| around[1].clone());
                let way = way.iter().chain(&change.step);
                found.push((written(way), change));
            }
            for (step, inner) in &node.inner {
                if self.nodes[inner.0].differs {
                    let way: Vec<Step<'a>> = way.iter().copied().chain([*step]).collect();
                    open.push_back((inner.0, way, around));
                }
            }
        }
        found
    }
}

/// Whether a schema refers to nothing else.
fn stands_alone(schema: &Value) -> bool {
    match schema {
        Value::Object(members) => {
            !members.contains_key("$ref")
                && !members.contains_key("discriminator")
                && members.values().all(stands_alone)
        }
        Value::Array(entries) => entries.iter().all(stands_alone),
        _ => true,
    }
}

/// A way as findings write it.
fn written<'s, 'a: 's>(way: impl Iterator<Item = &'s Step<'a>>) -> Option<String> {
    let mut text = String::new();
    for step in way {
        let dot = if text.is_empty() { "" } else { "." };
        let _ = match step {
            Step::Property(name) => write!(text, "{dot}{name}"),
            Step::Matching(pattern) => write!(text, "{dot}/{pattern}/"),
            Step::Other => write!(text, "{dot}*"),
            Step::Entry => write!(text, "[]"),
            Step::Nth(index) => write!(text, "[{index}]"),
        };
    }
    (!text.is_empty()).then_some(text)
}
