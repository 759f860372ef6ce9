//! Telling a program that it calls something which will go away.

use std::sync::{Mutex, PoisonError};

use http::{HeaderMap, HeaderName};

use crate::operation::Operation;

const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");

/// The operations that a warning was given for: once each is enough.
#[derive(Debug, Default)]
pub(crate) struct Deprecations(Mutex<Vec<&'static str>>);

impl Deprecations {
    /// Warns when a response says that its operation will go away.
    pub(crate) fn look_at(&self, operation: &'static Operation, headers: &HeaderMap) {
        let Some(value) = headers.get(DEPRECATION) else {
            return;
        };
        let mut warned = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if warned.contains(&operation.name) {
            return;
        }
        warned.push(operation.name);
        drop(warned);
        tracing::warn!(
            operation = operation.name,
            "http.request.method" = %operation.method,
            "url.template" = operation.path,
            deprecation = ?value,
            "the API announces the end of this operation; look for a newer SDK or another operation"
        );
    }
}
