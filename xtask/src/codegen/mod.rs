//! From the document to the wire client.
//!
//! ```text
//! upstream.json → normalise → name → overlay → pivotal.json, the contract
//!                                                    ↓
//!                                 lower → shape → progenitor → crates/pivotal-api/src/generated/
//! ```
//!
//! [`generate`] is pure: sources in, files out. [`write()`] and [`check`] are the only places that
//! touch the disk.

mod contract;
mod failure;
mod lock;
mod preview;
mod print;
mod stage;
mod tree;
mod wire;

use std::collections::BTreeMap;

use openapi_pipeline::canonical;
use openapi_pipeline::shape::Shaped;
use serde_json::Value;

pub use failure::Failure;
pub(crate) use lock::Origin;
pub use preview::{Preview, is_overlaid, preview};
pub use stage::Stage;
pub use tree::{Change, Changed, Drift, Sources, Tree, check, write};
pub(crate) use tree::{ORIGIN, OVERLAY, UPSTREAM};

/// Generated files by their path from the root of the tree.
pub type Files = BTreeMap<String, String>;

/// Where the generated modules stand.
pub const GENERATED: &str = "crates/pivotal-api/src/generated";

/// Generates every file from its sources, in memory.
///
/// # Errors
///
/// [`Failure`] says which file cannot be used and why; every problem of the document is in it, not
/// only the first.
pub fn generate(sources: &Sources) -> Result<Files, Failure> {
    generate_by_stages(sources, &mut |_| {})
}

/// [`generate`], telling `passed` of each stage when it is over.
///
/// # Errors
///
/// Those of [`generate`].
pub fn generate_by_stages(
    sources: &Sources,
    passed: &mut dyn FnMut(Stage),
) -> Result<Files, Failure> {
    let names = contract::names(sources)?;
    let contract = contract::contract(sources, &names, passed)?;
    let shaped = contract::shaped(&contract, &names, passed)?;
    files(sources, &contract, &shaped, passed)
}

/// Prints everything that is generated from a contract.
fn files(
    sources: &Sources,
    contract: &Value,
    shaped: &Shaped,
    passed: &mut dyn FnMut(Stage),
) -> Result<Files, Failure> {
    let wire = wire::generate(shaped, passed)?;

    let mut files = Files::new();
    for (module, text) in print::modules(shaped, &wire)? {
        files.insert(format!("{GENERATED}/{module}.rs"), text);
    }
    passed(Stage::Print);
    files.insert(tree::CONTRACT.to_owned(), canonical::text(contract));
    let lock = lock::text(sources, &files)?;
    files.insert(tree::LOCK.to_owned(), lock);
    passed(Stage::Contract);
    Ok(files)
}
