//! A server that sends prepared bytes, well-formed or not.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// What the server does with a connection after it has read a request.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Writes these bytes and closes the connection.
    Bytes(Vec<u8>),
    /// Writes this head, then a space every ten milliseconds until the client goes away.
    Drip(&'static str),
    /// Writes this head, then the same chunk until the client goes away.
    Endless(&'static str),
    /// Writes `head`, then `again` until the client goes away.
    Repeat {
        /// What is written once.
        head: Vec<u8>,
        /// What is written again and again.
        again: Vec<u8>,
    },
    /// Closes the connection without a response.
    Close,
    /// Sends nothing until the client goes away.
    Stall,
}

/// A response with this status line, such as `200 OK`, these header lines, each with its `\r\n`, and
/// this body. A 204 or 304 has no `content-length`.
pub fn response(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Reply {
    let body = body.as_ref();
    let length = if status.starts_with("204") || status.starts_with("304") {
        String::new()
    } else {
        format!("content-length: {}\r\n", body.len())
    };
    let head = format!("HTTP/1.1 {status}\r\n{headers}{length}connection: close\r\n\r\n");
    Reply::Bytes([head.as_bytes(), body].concat())
}

/// A request as the server received it.
#[derive(Clone, Debug)]
pub struct Request {
    /// Method and target, such as `GET /animals?limit=5`.
    pub line: String,
    /// Names in lower case and values, in the order of arrival.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    text: String,
}

impl Request {
    /// The first value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The path and query.
    pub fn target(&self) -> &str {
        self.line.split(' ').nth(1).unwrap_or_default()
    }

    /// The whole request as text.
    pub fn text(&self) -> &str {
        &self.text
    }

    fn parse(bytes: &[u8], head_length: usize) -> Self {
        let head = String::from_utf8_lossy(&bytes[..head_length]);
        let mut lines = head.trim_end().lines();
        let line = lines.next().unwrap_or_default();
        let headers = lines.filter_map(|line| line.split_once(':'));
        Self {
            line: line.trim_end_matches(" HTTP/1.1").to_owned(),
            headers: headers
                .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
                .collect(),
            body: bytes[head_length..].to_vec(),
            text: String::from_utf8_lossy(bytes).into_owned(),
        }
    }

    /// Reads a whole request; `None` if the client goes away before its end.
    fn read(stream: &mut TcpStream) -> io::Result<Option<Self>> {
        let mut bytes = Vec::new();
        let mut chunk = [0; 4096];
        loop {
            if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                let request = Self::parse(&bytes, end + 4);
                let length = request.header("content-length");
                let length = length.and_then(|length| length.parse().ok());
                if request.body.len() >= length.unwrap_or(0) {
                    return Ok(Some(request));
                }
            }
            match stream.read(&mut chunk)? {
                0 => return Ok(None),
                read => bytes.extend_from_slice(&chunk[..read]),
            }
        }
    }
}

/// An HTTP server on a free port of 127.0.0.1 that replies as a test tells it. It runs on threads of
/// its own, so that blocking and asynchronous tests can use it, until the process ends.
///
/// ```
/// use pivotal_test_support::{ScriptedServer, response};
///
/// let server = ScriptedServer::start(|request| match request.target() {
///     "/moved" => response("200 OK", "", "{}"),
///     _ => response("307 Temporary Redirect", "location: /moved\r\n", ""),
/// });
/// assert!(server.base_url().starts_with("http://127.0.0.1:"));
/// ```
#[derive(Debug)]
pub struct ScriptedServer {
    base_url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl ScriptedServer {
    /// Replies to each request as `reply` says.
    ///
    /// # Panics
    ///
    /// If loopback cannot be listened on.
    pub fn start(reply: impl FnMut(&Request) -> Reply + Send + 'static) -> Self {
        let requests = Arc::new(Mutex::new(Vec::new()));
        let journal = Arc::clone(&requests);
        let reply = Mutex::new(reply);
        let serve = move |stream| {
            serve(stream, |request| {
                let decided = lock(&reply)(&request);
                lock(&journal).push(request);
                decided
            })
        };
        Self {
            base_url: listen(serve),
            requests,
        }
    }

    /// Sends the same [`response`] to every request.
    pub fn responding(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Self {
        let reply = response(status, headers, body);
        Self::start(move |_| reply.clone())
    }

    /// Sends these bytes to every request.
    pub fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        let reply = Reply::Bytes(bytes.into());
        Self::start(move |_| reply.clone())
    }

    /// The base URL, without a trailing slash.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<Request> {
        lock(&self.requests).clone()
    }
}

/// Serves each connection to a free port of 127.0.0.1 on a thread of its own, until the process ends.
/// Returns the base URL.
pub(crate) fn listen(
    serve: impl Fn(TcpStream) -> io::Result<()> + Send + Sync + 'static,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback can be listened on");
    let address = listener.local_addr();
    let address = address.expect("a bound socket has an address");
    let serve = Arc::new(serve);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let serve = Arc::clone(&serve);
            thread::spawn(move || serve(stream));
        }
    });
    format!("http://{address}")
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads one request whole, as closing before that would reset the connection, and replies. An error
/// means that the client has gone away, which it may.
fn serve(mut stream: TcpStream, reply: impl FnOnce(Request) -> Reply) -> io::Result<()> {
    let Some(request) = Request::read(&mut stream)? else {
        return Ok(());
    };
    match reply(request) {
        Reply::Bytes(bytes) => stream.write_all(&bytes),
        Reply::Drip(head) => {
            stream.write_all(head.as_bytes())?;
            loop {
                stream.write_all(b" ")?;
                thread::sleep(Duration::from_millis(10));
            }
        }
        Reply::Endless(head) => repeat(&mut stream, head.as_bytes(), b"4\r\nmore\r\n"),
        Reply::Repeat { head, again } => repeat(&mut stream, &head, &again),
        Reply::Close => Ok(()),
        Reply::Stall => stream.read(&mut [0]).map(drop),
    }
}

fn repeat(stream: &mut TcpStream, head: &[u8], again: &[u8]) -> io::Result<()> {
    stream.write_all(head)?;
    loop {
        stream.write_all(again)?;
    }
}
