//! Fingerprints of schemas. Equal schemas have the same, whatever their names and compositions.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use serde_json::Value;

use super::Side;
use super::resolved::{Bound, Parts, RESTRICTIONS, ResolvedSchema};
use crate::document::Place;

/// The depth of a fingerprint. Schemas that differ only further inside have the same.
pub(super) const DEPTH: u8 = 4;

impl<'a> Side<'a> {
    /// The fingerprint of schemas that all apply to one value.
    pub(super) fn fingerprint(&mut self, parts: &Parts<'a>) -> u64 {
        self.parts(parts, DEPTH)
    }

    fn parts(&mut self, parts: &Parts<'a>, depth: u8) -> u64 {
        if parts.is_empty() || depth == 0 {
            return u64::from(depth);
        }
        let (parts, address) = self.followed(parts);
        let key = (address, depth);
        if let Some(known) = self.fingerprints.get(&key) {
            return *known;
        }
        let view = self.view(&parts);
        let members = view.members.iter();
        let mut members: Vec<u64> = members.map(|member| self.resolved(member, depth)).collect();
        members.sort_unstable();
        let fingerprint = if view.is_any() {
            // As without a schema.
            u64::from(depth)
        } else {
            hash(&(view.nullable(), members))
        };
        self.fingerprints.insert(key, fingerprint);
        fingerprint
    }

    /// The fingerprint of one alternative.
    pub(super) fn resolved(&mut self, schema: &ResolvedSchema<'a>, depth: u8) -> u64 {
        let mut hasher = DefaultHasher::new();
        let texts = |values: &[&Value]| -> Vec<String> {
            values.iter().map(|value| value.to_string()).collect()
        };
        let mut values = schema.values.as_deref().map(texts);
        if let Some(values) = &mut values {
            values.sort_unstable();
        }
        let bits = |bound: Bound<'_>| (bound.number.to_bits(), bound.exclusive);
        (
            schema.types,
            values,
            (
                &schema.formats,
                schema.encoding,
                schema.media_type,
                &schema.patterns,
            ),
            (
                schema.maximum.map(bits),
                schema.minimum.map(bits),
                schema.counts,
            ),
            (
                schema.unique,
                schema.closed,
                schema.read_only,
                schema.write_only,
            ),
            texts(&schema.multiples),
        )
            .hash(&mut hasher);
        for name in schema.names() {
            let none = Vec::new();
            let parts = schema.properties.get(name).unwrap_or(&none);
            let fingerprint = self.parts(parts, depth - 1);
            (name, schema.required.contains(name), fingerprint).hash(&mut hasher);
        }
        for (pattern, parts) in &schema.pattern_properties {
            (pattern, self.parts(parts, depth - 1)).hash(&mut hasher);
        }
        for parts in [&schema.additional, &schema.items]
            .into_iter()
            .chain(&schema.tuple)
        {
            self.parts(parts, depth - 1).hash(&mut hasher);
        }
        for index in 0..RESTRICTIONS.len() {
            self.restriction(schema, index, depth - 1).hash(&mut hasher);
        }
        hasher.finish()
    }

    /// The fingerprint of a restriction, by its index in [`RESTRICTIONS`], with the keywords that
    /// belong to it, in whatever order of schemas.
    pub(super) fn restriction(
        &mut self,
        schema: &ResolvedSchema<'a>,
        index: usize,
        depth: u8,
    ) -> u64 {
        if schema.restrictions[index].is_empty() {
            return 0;
        }
        let (keyword, ..) = RESTRICTIONS[index];
        let keywords: &[&str] = match keyword {
            "if" => &["if", "then", "else"],
            "contains" => &["contains", "minContains", "maxContains"],
            _ => &[keyword],
        };
        let mut sum: u64 = 0;
        for source in &schema.sources {
            if source.value.get(keyword).is_none() {
                continue;
            }
            let mut fingerprints = Vec::new();
            for keyword in keywords {
                let place = source.get(keyword);
                fingerprints.push(place.map(|place| self.keyword(keyword, &place, depth)));
            }
            sum = sum.wrapping_add(hash(&fingerprints));
        }
        sum
    }

    fn keyword(&mut self, keyword: &str, place: &Place<'a>, depth: u8) -> u64 {
        match keyword {
            "dependentRequired" => {
                let lists = place.members().map(|(name, list)| {
                    let names = list.entries().map(|entry| entry.value.to_string());
                    let mut names: Vec<String> = names.collect();
                    names.sort_unstable();
                    (name, names)
                });
                let mut lists: Vec<_> = lists.collect();
                lists.sort_unstable();
                hash(&lists)
            }
            "dependentSchemas" => {
                let mut fingerprints = Vec::new();
                for (name, schema) in place.members() {
                    fingerprints.push((name, self.parts(&vec![schema], depth)));
                }
                fingerprints.sort_unstable();
                hash(&fingerprints)
            }
            _ => match place.value {
                Value::Object(_) | Value::Bool(_) => self.parts(&vec![place.clone()], depth),
                other => hash(&other.to_string()),
            },
        }
    }
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
