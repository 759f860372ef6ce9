//! Customers.

use bytes::Bytes;

use super::{Call, paging, rows, slug};
use crate::{
    error::ApiError,
    store::{Kind, Record, Row},
};

/// Status of a customer created without one. Evidence: decided.
const DEFAULT_STATUS: &str = "onboarding";

/// Lists live customers, newest first, by `status` and `slug`. Evidence: stated, `slug` decided.
pub(super) fn list(call: &mut Call<'_>) -> Result<Bytes, ApiError> {
    let cursor = paging::cursor(call)?;
    let table = &call.workspace.customers;
    // At most one customer has a slug, and it is known which.
    let customers: Box<dyn Iterator<Item = &Row>> = match call.query.text("slug") {
        None => Box::new(table.newest_first(cursor)),
        Some(slug) => Box::new(
            (call.workspace.slugs.get(slug))
                .map(|place| table.row(*place))
                .filter(|row| cursor.is_none_or(|cursor| row.created_at < cursor))
                .into_iter(),
        ),
    };
    let filter = paging::Filter::of(call, Kind::Customer, &[]);
    let wanted = customers.filter(|row| call.workspace.is_listed(row) && filter.takes(row));
    Ok(paging::page(call, wanted))
}

/// Creates a customer.
pub(super) fn create(call: &mut Call<'_>) -> Result<Bytes, ApiError> {
    let mut record = rows::new_record(call, Kind::Customer);
    if !call.body.fields.contains_key("status") {
        record.set("status", DEFAULT_STATUS);
    }
    match call.body.text("slug") {
        Some(slug) => slug::check_free(&call.workspace.slugs, slug, None)?,
        None => {
            let name = call.body.text("name").unwrap_or_default();
            record.set("slug", slug::derive(&call.workspace.slugs, name));
        }
    }
    let place = call
        .workspace
        .insert(Kind::Customer, record.clone(), None, call.now);
    take_slug(call, &record, place);
    Ok(rows::answer(call, Kind::Customer, place))
}

/// Reads a customer.
pub(super) fn get(call: &mut Call<'_>) -> Result<Bytes, ApiError> {
    let place = rows::find(call, Kind::Customer)?;
    Ok(rows::answer(call, Kind::Customer, place))
}

/// Changes what the body names. A slug that another customer has is refused, and null leaves it
/// without one.
///
/// Evidence: stated (partial), inferred (409), decided (null).
pub(super) fn update(call: &mut Call<'_>) -> Result<Bytes, ApiError> {
    let place = rows::find(call, Kind::Customer)?;
    let record = rows::changed_record(call, Kind::Customer, place);
    if let Some(slug) = record.text("slug") {
        slug::check_free(&call.workspace.slugs, slug, Some(place))?;
    }
    free_slug(call, place);
    take_slug(call, &record, place);
    call.workspace
        .update(Kind::Customer, place, record, call.now);
    Ok(rows::answer(call, Kind::Customer, place))
}

/// Deletes a customer: its slug is free again, its contacts and onboardings leave the lists.
///
/// Evidence: stated, the slug decided.
pub(super) fn delete(call: &mut Call<'_>) -> Result<Bytes, ApiError> {
    let (place, answer) = rows::delete(call, Kind::Customer)?;
    free_slug(call, place);
    Ok(answer)
}

fn take_slug(call: &mut Call<'_>, record: &Record, place: usize) {
    if let Some(slug) = record.text("slug") {
        call.workspace.slugs.insert(slug.to_owned(), place);
    }
}

/// Gives up the slug that a customer holds. After a second delete it may be another's: that one
/// keeps it.
fn free_slug(call: &mut Call<'_>, place: usize) {
    let workspace = &mut *call.workspace;
    let Some(slug) = workspace.customers.row(place).record().text("slug") else {
        return;
    };
    if workspace.slugs.get(slug) == Some(&place) {
        workspace.slugs.remove(slug);
    }
}
