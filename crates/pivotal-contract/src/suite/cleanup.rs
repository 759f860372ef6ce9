//! The removal of the records that a run has created.

use std::time::Duration;

use pivotal_sdk::{Client, Customer, Error, Id, Method};

use super::fixture::{Fixture, brief};
use super::resource::{PARENT, id, listed, rows};
use crate::operation_cases::Inputs;
use crate::report::LeftBehind;
use crate::shown;

/// How long one removal may take, including a pause for the rate limit.
const DEADLINE: Duration = Duration::from_secs(90);

/// How many pages of customers are searched for those of the run. They are the newest.
const PAGES: usize = 3;

/// Removes all records of a run, and returns those that could not be removed.
///
/// Records whose ID is unknown, because the response to their create was lost or unreadable, are
/// found by the customer's name. All requests are plain JSON, so that a response that the SDK
/// cannot decode does not keep a record from being removed.
pub(super) async fn clean_up(fixture: &Fixture) -> Vec<LeftBehind> {
    let (client, resources) = (&fixture.client, &fixture.resources);
    let mut left = Vec::new();
    let mut records = fixture.created().clone();
    match customers_of(fixture).await {
        Ok(found) => records.extend(found.into_iter().map(|id| (PARENT.to_owned(), id))),
        Err(error) => left.push(LeftBehind {
            record: format!(
                "customers whose name begins with {}, if there are more",
                fixture.run
            ),
            reason: brief(&error),
        }),
    }
    let parents = records.iter().filter(|(component, _)| component == PARENT);
    let parents: Vec<String> = parents.map(|(_, id)| id.clone()).collect();
    let lists = resources.values().flat_map(|resource| &resource.lists);
    for list in lists.filter(|list| list.path.contains('{')) {
        let component = listed(fixture.contract.document, list).unwrap_or_default();
        for parent in parents.iter().filter(|id| is_segment(id)) {
            let path = Inputs::new("", parent).path(list.path);
            let mut request = client.request(Method::GET, path).deadline(DEADLINE);
            if list.parameter("query", "limit").is_some() {
                request = request.query("limit", 100);
            }
            // A customer that a case has deleted has no lists; its records are known or were
            // deleted first.
            if let Ok(page) = request.await {
                let ids = rows(&page).filter_map(id);
                records.extend(ids.map(|id| (component.clone(), id)));
            }
        }
    }
    // What belongs to a customer is removed before the customer.
    let (customers, others): (Vec<_>, Vec<_>) = records
        .into_iter()
        .partition(|(component, _)| component == PARENT);
    for (component, id) in others.into_iter().chain(customers) {
        let resource = resources.get(&component);
        let reason = match resource.and_then(|known| known.delete.as_ref()) {
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

/// Removes one record; returns the reason if it may still be there.
async fn remove(client: &Client, path: &str) -> Option<String> {
    let request = client.request(Method::DELETE, path).deadline(DEADLINE);
    let error = request.await.err()?;
    let gone = error.status().is_some_and(|status| status.is_success()) || error.is_not_found();
    (!gone).then(|| brief(&error))
}

/// Whether an ID from the server is one path segment, so that its path leads to one record.
fn is_segment(id: &str) -> bool {
    Id::<Customer>::from(id).check().is_ok()
}

/// The customers whose name begins with the run's.
async fn customers_of(fixture: &Fixture) -> Result<Vec<String>, Error> {
    let customers = fixture.resources.get(PARENT);
    let Some(list) = customers.and_then(|customers| customers.lists.first()) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    let mut cursor: Option<String> = None;
    for _ in 0..PAGES {
        let request = fixture.client.request(Method::GET, list.path);
        let mut request = request.deadline(DEADLINE).query("limit", 100);
        if let Some(cursor) = &cursor {
            request = request.query("cursor", cursor);
        }
        let page = request.await?;
        let ours = rows(&page).filter(|row| {
            let name = row["name"].as_str();
            name.is_some_and(|name| name.starts_with(&fixture.run))
        });
        found.extend(ours.filter_map(id));
        cursor = page["next_cursor"].as_str().map(str::to_owned);
        if cursor.is_none() {
            break;
        }
    }
    Ok(found)
}
