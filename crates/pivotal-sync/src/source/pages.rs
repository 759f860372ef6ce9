//! Lists of a service that are read page by page.

use std::collections::HashSet;

use super::http::{Failed, HttpOptions};
use super::hubspot::{BATCH, Hubspot};
use super::stripe::Stripe;
use super::{ColumnsUsed, Reading, Record};
use crate::config::{Config, SourceKind};
use crate::error::{Error, Result};

/// A page of records.
pub(crate) struct Page {
    pub(crate) records: Vec<Record>,
    /// The cursor of the next page.
    pub(crate) next: Option<String>,
    /// What is missing of the records.
    pub(crate) incomplete: Option<String>,
}

enum Service {
    Hubspot(Hubspot),
    Stripe(Stripe),
}

/// The records of a service.
pub(crate) struct Pages {
    /// The name of the service.
    pub(crate) name: &'static str,
    service: Service,
    cursor: Option<String>,
    /// All cursors so far, because a service that repeats one would never end.
    seen: HashSet<String>,
    ended: bool,
    reading: Reading,
    any: bool,
}

impl Pages {
    /// Asks for these columns only.
    pub(crate) fn new(config: &Config, used: &ColumnsUsed, http: &HttpOptions) -> Result<Self> {
        let options = &config.source;
        let service = match options.kind {
            SourceKind::Stripe => Service::Stripe(Stripe::new(options, http, used)?),
            _ => Service::Hubspot(Hubspot::new(options, http, used)?),
        };
        Ok(Self {
            name: options.kind.service().unwrap_or_default(),
            service,
            cursor: None,
            seen: HashSet::new(),
            ended: false,
            reading: Reading::default(),
            any: false,
        })
    }

    /// The next page; `None` after the last, or if the list breaks off.
    ///
    /// # Errors
    /// [`Error::Source`] if the key is refused, or nothing could be read.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<Record>>> {
        if self.ended {
            return Ok(None);
        }
        let cursor = self.cursor.as_deref();
        let page = match &mut self.service {
            Service::Hubspot(hubspot) => hubspot.page(cursor).await,
            Service::Stripe(stripe) => stripe.page(cursor).await,
        };
        let Page {
            records,
            next,
            incomplete,
        } = match page {
            Ok(page) => page,
            Err(failed) => return self.broken(failed).map(|()| None),
        };
        self.any |= !records.is_empty();
        for record in &records {
            if let Ok(values) = &record.values {
                self.reading.add_columns(values.keys());
            }
        }
        if let Some(why) = incomplete {
            self.incomplete(&why);
        }
        match next {
            None => self.ended = true,
            Some(_) if records.is_empty() => {
                self.broken("a page has no rows and says that more follow".into())?;
            }
            Some(next) if !self.seen.insert(next.clone()) => {
                let why = "the cursor of a page was repeated, so that the list would not end";
                self.broken(why.into())?;
            }
            next => self.cursor = next,
        }
        Ok(Some(records))
    }

    /// The list breaks off. What was read of it stays.
    fn broken(&mut self, failed: Failed) -> Result<()> {
        self.ended = true;
        if failed.authentication || !self.any {
            return Err(self.error(failed));
        }
        self.incomplete(&failed.reason);
        Ok(())
    }

    fn incomplete(&mut self, why: &str) {
        let reason = format!("{}: {why}", self.name);
        self.reading.incomplete.get_or_insert(reason);
    }

    fn error(&self, failed: Failed) -> Error {
        Error::Source {
            name: self.name,
            reason: failed.reason,
            authentication: failed.authentication,
        }
    }

    /// What was read, after the last page.
    pub(crate) fn reading(self) -> Reading {
        self.reading
    }

    /// Sets a property of companies or a key in the metadata of customers, by ID, and returns why it
    /// was not set for some of them. With an error, nothing more should be set.
    ///
    /// # Errors
    /// [`Error::Source`] if the key is refused, as without a scope for writing.
    pub(crate) async fn set(
        &self,
        property: &str,
        values: &[(String, String)],
    ) -> Result<Vec<(String, String)>> {
        let refused = |failed: Failed| {
            let scope = match &self.service {
                Service::Hubspot(_) => "the scope crm.objects.companies.write",
                Service::Stripe(_) => "the permission to write customers",
            };
            let reason = format!("{}; to write back, the key needs {scope}", failed.reason);
            self.error(Failed { reason, ..failed })
        };
        let mut failures = Vec::new();
        match &self.service {
            Service::Hubspot(hubspot) => {
                for values in values.chunks(BATCH) {
                    match hubspot.set(property, values).await {
                        Ok(failed) => failures.extend(failed),
                        Err(failed) if failed.authentication => return Err(refused(failed)),
                        Err(failed) => failures.extend(
                            values
                                .iter()
                                .map(|(id, _)| (id.clone(), failed.reason.clone())),
                        ),
                    }
                }
            }
            Service::Stripe(stripe) => {
                for (id, value) in values {
                    match stripe.set(property, id, value).await {
                        Ok(()) => {}
                        Err(failed) if failed.authentication => return Err(refused(failed)),
                        Err(failed) => failures.push((id.clone(), failed.reason)),
                    }
                }
            }
        }
        Ok(failures)
    }
}
