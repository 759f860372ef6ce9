//! Fingerprints: schemas that say the same have the same, whatever they are called and however they
//! are put together.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use serde_json::Value;

use super::super::place::Place;
use super::bound::Bound;
use super::flat::{Flat, Parts, RESTRICTIONS};
use super::view::View;
use super::{Comparer, Side};

/// So deep is looked. Schemas that differ only further inside are taken for the same, and then
/// compared.
pub(super) const DEPTH: u8 = 4;

impl<'a> Comparer<'a> {
    /// Whether schemas of both sides say the same, as far as fingerprints tell.
    pub(super) fn alike(&mut self, base: &Parts<'a>, revision: &Parts<'a>) -> bool {
        self.base.print(base, DEPTH) == self.revision.print(revision, DEPTH)
    }

    /// Whether a restriction, one of [`RESTRICTIONS`], says the same on both sides.
    pub(super) fn restrict_alike(
        &mut self,
        base: &Flat<'a>,
        revision: &Flat<'a>,
        index: usize,
    ) -> bool {
        self.base.restriction(base, index, DEPTH)
            == self.revision.restriction(revision, index, DEPTH)
    }
}

impl<'a> Side<'a> {
    /// The fingerprint of schemas that hold at once.
    pub(super) fn print(&mut self, parts: &Parts<'a>, depth: u8) -> u64 {
        if parts.is_empty() || depth == 0 {
            return u64::from(depth);
        }
        let (settled, address) = self.settled(parts);
        let key = (address, depth);
        if let Some(known) = self.prints.get(&key) {
            return *known;
        }
        let view = self.view(&settled);
        let print = self.print_of(&view, depth);
        self.prints.insert(key, print);
        print
    }

    fn print_of(&mut self, view: &View<'a>, depth: u8) -> u64 {
        let any = view.is_any();
        let mut members: Vec<u64> = view
            .members
            .iter()
            .map(|member| self.print_flat(member, depth))
            .collect();
        members.sort_unstable();
        if any {
            // As without a schema.
            return u64::from(depth);
        }
        hash(&(view.nullable, members))
    }

    /// The fingerprint of one alternative.
    pub(super) fn print_flat(&mut self, flat: &Flat<'a>, depth: u8) -> u64 {
        let mut hasher = DefaultHasher::new();
        flat.types.hash(&mut hasher);
        let mut values: Option<Vec<String>> = flat
            .values
            .as_ref()
            .map(|values| values.iter().map(|value| value.to_string()).collect());
        if let Some(values) = &mut values {
            values.sort_unstable();
        }
        values.hash(&mut hasher);
        (
            &flat.formats,
            flat.encoding,
            flat.media_type,
            &flat.patterns,
        )
            .hash(&mut hasher);
        let bits = |bound: &Bound<'_>| (bound.number.to_bits(), bound.exclusive);
        (
            flat.maximum.as_ref().map(bits),
            flat.minimum.as_ref().map(bits),
        )
            .hash(&mut hasher);
        (
            flat.counts,
            flat.unique,
            flat.closed,
            flat.read_only,
            flat.write_only,
        )
            .hash(&mut hasher);
        let multiples: Vec<String> = flat
            .multiples
            .iter()
            .map(|value| value.to_string())
            .collect();
        multiples.hash(&mut hasher);
        for name in flat.names() {
            let none = Vec::new();
            let print = self.print(flat.properties.get(name).unwrap_or(&none), depth - 1);
            (name, flat.required.contains(name), print).hash(&mut hasher);
        }
        for (pattern, parts) in &flat.pattern_properties {
            (pattern, self.print(parts, depth - 1)).hash(&mut hasher);
        }
        self.print(&flat.additional, depth - 1).hash(&mut hasher);
        self.print(&flat.items, depth - 1).hash(&mut hasher);
        for parts in &flat.tuple {
            self.print(parts, depth - 1).hash(&mut hasher);
        }
        for index in 0..RESTRICTIONS.len() {
            self.restriction(flat, index, depth - 1).hash(&mut hasher);
        }
        hasher.finish()
    }

    /// The fingerprint of a restriction with the keywords that belong to it; the order of schemas
    /// that hold at once is no part.
    fn restriction(&mut self, flat: &Flat<'a>, index: usize, depth: u8) -> u64 {
        if flat.restrictions[index].is_empty() {
            return 0;
        }
        let keyword = RESTRICTIONS[index];
        let keywords: &[&str] = match keyword {
            "if" => &["if", "then", "else"],
            "contains" => &["contains", "minContains", "maxContains"],
            _ => &[keyword],
        };
        let mut sum: u64 = 0;
        for source in flat
            .sources
            .iter()
            .filter(|source| source.value.get(keyword).is_some())
        {
            let mut prints = Vec::new();
            for keyword in keywords {
                let place = source.get(keyword);
                prints.push(place.map(|place| self.keyword(keyword, &place, depth)));
            }
            sum = sum.wrapping_add(hash(&prints));
        }
        sum
    }

    fn keyword(&mut self, keyword: &str, place: &Place<'a>, depth: u8) -> u64 {
        match keyword {
            "dependentRequired" => {
                let lists = place.members().map(|(name, list)| {
                    let mut names: Vec<String> = list
                        .entries()
                        .map(|entry| entry.value.to_string())
                        .collect();
                    names.sort_unstable();
                    (name, names)
                });
                let mut lists: Vec<_> = lists.collect();
                lists.sort_unstable();
                hash(&lists)
            }
            "dependentSchemas" => {
                let mut prints = Vec::new();
                for (name, schema) in place.members() {
                    prints.push((name, self.print(&vec![schema], depth)));
                }
                prints.sort_unstable();
                hash(&prints)
            }
            _ => match place.value {
                Value::Object(_) | Value::Bool(_) => self.print(&vec![place.clone()], depth),
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
