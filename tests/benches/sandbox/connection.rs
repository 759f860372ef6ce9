//! A minimal HTTP client: one persistent connection, one request at a time. It costs little compared
//! with a server, and the same with each.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
};

use serde_json::json;

pub(crate) struct Connection {
    stream: TcpStream,
    /// What was read beyond the last response.
    buffer: Vec<u8>,
}

pub(crate) struct Response {
    pub(crate) head: Vec<u8>,
    pub(crate) body: Vec<u8>,
}

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            buffer: Vec::with_capacity(64 * 1024),
        }
    }

    /// Sends a request and waits for the whole response.
    pub(crate) fn send(&mut self, request: &[u8]) -> Response {
        self.stream.write_all(request).unwrap();
        let end = loop {
            if let Some(end) = find(&self.buffer, b"\r\n\r\n") {
                break end + 4;
            }
            self.read_more();
        };
        let name = b"content-length: ";
        let digits = &self.buffer[find(&self.buffer, name).unwrap() + name.len()..];
        let digits = digits.iter().take_while(|byte| byte.is_ascii_digit());
        let length = digits.fold(0, |number, digit| number * 10 + usize::from(digit - b'0'));
        while self.buffer.len() < end + length {
            self.read_more();
        }
        let rest = self.buffer.split_off(end + length);
        let body = self.buffer.split_off(end);
        let head = std::mem::replace(&mut self.buffer, rest);
        Response { head, body }
    }

    /// Creates a customer.
    pub(crate) fn create_customer(&mut self, key: &str, name: &str) -> Response {
        let body = json!({ "name": name }).to_string();
        let created = self.send(&request("POST", "/api/v1/customers", key, "", &body));
        assert_eq!(created.status(), 201);
        created
    }

    fn read_more(&mut self) {
        let mut piece = [0; 16 * 1024];
        let read = self.stream.read(&mut piece).unwrap();
        assert!(read > 0, "the server closed the connection");
        self.buffer.extend_from_slice(&piece[..read]);
    }
}

impl Response {
    pub(crate) fn status(&self) -> u16 {
        let digits = std::str::from_utf8(&self.head[9..12]).unwrap();
        digits.parse().unwrap()
    }
}

/// A request as bytes; `headers` are lines with their ends.
pub(crate) fn request(method: &str, path: &str, key: &str, headers: &str, body: &str) -> Vec<u8> {
    format!(
        "{method} {path} HTTP/1.1\r\nhost: sandbox\r\nauthorization: Bearer {key}\r\n{headers}\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    let mut windows = bytes.windows(wanted.len());
    windows.position(|window| window == wanted)
}
