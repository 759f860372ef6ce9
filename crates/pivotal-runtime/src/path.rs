//! Parameters as parts of a path.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// What would end a segment, or not be kept as it is by one, in a URL.
const NOT_OF_A_SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'\\')
    .add(b'`')
    .add(b'{')
    .add(b'}');

/// Writes a parameter so that it stays one segment of a URL's path, for the generated client.
///
/// ```
/// use pivotal_runtime::encode_path;
///
/// assert_eq!(encode_path("aurora-demo"), "aurora-demo");
/// assert_eq!(encode_path("a/b c"), "a%2Fb%20c");
/// // A URL parser takes a backslash for a slash.
/// assert_eq!(encode_path(r"1\..\2"), "1%5C..%5C2");
/// ```
///
/// A segment of nothing but one or two dots leads elsewhere however it is written:
/// [`Executor::prepare`](crate::Executor::prepare) refuses it.
pub fn encode_path(parameter: &str) -> String {
    Cow::from(utf8_percent_encode(parameter, NOT_OF_A_SEGMENT)).into_owned()
}
