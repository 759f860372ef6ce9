//! A proxy before the sandbox that does what no well-formed server can.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::server::read_request;

/// What goes wrong with an answer. The sandbox has carried the request out, except where it says
/// otherwise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fault {
    /// Closed before a byte was read; not carried out.
    ResetBeforeReading,
    /// Closed without an answer.
    ResetAfterReading,
    /// Closed in the middle of the body.
    ResetInsideTheBody,
    /// Never answered.
    Stall,
    /// A byte of the answer now and then.
    SlowDrip,
    /// A body that goes on for ever.
    EndlessBody,
    /// A length that is more than the body has.
    LengthTooLong,
    /// A length that is less than the body has.
    LengthTooShort,
    /// A body that is not UTF-8.
    InvalidUtf8,
    /// A body that is not JSON.
    InvalidJson,
    /// The body without its first half of fields.
    MissingFields,
    /// A gateway's page, the request lost.
    HtmlBadGateway,
    /// 429 with `Retry-After` in seconds; not carried out.
    TooManyWithDelay,
    /// 429 without it; not carried out.
    TooManyWithoutDelay,
    /// 429 with a `Retry-After` of an hour; not carried out.
    TooManyForAnHour,
    /// A redirect to the same address; not carried out.
    RedirectLoop,
    /// Sixteen megabytes of zeros in sixteen kilobytes; not carried out.
    GzipBomb,
}

#[derive(Clone)]
pub(crate) struct Proxy {
    pub(crate) base_url: String,
    bomb: Arc<[u8]>,
    faults: Arc<AtomicUsize>,
    /// Requests that came.
    pub(crate) requests: Arc<AtomicUsize>,
    /// Bytes that left in endless bodies.
    pub(crate) bytes: Arc<AtomicU64>,
}

impl Proxy {
    /// Before the server at this address.
    pub(crate) async fn start(upstream: &str, fault: Fault) -> Self {
        let upstream = upstream.strip_prefix("http://").unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = Self {
            base_url: format!("http://{}", listener.local_addr().unwrap()),
            bomb: match fault {
                Fault::GzipBomb => bomb().into(),
                _ => Arc::default(),
            },
            faults: Arc::default(),
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

    /// Lets the fault happen so often from now on; then all goes well.
    pub(crate) fn fail(&self, times: usize) {
        self.faults.store(times, Ordering::SeqCst);
        self.requests.store(0, Ordering::SeqCst);
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
        let Some(fault) = fault else {
            let answer = forward(upstream, &request).await?;
            return socket.write_all(&answer).await;
        };
        let carried_out = async || forward(upstream, &request).await;
        match fault {
            Fault::ResetBeforeReading => unreachable!("done above"),
            Fault::ResetAfterReading => {
                carried_out().await?;
                reset(&socket)
            }
            Fault::ResetInsideTheBody => {
                let (head, body) = split(&carried_out().await?);
                socket.write_all(head.as_bytes()).await?;
                socket.write_all(&body[..body.len() / 2]).await?;
                socket.flush().await?;
                // What is still under way is lost with a reset: let the head arrive.
                tokio::time::sleep(Duration::from_millis(5)).await;
                reset(&socket)
            }
            Fault::Stall => {
                carried_out().await?;
                std::future::pending().await
            }
            Fault::SlowDrip => {
                for byte in carried_out().await? {
                    socket.write_all(&[byte]).await?;
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                Ok(())
            }
            Fault::EndlessBody => {
                carried_out().await?;
                socket
                    .write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
                    .await?;
                loop {
                    socket.write_all(b"1000\r\n").await?;
                    socket.write_all(&[b' '; 0x1000]).await?;
                    socket.write_all(b"\r\n").await?;
                    self.bytes.fetch_add(0x1000, Ordering::SeqCst);
                }
            }
            Fault::LengthTooLong => {
                let (head, body) = split(&carried_out().await?);
                let head = with_length(&head, body.len() + 10);
                socket.write_all(head.as_bytes()).await?;
                socket.write_all(&body).await
            }
            Fault::LengthTooShort => {
                let (head, body) = split(&carried_out().await?);
                let head = with_length(&head, body.len() / 2);
                socket.write_all(head.as_bytes()).await?;
                socket.write_all(&body).await
            }
            Fault::InvalidUtf8 => {
                let (head, mut body) = split(&carried_out().await?);
                let text = body.windows(3).position(|three| three == b"\":\"").unwrap();
                body[text + 3] = 0xff;
                socket.write_all(head.as_bytes()).await?;
                socket.write_all(&body).await
            }
            Fault::InvalidJson => {
                let (head, mut body) = split(&carried_out().await?);
                *body.last_mut().unwrap() = b',';
                socket.write_all(head.as_bytes()).await?;
                socket.write_all(&body).await
            }
            Fault::MissingFields => {
                let (head, body) = split(&carried_out().await?);
                let whole: serde_json::Value = serde_json::from_slice(&body).unwrap();
                let kept = serde_json::json!({ "id": whole["id"] }).to_string();
                let head = with_length(&head, kept.len());
                socket.write_all(head.as_bytes()).await?;
                socket.write_all(kept.as_bytes()).await
            }
            Fault::HtmlBadGateway => {
                carried_out().await?;
                let page = "<html><body>Bad Gateway</body></html>";
                answer(
                    &mut socket,
                    "502 Bad Gateway",
                    "content-type: text/html\r\n",
                    page.as_bytes(),
                )
                .await
            }
            Fault::TooManyWithDelay => too_many(&mut socket, "retry-after: 1\r\n").await,
            Fault::TooManyWithoutDelay => too_many(&mut socket, "").await,
            Fault::TooManyForAnHour => too_many(&mut socket, "retry-after: 3600\r\n").await,
            Fault::RedirectLoop => {
                let path = request.split(' ').nth(1).unwrap_or("/");
                let location = format!("location: {path}\r\n");
                answer(&mut socket, "307 Temporary Redirect", &location, b"").await
            }
            Fault::GzipBomb => {
                let headers = "content-encoding: gzip\r\ncontent-type: application/json\r\n";
                answer(&mut socket, "200 OK", headers, &self.bomb).await
            }
        }
    }
}

/// Resets the connection in place of closing it.
#[allow(deprecated, reason = "it blocks only when it waits, and zero does not")]
fn reset(socket: &TcpStream) -> std::io::Result<()> {
    socket.set_linger(Some(Duration::ZERO))
}

async fn too_many(socket: &mut TcpStream, headers: &str) -> std::io::Result<()> {
    let body =
        r#"{"error":{"type":"rate_limit_error","code":"rate_limited","message":"Slow down."}}"#;
    answer(socket, "429 Too Many Requests", headers, body.as_bytes()).await
}

async fn answer(
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

/// The sandbox's whole answer; the connection carries no more after it.
async fn forward(upstream: &str, request: &str) -> std::io::Result<Vec<u8>> {
    let mut server = TcpStream::connect(upstream).await?;
    // A body that is to be damaged must not come compressed.
    let request = request
        .replacen("\r\n", "\r\nconnection: close\r\n", 1)
        .replacen("accept-encoding: gzip\r\n", "", 1);
    server.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer).await?;
    Ok(answer)
}

fn split(answer: &[u8]) -> (String, Vec<u8>) {
    let end = answer
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap()
        + 4;
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    (head, answer[end..].to_vec())
}

fn with_length(head: &str, length: usize) -> String {
    let lines = head.trim_end().lines();
    let others = lines.filter(|line| !line.to_ascii_lowercase().starts_with("content-length"));
    let head = others.collect::<Vec<_>>().join("\r\n");
    format!("{head}\r\ncontent-length: {length}\r\n\r\n")
}

/// Sixteen megabytes of zeros as gzip.
fn bomb() -> Vec<u8> {
    use std::io::Write;

    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(&vec![0; 16 << 20]).unwrap();
    gzip.finish().unwrap()
}
