//! The frame of every page.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

/// The style that all pages share: colours, text, tables, forms.
const STYLE: &str = include_str!("page.css");

/// A page without its content.
#[derive(Debug)]
pub(crate) struct Page<'a> {
    /// The title, which is also the first heading.
    pub(crate) title: &'a str,
    /// CSS that is added to the shared style.
    pub(crate) style: &'static str,
    /// JavaScript. The page must be readable without it.
    pub(crate) script: &'static str,
    /// Links to other pages. Without them the page is a file, has no form that is sent, and tells
    /// nobody where it is.
    pub(crate) nav: Option<Markup>,
}

/// How every page begins.
const START: &str = "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-";

/// Whether a file that begins like this is a page of this crate.
pub fn is_page(start: &[u8]) -> bool {
    start.starts_with(START.as_bytes())
}

impl Page<'_> {
    fn style(&self) -> String {
        format!("{STYLE}{}", self.style)
    }

    /// The Content-Security-Policy.
    pub(crate) fn policy(&self) -> String {
        let style = hash(&self.style());
        let script = match self.script {
            "" => "'none'".to_owned(),
            script => hash(script),
        };
        let form_action = self.nav.as_ref().map_or("'none'", |_| "'self'");
        format!(
            "default-src 'none'; style-src {style}; script-src {script}; img-src data:; base-uri 'none'; form-action {form_action}"
        )
    }

    /// The whole page with this content below the heading, and `about` in the footer.
    pub(crate) fn render(&self, content: &Markup, about: &Markup) -> String {
        // Forms of a page without a referrer would have the origin `null`.
        let referrer = self.nav.as_ref().map_or("no-referrer", |_| "same-origin");
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(self.policy());
                    meta name="referrer" content=(referrer);
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { (self.title) }
                    // Without it, a browser asks for /favicon.ico.
                    link rel="icon" href="data:,";
                    style { (PreEscaped(self.style())) }
                }
                body {
                    a.skip href="#main" { "Skip to the content" }
                    header {
                        @if let Some(nav) = &self.nav { (nav) }
                        h1 { (name(self.title)) }
                    }
                    main #main tabindex="-1" { (content) }
                    footer { (about) }
                    @if !self.script.is_empty() {
                        script { (PreEscaped(self.script)) }
                    }
                }
            }
        };
        page.into_string()
    }
}

/// The source of a Content-Security-Policy that permits this text.
fn hash(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}

/// The most characters of a text from elsewhere that are shown.
const LONGEST: usize = 200;

/// A text from elsewhere: shortened, and with a direction of its own.
pub(crate) fn name(text: &str) -> Markup {
    let end = text.char_indices().nth(LONGEST).map(|(end, _)| end);
    html! { bdi { (text[..end.unwrap_or(text.len())]) @if end.is_some() { "…" } } }
}

/// A word of the API as people write it: `at_risk` is "At risk".
pub(crate) fn words(word: &str) -> String {
    let mut text = word.replace('_', " ").replace(" qa", " QA");
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

/// The noun for a number of things: `version` for one, otherwise `versions`.
pub(crate) fn noun(count: usize, one: &str) -> String {
    format!("{one}{}", if count == 1 { "" } else { "s" })
}

/// A part of a page, named by its heading.
pub(crate) fn section(id: &str, heading: &str, content: &Markup) -> Markup {
    html! { section aria-labelledby=(id) { h2 id=(id) { (heading) } (content) } }
}
