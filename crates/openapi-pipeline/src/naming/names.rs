//! `names.toml`: the Rust names that are chosen by hand.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::identifier::{is_identifier, snake};
use super::rule::type_name;
use crate::{Pointer, Problem, Problems};

/// Types that the root of a generated crate has besides those of the document.
pub(crate) const ROOT_TYPES: [&str; 4] = ["ByteStream", "Client", "ResponseValue", "WireError"];

/// Methods that every generated client has.
const METHODS: [&str; 5] = ["client", "exec", "new", "url", "with_executor"];

/// The names chosen by hand; everything else is named by rule. An empty file is valid.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Names {
    /// `"GET /path"` to method name.
    pub operations: BTreeMap<String, String>,
    /// `"POST /path"` to the type of its request body.
    pub bodies: BTreeMap<String, String>,
    /// `"GET /path"` to the type of its success response.
    pub responses: BTreeMap<String, String>,
    /// `"Owner.property"` or `"Owner.property[]"` to the type of the inline schema there.
    pub schemas: BTreeMap<String, String>,
    /// Name of an open enum to the sites that share it: `"Owner.property"` or
    /// `"operation?parameter"`.
    pub enums: BTreeMap<String, Vec<String>>,
    /// Property name to the open enum that single-value enums under that name share.
    pub markers: BTreeMap<String, String>,
    /// Type of a request body to the order of the arguments of its constructor.
    pub constructors: BTreeMap<String, Vec<String>>,
}

impl Names {
    /// Reads the text of a names file.
    ///
    /// # Errors
    ///
    /// The message names line and column, and the key that is not known.
    pub fn parse(text: &str) -> Result<Self, NamesError> {
        toml::from_str(text).map_err(|error| NamesError(error.to_string().trim_end().to_owned()))
    }

    /// Names that cannot be names of a method or of a type, and names given to two operations.
    pub(super) fn check(&self) -> Problems {
        let mut problems = Problems::new();
        let mut refuse = |table: &str, key: &str, name: &str, why: String| {
            let found = format!("names.toml, [{table}], \"{key}\": \"{name}\"");
            problems.push(Problem::new(&Pointer::root(), found, why));
        };
        let mut methods: BTreeMap<&String, &String> = BTreeMap::new();
        for (site, method) in &self.operations {
            if !is_identifier(method) || *method != snake(method) {
                let why = "the name of a method is written in snake_case and is no keyword";
                refuse("operations", site, method, why.to_owned());
            } else if METHODS.contains(&method.as_str()) {
                let why = "every client has a method of that name already";
                refuse("operations", site, method, why.to_owned());
            } else if let Some(other) = methods.insert(method, site) {
                refuse(
                    "operations",
                    site,
                    method,
                    format!("{other} has that name too"),
                );
            }
        }
        let types = [
            ("bodies", &self.bodies),
            ("responses", &self.responses),
            ("schemas", &self.schemas),
            ("markers", &self.markers),
        ];
        let types = types.into_iter().flat_map(|(table, entries)| {
            entries
                .iter()
                .map(move |(key, name)| (table, key.as_str(), name))
        });
        let enums = self.enums.keys().map(|name| ("enums", name.as_str(), name));
        for (table, key, name) in types.chain(enums) {
            if !is_identifier(name) || *name != type_name(name) {
                let why = "the name of a type is written in CamelCase and is no keyword";
                refuse(table, key, name, why.to_owned());
            } else if ROOT_TYPES.contains(&name.as_str()) {
                let why = "every generated crate has a type of that name already";
                refuse(table, key, name, why.to_owned());
            }
        }
        problems
    }

    /// The enum that hand-chosen names give to a site.
    pub(crate) fn enum_at(&self, site: &str) -> Option<&str> {
        self.enums
            .iter()
            .find(|(_, sites)| sites.iter().any(|listed| listed == site))
            .map(|(name, _)| name.as_str())
    }
}

/// A names file that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NamesError(String);
