//! `pivotal demo`: the first-customer guide, and an import of a CRM export.

mod guide;
mod import;
mod server;

use crate::arguments;
use crate::report::{Failure, line};
use crate::signal;
use server::DemoServer;

/// Runs the demo on the server of the command line.
pub(crate) async fn run(arguments: arguments::Demo) -> Result<(), Failure> {
    let server = DemoServer::choose(&arguments).await?;
    let result = on(&server, &arguments).await;
    server.close().await;
    result
}

async fn on(server: &DemoServer, arguments: &arguments::Demo) -> Result<(), Failure> {
    line(format_args!(
        "The first-customer guide, on {}.",
        server.about
    ));
    guide::run(server.client.clone(), arguments.exact, arguments.keep).await?;
    if arguments.live {
        line("\nThe import of a CRM export is left out: it would write to Pivotal 82 times.");
    } else {
        import::run(server, arguments.keep).await?;
    }
    line("\nDone.");
    if let Some(pages) = server.pages_url() {
        // Before the address is known to anyone, so that every signal leads to an orderly shutdown.
        let shutdown = signal::shutdown()?;
        line(format_args!("The rows are at {pages} until Ctrl-C."));
        shutdown.await;
    }
    Ok(())
}
