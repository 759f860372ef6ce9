//! Compares schemas.
//!
//! Each pair of schemas is compared once, however many operations share it. The pairs form a graph:
//! a node holds the differences between its two schemas and refers to the pairs inside them. The
//! changes of an operation are collected from its root. The cost is therefore that of the number of
//! pairs, also for recursive and shared schemas.

mod alternatives;
mod compare;
mod differences;
mod discriminator;
mod fingerprint;
mod keywords;
mod limits;
mod overlaps;
mod patterns;
mod properties;
mod relation;
mod resolved;
mod restrictions;
mod types;
mod unions;
mod wire;

use std::collections::{HashMap, VecDeque};
use std::fmt::Write;
use std::rc::Rc;

use openapi_pipeline::Pointer;
use serde_json::Value;

use crate::document::{Both, Document, Place};
use crate::rules::Role;
use alternatives::View;
use differences::Differences;
use relation::Relation;
use resolved::ResolvedSchema;

pub(crate) use resolved::Parts;
pub(crate) use types::Types;
pub(crate) use wire::Wire;

/// A schema at more places of one body than this is reported at the nearest.
const MAX_PLACES: usize = 8;

/// A pair of schemas that is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pair(usize);

/// A difference between two schemas.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Change<'a> {
    /// The name of its rule: the whole one for a change of a property, else the aspect.
    pub(crate) rule: String,
    /// The property that it is about; `None` for the schema itself.
    step: Option<Step<'a>>,
    pub(crate) both: Both,
    pub(crate) message: String,
    /// What it makes of the allowed values.
    relation: Relation,
}

impl Change<'_> {
    /// Whether it is about a property, not about the schema itself.
    pub(crate) fn is_of_property(&self) -> bool {
        self.step.is_some()
    }
}

/// One step into a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Step<'a> {
    Property(&'a str),
    /// A property whose name matches a pattern.
    Matching(&'a str),
    /// An undeclared property.
    Other,
    Item,
    TupleItem(usize),
}

/// The differences between two schemas, and the pairs inside.
#[derive(Debug, Default)]
struct Node<'a> {
    changes: Vec<Change<'a>>,
    inner: Vec<(Step<'a>, Pair)>,
    /// The places of the two.
    places: [Option<Pointer>; 2],
    /// Whether there is a change here or inside.
    differs: bool,
}

type Address = Box<[usize]>;

#[derive(Debug)]
pub(crate) struct SchemaComparer<'a> {
    base: Side<'a>,
    revision: Side<'a>,
    nodes: Vec<Node<'a>>,
    /// What is still to be compared, by the index of its node.
    open: Vec<Option<(Parts<'a>, Parts<'a>, Role, Wire)>>,
    known: HashMap<(Address, Address, Role, Wire), Pair>,
    /// How many relations that depend on each other are being found.
    nested: usize,
}

/// One of the two documents, and what is known of its schemas.
#[derive(Debug)]
struct Side<'a> {
    document: Document<'a>,
    /// The schemas that have been read, by address.
    read: HashMap<usize, Rc<View<'a>>>,
    /// The schemas that are being read, outermost first.
    open: Vec<usize>,
    views: HashMap<Address, Rc<View<'a>>>,
    fingerprints: HashMap<(Address, u8), u64>,
}

impl<'a> Side<'a> {
    fn new(document: Document<'a>) -> Self {
        Self {
            document,
            read: HashMap::new(),
            open: Vec::new(),
            views: HashMap::new(),
            fingerprints: HashMap::new(),
        }
    }

    /// Schemas with lone references followed, and their address.
    fn followed(&self, parts: &Parts<'a>) -> (Parts<'a>, Address) {
        let parts: Parts<'a> = parts
            .iter()
            .map(|part| self.document.follow_schema(part.clone()))
            .collect();
        let address = parts.iter().map(Place::address).collect();
        (parts, address)
    }

    /// Whether a property with these schemas has a flag such as `readOnly`.
    fn has_flag(
        &mut self,
        parts: &Parts<'a>,
        flag: &str,
        read: fn(&ResolvedSchema<'a>) -> bool,
    ) -> bool {
        let is_plain = |part: &Place<'a>| {
            let compositions = ["$ref", "allOf", "oneOf", "anyOf"];
            compositions.iter().all(|key| part.value.get(key).is_none())
        };
        if parts.iter().all(is_plain) {
            return parts.iter().any(|part| part.flag(flag));
        }
        self.view(parts).members.iter().any(|schema| read(schema))
    }

    fn view(&mut self, parts: &Parts<'a>) -> Rc<View<'a>> {
        let (parts, address) = self.followed(parts);
        if let Some(known) = self.views.get(&address) {
            return Rc::clone(known);
        }
        let view = Rc::new(self.read_view(&parts));
        self.views.insert(address, Rc::clone(&view));
        view
    }
}

impl<'a> SchemaComparer<'a> {
    pub(crate) fn new(base: Document<'a>, revision: Document<'a>) -> Self {
        Self {
            base: Side::new(base),
            revision: Side::new(revision),
            nodes: Vec::new(),
            open: Vec::new(),
            known: HashMap::new(),
            nested: 0,
        }
    }

    /// The pair of two schemas; `None` when they are surely the same. Without a schema any value is
    /// allowed.
    pub(crate) fn pair(
        &mut self,
        base: &Parts<'a>,
        revision: &Parts<'a>,
        role: Role,
        wire: Wire,
    ) -> Option<Pair> {
        // Most schemas of most documents have not changed at all.
        if let ([base], [revision]) = (&base[..], &revision[..])
            && base.value == revision.value
            && is_self_contained(base.value)
        {
            return None;
        }
        let (base, base_address) = self.base.followed(base);
        let (revision, revision_address) = self.revision.followed(revision);
        let next = Pair(self.nodes.len());
        let key = (base_address, revision_address, role, wire);
        let pair = *self.known.entry(key).or_insert(next);
        if pair == next {
            self.nodes.push(Node::default());
            self.open.push(Some((base, revision, role, wire)));
        }
        Some(pair)
    }

    fn side(&mut self, of_base: bool) -> &mut Side<'a> {
        if of_base {
            &mut self.base
        } else {
            &mut self.revision
        }
    }

    /// The types that schemas of one of the documents allow.
    pub(crate) fn types_of(&mut self, of_base: bool, parts: &Parts<'a>) -> Types {
        self.side(of_base).view(parts).types()
    }

    /// The media type of a part of a multipart body that does not state it.
    pub(crate) fn media_type(&mut self, of_base: bool, parts: &Parts<'a>) -> &'a str {
        let side = self.side(of_base);
        let mut view = side.view(parts);
        // An array is written item by item.
        if let [array] = &view.members[..]
            && array.types == Types::ARRAY
        {
            view = side.view(array.item(0));
        }
        let stated = view.members.first().and_then(|member| member.media_type);
        stated.unwrap_or_else(|| match view.types() {
            types if types.intersects(Types::OBJECT) => "application/json",
            _ => "text/plain",
        })
    }

    /// The properties of an object of one of the documents, each with its schemas and whether it is
    /// required.
    pub(crate) fn properties(
        &mut self,
        of_base: bool,
        parts: &Parts<'a>,
    ) -> Vec<(&'a str, Parts<'a>, bool)> {
        match &self.side(of_base).view(parts).members[..] {
            [object] if object.types == Types::OBJECT => {
                let properties = object.properties.iter();
                let property = |(name, parts): (&&'a str, &Parts<'a>)| {
                    (*name, parts.clone(), object.required.contains(*name))
                };
                properties.map(property).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Compares every pair, and the pairs inside.
    pub(crate) fn compare(&mut self) {
        let mut index = 0;
        while index < self.nodes.len() {
            self.evaluate(Pair(index));
            index += 1;
        }
        self.mark_differing();
    }

    /// Compares a pair, unless that has been done or has begun.
    fn evaluate(&mut self, pair: Pair) {
        if let Some((base, revision, role, wire)) = self.open[pair.0].take() {
            let places = [&base, &revision].map(|parts| Some(parts.first()?.pointer.clone()));
            let differences = Differences::new(self, role, wire);
            let node = compare::node(&base, &revision, differences);
            self.nodes[pair.0] = Node { places, ..node };
        }
    }

    /// Marks every pair with a change inside.
    fn mark_differing(&mut self) {
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

    /// The changes of two schemas and inside them, each with the path of its property, as in
    /// `data[].phase`; `None` for the schemas themselves. The nearest come first. Where a side has
    /// no schema, the place is that `around`.
    pub(crate) fn changes(
        &self,
        root: Pair,
        around: &[Pointer; 2],
    ) -> Vec<(Option<String>, Change<'a>)> {
        let mut found = Vec::new();
        let mut visits: HashMap<usize, usize> = HashMap::new();
        let mut open = VecDeque::from([(root.0, Vec::new(), [&around[0], &around[1]])]);
        while let Some((index, path, around)) = open.pop_front() {
            let node = &self.nodes[index];
            let visits = visits.entry(index).or_default();
            if !node.differs || *visits == MAX_PLACES {
                continue;
            }
            *visits += 1;
            let [base, revision] = &node.places;
            let base = base.as_ref().unwrap_or(around[0]);
            let revision = revision.as_ref().unwrap_or(around[1]);
            for change in &node.changes {
                let mut change = change.clone();
                let both = &mut change.both;
                both.base.get_or_insert_with(|| base.clone());
                both.revision.get_or_insert_with(|| revision.clone());
                found.push((written(path.iter().chain(&change.step)), change));
            }
            for (step, inner) in &node.inner {
                if self.nodes[inner.0].differs {
                    let path: Vec<Step<'a>> = path.iter().copied().chain([*step]).collect();
                    open.push_back((inner.0, path, [base, revision]));
                }
            }
        }
        found
    }
}

/// Whether a schema refers to nothing else.
fn is_self_contained(schema: &Value) -> bool {
    match schema {
        Value::Object(members) => {
            !members.contains_key("$ref")
                && !members.contains_key("discriminator")
                && members.values().all(is_self_contained)
        }
        Value::Array(entries) => entries.iter().all(is_self_contained),
        _ => true,
    }
}

/// A path as findings write it.
fn written<'s, 'a: 's>(path: impl Iterator<Item = &'s Step<'a>>) -> Option<String> {
    let mut text = String::new();
    for step in path {
        let dot = if text.is_empty() { "" } else { "." };
        let _ = match step {
            Step::Property(name) => write!(text, "{dot}{name}"),
            Step::Matching(pattern) => write!(text, "{dot}/{pattern}/"),
            Step::Other => write!(text, "{dot}*"),
            Step::Item => write!(text, "[]"),
            Step::TupleItem(index) => write!(text, "[{index}]"),
        };
    }
    (!text.is_empty()).then_some(text)
}
