//! How the HTTP client is made: timeouts, redirects, TLS.

use std::time::Duration;

use reqwest::redirect::{Action, Attempt, Policy};

use crate::base_url::{BaseUrl, same_origin};

/// How long a connection may take to come up.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an unused connection is kept: shorter than the minute or more after which servers and
/// load balancers close theirs. A request that meets a connection just being closed fails without
/// anyone knowing whether it arrived.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// How many redirects are followed within one request.
const MAX_REDIRECTS: usize = 5;

/// Makes the HTTP client that the SDK uses when it is not given one.
///
/// - Redirects are followed only within the same scheme, host and port, at most five, and only
///   those that keep the method (307, 308). Any other is handed back as the response: the API
///   redirects nobody, a key must not travel to another host, and 301, 302 and 303 turn a POST
///   into a GET that would look like a success.
/// - A connection comes up within ten seconds, and is kept for thirty when it is not used. Their
///   number is not limited: there are no more than calls under way.
/// - HTTP/1.1, unless the crate feature `http2` is on and the server agrees over TLS. At the API's
///   rates a few connections carry everything, and one that breaks takes one call with it, not all.
/// - Answers may come compressed.
/// - No proxy of the environment stands between us and a server on this machine.
/// - TLS as the crate features say; certificates are judged by the platform's verifier. With the
///   feature `rustls`, the first client makes its provider that of the process when there is none
///   yet: a reqwest without a provider of its own, which the feature brings into the whole program,
///   would otherwise panic in `reqwest::Client::new()`.
///
/// # Errors
/// [`HttpClientError`] when TLS cannot be set up.
pub fn http_client(base_url: &BaseUrl) -> Result<reqwest::Client, HttpClientError> {
    http_client_builder(base_url)?
        .build()
        .map_err(HttpClientError::new)
}

/// The settings of [`http_client`], to add to.
///
/// # Errors
/// [`HttpClientError`] when TLS cannot be set up.
pub fn http_client_builder(base_url: &BaseUrl) -> Result<reqwest::ClientBuilder, HttpClientError> {
    let mut builder = reqwest::Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .redirect(Policy::custom(redirect));
    if base_url.is_loopback() {
        builder = builder.no_proxy();
    }
    with_tls(builder)
}

fn redirect(attempt: Attempt<'_>) -> Action {
    let keeps_method = matches!(attempt.status().as_u16(), 307 | 308);
    let from = attempt.previous().last();
    let same = from.is_some_and(|from| same_origin(from, attempt.url()));
    if keeps_method && same && attempt.previous().len() <= MAX_REDIRECTS {
        attempt.follow()
    } else {
        attempt.stop()
    }
}

#[cfg(feature = "_rustls")]
fn with_tls(builder: reqwest::ClientBuilder) -> Result<reqwest::ClientBuilder, HttpClientError> {
    use std::sync::Arc;

    use rustls::ClientConfig;
    use rustls_platform_verifier::Verifier;

    let provider = provider();
    let verifier = Verifier::new(Arc::clone(&provider)).map_err(HttpClientError::new)?;
    // Mutable for the sake of the feature.
    #[cfg_attr(not(feature = "http2"), expect(unused_mut))]
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(HttpClientError::new)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    #[cfg(feature = "http2")]
    {
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    }
    Ok(builder.tls_backend_preconfigured(config))
}

/// The process's provider: the program's own if it has installed one.
#[cfg(feature = "_rustls")]
fn provider() -> std::sync::Arc<rustls::crypto::CryptoProvider> {
    use std::sync::Arc;

    use rustls::crypto::CryptoProvider;
    #[cfg(feature = "rustls-aws-lc-rs")]
    use rustls::crypto::aws_lc_rs as ours;
    #[cfg(not(feature = "rustls-aws-lc-rs"))]
    use rustls::crypto::ring as ours;

    if let Some(installed) = CryptoProvider::get_default() {
        return Arc::clone(installed);
    }
    // Another thread may have been faster: then its provider is the process's, and ours as well.
    let _ = ours::default_provider().install_default();
    CryptoProvider::get_default()
        .cloned()
        .unwrap_or_else(|| Arc::new(ours::default_provider()))
}

#[cfg(not(feature = "_rustls"))]
fn with_tls(builder: reqwest::ClientBuilder) -> Result<reqwest::ClientBuilder, HttpClientError> {
    Ok(builder)
}

/// The HTTP client could not be made.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client could not be set up")]
pub struct HttpClientError {
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl HttpClientError {
    fn new(source: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self {
            source: Box::new(source),
        }
    }
}
