//! A schema as it is compared: the alternatives that it takes, and whether it takes null.

use std::collections::HashMap;
use std::rc::Rc;

use serde_json::{Map, Value};

use super::super::place::{Document, Place};
use super::flat::{Flat, Parts, add};
use super::types::Types;

/// So many alternatives are told apart. What goes beyond is only compared as a whole.
const MAX_ALTERNATIVES: usize = 256;

/// Compositions and references lead so deep into each other; what is deeper counts as any value.
const MAX_NESTED: usize = 2 * openapi_pipeline::MAX_DEPTH;

/// What a schema takes.
#[derive(Clone, Debug)]
pub(super) struct View<'a> {
    pub(super) nullable: bool,
    /// The alternatives, null aside. More than one come of `oneOf` and `anyOf`; none is left when
    /// no value but null is taken.
    pub(super) members: Vec<Rc<Flat<'a>>>,
    pub(super) union: Option<Union<'a>>,
    /// Compositions that were left out.
    pub(super) uncompared: Vec<Place<'a>>,
}

/// What makes alternatives of a schema.
#[derive(Clone, Debug)]
pub(super) struct Union<'a> {
    /// `oneOf` or `anyOf`.
    pub(super) keyword: &'static str,
    pub(super) place: Place<'a>,
    /// The members as they are written.
    pub(super) written: Vec<Place<'a>>,
}

/// Whether null is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Null {
    No,
    /// Nothing is said about it.
    Unsaid,
    Yes,
}

#[derive(Debug)]
pub(super) struct Alternatives<'a> {
    null: Null,
    flats: Vec<Rc<Flat<'a>>>,
    union: Option<Union<'a>>,
    uncompared: Vec<Place<'a>>,
}

impl<'a> View<'a> {
    /// What schemas take that hold at once.
    pub(super) fn of(reader: &mut Reader<'a>, parts: &Parts<'a>) -> Self {
        match &parts[..] {
            [] => Alternatives::any().seen(),
            [only] => reader.read(only).seen(),
            parts => {
                let mut all = Alternatives::any();
                for part in parts {
                    let read = reader.read(part);
                    all = all.and(&read, part);
                }
                all.seen()
            }
        }
    }

    /// The types of all alternatives.
    pub(super) fn types(&self) -> Types {
        self.members
            .iter()
            .fold(Types::NONE, |all, member| all | member.types)
    }

    /// Whether it takes every value.
    pub(super) fn is_any(&self) -> bool {
        self.nullable
            && matches!(&self.members[..], [only] if only.types == Types::ANY && only.is_bare())
    }

    pub(super) fn read_only(&self) -> bool {
        self.members.iter().any(|member| member.read_only)
    }

    pub(super) fn write_only(&self) -> bool {
        self.members.iter().any(|member| member.write_only)
    }

    /// Where it stands.
    pub(super) fn pointer(&self, keywords: &[&str]) -> Option<openapi_pipeline::Pointer> {
        let member = self.members.first();
        match &self.union {
            Some(union) if self.members.len() != 1 => Some(union.place.pointer.clone()),
            _ => member.and_then(|member| member.pointer(keywords)),
        }
    }
}

/// Reads schemas, each once.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    document: Document<'a>,
    known: HashMap<usize, Rc<Alternatives<'a>>>,
    /// The schemas that are being read, outermost first.
    open: Vec<usize>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(document: Document<'a>) -> Self {
        Self {
            document,
            known: HashMap::new(),
            open: Vec::new(),
        }
    }

    fn read(&mut self, place: &Place<'a>) -> Rc<Alternatives<'a>> {
        let place = &self.document.follow_schema(place.clone());
        let address = place.address();
        if let Some(known) = self.known.get(&address) {
            return Rc::clone(known);
        }
        // A schema that is part of itself adds nothing to itself.
        if self.open.contains(&address) || self.open.len() > MAX_NESTED {
            return Rc::new(Alternatives::any());
        }
        self.open.push(address);
        let alternatives = Rc::new(match place.value {
            Value::Bool(false) => Alternatives::never(),
            Value::Object(object) => self.read_object(place, object),
            _ => Alternatives::any(),
        });
        self.open.pop();
        self.known.insert(address, Rc::clone(&alternatives));
        alternatives
    }

    fn read_object(
        &mut self,
        place: &Place<'a>,
        object: &'a Map<String, Value>,
    ) -> Alternatives<'a> {
        let mut says_null = says_null(object);
        let mut all = Alternatives::own(place, object, says_null);
        let target = object.get("$ref").and_then(Value::as_str);
        if let Some(target) = target.and_then(|target| self.document.target(target)) {
            let read = self.read(&target);
            all = all.and(&read, &target);
        }
        for part in place.get("allOf").iter().flat_map(Place::entries) {
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
            let mut union = Alternatives::never();
            for member in &written {
                let read = self.read(member);
                union.or(&read, member);
            }
            says_null |= union.null == Null::Yes;
            union.union = Some(Union {
                keyword,
                place: place.clone(),
                written,
            });
            all = all.and(&union, &group);
        }
        // Where every value is taken, null is no news.
        let is_any = matches!(&all.flats[..], [only] if only.types == Types::ANY && only.is_bare());
        if says_null && !is_any {
            all.null = Null::Yes;
        }
        all
    }
}

impl<'a> Alternatives<'a> {
    fn any() -> Self {
        Self {
            null: Null::Unsaid,
            flats: vec![Rc::new(Flat::default())],
            union: None,
            uncompared: Vec::new(),
        }
    }

    fn never() -> Self {
        Self {
            null: Null::No,
            flats: Vec::new(),
            union: None,
            uncompared: Vec::new(),
        }
    }

    fn own(place: &Place<'a>, object: &'a Map<String, Value>, says_null: bool) -> Self {
        let flat = Flat::own(place, object);
        let typed = ["type", "enum", "const"]
            .iter()
            .any(|keyword| object.contains_key(*keyword));
        Self {
            null: if typed && !says_null {
                Null::No
            } else {
                Null::Unsaid
            },
            flats: if flat.types.is_none() {
                Vec::new()
            } else {
                vec![Rc::new(flat)]
            },
            ..Self::never()
        }
    }

    /// What is taken when both must take it.
    fn and(mut self, other: &Self, place: &Place<'a>) -> Self {
        let (left, right) = (self.flats.len(), other.flats.len());
        if left > 1 && right > 1 && left * right > MAX_ALTERNATIVES {
            self.uncompared.push(place.clone());
            return self;
        }
        let pairs = self.flats.iter().flat_map(|left| {
            let right = other.flats.iter();
            right.map(move |right| left.and(right))
        });
        self.flats = pairs
            .filter(|flat| !flat.types.is_none())
            .map(Rc::new)
            .collect();
        self.null = match (self.null, other.null) {
            (Null::No, _) | (_, Null::No) => Null::No,
            (left, right) => left.max(right),
        };
        self.union = self.union.or_else(|| other.union.clone());
        add(&mut self.uncompared, &other.uncompared);
        self
    }

    /// What is taken when one of both takes it.
    fn or(&mut self, other: &Self, place: &Place<'a>) {
        self.null = self.null.max(other.null);
        add(&mut self.uncompared, &other.uncompared);
        for flat in &other.flats {
            let addresses = |flat: &Flat<'a>| -> Vec<usize> {
                flat.sources.iter().map(Place::address).collect()
            };
            let own = addresses(flat);
            let same = |known: &Rc<Flat<'a>>| addresses(known) == own;
            if self.flats.iter().any(same) {
                continue;
            }
            if self.flats.len() == MAX_ALTERNATIVES {
                add(&mut self.uncompared, std::slice::from_ref(place));
                return;
            }
            self.flats.push(Rc::clone(flat));
        }
    }

    fn seen(&self) -> View<'a> {
        let all_types = self.flats.iter().all(|flat| flat.types == Types::ANY);
        let mut members: Vec<Rc<Flat<'a>>> = Vec::with_capacity(self.flats.len());
        // `anyOf` of two bare types is a list of two types.
        let mut bare: Option<usize> = None;
        for flat in &self.flats {
            let known = bare.filter(|_| flat.is_bare());
            if let Some(member) = known.and_then(|index| members.get_mut(index)) {
                let member = Rc::make_mut(member);
                member.types = member.types | flat.types;
                add(&mut member.sources, &flat.sources);
                continue;
            }
            if flat.is_bare() {
                bare = Some(members.len());
            }
            members.push(Rc::clone(flat));
        }
        View {
            nullable: self.null == Null::Yes || self.null == Null::Unsaid && all_types,
            members,
            union: self.union.clone(),
            uncompared: self.uncompared.clone(),
        }
    }
}

/// Whether a schema says by itself that it takes null. Strictly, an `enum` without null takes back
/// a null in `type`; in the documents that people write it is forgotten.
fn says_null(object: &Map<String, Value>) -> bool {
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
