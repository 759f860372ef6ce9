//! `pivotal open`.

use std::io::{self, IsTerminal};
use std::process::{Command, Stdio};

use clap::Args;

use crate::arguments::Connection;
use crate::connect::Session;
use crate::report::{Failure, line};

#[derive(Debug, Args)]
pub(crate) struct Open {
    /// The customer: the number shown in the app, or the ID.
    id: String,
    #[command(flatten)]
    connection: Connection,
}

impl Open {
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let session = Session::open(&self.connection).await?;
        let client = &session.client;
        let address = client.ui_url(&client.customer(self.id).get().await?);
        line(&address);
        if io::stdout().is_terminal() && !client.base_url().is_loopback() {
            browse(&address);
        }
        Ok(())
    }
}

/// Opens an address with the command of the operating system. It was printed, so a failure does not
/// matter.
fn browse(address: &str) {
    let mut command = if cfg!(target_os = "macos") {
        Command::new("open")
    } else if cfg!(windows) {
        let mut command = Command::new("rundll32");
        command.arg("url.dll,FileProtocolHandler");
        command
    } else {
        Command::new("xdg-open")
    };
    let command = command.arg(address).env_remove("PIVOTAL_API_KEY");
    let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
    let _ = quiet.spawn();
}
