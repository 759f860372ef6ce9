//! The place in JSON that an error of serde_json is about.
//!
//! The place follows from the position of the error. Decoding the body once more with a record of the
//! way (`serde_path_to_error`) would compile the decoder of each response type a second time.

use serde_json::Error;

/// A container on the way to a place, and where in it the place is.
enum Step<'a> {
    /// The value of the key, which is a JSON string.
    Key(&'a [u8]),
    Index(usize),
}

/// The place as keys and indices: that of the value which is wrong, or of the object that lacks a key
/// or has it twice. In what is not JSON, it is that of the last value that was read or expected. The
/// place of an error without a position is the whole document.
pub(crate) fn place_of(error: &Error, json: &[u8]) -> Vec<String> {
    let read = &json[..offset(error, json).min(json.len())];
    let mut steps = Vec::new();
    // Whether a value is being read or comes next, rather than a key.
    let mut in_value = true;
    let mut at = 0;
    while let Some(byte) = read.get(at) {
        let start = at;
        at += 1;
        match (byte, steps.last_mut()) {
            (b'{', _) => {
                steps.push(Step::Key(b""));
                in_value = false;
            }
            (b'[', _) => steps.push(Step::Index(0)),
            (b'}' | b']', _) => {
                steps.pop();
                in_value = true;
            }
            (b',', Some(Step::Index(index))) => *index += 1,
            (b',', Some(Step::Key(_))) => in_value = false,
            (b':', _) => in_value = true,
            (b'"', step) => {
                at += string_length(&read[at..]);
                if let (Some(Step::Key(key)), false) = (step, in_value) {
                    *key = &read[start..at];
                }
            }
            _ => {}
        }
    }
    // An error at a key is about the object.
    if !in_value {
        steps.pop();
    }
    steps.iter().map(Step::text).collect()
}

/// The number of bytes that were read when the error occurred.
fn offset(error: &Error, json: &[u8]) -> usize {
    let lines = json.split_inclusive(|byte| *byte == b'\n');
    let before = lines.take(error.line().saturating_sub(1));
    before.map(<[u8]>::len).sum::<usize>() + error.column()
}

/// The length of a JSON string without its opening quotation mark.
fn string_length(rest: &[u8]) -> usize {
    let mut escaped = false;
    let end = rest.iter().position(|byte| {
        let is_end = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        is_end
    });
    end.map_or(rest.len(), |end| end + 1)
}

impl Step<'_> {
    fn text(&self) -> String {
        match self {
            Self::Key(key) => serde_json::from_slice(key).unwrap_or_default(),
            Self::Index(index) => index.to_string(),
        }
    }
}
