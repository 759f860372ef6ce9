//! The output and the exit codes of the command.

use std::fmt::{self, Display};
use std::io::{self, Write};

use pivotal_sdk::printable;

/// A step failed.
const FAILED: u8 = 1;
/// The command line or the environment is invalid. clap uses the same code.
const UNUSABLE: u8 = 2;

/// Why the command failed.
#[derive(Debug)]
pub(crate) struct Failure {
    what: String,
    exit_code: u8,
}

impl Failure {
    /// The command line or the environment is invalid. Nothing was sent.
    pub(crate) fn unusable(what: impl Display) -> Self {
        Self {
            what: what.to_string(),
            exit_code: UNUSABLE,
        }
    }

    /// A step failed.
    pub(crate) fn step(what: impl Display) -> Self {
        Self {
            what: what.to_string(),
            exit_code: FAILED,
        }
    }

    /// The run ended with this code.
    pub(crate) fn ended(what: impl Display, exit_code: u8) -> Self {
        Self {
            what: what.to_string(),
            exit_code,
        }
    }

    /// The reason was printed already.
    pub(crate) fn reported() -> Self {
        Self::step("")
    }

    /// A call failed.
    pub(crate) fn call(error: pivotal_sdk::Error) -> Self {
        if error.kind() == pivotal_sdk::ErrorKind::Config {
            Self::unusable(error)
        } else {
            Self::step(error)
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

/// A text of one or more lines, in which no character from a server can control the terminal.
fn lines(text: impl Display) -> String {
    let text = text.to_string();
    let lines: Vec<_> = text.split('\n').map(printable).collect();
    lines.join("\n")
}

/// Prints a line. A closed pipe, as by `head`, is not an error.
pub(crate) fn line(text: impl Display) {
    let _ = writeln!(io::stdout().lock(), "{}", lines(text));
}

/// Prints a line of a log.
pub(crate) fn log(text: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{}", lines(text));
}

/// Prints why the command failed.
pub(crate) fn complain(failure: &Failure) {
    if failure.what.is_empty() {
        return;
    }
    log(format_args!("error: {failure}"));
}
