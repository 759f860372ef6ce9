//! The grammar of `cargo xtask`, and what each command prints.

use std::ffi::OsString;
use std::fmt::Display;
use std::fs;
use std::io::{self, Write};
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};

use crate::bench;
use crate::codegen::{self, Failure, Tree};
use crate::diff::{self, FailOn, Format, Question};
use crate::rust;
use crate::update::{self, Limits, Options, Outcome};
use crate::{contract, exit};

/// The command that mends drift in the tree at `root`.
pub fn mend(root: &Path) -> String {
    format!("cargo xtask codegen{}", at_root(root))
}

/// What a command needs so that it works on the tree at `root`; nothing for this workspace.
pub(crate) fn at_root(root: &Path) -> String {
    let same = |left: &Path, right: &Path| {
        left == right || left.canonicalize().ok() == right.canonicalize().ok()
    };
    if same(root, &workspace()) {
        String::new()
    } else {
        format!(" --root {}", root.display())
    }
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
    /// Regenerate the contract, the wire client and the lock from openapi/upstream.json,
    /// overlay.yaml and names.toml.
    ///
    /// Exit codes: 0 clean, 1 drift (with --check), 2 unusable input, 70 a fault of this tool.
    Codegen {
        /// Write nothing; print a unified diff of what would change and exit with 1 when there is
        /// any.
        #[arg(long)]
        check: bool,
        /// The tree to work on: a folder that holds openapi/ and crates/pivotal-api/.
        #[arg(long, value_name = "DIR", default_value_os_t = workspace())]
        root: PathBuf,
    },
    /// Measure what a generation and a comparison cost and print the figures as JSON; build with
    /// --release for figures that count.
    ///
    /// Exit codes: 0 every figure is as promised, 1 one is not, 2 unusable input.
    Bench {
        /// Runs of each; the figures are medians. Large documents are measured fewer times.
        #[arg(long, default_value_t = 15, value_parser = at_least_one)]
        runs: usize,
        /// Operations of the synthetic documents, the fewest first.
        #[arg(long, value_delimiter = ',', default_values_t = [100, 1_000, 5_000], value_parser = at_least_one)]
        operations: Vec<usize>,
    },
    /// Tell what changed between two OpenAPI 3.0 or 3.1 documents, JSON or YAML, and whether it
    /// breaks anybody.
    ///
    /// Exit codes: 0 nothing at or above --fail-on, 2 unusable input, 3 something at or above it.
    /// The rules: docs/diff.md.
    Diff {
        /// The document that people rely on.
        #[arg(required_unless_present = "rules")]
        base: Option<PathBuf>,
        /// The document that is to take its place.
        #[arg(required_unless_present = "rules")]
        revision: Option<PathBuf>,
        /// How to print it.
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
        /// From what on the command fails.
        #[arg(long, value_enum, default_value_t = FailOn::Breaking)]
        fail_on: FailOn,
        /// Changes that are accepted for a while.
        #[arg(long, value_name = "FILE")]
        waivers: Option<PathBuf>,
        /// The promises of the vendor that findings are held against.
        #[arg(long, value_name = "FILE", default_value_os_t = workspace().join(diff::PROMISES))]
        promises: PathBuf,
        /// Tell as well what it does to Rust code: to pivotal-api, to pivotal-sdk, to the next
        /// version.
        #[arg(long)]
        rust: bool,
        /// The tree whose names, overlay and companion --rust goes by.
        #[arg(long, value_name = "DIR", default_value_os_t = workspace())]
        root: PathBuf,
        /// Print the rules as the tables of docs/diff.md instead.
        #[arg(long)]
        rules: bool,
    },
    /// Put a new document of the vendor in place, with everything that follows from it, and say
    /// what it means. All or nothing.
    ///
    /// Exit codes: 0 done or nothing to do, 2 unusable input or an overlay that is behind the
    /// document (nothing is written), 3 a change at or above --fail-on.
    Update {
        /// The document: a file, or an address (https, or http to this machine). No key is sent.
        #[arg(long, value_name = "FILE|URL")]
        from: String,
        /// Write nothing; say what would be.
        #[arg(long)]
        dry_run: bool,
        /// From what on the command fails, for scheduled jobs.
        #[arg(long, value_enum, default_value_t = FailOn::Never)]
        fail_on: FailOn,
        /// The day that changelog and origin.toml name; today in UTC by default.
        #[arg(long, value_name = "YYYY-MM-DD")]
        date: Option<String>,
        /// Most bytes of the document, after decompression.
        #[arg(long, value_name = "N", default_value_t = 16 * 1024 * 1024)]
        max_bytes: usize,
        /// How long the fetch may take in all.
        #[arg(long, value_name = "N", default_value_t = 30)]
        max_seconds: u64,
        /// The tree to work on.
        #[arg(long, value_name = "DIR", default_value_os_t = workspace())]
        root: PathBuf,
    },
    /// Check sandbox or server, SDK and contract against each other: `pivotal contract`, which
    /// --help describes.
    ///
    /// Exit codes: 0 all agree, 1 they do not, 2 nothing was checked, 70 cargo could not be run,
    /// 101 it does not compile.
    #[command(disable_help_flag = true)]
    Contract {
        /// What is passed on.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Print any OpenAPI 3.0 or 3.1 document, JSON or YAML, as OpenAPI 3.0.3 JSON.
    ///
    /// Exit codes: 0 clean, 2 unusable input.
    Lower {
        /// The document.
        file: PathBuf,
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
    // What the commands expect of themselves they assert; a broken assertion is no fault of the
    // input.
    let code = catch_unwind(|| run(arguments.command));
    code.unwrap_or(exit::OUR_FAULT).into()
}

fn run(command: Command) -> u8 {
    match command {
        Command::Codegen { check: true, root } => check(&root),
        Command::Codegen { check: false, root } => codegen(&Tree::at(root)),
        Command::Bench { runs, operations } => bench(&bench::Settings { runs, operations }),
        Command::Diff { rules: true, .. } => {
            print(openapi_diff::format::rules());
            exit::CLEAN
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
            let question = diff::today().map(|today| Question {
                base: base.unwrap_or_default(),
                revision: revision.unwrap_or_default(),
                promises: Some(promises),
                waivers,
                today,
            });
            compare(question, format, fail_on, rust.then(|| Tree::at(root)))
        }
        Command::Update {
            from,
            dry_run,
            fail_on,
            date,
            max_bytes,
            max_seconds,
            root,
        } => {
            let limits = Limits {
                bytes: max_bytes,
                time: Duration::from_secs(max_seconds),
            };
            let options = Options {
                from,
                dry_run,
                date,
                limits,
            };
            update(&Tree::at(root), &options, fail_on)
        }
        Command::Contract { arguments } => contract::run(&arguments),
        Command::Lower { file } => lower(&file),
    }
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("there is nothing to measure in none".to_owned()),
        Ok(number) => Ok(number),
        Err(error) => Err(format!("not a number: {error}")),
    }
}

pub(crate) fn workspace() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_owned()
}

fn codegen(tree: &Tree) -> u8 {
    match codegen::write(tree) {
        Ok(changed) if changed.is_empty() => {
            say("Nothing to do: every generated file is as its sources say.")
        }
        Ok(changed) => {
            for path in changed {
                say(format!("{} {}", path.change, path.path));
            }
            exit::CLEAN
        }
        Err(failure) => fail(&failure),
    }
}

fn check(root: &Path) -> u8 {
    match codegen::check(&Tree::at(root)) {
        Ok(drift) if drift.is_empty() => say("Every generated file is as its sources say."),
        Ok(drift) => {
            say(&drift);
            let mend = mend(root);
            complain(format!(
                "error: generated files differ from their sources; run `{mend}` and commit what it writes"
            ));
            exit::DRIFT
        }
        Err(failure) => fail(&failure),
    }
}

fn bench(settings: &bench::Settings) -> u8 {
    match bench::run(&Tree::at(workspace()), settings) {
        Ok(report) => {
            say(format!("{:#}", report.to_json()));
            for line in report.missed() {
                complain(format!("error: {line}"));
            }
            if report.met() {
                exit::CLEAN
            } else {
                exit::MISSED
            }
        }
        Err(failure) => fail(&failure),
    }
}

fn compare(
    question: Result<Question, Failure>,
    format: Format,
    fail_on: FailOn,
    rust: Option<Tree>,
) -> u8 {
    let compared = question.and_then(|question| {
        let comparison = diff::compare(&question)?;
        let Some(tree) = rust else {
            return Ok((format.print(&comparison), comparison.report));
        };
        let impact = rust::between(&tree, &question.base, &question.revision)?;
        Ok((
            rust::printed(&comparison, &impact, format),
            comparison.report,
        ))
    });
    match compared {
        Ok((text, report)) => {
            print(text);
            if fail_on.fails(&report) {
                exit::BREAKING_CHANGE
            } else {
                exit::CLEAN
            }
        }
        Err(failure) => fail(&failure),
    }
}

fn update(tree: &Tree, options: &Options, fail_on: FailOn) -> u8 {
    match update::update(tree, options) {
        Ok(Outcome::Unchanged(why)) => say(format!("Nothing to do: {why}.")),
        Ok(Outcome::Changed(report)) => {
            print(&report);
            if report.is_blocked() {
                complain(
                    "error: nothing was written: overlay or names are behind the document, see above",
                );
                exit::UNUSABLE_INPUT
            } else if fail_on.fails(report.findings()) {
                exit::BREAKING_CHANGE
            } else {
                exit::CLEAN
            }
        }
        Err(failure) => fail(&failure),
    }
}

fn lower(file: &Path) -> u8 {
    let lowered = fs::read_to_string(file)
        .map_err(|error| Failure::unreadable(file, &error))
        .and_then(|text| {
            let name = file.display().to_string();
            let document =
                openapi_pipeline::load::document(&text, &name).map_err(Failure::named)?;
            openapi_pipeline::lower::lower(&document)
                .map_err(|problems| Failure::input(file, problems))
        });
    match lowered {
        Ok(document) => {
            print(openapi_pipeline::canonical::text(&document));
            exit::CLEAN
        }
        Err(failure) => fail(&failure),
    }
}

fn fail(failure: &Failure) -> u8 {
    complain(format!("error: {failure}"));
    failure.exit_code()
}

fn say(line: impl Display) -> u8 {
    print(format!("{line}\n"));
    exit::CLEAN
}

/// A reader that went away, such as `head`, is no fault of ours.
fn print(text: impl Display) {
    let _ = write!(io::stdout().lock(), "{text}");
}

pub(crate) fn complain(line: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}
