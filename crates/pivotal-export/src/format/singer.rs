//! Messages of the Singer specification, <https://github.com/singer-io/getting-started>.

use std::io::Write;

use pivotal_sdk::Value;
use serde_json::{Map, json};

use super::{Out, RowWriter};
use crate::error::Result;
use crate::export::Table;
use crate::fields::{Field, Fields, are_exported};
use crate::text::escaped;

pub(super) struct Singer {
    out: Out,
    /// The streams that were started, with their number of rows.
    streams: Vec<(Table, u64)>,
}

impl Singer {
    pub(super) fn new(out: Out) -> Self {
        Self {
            out,
            streams: Vec::new(),
        }
    }

    fn message(&mut self, message: &Value) -> Result<()> {
        Ok(writeln!(self.out, "{}", escaped(&message.to_string()))?)
    }
}

/// Whether the first message is the schema of exported rows. The file of a tap is none.
pub(super) fn is_export(start: &[u8]) -> bool {
    let first = start.split(|byte| *byte == b'\n').next();
    let message: Value = serde_json::from_slice(first.unwrap_or_default()).unwrap_or_default();
    let properties = message["schema"]["properties"].as_object();
    properties.is_some_and(|properties| {
        let names: Vec<_> = properties.keys().map(String::as_str).collect();
        message["type"] == "SCHEMA" && are_exported(&names)
    })
}

impl RowWriter for Singer {
    fn begin(&mut self, table: Table, fields: &Fields) -> Result<()> {
        self.streams.push((table, 0));
        let properties: Map<_, _> = fields.iter().map(property).collect();
        self.message(&json!({
            "type": "SCHEMA",
            "stream": table.name(),
            "schema": { "type": "object", "properties": properties, "additionalProperties": true },
            "key_properties": ["id"],
        }))
    }

    fn row(&mut self, _: &Fields, row: &Value) -> Result<()> {
        let stream = self.streams.last_mut();
        let (table, rows) = stream.expect("the rows of a kind follow its start");
        *rows += 1;
        let message = json!({ "type": "RECORD", "stream": table.name(), "record": row });
        self.message(&message)
    }

    /// The state is written only here, so that a target that stores it knows that the export is
    /// complete. Nothing is resumed from it: each export has all rows.
    fn end(mut self: Box<Self>) -> Result<()> {
        let bookmark =
            |(table, rows): &(Table, u64)| (table.name().to_owned(), json!({ "rows": rows }));
        let bookmarks: Map<_, _> = self.streams.iter().map(bookmark).collect();
        self.message(&json!({ "type": "STATE", "value": { "bookmarks": bookmarks } }))?;
        Ok(self.out.flush()?)
    }
}

/// A field as a property of JSON Schema. Enums are open, so their values are left out.
fn property(field: &Field) -> (String, Value) {
    let mut types = field.schema["type"].clone();
    if let Value::String(name) = types {
        types = json!([name]);
    }
    if let Value::Array(types) = &mut types
        && field.optional
        && !field.nullable
    {
        types.push("null".into());
    }
    let mut property = json!({ "type": types });
    for keyword in ["description", "format", "items"] {
        // Targets that check formats reject what they do not know.
        let is_known = keyword != "format" || field.schema[keyword] == "date-time";
        if let Some(value) = field.schema.get(keyword).filter(|_| is_known) {
            property[keyword] = value.clone();
        }
    }
    (field.name.to_owned(), property)
}
