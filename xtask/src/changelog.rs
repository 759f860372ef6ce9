//! CHANGELOG.md: the entry that an update leaves there, and the heading of a release.

/// The path of the changelog in a tree.
pub(crate) const CHANGELOG: &str = "CHANGELOG.md";

/// The changelog with a line for each reason under `### API` of what is not released yet. A reason
/// that is there already is not added again, whatever its date. All other bytes stay.
pub(crate) fn with(changelog: &str, date: &str, reasons: &[String]) -> String {
    // A line keeps the carriage return that it may end in.
    let mut lines: Vec<String> = changelog.split('\n').map(str::to_owned).collect();
    let ending = if changelog.contains("\r\n") { "\r" } else { "" };
    let written = |line: &str| format!("{line}{ending}");
    let next = |lines: &[String], from: usize, heading: &str| {
        let rest = lines[from..].iter();
        let found = rest.take_while(|line| !line.starts_with(heading));
        from + found.count()
    };
    let start = lines.iter().position(is_unreleased);
    let start = start.unwrap_or_else(|| {
        let at = next(&lines, 0, "## ");
        lines.splice(at..at, ["## Unreleased", ""].map(written));
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

/// The changelog with what is not released yet under the heading of a version; `None` when there is
/// no entry to release.
pub(crate) fn released(changelog: &str, version: &str, date: &str) -> Option<String> {
    let lines: Vec<&str> = changelog.split('\n').collect();
    let at = lines.iter().position(is_unreleased)?;
    let mut section = lines[at + 1..].iter();
    let has_entry = section
        .by_ref()
        .take_while(|line| !line.starts_with("## "))
        .any(|line| line.starts_with("- "));
    let heading = format!("## {version} - {date}");
    let replaced = || [&lines[..at], &[heading.as_str()], &lines[at + 1..]].concat();
    has_entry.then(|| replaced().join("\n"))
}

/// What stands after a version in its heading: `2026-12-01` of `## 0.2.0 - 2026-12-01`. `None` when
/// there is no such heading.
pub(crate) fn date<'c>(changelog: &'c str, version: &str) -> Option<&'c str> {
    let of = |line: &'c str| {
        let (title, date) = line
            .strip_prefix("## ")?
            .split_once(" - ")
            .unwrap_or((&line[3..], ""));
        (title.trim().trim_matches(['[', ']']) == version).then_some(date.trim())
    };
    changelog.lines().find_map(of)
}

fn is_unreleased(line: impl AsRef<str>) -> bool {
    let title = line.as_ref().strip_prefix("## ").map(str::trim_end);
    title.is_some_and(|title| {
        title
            .trim_matches(['[', ']'])
            .eq_ignore_ascii_case("unreleased")
    })
}
