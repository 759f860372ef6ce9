//! Overlay actions and names that a document has left behind.

use std::fmt;

use openapi_pipeline::Problem;
use openapi_pipeline::overlay::Stale;

use crate::codegen::OVERLAY;

/// How many places of one action are shown.
const PLACES: usize = 3;
/// How much of a value is shown.
const LENGTH: usize = 160;

/// What has to be mended by hand before anything can be written.
#[derive(Debug)]
pub(super) struct Behind {
    pub(super) actions: Vec<(Stale, Option<usize>)>,
    pub(super) names: Vec<Problem>,
}

impl Behind {
    pub(super) fn new(overlay: &str, actions: Vec<Stale>, names: Vec<Problem>) -> Self {
        let lines = lines(overlay);
        let line = |stale: &Stale| lines.get(stale.position).copied();
        Self {
            actions: actions
                .into_iter()
                .map(|stale| {
                    let at = line(&stale);
                    (stale, at)
                })
                .collect(),
            names,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.actions.is_empty() && self.names.is_empty()
    }
}

impl fmt::Display for Behind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.actions.is_empty() {
            let many = match self.actions.len() {
                1 => "1 action no longer applies".to_owned(),
                many => format!("{many} actions no longer apply"),
            };
            writeln!(
                f,
                "OVERLAY  {many}: nothing is written before that is mended; the rest is told as it is without"
            )?;
        }
        for (stale, line) in &self.actions {
            let at = line.map_or_else(String::new, |line| format!(":{line}"));
            writeln!(
                f,
                "  {OVERLAY}{at}  action {} on {}",
                stale.position + 1,
                stale.target
            )?;
            writeln!(f, "    its reason: {}", stale.description)?;
            for problem in &stale.problems {
                let found = problem
                    .found
                    .rsplit_once("): ")
                    .map_or(problem.found.as_str(), |(_, found)| found);
                writeln!(f, "    now: {found}")?;
            }
            for (place, value) in stale.stated.iter().take(PLACES) {
                writeln!(
                    f,
                    "    upstream says at {place}: {}",
                    excerpt(&value.to_string())
                )?;
            }
            if stale.stated.len() > PLACES {
                writeln!(
                    f,
                    "    and the like at {} more places",
                    stale.stated.len() - PLACES
                )?;
            }
            writeln!(f, "    do: {}", advice(stale))?;
        }
        if !self.names.is_empty() {
            let many = match self.names.len() {
                1 => "1 entry of names.toml fits no more".to_owned(),
                many => format!("{many} entries of names.toml fit no more"),
            };
            writeln!(
                f,
                "NAMES  {many}: nothing is written before that is mended; the rest is told as it is without"
            )?;
        }
        for problem in &self.names {
            writeln!(f, "  openapi/{}", problem.found)?;
            writeln!(f, "    do: {}", problem.why)?;
        }
        Ok(())
    }
}

fn advice(stale: &Stale) -> &str {
    match stale.problems.first() {
        Some(_) if stale.caught_up => "remove the action: upstream says all of it now",
        Some(problem) if problem.found.contains("has the entry") => {
            "upstream says part of it now: keep in the action what it does not say, or remove the action"
        }
        Some(problem) => &problem.why,
        None => "look at the action",
    }
}

fn excerpt(text: &str) -> String {
    match text.char_indices().nth(LENGTH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The line, from 1, on which each action of an overlay begins; none when it is not written as a
/// YAML block.
fn lines(overlay: &str) -> Vec<usize> {
    let mut lines = overlay
        .lines()
        .enumerate()
        .skip_while(|(_, line)| line.trim_end() != "actions:")
        .skip(1);
    let mut indent = None;
    let mut found = Vec::new();
    for (index, line) in lines.by_ref() {
        let text = line.trim_start();
        let depth = line.len() - text.len();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let begins = text.starts_with("- ");
        if begins && *indent.get_or_insert(depth) == depth {
            found.push(index + 1);
        } else if indent.is_some_and(|indent| depth < indent) || indent.is_none() {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn every_action_of_a_block_is_found_on_its_line() {
        let overlay = "overlay: 1.0.0\nactions:\n  # First.\n  - target: $.a\n    update:\n      - one\n\n  - target: $.b\n    description: |\n      - no action\nx-more:\n  - nothing\n";
        assert_eq!(lines(overlay), [4, 8]);
        assert!(lines("{\"actions\": []}").is_empty());
    }
}
