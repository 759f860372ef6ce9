//! The command line of `cargo xtask`, and the output of each command.

use std::borrow::Cow;
use std::env;
use std::ffi::OsString;
use std::fmt::Display;
use std::io::{self, Write};
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use openapi_diff::Comparison;
use openapi_pipeline::normalise::normalise;
use openapi_pipeline::{Problems, lower as lowering};

use crate::bench;
use crate::cargo;
use crate::codegen::{self, Tree};
use crate::diff::{self, FailOn, Format, Inputs};
use crate::exit;
use crate::failure::Failure;
use crate::history;
use crate::impact;
use crate::input;
use crate::release;
use crate::survey;
use crate::update::{self, Checked, Outcome};
use crate::workspace;

/// The command that regenerates the tree at `root`.
pub fn codegen_command(root: &Path) -> String {
    format!("cargo xtask codegen{}", workspace::argument(root))
}

#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    about = "Regenerate and check the client"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Regenerate the contract, the client, the setters of the SDK and the lock from
    /// openapi/upstream.json, overlay.yaml and names.toml.
    ///
    /// What cannot be expressed is left out of the client and listed, here and in the module
    /// `left_out` of the client.
    ///
    /// Exit codes: 0 success, 1 files are out of date (with --check), 2 invalid input, 70 a bug of
    /// this tool.
    Codegen {
        /// Write nothing. Print a unified diff of the files that would change, and exit with 1 if
        /// there are any.
        #[arg(long)]
        check: bool,
        /// Fail with exit code 2 if anything cannot be expressed, and write nothing.
        #[arg(long)]
        strict: bool,
        /// The tree to work on: a folder with openapi/ and crates/pivotal-api/. Default: this
        /// workspace.
        #[arg(long, value_name = "DIR")]
        root: Option<PathBuf>,
    },
    /// Run the benchmarks and write docs/benchmarks.md: their figures, targets and methods.
    ///
    /// Exit codes: 0 success, 1 a target is missed, 2 there is no such benchmark, 70 a benchmark fails, or
    /// cargo cannot be run. Nothing is written with 2 and 70.
    Bench {
        /// Run only this benchmark, and write nothing.
        name: Option<String>,
        /// Only show that the benchmarks work: a debug build and small sizes. No target is judged, and
        /// nothing is written.
        #[arg(long)]
        quick: bool,
    },
    /// Compare two OpenAPI 3.0 or 3.1 documents, JSON or YAML, and report breaking changes.
    ///
    /// Each is a file, `-` for standard input, or `REV:path` for the file of a git revision:
    /// `HEAD~1:openapi/upstream.json` from the root of the repository, `HEAD:./api.yaml` from here.
    ///
    /// Exit codes: 0 no change at or above the level of --fail-on, 2 invalid input, 3 such a change.
    /// docs/diff.md describes the rules.
    Diff {
        /// The current document: a file or `REV:path`.
        #[arg(required_unless_present = "rules")]
        base: Option<PathBuf>,
        /// The new document: a file or `REV:path`.
        #[arg(required_unless_present = "rules")]
        revision: Option<PathBuf>,
        /// The format of the output.
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
        /// The lowest level of change that makes the command fail.
        #[arg(long, value_enum, default_value_t = FailOn::Breaking)]
        fail_on: FailOn,
        /// Changes that are accepted until a date.
        #[arg(long, value_name = "FILE")]
        waivers: Option<PathBuf>,
        /// The promises of the vendor to compare the findings with. Default: openapi/promises.toml
        /// of this workspace.
        #[arg(long, value_name = "FILE")]
        promises: Option<PathBuf>,
        /// Also report the changes in the Rust items of pivotal-api, and the next version.
        #[arg(long)]
        rust: bool,
        /// The tree whose names and overlay --rust uses. Default: this workspace.
        #[arg(long, value_name = "DIR")]
        root: Option<PathBuf>,
        /// Print the rules as the tables of docs/diff.md instead.
        #[arg(long)]
        rules: bool,
    },
    /// Write what changed in a document with each of its commits on the current branch, as one HTML
    /// page that requests nothing: breaking changes first, and the release that semantic versioning
    /// asks for.
    ///
    /// Exit codes: 0 success, 2 the file or its history cannot be read (nothing is written), 4 the page
    /// is written, but it is incomplete: a version could not be read, or the clone is shallow.
    History {
        /// The document, in a git repository. Renames are followed.
        file: PathBuf,
        /// The page to write.
        #[arg(long, value_name = "PAGE", default_value = "history.html")]
        html: PathBuf,
        /// Only so many of the newest versions.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
        limit: Option<u32>,
        /// The promises of the vendor to compare the findings with. Default: openapi/promises.toml
        /// of this workspace.
        #[arg(long, value_name = "FILE")]
        promises: Option<PathBuf>,
    },
    /// Replace the vendor's document, regenerate, and list the compile errors. Writes all files or
    /// none.
    ///
    /// Exit codes: 0 success, 2 invalid input, or an overlay or names that do not match the document
    /// (nothing is written), 3 a change at or above the level of --fail-on, 70 a bug of this tool, or
    /// cargo cannot be run.
    Update {
        #[command(flatten)]
        options: update::Options,
        /// The lowest level of change that makes the command fail, for scheduled jobs.
        #[arg(long, value_enum, default_value_t = FailOn::Never)]
        fail_on: FailOn,
        /// The tree to work on. Default: this workspace.
        #[arg(long, value_name = "DIR")]
        root: Option<PathBuf>,
    },
    /// Prepare a release, or rehearse it. Nothing is published.
    ///
    /// With a version: sets it in Cargo.toml, Cargo.lock and CHANGELOG.md, and prints what to do next.
    /// With --dry-run: checks version, changelog and tree, runs .ci/run, packages and compiles every
    /// published crate, and prints the commands that publish them.
    ///
    /// Exit codes: 0 success, 2 something is in the way, which the output says, 4 a check was left out
    /// (--skip-gate), 70 git or cargo cannot be run.
    Release {
        /// The version to prepare: X.Y.Z.
        #[arg(required_unless_present = "dry_run", conflicts_with = "dry_run")]
        version: Option<String>,
        /// Rehearse the release of the version in Cargo.toml.
        #[arg(long)]
        dry_run: bool,
        /// Leave out .ci/run, which takes long, and say so.
        #[arg(long, requires = "dry_run")]
        skip_gate: bool,
        /// The day that the changelog names; today in UTC by default.
        #[arg(long, value_name = "YYYY-MM-DD", conflicts_with = "dry_run")]
        date: Option<String>,
    },
    /// Check sandbox or server, SDK and contract against each other: `pivotal contract`, which
    /// --help describes.
    ///
    /// Exit codes: 0 no deviation, 1 a deviation, 2 nothing was checked, 70 cargo cannot be run, 101
    /// a compile error.
    #[command(disable_help_flag = true)]
    Contract {
        /// Arguments of `pivotal contract`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Print how much of each document of a folder can be generated, and why the rest cannot.
    ///
    /// Documents are the files in JSON and YAML. Each is generated in memory, without names or an
    /// overlay; nothing of this workspace changes.
    ///
    /// Exit codes: 0 success, 1 a document that nothing can be generated from, or whose code does not
    /// compile, 2 invalid input, 70 cargo cannot be run.
    Survey {
        /// The folder.
        folder: PathBuf,
        /// Also compile what is generated, in the target folder. A warning is a failure.
        #[arg(long)]
        compile: bool,
    },
    /// Print any OpenAPI 3.0 or 3.1 document, JSON or YAML, as OpenAPI 3.0.3 JSON.
    ///
    /// What OpenAPI does not know is left out, with a warning.
    ///
    /// Exit codes: 0 success, 2 invalid input.
    Lower {
        /// The document.
        file: PathBuf,
        /// Fail instead of leaving anything out.
        #[arg(long)]
        strict: bool,
    },
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(refusal) => {
            // Help and version go to standard output and are no error.
            let _ = refusal.print();
            let code = if refusal.use_stderr() {
                exit::UNUSABLE_INPUT
            } else {
                exit::CLEAN
            };
            return code.into();
        }
    };
    // A failed assertion is a bug of this tool, not a problem of the input. It may quote the input.
    std::panic::set_hook(Box::new(|panic| complain(panic)));
    let code = catch_unwind(|| run(arguments.command));
    code.unwrap_or(exit::INTERNAL_ERROR).into()
}

fn run(command: Command) -> u8 {
    let result = match command {
        Command::Codegen {
            check: is_check,
            strict,
            root,
        } => {
            let run = if is_check { check } else { codegen };
            tree(root).and_then(|tree| run(&tree, strict))
        }
        Command::Bench { name, quick } => {
            workspace::root().and_then(|root| bench(&root, name.as_deref(), quick))
        }
        Command::Diff { rules: true, .. } => {
            print(openapi_diff::format::rules());
            Ok(exit::CLEAN)
        }
        Command::Diff {
            base,
            revision,
            format,
            fail_on,
            waivers,
            promises,
            rust,
            root,
            rules: false,
        } => {
            let inputs = Inputs {
                base: base.unwrap_or_default(),
                revision: revision.unwrap_or_default(),
                promises: promises.or_else(default_promises),
                waivers,
                today: diff::today(),
            };
            let rust = rust.then(|| tree(root)).transpose();
            rust.and_then(|rust| compare(&inputs, format, fail_on, rust.as_ref()))
        }
        Command::History {
            file,
            html,
            limit,
            promises,
        } => history(&file, &html, limit, promises),
        Command::Update {
            options,
            fail_on,
            root,
        } => tree(root).and_then(|tree| update(&tree, &options, fail_on)),
        Command::Contract { arguments } => {
            let run = ["run", "--quiet", "--package", "pivotal-cli"];
            let arguments = [vec!["contract".into()], arguments].concat();
            workspace::root().and_then(|root| cargo::exec(&root, &run, &arguments))
        }
        Command::Release {
            version: Some(version),
            date,
            ..
        } => prepare(&version, date.as_deref()),
        Command::Release { skip_gate, .. } => rehearse(skip_gate),
        Command::Survey { folder, compile } => survey::survey(&folder, compile).map(|survey| {
            say(&survey);
            if survey.is_clean() {
                exit::CLEAN
            } else {
                exit::DRIFT
            }
        }),
        Command::Lower { file, strict } => lower(&file, strict),
    };
    result.unwrap_or_else(|failure| {
        complain(format!("error: {failure}"));
        failure.exit_code()
    })
}

/// The tree at a folder, or this workspace.
fn tree(root: Option<PathBuf>) -> Result<Tree, Failure> {
    root.map_or_else(workspace::root, Ok).map(Tree::at)
}

fn default_promises() -> Option<PathBuf> {
    let file = workspace::root().ok()?.join(diff::PROMISES);
    file.is_file().then_some(file)
}

fn codegen(tree: &Tree, strict: bool) -> Result<u8, Failure> {
    let drift = codegen::write(tree, strict)?;
    if drift.is_empty() {
        say("Nothing to do: all generated files are up to date.");
    }
    for file in drift.changed() {
        say(format!("{} {}", file.change, file.path));
    }
    if let Some(left_out) = &drift.left_out {
        say(format!("\n{left_out}"));
    }
    Ok(exit::CLEAN)
}

fn check(tree: &Tree, strict: bool) -> Result<u8, Failure> {
    let drift = codegen::check(tree, strict)?;
    if drift.is_empty() {
        say("All generated files are up to date.");
        return Ok(exit::CLEAN);
    }
    say(&drift);
    complain(format!(
        "error: generated files differ from their sources; run `{}` and commit what it writes",
        codegen_command(tree.root())
    ));
    Ok(exit::DRIFT)
}

fn bench(root: &Path, name: Option<&str>, quick: bool) -> Result<u8, Failure> {
    let run = bench::Run::new(root, name, quick, |benchmark, figure| {
        let value = figure
            .value
            .map_or_else(String::new, |value| value.to_string());
        complain(format!(
            "{benchmark}/{} {value} {}",
            figure.name, figure.unit
        ));
    })?;
    print(format!("{}\n\n{}", run.machine, bench::table(&run)));
    if name.is_none() && !quick {
        run.write(root)?;
        say(format!("\nwrote {}", bench::PAGE));
    }
    Ok(match run.missed().next() {
        Some(_) => exit::DRIFT,
        None => exit::CLEAN,
    })
}

fn compare(
    inputs: &Inputs,
    format: Format,
    fail_on: FailOn,
    rust: Option<&Tree>,
) -> Result<u8, Failure> {
    let (comparison, faults) = diff::compare(inputs)?;
    for fault in faults {
        complain(format!("note: not followed: {fault}"));
    }
    let text = match rust {
        Some(tree) => {
            let findings = &comparison.report;
            let impact = impact::between(tree, &inputs.base, &inputs.revision, findings)?;
            impact::printed(&comparison, &impact, format)
        }
        None => format.print(&comparison),
    };
    match format {
        Format::Json => print_json(&text),
        _ => print(text),
    }
    Ok(code(fail_on, &comparison))
}

fn history(
    file: &Path,
    html: &Path,
    limit: Option<u32>,
    promises: Option<PathBuf>,
) -> Result<u8, Failure> {
    let place = |path: &Path| path.canonicalize().ok();
    if place(html).is_some_and(|page| place(file) == Some(page)) {
        return Err(Failure::input(
            html,
            "it is the document; name another file for the page",
        ));
    }
    let promises = diff::promises_of(promises.or_else(default_promises).as_deref())?;
    let limit = limit.and_then(|limit| usize::try_from(limit).ok());
    let history = history::history(file, limit, &promises)?;
    history.write(html)?;
    let versions = match history.versions() {
        1 => "1 version".to_owned(),
        count => format!("{count} versions"),
    };
    say(format!(
        "{}: {versions} of {}",
        html.display(),
        file.display()
    ));
    if history.is_complete() {
        return Ok(exit::CLEAN);
    }
    complain("warning: the history is incomplete; the page says what is missing and why");
    Ok(exit::INCOMPLETE)
}

fn update(tree: &Tree, options: &update::Options, fail_on: FailOn) -> Result<u8, Failure> {
    let update = match update::update(tree, options)? {
        Outcome::Unchanged(why) => {
            say(format!("Nothing to do: {why}."));
            return Ok(exit::CLEAN);
        }
        Outcome::Regenerated(files) => {
            let verb = if options.dry_run { "are" } else { "were" };
            say(format!(
                "The document is in place, but generated files {verb} out of date:"
            ));
            for (path, change) in files {
                say(format!("{change} {path}"));
            }
            return Ok(exit::CLEAN);
        }
        Outcome::Refused(comparison, failure) => {
            print(format!("DOCUMENT\n{}\n", Format::Text.print(&comparison)));
            return Err(failure);
        }
        Outcome::Changed(update) => update,
    };
    print(&update);
    if let Some(left_out) = update.left_out() {
        print(format!("\nLEFT OUT\n{left_out}\n"));
    }
    let checked = match update.nothing_to_check() {
        Some(why) => Checked::No(why),
        None if options.no_check => Checked::No("--no-check"),
        None => Checked::Yes(update.check()?),
    };
    print(format!("\n{}", update.to_do(&checked)));
    Ok(code(fail_on, update.comparison()))
}

/// The workspace, as the current folder: git takes paths of what was released from there.
fn enter_workspace() -> Result<PathBuf, Failure> {
    let root = workspace::root()?;
    env::set_current_dir(&root).map_err(|error| Failure::unreadable(&root, &error))?;
    Ok(root)
}

fn prepare(version: &str, date: Option<&str>) -> Result<u8, Failure> {
    release::prepare(&enter_workspace()?, version, date)?;
    say(format!(
        "{version} is set in Cargo.toml, Cargo.lock and CHANGELOG.md. Next:\n\
         - UPDATE_TRANSCRIPTS=always cargo test -p xtask --test it -- --ignored transcripts\n\
         - review `git diff` and commit it\n\
         - cargo xtask release --dry-run"
    ));
    Ok(exit::CLEAN)
}

fn rehearse(skip_gate: bool) -> Result<u8, Failure> {
    say(release::rehearse(&enter_workspace()?, skip_gate)?);
    if !skip_gate {
        return Ok(exit::CLEAN);
    }
    complain(
        "warning: .ci/run was left out (--skip-gate); run `cargo xtask release --dry-run` before you publish",
    );
    Ok(exit::INCOMPLETE)
}

fn code(fail_on: FailOn, comparison: &Comparison) -> u8 {
    if fail_on.fails(&comparison.report) {
        exit::BREAKING_CHANGE
    } else {
        exit::CLEAN
    }
}

fn lower(file: &Path, strict: bool) -> Result<u8, Failure> {
    let text = input::document(file)?;
    let document = openapi_pipeline::load::document(&text, &file.display().to_string())
        .map_err(Failure::named)?;
    let lowered = match strict {
        true => lowering::lower(&document).map(|lowered| (lowered, Problems::new())),
        false => normalise(&document).and_then(|document| lowering::leniently(&document)),
    };
    let (document, notes) = lowered.map_err(|problems| Failure::input(file, problems))?;
    for note in &notes {
        complain(format!("warning: {note}"));
    }
    print_json(&openapi_pipeline::canonical::text(&document));
    Ok(exit::CLEAN)
}

/// A text of one or more lines, in which no character of a document can control the terminal or
/// change the order of what it shows.
fn printable(text: impl Display) -> String {
    let text = text.to_string();
    let lines: Vec<_> = text.split('\n').map(pivotal_runtime::printable).collect();
    lines.join("\n")
}

/// The same for JSON, whose strings have their own way to escape a character.
fn printable_json(text: &str) -> String {
    let escape = |character: char| match character {
        '\n' => "\n".to_owned(),
        _ => match pivotal_runtime::printable(character.encode_utf8(&mut [0; 4])) {
            Cow::Borrowed(same) => same.to_owned(),
            Cow::Owned(_) => format!("\\u{:04x}", u32::from(character)),
        },
    };
    text.chars().map(escape).collect()
}

fn say(line: impl Display) {
    print(format!("{line}\n"));
}

fn print(text: impl Display) {
    write_out(&printable(text));
}

fn print_json(text: &str) {
    write_out(&printable_json(text));
}

/// A closed pipe, as by `head`, is not an error.
fn write_out(text: &str) {
    let _ = io::stdout().lock().write_all(text.as_bytes());
}

fn complain(line: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{}", printable(line));
}
