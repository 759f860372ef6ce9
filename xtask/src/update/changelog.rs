//! The entry that an update leaves in CHANGELOG.md.

/// The changelog with a line for each reason under `### API` of what is not released yet. A reason
/// that is there already is not added again, whatever its date. All other bytes stay.
pub(super) fn with(changelog: &str, date: &str, reasons: &[String]) -> String {
    // A line keeps the carriage return that it may end in.
    let mut lines: Vec<String> = changelog.split('\n').map(str::to_owned).collect();
    let ending = if changelog.contains("\r\n") { "\r" } else { "" };
    let written = |line: &str| format!("{line}{ending}");
    let next = |lines: &[String], from: usize, heading: &str| {
        let rest = lines[from..].iter();
        let found = rest.take_while(|line| !line.starts_with(heading));
        from + found.count()
    };
    let is_unreleased = |line: &String| {
        let title = line.trim_start_matches("## ").trim_end();
        line.starts_with("## ")
            && title
                .trim_matches(['[', ']'])
                .eq_ignore_ascii_case("unreleased")
    };
    let start = lines.iter().position(is_unreleased).unwrap_or_else(|| {
        let at = next(&lines, 0, "## ");
        lines.splice(at..at, ["## [Unreleased]", ""].map(written));
        at
    });
    let end = next(&lines, start + 1, "## ");
    let is_new = |reason: &&String| {
        let known = format!(", {reason}.");
        lines[start..end]
            .iter()
            .all(|line| !line.trim_end().ends_with(&known))
    };
    let new: Vec<String> = reasons
        .iter()
        .filter(is_new)
        .map(|reason| written(&format!("- {date}, {reason}.")))
        .collect();
    if new.is_empty() {
        return changelog.to_owned();
    }
    let api = next(&lines[..end], start, "### API");
    let (mut at, heading) = if api < end {
        (next(&lines[..end], api + 1, "### "), Vec::new())
    } else {
        let heading = ["", "### API", ""].map(written);
        (end, Vec::from(heading))
    };
    while at > 0 && lines[at - 1].trim().is_empty() {
        at -= 1;
    }
    lines.splice(at..at, heading.into_iter().chain(new));
    if lines.last().is_some_and(|last| !last.is_empty()) {
        lines.push(String::new());
    }
    lines.join("\n")
}
