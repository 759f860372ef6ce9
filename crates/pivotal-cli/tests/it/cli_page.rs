//! The examples of `docs/cli.md` and `docs/nightly-sync.md`: what they print is what the pages show.

use std::env::{join_paths, split_paths, var_os};
use std::path::Path;
use std::process::Command;

use similar::TextDiff;

use crate::running::Served;

const KEY: &str = "pivotal_test_mine";

/// What a line of a shell prints in a folder, with `pivotal` in the path.
fn printed(line: &str, server: &Served, folder: &Path) -> String {
    let binary = Path::new(env!("CARGO_BIN_EXE_pivotal")).parent();
    let path = var_os("PATH").unwrap_or_default();
    let path = binary
        .map(Path::to_owned)
        .into_iter()
        .chain(split_paths(&path));
    let output = Command::new("sh")
        .args(["-c", &format!("{line} 2>&1")])
        .current_dir(folder)
        .env("PATH", join_paths(path).expect("the folders have no colon"))
        .env("PIVOTAL_API_KEY", KEY)
        .env("PIVOTAL_BASE_URL", &server.base_url)
        .output()
        .expect("there is a shell");
    String::from_utf8(output.stdout).expect("it prints text")
}

/// The page with what the commands of its `console` blocks print, which run in order.
fn with_output(page: &str, server: &Served) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let mut shown = String::new();
    let mut in_block = false;
    for line in page.lines() {
        in_block = match line {
            "```console" => true,
            "```" => false,
            _ => in_block,
        };
        let command = line.strip_prefix("$ ").filter(|_| in_block);
        if !in_block || line == "```console" || command.is_some() {
            shown.push_str(line);
            shown.push('\n');
        }
        if let Some(command) = command {
            shown.push_str(&printed(command, server, folder.path()));
        }
    }
    shown
}

/// `INSTA_UPDATE=always` writes the page, as it does snapshots.
fn check(page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs")
        .join(page);
    let page = std::fs::read_to_string(&path).expect("the page");
    let server = Served::seeded(KEY);
    let expected = with_output(&page, &server);
    if var_os("INSTA_UPDATE").is_some_and(|update| update == "always") {
        std::fs::write(&path, expected).expect("it is written");
    } else {
        let diff = TextDiff::from_lines(&page, &expected);
        assert!(
            page == expected,
            "the page differs from what is printed; INSTA_UPDATE=always writes it\n{}",
            diff.unified_diff().header("the page", "printed")
        );
    }
}

#[test]
fn the_examples_print_what_the_page_shows() {
    check("cli.md");
}

#[test]
fn the_first_sync_prints_what_the_page_shows() {
    check("nightly-sync.md");
}
