//! `GET` of one customer, beside a bare axum handler that answers with a prepared body.

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
use serde_json::{Value, json};
use tokio::{net::TcpListener, runtime::Runtime};

use crate::{
    connection::{Connection, request},
    median::{median, rounded},
};

const TARGET: f64 = 0.6;
const CONNECTIONS: usize = 16;
const RUN: Duration = Duration::from_millis(1_000);

pub(crate) fn measure(server: &Runtime, runs: usize) -> Value {
    let sandbox = server.block_on(Sandbox::start());
    let key = sandbox.api_key();
    let body = r#"{"name":"Aurora Outfitters","slug":"aurora-demo"}"#;
    let create = request("POST", "/api/v1/customers", key, "", body);
    let created = Connection::open(sandbox.address()).send(&create);
    let bare = server.block_on(serve_bare(created.body.into()));
    let read = request("GET", "/api/v1/customers/1", key, "", "");
    let [mut of_sandbox, mut of_bare] = [Vec::new(), Vec::new()];
    // One run of each to warm up.
    for run in 0..=runs {
        let pair = [
            per_second(bare, &read),
            per_second(sandbox.address(), &read),
        ];
        if run > 0 {
            of_bare.push(pair[0]);
            of_sandbox.push(pair[1]);
        }
    }
    let (sandbox, bare) = (median(of_sandbox), median(of_bare));
    json!({
        "runs": runs,
        "connections": CONNECTIONS,
        "sandbox_per_second": rounded(sandbox),
        "bare_axum_per_second": rounded(bare),
        "ratio": rounded(sandbox / bare),
        "target": format!("at least {TARGET}"),
        "met": sandbox / bare >= TARGET,
    })
}

/// A server with one route and nothing behind it.
async fn serve_bare(body: Bytes) -> SocketAddr {
    let json = (
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    let answer = move || std::future::ready(([json.clone()], body.clone()));
    let app = Router::new().route("/api/v1/customers/{id}", get(answer));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let listener = listener.tap_io(|stream| stream.set_nodelay(true).unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

/// Answers a second that a server gives to all connections together.
fn per_second(address: SocketAddr, request: &[u8]) -> f64 {
    let done = AtomicBool::new(false);
    let began = Instant::now();
    let answers: u64 = thread::scope(|scope| {
        let clients: Vec<_> = (0..CONNECTIONS)
            .map(|_| {
                scope.spawn(|| {
                    let mut connection = Connection::open(address);
                    let mut answers = 0;
                    while !done.load(Ordering::Relaxed) {
                        assert_eq!(connection.send(request).status(), 200);
                        answers += 1;
                    }
                    answers
                })
            })
            .collect();
        thread::sleep(RUN);
        done.store(true, Ordering::Relaxed);
        clients
            .into_iter()
            .map(|client| client.join().unwrap())
            .sum()
    });
    answers as f64 / began.elapsed().as_secs_f64()
}
