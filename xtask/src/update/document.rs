//! The findings of an update: what matters in full, what breaks nobody on a line each.

use std::fmt::{self, Write};

use openapi_diff::{Comparison, Group, Level};

/// So many places of one change are listed.
const PLACES: usize = 5;

pub(super) fn write(comparison: &Comparison, out: &mut impl Write) -> fmt::Result {
    let groups = comparison.report.groups();
    let (harmless, others): (Vec<&Group<'_>>, Vec<&Group<'_>>) = groups
        .iter()
        .partition(|group| group.first().level == Level::Info);
    for group in &others {
        let first = group.first();
        writeln!(out, "  {:<9} {} [{}]", first.level, first.message, first.id)?;
        promise(comparison, group, out)?;
        let findings = group.findings();
        for finding in findings.iter().take(PLACES) {
            writeln!(out, "            {}", finding.place())?;
        }
        if findings.len() > PLACES {
            writeln!(
                out,
                "            and {} more places",
                findings.len() - PLACES
            )?;
        }
    }
    for group in &harmless {
        let (first, count) = (group.first(), group.findings().len());
        let places = if count == 1 {
            first.place()
        } else {
            format!("{count} places")
        };
        writeln!(
            out,
            "  {:<9} {} [{}], {places}",
            first.level, first.message, first.id
        )?;
        promise(comparison, group, out)?;
    }
    if groups.is_empty() {
        writeln!(out, "  nothing but words")?;
    }
    Ok(())
}

fn promise(comparison: &Comparison, group: &Group<'_>, out: &mut impl Write) -> fmt::Result {
    let Some(id) = &group.first().promise else {
        return Ok(());
    };
    let known = comparison.promises.iter().find(|promise| promise.id == *id);
    let text = known
        .map(|promise| promise.text.as_str())
        .unwrap_or_default();
    writeln!(out, "            breaks the promise {id}: {text}")
}
