//! `cargo xtask history`, and `cargo xtask diff` of git revisions.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::workbench::{CommandOutput, xtask};

/// A git repository in a temporary folder.
struct Repository {
    folder: TempDir,
}

impl Repository {
    fn new() -> Self {
        let repository = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository
    }

    fn git(&self, arguments: &[&str]) {
        let mut git = Command::new("git");
        git.current_dir(self.folder.path());
        // Nothing of the machine's configuration, and a day that stays.
        git.env("GIT_CONFIG_GLOBAL", self.path("none"))
            .env("GIT_CONFIG_NOSYSTEM", "1");
        for (name, value) in [
            ("AUTHOR", "GIT_AUTHOR_DATE"),
            ("COMMITTER", "GIT_COMMITTER_DATE"),
        ] {
            git.env(format!("GIT_{name}_NAME"), "Tea")
                .env(format!("GIT_{name}_EMAIL"), "tea@example.test")
                .env(value, "2026-05-27T12:24:00+0200");
        }
        let output = git.args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn commit(&self, name: &str, text: &str, subject: &str) {
        fs::write(self.path(name), text).unwrap();
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", subject]);
    }

    fn run(&self, arguments: &[&str]) -> CommandOutput {
        let mut command = xtask(arguments);
        command.current_dir(self.folder.path());
        CommandOutput::of(&mut command)
    }

    fn page(&self) -> String {
        fs::read_to_string(self.path("history.html")).unwrap()
    }
}

/// A document whose responses have these properties.
fn document(version: &str, properties: &Value) -> String {
    let schema = json!({"type": "object", "required": ["a"], "properties": properties});
    let response = json!({"description": "d", "content": {"application/json": {"schema": schema}}});
    let paths = json!({"/teas/<img src=x>": {"get": {"responses": {"200": response}}}});
    let info = json!({"title": "Tea", "version": version});
    format!(
        "{:#}\n",
        json!({"openapi": "3.1.0", "info": info, "paths": paths})
    )
}

/// The sections of a page, one for each version, without their markup.
fn sections(page: &str) -> Vec<String> {
    let sections = page.split("<section").skip(1);
    let text = |section: &str| {
        let section = section.split("</section>").next().unwrap_or_default();
        let parts = section.split('<').skip(1);
        let parts = parts.filter_map(|part| Some(part.split_once('>')?.1.trim().to_owned()));
        let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
        parts.join(" ")
    };
    sections.map(text).collect()
}

/// Four versions: the third breaks, and was merged; the file had another name at first.
fn teas() -> Repository {
    let repository = Repository::new();
    let text = json!({"type": "string"});
    let nullable = json!({"type": ["string", "null"]});
    repository.commit(
        "old.json",
        &document("1.0.0", &json!({"a": text})),
        "Say what there is",
    );
    repository.git(&["mv", "old.json", "api.json"]);
    let more = document("1.1.0", &json!({"a": text, "b": text}));
    repository.commit("api.json", &more, "Add b <script>alert(1)</script>");
    repository.git(&["checkout", "--quiet", "-b", "side"]);
    let breaking = document("1.1.1", &json!({"a": nullable, "b": text}));
    repository.commit("api.json", &breaking, "Not on the branch");
    repository.git(&["checkout", "--quiet", "main"]);
    repository.git(&[
        "merge",
        "--quiet",
        "--no-ff",
        "--message",
        "Let a be null",
        "side",
    ]);
    repository.commit(
        "api.json",
        &breaking.replace("Tea", "Teas"),
        "Correct the title",
    );
    repository
}

#[test]
fn a_page_has_every_version_with_its_changes_and_the_release_they_ask_for() {
    let repository = teas();
    let output = repository.run(&["history", "api.json"]);
    assert_eq!(
        (output.code, output.out.as_str()),
        (0, "history.html: 4 versions of api.json\n")
    );
    let page = repository.page();
    let sections = sections(&page);
    let [title, null, more, first] = &sections[..] else {
        panic!("{sections:#?}");
    };
    assert!(
        title.contains("2026-05-27 10:24 UTC Correct the title"),
        "{title}"
    );
    assert!(
        title.contains("Advice: no release; nothing changes for callers."),
        "{title}"
    );
    assert!(
        null.contains("Advice: a breaking release, 2.0.0 after 1.1.0 (the document says 1.1.1)."),
        "{null}"
    );
    assert!(
        null.contains("Breaking null is allowed now response-property-became-nullable"),
        "{null}"
    );
    assert!(
        more.contains("Add b &lt;script&gt;alert(1)&lt;/script&gt;"),
        "{more}"
    );
    assert!(
        more.contains("Advice: a compatible release, 1.1.0 after 1.0.0, as the document says."),
        "{more}"
    );
    assert!(
        first.contains("Say what there is") && !first.contains("Advice"),
        "{first}"
    );
    // What a document or a commit says is text, and each link leads to a place on the page.
    assert!(
        !page.contains("<img") && !page.contains("<script"),
        "{page}"
    );
    let links = page.split("href=\"#").skip(1);
    let links: Vec<&str> = links.filter_map(|rest| rest.split('"').next()).collect();
    assert!(links.len() > 4, "{links:?}");
    for link in links {
        assert_eq!(
            page.matches(&format!(" id=\"{link}\"")).count(),
            1,
            "{link}"
        );
    }
}

#[test]
fn a_limit_leaves_out_the_older_versions_and_says_so() {
    let repository = teas();
    let output = repository.run(&["history", "api.json", "--limit", "2", "--html", "page.html"]);
    assert_eq!(output.code, 0, "{output:?}");
    let page = fs::read_to_string(repository.path("page.html")).unwrap();
    assert_eq!(sections(&page).len(), 2);
    assert!(page.contains("Older versions that are left out (--limit): 2."));
    // The oldest that is shown is compared with the one before.
    assert!(page.contains("Advice: a breaking release"), "{page}");
}

#[test]
fn a_version_that_cannot_be_read_makes_the_page_incomplete() {
    let repository = teas();
    let good = fs::read_to_string(repository.path("api.json")).unwrap();
    repository.commit("api.json", "{\"openapi\": ", "Break it");
    repository.commit("api.json", &good.replace("1.1.1", "1.1.2"), "Mend it");
    repository.git(&["rm", "--quiet", "api.json"]);
    repository.git(&["commit", "--quiet", "--message", "Remove it"]);
    let output = repository.run(&["history", "api.json"]);
    assert_eq!(output.code, 4, "{output:?}");
    let page = repository.page();
    assert!(
        page.contains("Incomplete: versions that could not be read: 1."),
        "{page}"
    );
    let sections = sections(&page);
    assert!(
        sections[0].contains("The file is removed."),
        "{sections:#?}"
    );
    assert!(sections[1].contains("Advice: no release"), "{sections:#?}");
    assert!(sections[2].contains("Not compared"), "{sections:#?}");
}

#[test]
fn what_has_no_history_is_refused_and_nothing_is_written() {
    let repository = teas();
    let elsewhere = tempfile::tempdir().unwrap();
    let outside = elsewhere.path().join("api.json");
    for (arguments, expected) in [
        (
            vec!["history", "other.json"],
            "no commit of the current branch has it",
        ),
        (
            vec!["history", outside.to_str().unwrap()],
            "not a git repository",
        ),
        (
            vec!["history", "api.json", "--html", "none/page.html"],
            "cannot be written",
        ),
        (
            vec!["history", "api.json", "--html", "./api.json"],
            "it is the document",
        ),
    ] {
        let output = repository.run(&arguments);
        assert_eq!(output.code, 2, "{output:?}");
        assert!(output.err.contains(expected), "{output:?}");
    }
    let names: Vec<_> = fs::read_dir(repository.folder.path()).unwrap().collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

#[test]
fn the_documents_of_a_diff_can_be_those_of_revisions() {
    let repository = teas();
    let breaking = repository.run(&["diff", "HEAD~1^1:api.json", "HEAD:./api.json"]);
    assert_eq!(breaking.code, 3, "{breaking:?}");
    assert!(breaking.out.contains("null is allowed now"), "{breaking:?}");
    // One may be a file, and annotations name the file.
    let github = ["diff", "main~2:api.json", "api.json", "--format", "github"];
    assert!(repository.run(&github).out.contains("file=api.json,"));
    let github = [
        "diff",
        "main~2:api.json",
        "HEAD:api.json",
        "--format",
        "github",
    ];
    assert!(repository.run(&github).out.contains("file=api.json,"));
    for (revision, expected) in [
        (
            "HEAD:none.json",
            "HEAD:none.json: cannot be read: path 'none.json' does not exist in 'HEAD'",
        ),
        (
            "none:api.json",
            "none:api.json: cannot be read: invalid object name 'none'",
        ),
        ("--help:x", "--help:x: cannot be read: "),
        ("HEAD:", "HEAD:: cannot be read"),
    ] {
        let output = repository.run(&["diff", "--", revision, "api.json"]);
        assert_eq!(output.code, 2, "{output:?}");
        assert!(output.err.contains(expected), "{output:?}");
    }
}
