//! Write back: the IDs of the customers in the service that they come from.

use std::collections::BTreeSet;
use std::fmt;
use std::pin::pin;

use futures_util::future::{Either, select};
use serde::Serialize;
use serde_json::Value;

use crate::config::{Config, SourceKind, WriteBack};
use crate::error::{Error, Result, exit_code};
use crate::field::{MatchKey, text_of};
use crate::source::{ColumnsUsed, HttpOptions, Pages};
use crate::state::rows::with_key;
use crate::state::{RunId, State};

/// What was written back. `Display` is one line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct WrittenBack {
    /// How many companies or customers of the service got the ID.
    pub written: u64,
    /// How many had it before.
    pub unchanged: u64,
    /// How many did not get it.
    pub failed: u64,
    /// Why it is not complete.
    pub problem: Option<String>,
}

impl fmt::Display for WrittenBack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            written,
            unchanged,
            failed,
            problem,
        } = self;
        write!(
            f,
            "write back  {written} written, {unchanged} unchanged, {failed} failed"
        )?;
        match problem {
            Some(problem) => write!(f, ": {problem}"),
            None => Ok(()),
        }
    }
}

/// After a run whose source is a service: writes the IDs of the customers of the mirror there, as
/// `[write_back]` of the configuration says. The service is read again, and only what differs is
/// written. Does nothing, and returns `None`, without that section, or if the run has another source
/// or was not applied.
///
/// What fails makes the run partial. It undoes nothing. When `stop` is ready, it ends at once.
///
/// # Errors
/// [`Error::Unusable`] if there is no such run; [`Error::State`].
pub async fn write_back(
    state: &State,
    run: RunId,
    config: &Config,
    http: &HttpOptions,
    stop: impl Future<Output = ()>,
) -> Result<Option<WrittenBack>> {
    let found = state.run(run)?;
    let was_applied = matches!(
        found.exit_code,
        Some(exit_code::COMPLETE | exit_code::RECORDS_FAILED | exit_code::PARTIAL)
    );
    let is_source = config.source.kind.service() == Some(found.source.as_str());
    let section = config.write_back.as_ref();
    let Some(section) = section.filter(|_| was_applied && is_source) else {
        return Ok(None);
    };
    let mut done = WrittenBack::default();
    let walked = {
        let walk = pin!(walk(state, config, section, http, &mut done));
        match select(walk, pin!(stop)).await {
            Either::Left((walked, _)) => walked,
            Either::Right(((), _)) => Err(Error::unusable("interrupted")),
        }
    };
    match walked {
        Ok(()) => {}
        Err(error @ Error::State { .. }) => return Err(error),
        Err(error) => done.problem = Some(error.to_string()),
    }
    if let Some(problem) = &done.problem {
        let reason = format!("write back: {problem}");
        state.end_run(run, "partial", exit_code::PARTIAL, Some(&reason))?;
    }
    Ok(Some(done))
}

/// Reads the service and writes what differs, page by page.
async fn walk(
    state: &State,
    config: &Config,
    section: &WriteBack,
    http: &HttpOptions,
    done: &mut WrittenBack,
) -> Result<()> {
    let property = section.property.as_str();
    let (key, column) = match config.source.kind {
        SourceKind::Stripe => (MatchKey::StripeCustomerId, format!("metadata.{property}")),
        _ => (MatchKey::HubspotCompanyId, property.to_owned()),
    };
    let used = ColumnsUsed {
        of_record: BTreeSet::from(["id".to_owned(), column.clone()]),
        of_contact: BTreeSet::new(),
    };
    let mut pages = Pages::new(config, &used, http)?;
    while let Some(records) = pages.next().await? {
        let mut values = Vec::new();
        for record in records {
            let Ok(found) = record.values else {
                continue;
            };
            let Some(id) = text_of(&found, "id") else {
                continue;
            };
            let customers = state.query(|connection| with_key(connection, key, id))?;
            // Several customers are a conflict, which the run has reported.
            let [customer] = customers.as_slice() else {
                continue;
            };
            let current = found.get(&column);
            if current.is_none() && config.source.kind == SourceKind::Hubspot {
                return Err(Error::Unusable(format!(
                    "HubSpot has no company property {property:?}; create it in the settings, under Properties, for companies, as single-line text with this internal name"
                )));
            }
            match text_of(customer, "id") {
                Some(wanted) if current.and_then(Value::as_str) != Some(wanted) => {
                    values.push((id.to_owned(), wanted.to_owned()));
                }
                _ => done.unchanged += 1,
            }
        }
        let failures = pages.set(property, &values).await?;
        done.written += (values.len() - failures.len()) as u64;
        done.failed += failures.len() as u64;
        if let Some((id, reason)) = failures.first() {
            done.problem.get_or_insert(format!("{id}: {reason}"));
        }
    }
    done.problem = done.problem.take().or(pages.reading().incomplete);
    Ok(())
}
