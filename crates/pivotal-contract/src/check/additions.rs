//! Keys and enum values that the contract does not have.

use serde_json::Value;

use crate::contract::{Document, child};
use crate::finding::AdditionKind;
use crate::shown;

/// How many are looked for in one body.
const MOST: usize = 50;

/// Something new.
pub(crate) struct Found {
    pub(crate) kind: AdditionKind,
    pub(crate) name: String,
    /// Where in the value, `*` for any item of a list.
    pub(crate) place: String,
    /// The schema that does not have it.
    pub(crate) schema: String,
}

/// What a value has that the schema at a pointer does not.
pub(crate) fn find(document: &Document, schema: &str, value: &Value) -> Vec<Found> {
    let mut search = Search {
        document,
        found: Vec::new(),
    };
    search.look(schema, value, &Place::default());
    search.found
}

/// Where the search is; written out only when something is found.
#[derive(Default)]
struct Place<'p> {
    within: Option<(&'p Place<'p>, &'p str)>,
}

impl Place<'_> {
    fn pointer(&self) -> String {
        match self.within {
            Some((outer, name)) => child(&outer.pointer(), name),
            None => String::new(),
        }
    }
}

struct Search<'d> {
    document: &'d Document,
    found: Vec<Found>,
}

impl Search<'_> {
    fn look(&mut self, schema: &str, value: &Value, place: &Place<'_>) {
        if self.found.len() >= MOST {
            return;
        }
        let shape = self.document.shape(schema);
        match value {
            // An enum of a single value is a marker, which the schema judges.
            Value::String(text) if shape.texts.len() > 1 && !shape.texts.contains(text) => {
                self.add(AdditionKind::EnumValue, text, &shape.pointer, place);
            }
            Value::Object(members) if !shape.properties.is_empty() => {
                let unknown = members
                    .keys()
                    .filter(|name| !shape.properties.contains_key(*name));
                for name in unknown {
                    self.add(AdditionKind::Key, name, &shape.pointer, place);
                }
            }
            _ => {}
        }
        for (name, schema, value) in shape.parts(value) {
            let place = Place {
                within: Some((place, name.unwrap_or("*"))),
            };
            self.look(schema, value, &place);
        }
    }

    fn add(&mut self, kind: AdditionKind, name: &str, schema: &str, place: &Place<'_>) {
        let found = Found {
            kind,
            name: shown::name(name),
            place: place.pointer(),
            schema: schema.to_owned(),
        };
        let same = |other: &Found| other.name == found.name && other.place == found.place;
        if self.found.len() < MOST && !self.found.iter().any(same) {
            self.found.push(found);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn schemas_beside_one_another_declare_together_and_lists_are_looked_into() {
        let document = Document::new(json!({
            "row": { "type": "object", "properties": { "state": { "enum": ["on", "off"] }, "kind": { "enum": ["row"] } } },
            "page": {
                "allOf": [
                    { "properties": { "rows": { "items": { "$ref": "#/row" } } } },
                    { "oneOf": [{ "properties": { "size": {} } }, { "properties": { "next": { "x-extensible-enum": ["a", "b"] } } }] },
                ],
            },
            "map": { "type": "object" },
        }));
        let value = json!({
            "rows": [{ "state": "on", "kind": "column" }, { "state": "half on" }, { "state": "half", "new": 1 }, { "new": 2 }],
            "size": 1,
            "next": "c",
            "more": {},
        });
        let mut found: Vec<_> = find(&document, "/page", &value)
            .into_iter()
            .map(|found| (found.kind.as_str(), found.name, found.place, found.schema))
            .collect();
        found.sort();
        let row = |kind, name: &str, place: &str, schema: &str| {
            (kind, name.to_owned(), place.to_owned(), schema.to_owned())
        };
        assert_eq!(
            found,
            [
                row(
                    "enum value",
                    "[7 bytes]",
                    "/rows/*/state",
                    "/row/properties/state"
                ),
                row(
                    "enum value",
                    "c",
                    "/next",
                    "/page/allOf/1/oneOf/1/properties/next"
                ),
                row(
                    "enum value",
                    "half",
                    "/rows/*/state",
                    "/row/properties/state"
                ),
                row("key", "more", "", "/page"),
                row("key", "new", "/rows/*", "/row"),
            ],
            "a single value is a marker, which the schema itself judges"
        );
        assert!(find(&document, "/map", &value).is_empty());
    }

    #[test]
    fn a_schema_that_holds_itself_ends() {
        let document = Document::new(json!({ "tree": {
            "allOf": [{ "$ref": "#/tree" }],
            "properties": { "child": { "$ref": "#/tree" } },
        } }));
        let value = json!({ "child": { "child": { "leaf": 1 } } });
        let found = find(&document, "/tree", &value);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].place, "/child/child");
    }
}
