//! docs/regenerating.md shows what the commands really say.

use std::fs;
use std::ops::Range;

use similar::TextDiff;

use crate::changes::{CHANGES, with};
use crate::workbench::{Workbench, repository};

const PAGE: &str = "docs/regenerating.md";
const MEND: &str = "UPDATE_TRANSCRIPTS=always cargo test -p xtask --test it regenerating";

/// Without what every edit of the sources moves: line numbers, and which and how many files use a
/// name. That some do is what has to stay true; that they are the right ones is proved in rust.rs.
fn masked(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let line = if is_place(line) {
            "    files and lines".to_owned()
        } else {
            without_numbers(line)
        };
        if lines.last() != Some(&line) {
            lines.push(line);
        }
    }
    lines.join("\n")
}

/// `    crates/pivotal-sdk/src/recipes.rs:176,182`.
fn is_place(line: &str) -> bool {
    line.rsplit_once(':').is_some_and(|(file, numbers)| {
        let is_number = |sign: char| sign.is_ascii_digit() || sign == ',';
        file.starts_with("    ") && !numbers.is_empty() && numbers.chars().all(is_number)
    })
}

/// `src/lib.rs:90: pub use` and `78 lines of ours`.
fn without_numbers(line: &str) -> String {
    let is_number = |part: &str| !part.is_empty() && part.chars().all(|sign| sign.is_ascii_digit());
    let places = line.split(':').filter(|part| !is_number(part));
    let line = places.collect::<Vec<_>>().join(":");
    let phrases = line.split("; ").map(|phrase| match phrase.split_once(' ') {
        Some((count, rest)) if is_number(count) && rest.contains(" of ours") => {
            rest.replace("line of", "lines of")
        }
        _ => phrase.to_owned(),
    });
    phrases.collect::<Vec<_>>().join("; ")
}

#[test]
fn a_transcript_is_as_true_when_another_file_uses_the_same_name() {
    let shown = "1 breaking; 78 lines of ours to mend; release 0.2.0.\n\n  to mend: `a` is gone\n    src/a.rs:1,20\n    README.md:7\n    src/lib.rs:90: pub use";
    let now = "1 breaking; 1 line of ours to mend; release 0.2.0.\n\n  to mend: `a` is gone\n    src/b.rs:3\n    src/lib.rs:91: pub use";
    assert_eq!(masked(shown), masked(now));
    for other in [
        now.replace("1 breaking", "2 breaking"),
        now.replace("`a`", "`b`"),
        now.replace("    src/b.rs:3\n", ""),
        now.replace("0.2.0", "0.1.1"),
    ] {
        assert_ne!(masked(shown), masked(&other), "{other}");
    }
}

/// What a maintainer sees who runs the command on a document with one change.
fn transcript(name: &str, document: &serde_json::Value, arguments: &[&str]) -> String {
    let bench = Workbench::of_everything();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("changed.json");
    fs::write(&path, format!("{document:#}")).unwrap();
    let path = path.to_str().unwrap();
    let answer = bench.update(path, arguments);
    assert_eq!((answer.code, answer.err.as_str()), (0, ""), "{name}");
    let said = answer
        .out
        .replace(path, "changed.json")
        .replace(" --root TREE", "");
    let flags = arguments
        .iter()
        .map(|flag| format!(" {flag}"))
        .collect::<String>();
    format!(
        "```console\n$ cargo xtask update --from changed.json{flags}\n{}\n```",
        said.trim_end()
    )
}

/// Where a transcript stands: after `<!-- name -->`, up to the end of its block.
fn block(page: &str, name: &str) -> Range<usize> {
    let mark = format!("<!-- transcript: {name} -->\n");
    let start = page
        .find(&mark)
        .unwrap_or_else(|| panic!("{PAGE} has no `{}`", mark.trim()))
        + mark.len();
    let end = page[start..]
        .find("\n```\n")
        .map_or(page.len(), |end| start + end + "\n```".len());
    start..end
}

#[test]
fn the_transcripts_are_what_the_command_says() {
    let path = repository().join(PAGE);
    let mut page = fs::read_to_string(&path).unwrap();
    let write = std::env::var("UPDATE_TRANSCRIPTS").is_ok_and(|value| value == "always");
    let dry = CHANGES.map(|(name, change)| (name.to_owned(), change, &["--dry-run"][..]));
    let (whole, change) = CHANGES[1];
    let all = dry
        .into_iter()
        .chain([(format!("{whole}, written"), change, &[][..])]);
    let mut stale = Vec::new();
    for (name, change, arguments) in all {
        let now = transcript(&name, &with(change), arguments);
        let shown = block(&page, &name);
        if write {
            page.replace_range(shown, &now);
        } else if masked(&page[shown.clone()]) != masked(&now) {
            let difference = TextDiff::from_lines(&page[shown], &now)
                .unified_diff()
                .to_string();
            stale.push(format!("{name}:\n{difference}"));
        }
    }
    if write {
        fs::write(&path, page).unwrap();
    }
    assert!(
        stale.is_empty(),
        "{PAGE} is behind on {}\n\nafter a change that is meant, run\n{MEND}",
        stale.join("\n\n")
    );
}
