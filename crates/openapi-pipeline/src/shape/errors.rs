//! Documented errors: what each status carries.

use serde_json::Value;

use super::content::Content;
use super::hoist::Hoister;
use super::types::inner;
use super::{ErrorBody, Type};

/// The documented errors of an operation, by status, the most exact first. Those that are not JSON
/// have no content.
#[derive(Default)]
pub(super) struct Errors(Vec<(String, Option<Content>)>);

impl Errors {
    /// The errors among the responses of an operation. `default` and redirects are some if they carry
    /// JSON.
    pub(super) fn of(responses: impl Iterator<Item = (String, Option<Content>)>) -> Self {
        let is_error = |(status, content): &(String, Option<Content>)| match status.as_bytes() {
            b"default" => content.is_some(),
            [b'3', rest @ ..] => is_rest(rest) && content.is_some(),
            [b'4' | b'5', rest @ ..] => is_rest(rest),
            _ => false,
        };
        let mut errors: Vec<_> = responses.filter(is_error).collect();
        errors.sort_by_key(|(status, _)| (exactness(status), status.clone()));
        Self(errors)
    }

    pub(super) fn contents(&self) -> impl Iterator<Item = &Content> {
        self.0.iter().filter_map(|(_, content)| content.as_ref())
    }

    pub(super) fn contents_mut(&mut self) -> impl Iterator<Item = &mut Content> {
        self.0
            .iter_mut()
            .filter_map(|(_, content)| content.as_mut())
    }

    /// Names what is inline. What several statuses write alike is one type.
    pub(super) fn hoist(&mut self, hoister: &mut Hoister<'_>, operation: &str) {
        let mut named: Vec<(Option<Value>, Option<Value>)> = Vec::new();
        for (status, content) in &mut self.0 {
            let Some(content) = content else { continue };
            let written = content.schema.clone();
            if let Some((_, known)) = named.iter().find(|(other, _)| *other == written) {
                content.schema.clone_from(known);
                continue;
            }
            let status = status.replace("default", "");
            content.hoist(hoister, &format!("{operation}Error{status}"), false);
            named.push((written, content.schema.clone()));
        }
    }

    /// The type of all errors. Where they differ, it is one of `known`, to which it is added under
    /// this name.
    pub(super) fn name(
        &self,
        name: &str,
        hoister: &mut Hoister<'_>,
        known: &mut Vec<ErrorBody>,
    ) -> Option<Type> {
        let type_of = |content: &Content| inner(content.schema.as_ref());
        let errors = self.0.iter();
        let statuses: Vec<(String, Option<Type>)> = errors
            .map(|(status, content)| (status.clone(), content.as_ref().map(type_of)))
            .collect();
        let first = statuses.iter().find_map(|(_, of)| of.as_ref())?;
        if statuses.iter().all(|(_, of)| of.as_ref() == Some(first)) {
            return Some(first.clone());
        }
        let name = hoister.free(name);
        match known.iter_mut().find(|known| known.statuses == statuses) {
            Some(known) => known.aliases.push(name.clone()),
            None => known.push(ErrorBody {
                name: name.clone(),
                aliases: Vec::new(),
                statuses,
            }),
        }
        Some(Type::Named(name))
    }
}

/// Whether it is what follows the class in a status: `04`, `XX`.
fn is_rest(rest: &[u8]) -> bool {
    rest == b"XX" || rest.len() == 2 && rest.iter().all(u8::is_ascii_digit)
}

/// A status before its range, and that before `default`.
fn exactness(status: &str) -> u8 {
    match status {
        "default" => 2,
        range if range.ends_with("XX") => 1,
        _ => 0,
    }
}
