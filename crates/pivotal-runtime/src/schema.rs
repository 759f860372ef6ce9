//! JSON Schemas of what generated code is made of, for its implementations of `JsonSchema`.
//!
//! Behind the feature `schemars`.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value};

use crate::ConstraintKind;

/// The schema of an object that is sent, written as [`BodyWriter`](crate::BodyWriter) writes the
/// object.
///
/// It says what goes over the wire, whichever way is asked for: the limits that are checked before
/// sending are in it, and null is only where null can be sent. Decoding is more lenient: it takes
/// null for a key that can be left out.
///
/// ```
/// use pivotal_runtime::{ConstraintKind, schema::BodySchema};
///
/// let mut generator = schemars::SchemaGenerator::default();
/// let schema = BodySchema::new(&mut generator, "A thing to create.")
///     .always::<String>("name")
///     .describe("name", "What it is called.")
///     .limit(&["name"], ConstraintKind::MinLength(1))
///     .patch::<i64>("weight")
///     .end();
/// assert_eq!(schema.get("required"), Some(&serde_json::json!(["name"])));
/// assert_eq!(
///     schema.pointer("/properties/weight/type"),
///     Some(&serde_json::json!(["integer", "null"])),
/// );
/// ```
#[derive(Debug)]
pub struct BodySchema<'g> {
    generator: &'g mut SchemaGenerator,
    description: &'static str,
    properties: Map<String, Value>,
    required: Vec<&'static str>,
}

impl<'g> BodySchema<'g> {
    /// Begins an object.
    pub fn new(generator: &'g mut SchemaGenerator, description: &'static str) -> Self {
        Self {
            generator,
            description,
            properties: Map::new(),
            required: Vec::new(),
        }
    }

    /// Adds a key that is always sent.
    #[must_use]
    pub fn always<T: JsonSchema>(mut self, key: &'static str) -> Self {
        self.required.push(key);
        self.optional::<T>(key)
    }

    /// Adds a key that is sent when it is set.
    #[must_use]
    pub fn optional<T: JsonSchema>(mut self, key: &'static str) -> Self {
        let schema = self.generator.subschema_for::<T>();
        self.properties.insert(key.to_owned(), schema.to_value());
        self
    }

    /// Adds a key that is absent, null or a value.
    #[must_use]
    pub fn patch<T: JsonSchema>(self, key: &'static str) -> Self {
        self.optional::<Option<T>>(key)
    }

    /// Says in words what a key that is there already is for.
    #[must_use]
    pub fn describe(mut self, key: &str, description: &str) -> Self {
        if let Some(schema) = self.place(&[key]) {
            describe(schema, description);
        }
        self
    }

    /// Sets a limit on the value of a key that is there already, or with `*` after it on each of
    /// its entries.
    #[must_use]
    pub fn limit(mut self, place: &[&str], rule: ConstraintKind) -> Self {
        if let Some(schema) = self.place(place) {
            let (keyword, value) = rule.keyword();
            schema.insert(keyword.to_owned(), value);
        }
        self
    }

    /// Names the format of the strings at a place, as [`limit`](Self::limit) names it.
    #[must_use]
    pub fn format(mut self, place: &[&str], format: &'static str) -> Self {
        if let Some(schema) = self.place(place) {
            schema.insert("format".to_owned(), format.into());
        }
        self
    }

    /// Ends the object.
    pub fn end(self) -> Schema {
        let schema = json_schema!({ "type": "object", "properties": self.properties });
        let mut schema = described(schema, self.description);
        if !self.required.is_empty() {
            schema.insert("required".to_owned(), self.required.into());
        }
        // Keys that the document does not know are sent beside the others.
        schema.insert("additionalProperties".to_owned(), true.into());
        schema
    }

    fn place(&mut self, place: &[&str]) -> Option<&mut Map<String, Value>> {
        let (key, entries) = place.split_first()?;
        let property = self.properties.get_mut(*key)?;
        entries
            .iter()
            .try_fold(property, |schema, _| schema.get_mut("items"))?
            .as_object_mut()
    }
}

/// The schema of one of several types, which keeps a member that it does not know and so takes
/// every value.
pub fn union(description: &str, members: impl IntoIterator<Item = Schema>) -> Schema {
    let unknown =
        json_schema!({ "description": "A value of a form that this version does not know." });
    let members: Vec<Schema> = members.into_iter().chain([unknown]).collect();
    described(json_schema!({ "anyOf": members }), description)
}

/// The schema of an enum that keeps values it does not know: any string, with the known ones as
/// examples.
pub fn open_enum<'a>(description: &str, known: impl IntoIterator<Item = &'a str>) -> Schema {
    let known: Vec<&str> = known.into_iter().collect();
    described(
        json_schema!({ "type": "string", "examples": known }),
        description,
    )
}

fn described(mut schema: Schema, description: &str) -> Schema {
    describe(schema.ensure_object(), description);
    schema
}

/// Doc comments keep the space that follows their slashes.
fn describe(schema: &mut Map<String, Value>, description: &str) {
    let lines: Vec<&str> = description
        .lines()
        .map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end())
        .collect();
    let text = lines.join("\n");
    if !text.trim().is_empty() {
        schema.insert("description".to_owned(), text.trim().into());
    }
}

#[cfg(test)]
mod tests {
    use schemars::schema_for;
    use serde_json::json;

    use super::*;
    use crate::Patch;

    crate::open_enum! {
        /// Where a thing stands.
        ///
        /// It moves on.
        #[derive(Default)]
        enum Phase {
            /// Not begun.
            #[default]
            Draft = "draft",
            /// In use.
            Launch = "launch",
        }
    }

    #[test]
    fn an_open_enum_is_a_string_with_its_known_values_as_examples() {
        assert_eq!(
            schema_for!(Phase).to_value(),
            json!({
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "title": "Phase",
                "description": "Where a thing stands.\n\nIt moves on.",
                "type": "string",
                "examples": ["draft", "launch"],
            })
        );
    }

    #[test]
    fn the_examples_of_an_open_enum_are_what_it_knows() {
        let schema = schema_for!(Phase);
        for example in schema.get("examples").and_then(Value::as_array).unwrap() {
            assert!(Phase::from(example.as_str().unwrap()).is_known());
        }
    }

    #[test]
    fn a_patch_is_its_value_or_null() {
        assert_eq!(
            schema_for!(Patch<i64>).get("type"),
            Some(&json!(["integer", "null"]))
        );
    }

    #[test]
    fn every_limit_becomes_its_keyword_at_its_place() {
        let mut generator = SchemaGenerator::default();
        let schema = BodySchema::new(&mut generator, "")
            .optional::<Vec<Vec<String>>>("rows")
            .describe("rows", "Rows.")
            .limit(&["rows"], ConstraintKind::MaxItems(3))
            .limit(&["rows", "*"], ConstraintKind::UniqueItems)
            .limit(&["rows", "*", "*"], ConstraintKind::MaxLength(9))
            .format(&["rows", "*", "*"], "email")
            .patch::<Phase>("phase")
            .describe("phase", "Which.")
            .end();
        assert_eq!(
            schema.to_value(),
            json!({
                "type": "object",
                "properties": {
                    "rows": {
                        "description": "Rows.",
                        "type": "array",
                        "maxItems": 3,
                        "items": {
                            "type": "array",
                            "uniqueItems": true,
                            "items": { "type": "string", "maxLength": 9, "format": "email" },
                        },
                    },
                    "phase": {
                        "description": "Which.",
                        "anyOf": [{ "$ref": "#/$defs/Phase" }, { "type": "null" }],
                    },
                },
                "additionalProperties": true,
            })
        );
    }

    #[test]
    fn a_union_shows_its_members_and_takes_what_it_does_not_know() {
        let schema = union("Either.", [json_schema!({ "type": "string" })]);
        assert_eq!(
            schema.to_value(),
            json!({
                "description": "Either.",
                "anyOf": [
                    { "type": "string" },
                    { "description": "A value of a form that this version does not know." },
                ],
            })
        );
    }
}
