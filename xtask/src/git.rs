//! What git has of a file: its text at a revision, and its history.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::Failure;
use crate::input;

/// One commit that changed a file.
#[derive(Debug)]
pub(crate) struct Commit {
    /// The commit, in full.
    pub(crate) id: String,
    /// When it was committed, in UTC: `2026-05-27 10:24`.
    pub(crate) date: String,
    /// The first line of its message.
    pub(crate) subject: String,
    /// What the file holds after it; `None` when it is removed.
    pub(crate) blob: Option<String>,
}

/// The parts of `REV:path`, which git understands; `None` for anything else, and for a file that
/// exists under that name.
pub(crate) fn revision(file: &Path) -> Option<(&str, &Path)> {
    let (revision, path) = file.to_str()?.split_once(':')?;
    let is_revision = !revision.is_empty() && !path.is_empty() && !file.exists();
    is_revision.then_some((revision, Path::new(path)))
}

/// The text of an object: a blob, or a file at a revision as `REV:path`, from the root of the repository
/// or, with `./`, from the folder.
///
/// # Errors
///
/// There is none, or it is larger than a document may be or not UTF-8.
pub(crate) fn blob(folder: &Path, object: &OsStr) -> io::Result<String> {
    let mut git = git(folder);
    // An object whose name begins with `-` is no option.
    git.args(["cat-file", "blob", "--end-of-options"])
        .arg(object);
    let bytes = output(&mut git, input::MAX_DOCUMENT)?;
    String::from_utf8(bytes).map_err(|_| io::ErrorKind::InvalidData.into())
}

/// The commits of the current branch that changed a file, newest first, also under the names that it
/// had before; of a merge, what it brought to the branch. Whether there are more than the clone has.
///
/// # Errors
///
/// [`Failure`] when the file is in no repository.
pub(crate) fn history(file: &Path) -> Result<(Vec<Commit>, bool), Failure> {
    let Some(name) = file.file_name() else {
        return Err(Failure::input(file, "is not the name of a file"));
    };
    let folder = folder(file);
    let mut log = git(&folder);
    log.args([
        "log",
        "--first-parent",
        "--follow",
        "--raw",
        "-z",
        "--no-abbrev",
    ]);
    log.args(["--no-show-signature", "--date=format-local:%Y-%m-%d %H:%M"]);
    log.args(["--format=%x00%H%x00%cd%x00%s", "--"]).arg(name);
    let commits = commits(&said(file, &mut log)?);
    let mut shallow = git(&folder);
    shallow.args(["rev-parse", "--is-shallow-repository"]);
    let is_shallow = said(file, &mut shallow)?.starts_with("true");
    Ok((commits, is_shallow))
}

/// The commit of a repository, and whether files differ from it: `e798e5b`, `e798e5b with changes`.
pub(crate) fn describe(folder: &Path) -> Option<String> {
    let mut describe = git(folder);
    describe.args([
        "describe",
        "--always",
        "--exclude=*",
        "--dirty= with changes",
    ]);
    let text = output(&mut describe, 1024).ok()?;
    Some(String::from_utf8_lossy(&text).trim().to_owned())
}

/// The folder of a file, by its name.
pub(crate) fn folder(file: &Path) -> PathBuf {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// The commits in what `git log` prints: for each one an empty field, the three of the format, and of
/// its file `:mode mode blob blob status` and the name; after a change of the name, the new one too.
fn commits(text: &str) -> Vec<Commit> {
    let mut fields = text.split('\0');
    let mut commits = Vec::new();
    while let Some(field) = fields.next() {
        if !field.is_empty() {
            continue;
        }
        let (Some(id), Some(date), Some(subject)) = (fields.next(), fields.next(), fields.next())
        else {
            break;
        };
        let raw = fields.next().unwrap_or_default();
        let mut words = raw.split_whitespace().skip(3);
        let blob = words.next().unwrap_or_default();
        let names = match words.next().and_then(|status| status.chars().next()) {
            Some('R' | 'C') => 2,
            _ => 1,
        };
        for _ in 0..names {
            fields.next();
        }
        let is_removed = blob.chars().all(|digit| digit == '0');
        commits.push(Commit {
            id: id.to_owned(),
            date: date.to_owned(),
            subject: subject.to_owned(),
            blob: (!is_removed).then(|| blob.to_owned()),
        });
    }
    commits
}

/// Whether the tree at a folder is as it was committed, without any file that git would add.
///
/// # Errors
///
/// [`Failure`] when the folder is in no repository.
pub(crate) fn is_clean(folder: &Path) -> Result<bool, Failure> {
    let mut status = git(folder);
    status.args(["status", "--porcelain", "--", "."]);
    Ok(said(folder, &mut status)?.is_empty())
}

/// The versions of the tags `vX.Y.Z` that the current commit has or descends from, the latest first.
///
/// # Errors
///
/// [`Failure`] when the folder is in no repository with a commit.
pub(crate) fn versions(folder: &Path) -> Result<Vec<String>, Failure> {
    let mut tags = git(folder);
    tags.args([
        "tag",
        "--list",
        "v*",
        "--merged",
        "HEAD",
        "--sort=-version:refname",
    ]);
    let tags = said(folder, &mut tags)?;
    Ok(tags
        .lines()
        .filter_map(|tag| tag.strip_prefix('v'))
        .map(str::to_owned)
        .collect())
}

/// What git prints of a file or folder.
fn said(place: &Path, git: &mut Command) -> Result<String, Failure> {
    let failure = |error: io::Error| Failure::input(place, format!("git cannot read it: {error}"));
    let bytes = output(git, input::MAX_FILE).map_err(failure)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// git in a folder, with times in UTC and names taken as they are.
fn git(folder: &Path) -> Command {
    let mut git = Command::new("git");
    git.arg("--literal-pathspecs").arg("-C").arg(folder);
    git.env("TZ", "UTC").stdin(Stdio::null());
    git
}

/// What git prints, up to `max` bytes.
fn output(git: &mut Command, max: usize) -> io::Result<Vec<u8>> {
    let child = git.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => io::Error::other("git is not installed"),
        _ => error,
    })?;
    let bytes = child
        .stdout
        .take()
        .map(|stdout| input::bounded(stdout, max));
    // What is too large is not read to its end, so git may still be writing.
    let Some(Ok(bytes)) = bytes else {
        let _ = child.kill();
        let _ = child.wait();
        return bytes.unwrap_or_else(|| Err(io::ErrorKind::BrokenPipe.into()));
    };
    let done = child.wait_with_output()?;
    if done.status.success() {
        return Ok(bytes);
    }
    let message = String::from_utf8_lossy(&done.stderr);
    let message = message.trim().trim_start_matches("fatal: ");
    Err(io::Error::other(message.to_owned()))
}
