//! The socket beneath a connection, within reach of the request that it carries.
//!
//! An HTTP server writes correct HTTP. What a broken network or a dying server sends is written
//! past it: a request [takes](Wire::take) the socket of its connection, writes what it likes, and
//! closes or resets it.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use axum::{
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// Accepts connections whose socket stays reachable.
#[derive(Debug)]
pub(crate) struct Doorway {
    listener: TcpListener,
    stopping: watch::Receiver<()>,
}

impl Doorway {
    /// `stopping` closes when the server begins to shut down.
    pub(crate) fn new(listener: TcpListener, stopping: watch::Receiver<()>) -> Self {
        Self { listener, stopping }
    }
}

impl Listener for Doorway {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        let (stream, peer) = Listener::accept(&mut self.listener).await;
        // Small answers leave at once.
        let _ = stream.set_nodelay(true);
        let wire = Wire(Arc::new(Line {
            socket: Mutex::new(Socket {
                stream,
                taken: false,
            }),
            stopping: self.stopping.clone(),
        }));
        (Connection(wire), peer)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

#[derive(Debug)]
struct Socket {
    stream: TcpStream,
    /// The server may not write any more: what it has to say has been said for it.
    taken: bool,
}

/// A handle on the socket that a request came by.
#[derive(Debug, Clone)]
pub(crate) struct Wire(Arc<Line>);

#[derive(Debug)]
struct Line {
    socket: Mutex<Socket>,
    stopping: watch::Receiver<()>,
}

impl Wire {
    fn lock(&self) -> MutexGuard<'_, Socket> {
        self.0.socket.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the socket from the server: whatever the server writes from now on fails, and so ends
    /// the connection.
    pub(crate) fn take(&self) {
        self.lock().taken = true;
    }

    /// Takes the socket, and makes its end abrupt: once the server has let go, the peer gets a TCP
    /// reset.
    pub(crate) fn reset(&self) {
        let mut socket = self.lock();
        socket.taken = true;
        // A socket that is gone already needs no reset.
        let _ = socket.stream.set_zero_linger();
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
        let mut stopping = self.0.stopping.clone();
        while stopping.changed().await.is_ok() {}
    }
}

impl Connected<IncomingStream<'_, Doorway>> for Wire {
    fn connect_info(stream: IncomingStream<'_, Doorway>) -> Self {
        stream.io().0.clone()
    }
}

/// What the HTTP server reads from and writes to.
#[derive(Debug)]
pub(crate) struct Connection(Wire);

impl Connection {
    /// Does something with the stream unless it is taken.
    fn written<T>(
        &self,
        write: impl FnOnce(Pin<&mut TcpStream>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        let mut socket = self.0.lock();
        if socket.taken {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        write(Pin::new(&mut socket.stream))
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
        self.written(|stream| stream.poll_write(context, bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.written(|stream| stream.poll_write_vectored(context, slices))
    }

    fn is_write_vectored(&self) -> bool {
        self.0.lock().stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Not refused when taken: the server flushes while a request is still being carried out.
        Pin::new(&mut self.0.lock().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.written(|stream| stream.poll_shutdown(context))
    }
}
