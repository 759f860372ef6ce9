//! Which snapshots an update changes: those whose content follows from what changed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use openapi_pipeline::shape::Operation;
use serde_json::Value;

use crate::codegen::{Failure, Preview, Tree};
use crate::rust::{Change, Impact, What, surface};
use crate::surface::{Kind, Surface};

const CONTRACT: &str = "tests/contract/snapshots";
const SURFACE: &str = "xtask/tests/it/snapshots/pivotal-api.snap";

/// A snapshot that is not as it was after the update.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Snapshot {
    /// Its path from the root of the tree.
    pub(super) file: String,
    pub(super) fate: Fate,
}

/// What becomes of a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fate {
    /// Its text is another.
    Changes,
    /// It comes with the case that somebody writes.
    Comes,
    /// Nothing is left to show.
    Goes,
}

impl Fate {
    pub(super) fn told(self) -> &'static str {
        match self {
            Self::Changes => "changes",
            Self::Comes => "comes, once its case is written",
            Self::Goes => "goes: delete it",
        }
    }
}

/// The snapshots of a tree that an update changes, in order of path.
pub(super) fn changed(
    tree: &Tree,
    base: &Preview,
    revision: &Preview,
    impact: &Impact,
) -> Result<Vec<Snapshot>, Failure> {
    let mut found = BTreeSet::new();
    let shown = |file: &str| fs::read_to_string(tree.root().join(file)).ok();
    let mut add = |file: String, fate: Fate| {
        if fate == Fate::Comes || shown(&file).is_some() {
            found.insert(Snapshot { file, fate });
        }
    };
    if !tree.root().join(CONTRACT).is_dir() && shown(SURFACE).is_none() {
        return Ok(Vec::new());
    }
    let surfaces = [surface(base)?, surface(revision)?];
    if surfaces[0] != surfaces[1] {
        add(SURFACE.to_owned(), Fate::Changes);
    }
    if rows(&base.operations) != rows(&revision.operations) {
        add(
            format!("{CONTRACT}/contract__operations__the_operation_table.snap"),
            Fate::Changes,
        );
    }
    for (name, fate) in requests(base, revision, impact, &surfaces[0]) {
        add(format!("{CONTRACT}/contract__requests__{name}.snap"), fate);
    }
    let closures = contents(&surfaces);
    for (name, content) in &closures {
        let file = format!("{CONTRACT}/contract__answers__{name}.snap");
        let Some(text) = shown(&file) else { continue };
        let concerned = impact
            .api
            .iter()
            .any(|change| content.contains(change.owner()) && shows(&text, change));
        if concerned || example(&base.contract, name) != example(&revision.contract, name) {
            add(file, Fate::Changes);
        }
    }
    Ok(found.into_iter().collect())
}

/// What the snapshot of the table shows of each operation.
fn rows(operations: &[Operation]) -> Vec<String> {
    operations
        .iter()
        .map(|one| {
            format!(
                "{} {} {} {:?} {} {:?} {:?}",
                one.name, one.method, one.path, one.class, one.paged, one.statuses, one.constraints
            )
        })
        .collect()
}

/// Requests that are sent otherwise: to another place, or with a body that is built from other arguments.
fn requests(
    base: &Preview,
    revision: &Preview,
    impact: &Impact,
    surface: &Surface,
) -> Vec<(String, Fate)> {
    let mut found = Vec::new();
    for before in &base.operations {
        let Some(after) = revision
            .operations
            .iter()
            .find(|after| after.name == before.name)
        else {
            found.push((before.name.clone(), Fate::Goes));
            continue;
        };
        let built = body(surface, &before.name).is_some_and(|body| {
            impact
                .api
                .iter()
                .any(|change| change.path == format!("{body}::new"))
        });
        if before.method != after.method || before.path != after.path || built {
            found.push((before.name.clone(), Fate::Changes));
        }
    }
    let new = revision.operations.iter().filter(|after| {
        base.operations
            .iter()
            .all(|before| before.name != after.name)
    });
    found.extend(new.map(|operation| (operation.name.clone(), Fate::Comes)));
    found
}

/// The type of the body that a method of the wire client takes.
fn body(surface: &Surface, method: &str) -> Option<String> {
    let path = format!("Client::{method}");
    let declared = surface.items().find(|item| item.path == path)?;
    let (_, body) = declared.text.split_once("body: &'a ")?;
    Some(body.split([')', ',']).next()?.to_owned())
}

/// Of each type, itself and every type that a value of it may hold.
fn contents(surfaces: &[Surface; 2]) -> BTreeMap<String, BTreeSet<String>> {
    let mut direct: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let items = || surfaces.iter().flat_map(Surface::items);
    let is_type = |item: &crate::surface::Item| matches!(item.kind, Kind::Struct | Kind::Enum);
    let types: BTreeSet<&str> = items()
        .filter(|item| is_type(item))
        .map(|item| item.path.as_str())
        .collect();
    for name in &types {
        direct.insert((*name).to_owned(), BTreeSet::from([(*name).to_owned()]));
    }
    for item in items().filter(|item| item.kind == Kind::Field) {
        let Some((of, _)) = item.path.split_once('.') else {
            continue;
        };
        let words = item.text.split(|letter: char| !letter.is_alphanumeric());
        if let Some(held) = direct.get_mut(of) {
            held.extend(words.filter(|word| types.contains(word)).map(str::to_owned));
        }
    }
    loop {
        let mut grew = false;
        for name in &types {
            let held: BTreeSet<String> = direct[*name]
                .iter()
                .flat_map(|held| direct[held].clone())
                .collect();
            grew |= held.len() > direct[*name].len();
            direct.insert((*name).to_owned(), held);
        }
        if !grew {
            return direct;
        }
    }
}

/// Whether a value as the snapshot shows it looks otherwise after a change.
fn shows(text: &str, change: &Change) -> bool {
    match (change.kind, change.member()) {
        (Kind::Field, Some(field)) => {
            // What is not there looks alike whatever its type.
            let empty = |line: &str| change.change == What::Changed && line.ends_with(": None,");
            let name = format!("{field}: ");
            let stands = text
                .lines()
                .any(|line| line.trim_start().starts_with(&name) && !empty(line));
            text.contains(&format!("{} {{", change.owner()))
                && (stands || change.change == What::Added)
        }
        (Kind::Variant, Some(variant)) => {
            let value = change
                .to
                .as_deref()
                .or(change.from.as_deref())
                .and_then(|text| text.split(" = ").nth(1));
            match change.change {
                What::Removed => text.contains(&format!(": {variant},")),
                _ => value.is_some_and(|value| text.contains(value)),
            }
        }
        _ => false,
    }
}

fn example<'a>(contract: &'a Value, name: &str) -> Option<&'a Value> {
    contract.pointer(&format!("/components/schemas/{name}/examples"))
}
