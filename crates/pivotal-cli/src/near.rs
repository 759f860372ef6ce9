//! Suggestions for mistyped names.

/// `, did you mean NAME?` with the most similar known name, or else all of them.
pub(crate) fn near<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> String {
    let known: Vec<_> = known.into_iter().collect();
    let similarity = |known: &&str| strsim::jaro_winkler(name, known);
    let nearest = known.iter().map(|known| (similarity(known), known));
    match nearest.max_by(|(one, _), (other, _)| one.total_cmp(other)) {
        Some((similarity, nearest)) if similarity > 0.8 => format!(", did you mean {nearest}?"),
        _ => format!("; known are {}", known.join(", ")),
    }
}
