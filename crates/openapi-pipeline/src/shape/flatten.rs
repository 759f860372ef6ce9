//! `allOf` becomes one schema, and what stands beside `oneOf` or `anyOf` goes into each branch.
//!
//! A reference wrapped in `allOf` to carry a description or `nullable` stays as it is: that is how
//! 3.0 writes it. A component with a `discriminator` that others name in their `allOf` is a union of
//! these; in their `allOf` it is what it describes itself.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::{Map, Value};

use super::schema::{Components, MEMBER, flag, reference_to, referred};
use crate::keywords::{Kind, children_mut, is_extension, lists};
use crate::normalise::nullability::type_of_keyword;
use crate::resolve::{branches, children, schema_pointer};
use crate::{Pointer, Problem, Problems};

/// Problems of one component after which no more parts are merged into it: parts of parts multiply,
/// and so would what is wrong with them.
const MOST_PROBLEMS: usize = 100;

/// The most keywords and properties that are written into the branches of one schema.
const MOST_SHARED: usize = 10_000;

/// The most members of a union that is made of several, each member of one with each of another.
const MOST_MEMBERS: usize = 64;

/// The most merges for one component, and the most inside one another: types that hold one another
/// are merged once for each way through them, and a way may have no end.
const MOST_MERGES: usize = 10_000;
const DEEPEST_MERGE: usize = 64;

/// Keywords that say nothing of what a branch holds.
const NO_CONTENT: &str = "description required title type";

/// The keywords of a choice.
const UNIONS: [&str; 2] = ["oneOf", "anyOf"];

/// Keywords that stay beside the branches.
const OF_THE_UNION: &str = "deprecated description discriminator example externalDocs nullable readOnly title type writeOnly xml";

/// The components with every `allOf` merged.
pub(super) fn flatten(components: &Components, problems: &mut Problems) -> Components {
    let mut pass = Flatten::new(components, problems);
    let mut flat = Components::new();
    for name in components.keys() {
        pass.within = BTreeSet::from([name.clone()]);
        (pass.refused, pass.merges) = (0, 0);
        flat.insert(name.clone(), pass.component(name));
    }
    flat
}

/// Merges every `allOf`. It knows how the components belong together, so that one serves for all
/// schemas of a document.
pub(super) struct Flatten<'a> {
    components: &'a Components,
    /// The components that name one with a discriminator in their `allOf`, and those that name these.
    children: BTreeMap<&'a str, BTreeSet<&'a str>>,
    /// Components being merged, so that one which contains itself through `allOf` is noticed.
    within: BTreeSet<String>,
    /// The reference whose target is being merged: problems are reported there, because the
    /// target itself is fine elsewhere.
    blamed: Option<Pointer>,
    /// Components that were merged without a problem: a part of many is merged once.
    done: Components,
    /// How often a problem came up, a known one included.
    refused: usize,
    /// How much was merged, and how many merges are under way.
    merges: usize,
    depth: usize,
    problems: &'a mut Problems,
}

impl<'a> Flatten<'a> {
    pub(super) fn new(components: &'a Components, problems: &'a mut Problems) -> Self {
        Self {
            components,
            children: children(components.iter()),
            within: BTreeSet::new(),
            blamed: None,
            done: Components::new(),
            refused: 0,
            merges: 0,
            depth: 0,
            problems,
        }
    }

    /// A schema outside the components.
    pub(super) fn outside(&mut self, schema: &mut Value, place: &Pointer) {
        (self.refused, self.merges) = (0, 0);
        *schema = self.schema(schema.take(), place);
    }

    /// A component that is in `within`.
    fn component(&mut self, name: &str) -> Value {
        if let Some(done) = self.done.get(name) {
            return done.clone();
        }
        let Some(schema) = self.components.get(name) else {
            return Value::Null;
        };
        let before = self.refused;
        let merged = match self.union_of_children(name) {
            Some(union) => union,
            None => self.schema(schema.clone(), &schema_pointer(name)),
        };
        if self.refused == before {
            self.done.insert(name.to_owned(), merged.clone());
        }
        merged
    }

    /// What a component with a discriminator is, if others are made from it.
    fn union_of_children(&self, name: &str) -> Option<Value> {
        let children = self.children.get(name)?;
        let schema = self.components.get(name)?;
        let mut union = schema.as_object()?.clone();
        if branches(schema).is_some() {
            return None;
        }
        // Another name for a parent adds no member: as one it would be the union itself.
        let is_made = |name: &&&str| (self.components.get(**name)).and_then(referred).is_none();
        let of = children.iter().filter(is_made);
        let of: Vec<Value> = of.map(|name| reference_to(name)).collect();
        if of.is_empty() {
            return None;
        }
        union.retain(|key, _| lists(OF_THE_UNION, key) && key != "type");
        union.insert("oneOf".into(), of.into());
        Some(union.into())
    }

    fn refuse(&mut self, problem: Problem) {
        self.refused += 1;
        self.problems.push(problem);
    }

    fn schema(&mut self, mut schema: Value, place: &Pointer) -> Value {
        if !schema.is_object() || referred(&schema).is_some() {
            return schema;
        }
        let mut merged = Map::new();
        let parts = schema.as_object_mut().and_then(|own| own.remove("allOf"));
        let parts = parts.as_ref().and_then(Value::as_array);
        for (index, branch) in parts.into_iter().flatten().enumerate() {
            let at = place.child("allOf").child(&index.to_string());
            let outer = self.blamed.clone();
            if referred(branch).is_some() {
                self.blamed.get_or_insert_with(|| at.clone());
            }
            let branch = self.branch(branch, &at);
            merged = self.merge(merged, branch, &at);
            self.blamed = outer;
        }
        // Strictly, a part without null excludes it; who writes `nullable` here means the whole.
        let nullable = flag(&schema, "nullable");
        // The schemas inside.
        let at = &mut place.clone();
        children_mut(Kind::Schema, &mut schema, at, &mut |kind, child, at| {
            if kind == Kind::Schema {
                *child = self.schema(child.take(), at);
            }
        });
        let mut merged = self.merge(merged, object(schema), place);
        if nullable {
            merged.insert("nullable".into(), true.into());
        }
        drop_idle(&mut merged);
        Value::Object(self.distributed(merged, place))
    }

    /// Writes what stands beside the branches into each of them. Branches that only say which
    /// properties go together are no types.
    fn distributed(
        &mut self,
        mut schema: Map<String, Value>,
        place: &Pointer,
    ) -> Map<String, Value> {
        for key in UNIONS {
            if schema.get(key).is_some_and(has_no_members) {
                schema.remove(key);
            }
        }
        if let [Some(ours), Some(theirs)] = UNIONS.map(|key| schema.get(key).cloned()) {
            // Each value makes both choices.
            let tagged = schema.contains_key("discriminator").then_some(0);
            let members = self.product([&ours, &theirs], tagged, &place.child("anyOf"));
            schema.remove("anyOf");
            schema.insert("oneOf".into(), members.unwrap_or(ours));
        }
        let branches = |key: &'static str| Some((key, schema.get(key)?.as_array()?.clone()));
        let Some((key, branches)) = UNIONS.into_iter().find_map(branches) else {
            return schema;
        };
        let is_shared = |keyword: &str| {
            keyword != key && !lists(OF_THE_UNION, keyword) && !is_extension(keyword)
        };
        let mut shared: Map<String, Value> = schema.clone();
        shared.retain(|keyword, _| is_shared(keyword));
        let size = shared.len()
            + schema
                .get("properties")
                .and_then(Value::as_object)
                .map_or(0, Map::len);
        if shared.is_empty() {
            return schema;
        }
        schema.retain(|keyword, _| !is_shared(keyword));
        if size.saturating_mul(branches.len()) > MOST_SHARED {
            let found = format!(
                "{size} keywords and properties beside {} branches",
                branches.len()
            );
            self.refuse(Problem::new(
                place,
                found,
                "the type of each branch would hold them all",
            ));
            return schema;
        }
        let mut whole = Vec::new();
        for (index, branch) in branches.iter().enumerate() {
            let at = place.child(key).child(&index.to_string());
            let outer = self.blamed.clone();
            if referred(branch).is_some() {
                self.blamed.get_or_insert_with(|| at.clone());
            }
            let part = self.branch(branch, &at);
            let mut shared = shared.clone();
            if let Some(of) = part.get("type").or(schema.get("type")) {
                shared.insert("type".into(), of.clone());
                drop_idle(&mut shared);
            }
            let mut merged = self.merge(shared, part, &at);
            if let Some(name) = referred(branch) {
                merged.insert(MEMBER.into(), name.into());
            }
            whole.push(Value::Object(self.distributed(merged, &at)));
            self.blamed = outer;
        }
        schema.remove("type");
        schema.insert(key.into(), whole.into());
        schema
    }

    /// The members of a union of which each value is a member of both unions; `None` if no value is.
    /// The tags of the union are those of the unions' one that is `tagged`.
    fn product(
        &mut self,
        [ours, theirs]: [&Value; 2],
        tagged: Option<usize>,
        place: &Pointer,
    ) -> Option<Value> {
        let (left, right) = (ours.as_array()?, theirs.as_array()?);
        let count = left.len().saturating_mul(right.len());
        if left.len() > 1 && right.len() > 1 && count > MOST_MEMBERS {
            let blamed = self.blamed.clone().unwrap_or_else(|| place.clone());
            let found = format!("{} branches beside {}", right.len(), left.len());
            let why = format!(
                "a value is one of the branches here and one of those there, and a union of all pairs has at most {MOST_MEMBERS}"
            );
            self.refuse(Problem::new(&blamed, found, why).with_removal());
            return Some(ours.clone());
        }
        let mut members = Vec::new();
        for ours in left {
            for (index, theirs) in right.iter().enumerate() {
                let at = place.child(&index.to_string());
                let outer = self.blamed.clone();
                self.blamed.get_or_insert_with(|| at.clone());
                let (left, right) = (self.branch(ours, &at), self.branch(theirs, &at));
                if !self.exclude_each_other(&left, &right) {
                    let names = [(ours, &left), (theirs, &right)].map(member_name);
                    let labels = [(ours, &left), (theirs, &right)].map(label);
                    let label = labels.into_iter().flatten().collect::<Vec<_>>().join(" ");
                    let mut both = self.merge(left, right, &at);
                    both.remove(MEMBER);
                    both.remove("title");
                    match (tagged.and_then(|of| names[of].clone()), label) {
                        (Some(name), _) => both.insert(MEMBER.into(), name.into()),
                        (None, label) if !label.is_empty() => {
                            both.insert("title".into(), label.into())
                        }
                        _ => None,
                    };
                    members.push(Value::Object(self.distributed(both, &at)));
                }
                self.blamed = outer;
            }
        }
        (!members.is_empty()).then(|| members.into())
    }

    /// Whether no value can be both, because of its type or of a property that it must have.
    fn exclude_each_other(
        &mut self,
        left: &Map<String, Value>,
        right: &Map<String, Value>,
    ) -> bool {
        let types = (left.get("type"), right.get("type"));
        if let (Some(ours), Some(theirs)) = types
            && self
                .keyword("type", ours, theirs, &Pointer::root())
                .is_none()
        {
            return true;
        }
        let values = |schema: &Map<String, Value>, name: &str| -> Option<HashSet<Value>> {
            let listed = schema.get("properties")?.get(name)?.get("enum")?;
            Some(listed.as_array()?.iter().cloned().collect())
        };
        let needed = [left, right].map(|schema| schema.get("required").and_then(Value::as_array));
        let mut needed = needed
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(Value::as_str);
        needed.any(|name| match (values(left, name), values(right, name)) {
            (Some(ours), Some(theirs)) => ours.is_disjoint(&theirs),
            _ => false,
        })
    }

    /// A branch of `allOf`, with references replaced by their targets.
    fn branch(&mut self, branch: &Value, place: &Pointer) -> Map<String, Value> {
        let Some(name) = referred(branch) else {
            return object(self.schema(branch.clone(), place));
        };
        if !self.components.contains_key(&name) || self.refused >= MOST_PROBLEMS {
            return Map::new();
        }
        if !self.within.insert(name.clone()) {
            let found = format!("a reference to `{name}` inside the `allOf` of `{name}`");
            let why = "a schema that contains itself has no end";
            self.refuse(Problem::new(place, found, why).with_removal());
            return Map::new();
        }
        let schema = match self.components.get(&name) {
            Some(Value::Object(parent)) if self.children.contains_key(name.as_str()) => {
                let mut base = parent.clone();
                base.retain(|key, _| !matches!(key.as_str(), "anyOf" | "discriminator" | "oneOf"));
                self.schema(base.into(), &schema_pointer(&name))
            }
            _ => self.component(&name),
        };
        let mut part = match referred(&schema) {
            // Another name for a component.
            Some(_) => {
                let mut part = self.branch(&schema, place);
                if flag(&schema, "nullable") {
                    part.insert("nullable".into(), true.into());
                }
                part
            }
            None => object(schema),
        };
        self.within.remove(&name);
        // The description of a part is not that of the whole.
        part.retain(|key, _| !matches!(key.as_str(), "description" | "title" | "example"));
        part
    }

    fn merge(
        &mut self,
        left: Map<String, Value>,
        right: Map<String, Value>,
        place: &Pointer,
    ) -> Map<String, Value> {
        if left.is_empty() {
            return right;
        }
        if right.is_empty() {
            return left;
        }
        self.merges += 1;
        if self.depth == DEEPEST_MERGE || self.merges > MOST_MERGES {
            let found = "parts that hold parts to be merged, and so on".to_owned();
            let why = "merged into one schema they have no end, or are too many";
            let blamed = self.blamed.as_ref().unwrap_or(place);
            self.refuse(Problem::new(blamed, found, why).with_removal());
            return left;
        }
        self.depth += 1;
        let merged = self.merged(left, right, place);
        self.depth -= 1;
        merged
    }

    fn merged(
        &mut self,
        left: Map<String, Value>,
        right: Map<String, Value>,
        place: &Pointer,
    ) -> Map<String, Value> {
        let nullable = nullable_together(&left, &right);
        let tagged = [&left, &right].map(|part| part.contains_key("discriminator"));
        let tagged = tagged.into_iter().rposition(|is_tagged| is_tagged);
        let mut merged: BTreeMap<String, Value> = left.into_iter().collect();
        for (key, theirs) in right {
            let Some(ours) = merged.remove(&key) else {
                merged.insert(key, theirs);
                continue;
            };
            let at = place.child(&key);
            let value = match key.as_str() {
                "anyOf" | "oneOf" if has_no_members(&ours) => Some(theirs.clone()),
                "anyOf" | "oneOf" if has_no_members(&theirs) || ours == theirs => {
                    Some(ours.clone())
                }
                "anyOf" | "oneOf" => self.product([&ours, &theirs], tagged, &at),
                _ => self.keyword(&key, &ours, &theirs, &at),
            };
            let value = match value {
                Some(value) => value,
                None => {
                    self.refuse(
                        Problem::new(
                            self.blamed.as_ref().unwrap_or(&at),
                            format!("{ours} in one part and {theirs} in another"),
                            format!("the parts of an `allOf` must agree on `{key}` to be one type"),
                        )
                        .with_removal(),
                    );
                    ours
                }
            };
            merged.insert(key, value);
        }
        merged.remove("nullable");
        if nullable {
            merged.insert("nullable".into(), true.into());
        }
        merged.into_iter().collect()
    }

    /// The schema of what both describe. One of them that says it all keeps its name.
    fn both(&mut self, ours: &Value, theirs: &Value, at: &Pointer) -> Option<Value> {
        if ours == theirs || theirs.as_object()?.is_empty() {
            return Some(ours.clone());
        }
        if referred(ours).is_none() && referred(theirs).is_none() {
            let mut merged = self.merge(ours.as_object()?.clone(), theirs.as_object()?.clone(), at);
            drop_idle(&mut merged);
            return Some(Value::Object(self.distributed(merged, at)));
        }
        let (left, right) = (self.branch(ours, at), self.branch(theirs, at));
        let merged = self.merge(left.clone(), right.clone(), at);
        let content = |schema: &Map<String, Value>| {
            let mut schema = schema.clone();
            schema
                .retain(|key, _| key != "nullable" && (!lists(OF_THE_UNION, key) || key == "type"));
            schema
        };
        let whole = content(&merged);
        Some(match () {
            () if referred(theirs).is_some() && whole == content(&right) => theirs.clone(),
            () if referred(ours).is_some() && whole == content(&left) => ours.clone(),
            () => Value::Object(self.distributed(merged, at)),
        })
    }

    /// The keyword that holds where both hold; `None` when no value does.
    fn keyword(&mut self, key: &str, ours: &Value, theirs: &Value, at: &Pointer) -> Option<Value> {
        if ours == theirs {
            return Some(ours.clone());
        }
        match key {
            "properties" => {
                let (mut all, theirs) = (ours.as_object()?.clone(), theirs.as_object()?);
                for (name, property) in theirs {
                    let merged = match all.get(name) {
                        Some(known) => self.both(&known.clone(), property, &at.child(name))?,
                        None => property.clone(),
                    };
                    all.insert(name.clone(), merged);
                }
                Some(Value::Object(all))
            }
            "required" => {
                let mut all: BTreeSet<String> = BTreeSet::new();
                for list in [ours, theirs] {
                    all.extend(
                        list.as_array()?
                            .iter()
                            .filter_map(Value::as_str)
                            .map(str::to_owned),
                    );
                }
                Some(all.into_iter().collect())
            }
            "enum" => {
                let theirs_listed = theirs;
                let theirs: HashSet<&Value> = theirs.as_array()?.iter().collect();
                let both: Vec<Value> = ours
                    .as_array()?
                    .iter()
                    .filter(|value| theirs.contains(value))
                    .cloned()
                    .collect();
                // An enum is open; a child that names another value than its parent means its own.
                Some(if both.is_empty() {
                    theirs_listed.clone()
                } else {
                    both.into()
                })
            }
            "items" => self.both(ours, theirs, at),
            "type" => match (ours.as_str()?, theirs.as_str()?) {
                ("integer", "number") | ("number", "integer") => Some("integer".into()),
                _ => None,
            },
            "additionalProperties" => match (ours, theirs) {
                (Value::Bool(false), _) | (_, Value::Bool(false)) => Some(false.into()),
                (Value::Bool(true), other) | (other, Value::Bool(true)) => Some(other.clone()),
                _ => self.both(ours, theirs, at),
            },
            "minLength" | "minItems" | "minProperties" | "minimum" => wider(ours, theirs, f64::max),
            "maxLength" | "maxItems" | "maxProperties" | "maximum" => wider(ours, theirs, f64::min),
            "exclusiveMinimum" | "exclusiveMaximum" | "uniqueItems" | "nullable" | "readOnly"
            | "writeOnly" | "deprecated" => Some(true.into()),
            "description" | "title" | "example" | "default" | "externalDocs" | "discriminator"
            | "format" | "pattern" | "xml" => Some(theirs.clone()),
            extension if extension.starts_with("x-") => Some(theirs.clone()),
            _ => None,
        }
    }
}

fn object(schema: Value) -> Map<String, Value> {
    match schema {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

/// Takes out keywords that say nothing of a value of this type.
fn drop_idle(schema: &mut Map<String, Value>) {
    let Some(of) = schema.get("type").and_then(Value::as_str) else {
        return;
    };
    // Numbers have formats too.
    let of = of.replace("integer", "number");
    schema.retain(|key, _| key == "format" || type_of_keyword(key).is_none_or(|about| about == of));
}

/// The component that a branch is, or was.
fn member_name((branch, schema): (&Value, &Map<String, Value>)) -> Option<String> {
    referred(branch).or_else(|| schema.get(MEMBER)?.as_str().map(str::to_owned))
}

/// What a branch is called.
fn label(branch: (&Value, &Map<String, Value>)) -> Option<String> {
    member_name(branch).or_else(|| branch.1.get("title")?.as_str().map(str::to_owned))
}

/// Whether the branches of a union only say which properties go together, and are no types.
fn has_no_members(branches: &Value) -> bool {
    branches
        .as_array()
        .is_some_and(|branches| branches.iter().all(has_no_content))
}

/// Whether a branch only says which properties go together.
fn has_no_content(branch: &Value) -> bool {
    branch.as_object().is_some_and(|branch| {
        branch.contains_key("required")
            && branch
                .keys()
                .all(|key| lists(NO_CONTENT, key) || is_extension(key))
    })
}

/// Null passes only where every part that has an opinion lets it pass.
fn nullable_together(left: &Map<String, Value>, right: &Map<String, Value>) -> bool {
    let opinion = |part: &Map<String, Value>| {
        let nullable = part.get("nullable").and_then(Value::as_bool);
        nullable.or_else(|| part.contains_key("type").then_some(false))
    };
    match (opinion(left), opinion(right)) {
        (Some(left), Some(right)) => left && right,
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => false,
    }
}

fn wider(ours: &Value, theirs: &Value, pick: fn(f64, f64) -> f64) -> Option<Value> {
    let (left, right) = (ours.as_f64()?, theirs.as_f64()?);
    let picked = pick(left, right);
    Some(if picked.total_cmp(&left).is_eq() {
        ours.clone()
    } else {
        theirs.clone()
    })
}
