//! Stored responses in a state file.

use http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Completed, Entry, IdempotencyKeys, ScopedKey};

/// A stored response as it is saved.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SavedResponse {
    pub(crate) number: u64,
    endpoint: String,
    key: Octets,
    stored_at: Timestamp,
    request: Octets,
    status: u16,
    body: Octets,
}

/// Bytes, as text if they are UTF-8.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Octets {
    Text(String),
    Bytes(Vec<u8>),
}

impl<T: AsRef<[u8]>> From<&T> for Octets {
    fn from(bytes: &T) -> Self {
        match std::str::from_utf8(bytes.as_ref()) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::Bytes(bytes.as_ref().to_vec()),
        }
    }
}

impl From<Octets> for Vec<u8> {
    fn from(octets: Octets) -> Self {
        match octets {
            Octets::Text(text) => text.into_bytes(),
            Octets::Bytes(bytes) => bytes,
        }
    }
}

impl IdempotencyKeys {
    /// The responses with this number or a higher one, to be saved.
    pub(crate) fn saved_since(&self, number: u64) -> impl Iterator<Item = SavedResponse> {
        let from = (self.completed).partition_point(|completed| completed.number < number);
        let completed = self.completed.range(from..);
        completed.filter_map(
            |Completed { number, at, key }| match self.entries.get(key)? {
                Entry::Completed(stored) if stored.stored_at == *at => Some(SavedResponse {
                    number: *number,
                    endpoint: key.endpoint.clone(),
                    key: Octets::from(&key.key),
                    stored_at: *at,
                    request: Octets::from(&stored.request),
                    status: stored.status.as_u16(),
                    body: Octets::from(&stored.body),
                }),
                _ => None,
            },
        )
    }

    /// The numbers of the oldest response and of the next one.
    pub(crate) fn numbers(&self) -> [u64; 2] {
        let first = self.completed.front();
        [
            first.map_or(self.next_number, |completed| completed.number),
            self.next_number,
        ]
    }

    /// Stores a saved response again. They come in the order of their numbers.
    pub(crate) fn restore(&mut self, saved: SavedResponse) -> Result<(), &'static str> {
        if saved.number < self.next_number || saved.number >= i64::MAX as u64 {
            return Err("the numbers of the responses are not in order");
        }
        let status = StatusCode::from_u16(saved.status).map_err(|_| "there is no such status")?;
        let key = ScopedKey {
            endpoint: saved.endpoint,
            key: saved.key.into(),
        };
        if let Some(Entry::Completed(older)) = self.entries.remove(&key) {
            self.bytes -= older.size(&key);
        }
        self.next_number = saved.number;
        let [request, body] = [saved.request, saved.body].map(|octets| Vec::from(octets).into());
        self.store(&key, request, status, body, saved.stored_at);
        Ok(())
    }
}
