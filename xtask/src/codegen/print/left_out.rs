//! What the client does not have of the document, as a module of docs.

use std::collections::BTreeMap;

use openapi_pipeline::omission::Omission;
use openapi_pipeline::problem::{FILL_IN, printable};
use openapi_pipeline::{Problem, Problems};

use super::HEADER;
use crate::codegen::wire::doc_lines;

/// The text of the module.
pub(super) fn text(omissions: &[Omission]) -> String {
    // Several operations may be left out for one problem.
    let mut by_problem: BTreeMap<&Problem, Vec<String>> = BTreeMap::new();
    let mut remedies = Problems::new();
    let mut ignored: BTreeMap<&String, Vec<String>> = BTreeMap::new();
    for omission in omissions {
        let Omission {
            operation,
            part,
            problem,
            ..
        } = omission;
        if omission.remedy().is_some() {
            remedies.push(problem.clone());
        }
        let what = match (operation, part) {
            (Some(operation), Some(part)) => format!("{part} of `{operation}`"),
            (Some(operation), None) => format!("`{operation}`"),
            (None, Some(part)) => {
                let places = ignored.entry(part).or_default();
                places.push(problem.pointer.to_string());
                continue;
            }
            (None, None) => "a component that no operation uses".to_owned(),
        };
        by_problem
            .entry(problem)
            .or_default()
            .push(printable(&what));
    }
    let mut markdown = "What the document has and this client does not.\n\n\
        These operations can be called with `Client::request` of the SDK, these parameters be set with \
        the methods `query` and `header` of a call. An overlay action can change the document so that \
        they are expressed.\n"
        .to_owned();
    let line = |text: &str| printable(text).replace('`', "'");
    for (problem, what) in by_problem {
        let Problem {
            pointer,
            found,
            why,
            ..
        } = problem;
        markdown.push_str(&format!(
            "\n- {}\n  - at `{}`: {}\n  - why: {}\n",
            what.join(", "),
            line(&pointer.to_string()),
            line(found),
            line(why)
        ));
    }
    let remedies = remedies.remedies();
    if !remedies.is_empty() {
        let actions = remedies.iter().map(|remedy| format!("{remedy}\n"));
        markdown.push_str(&format!(
            "\nOverlay actions that would bring these in (replace `{FILL_IN}` first):\n\n```yaml\n{}```\n",
            actions.collect::<String>()
        ));
    }
    if !ignored.is_empty() {
        markdown.push_str("\nIgnored:\n\n");
    }
    for (what, places) in ignored {
        let others = match places.len() - 1 {
            0 => String::new(),
            count => format!(" and {count} more"),
        };
        markdown.push_str(&format!(
            "- {} at `{}`{others}\n",
            line(what),
            line(&places[0])
        ));
    }
    let lines = doc_lines(&markdown).into_iter();
    let docs: String = lines.map(|line| format!("//!{line}\n")).collect();
    format!("{HEADER}{docs}")
}
