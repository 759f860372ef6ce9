//! The entry that an update leaves in CHANGELOG.md.

use openapi_diff::Report;

use crate::codegen::{Change, Difference, Kind};
use crate::impact::{Impact, run_time_breaks};

const WIDTH: usize = 100;
/// How many names one line lists.
const NAMES: usize = 8;

/// The lines of the entry, one for each kind of change.
pub(super) fn entry(impact: &Impact, findings: &Report, date: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut add = |kind: &str, names: Vec<String>| {
        if !names.is_empty() {
            lines.push(format!("- {date}, {kind}: {}.", listed(&names)));
        }
    };
    let (operations, items): (Vec<&Change>, Vec<&Change>) = impact
        .api
        .iter()
        .filter(|change| !is_detail(change, &impact.api))
        .partition(|change| change.kind == Kind::Operation);
    let of = |changes: &[&Change], difference: Difference, breaking: bool| -> Vec<String> {
        let of = changes.iter();
        let of = of.filter(|change| change.change == difference && change.breaking == breaking);
        of.map(|change| told(change)).collect()
    };
    add("breaking, removed", of(&items, Difference::Removed, true));
    add("breaking, changed", of(&items, Difference::Changed, true));
    add(
        "breaking, added to a type that programs may list in full",
        of(&items, Difference::Added, true),
    );
    add(
        "breaking, operations removed",
        of(&operations, Difference::Removed, true),
    );
    if !impact.api.iter().any(|change| change.breaking) {
        add(
            "breaking at run time, no type changes",
            run_time_breaks(findings),
        );
    }
    add(
        "operations added",
        of(&operations, Difference::Added, false),
    );
    add("added", of(&items, Difference::Added, false));
    let mut wire = of(&items, Difference::Changed, false);
    wire.extend(of(&operations, Difference::Changed, false));
    add("changed on the wire alone", wire);
    if lines.is_empty() {
        lines.push(match findings.len() {
            0 => format!("- {date}: the document changed in words alone."),
            all => format!("- {date}: {all} changes of the document that no Rust type shows."),
        });
    }
    lines
}

/// Whether it goes without saying: part of a type that comes or goes whole, a setter of a field that
/// does, or a method of the wire client, of which the operation is listed.
fn is_detail(change: &Change, all: &[Change]) -> bool {
    let setter = change.path.rsplit("::").next().unwrap_or_default();
    let setter = setter.strip_prefix("clear_").unwrap_or(setter);
    let field = format!("{}.{setter}", change.owner());
    let is_setter = change.kind == Kind::Function
        && all
            .iter()
            .any(|other| other.path == field && other.change == change.change);
    is_setter || change.is_raw() || change.is_part_of(all)
}

fn told(change: &Change) -> String {
    let after = |text: &str, separator: &str| {
        let of = text.split_once(separator);
        of.map_or(text, |(_, rest)| rest).to_owned()
    };
    match (change.kind, &change.from, &change.to) {
        (Kind::Operation, from, to) => {
            let text = to.as_ref().or(from.as_ref());
            let place = after(text.map_or("", String::as_str), " (");
            format!("`{}` ({place}", change.path)
        }
        (Kind::Field, Some(from), Some(to)) => {
            format!(
                "`{}` is `{}`, was `{}`",
                change.path,
                after(to, ": "),
                after(from, ": ")
            )
        }
        (Kind::Function, Some(_), Some(to)) => format!("`{}`", after(to, "fn ")),
        _ => format!("`{}`", change.path),
    }
}

fn listed(names: &[String]) -> String {
    let between = if names.iter().any(|name| name.contains(", ")) {
        "; "
    } else {
        ", "
    };
    let shown = names[..names.len().min(NAMES)].join(between);
    match names.len().saturating_sub(NAMES) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// The changelog with the lines of an entry under `### API` of what is not released yet; those that
/// it has already are not added again, whatever their date.
pub(super) fn with(changelog: &str, entry: &[String]) -> String {
    let mut lines: Vec<String> = changelog.lines().map(str::to_owned).collect();
    let is_unreleased = |line: &String| {
        let title = line.strip_prefix("## ").unwrap_or_default();
        title
            .trim_matches(['[', ']', ' '])
            .eq_ignore_ascii_case("unreleased")
    };
    let start = lines.iter().position(is_unreleased).unwrap_or_else(|| {
        let at = lines
            .iter()
            .position(|line| line.starts_with("## "))
            .unwrap_or(lines.len());
        lines.splice(at..at, ["## [Unreleased]".to_owned(), String::new()]);
        at
    });
    let next = |lines: &[String], from: usize, heading: &str| {
        let found = lines[from..]
            .iter()
            .position(|line| line.starts_with(heading));
        found.map_or(lines.len(), |found| from + found)
    };
    let end = next(&lines, start + 1, "## ");
    let written = lines[start..end].join("\n");
    let is_new = |line: &&String| {
        let said = line
            .split_once(char::is_whitespace)
            .map_or(line.as_str(), |(_, rest)| rest);
        let undated = said.get(10..).unwrap_or(said);
        !unwrapped(&written).contains(undated)
    };
    let new: Vec<String> = entry
        .iter()
        .filter(is_new)
        .flat_map(|line| wrapped(line))
        .collect();
    if new.is_empty() {
        return changelog.to_owned();
    }
    let api = lines[start..end]
        .iter()
        .position(|line| line.trim() == "### API")
        .map(|at| start + at);
    let (mut at, mut insert) = match api {
        Some(api) => (next(&lines[..end], api + 1, "### "), Vec::new()),
        None => (
            end,
            vec![String::new(), "### API".to_owned(), String::new()],
        ),
    };
    while at > 0 && lines[at - 1].trim().is_empty() {
        at -= 1;
    }
    insert.extend(new);
    lines.splice(at..at, insert);
    lines.join("\n") + "\n"
}

/// A list item over several lines, as Markdown takes it.
fn wrapped(line: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in line.split(' ') {
        let last = lines.last().map_or(0, |last| last.chars().count());
        if last + word.chars().count() + 1 > WIDTH {
            lines.push(format!("  {word}"));
        } else if let Some(open) = lines.last_mut() {
            if !open.is_empty() {
                open.push(' ');
            }
            open.push_str(word);
        }
    }
    lines
}

fn unwrapped(text: &str) -> String {
    text.replace("\n  ", " ")
}

#[cfg(test)]
mod tests {
    use super::with;

    const ENTRY: [&str; 2] = [
        "- 2026-11-22, breaking, removed: `A::B`.",
        "- 2026-11-22, added: `A::C`.",
    ];

    fn entry() -> Vec<String> {
        ENTRY.iter().map(|line| (*line).to_owned()).collect()
    }

    #[test]
    fn an_entry_goes_to_the_end_of_what_is_not_released() {
        let before = "# Changelog\n\n## Unreleased\n\n### API\n\n- First.\n\n## 0.1.0\n\n### API\n\n- Old.\n";
        let after = "# Changelog\n\n## Unreleased\n\n### API\n\n- First.\n- 2026-11-22, breaking, removed: `A::B`.\n- 2026-11-22, added: `A::C`.\n\n## 0.1.0\n\n### API\n\n- Old.\n";
        assert_eq!(with(before, &entry()), after);
    }

    #[test]
    fn headings_that_are_missing_are_made() {
        let expected = "# Changelog\n\n## [Unreleased]\n\n### API\n\n- 2026-11-22, breaking, removed: `A::B`.\n- 2026-11-22, added: `A::C`.\n";
        assert_eq!(with("# Changelog\n\n## [Unreleased]\n", &entry()), expected);
        let made = with("# Changelog\n\n## 0.1.0\n\n- Old.\n", &entry());
        assert!(
            made.starts_with("# Changelog\n\n## [Unreleased]\n\n### API\n\n- 2026-11-22, breaking"),
            "{made}"
        );
        assert!(made.ends_with("`A::C`.\n\n## 0.1.0\n\n- Old.\n"), "{made}");
    }

    #[test]
    fn the_same_entry_is_not_added_twice_nor_on_another_day() {
        let long = vec![format!(
            "- 2026-11-22, added: {}.",
            ["`CreateContact::title`"; 8].join(", ")
        )];
        for entry in [entry(), long] {
            let once = with("# Changelog\n\n## Unreleased\n", &entry);
            assert_eq!(with(&once, &entry), once);
            let later: Vec<String> = entry
                .iter()
                .map(|line| line.replace("11-22", "11-29"))
                .collect();
            assert_eq!(with(&once, &later), once);
        }
    }
}
