//! Macros by example: what `macro_rules!` makes of a call.
//!
//! Enough of the language for macros that write items: fragments, repetitions with and without
//! separators, nested ones too.

use std::collections::BTreeMap;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Token;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};

/// The rules of one macro.
#[derive(Clone, Debug)]
pub(super) struct Rules(Vec<(Vec<Part>, Vec<Part>)>);

/// A piece of a pattern, or of what is written for it.
#[derive(Clone, Debug)]
enum Part {
    Token(TokenTree),
    Group(Delimiter, Vec<Part>),
    /// `$name:fragment`, or `$name` in what is written.
    Variable(String, String),
    /// `$( … ) separator operator`; which operator makes no difference here.
    Repeat(Vec<Part>, Option<char>),
}

/// What the variables of a pattern stand for.
#[derive(Clone, Debug)]
enum Bound {
    Tokens(TokenStream),
    Each(Vec<Bindings>),
}

type Bindings = BTreeMap<String, Bound>;

impl Rules {
    /// The rules, from what stands between the braces of a `macro_rules!`.
    pub(super) fn parse(tokens: TokenStream) -> Option<Self> {
        let mut rules = Vec::new();
        let mut tokens = tokens.into_iter();
        while let Some(first) = tokens.next() {
            let TokenTree::Group(pattern) = first else {
                return None;
            };
            // `=>`
            tokens.next()?;
            tokens.next()?;
            let TokenTree::Group(written) = tokens.next()? else {
                return None;
            };
            tokens.next();
            rules.push((parts(pattern.stream())?, parts(written.stream())?));
        }
        Some(Self(rules))
    }
}

/// What the first rule that fits makes of a call; `None` when none does.
pub(super) fn expand(rules: &Rules, call: &TokenStream) -> Option<TokenStream> {
    rules.0.iter().find_map(|(pattern, written)| {
        let fit = |input: ParseStream<'_>| matched(pattern, input);
        let bindings = fit.parse2(call.clone()).ok()?;
        write(written, &[&bindings])
    })
}

fn parts(tokens: TokenStream) -> Option<Vec<Part>> {
    let mut found = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        found.push(match token {
            TokenTree::Punct(sign) if sign.as_char() == '$' => match tokens.next()? {
                TokenTree::Ident(name) => {
                    let mut fragment = String::new();
                    let colon = |token: &TokenTree| matches!(token, TokenTree::Punct(p) if p.as_char() == ':' && p.spacing() == proc_macro2::Spacing::Alone);
                    if tokens.peek().is_some_and(colon) && name != "crate" {
                        tokens.next();
                        fragment = tokens.next()?.to_string();
                    }
                    Part::Variable(name.to_string(), fragment)
                }
                TokenTree::Group(group) => {
                    let inner = parts(group.stream())?;
                    let mut separator = None;
                    loop {
                        let TokenTree::Punct(sign) = tokens.next()? else {
                            return None;
                        };
                        match sign.as_char() {
                            '*' | '+' | '?' => break Part::Repeat(inner, separator),
                            other => separator = Some(other),
                        }
                    }
                }
                _ => return None,
            },
            TokenTree::Group(group) => Part::Group(group.delimiter(), parts(group.stream())?),
            other => Part::Token(other),
        });
    }
    Some(found)
}

fn matched(pattern: &[Part], input: ParseStream<'_>) -> syn::Result<Bindings> {
    let bindings = matched_part(pattern, input)?;
    if input.is_empty() {
        Ok(bindings)
    } else {
        Err(input.error("more than the pattern takes"))
    }
}

fn matched_part(pattern: &[Part], input: ParseStream<'_>) -> syn::Result<Bindings> {
    let mut bindings = Bindings::new();
    for part in pattern {
        match part {
            Part::Token(wanted) => {
                let found: TokenTree = input.parse()?;
                if found.to_string() != wanted.to_string() {
                    return Err(input.error("another token"));
                }
            }
            Part::Group(delimiter, inner) => {
                let group: Group = input.parse()?;
                if group.delimiter() != *delimiter {
                    return Err(input.error("another bracket"));
                }
                let inside = |input: ParseStream<'_>| matched(inner, input);
                bindings.extend(inside.parse2(group.stream())?);
            }
            Part::Variable(name, fragment) => {
                bindings.insert(name.clone(), Bound::Tokens(fragment_of(fragment, input)?));
            }
            Part::Repeat(inner, separator) => {
                let mut each = Vec::new();
                while !input.is_empty() {
                    let ahead = input.fork();
                    if matched_part(inner, &ahead).is_err() || ahead.cursor() == input.cursor() {
                        break;
                    }
                    each.push(matched_part(inner, input)?);
                    let Some(separator) = separator else { continue };
                    let ahead = input.fork();
                    let next = ahead.parse::<TokenTree>();
                    if !next.is_ok_and(|next| next.to_string() == separator.to_string()) {
                        break;
                    }
                    // A trailing separator belongs to what follows the repetition.
                    if ahead.is_empty() || matched_part(inner, &ahead.fork()).is_err() {
                        break;
                    }
                    input.parse::<TokenTree>()?;
                }
                for name in names(inner) {
                    bindings.insert(name, Bound::Each(each.clone()));
                }
            }
        }
    }
    Ok(bindings)
}

fn fragment_of(fragment: &str, input: ParseStream<'_>) -> syn::Result<TokenStream> {
    Ok(match fragment {
        "ident" => input.call(syn::Ident::parse_any)?.into_token_stream(),
        "ty" => input.parse::<syn::Type>()?.into_token_stream(),
        "expr" => input.parse::<syn::Expr>()?.into_token_stream(),
        "path" => input.parse::<syn::Path>()?.into_token_stream(),
        "literal" => input.parse::<syn::Lit>()?.into_token_stream(),
        "lifetime" => input.parse::<syn::Lifetime>()?.into_token_stream(),
        "vis" => input.parse::<syn::Visibility>()?.into_token_stream(),
        "item" => input.parse::<syn::Item>()?.into_token_stream(),
        "block" => input.parse::<syn::Block>()?.into_token_stream(),
        // What stands between the brackets of an attribute.
        "meta" => {
            let mut tokens = input.parse::<syn::Path>()?.into_token_stream();
            if input.peek(Token![=]) {
                tokens.extend(input.parse::<Token![=]>()?.into_token_stream());
                tokens.extend(input.parse::<syn::Expr>()?.into_token_stream());
            } else if !input.is_empty() {
                tokens.extend(TokenStream::from(input.parse::<TokenTree>()?));
            }
            tokens
        }
        "tt" => input.parse::<TokenTree>()?.into(),
        _ => return Err(input.error("a fragment that is not read")),
    })
}

fn names(parts: &[Part]) -> Vec<String> {
    parts
        .iter()
        .flat_map(|part| match part {
            Part::Variable(name, _) => vec![name.clone()],
            Part::Group(_, inner) | Part::Repeat(inner, _) => names(inner),
            Part::Token(_) => Vec::new(),
        })
        .collect()
}

/// Writes a rule out; the innermost bindings come last.
fn write(parts: &[Part], bindings: &[&Bindings]) -> Option<TokenStream> {
    let bound = |name: &str| {
        bindings
            .iter()
            .rev()
            .find_map(|bindings| bindings.get(name))
    };
    let mut out = TokenStream::new();
    for part in parts {
        match part {
            Part::Token(token) => out.extend([token.clone()]),
            Part::Group(delimiter, inner) => {
                let group = Group::new(*delimiter, write(inner, bindings)?);
                out.extend([TokenTree::from(group)]);
            }
            Part::Variable(name, _) if name == "crate" => {
                out.extend([TokenTree::from(proc_macro2::Ident::new(
                    "crate",
                    proc_macro2::Span::call_site(),
                ))]);
            }
            Part::Variable(name, _) => match bound(name)? {
                Bound::Tokens(tokens) => out.extend(tokens.clone()),
                Bound::Each(_) => return None,
            },
            Part::Repeat(inner, separator) => {
                let each = names(inner).iter().find_map(|name| match bound(name) {
                    Some(Bound::Each(each)) => Some(each.clone()),
                    _ => None,
                })?;
                for (index, one) in each.iter().enumerate() {
                    if let (Some(separator), true) = (separator, index > 0) {
                        let sign = proc_macro2::Punct::new(*separator, proc_macro2::Spacing::Alone);
                        out.extend([TokenTree::from(sign)]);
                    }
                    out.extend(write(inner, &[bindings, &[one]].concat())?);
                }
            }
        }
    }
    Some(out)
}
