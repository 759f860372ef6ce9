//! Signals that end the program.

use pivotal_sync::exit_code;

use crate::report::Failure;

/// Waits for Ctrl-C or the operating system's termination signal.
#[cfg(unix)]
pub(crate) fn shutdown() -> Result<impl Future<Output = ()>, Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let listen = |kind| {
        signal(kind)
            .map_err(|error| Failure::step(format_args!("cannot listen for signals: {error}")))
    };
    let mut interrupt = listen(SignalKind::interrupt())?;
    let mut terminate = listen(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Ctrl-C.
#[cfg(not(unix))]
pub(crate) fn shutdown() -> Result<impl Future<Output = ()>, Failure> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

/// Waits for [`shutdown`]; forever if the system has no signals.
pub(crate) async fn interrupted() {
    match shutdown() {
        Ok(shutdown) => shutdown.await,
        Err(_) => std::future::pending().await,
    }
}

/// Lets signals end the process at once from now on, as they do before the first [`shutdown`]: a
/// filter that never ends, or an output that nobody reads, does not let the runtime see them.
pub(crate) fn end_at_once() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let Ok(runtime) = runtime else {
        return;
    };
    let of_runtime = runtime.enter();
    let signal = shutdown();
    drop(of_runtime);
    if let Ok(signal) = signal {
        std::thread::spawn(move || {
            runtime.block_on(signal);
            std::process::exit(exit_code::INTERRUPTED.into());
        });
    }
}
