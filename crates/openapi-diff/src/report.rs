//! What a comparison found, in one order.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::{Finding, Level};

/// Everything that a comparison found: breaking first, then by path, method, place and rule;
/// nothing twice.
///
/// As JSON it is the array of its findings.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Report {
    findings: Vec<Finding>,
}

impl Report {
    pub(super) fn new(findings: Vec<Finding>) -> Self {
        let mut findings = sorted(findings);
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

    /// The findings with those together that say the same of several places, such as one in a
    /// component that many operations share.
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

/// Breaking first, then by path, method, place and rule.
///
/// Findings are large, and there are many for each operation: what is sorted are their numbers, and
/// operations are compared by their rank.
fn sorted(findings: Vec<Finding>) -> Vec<Finding> {
    let operations = || findings.chunk_by(|left, right| operation(left) == operation(right));
    let mut ranks: BTreeMap<_, usize> = operations()
        .map(|findings| (operation(&findings[0]), 0))
        .collect();
    for (index, rank) in ranks.values_mut().enumerate() {
        *rank = index;
    }
    let ranks = operations().flat_map(|of_one| {
        let rank = ranks[&operation(&of_one[0])];
        of_one
            .iter()
            .map(move |finding| (Reverse(finding.level), rank))
    });
    let mut order: Vec<_> = ranks
        .enumerate()
        .map(|(index, rank)| (rank, index))
        .collect();
    order.sort_by(|(left_rank, left), (right_rank, right)| {
        let within = || findings[*left].order_within(&findings[*right]);
        left_rank.cmp(right_rank).then_with(within)
    });
    let mut findings: Vec<Option<Finding>> = findings.into_iter().map(Some).collect();
    let in_order = order
        .into_iter()
        .filter_map(|(_, index)| findings[index].take());
    in_order.collect()
}

/// The operation of a finding, as reports are sorted.
fn operation(finding: &Finding) -> (Option<&str>, Option<&str>) {
    (finding.path.as_deref(), finding.method.as_deref())
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
