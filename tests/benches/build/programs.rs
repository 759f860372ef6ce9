//! The two programs, in a temporary folder with a copy of the workspace.

use std::fs;
use std::io;
use std::path::Path;

use tempfile::TempDir;

use crate::cargo::Folder;

/// The same TLS, and the features of reqwest that the SDK uses for itself: responses in gzip, JSON
/// bodies, query parameters.
const BY_HAND: &str = r#"
reqwest = { version = "0.13", default-features = false, features = ["gzip", "json", "query", "rustls-no-provider"] }
rustls = { version = "0.23", default-features = false, features = ["ring", "std", "tls12"] }
rustls-platform-verifier = "0.7"
serde = { version = "1", features = ["derive"] }
serde_json = "1"
"#;

const SDK: &str = r#"
pivotal-sdk = { path = "../workspace/crates/pivotal-sdk" }
"#;

/// The smallest binary that cargo's settings give.
const PROFILE: &str = r#"
[profile.release]
opt-level = "z"
lto = true
codegen-units = 1
panic = "abort"
strip = true
"#;

pub(crate) struct Programs {
    folder: TempDir,
}

impl Programs {
    /// Writes both. They have the versions of the workspace.
    pub(crate) fn write() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let programs = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let path = programs.folder.path();
        copy(&root, &path.join("workspace")).unwrap();
        let sides = [
            ("by-hand", BY_HAND, include_str!("by_hand.rs")),
            ("sdk", SDK, include_str!("with_sdk.rs")),
        ];
        for (name, dependencies, source) in sides {
            let folder = path.join(name);
            fs::create_dir_all(folder.join("src")).unwrap();
            let manifest = format!(
                "[package]\nname = \"program\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]{dependencies}\
                 tokio = {{ version = \"1\", default-features = false, features = [\"macros\", \"rt\"] }}\n{PROFILE}"
            );
            fs::write(folder.join("Cargo.toml"), manifest).unwrap();
            fs::write(folder.join("src/main.rs"), source).unwrap();
            fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
        }
        programs
    }

    /// The program that calls reqwest.
    pub(crate) fn by_hand(&self) -> Folder {
        self.at("by-hand")
    }

    /// The program that calls the SDK.
    pub(crate) fn with_sdk(&self) -> Folder {
        self.at("sdk")
    }

    /// The least processor time of a command in the copy of the workspace after a line is added to
    /// the generated client, of so many times, in seconds.
    pub(crate) fn rebuild_api(&self, command: &str, times: usize) -> f64 {
        let workspace = self.at("workspace");
        let file = workspace
            .path
            .join("crates/pivotal-api/src/generated/client.rs");
        workspace.incremental(command, "pivotal-api");
        let source = fs::read_to_string(&file).unwrap();
        let seconds = crate::cheapest(times, |number| {
            let line = format!("pub const CHANGE: &str = \"{command} {number}\";\n");
            fs::write(&file, format!("{source}{line}")).unwrap();
            workspace.incremental(command, "pivotal-api")
        });
        fs::write(&file, source).unwrap();
        seconds
    }

    fn at(&self, name: &str) -> Folder {
        Folder {
            path: self.folder.path().join(name),
        }
    }
}

/// Copies a folder without hidden files and what cargo has built.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        if name == "target" || name.as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let to = to.join(&name);
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}
