//! A server on loopback that documents are fetched from.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// A response.
pub(crate) enum Reply {
    /// Status, headers (each with its line end) and body.
    Whole(&'static str, String, Vec<u8>),
    /// Nothing, until the other side gives up.
    Silence,
    /// Part of a body that was announced whole.
    Broken,
}

pub(crate) struct OriginServer {
    pub(crate) address: String,
    received: Arc<Mutex<Vec<String>>>,
}

impl OriginServer {
    /// Starts it; it lives as long as the test.
    pub(crate) fn start(answers: impl Fn(&str) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let received = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&received);
        thread::spawn(move || {
            let mut kept = Vec::new();
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let request = head(&mut stream);
                let reply = answers(&request);
                log.lock().unwrap().push(request);
                match reply {
                    Reply::Whole(status, headers, body) => {
                        let head = format!(
                            "HTTP/1.1 {status}\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n",
                            body.len()
                        );
                        // Whoever has read enough goes away.
                        let _ = stream.write_all(head.as_bytes());
                        let _ = stream.write_all(&body);
                    }
                    Reply::Silence => kept.push(stream),
                    Reply::Broken => {
                        let _ = stream.write_all(
                            b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{\"openapi\"",
                        );
                    }
                }
            }
        });
        Self { address, received }
    }

    /// The heads of all requests so far, in lower case.
    pub(crate) fn received(&self) -> Vec<String> {
        self.received.lock().unwrap().clone()
    }
}

fn head(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
        bytes.push(byte[0]);
    }
    String::from_utf8_lossy(&bytes).to_lowercase()
}
