//! `GET` of one customer, compared with a bare axum handler that sends a prepared body.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use axum::{
    Router,
    http::{HeaderValue, header},
    routing::get,
    serve::ListenerExt,
};
use bytes::Bytes;
use pivotal_sandbox::Sandbox;
use pivotal_test_support::bench::{median, rounded};
use serde_json::{Value, json};
use tokio::{net::TcpListener, runtime::Runtime};

use crate::connection::{Connection, request};

const CONNECTIONS: usize = 16;
const RUN: Duration = Duration::from_millis(1_000);

pub(crate) fn measure(server: &Runtime, runs: usize) -> Value {
    let sandbox = server.block_on(Sandbox::start());
    let key = sandbox.api_key();
    let body = r#"{"name":"Aurora Outfitters","slug":"aurora-demo"}"#;
    let create = request("POST", "/api/v1/customers", key, "", body);
    let created = Connection::open(sandbox.address()).send(&create);
    let bare = server.block_on(serve_bare(created.body.into()));
    let read = [request("GET", "/api/v1/customers/1", key, "", "")];
    // The first pair is a warm-up.
    let pairs: Vec<_> = (0..=runs)
        .map(|_| {
            let bare = responses_per_second(bare, &read);
            (bare, responses_per_second(sandbox.address(), &read))
        })
        .skip(1)
        .collect();
    let bare = median(pairs.iter().map(|(bare, _)| *bare));
    let sandbox = median(pairs.iter().map(|(_, sandbox)| *sandbox));
    json!({
        "runs": runs,
        "connections": CONNECTIONS,
        "sandbox_per_second": rounded(sandbox),
        "bare_axum_per_second": rounded(bare),
        "ratio": rounded(sandbox / bare),
    })
}

/// A server with one route and nothing behind it.
async fn serve_bare(body: Bytes) -> SocketAddr {
    let json = HeaderValue::from_static("application/json");
    let headers = [(header::CONTENT_TYPE, json)];
    let respond = move || std::future::ready((headers.clone(), body.clone()));
    let app = Router::new().route("/api/v1/customers/{id}", get(respond));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let listener = listener.tap_io(|stream| stream.set_nodelay(true).unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

/// The responses per second of a server on all connections together, each of which sends the requests
/// in turn.
pub(crate) fn responses_per_second(address: SocketAddr, requests: &[Vec<u8>]) -> f64 {
    let done = AtomicBool::new(false);
    let began = Instant::now();
    let client = || {
        let mut connection = Connection::open(address);
        let mut responses = 0_u64;
        for request in requests.iter().cycle() {
            if done.load(Ordering::Relaxed) {
                break;
            }
            assert_eq!(connection.send(request).status(), 200);
            responses += 1;
        }
        responses
    };
    let responses: u64 = thread::scope(|scope| {
        let clients = [(); CONNECTIONS].map(|()| scope.spawn(client));
        thread::sleep(RUN);
        done.store(true, Ordering::Relaxed);
        clients.map(|client| client.join().unwrap()).iter().sum()
    });
    responses as f64 / began.elapsed().as_secs_f64()
}
