//! The impact for people.

use std::fmt;

use super::{Impact, Step, Touched, changes::folded};

impl fmt::Display for Impact {
    /// What changes in Rust, what that does to the companion, what to release; a heading each.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "RUST  pivotal-api, the generated client")?;
        let lines = folded(&self.api);
        if lines.is_empty() {
            writeln!(f, "  no type and no signature changes")?;
        }
        for line in lines {
            writeln!(f, "  {line}")?;
        }
        if !self.run_time.is_empty() {
            writeln!(f, "  at run time, without a change of any type:")?;
            for change in &self.run_time {
                let sign = if change.breaking { "!" } else { " " };
                writeln!(f, "  {sign} {}: {}", change.operation, change.change)?;
                writeln!(f, "      {}", change.effect)?;
            }
        }
        self.companion_text(f)?;
        if let Some(release) = &self.release {
            writeln!(f)?;
            match release.step {
                Step::None => writeln!(
                    f,
                    "RELEASE  none: {} {} stays",
                    release.package, release.current
                )?,
                step => writeln!(
                    f,
                    "RELEASE  {} {} -> {} ({step})",
                    release.package, release.current, release.next
                )?,
            }
            for reason in &release.reasons {
                writeln!(f, "  {reason}")?;
            }
            if release.step != Step::None {
                writeln!(f, "  rule: {}", release.rule)?;
            }
        }
        if !self.notes.is_empty() {
            writeln!(f, "\nNOTES")?;
            for note in &self.notes {
                writeln!(f, "  {note}")?;
            }
        }
        Ok(())
    }
}

impl Impact {
    fn companion_text(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.release.is_none() {
            return Ok(());
        }
        writeln!(f, "\nCOMPANION  pivotal-sdk, its tests and examples")?;
        let (certain, possible): (Vec<&Touched>, Vec<&Touched>) =
            self.companion.iter().partition(|touched| touched.certain);
        if certain.is_empty() && self.to_do.is_empty() && possible.is_empty() {
            writeln!(f, "  nothing to edit")?;
        }
        list(f, "to mend", &certain)?;
        list(f, "to look at", &possible)?;
        for to_do in &self.to_do {
            writeln!(f, "  to do: {}", to_do.what)?;
            for edit in &to_do.edits {
                writeln!(f, "    {edit}")?;
            }
        }
        if !self.flows_through.is_empty() {
            writeln!(
                f,
                "  flows through without an edit: {}",
                self.flows_through.join(", ")
            )?;
        }
        Ok(())
    }
}

/// A file and its lines.
type Place<'a> = (&'a str, Vec<String>);

/// Lines with the same reason together, those of a file on one line.
fn list(f: &mut fmt::Formatter<'_>, heading: &str, touched: &[&Touched]) -> fmt::Result {
    let mut reasons: Vec<(&str, Vec<Place<'_>>)> = Vec::new();
    for one in touched {
        let at = reasons
            .iter()
            .position(|(why, _)| *why == one.why)
            .unwrap_or_else(|| {
                reasons.push((&one.why, Vec::new()));
                reasons.len() - 1
            });
        let files = &mut reasons[at].1;
        match files.last_mut() {
            Some((file, lines)) if *file == one.file => lines.push(one.line.to_string()),
            _ => files.push((&one.file, vec![one.line.to_string()])),
        }
    }
    for (why, files) in reasons {
        writeln!(f, "  {heading}: {why}")?;
        for (file, lines) in files {
            writeln!(f, "    {file}:{}", lines.join(","))?;
        }
    }
    Ok(())
}
