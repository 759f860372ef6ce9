//! What a response type knows of itself.

use serde_json::{Map, Value};

/// A type that the API answers with. Implemented by the generated code.
pub trait ResponseObject {
    /// The keys of the JSON object that this version of the SDK knows.
    const PROPERTIES: &'static [&'static str];
}

/// The keys of a kept body that `A` does not know, with their values.
///
/// A body that is not a JSON object has none. Only the outermost object is looked at.
///
/// ```
/// use pivotal_runtime::{ResponseObject, unknown_keys};
///
/// struct Customer;
/// impl ResponseObject for Customer {
///     const PROPERTIES: &'static [&'static str] = &["id", "name"];
/// }
///
/// let extra = unknown_keys::<Customer>(br#"{"id":"c1","name":"Aurora","tier":"gold"}"#);
/// assert_eq!(extra["tier"], "gold");
/// assert_eq!(extra.len(), 1);
/// ```
pub fn unknown_keys<A: ResponseObject>(body: &[u8]) -> Map<String, Value> {
    let Ok(Value::Object(mut keys)) = serde_json::from_slice(body) else {
        return Map::new();
    };
    keys.retain(|key, _| !A::PROPERTIES.contains(&key.as_str()));
    keys
}
