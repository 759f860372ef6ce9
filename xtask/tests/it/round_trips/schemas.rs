//! Random schemas of the kinds that generators get wrong.

use proptest::prelude::RngExt;
use proptest::test_runner::{RngAlgorithm, TestRng};
use serde_json::{Map, Value, json};

/// The properties of objects; some have names that clash in Rust.
const KEYS: [&str; 12] = [
    "id", "fooBar", "foo_bar", "new", "2nd", "1st", "type", "self", "naïve", "x-y", "validate", "n",
];
/// The components of a case, after its prefix; some are one name in Rust.
const NAMES: [&str; 8] = [
    "Alpha",
    "_alpha",
    "-beta",
    "Beta",
    "AlphaInput",
    "Item",
    ".dot",
    "alpha",
];
/// The values that tell the members of a union apart: each member has one line's.
const TAGS: [[&str; 3]; 5] = [
    [r#""one""#, r#""two""#, r#""Three-3""#],
    ["1", "2", "3"],
    ["true", "false", "null"],
    [r#""a","b""#, r#""c","d""#, r#""e""#],
    ["1,2", "3", "4,5"],
];

/// A schema, with what it refers to.
pub(super) struct Case {
    pub(super) schema: Value,
    pub(super) components: Map<String, Value>,
}

/// The random case of a seed. The names of its components begin with a prefix.
pub(super) fn case(seed: u64, prefix: &str) -> Case {
    let mut source = Source {
        rng: rng(seed),
        prefix,
        components: Map::new(),
    };
    let schema = source.root();
    Case {
        schema,
        components: source.components,
    }
}

/// The random numbers of a seed.
pub(super) fn rng(seed: u64) -> TestRng {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    TestRng::from_seed(RngAlgorithm::ChaCha, &bytes)
}

pub(super) fn reference_to(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

struct Source<'a> {
    rng: TestRng,
    prefix: &'a str,
    components: Map<String, Value>,
}

impl Source<'_> {
    fn below(&mut self, end: usize) -> usize {
        self.rng.random_range(0..end)
    }

    fn percent(&mut self, share: u32) -> bool {
        self.rng.random_ratio(share, 100)
    }

    fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }

    /// A reference to a new component, if a name is left for it.
    fn component(&mut self, schema: Value) -> Value {
        let free = NAMES.map(|name| format!("{}{name}", self.prefix));
        let free = free
            .into_iter()
            .find(|name| !self.components.contains_key(name));
        let Some(name) = free else {
            return schema;
        };
        self.components.insert(name.clone(), schema);
        reference_to(&name)
    }

    /// What an operation sends and answers.
    fn root(&mut self) -> Value {
        match self.below(10) {
            0..5 => self.union(1),
            5..7 => self.object(2),
            7 => self.composed(1),
            _ => self.schema(2),
        }
    }

    fn schema(&mut self, depth: usize) -> Value {
        if depth == 0 {
            return self.scalar();
        }
        let schema = match self.below(12) {
            0..4 => self.scalar(),
            4..6 => self.object(depth - 1),
            6 => self.list(depth - 1),
            7 => self.map(depth - 1),
            8 => self.composed(depth - 1),
            9 | 10 => self.union(depth - 1),
            _ => {
                let schema = self.object(depth - 1);
                self.component(schema)
            }
        };
        if self.percent(15) {
            return self.nullable(schema);
        }
        schema
    }

    fn scalar(&mut self) -> Value {
        self.pick(&[
            json!({ "type": "string" }),
            json!({ "type": "string", "enum": ["x", "X", "y z"] }),
            json!({ "enum": ["only"] }),
            json!({ "const": "always" }),
            json!({ "type": "string", "format": "date-time" }),
            json!({ "type": "string", "format": "date" }),
            json!({ "type": "string", "format": "uuid" }),
            json!({ "type": "integer" }),
            json!({ "type": "integer", "format": "int32" }),
            json!({ "type": "integer", "maximum": u64::MAX }),
            json!({ "type": "integer", "enum": [1, 2] }),
            json!({ "type": "number" }),
            json!({ "type": "boolean" }),
            json!({ "type": "boolean", "const": true }),
            json!({ "type": ["string", "null"] }),
            json!({ "type": ["integer", "string"] }),
            json!({ "type": ["integer", "number", "null"] }),
            json!({}),
        ])
    }

    fn nullable(&mut self, schema: Value) -> Value {
        let none = json!({ "type": "null" });
        match self.below(4) {
            0 => json!({ "anyOf": [schema, none] }),
            1 => json!({ "oneOf": [none, schema] }),
            2 if schema.get("$ref").is_some() => {
                json!({ "type": "object", "nullable": true, "allOf": [schema] })
            }
            _ if schema.get("$ref").is_some() => json!({ "nullable": true, "allOf": [schema] }),
            _ => json!({ "anyOf": [schema], "nullable": true }),
        }
    }

    fn keys(&mut self, most: usize) -> Vec<&'static str> {
        let start = self.below(KEYS.len());
        let count = 1 + self.below(most);
        (0..count)
            .map(|step| KEYS[(start + 5 * step) % KEYS.len()])
            .collect()
    }

    fn object(&mut self, depth: usize) -> Value {
        let keys = self.keys(4);
        let mut object = self.object_of(&keys, depth);
        match self.below(8) {
            0 => object["additionalProperties"] = json!(false),
            1 => object["additionalProperties"] = json!(true),
            2 => object["additionalProperties"] = self.scalar(),
            _ => {}
        }
        object
    }

    fn object_of(&mut self, keys: &[&str], depth: usize) -> Value {
        let mut object = json!({ "properties": {} });
        let mut required = Vec::new();
        for key in keys {
            object["properties"][key] = self.schema(depth);
            if self.percent(50) {
                required.push(*key);
            }
        }
        if !required.is_empty() {
            object["required"] = json!(required);
        }
        if self.percent(75) {
            object["type"] = json!("object");
        }
        object
    }

    fn list(&mut self, depth: usize) -> Value {
        let mut list = json!({ "items": self.schema(depth) });
        match self.below(6) {
            0 => list = json!({ "type": "array", "prefixItems": [self.scalar(), self.scalar()] }),
            1 => {}
            _ => list["type"] = json!("array"),
        }
        list
    }

    fn map(&mut self, depth: usize) -> Value {
        let values = self.schema(depth);
        let mut map = match self.below(3) {
            0 => json!({ "patternProperties": { "^p": values }, "additionalProperties": false }),
            1 => json!({ "patternProperties": { "^p": values } }),
            _ => json!({ "additionalProperties": values }),
        };
        if self.percent(75) {
            map["type"] = json!("object");
        }
        map
    }

    /// `allOf` of a component and more.
    fn composed(&mut self, depth: usize) -> Value {
        let base = self.object_of(&["base", "id"], depth);
        let base = self.component(base);
        let keys = self.keys(3);
        let keys: Vec<&str> = keys.into_iter().filter(|key| *key != "id").collect();
        let own = self.object_of(&keys, depth);
        match self.below(3) {
            0 => json!({ "allOf": [base, own] }),
            1 => json!({ "allOf": [base, own], "required": ["base"], "description": "Both." }),
            _ => {
                let mut whole = own;
                whole["allOf"] = json!([base]);
                whole
            }
        }
    }

    fn union(&mut self, depth: usize) -> Value {
        let key = self.pick(&["oneOf", "anyOf"]);
        let union = match self.below(7) {
            0 => return self.scalars(key, depth),
            1 => return self.parent(depth),
            2 => {
                let keys = ["id", "n", "x-y"];
                let mut object = self.object_of(&keys, depth);
                object.as_object_mut().unwrap().remove("required");
                object[key] = json!([{ "required": ["id"] }, { "required": ["n"] }]);
                return object;
            }
            3 => self.untagged(key, depth),
            4 => self.discriminated(key, depth),
            _ => self.tagged(key, depth),
        };
        self.with_what_stands_beside(union, depth)
    }

    fn with_what_stands_beside(&mut self, mut union: Value, depth: usize) -> Value {
        match self.below(5) {
            0 => {
                let beside = self.object_of(&["label", "note"], depth.min(1));
                for (key, value) in beside.as_object().unwrap().clone() {
                    union[key] = value;
                }
                union
            }
            1 => {
                let base = self.object_of(&["label"], depth.min(1));
                let base = self.component(base);
                json!({ "allOf": [base, union] })
            }
            2 => {
                let base = self.object_of(&["label"], depth.min(1));
                union["allOf"] = json!([self.component(base)]);
                union
            }
            _ => union,
        }
    }

    fn scalars(&mut self, key: &str, depth: usize) -> Value {
        let mut members = vec![
            json!({ "type": "number" }),
            json!({ "type": "string" }),
            json!({ "type": "integer" }),
            json!({ "type": "boolean" }),
            json!({ "type": "string", "enum": ["x", "y"] }),
            self.list(depth),
            self.object(depth),
        ];
        for _ in 0..4 {
            let index = self.below(members.len());
            members.swap_remove(index);
        }
        // An integer is a number too, and a text of a list a text.
        let key = if members.len() > 1 { "anyOf" } else { key };
        json!({ key: members })
    }

    /// A member, now and then as a component.
    fn member(&mut self, schema: Value) -> Value {
        if self.percent(50) {
            self.component(schema)
        } else {
            schema
        }
    }

    fn untagged(&mut self, key: &str, depth: usize) -> Value {
        let first = self.object_of(&["a", "b"], depth);
        let second = self.object_of(&["b", "c"], depth);
        let third = self.object_of(&["d"], depth);
        let members: Vec<Value> = [first, second, third]
            .map(|member| self.member(member))
            .into();
        json!({ key: members })
    }

    fn tagged(&mut self, key: &str, depth: usize) -> Value {
        let tags = self.pick(&TAGS);
        let tag = self.pick(&["kind", "type", "version"]);
        let mut members = Vec::new();
        for (index, values) in tags.into_iter().enumerate() {
            let values: Vec<Value> = serde_json::from_str(&format!("[{values}]")).unwrap();
            if values == [Value::Null] {
                continue;
            }
            let keys = [["a"], ["b"], ["a"]][index];
            let mut member = self.object_of(&keys, depth);
            member["properties"][tag] = match &values[..] {
                [only] if self.percent(50) => json!({ "const": only }),
                values => json!({ "enum": values }),
            };
            let required = member
                .as_object_mut()
                .unwrap()
                .entry("required")
                .or_insert(json!([]));
            required.as_array_mut().unwrap().push(json!(tag));
            members.push(self.member(member));
        }
        json!({ key: members })
    }

    /// A discriminator over components, whose tags are in a mapping, in the components, or are their
    /// names.
    fn discriminated(&mut self, key: &str, depth: usize) -> Value {
        let mut members = Vec::new();
        let mut mapping = Map::new();
        for (index, keys) in [["a"], ["b"]].iter().enumerate() {
            let mut member = self.object_of(keys, depth);
            member["properties"]["kind"] = json!({ "type": "string" });
            member["required"] = json!(["kind"]);
            let member = self.component(member);
            let Some(target) = member.get("$ref").and_then(Value::as_str) else {
                return self.tagged(key, depth);
            };
            mapping.insert(format!("tag{index}"), json!(target));
            if index == 0 {
                let name = target.rsplit('/').next().unwrap_or_default();
                mapping.insert("more".to_owned(), json!(name));
            }
            members.push(member);
        }
        let mut union = json!({ key: members, "discriminator": { "propertyName": "kind" } });
        if self.percent(60) {
            union["discriminator"]["mapping"] = mapping.into();
        }
        union
    }

    /// A parent with a discriminator, and children by `allOf`.
    fn parent(&mut self, depth: usize) -> Value {
        let mut parent = self.object_of(&["label"], depth.min(1));
        parent["type"] = json!("object");
        parent["properties"]["kind"] = json!({ "type": "string" });
        parent["required"] = json!(["kind"]);
        parent["discriminator"] = json!({ "propertyName": "kind" });
        let parent = self.component(parent);
        let Some(name) = parent.get("$ref").and_then(Value::as_str) else {
            return self.scalar();
        };
        let name = name.rsplit('/').next().unwrap_or_default().to_owned();
        let mapped = self.percent(50);
        for (index, keys) in [["a"], ["b"]].iter().enumerate() {
            let own = self.object_of(keys, depth);
            let mut child = json!({ "allOf": [parent] });
            if self.percent(50) {
                child["allOf"].as_array_mut().unwrap().push(own);
            } else {
                child
                    .as_object_mut()
                    .unwrap()
                    .extend(own.as_object().unwrap().clone());
            }
            let child = self.component(child);
            if let Some(target) = child.get("$ref").filter(|_| mapped) {
                self.components[&name]["discriminator"]["mapping"][format!("tag{index}")] =
                    target.clone();
            }
        }
        parent
    }
}
