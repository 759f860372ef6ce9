//! The records of the source while a plan is made: a file without a name beside the state file.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Seek, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::config::{Config, FILTERED, Problem, map_row};
use crate::error::{Error, Result};
use crate::field::{MatchKey, Values, json, text_of};
use crate::source::{Record, UNREADABLE, Unreadable};

/// A record of the source.
#[derive(Deserialize, Serialize)]
pub(super) struct SourceRow<'r> {
    #[serde(skip)]
    pub(super) seq: i64,
    /// File and line.
    #[serde(borrow)]
    pub(super) place: Cow<'r, str>,
    /// The name of the customer.
    #[serde(borrow)]
    pub(super) name: Option<Cow<'r, str>>,
    /// The values by which records are told apart: the match keys, in the order in which they are
    /// tried, and the slug, which is unique in any case.
    #[serde(borrow)]
    pub(super) keys: Vec<(MatchKey, Cow<'r, str>)>,
    /// Why it is not used.
    pub(super) problem: Option<Problem>,
    /// The fields of the customer, as JSON.
    #[serde(skip)]
    pub(super) wanted: Cow<'r, str>,
    /// The record, as JSON.
    #[serde(skip)]
    pub(super) raw: Cow<'r, str>,
    /// The key by which it replaces an earlier record, until it is written.
    #[serde(skip)]
    pub(super) replaces: Option<String>,
}

impl SourceRow<'static> {
    pub(super) fn new(config: &Config, source: &str, record: Record) -> Self {
        let (raw, wanted, problem) = match record.values {
            Ok(values) => {
                let (wanted, problem) = map_row(config, &values);
                let is_filtered = problem.as_ref().is_some_and(|it| it.code == FILTERED);
                let of_source = record.problem.filter(|_| !is_filtered);
                (values, wanted, of_source.or(problem))
            }
            Err(Unreadable { reason, values }) => {
                let problem = Problem::new(UNREADABLE, None, reason);
                (values, Values::new(), Some(problem))
            }
        };
        let match_keys = &config.sync.match_keys;
        let slug = (!match_keys.contains(&MatchKey::Slug)).then_some(&MatchKey::Slug);
        let keys = match_keys.iter().chain(slug);
        Self {
            seq: 0,
            place: format!("{source}:{}", record.position).into(),
            name: text_of(&wanted, "name").map(|name| name.to_owned().into()),
            keys: keys
                .filter_map(|key| Some((*key, key.value(&wanted)?.into())))
                .collect(),
            problem,
            wanted: json(&wanted).into(),
            raw: json(&raw).into(),
            replaces: record.replaces,
        }
    }
}

impl SourceRow<'_> {
    pub(super) fn is_filtered(&self) -> bool {
        let problem = self.problem.as_ref();
        problem.is_some_and(|problem| problem.code == FILTERED)
    }

    /// The match keys that it has, in the order in which they are tried.
    pub(super) fn match_keys(&self, config: &Config) -> impl Iterator<Item = (MatchKey, &str)> {
        let keys = self.keys.iter().map(|(key, value)| (*key, &**value));
        keys.filter(|(key, _)| config.sync.match_keys.contains(key))
    }

    /// The first match key, as `field=value`.
    pub(super) fn key(&self, config: &Config) -> Option<String> {
        let (key, value) = self.match_keys(config).next()?;
        Some(format!("{}={value}", key.name()))
    }

    /// Whether a record that no customer matches may be any of them, because values are missing by
    /// which it could be recognized.
    pub(super) fn may_be_anyone(&self, config: &Config) -> bool {
        let problem = self.problem.as_ref();
        self.match_keys(config).next().is_none()
            || problem.is_some_and(|it| it.code != FILTERED || it.field.is_some())
    }

    pub(super) fn slug(&self) -> Option<&str> {
        let slug = self.keys.iter().find(|(key, _)| *key == MatchKey::Slug);
        slug.map(|(_, value)| &**value)
    }
}

/// All records of the sources, which are written once and then read in order. The operating system
/// removes the file with the process.
pub(super) struct Records {
    file: BufWriter<File>,
    folder: PathBuf,
    /// How many were written, with those that later ones replace.
    written: i64,
    replaced: BTreeSet<i64>,
}

impl Records {
    pub(super) fn new(folder: &Path) -> Result<Self> {
        let file = tempfile::tempfile_in(folder).map_err(|error| failed(folder, error))?;
        Ok(Self {
            file: BufWriter::new(file),
            folder: folder.to_owned(),
            written: 0,
            replaced: BTreeSet::new(),
        })
    }

    pub(super) fn len(&self) -> i64 {
        self.written - self.replaced.len() as i64
    }

    /// Adds a record, and returns its number.
    pub(super) fn add(&mut self, row: &SourceRow<'_>) -> Result<i64> {
        // JSON has no tabs and line breaks, as long as it is not indented.
        let mut write = || {
            serde_json::to_writer(&mut self.file, row)?;
            for text in ["\t", &row.wanted, "\t", &row.raw, "\n"] {
                self.file.write_all(text.as_bytes())?;
            }
            Ok(())
        };
        write().map_err(|error| failed(&self.folder, error))?;
        self.written += 1;
        Ok(self.written - 1)
    }

    /// Drops a record that a later one replaces.
    pub(super) fn drop(&mut self, seq: i64) {
        self.replaced.insert(seq);
    }

    /// Passes each record to a function.
    pub(super) fn each(&mut self, mut each: impl FnMut(SourceRow<'_>) -> Result<()>) -> Result<()> {
        let failed = |error| failed(&self.folder, error);
        self.file.rewind().map_err(failed)?;
        let mut reader = BufReader::with_capacity(64 * 1024, self.file.get_ref());
        let mut line = String::new();
        for seq in 0..self.written {
            line.clear();
            reader.read_line(&mut line).map_err(failed)?;
            if self.replaced.contains(&seq) {
                continue;
            }
            let mut parts = line.trim_end_matches('\n').split('\t');
            let mut part = || parts.next().unwrap_or_default();
            let row = serde_json::from_str(part());
            each(SourceRow {
                seq,
                wanted: part().into(),
                raw: part().into(),
                ..row.map_err(|error| failed(error.into()))?
            })?;
        }
        Ok(())
    }
}

fn failed(folder: &Path, error: io::Error) -> Error {
    Error::Records {
        folder: folder.to_owned(),
        error,
    }
}
