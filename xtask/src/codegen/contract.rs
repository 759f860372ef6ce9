//! The stages from upstream to the contract.

use openapi_pipeline::naming::{self, Names};
use openapi_pipeline::overlay::{self, Overlay};
use openapi_pipeline::{canonical, load, normalise};
use serde_json::Value;

use super::tree::{NAMES, OVERLAY, Sources, UPSTREAM};
use super::Failure;

/// The names chosen by hand.
pub(super) fn names(sources: &Sources) -> Result<Names, Failure> {
    Names::parse(&sources.names).map_err(|error| Failure::input(NAMES, error))
}

/// The contract: one dialect, stable names, overlaid, in canonical order.
pub(super) fn contract(sources: &Sources, names: &Names) -> Result<Value, Failure> {
    let upstream = load::document(&sources.upstream, UPSTREAM).map_err(|error| Failure::input(UPSTREAM, error))?;
    let normalised = normalise::normalise(&upstream).map_err(|problems| Failure::input(UPSTREAM, problems))?;
    let named = naming::apply(normalised, names).map_err(|problems| Failure::input(UPSTREAM, problems))?;
    let overlaid = overlaid(named, &sources.overlay)?;
    // The overlay may have been written in another dialect than the contract's.
    let contract = normalise::normalise(&overlaid).map_err(|problems| Failure::input(OVERLAY, problems))?;
    Ok(canonical::sort(contract))
}

fn overlaid(document: Value, overlay: &str) -> Result<Value, Failure> {
    if overlay.trim().is_empty() {
        return Ok(document);
    }
    let overlay = Overlay::parse(overlay, OVERLAY).map_err(|error| Failure::input(OVERLAY, error))?;
    let applied = overlay::apply(&document, &overlay).map_err(|problems| Failure::input(OVERLAY, problems))?;
    Ok(applied.document)
}
