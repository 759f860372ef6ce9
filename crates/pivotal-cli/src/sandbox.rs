//! `pivotal sandbox`, `sandbox export` and `sandbox import`.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use pivotal_export::FileKind;
use pivotal_sandbox::{Fault, SandboxBuilder, StartError, StateError};

use crate::connect::of_environment;
use crate::key;
use crate::report::{self, Failure};
use crate::signal;
use crate::values::{address, whole, written};

/// The environment variable with the secret of webhooks.
const WEBHOOK_SECRET: &str = "PIVOTAL_WEBHOOK_SECRET";

#[derive(Debug, Args)]
pub(crate) struct Sandbox {
    #[command(subcommand)]
    state_command: Option<StateCommand>,
    /// Address to listen on. Port 0 selects a free port.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8787", value_parser = address::<SocketAddr>)]
    listen: SocketAddr,
    /// Allow an address that other machines can reach. The sandbox has no encryption and one key.
    #[arg(long)]
    allow_non_loopback: bool,
    /// API key to accept. By default, one is generated.
    #[arg(long, value_name = "KEY")]
    api_key: Option<String>,
    /// Fill the sandbox with companies, contacts and onboardings. The same seed gives the same
    /// rows.
    #[arg(long, value_name = "N", value_parser = whole::<u64>)]
    seed: Option<u64>,
    /// Create the customers, contacts and onboardings of a JSON file, after those of --seed. Can be
    /// repeated.
    ///
    /// For example: `{"customers": [{"name": "Aurora", "slug": "aurora"}], "contacts": [{"customer":
    /// "aurora", "name": "Mira", "email": "mira@aurora.com"}], "onboardings": [{"customer": "aurora"}]}`.
    /// A row names its customer by slug, or by the name that the key "fixture" gives that customer.
    #[arg(long, value_name = "FILE")]
    load: Vec<PathBuf>,
    /// Keep the state in this file: it is loaded at the start and saved within a second of a change. If
    /// it has a state, --seed and --load are not applied again.
    #[arg(long, value_name = "FILE", value_parser = written(""))]
    state: Option<PathBuf>,
    /// Start without the rows that the file of --state has: they are deleted from it.
    #[arg(long, requires = "state")]
    empty: bool,
    /// Limit the requests per minute and key to a number, or to the limits that Pivotal documents.
    #[arg(long, value_name = "N|documented", value_parser = rate_limit)]
    rate_limit: Option<RateLimit>,
    /// Do only what Pivotal's documentation states or shows in examples, and nothing that this
    /// project inferred or decided.
    #[arg(long)]
    strict: bool,
    /// Inject a fault, such as create-customer:reset-after-processing:count=1 or
    /// *:latency=200ms:probability=0.05.
    ///
    /// OPERATION:FAULT and any of :count=3, :after=2, :probability=0.05; * is every operation.
    /// FAULT is latency=200ms, rate-limited[=30], status=503, status-after-processing=504,
    /// html-502, reset-before-processing, reset-after-processing, reset-inside-body,
    /// stall-before-processing, stall-after-processing, slow-drip=50ms, truncated-json,
    /// malformed-json, content-length-too-long, content-length-too-short, unknown-enum-value,
    /// unknown-key, missing-key[=plan], clock-skew=-90s or key-revoked, or several of these
    /// separated by commas, one per request, with pass for no fault. OPERATION can be webhook, and
    /// FAULT then latency=200ms, duplicate, reorder, wrong-signature or old-timestamp. Can be repeated.
    #[arg(long, value_name = "FAULT")]
    fault: Vec<Fault>,
    /// Seed that selects the requests that a fault with a probability applies to.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = whole::<u64>)]
    fault_seed: u64,
    /// Send signed webhooks about changed rows to this URL, plain HTTP on this machine. They are
    /// signed with PIVOTAL_WEBHOOK_SECRET, or a secret that is generated and printed.
    #[arg(long, value_name = "URL")]
    webhook: Option<String>,
    /// File with the secret of webhooks in it, which only its owner may read.
    #[arg(long, value_name = "FILE", requires = "webhook")]
    webhook_secret_file: Option<PathBuf>,
    /// Serve the admin API under /_sandbox/: reset, clock, faults, requests, webhooks, state,
    /// export. It needs no key, and refuses requests of web pages.
    #[arg(long)]
    admin: bool,
    /// Require this token in requests to the admin API: `Authorization: Bearer TOKEN`. By default,
    /// one is generated and printed if other machines can reach the address.
    #[arg(long, value_name = "TOKEN", requires = "admin")]
    admin_token: Option<String>,
    /// Serve pages of the rows, the requests, the webhooks, the faults and the clock, to open in a
    /// browser on this machine. This is the default.
    ///
    /// They need no key, so they are only served on a loopback address. They have forms for webhooks,
    /// faults and the clock with --admin and without --admin-token.
    #[arg(long, overrides_with = "no_ui")]
    ui: bool,
    /// Serve no pages.
    #[arg(long, overrides_with = "ui")]
    no_ui: bool,
    /// Print one line per response to standard error, with redacted keys.
    #[arg(long)]
    log: bool,
    /// Write the base URL, such as http://127.0.0.1:49152, to this file while the sandbox listens.
    #[arg(long, value_name = "FILE", value_parser = written(""))]
    address_file: Option<PathBuf>,
}

/// What is done with a state file while no sandbox uses it.
#[derive(Debug, Subcommand)]
enum StateCommand {
    /// Print everything in a state file as JSON, without API keys. Stop its sandbox first; of a running
    /// one, GET /_sandbox/export is the same.
    Export {
        /// The state file.
        #[arg(long, value_name = "FILE")]
        state: PathBuf,
    },
    /// Write an export to a new state file.
    Import {
        /// The export.
        #[arg(value_name = "EXPORT")]
        export: PathBuf,
        /// The state file. It must not exist, or be empty.
        #[arg(long, value_name = "FILE", value_parser = written(""))]
        state: PathBuf,
    },
}

/// The values of `--rate-limit`.
#[derive(Debug, Clone, Copy)]
enum RateLimit {
    Each(u32),
    Documented,
}

fn rate_limit(text: &str) -> Result<RateLimit, &'static str> {
    match (text, text.parse()) {
        ("documented", _) => Ok(RateLimit::Documented),
        (_, Ok(limit)) if limit > 0 => Ok(RateLimit::Each(limit)),
        _ => Err("give a number of at least 1, or `documented`"),
    }
}

impl Sandbox {
    /// Serves, or exports or imports a state file.
    pub(crate) async fn run(self) -> Result<(), Failure> {
        match &self.state_command {
            None => self.serve().await,
            Some(StateCommand::Export { state }) => {
                let export = pivotal_sandbox::export(state).map_err(Failure::unusable)?;
                writeln!(io::stdout().lock(), "{}", report::escaped(&export))?;
                Ok(())
            }
            Some(StateCommand::Import { export, state }) => {
                let import = |error| match error {
                    StateError::Export(_) => {
                        Failure::unusable(format_args!("{}: {error}", export.display()))
                    }
                    _ => Failure::unusable(error),
                };
                pivotal_sandbox::import(&read(export)?, state).map_err(import)?;
                report::line(format_args!("wrote {}", state.display()));
                Ok(())
            }
        }
    }

    /// Serves until a signal arrives, then lets running requests complete.
    async fn serve(self) -> Result<(), Failure> {
        let secret = self.webhook_secret()?;
        let builder = self.builder(secret.as_deref())?;
        if let Some(path) = &self.address_file {
            ADDRESS.check(path).map_err(|error| unusable(&error))?;
        }
        // Before the address is known to anyone, so that every signal leads to an orderly shutdown.
        let shutdown = signal::shutdown()?;

        let sandbox = builder.start().await.map_err(|error| match error {
            StartError::NotLoopback(address) => Failure::unusable(format_args!(
                "{address} can be reached from other machines: listen on 127.0.0.1 or [::1], or add --allow-non-loopback"
            )),
            other => Failure::unusable(other),
        })?;
        let address_file = self.address_file.as_deref();
        let address_file = address_file.map(|path| AddressFile::write(path, sandbox.base_url()));
        let address_file = address_file.transpose()?;
        self.announce(&sandbox, secret.is_none());
        shutdown.await;
        drop(address_file);
        sandbox.stop_saved().await.map_err(Failure::step)
    }

    /// The secret of webhooks, unless one is to be generated.
    fn webhook_secret(&self) -> Result<Option<String>, Failure> {
        let secrets = match &self.webhook_secret_file {
            Some(file) => Some(key::read(file, "webhook secret")?),
            None => of_environment(WEBHOOK_SECRET),
        };
        // A receiver may accept several.
        let first = |secrets: String| secrets.split_whitespace().next().map(str::to_owned);
        Ok(secrets.and_then(first))
    }

    fn builder(&self, secret: Option<&str>) -> Result<SandboxBuilder, Failure> {
        let mut builder = pivotal_sandbox::Sandbox::builder()
            .listen(self.listen)
            .admin(self.admin)
            .pages(self.ui || !self.no_ui)
            .undocumented(!self.strict)
            .fault_seed(self.fault_seed);
        if let Some(key) = &self.api_key {
            builder = builder.api_key(key);
        }
        if let Some(token) = &self.admin_token {
            builder = builder.admin_token(token);
        }
        if self.allow_non_loopback {
            builder = builder.allow_non_loopback();
        }
        if let Some(seed) = self.seed {
            builder = builder.seed(seed);
        }
        builder = match self.rate_limit {
            Some(RateLimit::Each(limit)) => builder.rate_limit(limit),
            Some(RateLimit::Documented) => builder.documented_rate_limits(),
            None => builder,
        };
        if let Some(url) = &self.webhook {
            builder = builder.webhook(url);
            if let Some(secret) = secret {
                builder = builder.webhook_secret(secret);
            }
        }
        for path in &self.load {
            builder = builder.load(path.display().to_string(), read(path)?);
        }
        if let Some(path) = &self.state {
            builder = builder.state(path).state_log(|line| report::log(line));
        }
        if self.empty {
            builder = builder.empty();
        }
        for fault in &self.fault {
            builder = builder.fault(fault.clone());
        }
        if self.log {
            builder = builder.access_log(|line| report::log(line));
        }
        Ok(builder)
    }

    /// Prints how the sandbox is reached, and what it has.
    fn announce(&self, sandbox: &pivotal_sandbox::Sandbox, generated_secret: bool) {
        report::line(format_args!(
            "sandbox listening on {} (key {})",
            sandbox.base_url(),
            sandbox.api_key()
        ));
        // For people alone: a program may read one line and close the pipe.
        if let Some(pages) = sandbox.pages_url().filter(|_| io::stdout().is_terminal()) {
            report::line(format_args!("pages at {pages}"));
        }
        if let Some(token) = sandbox.admin_token() {
            report::line(format_args!("admin token {token}"));
        }
        if self.webhook.is_some() && generated_secret {
            report::line(format_args!(
                "webhook secret {}",
                sandbox.webhooks().secret()
            ));
        }
        if let Some(path) = &self.state {
            let path = path.display();
            let rows = match self.seed.is_some() || !self.load.is_empty() {
                true => "; --seed and --load are not applied again",
                false => "",
            };
            report::line(match sandbox.restored() {
                None => format!("state {path}: new"),
                Some(at) => format!("state {path}: restored, saved at {at}{rows}"),
            });
        }
    }
}

fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| {
        let path = path.display();
        Failure::unusable(format_args!("{path}: it cannot be read: {error}"))
    })
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
struct AddressFile<'p> {
    path: &'p Path,
    content: String,
}

impl<'p> AddressFile<'p> {
    fn write(path: &'p Path, address: &str) -> Result<Self, Failure> {
        let content = format!("{address}\n");
        let written = ADDRESS.write(path, &content);
        written.map_err(|error| unusable(&error))?;
        Ok(Self { path, content })
    }
}

impl Drop for AddressFile<'_> {
    /// Another run may have written its own address to the file.
    fn drop(&mut self) {
        if fs::read(self.path).is_ok_and(|content| content == self.content.as_bytes()) {
            let _ = fs::remove_file(self.path);
        }
    }
}

fn unusable(error: &pivotal_export::Error) -> Failure {
    Failure::unusable(format!("--address-file: {error}"))
}
