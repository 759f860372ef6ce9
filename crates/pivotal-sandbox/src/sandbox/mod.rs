//! The running server.

mod builder;

use std::{
    fmt,
    net::SocketAddr,
    sync::{Arc, mpsc},
    time::Duration,
};

use jiff::Timestamp;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

pub use builder::SandboxBuilder;

#[cfg(feature = "state")]
use crate::saved::StateError;
use crate::{
    faults::Faults,
    journal::ReceivedRequest,
    server,
    state::Shared,
    webhooks::{self, Webhooks},
};

/// A running in-memory server of the Pivotal API, with its own state.
///
/// It runs on the tokio runtime that started it until it is stopped or dropped.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let _ = rustls::crypto::ring::default_provider().install_default();
/// use pivotal_sandbox::Sandbox;
///
/// let sandbox = Sandbox::start().await;
/// let response = reqwest::Client::new()
///     .get(format!("{}/api/v1/me", sandbox.base_url()))
///     .bearer_auth(sandbox.api_key())
///     .send()
///     .await?;
/// assert_eq!(response.status(), 200);
/// assert_eq!(sandbox.requests()[0].path, "/api/v1/me");
/// sandbox.stop().await;
/// # Ok(())
/// # }
/// ```
pub struct Sandbox {
    address: SocketAddr,
    base_url: String,
    api_key: String,
    shared: Arc<Shared>,
    /// Dropping it starts the shutdown.
    running: watch::Sender<()>,
    server: JoinHandle<()>,
    #[cfg(feature = "state")]
    saver: Option<crate::saved::SaverThread>,
}

impl Sandbox {
    /// Starts a sandbox on a free port of `127.0.0.1` with a test key of its own.
    ///
    /// # Panics
    ///
    /// If no port is free, or outside a tokio runtime with I/O and time. [`SandboxBuilder::start`]
    /// returns the former as an error.
    pub async fn start() -> Self {
        Self::builder()
            .start()
            .await
            .expect("a free port on 127.0.0.1")
    }

    /// Options such as address, keys, rate limits and seed.
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder::default()
    }

    fn serve(
        listener: TcpListener,
        address: SocketAddr,
        api_key: String,
        shared: Arc<Shared>,
        saving: Option<mpsc::Sender<()>>,
    ) -> Self {
        let (running, stopping) = watch::channel(());
        let delivery = webhooks::deliver(Arc::clone(&shared), stopping.clone());
        let serving = server::serve(listener, Arc::clone(&shared), stopping);
        let server = tokio::spawn(async move {
            tokio::join!(serving, delivery);
            // The last save, after the last request.
            drop(saving);
        });
        Self {
            address,
            base_url: format!("http://{}", reachable(address)),
            api_key,
            shared,
            running,
            server,
            #[cfg(feature = "state")]
            saver: None,
        }
    }

    /// The base URL, such as `http://127.0.0.1:49152`, without a trailing slash.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The first API key of the workspace Sandbox.
    pub fn api_key(&self) -> &str {
        &self.api_key
    }

    /// The token that requests to the admin API must send, if there is an admin API and it requires
    /// one.
    pub fn admin_token(&self) -> Option<&str> {
        let token = self.shared.setup.admin_token.as_deref();
        token.filter(|_| self.shared.setup.admin)
    }

    /// The address of the first page, if there are [pages](SandboxBuilder::pages).
    #[cfg(feature = "pages")]
    pub fn pages_url(&self) -> Option<String> {
        let pages = self.shared.setup.pages;
        pages.then(|| format!("{}/", self.base_url))
    }

    /// The address that the server listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The journal: the last [`JOURNAL_REQUESTS`](crate::JOURNAL_REQUESTS) requests, oldest first, or
    /// fewer if they exceed [`JOURNAL_BYTES`](crate::JOURNAL_BYTES). A request is recorded
    /// before its response is sent.
    pub fn requests(&self) -> Vec<ReceivedRequest> {
        self.shared.lock().journal.requests()
    }

    /// Empties the journal.
    pub fn clear_requests(&self) {
        self.shared.lock().journal.clear();
    }

    /// Returns to the initial state: rows, keys, rate limits, clock and faults are as they were at the
    /// start, or at the start with a new state file, the journal is empty, and no webhook waits.
    /// Running requests complete.
    pub fn reset(&self) {
        self.shared.reset();
    }

    /// The time of the sandbox's clock, in milliseconds. Creation times, rate limits and the 24 hours
    /// of an idempotency key follow it.
    pub fn now(&self) -> Timestamp {
        self.shared.lock().clock.now()
    }

    /// Stops the clock at a time, past or future. Rows created from then on share their `created_at`,
    /// as rows of Pivotal can that were created within one millisecond: a client that follows
    /// `next_cursor` misses rows at a page boundary between them. A time before 1970 counts as the beginning of 1970.
    pub fn freeze_clock(&self, at: Timestamp) {
        self.shared.lock().clock.freeze(at);
    }

    /// Moves the clock forward, frozen or not.
    pub fn advance_clock(&self, by: Duration) {
        self.shared.lock().clock.advance(by);
    }

    /// Lets a frozen clock run on.
    pub fn thaw_clock(&self) {
        self.shared.lock().clock.thaw();
    }

    /// Revokes a key: requests with it get 401 `api_key_revoked` until [`reset`](Self::reset). Returns
    /// whether the sandbox has such a key.
    pub fn revoke_key(&self, key: &str) -> bool {
        self.shared.lock().keys.revoke(key)
    }

    /// The faults that the sandbox injects.
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// The webhooks that the sandbox sends.
    pub fn webhooks(&self) -> &Webhooks {
        &self.shared.webhooks
    }

    /// Stops accepting connections, completes running requests, and returns when all connections are
    /// closed: after five seconds at most.
    pub async fn stop(self) {
        #[cfg(feature = "state")]
        let _ = self.stop_saved().await;
        #[cfg(not(feature = "state"))]
        {
            drop(self.running);
            let _ = self.server.await;
        }
    }

    /// [Stops](Self::stop), and returns whether the [state](SandboxBuilder::state) was saved after the
    /// last request.
    ///
    /// # Errors
    ///
    /// [`StateError`] if it was not: the file has the state of the last save that succeeded.
    #[cfg(feature = "state")]
    pub async fn stop_saved(self) -> Result<(), StateError> {
        drop(self.running);
        let _ = self.server.await;
        let Some(saver) = self.saver else {
            return Ok(());
        };
        match tokio::task::spawn_blocking(move || saver.join()).await {
            Ok(Ok(saved)) => saved,
            Ok(Err(_)) | Err(_) => Err(crate::saved::stopped(&self.shared)),
        }
    }

    /// When the state was saved that the sandbox was started with; `None` if it was not started from a
    /// [state file](SandboxBuilder::state), or the file was new.
    #[cfg(feature = "state")]
    pub fn restored(&self) -> Option<Timestamp> {
        self.shared.save_status().as_ref()?.restored
    }
}

/// The address that a client on this machine connects to.
fn reachable(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => ([127, 0, 0, 1], v4.port()).into(),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => {
            ([0, 0, 0, 0, 0, 0, 0, 1], v6.port()).into()
        }
        address => address,
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox")
            .field("base_url", &self.base_url)
            .finish_non_exhaustive()
    }
}
