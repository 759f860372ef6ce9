//! The pages of the documentation: every link leads somewhere, every path that is named exists, the
//! table of contents has every page, and each page leads to the next.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

#[derive(Default)]
struct Page {
    /// Of the headings, as GitHub makes them.
    anchors: BTreeSet<String>,
    links: Vec<String>,
    /// What is in code spans.
    code: Vec<String>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

fn read(text: &str) -> Page {
    let mut page = Page::default();
    let mut heading = None;
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => {
                let heading = heading.take().unwrap().to_lowercase().replace(' ', "-");
                let kept = |c: &char| c.is_alphanumeric() || "-_".contains(*c);
                page.anchors.insert(heading.chars().filter(kept).collect());
            }
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                page.links.push(dest_url.into_string());
            }
            Event::Text(text) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&text);
                }
            }
            Event::Code(code) => match &mut heading {
                Some(heading) => heading.push_str(&code),
                None => page.code.push(code.into_string()),
            },
            _ => {}
        }
    }
    page
}

/// All pages below a folder, by their path.
fn pages(folder: &Path, found: &mut BTreeMap<PathBuf, Page>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if name != "target" && (!name.starts_with('.') || name == ".github") {
                pages(&path, found);
            }
        } else if name.ends_with(".md") {
            let page = read(&fs::read_to_string(&path).unwrap());
            found.insert(path.canonicalize().unwrap(), page);
        }
    }
}

fn all_pages() -> BTreeMap<PathBuf, Page> {
    let mut found = BTreeMap::new();
    pages(&root(), &mut found);
    assert!(found.len() > 15, "{:?}", found.keys());
    found
}

/// Where a link of a page leads: a file, and perhaps a heading in it.
fn target(page: &Path, link: &str) -> (Option<PathBuf>, Option<String>) {
    let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
    let file = if path.is_empty() {
        page.to_owned()
    } else {
        page.parent().unwrap().join(path)
    };
    let anchor = (!anchor.is_empty()).then(|| anchor.to_owned());
    (file.canonicalize().ok(), anchor)
}

#[test]
fn every_link_leads_somewhere() {
    let pages = all_pages();
    let mut broken = Vec::new();
    for (path, page) in &pages {
        let here = |link: &&String| !link.contains("://") && !link.starts_with("mailto:");
        for link in page.links.iter().filter(here) {
            let found = match target(path, link) {
                (None, _) => false,
                (Some(_), None) => true,
                (Some(file), Some(anchor)) => pages
                    .get(&file)
                    .is_some_and(|page| page.anchors.contains(&anchor)),
            };
            if !found {
                broken.push(format!("{}: {link}", path.display()));
            }
        }
    }
    assert!(
        broken.is_empty(),
        "links to nothing:\n{}",
        broken.join("\n")
    );
}

#[test]
fn every_path_that_is_named_exists() {
    let root = root();
    // Not .github/, whose files are also those of other repositories.
    let folders = ["crates/", "docs/", "openapi/", "tests/", "xtask/", ".ci/"];
    let mut missing = Vec::new();
    for (path, page) in all_pages() {
        for code in &page.code {
            let named = folders.iter().any(|folder| code.starts_with(folder));
            let one = !code.contains([' ', '*', '{', '<', '…']) && !code.contains("NAME");
            if named && one && !root.join(code).exists() && !path.with_file_name(code).exists() {
                missing.push(format!("{}: {code}", path.display()));
            }
        }
    }
    assert!(
        missing.is_empty(),
        "paths of nothing:\n{}",
        missing.join("\n")
    );
}

#[test]
fn the_table_of_contents_has_every_page() {
    let pages = all_pages();
    let contents = root().join("docs/README.md").canonicalize().unwrap();
    let links = pages[&contents].links.iter();
    let linked: BTreeSet<_> = links.filter_map(|link| target(&contents, link).0).collect();
    let folder = contents.parent().unwrap();
    let of_docs = pages
        .keys()
        .filter(|page| page.starts_with(folder) && **page != contents);
    let missing: Vec<_> = of_docs.filter(|page| !linked.contains(*page)).collect();
    assert!(missing.is_empty(), "not in docs/README.md: {missing:?}");
}

#[test]
fn each_page_ends_with_links_to_the_next_and_to_all() {
    let docs = root().join("docs");
    let links = &all_pages()[&docs.join("README.md").canonicalize().unwrap()].links;
    assert!(links.len() > 15, "{links:?}");
    for pair in links.windows(2).filter(|pair| !pair[0].contains('/')) {
        let page = read(&fs::read_to_string(docs.join(&pair[0])).unwrap());
        let expected = [pair[1].as_str(), "README.md"];
        assert!(
            page.links.ends_with(&expected.map(str::to_owned)),
            "{pair:?}"
        );
    }
}
