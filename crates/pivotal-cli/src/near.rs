//! Suggestions for mistyped names.

/// `, did you mean NAME?` with the most similar known name, or else all of them.
pub(crate) fn near<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> String {
    let known: Vec<_> = known.into_iter().collect();
    match pivotal_sync::nearest(name, known.iter().copied()) {
        Some(nearest) => format!(", did you mean {nearest}?"),
        None => format!("; known are {}", known.join(", ")),
    }
}
