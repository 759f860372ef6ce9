//! `cargo xtask bench`: runs the benchmarks and writes their figures to docs/benchmarks.md.
//!
//! A benchmark is a folder of `tests/benches` with `about.toml` and an entry in the `Cargo.toml` there.
//! It prints one line of JSON for each [figure](Figure).

mod machine;
mod page;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use pivotal_test_support::bench::Figure;
use serde::Deserialize;

pub use page::{page, table};

use crate::cargo;
use crate::failure::Failure;
use crate::input;
use crate::transaction::replace;

/// What is written, from the root of the workspace.
pub const PAGE: &str = "docs/benchmarks.md";
const FOLDER: &str = "tests/benches";
const ABOUT: &str = "about.toml";

/// A benchmark and its figures.
#[derive(Debug)]
pub struct Benchmark {
    /// The name of its folder, and of its target in `Cargo.toml`.
    pub name: String,
    /// What is written about it by hand.
    pub about: About,
    /// What it has measured.
    pub figures: Vec<Figure>,
}

/// `about.toml` of a benchmark.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// What is measured, in a few words.
    pub title: String,
    /// How it is measured: Markdown.
    pub method: String,
    /// What is known of targets that are missed, by the names of figures. It is shown while they are.
    #[serde(default)]
    pub missed: BTreeMap<String, Missed>,
}

/// Why a target is missed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Missed {
    /// Why: Markdown.
    pub reason: String,
    /// What is to be done about it: Markdown.
    pub next: String,
}

/// The benchmarks of a run, and the machine that they ran on.
#[derive(Debug)]
pub struct Run {
    /// The machine, its load before the run, the commit and the time, in one line.
    pub machine: String,
    /// By name.
    pub benchmarks: Vec<Benchmark>,
}

impl Run {
    /// Builds and runs all benchmarks of a workspace, or one. A quick run is of a debug build and only
    /// shows that they work. `each` is told of each figure.
    ///
    /// # Errors
    ///
    /// [`Failure`] when there is no such benchmark, cargo cannot be run, or a benchmark fails or prints
    /// something else than figures. A missed target is no error.
    pub fn new(
        root: &Path,
        name: Option<&str>,
        quick: bool,
        each: impl Fn(&str, &Figure),
    ) -> Result<Self, Failure> {
        let names = match name {
            Some(name) => vec![name.to_owned()],
            None => names(root)?,
        };
        let abouts: Result<Vec<_>, _> = names.iter().map(|name| about(root, name)).collect();
        let abouts = abouts?;
        let machine = machine::describe(root);
        let programs = cargo::build_benches(root, &names, quick)?;
        let mut benchmarks = Vec::new();
        for (name, about) in names.into_iter().zip(abouts) {
            let program = programs.get(&name).ok_or_else(|| {
                Failure::unavailable(format!("cargo did not build the benchmark {name}"))
            })?;
            let figures = measure(root, &name, program, quick, |figure| each(&name, figure))?;
            let unknown = |missed: &&String| figures.iter().all(|figure| figure.name != **missed);
            if let Some(unknown) = about.missed.keys().find(unknown) {
                let what = format!("[missed.\"{unknown}\"] is no figure of the benchmark");
                return Err(Failure::input(
                    root.join(FOLDER).join(&name).join(ABOUT),
                    what,
                ));
            }
            benchmarks.push(Benchmark {
                name,
                about,
                figures,
            });
        }
        Ok(Self {
            machine,
            benchmarks,
        })
    }

    /// Writes [`PAGE`].
    ///
    /// # Errors
    ///
    /// [`Failure`] when the introduction cannot be read or the page not be written.
    pub fn write(&self, root: &Path) -> Result<(), Failure> {
        let introduction = input::file(&root.join(FOLDER).join("introduction.md"))?;
        let file = root.join(PAGE);
        replace(&file, &page(self, &introduction))
            .map_err(|error| Failure::unwritable(&file, &error))
    }

    /// The figures that miss their targets.
    pub fn missed(&self) -> impl Iterator<Item = (&Benchmark, &Figure)> {
        let figures = |benchmark| of(benchmark).filter(|(_, figure)| figure.met == Some(false));
        self.benchmarks.iter().flat_map(figures)
    }
}

fn of(benchmark: &Benchmark) -> impl Iterator<Item = (&Benchmark, &Figure)> {
    benchmark
        .figures
        .iter()
        .map(move |figure| (benchmark, figure))
}

/// The names of all benchmarks, in their order.
fn names(root: &Path) -> Result<Vec<String>, Failure> {
    let folder = root.join(FOLDER);
    let entries = fs::read_dir(&folder).map_err(|error| Failure::unreadable(&folder, &error))?;
    let is_benchmark = |folder: &PathBuf| folder.join(ABOUT).is_file();
    let folders = entries.flatten().map(|entry| entry.path());
    let mut names: Vec<_> = folders
        .filter(is_benchmark)
        .filter_map(|folder| Some(folder.file_name()?.to_str()?.to_owned()))
        .collect();
    names.sort();
    Ok(names)
}

fn about(root: &Path, name: &str) -> Result<About, Failure> {
    let file = root.join(FOLDER).join(name).join(ABOUT);
    if !file.is_file() {
        let names = names(root)?.join(", ");
        let what = format!("there is no benchmark {name}; there are {names}");
        return Err(Failure::named(what));
    }
    toml::from_str(&input::file(&file)?).map_err(|error| Failure::input(&file, error))
}

/// Runs a benchmark as cargo would.
fn measure(
    root: &Path,
    name: &str,
    program: &Path,
    quick: bool,
    each: impl Fn(&Figure),
) -> Result<Vec<Figure>, Failure> {
    let failed = |why: &str| Failure::unavailable(format!("the benchmark {name} failed: {why}"));
    let mut command = Command::new(program);
    command.arg(if quick { "--quick" } else { "--bench" });
    command.current_dir(root.join(FOLDER));
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = command
        .spawn()
        .map_err(|error| failed(&error.to_string()))?;
    let mut figures = Vec::new();
    let mut other = None;
    let lines = child.stdout.take().map(BufReader::new);
    for line in lines
        .into_iter()
        .flat_map(BufRead::lines)
        .map_while(Result::ok)
    {
        match serde_json::from_str::<Figure>(&line) {
            Ok(figure) => {
                each(&figure);
                figures.push(figure);
            }
            Err(_) => other = Some(line),
        }
    }
    let status = child.wait().map_err(|error| failed(&error.to_string()))?;
    match (status.code(), other) {
        // 1 is a missed target.
        (Some(0 | 1), None) => Ok(figures),
        (Some(0 | 1), Some(line)) => {
            Err(failed(&format!("it printed {line:?}, which is no figure")))
        }
        _ => Err(failed(&status.to_string())),
    }
}
