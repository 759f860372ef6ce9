//! `pivotal sandbox`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use pivotal_sandbox::StartError;

use crate::arguments::{self, RateLimit};
use crate::report::{self, Failure};

/// Serves until interrupted or told to end, then lets running requests finish.
pub(crate) async fn serve(arguments: arguments::Sandbox) -> Result<(), Failure> {
    let mut builder = pivotal_sandbox::Sandbox::builder()
        .listen(arguments.listen)
        .admin(arguments.admin)
        .fault_seed(arguments.fault_seed);
    if let Some(key) = arguments.api_key {
        builder = builder.api_key(key);
    }
    if arguments.allow_non_loopback {
        builder = builder.allow_non_loopback();
    }
    if let Some(seed) = arguments.seed {
        builder = builder.seed(seed);
    }
    builder = match arguments.rate_limit {
        Some(RateLimit::Each(limit)) => builder.rate_limit(limit),
        Some(RateLimit::Documented) => builder.documented_rate_limits(),
        None => builder,
    };
    for fault in arguments.fault {
        builder = builder.fault(fault);
    }
    if arguments.log {
        builder = builder.access_log(|line| report::log(line));
    }
    // Whoever waits for the file must not find that of an earlier run.
    let address_file = arguments.address_file.map(AddressFile::reserve);
    let address_file = address_file.transpose()?;
    // Before anyone can know that it runs, so that no signal ends it without order.
    let told_to_end = told_to_end()
        .map_err(|error| Failure::step(format!("cannot listen for the signal to end: {error}")))?;

    let sandbox = builder.start().await.map_err(explain)?;
    if let Some(file) = &address_file {
        file.write(sandbox.base_url())?;
    }
    report::line(format!(
        "sandbox listening on {} (key {})",
        sandbox.base_url(),
        sandbox.api_key()
    ));
    told_to_end.await;
    drop(address_file);
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

/// The file of `--address-file`. It is there while the sandbox listens.
struct AddressFile(PathBuf);

impl AddressFile {
    /// Removes what an earlier run that was killed has left.
    fn reserve(path: PathBuf) -> Result<Self, Failure> {
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unusable(&path, &error)),
            _ => Ok(Self(path)),
        }
    }

    /// Writes it whole or not at all: beside its place first, then moved there.
    fn write(&self, address: &str) -> Result<(), Failure> {
        let mut beside = self.0.clone().into_os_string();
        beside.push(format!(".{}", std::process::id()));
        fs::write(&beside, format!("{address}\n"))
            .and_then(|()| fs::rename(&beside, &self.0))
            .map_err(|error| {
                let _ = fs::remove_file(&beside);
                unusable(&self.0, &error)
            })
    }
}

impl Drop for AddressFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn unusable(path: &Path, error: &io::Error) -> Failure {
    Failure::unusable(format!("--address-file {}: {error}", path.display()))
}

/// Ctrl-C, or what an operating system sends to end a program.
#[cfg(unix)]
fn told_to_end() -> io::Result<impl Future<Output = ()>> {
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
fn told_to_end() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
