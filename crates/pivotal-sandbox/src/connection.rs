//! Connections whose socket a request can reach.
//!
//! An HTTP server writes correct HTTP. To imitate a broken network or server, a request
//! [takes](Socket::take) the socket from the HTTP server, writes raw bytes, and closes or resets it.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    sync::watch,
};

#[derive(Debug)]
struct State {
    stream: TcpStream,
    /// Whether writes of the HTTP server fail.
    taken: bool,
}

/// A handle on the socket of a request.
#[derive(Debug, Clone)]
pub(crate) struct Socket {
    state: Arc<Mutex<State>>,
    stopping: watch::Receiver<()>,
}

impl Socket {
    pub(crate) fn new(stream: TcpStream, stopping: watch::Receiver<()>) -> Self {
        let state = State {
            stream,
            taken: false,
        };
        Self {
            state: Arc::new(Mutex::new(state)),
            stopping,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the socket from the HTTP server: its next write fails, which ends the connection.
    pub(crate) fn take(&self) {
        self.lock().taken = true;
    }

    /// Takes the socket and makes the connection end with a TCP reset.
    pub(crate) fn reset(&self) {
        let mut state = self.lock();
        state.taken = true;
        // A closed socket needs no reset.
        let _ = state.stream.set_zero_linger();
    }

    /// Writes to a taken socket.
    pub(crate) async fn write_all(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let write = |context: &mut Context<'_>| {
                Pin::new(&mut self.lock().stream).poll_write(context, bytes)
            };
            match std::future::poll_fn(write).await? {
                0 => return Err(io::ErrorKind::WriteZero.into()),
                written => bytes = &bytes[written..],
            }
        }
        Ok(())
    }

    /// Returns when the server shuts down.
    pub(crate) async fn stopping(&self) {
        stopped(self.stopping.clone()).await;
    }
}

/// Returns when the sender is dropped: the server shuts down.
pub(crate) async fn stopped(mut stopping: watch::Receiver<()>) {
    while stopping.changed().await.is_ok() {}
}

/// The stream that the HTTP server reads and writes.
#[derive(Debug)]
pub(crate) struct Connection(pub(crate) Socket);

impl Connection {
    /// Writes to the stream unless it is taken.
    fn poll_unless_taken<T>(
        &self,
        write: impl FnOnce(Pin<&mut TcpStream>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        let mut state = self.0.lock();
        if state.taken {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        write(Pin::new(&mut state.stream))
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0.lock().stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_unless_taken(|stream| stream.poll_write(context, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Allowed when taken: the server flushes while a request is still being processed.
        Pin::new(&mut self.0.lock().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_unless_taken(|stream| stream.poll_shutdown(context))
    }
}
