//! Asks before a live workspace is changed for good.

use std::io::{self, IsTerminal};

use pivotal_sdk::{Client, KeyMode};

use crate::report::{Failure, log};

/// Permits a deletion: any with a test key, and one with a live key if `--yes` is given or a person
/// at the terminal agrees.
pub(crate) fn permit_deletion(client: &Client, yes: bool, what: &str) -> Result<(), Failure> {
    if yes || client.key_mode() != Some(KeyMode::Live) {
        return Ok(());
    }
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(Failure::guarded(format!(
            "not deleted: the API key is a live key; add --yes to delete {what}"
        )));
    }
    log(format_args!(
        "The API key is a live key. Delete {what}? Type yes to delete:"
    ));
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    if answer.trim() == "yes" {
        Ok(())
    } else {
        Err(Failure::guarded("not deleted"))
    }
}
