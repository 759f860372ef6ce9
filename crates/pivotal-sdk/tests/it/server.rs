//! A server on loopback that gives one prepared answer to every request.

use std::sync::{Arc, Mutex};

use pivotal_sdk::{Client, RetryPolicy};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub(crate) struct Server {
    base_url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Answers with this status and JSON.
    pub(crate) async fn json(status: u16, body: &Value) -> Self {
        Self::start(
            status,
            "content-type: application/json\r\n",
            &body.to_string(),
        )
        .await
    }

    /// Answers with this status, these header lines and this body.
    pub(crate) async fn start(status: u16, headers: &str, body: &str) -> Self {
        let length = body.len();
        Self::bytes(format!(
            "HTTP/1.1 {status} Prepared\r\n{headers}content-length: {length}\r\n\
             connection: close\r\n\r\n{body}"
        ))
        .await
    }

    /// Answers with these bytes, whatever they are, and closes.
    pub(crate) async fn bytes(answer: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let journal = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let request = read_request(&mut socket).await;
                journal.lock().unwrap().push(request);
                let _ = socket.write_all(answer.as_bytes()).await;
                let _ = socket.shutdown().await;
            }
        });
        Self { base_url, requests }
    }

    /// A client that sends each call once.
    pub(crate) fn client(&self) -> Client {
        Client::builder()
            .base_url(&self.base_url)
            .api_key(crate::memory::KEY)
            .retry(RetryPolicy::off())
            .build()
            .unwrap()
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// Reads head and body to their end: closing before that would reset the connection.
pub(crate) async fn read_request(socket: &mut TcpStream) -> String {
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
