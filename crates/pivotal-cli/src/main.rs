//! The `pivotal` command: the rows of a workspace, imports, the first-customer guide, the sandbox
//! server and the contract check.

mod arguments;
mod board;
mod connect;
mod contract;
mod demo;
mod duplicates;
mod examples;
mod export;
mod fields;
mod guard;
mod key;
mod lists;
mod open;
mod output;
mod progress;
mod report;
mod request;
mod resources;
mod sandbox;
mod signal;
mod sync;
mod trace;
mod values;
mod webhooks;

use std::io::{self, Write};
use std::process::ExitCode;

use arguments::{Api, Arguments, Command, Resource};
use clap_complete::Shell;
use connect::on_server;
use report::Failure;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = key::refuse_in(std::env::args_os()).and_then(|()| Arguments::read());
    let result = match arguments {
        Ok(arguments) => run(arguments).await,
        Err(ended) => Err(ended),
    };
    progress::end();
    match result.and_then(|()| report::unprinted()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            report::complain(&failure);
            ExitCode::from(failure.exit_code())
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Failure> {
    if arguments.quiet {
        progress::quiet();
    }
    match arguments.command {
        Command::Demo(demo) => demo.run().await,
        Command::Contract(contract) => contract.run().await,
        Command::Sandbox(sandbox) => sandbox.run().await,
        Command::Webhooks { command } => command.run().await,
        Command::Sync(command) => sync::run(command).await,
        Command::Customers(Resource { settings, verb }) => on_server(settings, verb).await,
        Command::Contacts(Resource { settings, verb }) => on_server(settings, verb).await,
        Command::Onboardings(Resource { settings, verb }) => on_server(settings, verb).await,
        Command::Export(export) => export.run().await,
        Command::Duplicates(Api { settings, command }) => on_server(settings, command).await,
        Command::Board(Api { settings, command }) => on_server(settings, command).await,
        Command::Api(mut api) => {
            api.settings.output.default_to_json();
            on_server(api.settings, api.command).await
        }
        Command::Open(open) => open.run().await,
        Command::Me(Api { settings, command }) => on_server(settings, command).await,
        Command::Health(mut health) => {
            health.settings.connection.anonymous = true;
            on_server(health.settings, health.command).await
        }
        Command::Completions { shell } => completions(shell),
    }
}

fn completions(shell: Shell) -> Result<(), Failure> {
    // Generated whole first, because the generator panics if it cannot write.
    let mut script = Vec::new();
    clap_complete::generate(
        shell,
        &mut Arguments::command_line(),
        "pivotal",
        &mut script,
    );
    io::stdout().lock().write_all(&script)?;
    Ok(())
}
