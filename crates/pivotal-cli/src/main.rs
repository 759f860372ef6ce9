//! The `pivotal` command: imports, the first-customer guide, the sandbox server, the contract check,
//! and two calls that test a key.

mod arguments;
mod connect;
mod contract;
mod demo;
mod report;
mod sandbox;
mod signal;
mod sync;

use std::process::ExitCode;

use arguments::{Arguments, Command};
use clap::Parser;
use report::Failure;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Demo(arguments) => demo::run(arguments).await,
        Command::Contract(arguments) => contract::run(arguments).await,
        Command::Sandbox(arguments) => sandbox::serve(arguments).await,
        Command::Sync(command) => sync::run(command).await,
        Command::Me(target) => me(&target).await,
        Command::Health(target) => health(&target).await,
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            report::complain(&failure);
            ExitCode::from(failure.exit_code())
        }
    }
}

async fn me(target: &arguments::Target) -> Result<(), Failure> {
    let me = connect::to(target)?.me().await.map_err(Failure::call)?;
    report::line(format!(
        "key {} {:?} ({}), scopes {}, rate-limit tier {}",
        me.api_key.prefix,
        me.api_key.name,
        me.api_key.id,
        me.api_key.scopes.join(", "),
        me.api_key.rate_limit_tier,
    ));
    report::line(format!(
        "workspace {} {:?} ({})",
        me.organization.slug, me.organization.name, me.organization.id
    ));
    Ok(())
}

async fn health(target: &arguments::Target) -> Result<(), Failure> {
    let health = connect::without_key(target)?
        .health()
        .await
        .map_err(Failure::call)?;
    report::line(format!("{} at {}", health.status, health.timestamp));
    Ok(())
}
