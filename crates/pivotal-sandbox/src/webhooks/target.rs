//! Where events are sent, and the secret that signs them.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use http::Uri;
use sha2::Sha256;

use super::WebhookError;
use crate::{keys::random_text, redact::WEBHOOK_PREFIX};

/// The secret of an endpoint. Evidence: stated (its form, and how it signs).
#[derive(Clone)]
pub(super) struct Secret(Arc<[u8]>);

impl Secret {
    /// A secret that no other sandbox has.
    pub(super) fn generate() -> Self {
        Self(random_text().into_bytes().into())
    }

    pub(super) fn parse(text: &str) -> Result<Self, WebhookError> {
        let key = text
            .strip_prefix(WEBHOOK_PREFIX)
            .and_then(|encoded| STANDARD.decode(encoded).ok());
        match key {
            Some(key) if !key.is_empty() => Ok(Self(key.into())),
            _ => Err(WebhookError(
                "the webhook secret cannot be used: give `whsec_` and Base64",
            )),
        }
    }

    /// Another secret, which no receiver has.
    pub(super) fn wrong(&self) -> Self {
        Self(self.0.iter().map(|byte| !byte).collect())
    }

    pub(super) fn text(&self) -> String {
        format!("{WEBHOOK_PREFIX}{}", STANDARD.encode(&self.0))
    }

    /// The value of `svix-signature`.
    pub(super) fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body);
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

/// The address of a receiver on this machine.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) url: String,
    /// The value of `Host`.
    pub(super) authority: String,
    pub(super) path: String,
    pub(super) addresses: Vec<SocketAddr>,
}

impl Target {
    /// Reads a URL. Events are sent without encryption, so only to this machine.
    pub(super) fn parse(text: &str) -> Result<Self, WebhookError> {
        Self::of(text).ok_or(WebhookError(
            "the webhook URL cannot be used: give http:// and localhost or a loopback address, such as http://127.0.0.1:8788/",
        ))
    }

    fn of(text: &str) -> Option<Self> {
        let uri: Uri = text.parse().ok()?;
        let authority = uri.authority()?;
        let is_plain = uri.scheme_str() == Some("http") && !authority.as_str().contains('@');
        let host = authority.host().trim_matches(['[', ']']);
        let hosts: Vec<IpAddr> = if host.eq_ignore_ascii_case("localhost") {
            vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]
        } else {
            vec![host.parse().ok()?]
        };
        let port = authority.port_u16().unwrap_or(80);
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        (is_plain && hosts.iter().all(IpAddr::is_loopback)).then(|| Self {
            url: text.to_owned(),
            authority: authority.to_string(),
            path: path.to_owned(),
            addresses: hosts.into_iter().map(|host| (host, port).into()).collect(),
        })
    }
}
