//! The `pivotal` command: the rows of a workspace, imports, the first-customer guide, the sandbox
//! server and the contract check.

mod arguments;
mod board;
mod connect;
mod contract;
mod demo;
mod duplicates;
mod export;
mod fields;
mod guard;
mod key;
mod lists;
mod near;
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
mod webhooks;

use std::io::{self, Write};
use std::process::ExitCode;

use arguments::{Api, Arguments, Command, Resource, Settings};
use clap_complete::Shell;
use connect::Session;
use output::Output;
use pivotal_sdk::Client;
use report::Failure;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let result = match Arguments::read() {
        Ok(arguments) => run(arguments.command).await,
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

async fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Demo(arguments) => demo::run(arguments).await,
        Command::Contract(arguments) => contract::run(arguments).await,
        Command::Sandbox(arguments) => sandbox::run(arguments).await,
        Command::Webhooks { command } => command.run().await,
        Command::Sync(command) => sync::run(command).await,
        Command::Customers(Resource { settings, verb }) => {
            on_server(settings, async |client, output| {
                verb.run(client, output).await
            })
            .await
        }
        Command::Contacts(Resource { settings, verb }) => {
            on_server(settings, async |client, output| {
                verb.run(client, output).await
            })
            .await
        }
        Command::Onboardings(Resource { settings, verb }) => {
            on_server(settings, async |client, output| {
                verb.run(client, output).await
            })
            .await
        }
        Command::Export(export) => export.run().await,
        Command::Duplicates(Api {
            settings,
            arguments,
        }) => {
            on_server(settings, async |client, output| {
                arguments.run(client, output).await
            })
            .await
        }
        Command::Board(Api {
            settings,
            arguments,
        }) => {
            on_server(settings, async |client, output| {
                arguments.run(client, output).await
            })
            .await
        }
        Command::Api(Api {
            mut settings,
            arguments,
        }) => {
            settings.output = settings.output.or_json();
            on_server(settings, async |client, output| {
                arguments.run(client, output).await
            })
            .await
        }
        Command::Open(open) => open.run().await,
        Command::Me(Api { settings, .. }) => {
            on_server(settings, async |client, output| {
                output.check_columns("Me")?;
                output.object("Me", &client.me().await.map_err(Failure::call)?)
            })
            .await
        }
        Command::Health(Api { mut settings, .. }) => {
            settings.connection.anonymous = true;
            on_server(settings, async |client, output| {
                output.check_columns("Health")?;
                output.object("Health", &client.health().await.map_err(Failure::call)?)
            })
            .await
        }
        Command::Completions { shell } => completions(shell),
    }
}

/// Runs a command with the client of the command line.
async fn on_server(
    settings: Settings,
    command: impl AsyncFnOnce(&Client, &Output) -> Result<(), Failure>,
) -> Result<(), Failure> {
    settings.output.check()?;
    let session = Session::open(&settings.connection).await?;
    let result = command(&session.client, &settings.output).await;
    session.close().await;
    result
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
