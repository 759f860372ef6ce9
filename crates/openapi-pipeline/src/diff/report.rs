//! What a comparison found, in one order.

use std::collections::HashMap;

use serde::Serialize;

use super::{Finding, Level};

/// Everything that a comparison found: breaking first, then by path, method, place and rule; nothing twice.
///
/// As JSON it is the array of its findings.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Report {
    findings: Vec<Finding>,
}

impl Report {
    pub(super) fn new(mut findings: Vec<Finding>) -> Self {
        findings.sort_by(Finding::order);
        findings.dedup();
        Self { findings }
    }

    /// The findings in order.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The findings in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Finding> {
        self.findings.iter()
    }

    /// The highest level that occurs; `None` when there is no finding.
    pub fn worst(&self) -> Option<Level> {
        self.findings.iter().map(|finding| finding.level).max()
    }

    /// How many findings there are.
    pub fn len(&self) -> usize {
        self.findings.len()
    }

    /// Whether the documents say the same.
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// How many findings are of a level.
    pub fn count(&self, level: Level) -> usize {
        self.findings.iter().filter(|f| f.level == level).count()
    }

    /// The findings with those together that say the same of several places, such as one in a component that many operations
    /// share.
    pub fn groups(&self) -> Vec<Group<'_>> {
        let mut groups: Vec<Group<'_>> = Vec::new();
        let mut known = HashMap::new();
        for finding in &self.findings {
            let key = (finding.id, &finding.message, &finding.promise);
            let index = *known.entry(key).or_insert(groups.len());
            match groups.get_mut(index) {
                Some(group) => group.findings.push(finding),
                None => groups.push(Group {
                    findings: vec![finding],
                }),
            }
        }
        groups
    }

    pub(super) fn into_findings(self) -> Vec<Finding> {
        self.findings
    }
}

impl<'a> IntoIterator for &'a Report {
    type Item = &'a Finding;
    type IntoIter = std::slice::Iter<'a, Finding>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Findings that say the same of several places.
#[derive(Clone, Debug, PartialEq)]
pub struct Group<'a> {
    findings: Vec<&'a Finding>,
}

impl<'a> Group<'a> {
    /// One of them, to tell what changed; the first in the order of the report.
    pub fn first(&self) -> &'a Finding {
        self.findings[0]
    }

    /// All of them, one for each place.
    pub fn findings(&self) -> &[&'a Finding] {
        &self.findings
    }
}
