//! What customers, contacts and onboardings have in common: finding, making, changing and deleting
//! a row.

use bytes::Bytes;
use serde::Serialize;

use super::Call;
use crate::{
    contract::blank,
    error::{ApiError, json},
    store::{Kind, Record},
};

/// The response for a row.
pub(super) fn answer(call: &Call<'_>, kind: Kind, place: usize) -> Bytes {
    call.workspace.table(kind).row(place).answer()
}

/// The row that a path names. One that never was, or is deleted, is 404.
///
/// Evidence: stated (`onboarding_not_found`, and 404 after a delete), inferred (the other two
/// codes).
pub(super) fn find(call: &Call<'_>, kind: Kind) -> Result<usize, ApiError> {
    let reference = named_by_path(call);
    call.workspace
        .table(kind)
        .find_live(reference)
        .ok_or_else(|| not_found(kind, reference))
}

/// What the path names a row by. Every path names one row at most, so the parameter's name does not
/// matter.
fn named_by_path<'a>(call: &'a Call<'_>) -> &'a str {
    call.path
        .iter()
        .find_map(|(_, value)| value.as_str())
        .unwrap_or_default()
}

pub(super) fn not_found(kind: Kind, reference: &str) -> ApiError {
    let (code, name) = match kind {
        Kind::Customer => ("customer_not_found", "customer"),
        Kind::Contact => ("contact_not_found", "contact"),
        Kind::Onboarding => ("onboarding_not_found", "onboarding"),
    };
    ApiError::not_found(code, format!("There is no {name} {reference}."))
}

/// A new record with what the body says, and the contract's defaults for what it does not.
pub(super) fn new_record(call: &Call<'_>, kind: Kind) -> Record {
    let document = call.contract.document();
    let mut record = Record::blank(call.workspace.shape(kind));
    for (name, schema) in call
        .operation
        .body
        .iter()
        .flat_map(|schema| document.properties(schema))
    {
        if schema.get("default").is_some() {
            record.set(name, blank(document, schema));
        }
    }
    apply_body(call, &mut record);
    record
}

/// The record of a row with what the body says. PATCH is partial: what is omitted stays, and null
/// clears what is nullable, which validation has made sure of. Evidence: stated (partial), decided
/// (null).
pub(super) fn changed_record(call: &Call<'_>, kind: Kind, place: usize) -> Record {
    let mut record = call.workspace.table(kind).row(place).record().clone();
    apply_body(call, &mut record);
    record
}

fn apply_body(call: &Call<'_>, record: &mut Record) {
    record.set_all(&call.body.fields);
    if let Some(metadata) = &call.body.metadata {
        record.set_metadata(metadata.clone());
    }
}

/// Deletes softly, and tells the place of the row. Deleting again answers the same; only what never
/// was is 404.
///
/// Evidence: stated.
pub(super) fn delete(call: &mut Call<'_>, kind: Kind) -> Result<(usize, Bytes), ApiError> {
    #[derive(Serialize)]
    struct Deleted<'a> {
        object: &'static str,
        id: &'a str,
        display_id: u64,
        deleted: bool,
    }
    let reference = named_by_path(call).to_owned();
    let table = call.workspace.table_mut(kind);
    let place = table
        .find(&reference)
        .ok_or_else(|| not_found(kind, &reference))?;
    let row = table.row_mut(place);
    row.deleted = true;
    let answer = Deleted {
        object: "deleted",
        id: &row.id,
        display_id: row.display_id,
        deleted: true,
    };
    Ok((place, json(&answer)))
}
