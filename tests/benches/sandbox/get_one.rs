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
use pivotal_test_support::bench::{Medians, Report, Target, in_turns};
use tokio::{net::TcpListener, runtime::Runtime};

use crate::{
    connection::{Connection, request},
    pairs,
};

const CONNECTIONS: usize = 16;

/// Names of the sides.
const SIDES: [&str; 2] = ["bare axum", "sandbox"];

pub(crate) fn measure(server: &Runtime, report: &mut Report) {
    let sandbox = server.block_on(Sandbox::start());
    let key = sandbox.api_key();
    let body = r#"{"name":"Aurora Outfitters","slug":"aurora-demo"}"#;
    let create = request("POST", "/api/v1/customers", key, "", body);
    let created = Connection::open(sandbox.address()).send(&create);
    let bare = server.block_on(serve_bare(created.body.into()));
    let get = [request("GET", "/api/v1/customers/1", key, "", "")];
    let rates = compare(report, [bare, sandbox.address()], &get);
    let target = Some(Target::AtLeast(0.6));
    report.compare(
        "get/throughput",
        "Gets of a customer",
        SIDES,
        &rates,
        "/s",
        target,
    );
}

/// The responses per second of two servers.
pub(crate) fn compare(
    report: &Report,
    [baseline, candidate]: [SocketAddr; 2],
    requests: &[Vec<u8>],
) -> Medians {
    let time = Duration::from_millis(report.size(1_000, 20));
    let rate = |address| responses_per_second(address, requests, time);
    in_turns(pairs(report), || rate(baseline), || rate(candidate))
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
fn responses_per_second(address: SocketAddr, requests: &[Vec<u8>], time: Duration) -> f64 {
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
        thread::sleep(time);
        done.store(true, Ordering::Relaxed);
        clients.map(|client| client.join().unwrap()).iter().sum()
    });
    responses as f64 / began.elapsed().as_secs_f64()
}
