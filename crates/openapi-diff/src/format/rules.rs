//! The table of rules in docs/diff.md.

use std::fmt::Write;

use crate::{RULES, Rule};

/// The rules as tables in Markdown: those about parts of operations, then those about schemas,
/// which are alike wherever a schema stands.
pub fn rules() -> String {
    let (named, schemas): (Vec<&Rule>, Vec<&Rule>) =
        RULES.iter().partition(|rule| rule.id == rule.aspect);
    let mut text =
        String::from("| finding | level | it means | unlike oasdiff |\n|---|---|---|---|\n");
    for rule in named {
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {} |",
            rule.id, rule.level, rule.meaning, rule.differs
        );
    }
    let mut stands: Vec<&str> = Vec::new();
    let mut aspects: Vec<(&Rule, &Rule)> = Vec::new();
    for rule in &schemas {
        let stand = rule.id.strip_suffix(rule.aspect).unwrap_or_default();
        if !stands.contains(&stand) {
            stands.push(stand);
        }
        if !aspects.iter().any(|(known, _)| known.aspect == rule.aspect) {
            let answer = schemas
                .iter()
                .find(|other| other.aspect == rule.aspect && other.id.starts_with("response"));
            aspects.push((rule, answer.unwrap_or(rule)));
        }
    }
    let stands: Vec<String> = stands.iter().map(|stand| format!("`{stand}`")).collect();
    let _ = writeln!(
        text,
        "\nRules on schemas begin with where the schema stands: {}.\n\n\
         | finding ends in | in requests | in responses | it means | unlike oasdiff |\n|---|---|---|---|---|",
        stands.join(", ")
    );
    for (request, answer) in aspects {
        let Rule {
            aspect,
            meaning,
            differs,
            ..
        } = request;
        let _ = writeln!(
            text,
            "| `{aspect}` | {} | {} | {meaning} | {differs} |",
            request.level, answer.level
        );
    }
    text
}
