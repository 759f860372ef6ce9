//! `pivotal webhooks listen`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use bytes::Bytes;
use clap::Args;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use pivotal_runtime::{BaseUrl, http_client};
use pivotal_sdk::reqwest;
use pivotal_sdk::webhooks::Verifier;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::{Notify, oneshot};
use tokio::time::timeout;

use crate::key;
use crate::report::{self, Failure, escaped};
use crate::signal;
use crate::values::address;

/// How long running deliveries may take after a signal.
const GRACE_PERIOD: Duration = Duration::from_secs(2);
/// The time limit of a forwarded delivery; senders wait for about as long.
const FORWARD_TIMEOUT: Duration = Duration::from_secs(10);

/// Receive webhooks and print each verified event as a line of JSON, until interrupted.
///
/// The secret of the endpoint, whsec_…, is read from PIVOTAL_WEBHOOK_SECRET or a file; while it is
/// replaced, both, separated by a space. A delivery that is not signed with it is refused with status
/// 400, and the reason is printed to standard error. An event can be printed several times: its ID is
/// the same each time.
#[derive(Debug, Args)]
pub(crate) struct Listen {
    /// Loopback address to listen on. Port 0 selects a free port.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8788", value_parser = address::<SocketAddr>)]
    listen: SocketAddr,
    /// Send verified deliveries unchanged to this URL, https or on this machine, and respond as it does.
    #[arg(long, value_name = "URL")]
    forward: Option<String>,
    /// File with the secret in it, which only its owner may read. Default: PIVOTAL_WEBHOOK_SECRET.
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
}

struct Receiver {
    verifier: Verifier,
    forward: Option<(reqwest::Client, BaseUrl)>,
    /// Notified when the output cannot be written.
    unprinted: Notify,
}

impl Listen {
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let verifier = match &self.secret_file {
            Some(file) => key::read(file, "webhook secret")?.parse(),
            None => Verifier::from_env(),
        };
        let forward = self.forward.as_deref().map(|url| {
            let unusable = |why: String| Failure::unusable(format_args!("--forward: {why}"));
            let url = BaseUrl::parse(url).map_err(|error| unusable(error.to_string()))?;
            let client = http_client(&url).map_err(|error| unusable(error.to_string()))?;
            Ok::<_, Failure>((client, url))
        });
        let receiver = Arc::new(Receiver {
            verifier: verifier.map_err(Failure::authentication)?,
            forward: forward.transpose()?,
            unprinted: Notify::new(),
        });
        if !self.listen.ip().is_loopback() {
            return Err(Failure::unusable(format_args!(
                "{} can be reached from other machines without encryption: listen on 127.0.0.1 or [::1], behind a proxy",
                self.listen
            )));
        }
        let shutdown = signal::shutdown()?;
        let listener = TcpListener::bind(self.listen).await.map_err(|error| {
            Failure::unusable(format_args!("cannot listen on {}: {error}", self.listen))
        })?;
        report::log(format_args!(
            "listening on http://{}/",
            listener.local_addr()?
        ));

        let (stop, stopped) = oneshot::channel::<()>();
        let app = Router::new()
            .fallback(receive)
            .with_state(Arc::clone(&receiver));
        let serving = axum::serve(listener, app).with_graceful_shutdown(async {
            let _ = stopped.await;
        });
        let mut serving = pin!(serving.into_future());
        tokio::select! {
            ended = &mut serving => return Ok(ended?),
            () = shutdown => {}
            () = receiver.unprinted.notified() => {}
        }
        drop(stop);
        let _ = timeout(GRACE_PERIOD, serving).await;
        Ok(())
    }
}

async fn receive(
    State(receiver): State<Arc<Receiver>>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let event = match receiver.verifier.verify(&headers, &body) {
        Ok(event) => event,
        Err(error) => {
            report::log(format_args!("refused a delivery: {error}"));
            return StatusCode::BAD_REQUEST;
        }
    };
    let line = json!({
        "id": event.id,
        "type": event.event_type(),
        "sent_at": event.sent_at,
        "payload": event.payload,
    });
    report::line(escaped(&line.to_string()));
    if report::unprinted().is_err() {
        receiver.unprinted.notify_one();
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    match &receiver.forward {
        Some((client, url)) => forward(client, url, headers, body).await,
        None => StatusCode::NO_CONTENT,
    }
}

/// Sends what was received, and returns the status of the answer.
async fn forward(
    client: &reqwest::Client,
    url: &BaseUrl,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let is_passed = |name: &str| name.starts_with("svix-") || *name == CONTENT_TYPE;
    let passed = headers
        .into_iter()
        .filter_map(|(name, value)| Some((name?, value)));
    let passed = passed.filter(|(name, _)| is_passed(name.as_str()));
    let request = client.post(url.as_str()).headers(passed.collect());
    match request.body(body).timeout(FORWARD_TIMEOUT).send().await {
        Ok(response) => response.status(),
        Err(error) => {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            let cause = cause.unwrap_or_default();
            report::log(format_args!(
                "cannot forward: {}: {cause}",
                error.without_url()
            ));
            StatusCode::BAD_GATEWAY
        }
    }
}
