//! What the contract tests share: the documentation's examples, a sandbox whose answers are
//! checked, and a server that answers what it is told to, byte for byte.
//!
//! The tests themselves stand in `contract/`. They go through the front door, over HTTP on
//! loopback; [`Scripted`] is for answers that the sandbox, a well-behaved server, never gives.

mod watched;

use std::net::SocketAddr;

use pivotal_openapi::Document;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

pub use watched::{Watched, on_sandbox, watched};

/// The contract after a change.
///
/// # Panics
///
/// If the changed document cannot be read.
pub fn changed_contract(change: impl FnOnce(&mut Value)) -> Document {
    let mut document = Document::contract().value().clone();
    change(&mut document);
    Document::new(document).expect("the changed document is read")
}

/// The documentation's example of a component schema.
///
/// # Panics
///
/// When the contract has none.
pub fn example(schema: &str) -> Value {
    Document::contract()
        .schema(schema)
        .and_then(|schema| schema["examples"].get(0))
        .unwrap_or_else(|| panic!("the contract has an example of {schema}"))
        .clone()
}

/// A server that gives one response to every request, whatever is asked.
#[derive(Debug)]
pub struct Scripted {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Scripted {
    /// Answers every request with these bytes and closes the connection.
    ///
    /// # Panics
    ///
    /// When loopback cannot be listened on.
    pub async fn raw(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("loopback can be listened on");
        let address = listener
            .local_addr()
            .expect("a bound socket has an address");
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, answer.clone()));
            }
        });
        Self { address, task }
    }

    /// Answers every request with this status line, content type and body.
    ///
    /// # Panics
    ///
    /// When loopback cannot be listened on.
    pub async fn answering(status: &str, content_type: &str, body: &str) -> Self {
        let length = body.len();
        Self::raw(format!(
            "HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        ))
        .await
    }

    /// Its address as a base URL.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Reads a whole request, then answers: a reset before that would be another fault than the one
/// that is tested.
async fn serve(mut stream: TcpStream, answer: Vec<u8>) {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    while !is_whole(&request) {
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return,
            Ok(read) => request.extend_from_slice(&buffer[..read]),
        }
    }
    let _ = stream.write_all(&answer).await;
    let _ = stream.shutdown().await;
}

fn is_whole(request: &[u8]) -> bool {
    let Some(end) = request.windows(4).position(|window| window == b"\r\n\r\n") else {
        return false;
    };
    let head = String::from_utf8_lossy(&request[..end]).to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok())
        .unwrap_or(0);
    request.len() >= end + 4 + length
}
