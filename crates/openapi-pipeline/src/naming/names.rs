//! `names.toml`: the Rust names that are chosen by hand.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The names chosen by hand; everything else is named by rule. An empty file is valid.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Names {
    /// `"GET /path"` to method name.
    pub operations: BTreeMap<String, String>,
    /// `"POST /path"` to the type of its request body.
    pub bodies: BTreeMap<String, String>,
    /// `"GET /path"` to the type of its success answer.
    pub answers: BTreeMap<String, String>,
    /// `"Owner.property"` or `"Owner.property[]"` to the type of the inline schema there.
    pub schemas: BTreeMap<String, String>,
    /// Name of an open enum to the sites that share it: `"Owner.property"` or `"operation?parameter"`.
    pub enums: BTreeMap<String, Vec<String>>,
    /// Property name to the open enum that single-value enums under that name share.
    pub markers: BTreeMap<String, String>,
    /// Type of a request body to the order of the arguments of its constructor.
    pub constructors: BTreeMap<String, Vec<String>>,
    /// Enums that may stay closed: a value that the document does not list fails the decode.
    pub closed: Vec<String>,
}

impl Names {
    /// Reads the text of a names file.
    ///
    /// # Errors
    ///
    /// The message names line and column, and the key that is not known.
    pub fn parse(text: &str) -> Result<Self, NamesError> {
        toml::from_str(text).map_err(|error| NamesError(error.to_string()))
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

#[cfg(test)]
mod tests {
    use super::Names;

    #[test]
    fn an_empty_file_is_all_by_rule() {
        assert_eq!(Names::parse("").unwrap(), Names::default());
    }

    #[test]
    fn a_mistyped_table_is_named_with_its_line() {
        insta::assert_snapshot!(Names::parse("[enum]\nA = []\n").unwrap_err(), @"
        TOML parse error at line 1, column 2
          |
        1 | [enum]
          |  ^^^^
        unknown field `enum`, expected one of `operations`, `bodies`, `answers`, `schemas`, `enums`, `markers`, `constructors`, `closed`
        ");
    }
}
