//! Where the API is.

use std::fmt;
use std::net::Ipv6Addr;

use reqwest::Url;

/// The address that every request path is appended to.
///
/// It is `https`, or `http` to this machine (`localhost`, 127.0.0.0/8, `::1`), or `http` to
/// anywhere when [`parse_insecure`](Self::parse_insecure) says so. A path is kept as a prefix,
/// a slash at its end is dropped.
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
    /// Takes an address that keeps the key from being read on the way.
    ///
    /// # Errors
    /// [`InvalidBaseUrl`] says which rule it breaks, without repeating the address.
    pub fn parse(text: &str) -> Result<Self, InvalidBaseUrl> {
        let base = Self::parse_insecure(text)?;
        if base.url.scheme() == "http" && !base.is_loopback() {
            return Err(InvalidBaseUrl::NotEncrypted);
        }
        Ok(base)
    }

    /// Like [`parse`](Self::parse), but lets `http` go to any host: the API key and all data then
    /// travel unencrypted.
    ///
    /// # Errors
    /// [`InvalidBaseUrl`] says which rule it breaks, without repeating the address.
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

    /// The address without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The path that comes before every request path: empty, or `/` and more without a slash at
    /// its end.
    pub fn prefix(&self) -> &str {
        self.url.path().trim_end_matches('/')
    }

    /// Whether it names this machine.
    pub fn is_loopback(&self) -> bool {
        match self.url.host_str() {
            Some("localhost") => true,
            Some(host) => host.parse::<std::net::Ipv4Addr>().map_or_else(
                |_| host.trim_matches(['[', ']']) == Ipv6Addr::LOCALHOST.to_string(),
                |ip| ip.is_loopback(),
            ),
            None => false,
        }
    }

    /// The address.
    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    /// Whether a URL has the same scheme, host and port.
    pub(crate) fn same_origin(&self, url: &Url) -> bool {
        same_origin(&self.url, url)
    }

    /// A request path without the prefix; `None` when it does not begin with it.
    pub(crate) fn relative_path<'u>(&self, url: &'u Url) -> Option<&'u str> {
        url.path().strip_prefix(self.prefix())
    }
}

pub(crate) fn same_origin(one: &Url, other: &Url) -> bool {
    one.scheme() == other.scheme()
        && one.host_str() == other.host_str()
        && one.port_or_known_default() == other.port_or_known_default()
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

/// Why an address cannot be the base URL. Never holds the address, which may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidBaseUrl {
    /// Not a URL at all.
    #[error("the base URL is not an absolute URL ({0}); write it as https://my.pivotal.app")]
    NotAUrl(String),
    /// Neither `https` nor `http`.
    #[error("the base URL must begin with https:// (or http:// for a server on this machine)")]
    Scheme,
    /// `http` to another machine.
    #[error(
        "the base URL would send the API key unencrypted: use https://; \
         plain http:// is for a server on this machine, unless the code allows it elsewhere"
    )]
    NotEncrypted,
    /// A user name or password before the host.
    #[error("the base URL must not hold a user name or password: the API key is given apart")]
    UserInfo,
    /// A query or a fragment.
    #[error("the base URL must end with its path: no '?' and no '#'")]
    Query,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slash_at_the_end_goes_and_a_prefix_stays() {
        for (given, text, prefix) in [
            ("https://my.pivotal.app", "https://my.pivotal.app", ""),
            ("https://my.pivotal.app//", "https://my.pivotal.app", ""),
            (
                "https://proxy.test/pivotal/",
                "https://proxy.test/pivotal",
                "/pivotal",
            ),
            ("http://[::1]:80", "http://[::1]", ""),
        ] {
            let base = BaseUrl::parse(given).unwrap();
            assert_eq!(base.as_str(), text);
            assert_eq!(base.prefix(), prefix);
        }
    }

    #[test]
    fn plain_http_reaches_this_machine_only() {
        for loopback in [
            "http://localhost:1",
            "http://127.0.0.1",
            "http://127.9.9.9",
            "http://[::1]:3",
        ] {
            assert!(
                BaseUrl::parse(loopback).unwrap().is_loopback(),
                "{loopback}"
            );
        }
        for elsewhere in [
            "http://my.pivotal.app",
            "http://127.0.0.1.evil.test",
            "http://localhost.evil.test",
            "http://10.0.0.1",
        ] {
            let refused = BaseUrl::parse(elsewhere).unwrap_err();
            assert_eq!(refused, InvalidBaseUrl::NotEncrypted, "{elsewhere}");
            assert!(BaseUrl::parse_insecure(elsewhere).is_ok());
        }
    }

    #[test]
    fn what_does_not_belong_in_a_base_url_is_refused_without_being_repeated() {
        for (given, error) in [
            (
                "https://user:hunter2@my.pivotal.app",
                InvalidBaseUrl::UserInfo,
            ),
            ("https://my.pivotal.app?key=hunter2", InvalidBaseUrl::Query),
            ("https://my.pivotal.app/#hunter2", InvalidBaseUrl::Query),
            ("ftp://hunter2.test", InvalidBaseUrl::Scheme),
        ] {
            let refused = BaseUrl::parse(given).unwrap_err();
            assert_eq!(refused, error);
            assert!(!format!("{refused} {refused:?}").contains("hunter2"));
        }
        let refused = BaseUrl::parse("my.pivotal.app").unwrap_err();
        assert!(matches!(refused, InvalidBaseUrl::NotAUrl(_)));
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        let base = BaseUrl::parse("https://my.pivotal.app").unwrap();
        for (url, same) in [
            ("https://my.pivotal.app:443/api", true),
            ("https://my.pivotal.app:8443/api", false),
            ("http://my.pivotal.app/api", false),
            ("https://other.pivotal.app/api", false),
        ] {
            assert_eq!(base.same_origin(&Url::parse(url).unwrap()), same, "{url}");
        }
    }
}
