//! A server for benches, which costs little and always the same.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;
use std::{io, thread};

use crate::server::listen;

/// An HTTP server on a free port of 127.0.0.1 that sends whole prepared responses over persistent
/// connections and allocates nothing per request. It runs on threads of its own until the process
/// ends.
#[derive(Debug)]
pub struct PreparedServer {
    base_url: String,
}

impl PreparedServer {
    /// Sends the response at the index that `select` gives for the head of a request, after a delay.
    /// Requests must have no body.
    ///
    /// # Panics
    ///
    /// If loopback cannot be listened on.
    pub fn start(
        responses: Vec<Vec<u8>>,
        delay: Duration,
        select: impl Fn(&[u8]) -> usize + Send + Sync + 'static,
    ) -> Self {
        Self {
            base_url: listen(move |stream| serve(stream, &responses, delay, &select)),
        }
    }

    /// The base URL, without a trailing slash.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }
}

fn serve(
    mut stream: TcpStream,
    responses: &[Vec<u8>],
    delay: Duration,
    select: &impl Fn(&[u8]) -> usize,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut request = [0; 8192];
    let mut length = 0;
    loop {
        match stream.read(&mut request[length..])? {
            0 => return Ok(()),
            read => length += read,
        }
        if request[..length].ends_with(b"\r\n\r\n") {
            thread::sleep(delay);
            stream.write_all(&responses[select(&request[..length])])?;
            length = 0;
        }
    }
}
