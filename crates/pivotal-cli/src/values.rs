//! Values of options: what is expected is said in plain words.

use std::num::{IntErrorKind, ParseIntError};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use clap::builder::{PathBufValueParser, TypedValueParser};
use pivotal_sdk::Timestamp;

/// The state of imports, unless `--state` names another file.
pub(crate) const STATE: &str = "pivotal.db";

/// The configuration of imports that is read if it exists.
pub(crate) const CONFIG: &str = "pivotal-sync.toml";

/// Names that no file gets which is written for something else, and why. They are kept also while there
/// is no such file, because the next import would stop at what it finds there.
const KEPT: [(&str, &str); 3] = [
    ("-", "standard output is no choice here"),
    (STATE, "this name is kept for the state of imports"),
    (CONFIG, "this name is kept for the configuration of imports"),
];

/// A file that is written. `own` is the name among those above that it may have.
pub(crate) fn written(own: &'static str) -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(move |path| {
        let is = |name: &str| match name {
            "-" => path == Path::new(name),
            _ => path
                .file_name()
                .is_some_and(|file| file.eq_ignore_ascii_case(name)),
        };
        match KEPT.iter().find(|(name, _)| *name != own && is(name)) {
            Some((_, why)) => Err(format!("{why}; name another file")),
            None => Ok(path),
        }
    })
}

/// A whole number.
pub(crate) fn whole<N: FromStr<Err = ParseIntError>>(text: &str) -> Result<N, &'static str> {
    text.parse()
        .map_err(|error: ParseIntError| match error.kind() {
            IntErrorKind::PosOverflow => "the number is too large",
            IntErrorKind::Zero => "give a whole number of at least 1",
            _ => "give a whole number, in digits",
        })
}

/// A time limit.
pub(crate) fn seconds(text: &str) -> Result<Duration, &'static str> {
    let seconds = text.parse().ok().filter(|seconds| *seconds > 0.0);
    let duration = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    duration.ok_or("give a number of seconds above 0")
}

pub(crate) fn time(text: &str) -> Result<Timestamp, &'static str> {
    text.parse()
        .map_err(|_| "give a time such as 2026-07-01T00:00:00Z")
}

/// An address to listen on.
pub(crate) fn address<A: FromStr>(text: &str) -> Result<A, &'static str> {
    text.parse()
        .map_err(|_| "give an IP address and a port, such as 127.0.0.1:8787")
}

/// `, did you mean NAME?` with the most similar known name, or else all of them.
pub(crate) fn near<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> String {
    let known: Vec<_> = known.into_iter().collect();
    match pivotal_sync::nearest(name, known.iter().copied()) {
        Some(nearest) => format!(", did you mean {nearest}?"),
        None => format!("; known are {}", known.join(", ")),
    }
}
