//! A server that documents are fetched from.

use pivotal_test_support::{ScriptedServer, response};

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
    server: ScriptedServer,
}

impl OriginServer {
    /// Replies to each request by its text in lower case.
    pub(crate) fn start(reply: impl Fn(&str) -> Reply + Send + 'static) -> Self {
        let server =
            ScriptedServer::start(move |request| match reply(&request.text().to_lowercase()) {
                Reply::Whole(status, headers, body) => response(status, &headers, body),
                Reply::Silence => pivotal_test_support::Reply::Stall,
                Reply::Broken => pivotal_test_support::Reply::Bytes(
                    b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{\"openapi\"".to_vec(),
                ),
            });
        Self {
            address: server.base_url().to_owned(),
            server,
        }
    }

    /// The requests so far, in lower case.
    pub(crate) fn received(&self) -> Vec<String> {
        let requests = self.server.requests();
        requests
            .iter()
            .map(|request| request.text().to_lowercase())
            .collect()
    }
}
