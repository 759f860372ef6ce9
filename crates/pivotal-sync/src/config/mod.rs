//! The configuration, `pivotal-sync.toml`.

mod init;
mod mapping;
mod place;
mod records;
mod source;
mod transform;

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

pub use init::{init, init_service};
pub(crate) use mapping::Problem;
pub use mapping::{Mapping, Replacements};
use mapping::{OneOrMore, typed};
use place::{Written, line_and_column};
pub(crate) use records::{FILTERED, contacts, map_row, onboarding};
pub use source::{Format, SourceKind, SourceOptions, TextOrVariable, Variable, Variables};
pub use transform::Transform;

use crate::error::{Error, Result, did_you_mean};
use crate::field::{ContactField, Field, MatchKey, OnboardingField, ValueType};
use crate::words::words;

words! {
    /// What a run may do.
    #[derive(Default, Deserialize)]
    Mode {
        /// Create what is new; leave the rest alone.
        Create = "create",
        /// Update what exists; create nothing.
        Update = "update",
        /// Create what is new and update what exists.
        #[default]
        Upsert = "upsert",
        /// Like `upsert`, and delete the customers that the source does not have.
        Mirror = "mirror",
    }
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
    /// Where each field of a customer comes from.
    pub fields: BTreeMap<Field, Mapping>,
    /// Columns, and the values of which a record needs one. Other records are left out.
    #[serde(default)]
    filter: BTreeMap<String, OneOrMore>,
    /// E-mail addresses of people, and their IDs in Pivotal.
    #[serde(default)]
    pub owners: BTreeMap<String, String>,
    /// Where contacts come from. Default: there are none.
    pub contacts: Option<ContactOptions>,
    /// Which records get an onboarding. Default: none.
    pub onboarding: Option<OnboardingOptions>,
    /// What is written to the source after a run.
    #[serde(default)]
    pub write_back: Option<WriteBack>,
    /// Whether every column must be a field, as without a configuration file.
    #[serde(skip)]
    pub(crate) columns_are_fields: bool,
    #[serde(skip)]
    written: Written,
}

/// The contacts of a record.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ContactOptions {
    /// The column with a list of objects, whose keys are the columns of `fields`. Default: a record
    /// is one contact itself.
    pub list: Option<String>,
    /// Where each field of a contact comes from.
    pub fields: BTreeMap<ContactField, Mapping>,
}

/// The onboarding of a record.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct OnboardingOptions {
    /// The column with the ID of a closed-won deal. Records with a value in it get an onboarding.
    pub when: String,
    /// Where each field of the onboarding comes from.
    #[serde(default)]
    pub fields: BTreeMap<OnboardingField, Mapping>,
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
    /// Why it cannot be used.
    fn problem(&self, config: &Config) -> Option<String> {
        let is_plain =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let property = &self.property;
        if property.is_empty() || property.len() > 40 || !property.bytes().all(is_plain) {
            let why =
                "[write_back]: `property` has 1 to 40 lower-case letters, digits and underscores";
            return Some(why.to_owned());
        }
        let field = match config.source.kind {
            SourceKind::Hubspot => Field::HubspotCompanyId,
            SourceKind::Stripe => Field::StripeCustomerId,
            _ => {
                let why = "[write_back] needs a source that can be written to: `type` of [source] is \"hubspot\" or \"stripe\"";
                return Some(why.to_owned());
            }
        };
        let mapping = config.fields.get(&field);
        let is_found = mapping.is_some_and(|mapping| mapping.column == ["id"]);
        (!is_found).then(|| {
            format!("[write_back] needs `{field} = \"id\"` in [fields], by which a customer is found again")
        })
    }
}

/// Mode and match keys.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SyncOptions {
    /// What a run may do.
    pub mode: Mode,
    /// By which fields a record is recognized, in the order in which they are tried.
    #[serde(rename = "match")]
    pub match_keys: Vec<MatchKey>,
    /// Whether the source wins over what was changed in Pivotal since a run wrote it. Otherwise such a
    /// record is a conflict. Values that no run of the state file has written are always overwritten.
    pub overwrite_changed: bool,
}

impl Default for SyncOptions {
    fn default() -> Self {
        Self {
            mode: Mode::default(),
            match_keys: MatchKey::ALL.to_vec(),
            overwrite_changed: false,
        }
    }
}

/// The sections with mappings.
const FIELDS: &[&str] = &["fields"];
const CONTACT_FIELDS: &[&str] = &["contacts", "fields"];
const ONBOARDING_FIELDS: &[&str] = &["onboarding", "fields"];

/// A column of records that is used.
pub(crate) struct ColumnUse<'c> {
    pub(crate) column: &'c String,
    /// What uses it.
    user: String,
    /// Where that is in the configuration.
    keys: Vec<&'c str>,
}

impl Config {
    /// The configuration for a source whose columns are fields.
    pub fn columns_are_fields() -> Self {
        let of_itself = |field: &Field| (*field, Mapping::column(field.name()));
        Self {
            source: SourceOptions::default(),
            sync: SyncOptions::default(),
            fields: Field::ALL.iter().map(of_itself).collect(),
            filter: BTreeMap::new(),
            owners: BTreeMap::new(),
            contacts: None,
            onboarding: None,
            write_back: None,
            columns_are_fields: true,
            written: Written::default(),
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`Error::Unusable`] if it cannot be read or is invalid, with line, column and a suggestion.
    pub fn read(path: &Path) -> Result<Self> {
        let shown = path.display();
        let bytes =
            std::fs::read(path).map_err(|error| Error::Unusable(format!("{shown}: {error}")))?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let valid = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(&error.as_bytes()[..valid]);
            let (line, column) = line_and_column(&text, valid);
            Error::Unusable(format!(
                "{shown}: line {line}, column {column}: the text is not UTF-8; save the file as UTF-8"
            ))
        })?;
        let mut config =
            Self::parse(&text).map_err(|error| Error::Unusable(format!("{shown}: {error}")))?;
        config.written.file = Some(path.to_owned());
        Ok(config)
    }

    /// Parses the text of a file.
    ///
    /// # Errors
    /// [`Error::Unusable`] if it is invalid.
    pub fn parse(text: &str) -> Result<Self> {
        let mut config: Self = toml::from_str(text).map_err(|error| {
            let (shown, hint) = (shown(text, &error), suggestion(error.message()));
            Error::Unusable(format!("{}{hint}", shown.trim_end()))
        })?;
        config.written.text = text.to_owned();
        if let Err((key, why)) = config.source.check() {
            return Err(config.error(&["source", key], &why));
        }
        if config.sync.match_keys.is_empty() {
            return Err(config.error(
                &["sync", "match"],
                "`match` in [sync] is empty; name at least one of hubspot_company_id, stripe_customer_id, domain, slug",
            ));
        }
        let mut keys = config.sync.match_keys.iter();
        if !keys.any(|key| config.fields.contains_key(&key.field())) {
            return Err(config.error(
                FIELDS,
                "[fields] sets none of the fields in `match` of [sync], so that no record could be recognized again",
            ));
        }
        if let Some(contacts) = &config.contacts
            && !contacts.fields.contains_key(&ContactField::Email)
        {
            return Err(config.error(
                CONTACT_FIELDS,
                "[contacts.fields] does not set `email`, by which a contact is recognized again",
            ));
        }
        config.resolve_owners();
        for (section, name, value_type, mapping) in config.mappings() {
            mapping.check(value_type).map_err(|(key, why)| {
                let keys = [section, &[name, key]].concat();
                config.error(&keys, &format!("field `{name}`: {why}"))
            })?;
        }
        let write_back = config.write_back.as_ref();
        if let Some(why) = write_back.and_then(|it| it.problem(&config)) {
            return Err(config.error(&["write_back", "property"], &why));
        }
        Ok(config)
    }

    /// An error about the value with these keys, or the last of them that there is.
    fn error(&self, keys: &[&str], why: &str) -> Error {
        Error::Unusable(format!("{}{why}", self.written.at(keys)))
    }

    /// All mappings, with their section, and the name and the type of their field.
    fn mappings(
        &self,
    ) -> impl Iterator<Item = (&'static [&'static str], &'static str, ValueType, &Mapping)> {
        let contacts = self.contacts.iter();
        let onboarding = self.onboarding.iter();
        let of = |section| move |(name, value_type, mapping)| (section, name, value_type, mapping);
        let contacts = contacts.flat_map(|contacts| typed(&contacts.fields));
        let onboarding = onboarding.flat_map(|deal| typed(&deal.fields));
        typed(&self.fields)
            .map(of(FIELDS))
            .chain(contacts.map(of(CONTACT_FIELDS)))
            .chain(onboarding.map(of(ONBOARDING_FIELDS)))
    }

    /// Gives the mappings with `map = "owners"` the owners.
    fn resolve_owners(&mut self) {
        let lower = |(address, id): (&String, &String)| (address.to_lowercase(), id.clone());
        let known: BTreeMap<_, _> = self.owners.iter().map(lower).collect();
        let contacts = self.contacts.iter_mut();
        let onboarding = self.onboarding.iter_mut();
        let mappings = self.fields.values_mut();
        let mappings = mappings
            .chain(contacts.flat_map(|contacts| contacts.fields.values_mut()))
            .chain(onboarding.flat_map(|deal| deal.fields.values_mut()));
        for mapping in mappings {
            if let Some(Replacements::Owners(owners)) = &mut mapping.map {
                owners.clone_from(&known);
            }
        }
    }

    /// Checks that the columns of a file are fields, if they have to be.
    pub(crate) fn check_names(&self, file: &str, columns: &[String]) -> Result<()> {
        let fields = || Field::ALL.iter().map(|field| field.name());
        let is_unknown = |name: &&String| !fields().any(|field| field == *name);
        match columns.iter().find(is_unknown) {
            Some(unknown) if self.columns_are_fields => {
                let hint = did_you_mean(unknown, fields());
                Err(Error::Unusable(format!(
                    "{file}: column {unknown:?} is not a field of a customer{hint}; rename it, or write a configuration with `pivotal sync init --from csv FILE`"
                )))
            }
            _ => Ok(()),
        }
    }

    /// Checks that the sources together have the columns that the fields come from.
    pub(crate) fn check_columns(&self, columns: &[String]) -> Result<()> {
        let names = || columns.iter().map(String::as_str);
        if self.columns_are_fields {
            let is_key = |name: &str| MatchKey::ALL.iter().any(|key| key.name() == name);
            if !columns.is_empty() && !names().any(is_key) {
                return Err(Error::unusable(
                    "no column is one by which a customer is recognized again: hubspot_company_id, stripe_customer_id, domain or slug",
                ));
            }
            return Ok(());
        }
        if columns.is_empty() {
            return Ok(());
        }
        let mut used = self.columns_used().into_iter();
        match used.find(|used| !columns.contains(used.column)) {
            None => Ok(()),
            Some(ColumnUse { column, user, keys }) => {
                let hint = did_you_mean(column, names());
                let why = format!("{user}: the source has no column {column:?}{hint}");
                Err(self.error(&keys, &why))
            }
        }
    }

    /// The columns of records that are used. Those of the contacts in a list are keys of its objects, and
    /// are not among them.
    pub(crate) fn columns_used(&self) -> Vec<ColumnUse<'_>> {
        let mut used = Vec::new();
        let has_list = |contacts: &ContactOptions| contacts.list.is_some();
        let is_list = self.contacts.as_ref().is_some_and(has_list);
        for (section, name, _, mapping) in self.mappings() {
            if section != CONTACT_FIELDS || !is_list {
                used.extend(mapping.column.iter().map(|column| ColumnUse {
                    column,
                    user: format!("field `{name}`"),
                    keys: [section, &[name, "column"]].concat(),
                }));
            }
        }
        let list = self.contacts.iter().filter_map(|it| it.list.as_ref());
        let list = list.map(|column| (column, ["contacts", "list"]));
        let when = self.onboarding.iter().map(|deal| &deal.when);
        let when = when.map(|column| (column, ["onboarding", "when"]));
        used.extend(list.chain(when).map(|(column, [section, key])| ColumnUse {
            column,
            user: format!("`{key}` in [{section}]"),
            keys: vec![section, key],
        }));
        used.extend(self.filter.keys().map(|column| ColumnUse {
            column,
            user: "[filter]".to_owned(),
            keys: vec!["filter", column],
        }));
        used
    }
}

/// An error with its place and the line. A line that may have a key in it is left out.
fn shown(text: &str, error: &toml::de::Error) -> String {
    let start = error.span().map_or(0, |span| span.start);
    let before = text.get(..start).unwrap_or_default();
    let (number, column) = line_and_column(text, start);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[line_start..].lines().next().unwrap_or_default();
    let line = line.to_lowercase();
    let mut secrets = ["key", "token", "secret"].into_iter();
    if secrets.any(|word| line.contains(word)) {
        return format!("line {number}, column {column}: {}", error.message());
    }
    error.to_string()
}

/// A suggestion for an error such as "unknown field `mod`, expected `mode` or `match`".
fn suggestion(message: &str) -> String {
    let mut quoted = message.split('`').skip(1).step_by(2);
    match (message.starts_with("unknown "), quoted.next()) {
        (true, Some(format @ ("csv" | "json" | "jsonl"))) if message.contains("`hubspot`") => {
            format!("; for a file of this format write type = \"file\" and format = \"{format}\"")
        }
        (true, Some(written)) => did_you_mean(written, quoted),
        _ => String::new(),
    }
}
