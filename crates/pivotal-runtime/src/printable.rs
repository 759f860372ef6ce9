//! Text from a server that is shown to people.

use std::borrow::Cow;

/// Escapes the characters of a text that could control a terminal or change the order of what it
/// shows: control characters, including line breaks, and bidirectional marks.
///
/// ```
/// use pivotal_runtime::printable;
///
/// assert_eq!(printable("Aurora Outfitters"), "Aurora Outfitters");
/// assert_eq!(printable("Aurora\n\u{1b}[31m\u{202e}"), "Aurora\\n\\u{1b}[31m\\u{202e}");
/// ```
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(must_be_escaped) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if must_be_escaped(character) {
            escaped.extend(character.escape_default());
        } else {
            escaped.push(character);
        }
    }
    Cow::Owned(escaped)
}

fn must_be_escaped(character: char) -> bool {
    character.is_control()
        || matches!(character,
            // Line and paragraph separators.
            '\u{2028}' | '\u{2029}'
            // Marks, embeddings, overrides and isolates of the bidirectional algorithm.
            | '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
