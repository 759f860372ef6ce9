//! The alternatives that a schema allows, and whether it allows null.

use std::rc::Rc;

use openapi_pipeline::{MAX_DEPTH, Pointer};
use serde_json::{Map, Value};

use super::Side;
use super::resolved::{Parts, ResolvedSchema, add, allows_none};
use super::types::Types;
use crate::document::Place;

/// The most alternatives of one schema. Compositions beyond are only compared as a whole.
const MAX_ALTERNATIVES: usize = 256;

/// The deepest nesting of compositions and references; what is deeper counts as any value.
const MAX_NESTED: usize = 2 * MAX_DEPTH;

/// What a schema allows.
#[derive(Clone, Debug)]
pub(super) struct View<'a> {
    null: Null,
    /// The alternatives, null aside: several with `oneOf` and `anyOf`, none when only null is
    /// allowed.
    pub(super) members: Vec<Rc<ResolvedSchema<'a>>>,
    pub(super) union: Option<Union<'a>>,
    /// Compositions that were left out.
    pub(super) uncompared: Vec<Place<'a>>,
}

/// The `oneOf` or `anyOf` of a schema.
#[derive(Clone, Debug)]
pub(super) struct Union<'a> {
    pub(super) keyword: &'static str,
    /// The schema around it.
    pub(super) place: Place<'a>,
    /// The members as they are written.
    pub(super) written: Vec<Place<'a>>,
}

/// Whether null is allowed, as far as a schema states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Null {
    No,
    Unspecified,
    Yes,
}

impl View<'_> {
    /// Whether null is allowed, for a [finished](View::finished) view.
    pub(super) fn nullable(&self) -> bool {
        self.null == Null::Yes
    }

    /// The types of all alternatives.
    pub(super) fn types(&self) -> Types {
        self.members.iter().map(|member| member.types).collect()
    }

    /// The types as a schema writes them.
    pub(super) fn names(&self) -> Value {
        self.types().names(self.nullable())
    }

    /// Whether it allows every value.
    pub(super) fn is_any(&self) -> bool {
        self.nullable() && is_any(&self.members)
    }

    /// The place of the first of these keywords, or else of the schema.
    pub(super) fn pointer(&self, keywords: &[&str]) -> Option<Pointer> {
        let member = self.members.first();
        match &self.union {
            Some(union) if self.members.len() != 1 => Some(union.place.pointer.clone()),
            _ => member.and_then(|member| member.pointer(keywords)),
        }
    }
}

fn is_any(members: &[Rc<ResolvedSchema<'_>>]) -> bool {
    matches!(members, [only] if only.types == Types::all() && only.is_bare())
}

impl<'a> Side<'a> {
    /// What schemas allow together.
    pub(super) fn read_view(&mut self, parts: &Parts<'a>) -> View<'a> {
        if let [only] = &parts[..] {
            return self.read(only).finished();
        }
        let mut all = View::any();
        for part in parts {
            let read = self.read(part);
            all = all.and(&read, part);
        }
        all.finished()
    }

    fn read(&mut self, place: &Place<'a>) -> Rc<View<'a>> {
        let place = &self.document.follow_schema(place.clone());
        let address = place.address();
        if let Some(known) = self.read.get(&address) {
            return Rc::clone(known);
        }
        // A schema that is part of itself adds nothing to itself.
        if self.open.contains(&address) || self.open.len() > MAX_NESTED {
            return Rc::new(View::any());
        }
        self.open.push(address);
        let view = Rc::new(match place.value {
            value if allows_none(value) => View::never(),
            Value::Object(object) => self.read_object(place, object),
            _ => View::any(),
        });
        self.open.pop();
        self.read.insert(address, Rc::clone(&view));
        view
    }

    fn read_object(&mut self, place: &Place<'a>, object: &'a Map<String, Value>) -> View<'a> {
        let mut states_null = states_null(object);
        let mut all = View::own(place, object, states_null);
        let target = object.get("$ref").and_then(Value::as_str);
        let target = target.and_then(|target| self.document.target(target));
        let all_of = place.get("allOf");
        for part in target
            .into_iter()
            .chain(all_of.iter().flat_map(Place::entries))
        {
            let read = self.read(&part);
            all = all.and(&read, &part);
        }
        for keyword in ["oneOf", "anyOf"] {
            let Some(group) = place.get(keyword) else {
                continue;
            };
            let written: Vec<Place<'a>> = group.entries().collect();
            if written.is_empty() {
                continue;
            }
            let mut union = View::never();
            let mut inner = Vec::new();
            for member in &written {
                let read = self.read(member);
                union.or(&read, member);
                if !read.members.is_empty() {
                    inner.push(read.union.clone());
                }
            }
            states_null |= union.null == Null::Yes;
            // The only alternative, null aside, is what the whole is.
            let sole = match &mut inner[..] {
                [sole] if place.get("discriminator").is_none() => sole.take(),
                _ => None,
            };
            union.union = sole.or_else(|| {
                Some(Union {
                    keyword,
                    place: place.clone(),
                    written,
                })
            });
            all = all.and(&union, &group);
        }
        if states_null && !is_any(&all.members) {
            all.null = Null::Yes;
        }
        all
    }
}

impl<'a> View<'a> {
    fn any() -> Self {
        Self {
            null: Null::Unspecified,
            members: vec![Rc::new(ResolvedSchema::default())],
            ..Self::never()
        }
    }

    fn never() -> Self {
        Self {
            null: Null::No,
            members: Vec::new(),
            union: None,
            uncompared: Vec::new(),
        }
    }

    /// The keywords of one object, references and compositions aside.
    fn own(place: &Place<'a>, object: &'a Map<String, Value>, states_null: bool) -> Self {
        let schema = ResolvedSchema::own(place, object);
        let mut typed = ["type", "enum", "const"].iter();
        let is_typed = typed.any(|keyword| object.contains_key(*keyword));
        let is_possible = !schema.types.is_empty();
        Self {
            null: if is_typed && !states_null {
                Null::No
            } else {
                Null::Unspecified
            },
            members: is_possible.then(|| Rc::new(schema)).into_iter().collect(),
            ..Self::never()
        }
    }

    /// What both allow.
    fn and(mut self, other: &Self, place: &Place<'a>) -> Self {
        let (left, right) = (self.members.len(), other.members.len());
        if left > 1 && right > 1 && left * right > MAX_ALTERNATIVES {
            self.uncompared.push(place.clone());
            return self;
        }
        let pairs = self.members.iter().flat_map(|left| {
            let right = other.members.iter();
            right.map(move |right| left.and(right))
        });
        let possible = pairs.filter(|schema| !schema.types.is_empty());
        self.members = possible.map(Rc::new).collect();
        self.null = match (self.null, other.null) {
            (Null::No, _) | (_, Null::No) => Null::No,
            (left, right) => left.max(right),
        };
        self.union = self.union.or_else(|| other.union.clone());
        add(&mut self.uncompared, &other.uncompared);
        self
    }

    /// What one of both allows.
    fn or(&mut self, other: &Self, place: &Place<'a>) {
        self.null = self.null.max(other.null);
        add(&mut self.uncompared, &other.uncompared);
        for schema in &other.members {
            let addresses = |schema: &ResolvedSchema<'a>| -> Vec<usize> {
                schema.sources.iter().map(Place::address).collect()
            };
            let own = addresses(schema);
            if self.members.iter().any(|known| addresses(known) == own) {
                continue;
            }
            if self.members.len() == MAX_ALTERNATIVES {
                add(&mut self.uncompared, std::slice::from_ref(place));
                return;
            }
            self.members.push(Rc::clone(schema));
        }
    }

    /// The view with null decided and bare types merged.
    fn finished(&self) -> Self {
        let is_any = |schema: &Rc<ResolvedSchema<'a>>| schema.types == Types::all();
        let is_untyped = self.members.iter().all(is_any);
        let mut members: Vec<Rc<ResolvedSchema<'a>>> = Vec::with_capacity(self.members.len());
        // `anyOf` of two bare types is a list of two types.
        let mut bare: Option<usize> = None;
        for schema in &self.members {
            let known = bare.filter(|_| schema.is_bare());
            if let Some(member) = known.and_then(|index| members.get_mut(index)) {
                let member = Rc::make_mut(member);
                member.types |= schema.types;
                add(&mut member.sources, &schema.sources);
                continue;
            }
            if schema.is_bare() {
                bare = Some(members.len());
            }
            members.push(Rc::clone(schema));
        }
        let nullable = self.null == Null::Yes || self.null == Null::Unspecified && is_untyped;
        Self {
            null: if nullable { Null::Yes } else { Null::No },
            members,
            union: self.union.clone(),
            uncompared: self.uncompared.clone(),
        }
    }
}

/// Whether a schema itself allows null. Strictly, an `enum` without null forbids a null in `type`,
/// but in most documents it was forgotten.
fn states_null(object: &Map<String, Value>) -> bool {
    let null_among = |keyword: &str| {
        let values = object.get(keyword).and_then(Value::as_array);
        values.is_some_and(|values| {
            values
                .iter()
                .any(|value| value.is_null() || keyword == "type" && value == "null")
        })
    };
    object.get("nullable") == Some(&Value::Bool(true))
        || object.get("type").is_some_and(|name| name == "null")
        || object.get("const").is_some_and(Value::is_null)
        || null_among("type")
        || null_among("enum")
}
