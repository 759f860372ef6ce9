//! `cargo xtask contract`: the command of the `pivotal` binary, built first.
//!
//! The generator must run when generated code does not compile, so this crate cannot depend on the
//! SDK.

use std::env;
use std::ffi::OsString;
use std::process::Command;

use crate::{cli, exit};

/// Runs `pivotal contract` with these arguments in place of this process, or gives its exit code.
pub(crate) fn run(arguments: &[OsString]) -> u8 {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .args([
            "run",
            "--quiet",
            "--package",
            "pivotal-cli",
            "--manifest-path",
        ])
        .arg(cli::workspace().join("Cargo.toml"))
        .args(["--", "contract"])
        .args(arguments);
    match take_over(&mut command) {
        Ok(code) => code,
        Err(error) => {
            cli::complain(format!("error: cargo cannot be run: {error}"));
            exit::OUR_FAULT
        }
    }
}

/// Becomes the command, so that Ctrl-C reaches it alone and it can remove what it has made.
#[cfg(unix)]
fn take_over(command: &mut Command) -> std::io::Result<u8> {
    use std::os::unix::process::CommandExt;
    Err(command.exec())
}

#[cfg(not(unix))]
fn take_over(command: &mut Command) -> std::io::Result<u8> {
    let code = command
        .status()?
        .code()
        .and_then(|code| u8::try_from(code).ok());
    Ok(code.unwrap_or(exit::OUR_FAULT))
}
