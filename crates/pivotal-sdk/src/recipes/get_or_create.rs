//! What the `get_or_create` methods share.

use pivotal_api::endpoint::{ByKey, Endpoint, Paged};
use serde::Serialize;

use crate::call::Call;
use crate::error::Result;
use crate::stream::RowOf;

/// The result of a `get_or_create` method: the row, and whether the call created it.
///
/// ```
/// use pivotal_sdk::GetOrCreate;
///
/// let (created, existing) = (GetOrCreate::Created("Aurora"), GetOrCreate::Existing("Aurora"));
/// assert!(created.is_created() && !existing.is_created());
/// assert_eq!(created.into_inner(), existing.into_inner());
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum GetOrCreate<T> {
    /// The row did not exist before.
    Created(T),
    /// The row existed and was not changed. It may differ from the body of the call.
    Existing(T),
}

impl<T> GetOrCreate<T> {
    /// The row, created or existing.
    pub fn into_inner(self) -> T {
        match self {
            Self::Created(row) | Self::Existing(row) => row,
        }
    }

    /// Whether the call created the row. Concurrent calls that created one row together all return
    /// `true`.
    pub fn is_created(&self) -> bool {
        matches!(self, Self::Created(_))
    }
}

/// The first row of a list that satisfies the condition. Fetches no page beyond it.
pub(super) async fn find<O: Paged>(
    list: Call<O>,
    condition: impl Fn(&RowOf<O>) -> bool,
) -> Result<Option<RowOf<O>>> {
    let mut rows = list.stream().prefetch(false);
    while let Some(row) = rows.try_next().await? {
        if condition(&row) {
            return Ok(Some(row));
        }
    }
    Ok(None)
}

/// The text that a body sends for a key. It is that of `extra` if `extra` replaces the field.
pub(super) fn sent_text(body: &impl Serialize, key: &str) -> Option<String> {
    let body = serde_json::to_value(body).ok()?;
    body.get(key)?.as_str().map(str::to_owned)
}

/// Creates a row that was not found. Concurrent calls with the same request create one row, because
/// they have the same idempotency key, which is derived from `scope` and the body.
///
/// For 24 hours, the server returns the first response for this key, even if the row was deleted or
/// changed since. The row is therefore fetched, and created with a new key if it is gone or no
/// longer satisfies the condition.
pub(super) async fn create_once<O, F>(
    create: Call<O>,
    key: String,
    fetch: impl FnOnce(&O::Response) -> Call<F>,
    condition: impl Fn(&O::Response) -> bool,
) -> Result<O::Response>
where
    O: ByKey + Clone,
    F: Endpoint<Response = O::Response>,
{
    let created = create.clone().idempotency_key(key).await?;
    match fetch(&created).await {
        // The server may have changed what the condition depends on. That is no reason to repeat.
        Ok(row) if condition(&row) || !condition(&created) => Ok(row),
        Err(error) if !error.is_not_found() => Err(error),
        _ => create.await,
    }
}

/// An idempotency key for the creation of a row with this body in this scope: a 128-bit FNV-1a
/// hash, which is the same in every process and version.
pub(super) fn derived_key(scope: &str, body: &impl Serialize) -> String {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let body = serde_json::to_vec(body).unwrap_or_default();
    let bytes = scope.bytes().chain([0]).chain(body);
    let hash = bytes.fold(OFFSET, |hash, byte| {
        (hash ^ u128::from(byte)).wrapping_mul(PRIME)
    });
    format!("get-or-create-{hash:032x}")
}
