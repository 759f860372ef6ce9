//! The least of an HTTP client: one connection kept alive, requests one after the other. It costs
//! little beside a server, and the same beside each.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
};

/// A connection to a server.
pub(crate) struct Connection {
    stream: TcpStream,
    /// What has come and not been taken yet.
    buffer: Vec<u8>,
}

/// A response as it came: its head and its body.
pub(crate) struct Answer {
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
    pub(crate) fn send(&mut self, request: &[u8]) -> Answer {
        self.stream.write_all(request).unwrap();
        let end = loop {
            if let Some(end) = find(&self.buffer, b"\r\n\r\n") {
                break end + 4;
            }
            self.more();
        };
        let length = content_length(&self.buffer[..end]);
        while self.buffer.len() < end + length {
            self.more();
        }
        let answer = Answer {
            head: self.buffer[..end].to_vec(),
            body: self.buffer[end..end + length].to_vec(),
        };
        self.buffer.drain(..end + length);
        answer
    }

    fn more(&mut self) {
        let mut piece = [0; 16 * 1024];
        let read = self.stream.read(&mut piece).unwrap();
        assert!(read > 0, "the server closed the connection");
        self.buffer.extend_from_slice(&piece[..read]);
    }
}

impl Answer {
    pub(crate) fn status(&self) -> u16 {
        let digits = std::str::from_utf8(&self.head[9..12]).unwrap();
        digits.parse().unwrap()
    }
}

/// A request as text.
pub(crate) fn request(method: &str, path: &str, key: &str, more: &str, body: &str) -> Vec<u8> {
    format!(
        "{method} {path} HTTP/1.1\r\nhost: sandbox\r\nauthorization: Bearer {key}\r\n{more}\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
}

fn content_length(head: &[u8]) -> usize {
    let name = b"content-length: ";
    let start = find(head, name).unwrap() + name.len();
    let digits = head[start..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit());
    digits.fold(0, |number, digit| number * 10 + usize::from(digit - b'0'))
}
