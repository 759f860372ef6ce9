//! What the client does not have of the document, as a module of docs.

use std::collections::BTreeMap;

use openapi_pipeline::Problem;
use openapi_pipeline::omission::Omission;

use super::HEADER;
use crate::codegen::wire::doc_lines;

/// The text of the module.
pub(super) fn text(omissions: &[Omission]) -> String {
    // Several operations may be left out for one problem.
    let mut by_problem: BTreeMap<&Problem, Vec<String>> = BTreeMap::new();
    let mut ignored: BTreeMap<&String, Vec<String>> = BTreeMap::new();
    for Omission {
        operation,
        part,
        problem,
    } in omissions
    {
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
        by_problem.entry(problem).or_default().push(what);
    }
    let mut markdown = "What the document has and this client does not.\n\n\
        These operations can be called with `Client::request` of the SDK, these parameters be set with \
        the methods `query` and `header` of a call. An overlay action can change the document so that \
        they are expressed.\n"
        .to_owned();
    let line = |text: &str| text.replace('\n', " ").replace('`', "'");
    for (problem, what) in by_problem {
        let Problem {
            pointer,
            found,
            why,
            remedy,
        } = problem;
        markdown.push_str(&format!(
            "\n- {}\n  - at `{}`: {}\n  - why: {}\n",
            what.join(", "),
            line(&pointer.to_string()),
            line(found),
            line(why)
        ));
        // To remove it is what was done already.
        if let Some(remedy) = remedy
            .as_ref()
            .filter(|remedy| !remedy.contains("remove: true"))
        {
            let indented = remedy.replace('\n', "\n    ");
            markdown.push_str(&format!(
                "  - an overlay action that would bring it in:\n    ```yaml\n    {indented}\n    ```\n"
            ));
        }
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
