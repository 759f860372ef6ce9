//! What customers, contacts and onboardings have in common: to find, create, change and delete a
//! row.

use bytes::Bytes;
use serde::Serialize;

use super::Request;
use crate::{
    error::ApiError,
    response::json,
    store::{Change, Kind, Record, Verb},
};

fn response(request: &Request<'_>, kind: Kind, index: usize) -> Bytes {
    request.workspace.row(kind, index).response()
}

/// Reads a row; one of a deleted customer can still be read. Evidence: stated (it survives).
pub(super) fn get(request: &Request<'_>, kind: Kind) -> Result<Bytes, ApiError> {
    Ok(response(request, kind, find(request, kind)?))
}

/// Stores a new row. Returns the response.
pub(super) fn insert(
    request: &mut Request<'_>,
    kind: Kind,
    record: Record,
    customer: Option<usize>,
) -> Bytes {
    let now = request.now;
    let index = request.workspace.insert(kind, record, customer, now);
    let verb = Verb::Created;
    request.change = Some(Change { kind, index, verb });
    response(request, kind, index)
}

/// Stores a changed row. Returns the response.
pub(super) fn update(request: &mut Request<'_>, kind: Kind, index: usize, record: Record) -> Bytes {
    let before = request.workspace.row(kind, index).record();
    let verb = Verb::Updated(before.changes(&record));
    request.workspace.update(kind, index, record, request.now);
    request.change = Some(Change { kind, index, verb });
    response(request, kind, index)
}

/// The row that the path names, or 404 if it does not exist or is deleted.
///
/// Evidence: stated (`onboarding_not_found`, and 404 after a delete), inferred (the other two
/// codes).
pub(super) fn find(request: &Request<'_>, kind: Kind) -> Result<usize, ApiError> {
    find_live(request, kind, &request.reference)
}

/// The row that is referred to so, or 404 if it does not exist or is deleted.
pub(super) fn find_live(
    request: &Request<'_>,
    kind: Kind,
    reference: &str,
) -> Result<usize, ApiError> {
    let found = request.workspace.table(kind).find_live(reference);
    found.ok_or_else(|| not_found(kind, reference))
}

fn not_found(kind: Kind, reference: &str) -> ApiError {
    let (code, name) = match kind {
        Kind::Customer => ("customer_not_found", "customer"),
        Kind::Contact => ("contact_not_found", "contact"),
        Kind::Onboarding => ("onboarding_not_found", "onboarding"),
    };
    ApiError::not_found(code, format!("There is no {name} {reference}."))
}

/// A new record with the fields of the body, and the contract's defaults for others.
pub(super) fn new_record(request: &Request<'_>, kind: Kind) -> Record {
    let document = &request.contract.document;
    let mut record = Record::blank(request.workspace.shape(kind));
    let body = request.operation.body.iter();
    for (name, schema) in body.flat_map(|body| document.properties(body)) {
        if let Some(default) = schema.get("default") {
            record.set(name, default.clone());
        }
    }
    apply_body(request, &mut record);
    record
}

/// The record of a row with the fields of the body. PATCH is partial: omitted fields stay, and null
/// clears a field that validation found nullable. Evidence: stated (partial), decided (null).
pub(super) fn changed_record(request: &Request<'_>, kind: Kind, index: usize) -> Record {
    let mut record = request.workspace.row(kind, index).record().clone();
    apply_body(request, &mut record);
    record
}

fn apply_body(request: &Request<'_>, record: &mut Record) {
    record.set_all(&request.body.fields);
    if let Some(metadata) = &request.body.metadata {
        record.set_metadata(metadata.clone());
    }
}

/// Deletes a row softly. Returns the response. Deleting it again gives the same response; only a row that
/// never existed is 404. The slug of a customer is free again, and its contacts and onboardings leave the
/// lists.
///
/// Evidence: stated, the slug decided.
pub(super) fn delete(request: &mut Request<'_>, kind: Kind) -> Result<Bytes, ApiError> {
    #[derive(Serialize)]
    struct Deleted<'a> {
        object: &'static str,
        id: &'a str,
        display_id: u64,
        deleted: bool,
    }
    let table = request.workspace.table_mut(kind);
    let found = table.find(&request.reference);
    let index = found.ok_or_else(|| not_found(kind, &request.reference))?;
    let row = table.row_mut(index);
    let was_deleted = std::mem::replace(&mut row.deleted, true);
    let response = json(&Deleted {
        object: "deleted",
        id: &row.id,
        display_id: row.display_id,
        deleted: true,
    });
    if !was_deleted {
        let verb = Verb::Deleted;
        request.change = Some(Change { kind, index, verb });
    }
    if request.contract.undocumented {
        request.workspace.release_name(kind, index);
    }
    Ok(response)
}
