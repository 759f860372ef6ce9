//! A server on loopback that answers with prepared bytes, well-formed or not.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the server does with a connection once it has read one request.
pub(crate) enum Reply {
    /// Writes these bytes and closes.
    Bytes(String),
    /// The same, for what is not text.
    Raw(Vec<u8>),
    /// Writes the head, then a byte every ten milliseconds until the client goes away.
    Drip(&'static str),
    /// Writes the head, then the same chunk until the client goes away.
    Endless(&'static str),
    /// Closes without a word.
    Reset,
    /// Says nothing until the client gives up.
    Stall,
}

/// A response with its length, as a well-behaved server writes it.
pub(crate) fn answer(status: &str, headers: &str, body: &str) -> Reply {
    let length = body.len();
    Reply::Bytes(format!(
        "HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    ))
}

pub(crate) struct Server {
    pub(crate) base_url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Answers each request with what the function makes of its text.
    pub(crate) async fn start(reply: impl Fn(&str) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let journal = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let request = read_request(&mut socket).await;
                journal.lock().unwrap().push(request.clone());
                match reply(&request) {
                    Reply::Bytes(text) => write(&mut socket, text.as_bytes()).await,
                    Reply::Raw(bytes) => write(&mut socket, &bytes).await,
                    Reply::Drip(head) => {
                        tokio::spawn(async move {
                            let _ = socket.write_all(head.as_bytes()).await;
                            while socket.write_all(b" ").await.is_ok() {
                                tokio::time::sleep(Duration::from_millis(10)).await;
                            }
                        });
                    }
                    Reply::Endless(head) => {
                        let _ = socket.write_all(head.as_bytes()).await;
                        while socket.write_all(b"4\r\nmore\r\n").await.is_ok() {}
                    }
                    Reply::Reset => drop(socket),
                    Reply::Stall => {
                        tokio::spawn(async move {
                            let _ = socket.read(&mut [0]).await;
                        });
                    }
                }
            }
        });
        Self { base_url, requests }
    }

    /// The requests so far, head and body as they came.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

async fn write(socket: &mut TcpStream, bytes: &[u8]) {
    // A client that has read enough closes first; that is its right.
    let _ = socket.write_all(bytes).await;
    let _ = socket.shutdown().await;
}

async fn read_request(socket: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| {
                    line.to_ascii_lowercase()
                        .strip_prefix("content-length: ")?
                        .parse()
                        .ok()
                })
                .unwrap_or(0);
            if body.len() >= length {
                return text;
            }
        }
        let mut chunk = [0; 4096];
        match socket.read(&mut chunk).await {
            Ok(0) | Err(_) => return text,
            Ok(read) => bytes.extend_from_slice(&chunk[..read]),
        }
    }
}
