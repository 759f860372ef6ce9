//! The section `[source]` of the configuration.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, Error as _};

use crate::error::Result;
use crate::source;

/// Looks up an environment variable.
pub type Variables = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// How a source is read.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct SourceOptions {
    /// What the source is.
    #[serde(rename = "type")]
    pub kind: SourceKind,
    /// The file that a sync reads if it is given none; `-` is standard input, and the default for
    /// Singer messages.
    pub path: Option<PathBuf>,
    /// The format. Default: from the extension of the file, or from the first character.
    pub format: Option<Format>,
    /// The delimiter of CSV, one ASCII character. Default: a comma, or a tab for `.tsv`.
    pub delimiter: Option<char>,
    /// The encoding, such as `windows-1252`, `latin1` or `utf-16le`. Default: UTF-8. A byte order
    /// mark overrides it.
    pub encoding: Option<String>,
    /// The stream of Singer messages whose records are read.
    pub stream: Option<String>,
    /// The environment variable with the key of HubSpot or Stripe, as `${NAME}`. Default:
    /// `HUBSPOT_TOKEN` or `STRIPE_API_KEY`.
    pub api_key: Option<Variable>,
    /// The base URL of HubSpot or Stripe. Default: from `HUBSPOT_BASE_URL` or `STRIPE_BASE_URL`, or
    /// that of the service.
    pub base_url: Option<TextOrVariable>,
    /// The currency of `mrr`, such as `usd`, for Stripe.
    pub currency: Option<String>,
    /// Whether customers of Stripe whose `mrr` cannot be computed are imported without it. By default
    /// such a record fails.
    pub allow_unknown_mrr: bool,
}

/// What a source is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum SourceKind {
    /// A file of one of the [formats](Format).
    #[default]
    File,
    /// The companies of a HubSpot account.
    Hubspot,
    /// The customers of a Stripe account.
    Stripe,
    /// The messages of a Singer tap.
    Singer,
}

/// The format of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Format {
    /// CSV with a header line.
    Csv,
    /// One JSON array of objects.
    Json,
    /// JSON Lines: one object per line.
    Jsonl,
}

impl SourceKind {
    /// The name of the service, which a run has as its source.
    pub(crate) fn service(self) -> Option<&'static str> {
        match self {
            Self::File | Self::Singer => None,
            Self::Hubspot => Some("HubSpot"),
            Self::Stripe => Some("Stripe"),
        }
    }
}

impl SourceOptions {
    /// Checks what the kind of source needs, and how a file is read. An error has the key that is wrong.
    pub(crate) fn check(&self) -> Result<(), (&'static str, String)> {
        if self.kind == SourceKind::Singer && self.stream.is_none() {
            let why =
                "[source] with type = \"singer\" needs `stream`, the name of the stream to read";
            return Err(("", why.to_owned()));
        }
        let delimiter = self.delimiter.map_or(Ok(b','), source::delimiter);
        delimiter.map_err(|why| ("delimiter", why))?;
        let encoding = self.encoding.as_deref().map(source::encoding).transpose();
        encoding.map_err(|why| ("encoding", why))?;
        Ok(())
    }
}

/// The name of an environment variable that has a secret, written `${NAME}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable(String);

impl Variable {
    /// The name.
    pub fn name(&self) -> &str {
        &self.0
    }

    /// A text of the form `${NAME}`.
    fn parse(text: &str) -> Option<Self> {
        let name = text.strip_prefix("${")?.strip_suffix('}')?;
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        (!name.is_empty() && name.bytes().all(is_plain)).then(|| Self(name.to_owned()))
    }
}

impl<'de> Deserialize<'de> for Variable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The error must not have the text, which may be the key itself.
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            D::Error::custom(
                "a key must not be in the configuration; write the name of an environment variable, such as \"${HUBSPOT_TOKEN}\", and replace the key if others could read this file",
            )
        })
    }
}

/// A text, or the environment variable that has it, written `${NAME}`.
#[derive(Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(transparent)]
pub struct TextOrVariable(String);

impl TextOrVariable {
    /// The text.
    pub(crate) fn value(&self, variables: &Variables) -> Result<String, String> {
        match Variable::parse(&self.0) {
            None => Ok(self.0.clone()),
            Some(variable) => variables(variable.name())
                .ok_or_else(|| format!("the environment variable {} is not set", variable.name())),
        }
    }
}

impl From<&str> for TextOrVariable {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// Prints nothing, because a URL may have a password in it.
impl fmt::Debug for TextOrVariable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TextOrVariable(…)")
    }
}
