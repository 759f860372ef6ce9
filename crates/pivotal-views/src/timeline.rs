//! The history of an API document.

use maud::{Markup, html};

use crate::page::{Page, name, noun};

/// The versions of a document, and what changed with each.
#[derive(Clone, Debug)]
pub struct Timeline {
    /// The name of the document.
    pub file: String,
    /// What the page does not show, and why; none when it is complete.
    pub notes: Vec<String>,
    /// The versions, newest first.
    pub versions: Vec<Version>,
}

/// One version of the document.
#[derive(Clone, Debug)]
pub struct Version {
    /// When it was committed.
    pub date: String,
    /// The commit, abbreviated; unique on the page.
    pub commit: String,
    /// What its author said of it.
    pub subject: String,
    /// The version that the document states.
    pub stated: Option<String>,
    /// What to release because of the changes; `None` when nothing was compared.
    pub advice: Option<String>,
    /// Why there is nothing to compare.
    pub note: Option<String>,
    /// The changes since the version before.
    pub changes: Vec<VersionChange>,
}

/// One change, at one or several places.
#[derive(Clone, Debug)]
pub struct VersionChange {
    /// What it does to those who rely on the version before.
    pub level: ChangeLevel,
    /// The name of its rule.
    pub rule: String,
    /// The change in one sentence.
    pub message: String,
    /// The promise that it breaks.
    pub promise: Option<String>,
    /// Where it is.
    pub places: Vec<String>,
}

/// What a change does to those who rely on the version before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeLevel {
    /// It breaks them.
    Breaking,
    /// It may break them.
    Warning,
    /// It does not.
    Info,
}

/// The levels, with the class and the heading of each, the worst first.
const LEVELS: [(ChangeLevel, &str, &str); 3] = [
    (ChangeLevel::Breaking, "breaking", "Breaking"),
    (ChangeLevel::Warning, "warning", "May break"),
    (ChangeLevel::Info, "info", "Also changed"),
];

/// The most places of a change that are listed.
const PLACES: usize = 8;

impl Timeline {
    /// The timeline as one self-contained page: breaking changes first, then every version.
    pub fn page(&self) -> String {
        let title = format!("History of {}", self.file);
        let page = Page {
            title: &title,
            style: include_str!("timeline.css"),
            script: "",
            nav: None,
        };
        let content = html! {
            @for note in &self.notes { p.alarm role="alert" { (note) } }
            (self.facts())
            (self.breaking())
            @for version in &self.versions { (version.section()) }
        };
        let about =
            html! { "Written by " code { "cargo xtask history" } ". This file requests nothing." };
        page.render(&content, &about)
    }

    fn facts(&self) -> Markup {
        let count = |level| -> usize { self.versions.iter().map(|v| v.of(level).count()).sum() };
        html! {
            ul.facts {
                li { strong { (self.versions.len()) } " " (noun(self.versions.len(), "version")) }
                @if let [newest, .., oldest] = &self.versions[..] {
                    li { (oldest.date) " to " (newest.date) }
                }
                @for (level, class, heading) in LEVELS {
                    li { strong.(class) { (count(level)) } " " (heading.to_lowercase()) }
                }
            }
        }
    }

    /// Links to the breaking changes of all versions.
    fn breaking(&self) -> Markup {
        let breaks = |version: &&Version| version.of(ChangeLevel::Breaking).next().is_some();
        html! {
            nav aria-labelledby="breaking" {
                h2 #breaking { "Breaking changes" }
                ul {
                    @for version in self.versions.iter().filter(breaks) {
                        li {
                            a href={ "#" (version.commit) } { (version.date) } " " (name(&version.subject))
                            ul {
                                @for (index, change) in version.of(ChangeLevel::Breaking) {
                                    li {
                                        a href={ "#" (version.commit) "-" (index) } { (name(&change.message)) }
                                        @if let Some(place) = change.places.first() { " " span.muted { (name(place)) } }
                                    }
                                }
                            }
                        }
                    }
                }
                @if !self.versions.iter().any(|version| breaks(&version)) { p.muted { "None." } }
            }
        }
    }
}

impl Version {
    /// Its changes of a level, each with its number on the page.
    fn of(&self, level: ChangeLevel) -> impl Iterator<Item = (usize, &VersionChange)> {
        let changes = self.changes.iter().enumerate();
        changes.filter(move |(_, change)| change.level == level)
    }

    fn section(&self) -> Markup {
        let heading = format!("{}-heading", self.commit);
        html! {
            section id=(self.commit) aria-labelledby=(heading) {
                h2 id=(heading) { (self.date) " " (name(&self.subject)) }
                p.muted {
                    "Commit " code { (self.commit) }
                    @if let Some(stated) = &self.stated { ", version " (name(stated)) }
                }
                @if let Some(note) = &self.note { p.alarm { (note) } }
                @if let Some(advice) = &self.advice { p { "Advice: " (advice) } }
                @for (level, class, heading) in LEVELS {
                    @if self.of(level).next().is_some() {
                        @if level == ChangeLevel::Info {
                            details {
                                summary { (heading) " (" (self.of(level).count()) ")" }
                                (self.list(level))
                            }
                        } @else {
                            h3.(class) { (heading) }
                            (self.list(level))
                        }
                    }
                }
            }
        }
    }

    fn list(&self, level: ChangeLevel) -> Markup {
        html! {
            ul { @for (index, change) in self.of(level) { (change.item(&self.commit, index)) } }
        }
    }
}

impl VersionChange {
    fn item(&self, commit: &str, index: usize) -> Markup {
        let id = format!("{commit}-{index}");
        let more = self.places.len().saturating_sub(PLACES);
        html! {
            li.change id=(id) {
                bdi { (self.message) } " " a href={ "#" (id) } { code { (self.rule) } }
                @if let Some(promise) = &self.promise { " " strong { "Breaks the promise " bdi { (promise) } "." } }
                ul.muted {
                    @for place in self.places.iter().take(PLACES) { li { bdi { (place) } } }
                    @if more > 0 { li { (more) " more " (noun(more, "place")) } }
                }
            }
        }
    }
}
