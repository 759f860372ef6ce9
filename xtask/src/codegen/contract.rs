//! The stages from upstream to the contract, and from there to what the generator takes.

use openapi_pipeline::naming::{self, Names};
use openapi_pipeline::overlay::{self, Overlay};
use openapi_pipeline::shape::{self, Shaped};
use openapi_pipeline::{Problems, canonical, load, lower, normalise};
use serde_json::Value;

use super::tree::{NAMES, OVERLAY, Sources, UPSTREAM};
use super::{Failure, Stage};

/// The names chosen by hand.
pub(super) fn names(sources: &Sources) -> Result<Names, Failure> {
    Names::parse(&sources.names).map_err(|error| Failure::input(NAMES, error))
}

/// The contract: one dialect, stable names, overlaid, in canonical order.
pub(super) fn contract(
    sources: &Sources,
    names: &Names,
    passed: &mut dyn FnMut(Stage),
) -> Result<Value, Failure> {
    let normalised = normalised(sources, passed)?;
    let named = naming::apply(normalised, names)
        .map_err(|problems| Failure::input(format!("{UPSTREAM}, named by names.toml"), problems))?;
    passed(Stage::Name);
    let overlaid = overlaid(named, &sources.overlay)?;
    passed(Stage::Overlay);
    let contract = finished(&overlaid)?;
    passed(Stage::Normalise);
    Ok(contract)
}

/// The vendor's document in one dialect.
pub(super) fn normalised(
    sources: &Sources,
    passed: &mut dyn FnMut(Stage),
) -> Result<Value, Failure> {
    let upstream = load::document(&sources.upstream, UPSTREAM).map_err(Failure::named)?;
    passed(Stage::Load);
    let normalised =
        normalise::normalise(&upstream).map_err(|problems| Failure::input(UPSTREAM, problems))?;
    passed(Stage::Normalise);
    Ok(normalised)
}

/// An overlaid document as the contract: the overlay may have been written in another dialect.
pub(super) fn finished(overlaid: &Value) -> Result<Value, Failure> {
    // What it added may refer to what is not there, or to itself.
    load::check(overlaid).map_err(|problems| Failure::input(OVERLAY, problems))?;
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
/// Each stage reports everything that is in its way. So that one run reports what is in the way of
/// later stages too, they are given the contract as it would be with the remedies of the earlier
/// ones applied.
pub(super) fn shaped(
    contract: &Value,
    names: &Names,
    passed: &mut dyn FnMut(Stage),
) -> Result<Shaped, Failure> {
    let mut latest = match lower_and_shape(contract, names, passed) {
        Ok(shaped) => return Ok(shaped),
        Err(problems) => problems,
    };
    let mut all = latest.clone();
    let mut document = contract.clone();
    while let Some(mended) = mended(&document, &latest) {
        document = mended;
        match lower_and_shape(&document, names, &mut |_| {}) {
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

pub(super) fn lower_and_shape(
    contract: &Value,
    names: &Names,
    passed: &mut dyn FnMut(Stage),
) -> Result<Shaped, Problems> {
    let lowered = lower::lower(contract)?;
    passed(Stage::Lower);
    let shaped = shape::shape(&lowered, names)?;
    passed(Stage::Shape);
    Ok(shaped)
}

/// The document with the remedies of all these problems applied; `None` when one has none, or it
/// does not apply.
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
