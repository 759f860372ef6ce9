//! The entry that an update leaves in CHANGELOG.md.

/// The changelog with a line for each reason under `### API` of what is not released yet. A reason
/// that is there already is not added again, whatever its date.
pub(super) fn with(changelog: &str, date: &str, reasons: &[String]) -> String {
    let mut lines: Vec<String> = changelog.lines().map(str::to_owned).collect();
    let next = |lines: &[String], from: usize, heading: &str| {
        let rest = lines[from..].iter();
        let found = rest.take_while(|line| !line.starts_with(heading));
        from + found.count()
    };
    let is_unreleased = |line: &String| {
        let title = line.trim_start_matches("## ");
        line.starts_with("## ")
            && title
                .trim_matches(['[', ']'])
                .eq_ignore_ascii_case("unreleased")
    };
    let start = lines.iter().position(is_unreleased).unwrap_or_else(|| {
        let at = next(&lines, 0, "## ");
        lines.splice(at..at, ["## [Unreleased]".to_owned(), String::new()]);
        at
    });
    let end = next(&lines, start + 1, "## ");
    let is_new = |reason: &&String| {
        let known = format!(", {reason}.");
        lines[start..end].iter().all(|line| !line.ends_with(&known))
    };
    let new: Vec<String> = reasons
        .iter()
        .filter(is_new)
        .map(|reason| format!("- {date}, {reason}."))
        .collect();
    if new.is_empty() {
        return changelog.to_owned();
    }
    let api = start
        + lines[start..end]
            .iter()
            .take_while(|line| *line != "### API")
            .count();
    let (mut at, heading) = if api < end {
        (next(&lines[..end], api + 1, "### "), Vec::new())
    } else {
        (
            end,
            vec![String::new(), "### API".to_owned(), String::new()],
        )
    };
    while at > 0 && lines[at - 1].trim().is_empty() {
        at -= 1;
    }
    lines.splice(at..at, heading.into_iter().chain(new));
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::with;

    const ENTRY: &str = "- 2026-11-22, breaking, removed: `A::B`.\n- 2026-11-22, added: `A::C`.\n";

    fn updated(changelog: &str, date: &str) -> String {
        let reasons = ["breaking, removed: `A::B`", "added: `A::C`"].map(str::to_owned);
        with(changelog, date, &reasons)
    }

    #[test]
    fn an_entry_goes_to_the_end_of_what_is_not_released() {
        let released = "\n## 0.1.0\n\n### API\n\n- Old.\n";
        let before = "# Changelog\n\n## Unreleased\n\n### API\n\n- First.\n";
        assert_eq!(
            updated(&format!("{before}{released}"), "2026-11-22"),
            format!("{before}{ENTRY}{released}")
        );
    }

    #[test]
    fn headings_that_are_missing_are_made() {
        let made = format!("# Changelog\n\n## [Unreleased]\n\n### API\n\n{ENTRY}");
        let empty = "# Changelog\n\n## [Unreleased]\n";
        assert_eq!(updated(empty, "2026-11-22"), made);
        let released = "## 0.1.0\n\n- Old.\n";
        assert_eq!(
            updated(&format!("# Changelog\n\n{released}"), "2026-11-22"),
            format!("{made}\n{released}")
        );
    }

    #[test]
    fn the_same_entry_is_not_added_twice_nor_on_another_day() {
        let once = updated("# Changelog\n\n## Unreleased\n", "2026-11-22");
        assert_eq!(updated(&once, "2026-11-22"), once);
        assert_eq!(updated(&once, "2026-11-29"), once);
    }
}
