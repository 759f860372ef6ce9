//! JSON Schemas for generated code. Requires the feature `schemars`.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value};

use crate::constraint::ConstraintKind;

/// Builds the schema of a request body, in the way [`BodyWriter`](crate::BodyWriter) serializes it.
///
/// The schema describes what is sent: it contains the constraints that are checked before sending,
/// and allows null only where null can be sent. Deserialization is more lenient and accepts null for
/// every optional key.
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
    /// Starts an object.
    pub fn new(generator: &'g mut SchemaGenerator, description: &'static str) -> Self {
        Self {
            generator,
            description,
            properties: Map::new(),
            required: Vec::new(),
        }
    }

    /// Adds a required key.
    #[must_use]
    pub fn always<T: JsonSchema>(mut self, key: &'static str) -> Self {
        self.required.push(key);
        self.optional::<T>(key)
    }

    /// Adds an optional key.
    #[must_use]
    pub fn optional<T: JsonSchema>(mut self, key: &'static str) -> Self {
        let schema = self.generator.subschema_for::<T>();
        self.properties.insert(key.to_owned(), schema.to_value());
        self
    }

    /// Adds an optional, nullable key.
    #[must_use]
    pub fn patch<T: JsonSchema>(self, key: &'static str) -> Self {
        self.optional::<Option<T>>(key)
    }

    /// Sets the description of a key that was added before.
    #[must_use]
    pub fn describe(mut self, key: &str, description: &str) -> Self {
        if let Some(schema) = self.place(&[key]) {
            describe(schema, description);
        }
        self
    }

    /// Sets a constraint on a key that was added before or, with `*` after the key, on its items.
    #[must_use]
    pub fn limit(mut self, place: &[&str], rule: ConstraintKind) -> Self {
        if let Some(schema) = self.place(place) {
            let (keyword, value) = rule.keyword();
            schema.insert(keyword.to_owned(), value);
        }
        self
    }

    /// Sets the format of a string. The place is that of [`limit`](Self::limit).
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
        // Programs may send extra keys.
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

/// The schema of a union that keeps unknown members and therefore accepts every value.
pub fn union(description: &str, members: impl IntoIterator<Item = Schema>) -> Schema {
    let unknown =
        json_schema!({ "description": "A value of a form that this version does not know." });
    let members: Vec<Schema> = members.into_iter().chain([unknown]).collect();
    described(json_schema!({ "anyOf": members }), description)
}

/// The schema of an open enum: any string, with the known values as examples.
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

/// Doc comments contain the space that follows the slashes.
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
