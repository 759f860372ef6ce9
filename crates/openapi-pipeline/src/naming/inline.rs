//! Parameters, bodies and answers stand where they are used, whether a document writes them there
//! or refers to them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::references::{every_reference, reference};
use super::{Stage, pointer_to};
use crate::{Pointer, resolve};

impl Stage {
    /// Puts parameters, bodies and answers in the place of references to them, so that all of them
    /// can be changed where they are used alone.
    pub(super) fn inline_references(&mut self) {
        for endpoint in self.endpoints.clone() {
            let operation = pointer_to(&endpoint);
            let mut slots = vec![operation.child("requestBody")];
            for list in ["parameters", "responses"] {
                let list = operation.child(list);
                slots.extend(match self.at(&list) {
                    Some(Value::Array(entries)) => (0..entries.len())
                        .map(|index| list.child(&index.to_string()))
                        .collect(),
                    Some(Value::Object(entries)) => {
                        entries.keys().map(|key| list.child(key)).collect()
                    }
                    _ => Vec::new(),
                });
            }
            for slot in slots {
                self.inline_reference(&slot);
            }
        }
    }

    fn inline_reference(&mut self, slot: &Pointer) {
        let found = self
            .at(slot)
            .filter(|value| reference(value).is_some())
            .and_then(|value| resolve::follow(&self.document, value).cloned());
        if let (Some(found), Some(place)) = (found, self.at_mut(slot)) {
            *place = found;
        }
    }

    /// Components of a section that nothing refers to any more are gone.
    pub(super) fn drop_unreferenced(&mut self, section: &str) {
        let mut targets = BTreeSet::new();
        every_reference(&self.document, &mut targets);
        let Some(Value::Object(components)) = self.document.get_mut("components") else {
            return;
        };
        if let Some(Value::Object(entries)) = components.get_mut(section) {
            entries
                .retain(|name, _| targets.contains(&resolve::component_reference(section, name)));
            if entries.is_empty() {
                components.remove(section);
            }
        }
    }
}
