//! Signals that end the program.

use std::io;

/// Waits for Ctrl-C or the operating system's termination signal.
#[cfg(unix)]
pub(crate) fn shutdown() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Ctrl-C.
#[cfg(not(unix))]
pub(crate) fn shutdown() -> io::Result<impl Future<Output = ()>> {
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
