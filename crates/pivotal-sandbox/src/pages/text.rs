//! Text on pages, and text from their forms.

use std::ops::Range;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use pivotal_views::{Choice, Links};
use serde_json::Value;

use super::PAGE;
use crate::redact::redact_header;

/// The most characters of a text that are shown.
const LONGEST: usize = 200;

/// What a path segment may contain as it is.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A text as pages show it: bounded, without keys, and with characters escaped that are invisible
/// or change the order of others.
pub(super) fn shown(text: &str) -> String {
    let cut = beginning(text, LONGEST);
    let shown = printable(&redact_header(cut.unwrap_or(text)), false);
    shown + if cut.is_some() { "…" } else { "" }
}

/// The beginning of a text that has more characters than these.
pub(super) fn beginning(text: &str, characters: usize) -> Option<&str> {
    let (end, _) = text.char_indices().nth(characters)?;
    Some(&text[..end])
}

/// A text to choose from a list, if it can be shown as it is.
pub(super) fn plain(text: &str) -> Option<String> {
    Some(shown(text)).filter(|shown| shown == text && !text.is_empty())
}

/// Escapes control characters and bidirectional marks; line breaks too unless they are kept.
pub(super) fn printable(text: &str, keep_lines: bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        let kept = keep_lines && character == '\n';
        let unseen = character.is_control()
            || matches!(character,
                '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if unseen && !kept {
            escaped.extend(character.escape_default());
        } else {
            escaped.push(character);
        }
    }
    escaped
}

/// A value of a record; `None` for null.
pub(super) fn value(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(shown(text)),
        other => Some(shown(&other.to_string())),
    }
}

/// The address of a customer's page, as in Pivotal; without a slug that cannot be shown as it is.
pub(super) fn customer_link(display_id: u64, slug: Option<&str>) -> String {
    match slug.and_then(plain) {
        Some(slug) => format!(
            "/customers/{display_id}-{}",
            utf8_percent_encode(&slug, SEGMENT)
        ),
        None => format!("/customers/{display_id}"),
    }
}

/// An address whose query is to be written.
pub(super) fn query_of(path: &str) -> form_urlencoded::Serializer<'static, String> {
    form_urlencoded::Serializer::for_suffix(format!("{path}?"), path.len() + 1)
}

/// The fields of a query or form.
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    pub(super) fn parse(text: &[u8]) -> Self {
        Self(form_urlencoded::parse(text).into_owned().collect())
    }

    /// A field that is not empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let field = self.0.iter().find(|(known, _)| known == name);
        field
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// A list to choose one of these values for this field.
    pub(super) fn choice<'v>(
        &self,
        name: &'static str,
        label: &'static str,
        all: &'static str,
        values: impl IntoIterator<Item = &'v str>,
    ) -> Choice {
        Choice {
            name,
            label,
            all,
            values: values.into_iter().filter_map(plain).take(PAGE).collect(),
            chosen: self.get(name).map(shown),
        }
    }

    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.get(name)?.parse().ok()
    }

    /// The rows of one page out of `numbers`, those of all rows, of which the first `skipped` come
    /// before it; and the links to the other pages, with the same filters. A page is named by the
    /// number of the row before it, so that rows that are added or deleted move none.
    pub(super) fn page(
        &self,
        path: &str,
        filters: &[&str],
        numbers: &[u64],
        skipped: usize,
    ) -> (Range<usize>, Links) {
        let end = numbers.len().min(skipped + PAGE);
        let link = |before: usize| {
            let mut query = query_of(path);
            for name in filters {
                if let Some(value) = self.get(name) {
                    query.append_pair(name, value);
                }
            }
            if let Some(last) = before.checked_sub(1) {
                query.append_pair("after", &numbers[last].to_string());
            }
            query.finish()
        };
        let links = Links {
            first: skipped + 1,
            total: numbers.len(),
            previous: (skipped > 0).then(|| link(skipped.saturating_sub(PAGE))),
            next: (end < numbers.len()).then(|| link(end)),
        };
        (skipped..end, links)
    }
}
