//! What xtask has cargo do: check a workspace, build benchmarks, and run the `pivotal` command.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use fd_lock::RwLock;
use serde_json::Value;

use crate::failure::Failure;
use crate::transaction::owned;

/// How much of a compiler message is printed.
const MESSAGE_CHARS: usize = 300;

/// The cargo that runs this process, or the one on the path.
fn program() -> Command {
    command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// A program that does not get what cargo tells this process of xtask.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    // Under `cargo run` these describe xtask. A build script that watches them would run again.
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// Cargo in the workspace at `root`.
pub(crate) fn cargo(root: &Path) -> Command {
    let mut command = program();
    command.current_dir(root);
    command
}

/// An error of the compiler.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CompileError {
    /// From the root of the workspace; for an error without a place, the target.
    file: String,
    line: Option<u64>,
    message: String,
}

impl fmt::Display for CompileError {
    /// `crates/pivotal-sdk/src/recipes.rs:176: no variant named …`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        let message: String = self.message.chars().take(MESSAGE_CHARS).collect();
        write!(f, ": {}", message.replace('\n', " "))
    }
}

/// Runs `cargo check --workspace --all-targets` in the workspace at `root` and returns every error
/// of the compiler once, by file and line.
///
/// # Errors
///
/// [`Failure`] when cargo cannot be run, or fails for another reason than compiler errors.
pub(crate) fn check(root: &Path) -> Result<BTreeSet<CompileError>, Failure> {
    run_check(&mut cargo(root))
}

/// Has cargo check one crate outside this workspace, and returns what the compiler says. A warning is
/// an error.
///
/// # Errors
///
/// [`Failure`] when cargo cannot be run.
pub(crate) fn check_alone(folder: &Path, target: &Path) -> Result<Option<String>, Failure> {
    let mut command = cargo(folder);
    command.args(["check", "--quiet", "--message-format=short"]);
    command.env("CARGO_TARGET_DIR", target);
    let output = run(&mut command)?;
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Ok((!output.status.success() || !said.is_empty()).then_some(said))
}

fn run_check(command: &mut Command) -> Result<BTreeSet<CompileError>, Failure> {
    command.args(["check", "--workspace", "--all-targets", "--keep-going"]);
    command.args(["--quiet", "--message-format=json"]);
    let output = run(command)?;
    let messages = String::from_utf8_lossy(&output.stdout);
    let messages = messages.lines().flat_map(serde_json::from_str::<Value>);
    let errors: BTreeSet<_> = messages.filter_map(|message| error(&message)).collect();
    if errors.is_empty() && !output.status.success() {
        return Err(failed("cargo check", &output));
    }
    Ok(errors)
}

/// Builds benchmarks for release, and returns the program of each. Quick ones are a debug build with the
/// features of `cargo test --workspace`, so that little is compiled after it.
///
/// # Errors
///
/// [`Failure`] when cargo cannot be run or fails; it prints why.
pub(crate) fn build_benches(
    root: &Path,
    names: &[String],
    quick: bool,
) -> Result<BTreeMap<String, PathBuf>, Failure> {
    let mut command = cargo(root);
    command.args(match quick {
        true => &["test", "--workspace"][..],
        false => &["bench", "--package", "pivotal-benches"],
    });
    command.args(["--no-run", "--message-format=json-render-diagnostics"]);
    for name in names {
        command.args(["--bench", name]);
    }
    let output = run(command.stderr(Stdio::inherit()))?;
    if !output.status.success() {
        return Err(Failure::unavailable("the benchmarks cannot be built"));
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    let messages = messages.lines().flat_map(serde_json::from_str::<Value>);
    let programs = messages.filter_map(|message| {
        let name = message["target"]["name"].as_str()?.to_owned();
        Some((name, message["executable"].as_str()?.into()))
    });
    Ok(programs.collect())
}

/// The compiler error in a message of `cargo check --message-format=json`, if it is one.
fn error(message: &Value) -> Option<CompileError> {
    let diagnostic = &message["message"];
    if !diagnostic["level"].as_str()?.starts_with("error") {
        return None;
    }
    let text = diagnostic["message"].as_str()?;
    let mut spans = diagnostic["spans"].as_array()?.iter();
    let (file, line) = match spans.find(|span| span["is_primary"] == true) {
        Some(mut span) => {
            // Inside of a macro: the place of its call.
            while span["expansion"]["span"].is_object() {
                span = &span["expansion"]["span"];
            }
            (&span["file_name"], span["line_start"].as_u64())
        }
        // The last message of a failed compilation only counts the others.
        None if text.starts_with("aborting due to") => return None,
        None => (&message["target"]["name"], None),
    };
    Some(CompileError {
        file: file.as_str()?.to_owned(),
        line,
        message: text.to_owned(),
    })
}

/// Like [`check`], in a copy of the workspace that `change` may change; the workspace itself stays
/// as it is.
///
/// The copy holds the files that git knows or would add. It stays in the target folder, shares what
/// is built there, and only files that differ are written anew, so that the next check is fast.
///
/// # Errors
///
/// Those of [`check`] and of `change`, and [`Failure`] when the copy cannot be made.
pub(crate) fn check_copy(
    root: &Path,
    change: impl FnOnce(&Path) -> Result<(), Failure>,
) -> Result<BTreeSet<CompileError>, Failure> {
    let metadata = metadata(root)?;
    let target = Path::new(metadata["target_directory"].as_str().unwrap_or_default());
    let copy = owned(target, "xtask-update")?;
    let unwritable = |error: io::Error| Failure::unwritable(&copy, &error);
    fs::create_dir_all(&copy).map_err(unwritable)?;
    // Another dry run at the same time waits here.
    let mut lock = RwLock::new(File::create(target.join("xtask-update.lock")).map_err(unwritable)?);
    let _held = lock.write().map_err(unwritable)?;
    let files = source_files(root)?;
    // Before anything is copied, so that no link leads a file out of the copy.
    remove_others(&copy, &copy, &files).map_err(unwritable)?;
    for file in &files {
        copy_file(&root.join(file), &copy.join(file)).map_err(unwritable)?;
    }
    change(&copy)?;
    let mut command = cargo(&copy);
    command.env("CARGO_TARGET_DIR", target);
    // Cargo names what it builds of a workspace by the path within the workspace. Without a profile
    // of their own, packages of the copy would pass for those of the workspace itself.
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let setting = format!("profile.dev.package.{}.codegen-units=255", package["name"]);
        command.args(["--config", &setting]);
    }
    run_check(&mut command)
}

/// What `cargo metadata` says of the packages of a workspace.
///
/// # Errors
///
/// [`Failure`] when cargo cannot be run, or fails.
pub(crate) fn metadata(root: &Path) -> Result<Value, Failure> {
    let mut command = cargo(root);
    command.args(["metadata", "--no-deps", "--format-version", "1"]);
    let output = run(&mut command)?;
    serde_json::from_slice(&output.stdout).map_err(|_| failed("cargo metadata", &output))
}

/// Whether a command succeeds. What it prints is seen as it comes.
///
/// # Errors
///
/// [`Failure`] when it cannot be run.
pub(crate) fn status(command: &mut Command) -> Result<bool, Failure> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.stdin(Stdio::null()).status();
    status
        .map(|status| status.success())
        .map_err(|error| unavailable(&program, &error))
}

/// The files of a workspace, from its root, that git knows or would add.
fn source_files(root: &Path) -> Result<BTreeSet<PathBuf>, Failure> {
    let mut command = Command::new("git");
    command.current_dir(root);
    command.args(["ls-files", "-z", "--cached", "--others"]);
    command.arg("--exclude-standard");
    let output = run(&mut command)?;
    if !output.status.success() {
        return Err(failed("git ls-files", &output));
    }
    let names = String::from_utf8_lossy(&output.stdout).into_owned();
    let files = names.split_terminator('\0').map(PathBuf::from);
    // One that is deleted and not committed is known to git all the same.
    Ok(files.filter(|file| root.join(file).is_file()).collect())
}

fn copy_file(from: &Path, to: &Path) -> io::Result<()> {
    let text = fs::read(from)?;
    if fs::read(to).is_ok_and(|known| known == text) {
        return Ok(());
    }
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(to, text)
}

/// Removes every link under `folder`, and every file that is not listed, by its path from `root`.
fn remove_others(folder: &Path, root: &Path, listed: &BTreeSet<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, of) = (entry.path(), entry.file_type()?);
        let file = path.strip_prefix(root);
        let is_listed = file.is_ok_and(|file| listed.contains(file));
        if of.is_dir() {
            remove_others(&path, root, listed)?;
        } else if of.is_symlink() || !is_listed {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

fn run(command: &mut Command) -> Result<Output, Failure> {
    let program = command.get_program().to_string_lossy().into_owned();
    command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| unavailable(&program, &error))
}

fn unavailable(program: &str, error: &io::Error) -> Failure {
    Failure::unavailable(format!("{program} cannot be run: {error}"))
}

fn failed(command: &str, output: &Output) -> Failure {
    let stderr = String::from_utf8_lossy(&output.stderr);
    Failure::unavailable(format!("{command} failed:\n{}", stderr.trim_end()))
}

/// Runs a program of the workspace through cargo in place of this process, or returns its exit code.
///
/// This crate cannot depend on these programs: the generator has to run when generated code does not
/// compile.
///
/// # Errors
///
/// [`Failure`] when cargo cannot be run.
pub(crate) fn exec(root: &Path, program: &[&str], arguments: &[OsString]) -> Result<u8, Failure> {
    let mut command = self::program();
    command.args(program);
    command.arg("--manifest-path").arg(root.join("Cargo.toml"));
    command.arg("--").args(arguments);
    replace_process(&mut command).map_err(|error| unavailable("cargo", &error))
}

/// Becomes the command, so that Ctrl-C reaches it alone and it can remove what it has made.
#[cfg(unix)]
fn replace_process(command: &mut Command) -> io::Result<u8> {
    use std::os::unix::process::CommandExt;
    Err(command.exec())
}

#[cfg(not(unix))]
fn replace_process(command: &mut Command) -> io::Result<u8> {
    let code = command.status()?.code();
    let code = code.and_then(|code| u8::try_from(code).ok());
    Ok(code.unwrap_or(crate::exit::INTERNAL_ERROR))
}
