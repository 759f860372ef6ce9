//! What a run has made, and its removal.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use pivotal_sdk::{Client, Customer, Error, Id, Method};
use serde_json::Value;

use crate::report::LeftBehind;

/// What the name of everything that a run makes begins with.
pub(super) const PREFIX: &str = "contract-check-";

/// How long one removal may take, a pause for the rate limit included.
const PATIENCE: Duration = Duration::from_secs(90);

/// How many pages of customers are searched for those of the run. They are the newest.
const PAGES: usize = 3;

/// A kind of record, in the order of removal: what belongs to a customer goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Contact,
    Onboarding,
    Customer,
}

impl Kind {
    fn plural(self) -> &'static str {
        match self {
            Self::Contact => "contacts",
            Self::Onboarding => "onboardings",
            Self::Customer => "customers",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Contact => "contact",
            Self::Onboarding => "onboarding",
            Self::Customer => "customer",
        })
    }
}

/// The records that are known to have been made.
#[derive(Debug, Default)]
pub(crate) struct CreatedRecords(Mutex<BTreeSet<(Kind, String)>>);

impl CreatedRecords {
    pub(crate) fn made(&self, kind: Kind, id: &str) {
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        made.insert((kind, id.to_owned()));
    }

    pub(crate) fn has(&self, kind: Kind, id: &str) -> bool {
        let made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        made.contains(&(kind, id.to_owned()))
    }

    /// Removes all records of a run, and tells what it could not remove.
    ///
    /// Records whose create was answered in a way that told no id, or not at all, are found by the
    /// customer's name. All of it is plain JSON, so that a response that the SDK cannot decode does
    /// not keep anything from being removed.
    pub(crate) async fn clean_up(&self, client: &Client, run: &str) -> Vec<LeftBehind> {
        let mut left = Vec::new();
        let mut all = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        match customers_of(client, run).await {
            Ok(found) => all.extend(found.into_iter().map(|id| (Kind::Customer, id))),
            Err(error) => left.push(LeftBehind {
                record: format!("customers whose name begins with {run}, if there are more"),
                reason: brief(&error),
            }),
        }
        let customers = of_kind(&all, Kind::Customer);
        for customer in customers.iter().filter(|id| is_segment(id)) {
            for kind in [Kind::Contact, Kind::Onboarding] {
                let path = format!("/api/v1/customers/{customer}/{}", kind.plural());
                // A customer that a case has deleted has no lists; its records are known or were
                // deleted first.
                if let Ok(list) = get(client, &path, None).await {
                    all.extend(rows(&list).filter_map(|row| Some((kind, id(row)?))));
                }
            }
        }
        for (kind, id) in all {
            let reason = if is_segment(&id) {
                remove(client, kind, &id).await
            } else {
                Some("its id is no segment of a path".to_owned())
            };
            left.extend(reason.map(|reason| LeftBehind {
                record: format!("{kind} {}", crate::shown::name(&id)),
                reason,
            }));
        }
        left
    }
}

/// Removes one record; the reason when it is still there, as far as can be told.
async fn remove(client: &Client, kind: Kind, id: &str) -> Option<String> {
    let path = format!("/api/v1/{}/{id}", kind.plural());
    let error = client
        .request(Method::DELETE, path)
        .deadline(PATIENCE)
        .await
        .err()?;
    let gone = error.status().is_some_and(|status| status.is_success()) || error.is_not_found();
    (!gone).then(|| brief(&error))
}

/// Whether an id that a server gave names one record, and leads nowhere else.
fn is_segment(id: &str) -> bool {
    Id::<Customer>::from(id).check().is_ok()
}

fn of_kind(all: &BTreeSet<(Kind, String)>, wanted: Kind) -> Vec<String> {
    let of_kind = all.iter().filter(|(kind, _)| *kind == wanted);
    of_kind.map(|(_, id)| id.clone()).collect()
}

/// The customers whose name begins with the run's.
async fn customers_of(client: &Client, run: &str) -> Result<Vec<String>, Error> {
    let mut found = Vec::new();
    let mut cursor = None;
    for _ in 0..PAGES {
        let page = get(client, "/api/v1/customers", cursor.as_deref()).await?;
        let is_ours = |row: &&Value| {
            row["name"]
                .as_str()
                .is_some_and(|name| name.starts_with(run))
        };
        found.extend(rows(&page).filter(is_ours).filter_map(id));
        cursor = page["next_cursor"].as_str().map(str::to_owned);
        if cursor.is_none() {
            break;
        }
    }
    Ok(found)
}

async fn get(client: &Client, path: &str, cursor: Option<&str>) -> Result<Value, Error> {
    let mut request = client.request(Method::GET, path).deadline(PATIENCE);
    // The onboardings of one customer are not paged.
    if !path.ends_with("/onboardings") {
        request = request.query("limit", 100);
    }
    if let Some(cursor) = cursor {
        request = request.query("cursor", cursor);
    }
    request.await
}

fn rows(list: &Value) -> impl Iterator<Item = &Value> {
    list["data"].as_array().into_iter().flatten()
}

/// The opaque id, or the number when there is none.
fn id(row: &Value) -> Option<String> {
    let id = row["id"].as_str().map(str::to_owned);
    id.or_else(|| row["display_id"].as_u64().map(|number| number.to_string()))
}

/// An error without the server's own words.
pub(super) fn brief(error: &Error) -> String {
    let mut text = error.kind().to_string();
    if let Some(status) = error.status() {
        text.push_str(&format!(", status {}", status.as_u16()));
    }
    if let Some(code) = error.code() {
        text.push_str(&format!(", code {}", crate::shown::name(code)));
    }
    text
}
