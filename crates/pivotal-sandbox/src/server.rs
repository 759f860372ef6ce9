//! The HTTP server: accepts connections, bounds their time, and ends them when the sandbox stops.

use std::{
    convert::Infallible,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use http_body_util::Full;
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::{
    connection::{Connection, Socket, stopped},
    service,
    state::Shared,
};

/// The time in which the head of a request must arrive, from the end of the last response.
const HEAD_TIME_LIMIT: Duration = Duration::from_secs(10);

/// The maximum size of the head of a request in bytes.
const HEAD_LIMIT: usize = 64 * 1024;

/// How long running requests may take after the sandbox was stopped.
const GRACE_PERIOD: Duration = Duration::from_secs(5);

/// How long a response may take to leave after the sandbox was stopped.
const FLUSH_PERIOD: Duration = Duration::from_millis(100);

/// Serves until the sender of `stopping` is dropped. Then completes the running requests and closes
/// all connections.
pub(crate) async fn serve(
    listener: TcpListener,
    shared: Arc<Shared>,
    stopping: watch::Receiver<()>,
) {
    let mut connections = JoinSet::new();
    let mut stop = pin!(stopped(stopping.clone()));
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve_connection(
                        stream,
                        Arc::clone(&shared),
                        stopping.clone(),
                    ));
                }
                // There may be too many open files, until connections are closed.
                Err(_) => sleep(FLUSH_PERIOD).await,
            },
            Some(_) = connections.join_next() => {}
            () = &mut stop => break,
        }
    }
    drop(listener);
    let all = async { while connections.join_next().await.is_some() {} };
    let _ = timeout(GRACE_PERIOD, all).await;
}

async fn serve_connection(stream: TcpStream, shared: Arc<Shared>, stopping: watch::Receiver<()>) {
    // Small responses leave at once.
    let _ = stream.set_nodelay(true);
    let socket = Socket::new(stream, stopping.clone());
    let running = Arc::new(AtomicUsize::new(0));
    let respond = service_fn(|request| {
        let (shared, socket) = (Arc::clone(&shared), socket.clone());
        let running = Arc::clone(&running);
        async move {
            running.fetch_add(1, Ordering::Relaxed);
            let response = service::handle(&shared, &socket, request).await;
            running.fetch_sub(1, Ordering::Relaxed);
            Ok::<_, Infallible>(response.map(Full::new))
        }
    });
    let io = TokioIo::new(Connection(socket.clone()));
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIME_LIMIT)
            .max_buf_size(HEAD_LIMIT)
            .serve_connection(io, respond)
    );
    // An error ends the connection: the client went away, or does not speak HTTP.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = stopped(stopping) => {}
    }
    connection.as_mut().graceful_shutdown();
    if running.load(Ordering::Relaxed) > 0 {
        let _ = connection.await;
    } else {
        // The client is not owed a response, but the last one may still be on its way.
        let _ = timeout(FLUSH_PERIOD, connection).await;
    }
}
