//! Patterns that are no restriction. What is not known to be one is taken for a restriction.

/// A pattern with groups nested deeper is taken for a restriction.
const MAX_GROUPS: usize = 16;

/// Whether a pattern matches every text. `^$` does not.
pub(super) fn accepts_all(pattern: &str) -> bool {
    any_accepts_all(pattern, MAX_GROUPS)
}

/// `groups` is how deep groups may be nested.
fn any_accepts_all(pattern: &str, groups: usize) -> bool {
    let mut branches = branches(pattern).into_iter();
    branches.any(|branch| branch_accepts_all(branch, groups))
}

fn branch_accepts_all(pattern: &str, groups: usize) -> bool {
    let start = pattern.strip_prefix('^');
    let rest = start.unwrap_or(pattern);
    let end = rest.strip_suffix('$').filter(|rest| !rest.ends_with('\\'));
    let rest = end.unwrap_or(rest);
    let is_whole = start.is_some() && end.is_some();
    if let Some(group) = group(rest) {
        let Some(groups) = groups.checked_sub(1) else {
            return false;
        };
        let is_anchored = start.is_some() || end.is_some();
        return branches(group).into_iter().any(|branch| {
            // `^(a|$)` matches at one place only.
            let has_anchor = branch.starts_with('^') || branch.ends_with('$');
            !(is_anchored && has_anchor)
                && match is_whole {
                    true => branch_accepts_all(&format!("^{branch}$"), groups),
                    false => branch_accepts_all(branch, groups),
                }
        });
    }
    let repeated = rest.trim_end_matches('?');
    let repeated = repeated
        .strip_suffix('*')
        .or_else(|| repeated.strip_suffix("{0,}"));
    match repeated {
        None => rest.is_empty() && !is_whole,
        Some("." | "[\\s\\S]" | "[\\S\\s]" | "[\\w\\W]" | "[\\d\\D]" | "[^]" | "(.|\\n)") => true,
        // A part of a text matches, an empty one if nothing else.
        Some(one) => {
            let is_class = one.starts_with('[') && one.find(']') == Some(one.len() - 1);
            let is_escape = one.starts_with('\\') && one.chars().count() == 2;
            let is_letter = one.len() == 1 && one.chars().all(char::is_alphanumeric);
            !is_whole && (is_class || is_escape || is_letter)
        }
    }
}

/// The places of these characters in a pattern that stand for themselves neither by an escape nor in a
/// class, each with the number of groups that are open before it.
fn structure(pattern: &str) -> Vec<(usize, char, usize)> {
    let (mut is_escaped, mut in_class, mut depth) = (false, false, 0_usize);
    let mut found = Vec::new();
    for (at, character) in pattern.char_indices() {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            ']' => in_class = false,
            _ if in_class => {}
            '[' => in_class = true,
            '(' => {
                found.push((at, character, depth));
                depth += 1;
            }
            ')' => {
                depth = depth.saturating_sub(1);
                found.push((at, character, depth));
            }
            '|' => found.push((at, character, depth)),
            _ => {}
        }
    }
    found
}

/// The alternatives of a pattern, outside of its groups.
fn branches(pattern: &str) -> Vec<&str> {
    let mut start = 0;
    let mut branches = Vec::new();
    for (at, character, depth) in structure(pattern) {
        if character == '|' && depth == 0 {
            branches.push(&pattern[start..at]);
            start = at + 1;
        }
    }
    branches.push(&pattern[start..]);
    branches
}

/// What is in the group that a pattern is, if it is one.
fn group(pattern: &str) -> Option<&str> {
    let structure = structure(pattern);
    let closing = structure
        .iter()
        .find(|found| (found.1, found.2) == (')', 0))?;
    let inner = pattern.strip_prefix('(')?.strip_suffix(')')?;
    let inner = inner.strip_prefix("?:").unwrap_or(inner);
    // A look-ahead matches no part of a text.
    (closing.0 == pattern.len() - 1 && !inner.starts_with('?')).then_some(inner)
}
