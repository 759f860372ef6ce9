//! `cargo xtask release`: prepares a version of the published crates, and rehearses its release.
//! Nothing is published.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::civil::Date;
use serde_json::Value;

use crate::cargo;
use crate::changelog::{self, CHANGELOG};
use crate::codegen::{CONTRACT, Tree};
use crate::diff::{self, Inputs, PROMISES};
use crate::failure::Failure;
use crate::git;
use crate::impact::{self, Step};
use crate::transaction::Transaction;

/// The script that makes the checks of every change.
const GATE: &str = ".ci/run";
const MANIFEST: &str = "Cargo.toml";
const CARGO_LOCK: &str = "Cargo.lock";

/// Sets a version in Cargo.toml, Cargo.lock and CHANGELOG.md: all three or none.
///
/// # Errors
///
/// [`Failure`] when the tree has changes, the version is not one to release, or the changelog has no
/// entry for it.
pub fn prepare(root: &Path, version: &str, date: Option<&str>) -> Result<(), Failure> {
    let (tree, date) = (Tree::at(root), diff::day(date)?);
    let current = version_of(&tree)?;
    let (mut problems, _) = version_problems(&tree, &current, version)?;
    let released = changelog::released(&tree.read(CHANGELOG)?, version, &date);
    if released.is_none() {
        let what = "has no entry under `## Unreleased`: say there what users notice";
        problems.push(format!("{CHANGELOG} {what}"));
    }
    let metadata = cargo::metadata(root)?;
    problems.extend(address_problem(&published(&metadata)));
    refuse(&problems)?;
    let manifest = manifest(&tree.read(MANIFEST)?, &current, version);
    let mut transaction = Transaction::new(root);
    transaction.write(CHANGELOG, &released.unwrap_or_default());
    transaction.write(MANIFEST, &manifest);
    if let Some(mut lock) = tree.existing(CARGO_LOCK)? {
        for package in packages(&metadata) {
            let name = name(package);
            let entry = |version: &str| format!("name = \"{name}\"\nversion = \"{version}\"\n");
            lock = lock.replace(&entry(&current), &entry(version));
        }
        transaction.write(CARGO_LOCK, &lock);
    }
    transaction.commit()
}

/// Checks that the version in Cargo.toml can be released: first what needs no compiler, then all that
/// `.ci/run` checks, unless that is left out, and the packages. Returns the commands that publish it.
///
/// # Errors
///
/// [`Failure`] with everything that is in the way, or with the check that failed.
pub fn rehearse(root: &Path, skip_gate: bool) -> Result<String, Failure> {
    let tree = Tree::at(root);
    let version = version_of(&tree)?;
    let (mut problems, advice) = version_problems(&tree, &version, &version)?;
    let heading = format!("## {version} - YYYY-MM-DD");
    match changelog::date(&tree.read(CHANGELOG)?, &version) {
        None => problems.push(format!(
            "{CHANGELOG} has no heading `{heading}`: run `cargo xtask release {version}`, which writes it"
        )),
        Some(date) if date.parse::<Date>().is_err() => problems.push(format!(
            "the heading of {version} in {CHANGELOG} has no date: write `{heading}`"
        )),
        Some(_) => {}
    }
    let metadata = cargo::metadata(root)?;
    let published = published(&metadata);
    problems.extend(address_problem(&published));
    refuse(&problems)?;
    if !skip_gate {
        succeed(cargo::command("bash").arg(GATE).current_dir(root), GATE)?;
    }
    let names = in_order(published);
    package(root, &metadata, &names)?;
    let mut text = format!(
        "{advice}.\nTo publish {version}, run in this order:\n  git tag v{version}\n  git push origin v{version}\n"
    );
    for name in names {
        let _ = writeln!(text, "  cargo publish --locked --package {name}");
    }
    text.push_str("If one fails, mend the cause and go on with it: what is published stays.");
    Ok(text)
}

/// Packages crates and compiles each from its package alone.
///
/// Cargo extracts and compiles a package once for each version and target folder. The crates of one commit
/// would be compiled with those of an earlier one, so each commit has a folder of its own.
fn package(root: &Path, metadata: &Value, names: &[&str]) -> Result<(), Failure> {
    let rehearsals =
        Path::new(metadata["target_directory"].as_str().unwrap_or_default()).join("rehearsal");
    let commit = git::describe(root).unwrap_or_default();
    for other in fs::read_dir(&rehearsals).into_iter().flatten().flatten() {
        if other.file_name() != *commit {
            // What stays only takes space.
            let _ = fs::remove_dir_all(other.path());
        }
    }
    let mut package = cargo::cargo(root);
    package.args(["package", "--locked", "--target-dir"]);
    package.arg(rehearsals.join(commit));
    package.args(names.iter().flat_map(|name| ["--package", name]));
    succeed(&mut package, "cargo package")
}

/// The packages that are not kept from being published.
fn published(metadata: &Value) -> Vec<&Value> {
    // `publish = false` is an empty list of registries.
    let is_published = |package: &&Value| package["publish"] != Value::Array(Vec::new());
    packages(metadata).filter(is_published).collect()
}

fn address_problem(published: &[&Value]) -> Option<String> {
    let has_address = |package: &&Value| {
        let address = package["repository"].as_str();
        address.is_some_and(|address| address.starts_with("https://"))
    };
    let is_missing = !published.iter().all(has_address);
    is_missing.then(|| {
        format!(
            "the project has no address: set `workspace.package.repository` in {MANIFEST} to where it is published"
        )
    })
}

/// What is in the way of a release of `version` now, and what the changes of the contract since the
/// last one ask for.
fn version_problems(
    tree: &Tree,
    current: &str,
    version: &str,
) -> Result<(Vec<String>, String), Failure> {
    let root = tree.root();
    let Some(number) = numbers(version) else {
        let what = format!("{version} is not a version; write it as X.Y.Z");
        return Err(Failure::named(what));
    };
    let mut problems = Vec::new();
    if !git::is_clean(root)? {
        let what = "commit them, or put them away with `git stash --include-untracked`";
        problems.push(format!("the tree has changes: {what}"));
    }
    if numbers(current) > Some(number) {
        problems.push(format!(
            "{MANIFEST} has the version {current} already, which is later than {version}"
        ));
    }
    let tags = git::versions(root)?;
    let Some(last) = tags.iter().find(|tag| numbers(tag).is_some()) else {
        return Ok((problems, "There is no earlier release".to_owned()));
    };
    if numbers(last) >= Some(number) {
        let what = "run `cargo xtask release` with a later version";
        problems.push(format!("v{last} is tagged already: {what}"));
    }
    let inputs = Inputs {
        base: PathBuf::from(format!("v{last}:{CONTRACT}")),
        revision: root.join(CONTRACT),
        promises: Some(root.join(PROMISES)).filter(|file| file.is_file()),
        waivers: None,
        today: diff::today(),
    };
    let (comparison, _) = diff::compare(&inputs)?;
    let impact = impact::between(tree, &inputs.base, &inputs.revision, &comparison.report)?;
    let release = impact.release.filter(|release| release.step != Step::None);
    let Some(release) = release else {
        return Ok((problems, format!("The contract is that of v{last}")));
    };
    let least = impact::next_version(last, release.step);
    let asked = format!("contract has changed since v{last}, which asks for {least}");
    if numbers(&least) > Some(number) {
        let reasons = release.reasons.join("\n  ");
        problems.push(format!("{version} is too low: the {asked}\n  {reasons}"));
    }
    Ok((problems, format!("The {asked} or later")))
}

fn refuse(problems: &[String]) -> Result<(), Failure> {
    match problems {
        [] => Ok(()),
        _ => Err(Failure::named(format!(
            "not ready for a release:\n- {}",
            problems.join("\n- ")
        ))),
    }
}

/// Runs a command, whose output is seen as it comes.
fn succeed(command: &mut Command, what: &str) -> Result<(), Failure> {
    match cargo::status(command)? {
        true => Ok(()),
        false => Err(Failure::named(format!(
            "{what} failed; its output above says why. Nothing was published"
        ))),
    }
}

fn version_of(tree: &Tree) -> Result<String, Failure> {
    let what = "has no workspace.package.version; run the command in this project";
    impact::version(tree)?.ok_or_else(|| Failure::input(MANIFEST, what))
}

/// The numbers of a version `X.Y.Z`.
fn numbers(version: &str) -> Option<[u64; 3]> {
    let parts: Option<Vec<u64>> = version.split('.').map(|part| part.parse().ok()).collect();
    parts?.try_into().ok()
}

/// The root manifest with another version of the workspace, and of its crates where they are required.
fn manifest(text: &str, from: &str, to: &str) -> String {
    let lines = text.split('\n').map(|line| {
        let is_ours = line.starts_with("version = ") || line.contains("{ path = \"");
        let versions = ["", "="].map(|sign| {
            let version = |number: &str| format!("version = \"{sign}{number}\"");
            (version(from), version(to))
        });
        let replaced = versions
            .iter()
            .find(|(from, _)| is_ours && line.contains(from));
        replaced.map_or_else(|| line.to_owned(), |(from, to)| line.replace(from, to))
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn packages(metadata: &Value) -> impl Iterator<Item = &Value> {
    metadata["packages"].as_array().into_iter().flatten()
}

fn name(value: &Value) -> &str {
    value["name"].as_str().unwrap_or_default()
}

/// The names of packages, each after those that it depends on.
fn in_order(mut packages: Vec<&Value>) -> Vec<&str> {
    let mut ordered = Vec::new();
    let is_free = |package: &&Value, open: &[&Value]| {
        let mut needed = package["dependencies"].as_array().into_iter().flatten();
        let is_open = |wanted: &Value| open.iter().any(|other| name(other) == name(wanted));
        !needed.any(|needed| needed["kind"] != "dev" && is_open(needed))
    };
    // Cargo refuses a circle, so that one is free until none is left.
    while let Some(at) = packages
        .iter()
        .position(|package| is_free(package, &packages))
    {
        ordered.push(name(packages.remove(at)));
    }
    ordered
}
