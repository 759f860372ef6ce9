//! A proxy before the sandbox that does what no well-formed server can.

use std::io::Write;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What goes wrong with a response. The sandbox has carried the request out, except where it says
/// otherwise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Fault {
    /// Closed before a byte was read; not carried out.
    ResetBeforeReading,
    /// A body that goes on for ever.
    EndlessBody,
    /// Sixteen megabytes of zeros in sixteen kilobytes.
    GzipBomb,
    /// A body that is not UTF-8.
    InvalidUtf8,
    /// Of the body's fields, `object` and `id` alone.
    MissingFields,
    /// A gateway's page: the server's response was lost.
    HtmlAfterProcessing,
    /// A redirect to the same address; not carried out.
    RedirectLoop,
    /// A redirect to this port of the same machine; not carried out.
    RedirectTo(u16),
}

impl Fault {
    /// Each of them once.
    pub(super) const ALL: [Self; 7] = [
        Self::ResetBeforeReading,
        Self::EndlessBody,
        Self::GzipBomb,
        Self::InvalidUtf8,
        Self::MissingFields,
        Self::HtmlAfterProcessing,
        Self::RedirectLoop,
    ];
}

#[derive(Clone)]
pub(super) struct Proxy {
    pub(super) base_url: String,
    /// How often the fault is still to happen.
    faults: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
    bytes: Arc<AtomicU64>,
}

impl Proxy {
    /// Before the server at this address. The fault happens so often, then all goes well.
    pub(super) async fn start(upstream: &str, fault: Fault, times: usize) -> Self {
        let upstream = upstream.strip_prefix("http://").unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = Self {
            base_url: format!("http://{}", listener.local_addr().unwrap()),
            faults: Arc::new(AtomicUsize::new(times)),
            requests: Arc::default(),
            bytes: Arc::default(),
        };
        let serving = proxy.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (proxy, upstream) = (serving.clone(), upstream.clone());
                tokio::spawn(async move {
                    // A client that has gone away is no concern of ours.
                    let _ = proxy.serve(socket, &upstream, fault).await;
                });
            }
        });
        proxy
    }

    /// How many requests came.
    pub(super) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    /// How many bytes left in endless bodies.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::SeqCst)
    }

    async fn serve(
        &self,
        mut socket: TcpStream,
        upstream: &str,
        fault: Fault,
    ) -> std::io::Result<()> {
        self.requests.fetch_add(1, Ordering::SeqCst);
        let fault = self
            .faults
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                left.checked_sub(1)
            })
            .is_ok()
            .then_some(fault);
        if fault == Some(Fault::ResetBeforeReading) {
            return reset(&socket);
        }
        let request = read_request(&mut socket).await;
        let elsewhere = match fault {
            Some(Fault::RedirectLoop) => Some(String::new()),
            Some(Fault::RedirectTo(port)) => Some(format!("http://127.0.0.1:{port}")),
            _ => None,
        };
        if let Some(origin) = elsewhere {
            let path = request.split(' ').nth(1).unwrap_or("/");
            let location = format!("location: {origin}{path}\r\n");
            return respond(&mut socket, "307 Temporary Redirect", &location, b"").await;
        }
        let whole = forward(upstream, &request).await?;
        match fault {
            None | Some(Fault::ResetBeforeReading | Fault::RedirectLoop | Fault::RedirectTo(_)) => {
                socket.write_all(&whole).await
            }
            Some(Fault::EndlessBody) => {
                let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
                socket.write_all(head).await?;
                loop {
                    socket.write_all(b"1000\r\n").await?;
                    socket.write_all(&[b' '; 0x1000]).await?;
                    socket.write_all(b"\r\n").await?;
                    self.bytes.fetch_add(0x1000, Ordering::SeqCst);
                }
            }
            Some(Fault::GzipBomb) => {
                let headers = "content-encoding: gzip\r\ncontent-type: application/json\r\n";
                respond(&mut socket, "200 OK", headers, &BOMB).await
            }
            Some(Fault::InvalidUtf8) => {
                let (head, mut body) = split(&whole);
                let text = body.windows(3).position(|three| three == b"\":\"").unwrap();
                body[text + 3] = 0xff;
                socket.write_all(head.as_bytes()).await?;
                socket.write_all(&body).await
            }
            Some(Fault::MissingFields) => {
                let (head, body) = split(&whole);
                let mut body: serde_json::Value = serde_json::from_slice(&body).unwrap();
                let fields = body.as_object_mut().unwrap();
                fields.retain(|key, _| key == "object" || key == "id");
                let kept = body.to_string();
                let head = with_length(&head, kept.len());
                socket.write_all(head.as_bytes()).await?;
                socket.write_all(kept.as_bytes()).await
            }
            Some(Fault::HtmlAfterProcessing) => {
                let page = "<html><body>Bad Gateway</body></html>";
                let headers = "content-type: text/html\r\n";
                respond(&mut socket, "502 Bad Gateway", headers, page.as_bytes()).await
            }
        }
    }
}

/// Reads head and body to their end: closing before that would reset the connection.
async fn read_request(socket: &mut TcpStream) -> String {
    let mut request = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_ascii_lowercase();
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return text;
            }
        }
        let mut chunk = [0; 4096];
        match socket.read(&mut chunk).await {
            Ok(0) | Err(_) => return text,
            Ok(read) => request.extend_from_slice(&chunk[..read]),
        }
    }
}

/// Resets the connection in place of closing it.
#[allow(deprecated, reason = "it blocks only when it waits, and zero does not")]
fn reset(socket: &TcpStream) -> std::io::Result<()> {
    socket.set_linger(Some(Duration::ZERO))
}

async fn respond(
    socket: &mut TcpStream,
    status: &str,
    headers: &str,
    body: &[u8],
) -> std::io::Result<()> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n"
    );
    socket.write_all(head.as_bytes()).await?;
    socket.write_all(body).await?;
    socket.shutdown().await
}

/// The sandbox's whole response; the connection carries no more after it.
async fn forward(upstream: &str, request: &str) -> std::io::Result<Vec<u8>> {
    let mut server = TcpStream::connect(upstream).await?;
    // A body that is to be damaged must not come compressed.
    let request = request
        .replacen("\r\n", "\r\nconnection: close\r\n", 1)
        .replacen("accept-encoding: gzip\r\n", "", 1);
    server.write_all(request.as_bytes()).await?;
    let mut response = Vec::new();
    server.read_to_end(&mut response).await?;
    Ok(response)
}

fn split(response: &[u8]) -> (String, Vec<u8>) {
    let end = response
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap()
        + 4;
    let head = String::from_utf8(response[..end].to_vec()).unwrap();
    (head, response[end..].to_vec())
}

fn with_length(head: &str, length: usize) -> String {
    let lines = head.trim_end().lines();
    let others = lines.filter(|line| !line.to_ascii_lowercase().starts_with("content-length"));
    let head = others.collect::<Vec<_>>().join("\r\n");
    format!("{head}\r\ncontent-length: {length}\r\n\r\n")
}

/// Sixteen megabytes of zeros as gzip.
static BOMB: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(&vec![0; 16 << 20]).unwrap();
    gzip.finish().unwrap()
});
