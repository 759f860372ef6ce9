//! Where sources use a Rust API: paths, methods, fields and names of operations, with file and
//! line.
//!
//! Sources are read as tokens, so that what stands inside macro calls and doc examples counts too;
//! what a name means is decided by the `use`s around it.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;

use crate::surface::{Crate, Resolved, Use, flatten, join};

/// One use.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Found {
    pub(super) file: String,
    pub(super) line: usize,
    pub(super) what: Used,
}

/// What is used.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Used {
    /// A path of the wire client's crate: `OnboardingState`, `Paused`.
    Path(Vec<String>),
    /// A method, on what a function of a type of the wire client gave: `CreateContact`, `title`.
    Method(String, String),
    /// A method of the wire client itself.
    Wire(String),
    /// A field of that name, of a type that is not known here.
    Field(String),
    /// A text.
    Text(String),
}

/// Names of the companion that are the wire client's.
pub(super) type Reexports = BTreeSet<String>;

/// Everything that the modules of a crate use.
pub(super) fn of_crate(krate: &Crate, reexports: &Reexports) -> Vec<Found> {
    let mut found = Vec::new();
    for (index, module) in krate.modules.iter().enumerate() {
        let mut scan = Scan {
            scope: Some((krate, index)),
            reexports,
            file: &module.file,
            local: Vec::new(),
            first_line: 0,
            found: Vec::new(),
        };
        for used in &module.uses {
            scan.path(&used.target, used.line);
        }
        for attribute in &module.attributes {
            scan.tokens(attribute.to_token_stream());
        }
        for item in &module.items {
            scan.tokens(item.to_token_stream());
        }
        found.extend(scan.found);
    }
    found
}

/// Everything that the Rust examples in a Markdown text use.
pub(super) fn of_markdown(file: &str, text: &str, reexports: &Reexports) -> Vec<Found> {
    let lines: Vec<(usize, String)> = text
        .lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line.to_owned()))
        .collect();
    examples(file, &lines, reexports, true)
}

struct Scan<'a> {
    /// The module whose names are in scope; none in an example.
    scope: Option<(&'a Crate, usize)>,
    reexports: &'a Reexports,
    file: &'a str,
    /// What `use`s inside functions and examples bring.
    local: Vec<Use>,
    /// What to add to the lines of an example.
    first_line: usize,
    found: Vec<Found>,
}

impl Scan<'_> {
    fn add(&mut self, line: usize, what: Used) {
        let line = line + self.first_line;
        self.found.push(Found {
            file: self.file.to_owned(),
            line,
            what,
        });
    }

    fn path(&mut self, path: &[String], line: usize) {
        if let Some(api) = self.api(path) {
            self.add(line, Used::Path(api));
        }
    }

    /// A path as the wire client's crate knows it; `None` for any other.
    fn api(&self, path: &[String]) -> Option<Vec<String>> {
        let local = self
            .local
            .iter()
            .rev()
            .find(|used| Some(&used.name) == path.first());
        let path = match (local, self.scope) {
            (Some(used), _) => join(&used.target, path.get(1..)?),
            (None, Some((krate, module))) => match krate.resolve(module, path) {
                Resolved::Foreign(path) => path,
                Resolved::Item(..) | Resolved::Module(_) => return None,
            },
            (None, None) => path.to_vec(),
        };
        let (krate, rest) = path.split_first()?;
        let rest = match (krate.as_str(), rest.first().map(String::as_str)) {
            ("pivotal_api", Some("types" | "client")) | ("pivotal_sdk", Some("raw")) => {
                rest.get(1..)?
            }
            ("pivotal_api", _) => rest,
            ("pivotal_sdk", Some(name)) if self.reexports.contains(name) => rest,
            _ => return None,
        };
        (!rest.is_empty()).then(|| rest.to_vec())
    }

    fn tokens(&mut self, stream: TokenStream) {
        let tokens: Vec<TokenTree> = stream.into_iter().collect();
        // The path that the expression at hand began with, and the method before the present one.
        let mut base: Option<Vec<String>> = None;
        let mut before: Option<String> = None;
        let mut docs: Vec<(usize, String)> = Vec::new();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            at += 1;
            match token {
                TokenTree::Ident(word) if word == "use" => {
                    let end = tokens[at..].iter().position(|token| is(token, ';'));
                    let end = end.map_or(tokens.len(), |end| at + end + 1);
                    self.brought(&tokens[at - 1..end]);
                    at = end;
                }
                TokenTree::Ident(first) => {
                    let mut path = vec![first.to_string()];
                    let mut last = first;
                    while let [colon, other, TokenTree::Ident(next), ..] = &tokens[at..]
                        && is(colon, ':')
                        && is(other, ':')
                    {
                        path.push(next.to_string());
                        last = next;
                        at += 3;
                    }
                    self.path(&path, last.span().start().line);
                    base = Some(path);
                    before = None;
                }
                TokenTree::Punct(dot) if dot.as_char() == '.' => {
                    if let Some(TokenTree::Ident(name)) = tokens.get(at) {
                        let called = tokens.get(at + 1).is_some_and(|next| {
                            matches!(next, TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis)
                                || is(next, ':')
                        });
                        self.member(base.as_deref(), before.as_deref(), name, called);
                        before = Some(name.to_string());
                        at += 1;
                    }
                }
                TokenTree::Group(group) => {
                    match doc(group) {
                        Some(text) => docs.push((group.span().start().line, text)),
                        None => self.tokens(group.stream()),
                    }
                    if group.delimiter() != Delimiter::Parenthesis {
                        base = None;
                    }
                }
                TokenTree::Literal(literal) => {
                    if let Some(text) = unquoted(&literal.to_string()) {
                        self.add(literal.span().start().line, Used::Text(text));
                    }
                    base = None;
                }
                TokenTree::Punct(sign) => {
                    if !['?', ':'].contains(&sign.as_char()) {
                        base = None;
                    }
                }
            }
        }
        if !docs.is_empty() && self.scope.is_some() {
            self.found
                .extend(examples(self.file, &docs, self.reexports, false));
        }
    }

    fn member(
        &mut self,
        base: Option<&[String]>,
        before: Option<&str>,
        name: &syn::Ident,
        called: bool,
    ) {
        let line = name.span().start().line;
        if !called {
            // What `self` holds is the sources' own.
            let own = before.is_none() && base.is_some_and(|base| base == ["self"]);
            if !own {
                self.add(line, Used::Field(name.to_string()));
            }
            return;
        }
        let made = base
            .and_then(|base| self.api(base))
            .filter(|path| path.len() == 2);
        if let Some(made) = made {
            self.add(line, Used::Method(made[0].clone(), name.to_string()));
        } else if before == Some("raw")
            || base.is_some_and(|base| base == ["api"] || base == ["raw"])
        {
            self.add(line, Used::Wire(name.to_string()));
        }
    }

    /// A `use` that is no item of a module.
    fn brought(&mut self, tokens: &[TokenTree]) {
        let stream: TokenStream = tokens.iter().cloned().collect();
        let Ok(used) = syn::parse2::<syn::ItemUse>(stream) else {
            return;
        };
        let known = self.local.len();
        flatten(&used, &mut self.local);
        let new = self.local[known..].to_vec();
        for used in new {
            if let Some(api) = self.api(&used.target) {
                self.add(used.line, Used::Path(api));
            }
        }
    }
}

fn is(token: &TokenTree, sign: char) -> bool {
    matches!(token, TokenTree::Punct(found) if found.as_char() == sign)
}

/// The text of `[doc = "…"]`.
fn doc(group: &proc_macro2::Group) -> Option<String> {
    let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
    match tokens.as_slice() {
        [TokenTree::Ident(word), sign, TokenTree::Literal(text)]
            if word == "doc" && is(sign, '=') =>
        {
            unquoted(&text.to_string())
        }
        _ => None,
    }
}

/// The text that a literal stands for; `None` when it is no text.
fn unquoted(literal: &str) -> Option<String> {
    if !literal.ends_with(['"', '#']) {
        return None;
    }
    let plain = literal
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    match plain.filter(|text| !text.contains('\\')) {
        Some(text) => Some(text.to_owned()),
        None => syn::parse_str::<syn::LitStr>(literal)
            .ok()
            .map(|text| text.value()),
    }
}

/// What the fenced Rust examples of a documentation use. In Markdown a fence has to name the
/// language.
fn examples(
    file: &str,
    lines: &[(usize, String)],
    reexports: &Reexports,
    markdown: bool,
) -> Vec<Found> {
    let mut found = Vec::new();
    let mut open: Option<(bool, Vec<&(usize, String)>)> = None;
    for entry in lines {
        let text = entry.1.trim_start();
        let Some(fence) = text.strip_prefix("```") else {
            if let Some((_, block)) = &mut open {
                block.push(entry);
            }
            continue;
        };
        match open.take() {
            Some((true, block)) => found.extend(example(file, &block, reexports)),
            Some((false, _)) => {}
            None => {
                let language = fence.split(',').next().unwrap_or_default().trim();
                let rust = match language {
                    "rust" => true,
                    "" | "no_run" | "compile_fail" | "should_panic" => !markdown,
                    _ => false,
                };
                open = Some((rust, Vec::new()));
            }
        }
    }
    found
}

fn example(file: &str, block: &[&(usize, String)], reexports: &Reexports) -> Vec<Found> {
    let code: Vec<&str> = block
        .iter()
        .map(|(_, line)| {
            let line = line.strip_prefix(' ').unwrap_or(line);
            let hidden = line.trim_start();
            hidden
                .strip_prefix("# ")
                .or((hidden == "#").then_some(""))
                .unwrap_or(line)
        })
        .collect();
    let (Ok(tokens), Some((first, _))) = (code.join("\n").parse::<TokenStream>(), block.first())
    else {
        return Vec::new();
    };
    let mut scan = Scan {
        scope: None,
        reexports,
        file,
        local: Vec::new(),
        first_line: first - 1,
        found: Vec::new(),
    };
    scan.tokens(tokens);
    scan.found
}
