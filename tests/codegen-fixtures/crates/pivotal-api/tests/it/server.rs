//! A server on loopback that answers one request with prepared bytes and hands the request over.

use std::sync::Arc;

use codegen_fixtures::Client;
use pivotal_runtime::{ApiKey, BaseUrl, ClientConfig, Executor, RetryPolicy, Runtime, http_client};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// What the client authenticates itself with.
pub(crate) const KEY: &str = "pivotal_test_K8s9aB3dE5fG";

/// What a client sent.
#[derive(Debug)]
pub(crate) struct Request {
    /// `GET /animals?limit=5`
    pub(crate) line: String,
    /// Header lines, names in lower case.
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// The value of a header; `None` without it.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// A client of a server that answers the next request with this status, media type and body.
pub(crate) async fn answering(
    status: u16,
    media_type: &str,
    body: &str,
) -> (Client, oneshot::Receiver<Request>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let content_type = if media_type.is_empty() {
        String::new()
    } else {
        format!("content-type: {media_type}\r\n")
    };
    // A 204 must not say how long its body is.
    let length = if status == 204 {
        String::new()
    } else {
        format!("content-length: {}\r\n", body.len())
    };
    let answer = format!(
        "HTTP/1.1 {status} Prepared\r\n{content_type}{length}connection: close\r\n\r\n{body}"
    );
    let (sender, receiver) = oneshot::channel();
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let request = read(&mut socket).await;
        socket.write_all(answer.as_bytes()).await.unwrap();
        socket.shutdown().await.unwrap();
        sender.send(request).unwrap();
    });
    let base_url = BaseUrl::parse(&address).unwrap();
    let http = http_client(&base_url).unwrap();
    let mut config = ClientConfig::new(base_url);
    config.api_key = Some(ApiKey::new(KEY).unwrap());
    config.retry = RetryPolicy::off();
    let client = Client::new_with_client(
        &address,
        http,
        // One response is all this server gives.
        Executor::new(Arc::new(Runtime::new(config))),
    );
    (client, receiver)
}

async fn read(socket: &mut TcpStream) -> Request {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        read_more(socket, &mut bytes).await;
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.lines();
    let line = lines
        .next()
        .unwrap()
        .trim_end_matches(" HTTP/1.1")
        .to_owned();
    let headers: Vec<(String, String)> = lines
        .map(|line| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.to_ascii_lowercase(), value.to_owned())
        })
        .collect();
    let mut request = Request {
        line,
        headers,
        body: bytes[end + 4..].to_vec(),
    };
    let length = request
        .header("content-length")
        .map_or(0, |length| length.parse().unwrap());
    while request.body.len() < length {
        read_more(socket, &mut request.body).await;
    }
    request
}

async fn read_more(socket: &mut TcpStream, bytes: &mut Vec<u8>) {
    let mut chunk = [0; 4096];
    let read = socket.read(&mut chunk).await.unwrap();
    assert!(read > 0, "the client closed in the middle of a request");
    bytes.extend_from_slice(&chunk[..read]);
}
