//! Receives the webhooks of Pivotal: each event is verified, and processed once however often it is
//! delivered.
//!
//! ```sh
//! cargo run -p pivotal-sdk --example receive_events --features webhooks
//! ```

use std::collections::HashSet;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use pivotal_sandbox::Sandbox;
use pivotal_sdk::webhooks::{Event, EventType, Verifier};
use pivotal_sdk::{Client, CreateCustomer};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// The sandbox takes the place of Pivotal; a service reads its secret with `Verifier::from_env()`.
const SECRET: &str = "whsec_c2VjcmV0IG9mIGFuIGV4YW1wbGU=";

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Box<dyn Error>> {
    let (url, mut events) = serve(SECRET.parse()?).await?;
    let sandbox = Sandbox::builder().webhook(url).webhook_secret(SECRET);
    let sandbox = sandbox.start().await?;
    let builder = Client::builder().base_url(sandbox.base_url());
    let pivotal = builder.api_key(sandbox.api_key()).build()?;

    let aurora = CreateCustomer::new("Aurora Outfitters");
    pivotal.customers().create(aurora).await?;
    let event = events.recv().await.ok_or("the service has ended")?;
    if event.event_type() == Some(EventType::CustomerCreated)
        && let Some(id) = event.row_id()
    {
        // An event can be late: the row may have changed since.
        println!("new customer: {}", pivotal.customer(id).get().await?.name);
    }
    sandbox.stop().await;
    Ok(())
}

/// Starts the service; returns its URL and the events that it has verified.
pub(crate) async fn serve(
    verifier: Verifier,
) -> std::io::Result<(String, mpsc::UnboundedReceiver<Event>)> {
    let (sender, events) = mpsc::unbounded_channel();
    let app = Router::new()
        .route("/pivotal", post(receive))
        .with_state(Arc::new(Service {
            verifier,
            seen: Mutex::default(),
            events: sender,
        }));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/pivotal", listener.local_addr()?);
    tokio::spawn(async { axum::serve(listener, app).await });
    Ok((url, events))
}

struct Service {
    verifier: Verifier,
    /// The IDs of the events that were processed. A real service keeps them in its database.
    seen: Mutex<HashSet<String>>,
    events: mpsc::UnboundedSender<Event>,
}

/// The status decides whether the event is delivered again.
async fn receive(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let event = match service.verifier.verify(&headers, &body) {
        Ok(event) => event,
        Err(error) => {
            eprintln!("refused: {error}");
            return StatusCode::BAD_REQUEST;
        }
    };
    let mut seen = service.seen.lock().unwrap_or_else(PoisonError::into_inner);
    if seen.insert(event.id.clone()) && service.events.send(event).is_err() {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    StatusCode::NO_CONTENT
}
