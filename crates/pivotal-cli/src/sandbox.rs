//! `pivotal sandbox`, `sandbox export` and `sandbox import`.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use pivotal_export::FileKind;
use pivotal_sandbox::{StartError, StateError};

use crate::arguments::{self, RateLimit, SandboxState};
use crate::key;
use crate::report::{self, Failure};
use crate::signal;

/// The environment variable with the secret of webhooks.
const WEBHOOK_SECRET: &str = "PIVOTAL_WEBHOOK_SECRET";

/// Serves, or exports or imports a state file.
pub(crate) async fn run(arguments: arguments::Sandbox) -> Result<(), Failure> {
    match arguments.state_command {
        None => serve(arguments).await,
        Some(SandboxState::Export { state }) => {
            let export = pivotal_sandbox::export(&state).map_err(Failure::unusable)?;
            writeln!(io::stdout().lock(), "{}", report::escaped(&export))?;
            Ok(())
        }
        Some(SandboxState::Import { export, state }) => {
            let import = |error| match error {
                StateError::Export(_) => {
                    Failure::unusable(format_args!("{}: {error}", export.display()))
                }
                _ => Failure::unusable(error),
            };
            pivotal_sandbox::import(&read(&export)?, &state).map_err(import)?;
            report::line(format_args!("wrote {}", state.display()));
            Ok(())
        }
    }
}

fn read(path: &Path) -> Result<String, Failure> {
    let unreadable = |error| {
        Failure::unusable(format_args!(
            "{}: it cannot be read: {error}",
            path.display()
        ))
    };
    fs::read_to_string(path).map_err(unreadable)
}

/// Serves until a signal arrives, then lets running requests complete.
async fn serve(arguments: arguments::Sandbox) -> Result<(), Failure> {
    let mut builder = pivotal_sandbox::Sandbox::builder()
        .listen(arguments.listen)
        .admin(arguments.admin)
        .pages(arguments.ui || !arguments.no_ui)
        .undocumented(!arguments.strict)
        .fault_seed(arguments.fault_seed);
    if let Some(key) = arguments.api_key {
        builder = builder.api_key(key);
    }
    if let Some(token) = arguments.admin_token {
        builder = builder.admin_token(token);
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
    let mut generates_secret = false;
    if let Some(url) = arguments.webhook {
        builder = builder.webhook(url);
        let secrets = match &arguments.webhook_secret_file {
            Some(file) => key::read(file, "webhook secret")?,
            None => std::env::var(WEBHOOK_SECRET).unwrap_or_default(),
        };
        // A receiver may accept several.
        match secrets.split_whitespace().next() {
            Some(secret) => builder = builder.webhook_secret(secret),
            None => generates_secret = true,
        }
    }
    for path in &arguments.load {
        builder = builder.load(path.display().to_string(), read(path)?);
    }
    if let Some(path) = &arguments.state {
        builder = builder.state(path).state_log(|line| report::log(line));
    }
    if arguments.empty {
        builder = builder.empty();
    }
    for fault in arguments.fault {
        builder = builder.fault(fault);
    }
    if arguments.log {
        builder = builder.access_log(|line| report::log(line));
    }
    if let Some(path) = &arguments.address_file {
        ADDRESS.check(path).map_err(|error| unusable(&error))?;
    }
    // Before the address is known to anyone, so that every signal leads to an orderly shutdown.
    let shutdown = signal::shutdown()?;

    let sandbox = builder.start().await.map_err(explain)?;
    let address_file = arguments
        .address_file
        .map(|path| AddressFile::write(path, sandbox.base_url()))
        .transpose()?;
    report::line(format!(
        "sandbox listening on {} (key {})",
        sandbox.base_url(),
        sandbox.api_key()
    ));
    // For people alone: a program may read one line and close the pipe.
    if let Some(pages) = sandbox.pages_url().filter(|_| io::stdout().is_terminal()) {
        report::line(format!("pages at {pages}"));
    }
    if let Some(token) = sandbox.admin_token() {
        report::line(format!("admin token {token}"));
    }
    if generates_secret {
        report::line(format!("webhook secret {}", sandbox.webhooks().secret()));
    }
    if let Some(path) = &arguments.state {
        let seeded = arguments.seed.is_some() || !arguments.load.is_empty();
        report::line(match sandbox.restored() {
            None => format!("state {}: new", path.display()),
            Some(at) => format!(
                "state {}: restored, saved at {at}{}",
                path.display(),
                if seeded {
                    "; --seed and --load are not applied again"
                } else {
                    ""
                }
            ),
        });
    }
    shutdown.await;
    drop(address_file);
    sandbox.stop_saved().await.map_err(Failure::step)
}

fn explain(error: StartError) -> Failure {
    match error {
        StartError::NotLoopback(address) => Failure::unusable(format!(
            "{address} can be reached from other machines: listen on 127.0.0.1 or [::1], or add --allow-non-loopback"
        )),
        other => Failure::unusable(other),
    }
}

/// What `--address-file` names.
const ADDRESS: FileKind<'static> = FileKind {
    name: "address of a sandbox",
    is_one: &|start| {
        let line = start.strip_suffix(b"\n").unwrap_or(start);
        line.starts_with(b"http://") && !line.contains(&b'\n')
    },
};

/// The file of `--address-file`. It exists while the sandbox listens.
struct AddressFile {
    path: PathBuf,
    content: String,
}

impl AddressFile {
    fn write(path: PathBuf, address: &str) -> Result<Self, Failure> {
        let content = format!("{address}\n");
        let written = ADDRESS.write(&path, &content);
        written.map_err(|error| unusable(&error))?;
        Ok(Self { path, content })
    }
}

impl Drop for AddressFile {
    /// Another run may have written its own address to the file.
    fn drop(&mut self) {
        if fs::read(&self.path).is_ok_and(|content| content == self.content.as_bytes()) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn unusable(error: &pivotal_export::Error) -> Failure {
    Failure::unusable(format!("--address-file: {error}"))
}
