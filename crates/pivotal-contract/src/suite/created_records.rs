//! The records that a run has created, and their removal.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use pivotal_sdk::{Client, Customer, Error, Id, Method};
use serde_json::Value;

use super::resource::{PARENT, Resource, listed};
use crate::contract::Contract;
use crate::operation_cases::Inputs;
use crate::report::LeftBehind;
use crate::shown;

/// What the names of all customers that a run creates begin with.
pub(super) const PREFIX: &str = "contract-check-";

/// How long one removal may take, including a pause for the rate limit.
const DEADLINE: Duration = Duration::from_secs(90);

/// How many pages of customers are searched for those of the run. They are the newest.
const PAGES: usize = 3;

/// The records that are known to have been created, as component and ID.
#[derive(Debug, Default)]
pub(crate) struct CreatedRecords(Mutex<BTreeSet<(String, String)>>);

impl CreatedRecords {
    pub(crate) fn add(&self, component: &str, id: &str) {
        let mut records = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        records.insert((component.to_owned(), id.to_owned()));
    }

    pub(crate) fn has(&self, component: &str, id: &str) -> bool {
        let records = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        records.contains(&(component.to_owned(), id.to_owned()))
    }

    fn all(&self) -> BTreeSet<(String, String)> {
        let records = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        records.clone()
    }

    /// Removes all records of a run, and returns those that could not be removed.
    ///
    /// Records whose ID is unknown, because the response to their create was lost or unreadable,
    /// are found by the customer's name. All requests are plain JSON, so that a response that the
    /// SDK cannot decode does not keep a record from being removed.
    pub(crate) async fn clean_up(
        &self,
        client: &Client,
        contract: &Contract,
        resources: &BTreeMap<String, Resource>,
        run: &str,
    ) -> Vec<LeftBehind> {
        let mut left = Vec::new();
        let mut records = self.all();
        match customers_of(client, resources, run).await {
            Ok(found) => records.extend(found.into_iter().map(|id| (PARENT.to_owned(), id))),
            Err(error) => left.push(LeftBehind {
                record: format!("customers whose name begins with {run}, if there are more"),
                reason: brief(&error),
            }),
        }
        let parents = records.iter().filter(|(component, _)| component == PARENT);
        let parents: Vec<String> = parents.map(|(_, id)| id.clone()).collect();
        let lists = resources.values().flat_map(|resource| &resource.lists);
        for list in lists.filter(|list| list.path.contains('{')) {
            let component = listed(contract.document, list).unwrap_or_default();
            for parent in parents.iter().filter(|id| is_segment(id)) {
                let path = Inputs::new("", parent).path(list.path);
                let limit = list.parameter("query", "limit").map(|_| 100);
                // A customer that a case has deleted has no lists; its records are known or were
                // deleted first.
                if let Ok(page) = page(client, &path, limit, None).await {
                    records
                        .extend(rows(&page).filter_map(|row| Some((component.clone(), id(row)?))));
                }
            }
        }
        // What belongs to a customer is removed before the customer.
        let (customers, others): (Vec<_>, Vec<_>) = records
            .into_iter()
            .partition(|(component, _)| component == PARENT);
        for (component, id) in others.into_iter().chain(customers) {
            let delete = resources
                .get(&component)
                .and_then(|known| known.delete.as_ref());
            let reason = match delete {
                _ if !is_segment(&id) => Some("its ID is not a path segment".to_owned()),
                None => Some("the contract has no operation that deletes it".to_owned()),
                Some(delete) => remove(client, &Inputs::new("", &id).path(delete.path)).await,
            };
            left.extend(reason.map(|reason| LeftBehind {
                record: format!("{} {}", component.to_lowercase(), shown::name(&id)),
                reason,
            }));
        }
        left
    }
}

/// Removes one record; returns the reason if it may still be there.
async fn remove(client: &Client, path: &str) -> Option<String> {
    let request = client.request(Method::DELETE, path).deadline(DEADLINE);
    let error = request.await.err()?;
    let gone = error.status().is_some_and(|status| status.is_success()) || error.is_not_found();
    (!gone).then(|| brief(&error))
}

/// Whether an ID that a server gave names one record, and leads nowhere else.
fn is_segment(id: &str) -> bool {
    Id::<Customer>::from(id).check().is_ok()
}

/// The customers whose name begins with the run's.
async fn customers_of(
    client: &Client,
    resources: &BTreeMap<String, Resource>,
    run: &str,
) -> Result<Vec<String>, Error> {
    let lists = resources.get(PARENT).map(|customers| &customers.lists);
    let Some(list) = lists.and_then(|lists| lists.first()) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    let mut cursor = None;
    for _ in 0..PAGES {
        let page = page(client, list.path, Some(100), cursor.as_deref()).await?;
        let is_ours = |row: &&Value| {
            let name = row["name"].as_str();
            name.is_some_and(|name| name.starts_with(run))
        };
        found.extend(rows(&page).filter(is_ours).filter_map(id));
        cursor = page["next_cursor"].as_str().map(str::to_owned);
        if cursor.is_none() {
            break;
        }
    }
    Ok(found)
}

async fn page(
    client: &Client,
    path: &str,
    limit: Option<u32>,
    cursor: Option<&str>,
) -> Result<Value, Error> {
    let mut request = client.request(Method::GET, path).deadline(DEADLINE);
    if let Some(limit) = limit {
        request = request.query("limit", limit);
    }
    if let Some(cursor) = cursor {
        request = request.query("cursor", cursor);
    }
    request.await
}

/// The rows of a page.
pub(crate) fn rows(page: &Value) -> impl Iterator<Item = &Value> {
    page["data"].as_array().into_iter().flatten()
}

/// The opaque ID of a row, or its number if it has none.
pub(crate) fn id(row: &Value) -> Option<String> {
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
        text.push_str(&format!(", code {}", shown::name(code)));
    }
    text
}
