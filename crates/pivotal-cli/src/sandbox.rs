//! `pivotal sandbox`.

use std::future;

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
    let sandbox = builder.start().await.map_err(explain)?;
    report::line(format!(
        "sandbox listening on {} (key {})",
        sandbox.base_url(),
        sandbox.api_key()
    ));
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = told_to_end() => {}
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
async fn told_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut signal) => {
            signal.recv().await;
        }
        Err(_) => future::pending().await,
    }
}

#[cfg(not(unix))]
async fn told_to_end() {
    future::pending().await
}
