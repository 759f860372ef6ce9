//! `POST /_sandbox/reset`: back to how the sandbox started.

use http::Method;

use super::{Answer, Request};
use crate::error::ApiError;

pub(super) fn answer(request: &Request<'_>) -> Result<Answer, ApiError> {
    if !request.rest.is_empty() {
        return Err(request.unknown());
    }
    request.expect(&[Method::POST])?;
    request.shared.reset();
    Ok(Answer::Nothing)
}
