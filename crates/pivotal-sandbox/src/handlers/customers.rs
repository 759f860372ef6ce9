//! Customers: slugs are unique in the workspace among customers that are not deleted, domains are
//! not.
//!
//! Evidence: stated (unique, `slug_taken`, domains), decided (a deleted customer frees its slug).

use bytes::Bytes;

use super::{Request, paging, rows};
use crate::{
    error::ApiError,
    store::{Kind, MAX_SLUG_LENGTH, Row, Workspace, slugify},
};

/// Status of a customer created without one. Evidence: decided.
const DEFAULT_STATUS: &str = "onboarding";
/// The same if only what is documented is served: the other status that examples show.
const DOCUMENTED_STATUS: &str = "active";

/// The length of a dash and the largest number.
const LONGEST_SUFFIX: usize = 21;

/// Lists live customers, newest first, by `status` and `slug`. Evidence: stated, `slug` decided.
pub(super) fn list(request: &mut Request<'_>) -> Result<Bytes, ApiError> {
    let cursor = paging::cursor(request)?;
    let table = &request.workspace.table(Kind::Customer);
    // At most one customer has a slug.
    let customers: Box<dyn Iterator<Item = &Row>> = match request.query.text("slug") {
        None => Box::new(table.newest_first(None, cursor)),
        Some(slug) => Box::new(
            (request.workspace.named(Kind::Customer, slug).iter())
                .map(|index| table.row(*index))
                .filter(move |row| cursor.is_none_or(|cursor| row.created_at < cursor)),
        ),
    };
    Ok(paging::page(request, Kind::Customer, &[], customers))
}

pub(super) fn create(request: &mut Request<'_>) -> Result<Bytes, ApiError> {
    let undocumented = request.contract.undocumented;
    let mut record = rows::new_record(request, Kind::Customer);
    if !request.body.fields.contains_key("status") {
        let status = if undocumented {
            DEFAULT_STATUS
        } else {
            DOCUMENTED_STATUS
        };
        record.set("status", status);
    }
    match request.body.text("slug") {
        Some(slug) => check_free(request.workspace, slug, None)?,
        None if undocumented => {
            let name = request.body.text("name").unwrap_or_default();
            record.set("slug", derive_slug(request.workspace, name));
        }
        None => {}
    }
    Ok(rows::insert(request, Kind::Customer, record, None))
}

/// Updates the fields in the body. A slug of another customer is refused, and null removes it.
///
/// Evidence: stated (partial), inferred (409), decided (null).
pub(super) fn update(request: &mut Request<'_>) -> Result<Bytes, ApiError> {
    let index = rows::find(request, Kind::Customer)?;
    let record = rows::changed_record(request, Kind::Customer, index);
    if let Some(slug) = record.text("slug") {
        check_free(request.workspace, slug, Some(index))?;
    }
    Ok(rows::update(request, Kind::Customer, index, record))
}

/// Refuses a slug of another live customer. `customer` is the index of the one that is updated.
///
/// Slugs are compared exactly. Evidence: decided.
fn check_free(workspace: &Workspace, slug: &str, customer: Option<usize>) -> Result<(), ApiError> {
    let owners = workspace.named(Kind::Customer, slug);
    if owners.is_empty() || customer.is_some_and(|customer| owners.contains(&customer)) {
        return Ok(());
    }
    let message = format!("A customer with the slug {slug} already exists.");
    Err(ApiError::conflict("slug_taken", message).field("slug"))
}

/// A free slug derived from a name, for a customer created without one: `Aurora Outfitters` gives
/// `aurora-outfitters`, then `aurora-outfitters-2`. Numbers are not used again. Evidence: decided.
fn derive_slug(workspace: &mut Workspace, name: &str) -> String {
    let base = slugify(name);
    let is_free = |slug: &str| workspace.named(Kind::Customer, slug).is_empty();
    if is_free(&base) {
        return base;
    }
    // Long names that differ only at the end share their numbers, because the end is cut off.
    let counted: String = base
        .chars()
        .take(MAX_SLUG_LENGTH - LONGEST_SUFFIX)
        .collect();
    let mut next = workspace
        .next_slug_numbers
        .get(&counted)
        .map_or(2, |next| *next);
    loop {
        let suffix = format!("-{next}");
        next = next.wrapping_add(1);
        let kept: String = base.chars().take(MAX_SLUG_LENGTH - suffix.len()).collect();
        let slug = format!("{kept}{suffix}");
        if is_free(&slug) {
            workspace.next_slug_numbers.insert(counted, next);
            return slug;
        }
    }
}
