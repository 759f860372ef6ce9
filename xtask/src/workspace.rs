//! Finding the root of this workspace, at run time.
//!
//! Two checkouts may share a target folder, and then one binary: what was known when it was built
//! says nothing about the tree to work on.

use std::env;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// The workspace of the `xtask` that `cargo run` runs, else the one around the current folder.
///
/// # Errors
///
/// [`Failure`] when there is none.
pub(crate) fn root() -> Result<PathBuf, Failure> {
    let manifest = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let by_cargo = manifest.as_deref().and_then(Path::parent);
    if let Some(root) = by_cargo.filter(|root| is_root(root)) {
        return Ok(root.to_owned());
    }
    let current = env::current_dir()
        .map_err(|error| Failure::named(format!("the current folder is not known: {error}")))?;
    let around = current.ancestors().find(|folder| is_root(folder));
    around.map(Path::to_owned).ok_or_else(|| {
        Failure::named(format!(
            "{} is in no workspace with Cargo.toml and openapi/upstream.json; run the command in one, or name the tree with --root",
            current.display()
        ))
    })
}

/// The argument that a command of xtask needs to work on the tree at `root`; empty for this
/// workspace.
pub(crate) fn argument(root: &Path) -> String {
    let canonical = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    match self::root() {
        Ok(workspace) if canonical(&workspace) == canonical(root) => String::new(),
        _ => format!(" --root {}", root.display()),
    }
}

fn is_root(folder: &Path) -> bool {
    folder.join("Cargo.toml").is_file() && folder.join("openapi/upstream.json").is_file()
}
