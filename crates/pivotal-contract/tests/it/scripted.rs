//! A server on loopback that gives one prepared answer to every request.

use pivotal_contract::{Addition, ContractObserver, Violation};
use pivotal_sdk::{Client, RetryPolicy};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

pub(crate) const KEY: &str = "pivotal_test_N0tTobeSeenAnywhere";

/// The headers that every response carries.
pub(crate) const HEADERS: &str = "content-type: application/json\r\nx-ratelimit-limit: 30\r\n\
     x-ratelimit-remaining: 29\r\nx-ratelimit-reset: 1780000000\r\n";

/// What an observer was told.
#[derive(Clone, Default)]
pub(crate) struct Told {
    violations: Arc<Mutex<Vec<Violation>>>,
    additions: Arc<Mutex<Vec<Addition>>>,
}

impl Told {
    pub(crate) fn observer(&self) -> ContractObserver {
        let (violations, additions) = (Arc::clone(&self.violations), Arc::clone(&self.additions));
        ContractObserver::new(move |violation| violations.lock().unwrap().push(violation.clone()))
            .on_addition(move |addition| additions.lock().unwrap().push(addition.clone()))
    }

    pub(crate) fn violations(&self) -> Vec<Violation> {
        std::mem::take(&mut self.violations.lock().unwrap())
    }

    pub(crate) fn additions(&self) -> Vec<Addition> {
        std::mem::take(&mut self.additions.lock().unwrap())
    }

    /// The violations as lines.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.violations().iter().map(ToString::to_string).collect()
    }
}

/// The address of a server that answers everything with a status, header lines and a body.
pub(crate) async fn answering(status: u16, headers: &str, body: &str) -> String {
    let answer = format!(
        "HTTP/1.1 {status} Prepared\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut request = Vec::new();
            let mut chunk = [0; 4096];
            while !is_whole(&request) {
                match socket.read(&mut chunk).await {
                    Ok(0) | Err(_) => break,
                    Ok(read) => request.extend_from_slice(&chunk[..read]),
                }
            }
            let _ = socket.write_all(answer.as_bytes()).await;
            let _ = socket.shutdown().await;
        }
    });
    base_url
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_ascii_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    body.len() >= length.unwrap_or(0)
}

/// A client that sends each call once, watched by an observer.
pub(crate) fn client(base_url: &str, observer: ContractObserver) -> Client {
    Client::builder()
        .base_url(base_url)
        .api_key(KEY)
        .retry(RetryPolicy::off())
        .observer(Arc::new(observer))
        .build()
        .unwrap()
}
