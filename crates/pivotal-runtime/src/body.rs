//! Writing an object that is sent.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};

use crate::Patch;

/// Writes the body of a request: its fields, then the keys that the document does not know.
///
/// An extra key that a field has too is sent instead of the field, so that a program can send a
/// form of it which the document does not know.
#[derive(Debug)]
pub struct BodyWriter<'a, S: Serializer> {
    map: S::SerializeMap,
    extra: &'a Map<String, Value>,
}

impl<'a, S: Serializer> BodyWriter<'a, S> {
    /// Begins an object.
    ///
    /// # Errors
    ///
    /// Those of the serializer.
    pub fn new(serializer: S, extra: &'a Map<String, Value>) -> Result<Self, S::Error> {
        let map = serializer.serialize_map(None)?;
        Ok(Self { map, extra })
    }

    /// Writes a field that is always sent.
    ///
    /// # Errors
    ///
    /// Those of the serializer.
    pub fn always<T: Serialize>(&mut self, key: &'static str, value: &T) -> Result<(), S::Error> {
        if self.extra.contains_key(key) {
            return Ok(());
        }
        self.map.serialize_entry(key, value)
    }

    /// Writes a field that is sent when it is set.
    ///
    /// # Errors
    ///
    /// Those of the serializer.
    pub fn optional<T: Serialize>(
        &mut self,
        key: &'static str,
        value: &Option<T>,
    ) -> Result<(), S::Error> {
        match value {
            Some(value) => self.always(key, value),
            None => Ok(()),
        }
    }

    /// Writes a field that is absent, null or a value.
    ///
    /// # Errors
    ///
    /// Those of the serializer.
    pub fn patch<T: Serialize>(
        &mut self,
        key: &'static str,
        value: &Patch<T>,
    ) -> Result<(), S::Error> {
        match value {
            Patch::Absent => Ok(()),
            Patch::Null => self.always(key, &()),
            Patch::Value(value) => self.always(key, value),
        }
    }

    /// Writes the extra keys and ends the object.
    ///
    /// # Errors
    ///
    /// Those of the serializer.
    pub fn end(mut self) -> Result<S::Ok, S::Error> {
        for (key, value) in self.extra {
            self.map.serialize_entry(key, value)?;
        }
        self.map.end()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn written(extra: Value, plan: &Patch<i64>, slug: &Option<&str>) -> String {
        let Value::Object(extra) = extra else {
            panic!("extra keys are an object")
        };
        let mut text = Vec::new();
        let mut serializer = serde_json::Serializer::new(&mut text);
        let mut body = BodyWriter::new(&mut serializer, &extra).unwrap();
        body.always("name", &"Aurora").unwrap();
        body.patch("plan", plan).unwrap();
        body.optional("slug", slug).unwrap();
        body.end().unwrap();
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn only_what_is_set_is_written() {
        let none = json!({});
        assert_eq!(
            written(none.clone(), &Patch::Absent, &None),
            r#"{"name":"Aurora"}"#
        );
        assert_eq!(
            written(none, &Patch::Null, &Some("a")),
            r#"{"name":"Aurora","plan":null,"slug":"a"}"#
        );
    }

    #[test]
    fn an_extra_key_is_written_once_in_place_of_its_field() {
        assert_eq!(
            written(json!({ "name": 5, "new": [] }), &Patch::Value(1), &None),
            r#"{"plan":1,"name":5,"new":[]}"#
        );
    }
}
