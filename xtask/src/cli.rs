//! The grammar of `cargo xtask`, and what each command prints.

use std::fmt::Display;
use std::fs;
use std::io::{self, Write};
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::bench;
use crate::codegen::{self, Failure, Tree};
use crate::exit;

/// The command that mends drift in the tree at `root`.
pub fn mend(root: &Path) -> String {
    let command = "cargo xtask codegen";
    let same = |left: &Path, right: &Path| {
        left == right || left.canonicalize().ok() == right.canonicalize().ok()
    };
    if same(root, &workspace()) {
        command.to_owned()
    } else {
        format!("{command} --root {}", root.display())
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
    /// Regenerate the contract, the wire client and the lock from openapi/upstream.json, overlay.yaml and names.toml.
    ///
    /// Exit codes: 0 clean, 1 drift (with --check), 2 unusable input, 70 a fault of this tool.
    Codegen {
        /// Write nothing; print a unified diff of what would change and exit with 1 when there is any.
        #[arg(long)]
        check: bool,
        /// The tree to work on: a folder that holds openapi/ and crates/pivotal-api/.
        #[arg(long, value_name = "DIR", default_value_os_t = workspace())]
        root: PathBuf,
    },
    /// Measure what a generation costs and print the figures as JSON; build with --release for figures that count.
    ///
    /// Exit codes: 0 every figure is as promised, 1 one is not, 2 unusable input.
    Bench {
        /// Runs of the generation; the figures are medians.
        #[arg(long, default_value_t = 15, value_parser = at_least_one)]
        runs: usize,
        /// Operations of the synthetic documents, the fewest first.
        #[arg(long, value_delimiter = ',', default_values_t = [100, 1_000, 5_000], value_parser = at_least_one)]
        operations: Vec<usize>,
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
    // What the commands expect of themselves they assert; a broken assertion is no fault of the input.
    let code = catch_unwind(|| run(arguments.command));
    code.unwrap_or(exit::OUR_FAULT).into()
}

fn run(command: Command) -> u8 {
    match command {
        Command::Codegen { check: true, root } => check(&root),
        Command::Codegen { check: false, root } => codegen(&Tree::at(root)),
        Command::Bench { runs, operations } => bench(&bench::Settings { runs, operations }),
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

fn workspace() -> PathBuf {
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
            let text = serde_json::to_string_pretty(&report);
            say(text.expect("figures and their names are JSON"));
            if report.met() {
                exit::CLEAN
            } else {
                complain("error: a figure is not as promised; `\"met\": false` marks it");
                exit::MISSED
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

fn complain(line: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}
