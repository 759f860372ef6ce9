//! What a comparison finds.

use std::cmp::Ordering;
use std::fmt;

use serde::Serialize;
use serde_json::Value;

use openapi_pipeline::Pointer;

/// What a change does to those who rely on the base.
///
/// ```
/// use openapi_diff::Level;
///
/// assert!(Level::Breaking > Level::Warning && Level::Warning > Level::Info);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Whoever works with the base works with the revision.
    Info,
    /// May break: the documents do not tell.
    Warning,
    /// Somebody who does what the base allows is refused, or is answered what the base rules out.
    Breaking,
}

impl Level {
    /// The word for it in reports: `info`, `warning`, `breaking`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Breaking => "breaking",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One change, at one place of one operation.
///
/// As JSON it has exactly these members, `null` where there is nothing to say.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// The rule that it falls under; one of [`RULES`](super::RULES).
    pub id: &'static str,
    /// What it does to those who rely on the base.
    pub level: Level,
    /// The method, in capitals.
    pub method: Option<String>,
    /// The path, as the base writes it; as the revision does when the operation is new.
    pub path: Option<String>,
    /// The operationId in the revision; in the base when the operation is gone.
    pub operation_id: Option<String>,
    /// The part of the operation: ``query parameter `limit` ``, `request body`, `response 200`,
    /// `security`; `operation` for what concerns all of it. A second media type of a body is named
    /// with it.
    pub location: String,
    /// The property, from the body or parameter down, dotted: `data[].phase`. `[]` is an entry of
    /// an array, `[0]` the first of a tuple, `*` any property that has no schema of its own.
    pub property: Option<String>,
    /// What the base says.
    pub from: Option<Value>,
    /// What the revision says.
    pub to: Option<Value>,
    /// The change in one sentence, without its place.
    pub message: String,
    /// Where the base says it, as a JSON pointer; the nearest place around it when it says nothing.
    pub base_pointer: Option<Pointer>,
    /// The same in the revision.
    pub revision_pointer: Option<Pointer>,
    /// The promise of the vendor that it breaks.
    pub promise: Option<String>,
}

impl Finding {
    /// Where it is, in words: ``GET /teas query parameter `limit` ``, ``POST /teas request body
    /// `leaves[].kind` ``.
    ///
    /// A waiver names its place like this.
    ///
    /// ```
    /// # let document = |kind: &str| openapi_pipeline::load::document(&serde_json::json!({"openapi": "3.1.0", "info": {"title": "Tea", "version": "1"},
    /// #     "paths": {"/teas": {"get": {"parameters": [{"name": "limit", "in": "query", "schema": {"type": kind}}], "responses": {}}}}}).to_string(), "tea.json");
    /// use openapi_diff::{Promises, diff};
    ///
    /// let report = diff(&document("number")?, &document("integer")?, &Promises::none())?;
    /// assert_eq!(report.findings()[0].place(), "GET /teas query parameter `limit`");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn place(&self) -> String {
        let property = self.property.as_ref().map(|path| format!("`{path}`"));
        let location = (self.location != super::OPERATION || self.method.is_none())
            .then(|| self.location.clone());
        let parts = [self.method.clone(), self.path.clone(), location, property];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    /// By place and rule, for findings of one level and operation.
    pub(super) fn order_within(&self, other: &Self) -> Ordering {
        self.location
            .cmp(&other.location)
            .then_with(|| self.property.cmp(&other.property))
            .then_with(|| self.id.cmp(other.id))
            .then_with(|| self.message.cmp(&other.message))
            .then_with(|| self.revision_pointer.cmp(&other.revision_pointer))
            .then_with(|| self.base_pointer.cmp(&other.base_pointer))
    }
}
