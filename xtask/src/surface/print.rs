//! Declarations on one line, their paths as short as a reader needs them.

use quote::ToTokens;
use syn::visit_mut::{self, VisitMut};
use syn::{Generics, Path, PathSegment, Signature, Type, WherePredicate};

use super::exports::Exports;
use super::modules::{Crate, Resolved};

/// Where a declaration stands, which decides what its paths mean.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) krate: &'a Crate,
    pub(super) exports: &'a Exports,
    pub(super) module: usize,
}

impl Scope<'_> {
    /// A copy of some syntax with short paths.
    fn short<T: Clone>(self, syntax: &T, visit: impl Fn(&mut Shorten<'_>, &mut T)) -> T {
        let mut copy = syntax.clone();
        visit(&mut Shorten(self), &mut copy);
        copy
    }

    pub(super) fn ty(self, ty: &Type) -> String {
        tokens(&self.short(ty, |shorten, ty| shorten.visit_type_mut(ty)))
    }

    pub(super) fn path(self, path: &Path) -> String {
        tokens(&self.short(path, |shorten, path| shorten.visit_path_mut(path)))
    }

    /// `<T: Bound>`, empty without parameters. Where clauses are told behind.
    pub(super) fn generics(self, generics: &Generics) -> (String, String) {
        let mut short = self.short(generics, |shorten, generics| {
            shorten.visit_generics_mut(generics);
        });
        let clause = short.where_clause.take();
        let predicates: Vec<String> = clause
            .iter()
            .flat_map(|clause| clause.predicates.iter().map(tokens::<WherePredicate>))
            .collect();
        let behind = if predicates.is_empty() {
            String::new()
        } else {
            format!(" where {}", predicates.join(", "))
        };
        (tokens(&short), behind)
    }

    pub(super) fn bounds<T: ToTokens + Clone>(
        self,
        bounds: &syn::punctuated::Punctuated<syn::TypeParamBound, T>,
    ) -> String {
        let bounds: Vec<String> = bounds
            .iter()
            .map(|bound| {
                tokens(&self.short(bound, |shorten, bound| {
                    shorten.visit_type_param_bound_mut(bound);
                }))
            })
            .collect();
        if bounds.is_empty() {
            String::new()
        } else {
            format!(": {}", bounds.join(" + "))
        }
    }

    /// A function under another name than its own: that of its path.
    pub(super) fn function(self, signature: &Signature, name: &str) -> String {
        let signature = self.short(signature, |shorten, signature| {
            for input in &mut signature.inputs {
                match input {
                    // `mut` is no part of what a caller sees.
                    syn::FnArg::Typed(input) => {
                        if let syn::Pat::Ident(pattern) = &mut *input.pat {
                            pattern.mutability = None;
                        }
                    }
                    syn::FnArg::Receiver(receiver) => receiver.mutability = None,
                }
            }
            shorten.visit_signature_mut(signature);
        });
        let own = format!("fn {}", signature.ident);
        tokens(&signature).replacen(&own, &format!("fn {name}"), 1)
    }
}

struct Shorten<'a>(Scope<'a>);

impl VisitMut for Shorten<'_> {
    fn visit_path_mut(&mut self, path: &mut Path) {
        visit_mut::visit_path_mut(self, path);
        let mut written: Vec<String> = path.segments.iter().map(|s| s.ident.to_string()).collect();
        if path.leading_colon.is_some() {
            written.insert(0, String::new());
        }
        let Scope {
            krate,
            exports,
            module,
        } = self.0;
        let names = match krate.resolve(module, &written) {
            Resolved::Item(found, name, rest) => {
                let Some(public) = exports.path(found, &name) else {
                    return;
                };
                let mut names: Vec<String> = public.split("::").map(str::to_owned).collect();
                names.extend(rest);
                names
            }
            Resolved::Foreign(names) => {
                let last = names.last().is_some_and(|last| exports.has(last));
                let kept = if last {
                    names.len().min(2)
                } else {
                    last_segments(&names)
                };
                names[names.len() - kept..].to_vec()
            }
            Resolved::Module(_) => return,
        };
        let Some(last) = path.segments.last().cloned() else {
            return;
        };
        path.leading_colon = None;
        path.segments = names
            .iter()
            .map(|name| PathSegment::from(syn::Ident::new(name, proc_macro2::Span::call_site())))
            .collect();
        if let Some(segment) = path.segments.last_mut() {
            segment.arguments = last.arguments;
        }
    }
}

/// How many names at the end of a path say what it is. `fmt::Result` is no `Result`; `Self::Answer`
/// is no `Answer`.
fn last_segments(names: &[String]) -> usize {
    let before = names
        .len()
        .checked_sub(2)
        .map(|position| names[position].as_str());
    let ambiguous = ["Error", "Result"].contains(&names[names.len() - 1].as_str());
    match before {
        Some(before) if before.starts_with(char::is_uppercase) => 2,
        Some(before) if ambiguous && !["result", "crate", ""].contains(&before) => 2,
        _ => 1,
    }
}

/// Syntax as a person would write it, on one line.
pub(crate) fn tokens<T: ToTokens>(syntax: &T) -> String {
    let mut out = String::new();
    write(syntax.to_token_stream(), &mut out);
    out
}

fn write(stream: proc_macro2::TokenStream, out: &mut String) {
    use proc_macro2::{Delimiter, Spacing, TokenTree};

    let mut joint = false;
    let tokens: Vec<TokenTree> = stream.into_iter().collect();
    for (index, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => (" { ", " }"),
                    Delimiter::None => ("", ""),
                };
                let apart = out.ends_with([',', '=', '+', ':']) && !out.ends_with("::");
                let lifetime =
                    group.delimiter() == Delimiter::Bracket && out.ends_with(char::is_alphanumeric);
                if apart || out.ends_with("->") || lifetime {
                    out.push(' ');
                }
                out.push_str(open);
                write(group.stream(), out);
                if out.ends_with(',') {
                    out.pop();
                }
                out.push_str(close);
                joint = false;
            }
            TokenTree::Punct(sign) => {
                let sign_char = sign.as_char();
                let trailing = sign_char == ','
                    && matches!(tokens.get(index + 1), Some(TokenTree::Punct(next)) if next.as_char() == '>');
                if trailing {
                    continue;
                }
                let spaced = !joint
                    && match sign_char {
                        '=' | '+' | '-' => !out.is_empty(),
                        '&' | '\'' | '*' | '?' => needs_space(out),
                        _ => false,
                    };
                if spaced && !out.ends_with(' ') {
                    out.push(' ');
                }
                out.push(sign_char);
                joint = sign.spacing() == Spacing::Joint && sign_char != '\'';
                if sign_char == '\'' {
                    joint = true;
                }
            }
            TokenTree::Ident(_) | TokenTree::Literal(_) => {
                if !joint && needs_space(out) {
                    out.push(' ');
                }
                out.push_str(&token.to_string());
                joint = false;
            }
        }
    }
}

/// Whether a word that follows needs a space before it.
fn needs_space(out: &str) -> bool {
    match out.chars().next_back() {
        None | Some('(' | '[' | '<' | '&' | '\'' | '*' | '!' | '?' | '#' | ' ' | '.') => false,
        Some(':') => !out.ends_with("::"),
        Some(_) => true,
    }
}
