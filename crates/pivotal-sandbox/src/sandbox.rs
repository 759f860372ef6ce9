//! The running server.

use std::{fmt, net::SocketAddr, time::Duration};

use axum::Router;
use jiff::Timestamp;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle, time::timeout};

use crate::{
    builder::SandboxBuilder,
    faults::Faults,
    journal::ReceivedRequest,
    service,
    state::Shared,
    wire::{Doorway, Wire},
};

/// How long [`Sandbox::stop`] waits for requests that are being answered.
const GRACE: Duration = Duration::from_secs(5);

/// A running stand-in for Pivotal, with state of its own.
///
/// It serves on the tokio runtime that it was started on until it is stopped or dropped.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let _ = rustls::crypto::ring::default_provider().install_default();
/// use pivotal_sandbox::Sandbox;
///
/// let sandbox = Sandbox::start().await;
/// let answer = reqwest::Client::new()
///     .get(format!("{}/api/v1/me", sandbox.base_url()))
///     .bearer_auth(sandbox.api_key())
///     .send()
///     .await?;
/// assert_eq!(answer.status(), 200);
/// assert_eq!(sandbox.requests()[0].path, "/api/v1/me");
/// sandbox.stop().await;
/// # Ok(())
/// # }
/// ```
pub struct Sandbox {
    address: SocketAddr,
    base_url: String,
    api_key: String,
    shared: Shared,
    /// Dropping it begins the shutdown.
    running: Option<watch::Sender<()>>,
    server: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Starts a sandbox on a free port of `127.0.0.1` with a test key of its own.
    ///
    /// # Panics
    ///
    /// When no port can be had, or outside a tokio runtime with I/O and time. [`Sandbox::builder`]
    /// returns the former as an error.
    pub async fn start() -> Self {
        Self::builder()
            .start()
            .await
            .expect("a free port on 127.0.0.1")
    }

    /// A sandbox with an address, key or limit of choice.
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder::default()
    }

    /// Serves on a bound listener.
    pub(crate) fn serve(
        listener: TcpListener,
        address: SocketAddr,
        api_key: String,
        shared: Shared,
    ) -> Self {
        let (running, stopping) = watch::channel(());
        let app = Router::new()
            .fallback(service::answer)
            .with_state(shared.clone());
        let app = app.into_make_service_with_connect_info::<Wire>();
        let doorway = Doorway::new(listener, stopping.clone());
        let serve = axum::serve(doorway, app).with_graceful_shutdown(async move {
            let mut stopping = stopping;
            while stopping.changed().await.is_ok() {}
        });
        let server = tokio::spawn(async move {
            let _ = serve.await;
        });
        Self {
            address,
            base_url: format!("http://{}", reachable(address)),
            api_key,
            shared,
            running: Some(running),
            server: Some(server),
        }
    }

    /// Where it is reached, such as `http://127.0.0.1:49152`, without a slash at the end.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The first key that it takes, that of the workspace Sandbox.
    pub fn api_key(&self) -> &str {
        &self.api_key
    }

    /// The address that it is bound to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The requests received so far, oldest first: the last
    /// [`JOURNAL_REQUESTS`](crate::JOURNAL_REQUESTS), or fewer when their bodies exceed
    /// [`JOURNAL_BYTES`](crate::JOURNAL_BYTES). A request is in it before its response leaves.
    pub fn requests(&self) -> Vec<ReceivedRequest> {
        self.shared.lock().journal.requests()
    }

    /// Empties the journal.
    pub fn clear_requests(&self) {
        self.shared.lock().journal.clear();
    }

    /// Back to how it started: its rows, or those of its [seed](SandboxBuilder::seed), keys, rate
    /// limits, clock, no faults, an empty journal. What is being answered is answered.
    pub fn reset(&self) {
        self.shared.reset();
    }

    /// What its clock shows, in milliseconds. Creation times, rate limits and the 24 hours of an
    /// idempotency key go by it.
    pub fn now(&self) -> Timestamp {
        self.shared.lock().clock.now()
    }

    /// Stops its clock at a time, past or future. Rows created from then on share their
    /// `created_at`, as rows can that Pivotal creates within one millisecond: a page boundary
    /// between them loses the rest. A time before 1970 counts as the beginning of 1970.
    pub fn freeze_clock(&self, at: Timestamp) {
        self.shared.lock().clock.freeze(at);
    }

    /// Moves its clock forward, frozen or not.
    pub fn advance_clock(&self, by: Duration) {
        self.shared.lock().clock.advance(by);
    }

    /// Lets a frozen clock run on from what it shows.
    pub fn thaw_clock(&self) {
        self.shared.lock().clock.thaw();
    }

    /// Revokes a key, so that requests with it answer 401 `api_key_revoked`, and tells whether it
    /// was one of this sandbox. [`reset`](Self::reset) makes it good again.
    pub fn revoke_key(&self, key: &str) -> bool {
        self.shared.lock().keys.revoke(key)
    }

    /// What goes wrong on purpose.
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// Stops: accepts no connection any more, answers what is under way, and returns when that is
    /// done or after five seconds.
    pub async fn stop(mut self) {
        drop(self.running.take());
        if let Some(server) = self.server.take() {
            let _ = timeout(GRACE, server).await;
        }
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
