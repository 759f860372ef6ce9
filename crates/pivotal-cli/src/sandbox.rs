//! `pivotal sandbox`.

use std::io;

use pivotal_sandbox::StartError;

use crate::arguments;
use crate::report::{self, Failure};

/// Serves until interrupted or told to end, then lets running requests finish.
pub(crate) async fn serve(arguments: arguments::Sandbox) -> Result<(), Failure> {
    let mut builder = pivotal_sandbox::Sandbox::builder().listen(arguments.listen);
    if let Some(key) = arguments.api_key {
        builder = builder.api_key(key);
    }
    if arguments.allow_non_loopback {
        builder = builder.allow_non_loopback();
    }
    // Before anyone can know that it runs, so that no signal ends it without order.
    let told_to_end = told_to_end().map_err(Failure::step)?;
    let sandbox = builder.start().await.map_err(explain)?;
    report::line(format!(
        "sandbox listening on {} (key {})",
        sandbox.base_url(),
        sandbox.api_key()
    ));
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = told_to_end => {}
    }
    sandbox.stop().await;
    Ok(())
}

fn explain(error: StartError) -> Failure {
    match error {
        StartError::NotLoopback(address) => Failure::unusable(format!(
            "{address} can be reached from other machines: listen on 127.0.0.1 or [::1], or add --allow-non-loopback"
        )),
        other => Failure::unusable(other),
    }
}

#[cfg(unix)]
fn told_to_end() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        terminate.recv().await;
    })
}

#[cfg(not(unix))]
fn told_to_end() -> io::Result<impl Future<Output = ()>> {
    Ok(std::future::pending())
}
