//! What would be generated from a document that overlay and names may be behind.

use openapi_pipeline::naming::{self, Names};
use openapi_pipeline::overlay::{self, Overlay, Stale};
use openapi_pipeline::shape::{Operation, Shaped};
use openapi_pipeline::{Problem, Problems};
use serde_json::Value;

use super::contract;
use super::tree::{NAMES, OVERLAY, UPSTREAM};
use super::{Failure, Files, Sources};

/// What would be generated, and what stands in the way of generating it.
#[derive(Clone, Debug)]
pub struct Preview {
    /// Every generated file, as [`generate`](super::generate) would give it without what is listed
    /// below.
    pub files: Files,
    /// The contract.
    pub contract: Value,
    /// The operation table.
    pub operations: Vec<Operation>,
    /// Actions of the overlay that no longer apply; left out.
    pub stale: Vec<Stale>,
    /// Entries of names.toml that name nothing any more; left out.
    pub stale_names: Vec<Problem>,
}

/// Generates from everything that still applies. What does not is told, not refused: it is for
/// looking at a document, not for writing files.
///
/// # Errors
///
/// [`Failure`] as for [`generate`](super::generate), for everything but overlay actions and names
/// that no longer apply.
pub fn preview(sources: &Sources) -> Result<Preview, Failure> {
    let mut names = contract::names(sources)?;
    let normalised = contract::normalised(sources, &mut |_| {})?;
    let overlay = Overlay::parse(&sources.overlay, OVERLAY).map_err(Failure::named)?;
    let mut stale_names = Vec::new();
    loop {
        let (problems, contract) = match attempt(&normalised, &overlay, &names)? {
            Ok((contract, shaped, stale)) => {
                return Ok(Preview {
                    files: super::files(sources, &contract, &shaped, &mut |_| {})?,
                    contract,
                    operations: shaped.operations,
                    stale,
                    stale_names,
                });
            }
            Err(reasons) => reasons,
        };
        let told = stale_names.len();
        for problem in &problems {
            if names.drop_entry(problem) {
                stale_names.push(problem.clone());
            }
        }
        // What no entry of names.toml is to blame for.
        if stale_names.len() == told {
            if let Some(contract) = contract {
                contract::shaped(&contract, &names, &mut |_| {})?;
            }
            return Err(Failure::input(
                format!("{UPSTREAM}, named by {NAMES} and overlaid"),
                problems,
            ));
        }
    }
}

/// Whether the document of these sources holds already what most of the overlay would add: whether
/// it is a contract.
///
/// # Errors
///
/// [`Failure`] when the document, the overlay or the names cannot be read.
pub fn is_overlaid(sources: &Sources) -> Result<bool, Failure> {
    let names = contract::names(sources)?;
    let overlay = Overlay::parse(&sources.overlay, OVERLAY).map_err(Failure::named)?;
    // With names that do not fit, it is looked at as it is.
    let normalised = contract::normalised(sources, &mut |_| {})?;
    let named = naming::apply(normalised.clone(), &names).unwrap_or(normalised);
    let (_, stale) = overlay::apply_what_applies(&named, &overlay)
        .map_err(|problems| Failure::input(OVERLAY, problems))?;
    let held = stale.iter().filter(|stale| stale.caught_up).count();
    Ok(held * 2 > overlay.len())
}

/// What came of it, or what is in its way and the contract that it is in.
type Attempt = Result<(Value, Shaped, Vec<Stale>), (Problems, Option<Value>)>;

/// The outer error stops everything, the inner one may be the names' fault.
fn attempt(normalised: &Value, overlay: &Overlay, names: &Names) -> Result<Attempt, Failure> {
    let named = match naming::apply(normalised.clone(), names) {
        Ok(named) => named,
        Err(problems) => return Ok(Err((problems, None))),
    };
    let (applied, stale) = overlay::apply_what_applies(&named, overlay)
        .map_err(|problems| Failure::input(OVERLAY, problems))?;
    let contract = contract::finished(&applied.document)?;
    Ok(
        match contract::lower_and_shape(&contract, names, &mut |_| {}) {
            Ok(shaped) => Ok((contract, shaped, stale)),
            Err(problems) => Err((problems, Some(contract))),
        },
    )
}
