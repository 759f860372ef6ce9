//! From the document to the generated client.
//!
//! ```text
//! upstream.json → normalise → name → overlay → pivotal.json, the contract
//!                                                    ↓
//!                                 lower → shape → progenitor → crates/pivotal-api/src/generated/
//! ```
//!
//! [`generate`] is pure: sources in, files out. [`write()`] and [`check`] are the only places that
//! touch the disk.

mod lock;
mod print;
mod stages;
mod surface;
mod tree;
mod wire;

use std::collections::BTreeMap;
use std::fmt;

use openapi_pipeline::canonical;
use openapi_pipeline::omission::Omission;
use openapi_pipeline::shape::Shaped;
use syn::Item;

pub use crate::failure::Failure;
pub(crate) use lock::{Origin, is_lock_of};
pub use print::METHODS_OF_A_CALL;
pub use stages::is_contract;
pub use surface::{Change, Difference, Kind, Surface};
pub(crate) use tree::{CONTRACT, LOCK, ORIGIN, UPSTREAM};
pub use tree::{ChangedFile, Drift, Sources, Tree, check, write};

/// Generated files by their path from the root of the tree.
pub type Files = BTreeMap<String, String>;

/// Where the generated modules stand.
pub const GENERATED: &str = "crates/pivotal-api/src/generated";

/// What the client does not have of the document, in Markdown; `None` if it has all.
pub fn left_out(files: &Files) -> Option<String> {
    let text = files.get(&format!("{GENERATED}/{}.rs", print::LEFT_OUT))?;
    let lines = text.lines().filter_map(|line| line.strip_prefix("//!"));
    let lines = lines.map(|line| line.strip_prefix(' ').unwrap_or(line));
    Some(lines.collect::<Vec<_>>().join("\n"))
}

/// Generates every file from its sources, in memory.
///
/// # Errors
///
/// [`Failure`] says which file cannot be used and why; every problem of the document is in it, not
/// only the first.
pub fn generate(sources: &Sources) -> Result<Files, Failure> {
    generate_by_stages(sources, &mut |_| {})
}

/// [`generate`], calling `passed` at the end of each stage.
///
/// # Errors
///
/// Those of [`generate`].
pub fn generate_by_stages(
    sources: &Sources,
    passed: &mut dyn FnMut(Stage),
) -> Result<Files, Failure> {
    Ok(run(sources, passed)?.files)
}

/// [`generate`], with what was left out.
///
/// # Errors
///
/// Those of [`generate`].
pub fn generate_with_omissions(sources: &Sources) -> Result<(Files, Vec<Omission>), Failure> {
    let generated = run(sources, &mut |_| {})?;
    Ok((generated.files, generated.omissions))
}

/// [`generate`], with the public items of the client that it generates.
///
/// # Errors
///
/// Those of [`generate`].
pub fn generate_with_surface(sources: &Sources) -> Result<(Files, Surface), Failure> {
    let generated = run(sources, &mut |_| {})?;
    let surface = Surface::of(&generated.shaped, generated.items);
    Ok((generated.files, surface))
}

struct Generated {
    files: Files,
    shaped: Shaped,
    items: Vec<Item>,
    omissions: Vec<Omission>,
}

fn run(sources: &Sources, passed: &mut dyn FnMut(Stage)) -> Result<Generated, Failure> {
    let names = stages::names(sources)?;
    let mut omissions = Vec::new();
    let contract = stages::contract(sources, &names, passed, &mut omissions)?;
    let (shaped, wire) = stages::shaped(sources, &contract, &names, passed, &mut omissions)?;

    let (modules, items) = print::modules(&shaped, &wire, &omissions)?;
    let mut files = Files::new();
    for (module, text) in modules {
        files.insert(format!("{GENERATED}/{module}.rs"), text);
    }
    files.insert(print::SETTERS.to_owned(), print::setters(&shaped)?);
    passed(Stage::Print);
    files.insert(CONTRACT.to_owned(), canonical::text(&contract));
    let lock = lock::text(sources, &files)?;
    files.insert(tree::LOCK.to_owned(), lock);
    passed(Stage::Contract);
    Ok(Generated {
        files,
        shaped,
        items,
        omissions,
    })
}

/// One stage of a generation, in the order in which a document passes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Text to a checked document, and the names chosen by hand.
    Load,
    /// Any dialect to one; before the overlay and after it.
    Normalise,
    /// Stable names.
    Name,
    /// What the guides promise.
    Overlay,
    /// OpenAPI 3.1 to 3.0.3.
    Lower,
    /// What the generator takes, and tables of what it does not generate.
    Shape,
    /// The generator, with typify in it.
    Generate,
    /// Tokens of the generator to syntax, with docs and fields corrected.
    Parse,
    /// Syntax to text.
    Print,
    /// The contract's own texts and the lock.
    Contract,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&format!("{self:?}").to_lowercase())
    }
}
