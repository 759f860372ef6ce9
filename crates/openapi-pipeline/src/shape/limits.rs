//! Length and range limits in words, for the docs of setters.

use serde_json::Value;

use super::ConstraintKind;
use super::constraints::rules;
use super::schema::{Components, referred};

/// The description of a property with its limits after it.
pub(super) fn described(description: &str, schema: &Value, components: &Components) -> String {
    let description = description.trim();
    let Some(limits) = sentence(schema, components) else {
        return description.to_owned();
    };
    let is_sentence = !description.contains('\n') && description.ends_with(['.', '!', '?']);
    match description {
        "" => limits,
        _ if is_sentence => format!("{description} {limits}"),
        _ => format!("{description}\n\n{limits}"),
    }
}

/// `1 to 255 characters.`; `None` without a limit.
fn sentence(schema: &Value, components: &Components) -> Option<String> {
    let schema = seen_through(schema, components);
    let mut phrases = phrases(&rules(schema));
    if let Some(items) = schema.get("items") {
        let each = self::phrases(&rules(seen_through(items, components)));
        phrases.extend(each.into_iter().map(|phrase| format!("each {phrase}")));
    }
    let all = phrases.join("; ");
    let mut letters = all.chars();
    let first = letters.next()?;
    Some(format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

/// What an alias stands for.
fn seen_through<'a>(schema: &'a Value, components: &'a Components) -> &'a Value {
    let mut schema = schema;
    for _ in 0..components.len() {
        match referred(schema).and_then(|name| components.get(&name)) {
            Some(target) => schema = target,
            None => break,
        }
    }
    schema
}

fn phrases(rules: &[ConstraintKind]) -> Vec<String> {
    let mut phrases = Vec::new();
    let length = |least: Option<u64>, most: Option<u64>, one: &str, many: &str| match (least, most)
    {
        (Some(least), Some(most)) if least == most => {
            Some(format!("exactly {}", counted(least, one, many)))
        }
        (Some(least), Some(most)) => Some(format!("{least} to {}", counted(most, one, many))),
        (Some(least), None) => Some(format!("at least {}", counted(least, one, many))),
        (None, Some(most)) => Some(format!("at most {}", counted(most, one, many))),
        (None, None) => None,
    };
    let count = |pick: fn(&ConstraintKind) -> Option<u64>| rules.iter().find_map(pick);
    phrases.extend(length(
        count(|rule| match rule {
            ConstraintKind::MinLength(least) => Some(*least),
            _ => None,
        }),
        count(|rule| match rule {
            ConstraintKind::MaxLength(most) => Some(*most),
            _ => None,
        }),
        "character",
        "characters",
    ));
    phrases.extend(length(
        count(|rule| match rule {
            ConstraintKind::MinItems(least) => Some(*least),
            _ => None,
        }),
        count(|rule| match rule {
            ConstraintKind::MaxItems(most) => Some(*most),
            _ => None,
        }),
        "entry",
        "entries",
    ));
    phrases.extend(range(rules));
    for rule in rules {
        match rule {
            ConstraintKind::MultipleOf(divisor) => phrases.push(format!("a multiple of {divisor}")),
            ConstraintKind::UniqueItems => phrases.push("no entry twice".to_owned()),
            _ => {}
        }
    }
    phrases
}

fn range(rules: &[ConstraintKind]) -> Option<String> {
    let least = rules.iter().find_map(|rule| match rule {
        ConstraintKind::Minimum(least) => Some(format!("at least {least}")),
        ConstraintKind::ExclusiveMinimum(least) => Some(format!("more than {least}")),
        _ => None,
    });
    let most = rules.iter().find_map(|rule| match rule {
        ConstraintKind::Maximum(most) => Some(format!("at most {most}")),
        ConstraintKind::ExclusiveMaximum(most) => Some(format!("less than {most}")),
        _ => None,
    });
    let both: Vec<String> = least.into_iter().chain(most).collect();
    (!both.is_empty()).then(|| both.join(" and "))
}

fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
