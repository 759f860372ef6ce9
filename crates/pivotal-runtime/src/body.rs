//! Writing of request bodies, for generated code.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};

use crate::patch::Patch;

/// Serializes a request body: its fields, then the extra keys that the contract does not define.
///
/// An extra key with the name of a field replaces the field, so that a program can send a value
/// that the contract does not define.
#[derive(Debug)]
pub struct BodyWriter<'a, S: Serializer> {
    map: S::SerializeMap,
    extra: &'a Map<String, Value>,
}

impl<'a, S: Serializer> BodyWriter<'a, S> {
    /// Starts the object.
    ///
    /// # Errors
    /// The error of the serializer.
    pub fn new(serializer: S, extra: &'a Map<String, Value>) -> Result<Self, S::Error> {
        let map = serializer.serialize_map(None)?;
        Ok(Self { map, extra })
    }

    /// Writes a required field.
    ///
    /// # Errors
    /// The error of the serializer.
    pub fn always<T: Serialize>(&mut self, key: &'static str, value: &T) -> Result<(), S::Error> {
        if self.extra.contains_key(key) {
            return Ok(());
        }
        self.map.serialize_entry(key, value)
    }

    /// Writes an optional field.
    ///
    /// # Errors
    /// The error of the serializer.
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

    /// Writes a field that may be absent or null.
    ///
    /// # Errors
    /// The error of the serializer.
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
    /// The error of the serializer.
    pub fn end(mut self) -> Result<S::Ok, S::Error> {
        for (key, value) in self.extra {
            self.map.serialize_entry(key, value)?;
        }
        self.map.end()
    }
}
