//! `cargo xtask release`: prepares a version of the published crates, and rehearses its release.
//! Nothing is published.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::cargo;
use crate::changelog::{self, CHANGELOG};
use crate::codegen::{CONTRACT, Tree};
use crate::diff::{self, Inputs};
use crate::failure::Failure;
use crate::git;
use crate::impact::{self, Step};
use crate::transaction::Transaction;

/// The checks of every change, and the script that makes them.
const GATE: &str = ".ci/run";
const MANIFEST: &str = "Cargo.toml";
const CARGO_LOCK: &str = "Cargo.lock";

/// A workspace of which a version is released.
#[derive(Debug)]
pub struct Workspace {
    tree: Tree,
    metadata: Value,
    /// The version in Cargo.toml, which all crates share.
    version: String,
    /// The versions of the tags that the current commit descends from, the latest first.
    released: Vec<String>,
}

/// A release that has no problem that is found without compiling.
#[derive(Debug)]
pub struct Checked {
    version: String,
    /// What is released since the tag of the version before, and what that asks of the version.
    advice: String,
    /// The published crates, dependencies first.
    packages: Vec<String>,
}

impl Workspace {
    /// The workspace at a folder.
    ///
    /// # Errors
    ///
    /// [`Failure`] when it is not in a git repository, or cargo cannot read it.
    pub fn at(root: &Path) -> Result<Self, Failure> {
        let tree = Tree::at(root);
        let metadata = cargo::metadata(root)?;
        let version = impact::version(&tree)?.ok_or_else(|| {
            Failure::input(
                MANIFEST,
                "has no workspace.package.version; run the command in this project",
            )
        })?;
        let released = git::versions(root)?;
        Ok(Self {
            tree,
            metadata,
            version,
            released,
        })
    }

    /// Sets a version in Cargo.toml, Cargo.lock and CHANGELOG.md: all three or none.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the tree has changes, the version is not one to release, or the changelog has
    /// no entry for it.
    pub fn prepare(&self, version: &str, date: Option<&str>) -> Result<(), Failure> {
        let date = diff::day(date)?;
        let mut problems = self.version_problems(version)?.0;
        let changelog = self.tree.read(CHANGELOG)?;
        let released = changelog::released(&changelog, version, &date);
        if released.is_none() {
            problems.push(format!(
                "{CHANGELOG} has no entry under `## Unreleased`: say there what users notice"
            ));
        }
        refuse(problems)?;
        let mut transaction = Transaction::new(self.tree.root());
        transaction.write(CHANGELOG, &released.unwrap_or_default());
        transaction.write(
            MANIFEST,
            &manifest(&self.tree.read(MANIFEST)?, &self.version, version),
        );
        if let Some(mut lock) = self.tree.existing(CARGO_LOCK)? {
            for package in self.packages() {
                let name = package["name"].as_str().unwrap_or_default();
                let entry = |version: &str| format!("name = \"{name}\"\nversion = \"{version}\"\n");
                lock = lock.replace(&entry(&self.version), &entry(version));
            }
            transaction.write(CARGO_LOCK, &lock);
        }
        transaction.commit()
    }

    /// Checks what can be checked without compiling.
    ///
    /// # Errors
    ///
    /// [`Failure`] with everything that is in the way of a release.
    pub fn check(&self) -> Result<Checked, Failure> {
        let version = &self.version;
        let (mut problems, advice) = self.version_problems(version)?;
        let changelog = self.tree.read(CHANGELOG)?;
        match changelog::date(&changelog, version) {
            None => problems.push(format!(
                "{CHANGELOG} has no heading `## {version} - YYYY-MM-DD`: run `cargo xtask release {version}`, which writes it"
            )),
            Some(date) if date.parse::<jiff::civil::Date>().is_err() => problems.push(format!(
                "the heading of {version} in {CHANGELOG} has no date: write `## {version} - YYYY-MM-DD`"
            )),
            Some(_) => {}
        }
        let published: Vec<&Value> = self
            .packages()
            .filter(|package| is_published(package))
            .collect();
        if published.is_empty() {
            problems.push(format!(
                "no crate is published: each has `publish = false` in its {MANIFEST}"
            ));
        }
        let is_address = |package: &&Value| {
            let address = package["repository"].as_str().unwrap_or_default();
            address.starts_with("https://")
        };
        if !published.iter().all(is_address) {
            problems.push(format!(
                "the project has no address: set `workspace.package.repository` in {MANIFEST} to where it is published"
            ));
        }
        refuse(problems)?;
        Ok(Checked {
            version: version.clone(),
            advice,
            packages: in_order(&published),
        })
    }

    /// Runs the checks of every change.
    ///
    /// # Errors
    ///
    /// [`Failure`] when one fails, or there is no bash.
    pub fn gate(&self) -> Result<(), Failure> {
        let mut command = Command::new("bash");
        command.arg(GATE).current_dir(self.tree.root());
        passed(cargo::status(&mut command)?, GATE)
    }

    /// Packages the crates and compiles them from their packages.
    ///
    /// # Errors
    ///
    /// [`Failure`] when a package cannot be made, or does not compile without the rest of the workspace.
    pub fn package(&self, checked: &Checked) -> Result<(), Failure> {
        let mut arguments = vec!["package", "--locked"];
        arguments.extend(checked.packages.iter().flat_map(|name| ["--package", name]));
        passed(
            cargo::succeeds(self.tree.root(), &arguments)?,
            "cargo package",
        )
    }

    /// What is in the way of a release of this version now, and what its changes ask of the version.
    fn version_problems(&self, version: &str) -> Result<(Vec<String>, String), Failure> {
        let mut problems = Vec::new();
        let Some(number) = numbers(version) else {
            let what = format!("{version} is not a version; write it as X.Y.Z");
            return Err(Failure::named(what));
        };
        if !git::is_clean(self.tree.root())? {
            problems.push("the tree has changes: commit them, or put them away with `git stash --include-untracked`".to_owned());
        }
        if numbers(&self.version).is_some_and(|current| number < current) {
            problems.push(format!(
                "{MANIFEST} has the version {} already, which is later than {version}",
                self.version
            ));
        }
        let Some(last) = self.released.iter().find(|tag| numbers(tag).is_some()) else {
            return Ok((
                problems,
                "first release: there is no tag vX.Y.Z to compare with".to_owned(),
            ));
        };
        if numbers(last) >= Some(number) {
            problems.push(format!(
                "v{last} is tagged already: run `cargo xtask release` with a later version"
            ));
        }
        let contract = self.tree.root().join(CONTRACT);
        let promises = Some(self.tree.root().join(diff::PROMISES)).filter(|file| file.is_file());
        let inputs = Inputs {
            base: PathBuf::from(format!("v{last}:{CONTRACT}")),
            revision: contract,
            promises,
            waivers: None,
            today: diff::today(),
        };
        let (comparison, _) = diff::compare(&inputs)?;
        let impact = impact::between(
            &self.tree,
            &inputs.base,
            &inputs.revision,
            &comparison.report,
        )?;
        let step = impact
            .release
            .as_ref()
            .map_or(Step::None, |release| release.step);
        let least = impact::next_version(last, step);
        let reasons = impact
            .release
            .map(|release| release.reasons)
            .unwrap_or_default();
        if numbers(&least) > Some(number) {
            problems.push(format!(
                "{version} is too low: the contract has changed since v{last}, which asks for {least}\n  {}",
                reasons.join("\n  ")
            ));
        }
        let advice = match step {
            Step::None => format!("the contract is that of v{last}"),
            Step::Compatible | Step::Breaking => {
                format!("the contract has changed since v{last}, which asks for {least} or later")
            }
        };
        Ok((problems, advice))
    }

    fn packages(&self) -> impl Iterator<Item = &Value> {
        self.metadata["packages"].as_array().into_iter().flatten()
    }
}

impl fmt::Display for Checked {
    /// What is released, and the commands that do so.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let version = &self.version;
        writeln!(f, "To publish {version}, run in this order:")?;
        writeln!(f, "  git tag v{version}")?;
        writeln!(f, "  git push origin v{version}")?;
        for package in &self.packages {
            writeln!(f, "  cargo publish --locked --package {package}")?;
        }
        write!(
            f,
            "If a command fails, go on with it when the cause is mended; what is published stays."
        )
    }
}

impl Checked {
    /// What was found so far.
    pub fn found(&self) -> String {
        format!(
            "{}: {}; {} crates are published",
            self.version,
            self.advice,
            self.packages.len()
        )
    }
}

fn refuse(problems: Vec<String>) -> Result<(), Failure> {
    if problems.is_empty() {
        return Ok(());
    }
    Err(Failure::named(format!(
        "not ready for a release:\n- {}",
        problems.join("\n- ")
    )))
}

fn passed(success: bool, what: &str) -> Result<(), Failure> {
    if success {
        return Ok(());
    }
    Err(Failure::named(format!(
        "{what} failed; its output above says why. Nothing was published"
    )))
}

/// The numbers of a version `X.Y.Z`.
fn numbers(version: &str) -> Option<[u64; 3]> {
    let parts: Option<Vec<u64>> = version.split('.').map(|part| part.parse().ok()).collect();
    parts?.try_into().ok()
}

/// The root manifest with another version of the workspace, and of its crates where they are required.
fn manifest(text: &str, from: &str, to: &str) -> String {
    let line = |line: &str| match line.starts_with("version = ") || line.contains("{ path = \"") {
        true => line
            .replace(
                &format!("version = \"{from}\""),
                &format!("version = \"{to}\""),
            )
            .replace(
                &format!("version = \"={from}\""),
                &format!("version = \"={to}\""),
            ),
        false => line.to_owned(),
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

fn is_published(package: &Value) -> bool {
    // `publish = false` is an empty list of registries.
    package["publish"]
        .as_array()
        .is_none_or(|registries| !registries.is_empty())
}

/// The names of packages, each after those that it depends on.
fn in_order(packages: &[&Value]) -> Vec<String> {
    let name = |value: &Value| value["name"].as_str().unwrap_or_default().to_owned();
    let mut ordered: Vec<String> = Vec::new();
    let mut open: Vec<&Value> = packages.to_vec();
    while !open.is_empty() {
        let names: Vec<String> = open.iter().map(|package| name(package)).collect();
        let waits = |package: &Value| {
            let mut dependencies = package["dependencies"].as_array().into_iter().flatten();
            dependencies.any(|of| of["kind"] != "dev" && names.contains(&name(of)))
        };
        let (later, next): (Vec<&Value>, Vec<&Value>) =
            open.into_iter().partition(|package| waits(package));
        // Cargo refuses a circle before.
        assert!(!next.is_empty(), "{names:?} depend on each other");
        ordered.extend(next.into_iter().map(name));
        open = later;
    }
    ordered
}
