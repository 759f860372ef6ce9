//! The configuration, `pivotal-sync.toml`.

mod init;
mod mapping;
mod source;
mod transform;

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

pub use init::{init, init_service};
pub use mapping::Mapping;
pub(crate) use mapping::{Problem, map_row};
pub use source::{Format, SourceKind, SourceOptions, TextOrVariable, Variable, Variables};
pub use transform::Transform;

use crate::error::{Error, Result, did_you_mean};
use crate::field::{Field, MatchKey};

/// What a run may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Mode {
    /// Create what is new; leave the rest alone.
    Create,
    /// Update what exists; create nothing.
    Update,
    /// Create what is new and update what exists.
    #[default]
    Upsert,
    /// Like `upsert`, and delete the customers that the source does not have.
    Mirror,
}

/// The configuration of a sync.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// How the source is read.
    #[serde(default)]
    pub source: SourceOptions,
    /// Mode and match keys.
    #[serde(default)]
    pub sync: SyncOptions,
    /// Where each field comes from.
    pub fields: BTreeMap<Field, Mapping>,
    /// What is written to the source after a run.
    #[serde(default)]
    pub write_back: Option<WriteBack>,
    /// Whether every column must be a field, as without a configuration file.
    #[serde(skip)]
    pub(crate) columns_are_fields: bool,
}

/// What is written to the source after a run.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WriteBack {
    /// The property of companies in HubSpot, or the key in the metadata of customers in Stripe, that
    /// gets the ID of the customer in Pivotal.
    pub property: String,
}

impl WriteBack {
    fn check(&self, config: &Config) -> Result<()> {
        let is_plain =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let property = &self.property;
        if property.is_empty() || property.len() > 40 || !property.bytes().all(is_plain) {
            return Err(Error::unusable(
                "[write_back]: `property` has 1 to 40 lower-case letters, digits and underscores",
            ));
        }
        let field = match config.source.kind {
            SourceKind::Hubspot => Field::HubspotCompanyId,
            SourceKind::Stripe => Field::StripeCustomerId,
            _ => {
                return Err(Error::unusable(
                    "[write_back] needs a source that can be written to: `type` of [source] is \"hubspot\" or \"stripe\"",
                ));
            }
        };
        let column = config
            .fields
            .get(&field)
            .and_then(|mapping| mapping.column.as_deref());
        if column != Some("id") {
            return Err(Error::Unusable(format!(
                "[write_back] needs `{field} = \"id\"` in [fields], by which a customer is found again"
            )));
        }
        Ok(())
    }
}

/// Mode and match keys.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SyncOptions {
    /// What a run may do.
    pub mode: Mode,
    /// By which fields a record is recognized, the first first.
    #[serde(rename = "match")]
    pub match_keys: Vec<MatchKey>,
}

impl Default for SyncOptions {
    fn default() -> Self {
        Self {
            mode: Mode::default(),
            match_keys: MatchKey::ALL.to_vec(),
        }
    }
}

impl Config {
    /// The configuration for a source whose columns are fields.
    pub fn columns_are_fields() -> Self {
        let of_itself = |field: &Field| (*field, Mapping::column(field.name()));
        Self {
            source: SourceOptions::default(),
            sync: SyncOptions::default(),
            fields: Field::ALL.iter().map(of_itself).collect(),
            write_back: None,
            columns_are_fields: true,
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`Error::Unusable`] if it cannot be read or is invalid, with line, column and a suggestion.
    pub fn read(path: &Path) -> Result<Self> {
        let shown = path.display();
        let text = std::fs::read_to_string(path)
            .map_err(|error| Error::Unusable(format!("{shown}: {error}")))?;
        Self::parse(&text).map_err(|error| Error::Unusable(format!("{shown}: {error}")))
    }

    /// Parses the text of a file.
    ///
    /// # Errors
    /// [`Error::Unusable`] if it is invalid.
    pub fn parse(text: &str) -> Result<Self> {
        let config: Self = toml::from_str(text).map_err(|error| {
            let (shown, hint) = (shown(text, &error), suggestion(error.message()));
            Error::Unusable(format!("{}{hint}", shown.trim_end()))
        })?;
        config.source.check()?;
        if config.sync.match_keys.is_empty() {
            return Err(Error::unusable(
                "`match` in [sync] is empty; name at least one of hubspot_company_id, stripe_customer_id, domain, slug",
            ));
        }
        let set = |key: &&MatchKey| config.fields.contains_key(&key.field());
        if !config.sync.match_keys.iter().any(|key| set(&key)) {
            return Err(Error::unusable(
                "[fields] sets none of the fields in `match` of [sync], so that no record could be recognized again",
            ));
        }
        for (field, mapping) in &config.fields {
            mapping
                .check()
                .map_err(|error| Error::Unusable(format!("field `{field}`: {error}")))?;
        }
        if let Some(write_back) = &config.write_back {
            write_back.check(&config)?;
        }
        Ok(config)
    }

    /// Checks that the source has the columns that the fields come from.
    pub(crate) fn check_columns(&self, columns: &[String]) -> Result<()> {
        let names = || columns.iter().map(String::as_str);
        if self.columns_are_fields {
            let fields = || Field::ALL.iter().map(|field| field.name());
            if let Some(unknown) = names().find(|name| !fields().any(|field| field == *name)) {
                let hint = did_you_mean(unknown, fields());
                return Err(Error::Unusable(format!(
                    "column {unknown:?} is not a field of a customer{hint}; rename it, or write a configuration with `pivotal sync init --from csv FILE`"
                )));
            }
            let is_key = |name: &str| MatchKey::ALL.iter().any(|key| key.field().name() == name);
            if !columns.is_empty() && !names().any(is_key) {
                return Err(Error::unusable(
                    "no column is one by which a customer is recognized again: hubspot_company_id, stripe_customer_id, domain or slug",
                ));
            }
            return Ok(());
        }
        for (field, mapping) in &self.fields {
            let Some(column) = &mapping.column else {
                continue;
            };
            if !columns.is_empty() && !columns.contains(column) {
                let hint = did_you_mean(column, names());
                return Err(Error::Unusable(format!(
                    "field `{field}`: the source has no column {column:?}{hint}"
                )));
            }
        }
        Ok(())
    }
}

/// An error with its place and the line, but for a line that may have a key in it.
fn shown(text: &str, error: &toml::de::Error) -> String {
    let start = error.span().map_or(0, |span| span.start);
    let before = text.get(..start).unwrap_or_default();
    let (number, line_start) = (
        before.matches('\n').count() + 1,
        before.rfind('\n').map_or(0, |newline| newline + 1),
    );
    let line = text[line_start..].lines().next().unwrap_or_default();
    let lower = line.to_lowercase();
    if ["key", "token", "secret"]
        .iter()
        .any(|word| lower.contains(word))
    {
        return format!("line {number}: {}", error.message());
    }
    error.to_string()
}

/// A suggestion for an error such as "unknown field `mod`, expected `mode` or `match`".
fn suggestion(message: &str) -> String {
    let mut quoted = message.split('`').skip(1).step_by(2);
    match (message.starts_with("unknown "), quoted.next()) {
        (true, Some(written)) => did_you_mean(written, quoted),
        _ => String::new(),
    }
}
