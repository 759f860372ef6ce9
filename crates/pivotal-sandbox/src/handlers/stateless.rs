//! Operations without a rule of their own.

use bytes::Bytes;

use super::Call;
use crate::{
    contract::example,
    error::{ApiError, json},
};

/// Answers as the document describes: its first example, else a value made from its schema. Nothing
/// is kept, and the same request gets the same response. Evidence: decided.
pub(super) fn answer(call: &mut Call<'_>) -> Result<Bytes, ApiError> {
    let Some(content) = &call.operation.success.content else {
        return Ok(Bytes::new());
    };
    let value = match &content.example {
        Some(value) => value.clone(),
        None => example(call.contract.document(), &content.schema),
    };
    Ok(match value.as_str().filter(|_| !content.is_json()) {
        Some(text) => Bytes::copy_from_slice(text.as_bytes()),
        None => json(&value),
    })
}
