//! The stages from upstream to the contract, and from there to what the generator takes.

use openapi_pipeline::naming::{self, Names};
use openapi_pipeline::overlay::{self, Overlay};
use openapi_pipeline::shape::{self, Shaped};
use openapi_pipeline::{Problems, canonical, load, lower, normalise};
use serde_json::Value;

use super::Failure;
use super::tree::{NAMES, OVERLAY, Sources, UPSTREAM};

/// The names chosen by hand.
pub(super) fn names(sources: &Sources) -> Result<Names, Failure> {
    Names::parse(&sources.names).map_err(|error| Failure::input(NAMES, error))
}

/// The contract: one dialect, stable names, overlaid, in canonical order.
pub(super) fn contract(sources: &Sources, names: &Names) -> Result<Value, Failure> {
    let named = naming::apply(normalised(sources)?, names)
        .map_err(|problems| Failure::input(format!("{UPSTREAM}, named by names.toml"), problems))?;
    finished(&overlaid(named, &sources.overlay)?)
}

/// The vendor's document in one dialect.
pub(super) fn normalised(sources: &Sources) -> Result<Value, Failure> {
    let upstream = load::document(&sources.upstream, UPSTREAM).map_err(Failure::named)?;
    normalise::normalise(&upstream).map_err(|problems| Failure::input(UPSTREAM, problems))
}

/// An overlaid document as the contract: the overlay may have been written in another dialect.
pub(super) fn finished(overlaid: &Value) -> Result<Value, Failure> {
    let contract =
        normalise::normalise(overlaid).map_err(|problems| Failure::input(OVERLAY, problems))?;
    Ok(canonical::sort(contract))
}

fn overlaid(document: Value, overlay: &str) -> Result<Value, Failure> {
    if overlay.trim().is_empty() {
        return Ok(document);
    }
    let overlay = Overlay::parse(overlay, OVERLAY).map_err(Failure::named)?;
    let applied = overlay::apply(&document, &overlay)
        .map_err(|problems| Failure::input(OVERLAY, problems))?;
    Ok(applied.document)
}

/// The contract as the generator takes it.
///
/// Each stage reports everything that is in its way. So that one run reports what is in the way of later stages too, they are
/// given the contract as it would be with the remedies of the earlier ones applied.
pub(super) fn shaped(contract: &Value, names: &Names) -> Result<Shaped, Failure> {
    let mut latest = match lower_and_shape(contract, names) {
        Ok(shaped) => return Ok(shaped),
        Err(problems) => problems,
    };
    let mut all = latest.clone();
    let mut document = contract.clone();
    while let Some(mended) = mended(&document, &latest) {
        document = mended;
        match lower_and_shape(&document, names) {
            Ok(_) => break,
            Err(more) => {
                let known = all.len();
                all.extend(more.clone());
                if all.len() == known {
                    break;
                }
                latest = more;
            }
        }
    }
    Err(Failure::input(
        format!("{UPSTREAM}, named and overlaid"),
        all,
    ))
}

pub(super) fn lower_and_shape(contract: &Value, names: &Names) -> Result<Shaped, Problems> {
    shape::shape(&lower::lower(contract)?, names)
}

/// The document with the remedies of all these problems applied; `None` when one has none, or it does not apply.
fn mended(document: &Value, problems: &Problems) -> Option<Value> {
    let actions: Option<Vec<&str>> = problems
        .iter()
        .map(|problem| problem.remedy.as_deref())
        .collect();
    let overlay = format!(
        "overlay: 1.0.0\ninfo: {{title: remedies, version: 1.0.0}}\nactions:\n{}",
        actions?.join("\n")
    );
    let overlay = Overlay::parse(&overlay, "remedies.yaml").ok()?;
    Some(overlay::apply(document, &overlay).ok()?.document)
}
