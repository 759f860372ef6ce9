//! docs/regenerating.md shows what the commands really say.

use std::fs;
use std::ops::Range;

use similar::TextDiff;

use crate::changes::{CHANGES, with};
use crate::workbench::{Workbench, repository};

const PAGE: &str = "docs/regenerating.md";
const MEND: &str = "UPDATE_TRANSCRIPTS=always cargo test -p xtask --test it regenerating";

/// Without the line numbers: these move with every edit of the sources, and that a file is named is what has to stay true.
fn masked(text: &str) -> String {
    let mask = |line: &str| match line.rsplit_once(':') {
        Some((file, lines))
            if lines
                .chars()
                .all(|sign| sign.is_ascii_digit() || sign == ',') =>
        {
            file.to_owned()
        }
        _ => line.to_owned(),
    };
    text.lines().map(mask).collect::<Vec<_>>().join("\n")
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
