//! The HTTP client: timeouts, redirects, TLS.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use reqwest::redirect::Policy;

use crate::base_url::BaseUrl;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Shorter than the minute after which servers and load balancers commonly close an idle connection.
/// If a request is sent while the server closes the connection, nobody knows whether it arrived.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// The rate limit leaves few calls in flight at a time.
const MAX_IDLE_CONNECTIONS: usize = 8;

/// The HTTP client that the SDK uses by default.
///
/// - Redirects are not followed but returned as the response. The API sends none, the key must not be
///   sent to another host, and a write must not be sent to another path.
/// - Timeouts: 10 seconds to connect. Idle connections are closed after 30 seconds, and at most 8 to
///   a server are kept.
/// - HTTP/1.1, unless the crate feature `http2` is on and the server supports it over TLS. A few
///   connections are enough for the API's rate limit, and a broken one affects one call only.
/// - Responses may be compressed with gzip.
/// - Proxies from the environment are not used for a server on loopback.
/// - TLS according to the crate features, with the certificate verifier of the platform. With the
///   feature `rustls`, the first client installs its provider for the process if there is none. A
///   reqwest without a provider would otherwise panic in `reqwest::Client::new()`.
///
/// # Errors
/// [`HttpClientError`] if TLS cannot be set up.
pub fn http_client(base_url: &BaseUrl) -> Result<reqwest::Client, HttpClientError> {
    http_client_builder(base_url)?
        .build()
        .map_err(HttpClientError::new)
}

/// The builder of [`http_client`], for further settings.
///
/// # Errors
/// [`HttpClientError`] if TLS cannot be set up.
pub fn http_client_builder(base_url: &BaseUrl) -> Result<reqwest::ClientBuilder, HttpClientError> {
    let mut builder = reqwest::Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .pool_max_idle_per_host(MAX_IDLE_CONNECTIONS)
        .redirect(Policy::none());
    if base_url.is_loopback() {
        builder = builder.no_proxy();
    }
    with_tls(builder)
}

#[cfg(feature = "_rustls")]
fn with_tls(builder: reqwest::ClientBuilder) -> Result<reqwest::ClientBuilder, HttpClientError> {
    use std::sync::Arc;

    use rustls::ClientConfig;
    use rustls_platform_verifier::Verifier;

    let provider = provider();
    let verifier = Verifier::new(Arc::clone(&provider)).map_err(HttpClientError::new)?;
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

/// The provider of the process, which is installed if there is none.
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
    // If another thread was faster, its provider is used.
    let _ = ours::default_provider().install_default();
    CryptoProvider::get_default()
        .cloned()
        .unwrap_or_else(|| Arc::new(ours::default_provider()))
}

#[cfg(not(feature = "_rustls"))]
fn with_tls(builder: reqwest::ClientBuilder) -> Result<reqwest::ClientBuilder, HttpClientError> {
    Ok(builder)
}

/// The HTTP client could not be set up.
#[derive(Debug)]
pub struct HttpClientError(Box<dyn Error + Send + Sync>);

impl HttpClientError {
    fn new(source: impl Error + Send + Sync + 'static) -> Self {
        Self(Box::new(source))
    }
}

impl fmt::Display for HttpClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the HTTP client could not be set up")
    }
}

impl Error for HttpClientError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}
