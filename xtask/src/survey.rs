//! `cargo xtask survey`: how much of each document of a folder the generator expresses.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fmt::{self, Write};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use openapi_pipeline::{load, resolve};

use crate::cargo;
use crate::codegen::{self, Files, GENERATED, Sources, Tree};
use crate::failure::Failure;
use crate::input;
use crate::workspace;

/// The crate that the code is compiled in, in the target folder.
const CRATE: &str = "target/xtask-survey";
/// What stands around generated code, in the crate of the codegen fixtures.
const AROUND: &str = "tests/codegen-fixtures/crates/pivotal-api";

/// One document.
#[derive(Debug, Default)]
pub struct Row {
    document: String,
    operations: usize,
    expressed: usize,
    /// Reasons why operations, parameters and responses are left out, with their numbers.
    reasons: BTreeMap<String, usize>,
    lines: usize,
    seconds: f64,
    /// Why nothing was generated, or what the compiler says.
    failure: Option<String>,
}

/// The rows of a survey.
#[derive(Debug)]
pub struct Survey(Vec<Row>);

impl Survey {
    /// Whether every document was generated from, and compiles if that was asked for.
    pub fn is_clean(&self) -> bool {
        self.0.iter().all(|row| row.failure.is_none())
    }
}

/// Generates from every document in a folder, by rule alone, in memory; with `compile` the code is
/// checked by the compiler, in which a warning is a failure.
///
/// # Errors
///
/// [`Failure`] when the folder cannot be read, or cargo cannot be run. What is wrong with a document is
/// in its row.
pub fn survey(folder: &Path, compile: bool) -> Result<Survey, Failure> {
    let root = workspace::root()?;
    let of_workspace = Tree::at(&root).sources()?;
    let rows = documents(folder)?.into_iter().map(|file| {
        let name = file.file_name().unwrap_or_default();
        let mut row = Row {
            document: name.to_string_lossy().into_owned(),
            ..Row::default()
        };
        match row.generate(&file, &of_workspace) {
            Ok(files) if compile => {
                let crate_folder = write_crate(&root, &root.join(CRATE), &files)?;
                row.failure = cargo::check_alone(&crate_folder, &root.join("target"))?;
            }
            Ok(_) => {}
            Err(failure) => row.failure = Some(failure.to_string()),
        }
        Ok(row)
    });
    rows.collect::<Result<_, _>>().map(Survey)
}

fn documents(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let unreadable = |error| Failure::unreadable(folder, &error);
    let entries = fs::read_dir(folder).map_err(unreadable)?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let mut paths: Vec<PathBuf> = paths.collect::<Result<_, _>>().map_err(unreadable)?;
    let extensions = ["json", "yaml", "yml"].map(OsStr::new);
    paths.retain(|path| path.extension().is_some_and(|of| extensions.contains(&of)));
    paths.sort();
    Ok(paths)
}

impl Row {
    fn generate(&mut self, file: &Path, of_workspace: &Sources) -> Result<Files, Failure> {
        let start = Instant::now();
        let document = load::unchecked(&input::document(file)?, &self.document);
        let document = document.map_err(Failure::named)?;
        let operations = resolve::operations(&document).into_iter();
        let mut operations: BTreeSet<String> = operations
            .map(|of| format!("{} {}", of.method.to_ascii_uppercase(), of.path))
            .collect();
        let sources = Sources {
            upstream: document.to_string(),
            overlay: String::new(),
            names: String::new(),
            origin: None,
            ..of_workspace.clone()
        };
        let (files, omissions) = codegen::generate_with_omissions(&sources)?;
        self.seconds = start.elapsed().as_secs_f64();
        let mut left_out = BTreeSet::new();
        for omission in omissions {
            let Some(operation) = omission.operation else {
                continue;
            };
            *self.reasons.entry(omission.problem.why).or_default() += 1;
            if omission.part.is_none() {
                left_out.insert(operation);
            }
        }
        // Those under methods that OpenAPI does not have, too.
        operations.extend(left_out.iter().cloned());
        self.operations = operations.len();
        self.expressed = self.operations - left_out.len();
        let code = files.iter().filter(|(path, _)| path.ends_with(".rs"));
        self.lines = code.map(|(_, text)| text.lines().count()).sum();
        Ok(files)
    }
}

/// Writes the generated files into a folder, with what makes a crate of them, and returns the folder
/// of the crate.
///
/// # Errors
///
/// [`Failure`] when a file cannot be written, or one of this workspace cannot be read.
pub fn write_crate(root: &Path, folder: &Path, files: &Files) -> Result<PathBuf, Failure> {
    let unwritable = |error| Failure::unwritable(folder, &error);
    let _ = fs::remove_dir_all(folder.join("crates"));
    for (path, text) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap_or(folder)).map_err(unwritable)?;
        fs::write(path, text).map_err(unwritable)?;
    }
    let around = Tree::at(root.join(AROUND));
    let library = around.read("src/lib.rs")?;
    let hand_written = root.join("crates/pivotal-api/src").display().to_string();
    let library = library.replace("../../../../../crates/pivotal-api/src", &hand_written);
    let crate_folder = folder.join(GENERATED).join("../..");
    fs::write(crate_folder.join("src/lib.rs"), library).map_err(unwritable)?;
    let manifest = manifest(root, &around.read("Cargo.toml")?)?;
    fs::write(crate_folder.join("Cargo.toml"), manifest).map_err(unwritable)?;
    let lock = Tree::at(root).read("Cargo.lock")?;
    fs::write(crate_folder.join("Cargo.lock"), lock).map_err(unwritable)?;
    Ok(crate_folder)
}

/// The manifest of the fixtures' crate, outside the workspace.
fn manifest(root: &Path, text: &str) -> Result<String, Failure> {
    let parsed = |text: &str| toml::from_str::<toml::Table>(text);
    let ours = |error: toml::de::Error| Failure::ours("a manifest of this workspace", error);
    let workspace = parsed(&Tree::at(root).read("Cargo.toml")?).map_err(ours)?;
    let manifest = parsed(text).map_err(ours)?;
    let mut out = "[package]\nname = \"survey\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
        [features]\ndefault = [\"schemars\"]\nschemars = [\"dep:schemars\", \"pivotal-runtime/schemars\"]\n\n\
        [dependencies]\n"
        .to_owned();
    for (name, wanted) in manifest["dependencies"].as_table().into_iter().flatten() {
        let mut from = match &workspace["workspace"]["dependencies"][name] {
            toml::Value::Table(table) => table.clone(),
            version => toml::Table::from_iter([("version".to_owned(), version.clone())]),
        };
        if let Some(toml::Value::String(path)) = from.get_mut("path") {
            *path = root.join(path.as_str()).display().to_string();
        }
        for (key, value) in wanted.as_table().into_iter().flatten() {
            match (key.as_str(), from.get_mut(key)) {
                ("workspace", _) => {}
                (_, Some(toml::Value::Array(known))) => {
                    known.extend(value.as_array().cloned().unwrap_or_default());
                }
                _ => {
                    from.insert(key.clone(), value.clone());
                }
            }
        }
        let _ = writeln!(out, "{name} = {}", toml::Value::Table(from));
    }
    Ok(out)
}

impl fmt::Display for Survey {
    /// A table in Markdown, and what failed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| document | operations | expressed | lines | seconds | left out |"
        )?;
        writeln!(f, "|---|---:|---:|---:|---:|---|")?;
        let (mut operations, mut expressed) = (0, 0);
        for row in &self.0 {
            operations += row.operations;
            expressed += row.expressed;
            let reasons = row.reasons.iter();
            let mut reasons: Vec<String> = reasons
                .map(|(why, count)| format!("{count}: {why}"))
                .collect();
            if row.failure.is_some() {
                reasons.push("failed, see below".to_owned());
            }
            writeln!(
                f,
                "| {} | {} | {} | {} | {:.1} | {} |",
                row.document,
                row.operations,
                row.expressed,
                row.lines,
                row.seconds,
                reasons.join("; ").replace('|', "\\|")
            )?;
        }
        let share = 100.0 * expressed as f64 / operations.max(1) as f64;
        writeln!(
            f,
            "\n{expressed} of {operations} operations are expressed, {share:.1} %."
        )?;
        for row in &self.0 {
            if let Some(failure) = &row.failure {
                writeln!(f, "\n{}: {failure}", row.document)?;
            }
        }
        Ok(())
    }
}
