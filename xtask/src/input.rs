//! Reading files within bounds.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::OnceLock;

use crate::failure::Failure;
use crate::git;

/// The name of standard input on the command line.
const STDIN: &str = "-";
/// Most bytes of a document that a command is given, unless it says otherwise.
pub(crate) const MAX_DOCUMENT: usize = 16 * 1024 * 1024;
/// Most bytes of a file of the tree.
pub(crate) const MAX_FILE: usize = 256 * 1024 * 1024;

/// Reads a document that was named on the command line: a file, standard input, or `REV:path` of git.
///
/// # Errors
///
/// [`Failure`] for what [`text`] does not read, and when git has no such file.
pub(crate) fn document(file: &Path) -> Result<String, Failure> {
    let text = match git::revision(file) {
        Some(_) => git::blob(Path::new("."), file.as_os_str()),
        None => text(file, MAX_DOCUMENT),
    };
    text.map_err(|error| Failure::unreadable(file, &error))
}

/// Reads a file of the tree.
///
/// # Errors
///
/// [`Failure`] for what [`text`] does not read.
pub(crate) fn file(file: &Path) -> Result<String, Failure> {
    text(file, MAX_FILE).map_err(|error| Failure::unreadable(file, &error))
}

/// Reads a text: a regular file, or standard input.
///
/// # Errors
///
/// It is anything else, is larger than `max` bytes or is not UTF-8.
pub(crate) fn text(file: &Path, max: usize) -> io::Result<String> {
    let bytes = if file == Path::new(STDIN) {
        standard_input(max)
    } else {
        regular(file, max)
    };
    String::from_utf8(bytes?).map_err(|_| io::ErrorKind::InvalidData.into())
}

/// The bytes of a regular file. A pipe or a device, which may have no end, is not opened.
pub(crate) fn regular(file: &Path, max: usize) -> io::Result<Vec<u8>> {
    let about = std::fs::metadata(file)?;
    // To read a folder fails by itself.
    if !about.is_file() && !about.is_dir() {
        return Err(io::Error::other(
            "it is not a regular file (`-` reads standard input)",
        ));
    }
    bounded(File::open(file)?, max)
}

/// Standard input, which is read once and may be needed again.
fn standard_input(max: usize) -> io::Result<Vec<u8>> {
    static READ: OnceLock<Vec<u8>> = OnceLock::new();
    if let Some(bytes) = READ.get() {
        return Ok(bytes.clone());
    }
    let bytes = bounded(io::stdin().lock(), max)?;
    Ok(READ.get_or_init(|| bytes).clone())
}

/// All that a reader has.
///
/// # Errors
///
/// It is larger than `max` bytes, or cannot be read.
pub(crate) fn bounded(reader: impl Read, max: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(max).unwrap_or(u64::MAX).saturating_add(1);
    reader.take(limit).read_to_end(&mut bytes)?;
    if bytes.len() > max {
        let what = format!("it is larger than {max} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, what));
    }
    Ok(bytes)
}
