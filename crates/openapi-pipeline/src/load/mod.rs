//! Parses and checks a document, so that the other stages can rely on its structure.

mod check;
mod parse;
mod references;

use serde_json::Value;

use crate::Problems;

pub use check::check;
pub(crate) use parse::value as parse;

/// Reads an OpenAPI 3.0 or 3.1 document, written in JSON or YAML.
///
/// `origin` is the name of the text in error messages, and a name that ends in `.json`, `.yaml` or
/// `.yml` says how to read it; otherwise a text that starts with `{` is JSON.
///
/// Beyond the syntax it is checked (by [`check()`]) that every reference leads somewhere inside the
/// document, that no schema refers to itself without end, and that at most 100 references lead from
/// one to the next. The document is returned as it was
/// written, in its own dialect.
///
/// # Errors
/// [`LoadError`]: the text cannot be read, it is not OpenAPI 3.0 or 3.1, or the document does not
/// hold together. Nesting beyond [`MAX_DEPTH`](crate::MAX_DEPTH) levels, more than two million values
/// and keys, a key that occurs twice in one object, and YAML aliases that multiply a small text into a
/// large document are errors too.
///
/// ```
/// let error = openapi_pipeline::load::document("{\"openapi\": ", "api.json").unwrap_err();
/// assert_eq!(error.to_string(), "api.json: line 1, column 12: EOF while parsing a value");
/// ```
pub fn document(text: &str, origin: &str) -> Result<Value, LoadError> {
    let document = unchecked(text, origin)?;
    match check(&document) {
        Ok(()) => Ok(document),
        Err(problems) => Err(LoadError::Document {
            origin: origin.to_owned(),
            problems,
        }),
    }
}

/// Reads a document without the checks of [`check()`]: an overlay may still mend it.
///
/// # Errors
/// [`LoadError::Syntax`] and [`LoadError::Version`].
pub fn unchecked(text: &str, origin: &str) -> Result<Value, LoadError> {
    let document = parse::value(text, origin)?;
    check::version(&document, origin)?;
    Ok(document)
}

/// Why a text is not a document that the other stages can work on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The text is neither JSON nor YAML, or goes beyond a limit.
    #[error("{origin}: {}{message}", position(*line, *column))]
    Syntax {
        /// The name of the text.
        origin: String,
        /// The line, from 1; 0 when it is not known.
        line: usize,
        /// The column, from 1; 0 when it is not known.
        column: usize,
        /// What is wrong there.
        message: String,
    },
    /// The document is of a version that is not read.
    #[error("{origin}: {found}; only OpenAPI 3.0.x and 3.1.x are read{}", advice.as_ref().map(|a| format!(": {a}")).unwrap_or_default())]
    Version {
        /// The name of the text.
        origin: String,
        /// What the document says of its version.
        found: String,
        /// What to do about it.
        advice: Option<String>,
    },
    /// The document can be read, but is not valid.
    #[error("{origin} is not valid\n\n{problems}")]
    Document {
        /// The name of the text.
        origin: String,
        /// Everything that is wrong with it.
        problems: Problems,
    },
}

fn position(line: usize, column: usize) -> String {
    if line == 0 {
        String::new()
    } else {
        format!("line {line}, column {column}: ")
    }
}
