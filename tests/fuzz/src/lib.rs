//! What the targets of the SDK share: a client whose server answers from memory.

use std::str::FromStr;
use std::sync::{Arc, LazyLock, Mutex};

use http::{HeaderName, HeaderValue, Response, StatusCode};
use pivotal_sdk::transport::{BoxFuture, Failure, Transport};
use pivotal_sdk::{BaseUrl, Bytes, Client, ClientBuilder, Error, reqwest};

/// The API key of the client, which nothing may print.
pub const KEY: &str = "pivotal_test_aB3dE5fG7hJ9kL1m";

/// A server with these responses, in order. The last one is repeated.
struct Responses(Mutex<Vec<Response<Bytes>>>);

impl Transport for Responses {
    fn send(
        &self,
        _request: reqwest::Request,
        _body_limit: usize,
    ) -> BoxFuture<'_, Result<Response<Bytes>, Failure>> {
        let mut left = self.0.lock().expect("no attempt has panicked");
        let next = match &left[..] {
            [last] => last.clone(),
            _ => left.remove(0),
        };
        Box::pin(async { Ok(next) })
    }
}

/// A client of a server with at least one response, which are returned in order, the last one again
/// and again.
pub fn client(responses: Vec<Response<Bytes>>) -> ClientBuilder {
    assert!(!responses.is_empty());
    // Never used, but a client of its own for each input would take most of the time.
    static HTTP: LazyLock<reqwest::Client> = LazyLock::new(|| {
        let base_url = BaseUrl::parse("https://my.pivotal.app").expect("a base URL");
        pivotal_runtime::http_client(&base_url).expect("TLS is built in")
    });
    Client::builder()
        .api_key(KEY)
        .http_client(HTTP.clone())
        .transport(Arc::new(Responses(Mutex::new(responses))))
}

/// Runs a future. Waiting takes no time: the clock of the runtime is set forward instead.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build();
    runtime.expect("a runtime without I/O").block_on(future)
}

/// Reads a response: a line with the status, a line for each header, an empty line, and the body.
pub fn response(data: &[u8]) -> Option<Response<Bytes>> {
    let end = data.windows(2).position(|two| two == b"\n\n")?;
    let (head, body) = (&data[..end], &data[end + 2..]);
    let mut lines = head.split(|byte| *byte == b'\n');
    let mut response = Response::new(Bytes::copy_from_slice(body));
    *response.status_mut() = StatusCode::from_bytes(lines.next()?).ok()?;
    for line in lines {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let name = HeaderName::from_str(std::str::from_utf8(&line[..colon]).ok()?).ok()?;
        let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok()?;
        response.headers_mut().append(name, value);
    }
    Some(response)
}

/// The most characters that an error prints: a few texts of the server of 256 characters each, all
/// of which may be escaped, and what is around them.
const LONGEST_ERROR: usize = 10_000;

/// Checks that a printed error is bounded, and shows neither the key nor a control character.
pub fn assert_harmless(error: &Error) {
    let (line, line_with_sources) = (error.to_string(), format!("{error:?}"));
    for text in [&line, &line_with_sources] {
        assert!(!text.chars().any(char::is_control), "{text:?}");
    }
    let fields = format!("{error:#?}");
    assert!(
        !fields.chars().any(|char| char.is_control() && char != '\n'),
        "{fields:?}"
    );
    for text in [line, line_with_sources, fields] {
        assert!(text.chars().count() <= LONGEST_ERROR, "{text}");
        assert!(!text.contains(KEY), "{text}");
    }
    let body = error.raw_body();
    assert!(body.len() <= Error::MAX_RAW_BODY);
    assert!(!String::from_utf8_lossy(body).contains(KEY), "{body:?}");
}
