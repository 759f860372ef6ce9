//! The base URL of the API.

use std::error::Error;
use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

/// The URL that every request path is appended to.
///
/// It must be `https`, or `http` to loopback (`localhost`, 127.0.0.0/8, `::1`).
/// [`parse_insecure`](Self::parse_insecure) accepts `http` to any host. A path is kept as a prefix.
/// A trailing slash is removed.
///
/// ```
/// use pivotal_runtime::BaseUrl;
///
/// assert_eq!(BaseUrl::parse("https://my.pivotal.app/")?.as_str(), "https://my.pivotal.app");
/// assert!(BaseUrl::parse("http://127.0.0.1:4010").is_ok());
/// assert!(BaseUrl::parse("http://my.pivotal.app").is_err());
/// # Ok::<(), pivotal_runtime::InvalidBaseUrl>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct BaseUrl {
    url: Url,
    text: String,
}

impl BaseUrl {
    /// Parses a base URL that does not send the API key unencrypted.
    ///
    /// # Errors
    /// [`InvalidBaseUrl`], which does not contain the URL.
    pub fn parse(text: &str) -> Result<Self, InvalidBaseUrl> {
        let base = Self::parse_insecure(text)?;
        if base.url.scheme() == "http" && !base.is_loopback() {
            return Err(InvalidBaseUrl::NotEncrypted);
        }
        Ok(base)
    }

    /// Like [`parse`](Self::parse), but accepts `http` to any host. The API key and all data are
    /// then sent unencrypted.
    ///
    /// # Errors
    /// [`InvalidBaseUrl`], which does not contain the URL.
    pub fn parse_insecure(text: &str) -> Result<Self, InvalidBaseUrl> {
        let url = Url::parse(text).map_err(|error| InvalidBaseUrl::NotAUrl(error.to_string()))?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(InvalidBaseUrl::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidBaseUrl::UserInfo);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(InvalidBaseUrl::Query);
        }
        let text = url.as_str().trim_end_matches('/').to_owned();
        Ok(Self { url, text })
    }

    /// The URL, without a trailing slash.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The path of the base URL, without a trailing slash. Empty if there is none.
    pub fn prefix(&self) -> &str {
        self.url.path().trim_end_matches('/')
    }

    /// Whether the host is this machine.
    pub fn is_loopback(&self) -> bool {
        let host = self.url.host_str().unwrap_or_default();
        let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
        host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    }

    /// Host and port, such as `my.pivotal.app:443`.
    pub(crate) fn host_and_port(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        let port = self.url.port_or_known_default().unwrap_or_default();
        format!("{host}:{port}")
    }

    /// A URL below the base URL. The path begins with a slash and may end with a query; what is not
    /// ASCII in it is percent-encoded. A fragment is dropped, as servers do not get it.
    ///
    /// The base URL is not parsed again, which costs more than the rest of a request.
    ///
    /// ```
    /// use pivotal_runtime::BaseUrl;
    ///
    /// let base = BaseUrl::parse("https://my.pivotal.app/eu/")?;
    /// let url = base.with_path("/api/v1/customers/a%2Fb");
    /// assert_eq!(url.as_str(), "https://my.pivotal.app/eu/api/v1/customers/a%2Fb");
    /// # Ok::<(), pivotal_runtime::InvalidBaseUrl>(())
    /// ```
    pub fn with_path(&self, path: &str) -> Url {
        let path = path.split_once('#').map_or(path, |(path, _)| path);
        let (path, query) = match path.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (path, None),
        };
        let mut url = self.url.clone();
        match self.prefix() {
            "" => url.set_path(path),
            prefix => url.set_path(&format!("{prefix}{path}")),
        }
        if query.is_some() {
            url.set_query(query);
        }
        url
    }

    pub(crate) fn same_origin(&self, url: &Url) -> bool {
        self.url.scheme() == url.scheme()
            && self.url.host_str() == url.host_str()
            && self.url.port_or_known_default() == url.port_or_known_default()
    }

    /// The path of a URL without the prefix; `None` if it does not begin with the prefix.
    pub(crate) fn relative_path<'u>(&self, url: &'u Url) -> Option<&'u str> {
        url.path().strip_prefix(self.prefix())
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BaseUrl({})", self.text)
    }
}

/// Why a URL cannot be the base URL. Does not contain the URL, which may contain a password.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidBaseUrl {
    /// Not a URL.
    NotAUrl(String),
    /// Neither `https` nor `http`.
    Scheme,
    /// `http` to another machine.
    NotEncrypted,
    /// A user name or password before the host.
    UserInfo,
    /// A query or a fragment.
    Query,
}

impl fmt::Display for InvalidBaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAUrl(problem) => {
                return write!(
                    f,
                    "the base URL is not an absolute URL ({problem}), such as https://my.pivotal.app"
                );
            }
            Self::Scheme => {
                "the base URL must begin with https:// (or http:// for a server on this machine)"
            }
            Self::NotEncrypted => {
                "the base URL would send the API key unencrypted: use https://; \
                 http:// to another machine must be allowed in code"
            }
            Self::UserInfo => "the base URL must not contain a user name or password",
            Self::Query => "the base URL must not contain a query ('?') or fragment ('#')",
        })
    }
}

impl Error for InvalidBaseUrl {}
