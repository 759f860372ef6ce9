//! Open enums: one for each name, with the values of all its sites.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::Value;

use super::schema::{Components, referred, text};
use super::{OpenEnum, Variant};
use crate::naming::Names;
use crate::naming::identifier::{Taken, camel, started};
use crate::resolve::{branches, entries};

/// The longest value whose punctuation is spelt out: a character becomes a word.
const MAX_SPELT: usize = 60;

/// The strings that a schema lists: `enum`, or `x-extensible-enum` where any other string may come
/// too. `None` for anything but an enum of strings.
pub(super) fn values(schema: &Value) -> Option<Vec<String>> {
    if !matches!(text(schema, "type"), Some("string") | None) {
        return None;
    }
    let listed = schema
        .get("enum")
        .or_else(|| schema.get("x-extensible-enum"))?
        .as_array()?;
    let strings: Option<Vec<String>> = listed
        .iter()
        .filter(|value| !value.is_null())
        .map(|value| value.as_str().map(str::to_owned))
        .collect();
    strings.filter(|strings| !strings.is_empty())
}

/// The texts of the strings, integers and booleans that a schema lists; none if it lists others.
pub(super) fn scalars(schema: &Value) -> Vec<String> {
    let listed = entries(schema, "enum").iter();
    let texts = listed
        .filter(|value| !value.is_null())
        .map(|value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Bool(_) => Some(value.to_string()),
            Value::Number(number) if !number.is_f64() => Some(value.to_string()),
            _ => None,
        });
    texts.collect::<Option<_>>().unwrap_or_default()
}

/// The strings that a schema lists, itself or as one of several strings: `anyOf: [{enum}, {type:
/// string}]` is how a document says that an enum is open. `None` for anything but strings.
pub(super) fn known(schema: &Value, components: &Components) -> Option<Vec<String>> {
    if let Some(listed) = values(schema) {
        return Some(listed);
    }
    let (_, members) = branches(schema)?;
    let mut all = Vec::new();
    for member in members {
        let target = referred(member).and_then(|name| components.get(&name));
        let member = target.unwrap_or(member);
        match values(member) {
            Some(listed) => all.extend(listed),
            None if text(member, "type") == Some("string") && member.get("format").is_none() => {}
            None => return None,
        }
    }
    (!all.is_empty()).then_some(all)
}

/// The enums of a document while they are collected.
#[derive(Debug, Default)]
pub(super) struct Enums {
    found: BTreeMap<String, Found>,
    /// The values so far, with the name of their enum.
    values: HashSet<(String, String)>,
    /// Sites that turned out to be enums, as names.toml writes them.
    sites: BTreeSet<String>,
    /// Components that names.toml renamed at some site, and those that are still mentioned
    /// somewhere.
    replaced: BTreeSet<String>,
    kept: BTreeSet<String>,
}

/// An enum while it is collected.
#[derive(Debug, Default)]
struct Found {
    description: Option<String>,
    values: Vec<String>,
    /// The values that a site marks as inferred.
    inferred: BTreeSet<String>,
}

impl Enums {
    /// Adds a site: the values that it lists, and its schema.
    pub(super) fn add(
        &mut self,
        name: &str,
        description: Option<&str>,
        values: Vec<String>,
        schema: Option<&Value>,
    ) {
        let found = self.found.entry(name.to_owned()).or_default();
        if found.description.is_none() {
            found.description = description.map(str::to_owned);
        }
        let more = values.into_iter();
        let more = more.filter(|value| self.values.insert((name.to_owned(), value.clone())));
        found.values.extend(more);
        let inferred = schema.and_then(|schema| schema.get("x-inferred-values"));
        let inferred = inferred.and_then(Value::as_array).into_iter().flatten();
        let inferred = inferred.filter_map(Value::as_str).map(str::to_owned);
        found.inferred.extend(inferred);
    }

    pub(super) fn mark(&mut self, site: &str) {
        self.sites.insert(site.to_owned());
    }

    pub(super) fn replaced(&mut self, name: &str) {
        self.replaced.insert(name.to_owned());
    }

    pub(super) fn keep(&mut self, name: &str) {
        self.kept.insert(name.to_owned());
    }

    /// Forgets the components that names.toml renamed at every site.
    pub(super) fn drop_replaced(&mut self) {
        let (replaced, kept) = (&self.replaced, &self.kept);
        self.found
            .retain(|name, _| !replaced.contains(name) || kept.contains(name));
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        self.found.keys()
    }

    /// The sites in names.toml that are not enums, with the enum that lists each.
    pub(super) fn unused(&self, names: &Names) -> Vec<(String, String)> {
        let claimed = names.enums.iter();
        claimed
            .flat_map(|(name, sites)| sites.iter().map(move |site| (site.clone(), name.clone())))
            .filter(|(site, _)| !self.sites.contains(site))
            .collect()
    }

    pub(super) fn finish(self) -> Vec<OpenEnum> {
        self.found
            .into_iter()
            .map(|(name, found)| OpenEnum {
                description: found.description.unwrap_or_default(),
                variants: variants(found.values, &found.inferred),
                name,
            })
            .collect()
    }
}

/// Names for values; those that differ in punctuation alone have it spelt out.
fn variants(values: Vec<String>, inferred: &BTreeSet<String>) -> Vec<Variant> {
    let mut groups: BTreeMap<String, usize> = BTreeMap::new();
    for value in &values {
        *groups.entry(short(value)).or_default() += 1;
    }
    let mut used = Taken::default();
    values
        .into_iter()
        .map(|value| {
            let plain = short(&value);
            let clash = groups.get(&plain).is_some_and(|count| *count > 1);
            let wanted = if clash && value.len() <= MAX_SPELT {
                spelt(&value)
            } else {
                plain
            };
            let name = used.free(&wanted, "");
            let guess = inferred.contains(&value);
            Variant { name, value, guess }
        })
        .collect()
}

fn short(value: &str) -> String {
    identifier(camel(value))
}

fn spelt(value: &str) -> String {
    let mut words = String::new();
    for character in value.chars() {
        let word = match character {
            '-' => " hyphen ",
            '_' => " underscore ",
            '.' => " dot ",
            '/' => " slash ",
            ':' => " colon ",
            ' ' => " space ",
            '+' => " plus ",
            '*' => " star ",
            '@' => " at ",
            '#' => " hash ",
            '<' => " less ",
            '>' => " greater ",
            '=' => " equal ",
            '!' => " not ",
            upper if upper.is_uppercase() => {
                words.push_str(" upper ");
                words.push(upper);
                continue;
            }
            other => {
                words.push(other);
                continue;
            }
        };
        words.push_str(word);
    }
    identifier(camel(&words))
}

/// `Unknown` is the variant for what is not listed, `Err` a type of the traits that the enum has,
/// and `Self` a keyword.
fn identifier(name: String) -> String {
    match name.as_str() {
        "" => "Empty".to_owned(),
        "Unknown" | "Err" | "Self" => format!("{name}Value"),
        _ => started(name, "N"),
    }
}
