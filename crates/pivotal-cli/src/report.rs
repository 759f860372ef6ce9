//! The output and the exit codes of the command.

use std::fmt::{self, Display};
use std::io::{self, Write};
use std::sync::OnceLock;

pub(crate) use pivotal_export::escaped;
use pivotal_sdk::{ErrorKind, printable};
use pivotal_sync::exit_code;

use crate::progress;

/// The reader of the output has closed it. A program that SIGPIPE ends has the same code in a shell.
const CLOSED_PIPE: u8 = 141;

/// The exit codes, for `--help`.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0    done
  1    the command failed, or some of the rows did
  2    the command line, the environment or the input cannot be used
  4    there is no API key or webhook secret, or the server refuses the key
  5    a list ended early: the rows that were printed are not all
  6    a guard has stopped the command, and nothing was sent
  130  interrupted, as a shell reports it
  141  the reader of the output has closed it, as `head` does; no message is printed
`contract` has codes of its own: see its help.";

/// Why the command failed.
#[derive(Debug)]
pub(crate) struct Failure {
    what: String,
    exit_code: u8,
}

impl Failure {
    /// A failure with this exit code.
    pub(crate) fn ended(what: impl Display, exit_code: u8) -> Self {
        Self {
            what: what.to_string(),
            exit_code,
        }
    }

    /// The command line, the environment or the input is invalid. Nothing was sent.
    pub(crate) fn unusable(what: impl Display) -> Self {
        Self::ended(what, exit_code::UNUSABLE)
    }

    /// A step failed.
    pub(crate) fn step(what: impl Display) -> Self {
        Self::ended(what, exit_code::RECORDS_FAILED)
    }

    /// There is no usable API key.
    pub(crate) fn authentication(what: impl Display) -> Self {
        Self::ended(what, exit_code::AUTHENTICATION)
    }

    /// A list ended early, after some rows.
    pub(crate) fn partial(what: impl Display) -> Self {
        Self::ended(what, exit_code::PARTIAL)
    }

    /// A guard has stopped the command.
    pub(crate) fn guarded(what: impl Display) -> Self {
        Self::ended(what, exit_code::GUARD)
    }

    fn output(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::ended("", CLOSED_PIPE),
            _ => Self::step(format!("cannot write the output: {error}")),
        }
    }

    pub(crate) fn exit_code(&self) -> u8 {
        self.exit_code
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

/// A call failed.
impl From<pivotal_sdk::Error> for Failure {
    fn from(error: pivotal_sdk::Error) -> Self {
        match error.kind() {
            ErrorKind::Config if matches!(error.field(), Some("PIVOTAL_API_KEY" | "api_key")) => {
                Self::authentication(error)
            }
            ErrorKind::Config | ErrorKind::InvalidRequest => Self::unusable(error),
            ErrorKind::Authentication | ErrorKind::Permission => Self::authentication(error),
            _ => Self::step(error),
        }
    }
}

/// The output could not be written.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::output(&error)
    }
}

/// An export failed.
impl From<pivotal_export::Error> for Failure {
    fn from(error: pivotal_export::Error) -> Self {
        use pivotal_export::Error;
        match error {
            Error::Unusable(why) => Self::unusable(why),
            Error::Broken { rows: 0, error, .. } => (*error).into(),
            Error::Broken { .. } => Self::partial(error),
            Error::Write(error) => error.into(),
            other => Self::step(other),
        }
    }
}

/// An import or an undo failed.
impl From<pivotal_sync::Error> for Failure {
    fn from(error: pivotal_sync::Error) -> Self {
        let code = error.exit_code();
        Self::ended(error, code)
    }
}

/// A text of one or more lines, in which no character from a server can control the terminal.
fn lines(text: impl Display) -> String {
    let text = text.to_string();
    let lines: Vec<_> = text.split('\n').map(printable).collect();
    lines.join("\n")
}

/// Why a line could not be printed.
static UNPRINTED: OnceLock<io::Error> = OnceLock::new();

/// Prints a line. If that fails, the command goes on, so that it can clean up, and
/// [`unprinted`] returns the error.
pub(crate) fn line(text: impl Display) {
    let printed = progress::below(|| writeln!(io::stdout().lock(), "{}", lines(text)));
    if let Err(error) = printed {
        let _ = UNPRINTED.set(error);
    }
}

/// The first line that could not be printed, as to a full disk or a closed pipe.
///
/// # Errors
/// If there is one.
pub(crate) fn unprinted() -> Result<(), Failure> {
    match UNPRINTED.get() {
        Some(error) => Err(Failure::output(error)),
        None => Ok(()),
    }
}

/// Prints a line of a log.
pub(crate) fn log(text: impl Display) {
    let _ = progress::below(|| writeln!(io::stderr().lock(), "{}", lines(text)));
}

/// Prints why the command failed.
pub(crate) fn complain(failure: &Failure) {
    if !failure.what.is_empty() {
        log(format_args!("error: {failure}"));
    }
}
