//! What a comparison finds, and the report of all findings.

use std::cmp::Reverse;
use std::collections::HashMap;

use openapi_pipeline::Pointer;
use serde::Serialize;
use serde_json::Value;

use crate::rules::Level;

/// The location of findings on a whole operation.
pub(crate) const OPERATION: &str = "operation";

/// One change, at one place of one operation.
///
/// As JSON it has exactly these members; `null` marks those without a value.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// The name of its rule, one of [`RULES`](crate::RULES).
    pub id: &'static str,
    /// What it does to those who rely on the base.
    pub level: Level,
    /// The method, in capitals.
    pub method: Option<String>,
    /// The path in the base; in the revision when the operation is new.
    pub path: Option<String>,
    /// The operationId in the revision; in the base when the operation is removed.
    pub operation_id: Option<String>,
    /// The part of the operation: ``query parameter `limit` ``, `request body`, `response 200`,
    /// `security`; `operation` for a whole operation. Media types other than the main one of a body
    /// are named with it.
    pub location: String,
    /// The property, from the body or parameter down, dotted: `data[].phase`. `[]` is an array
    /// item, `[0]` the first of a tuple, `*` any undeclared property.
    pub property: Option<String>,
    /// The value in the base.
    pub from: Option<Value>,
    /// The value in the revision.
    pub to: Option<Value>,
    /// The change in one sentence, without its place.
    pub message: String,
    /// The place in the base; the nearest place around it when the base has no such place.
    pub base_pointer: Option<Pointer>,
    /// The same in the revision.
    pub revision_pointer: Option<Pointer>,
    /// The promise of the vendor that it breaks.
    pub promise: Option<String>,
}

impl Finding {
    /// The place in words: ``GET /teas query parameter `limit` ``, ``POST /teas request body
    /// `leaves[].kind` ``.
    ///
    /// A waiver names its place like this.
    ///
    /// ```
    /// # let document = |kind: &str| openapi_pipeline::load::document(&serde_json::json!({"openapi": "3.1.0", "info": {"title": "Tea", "version": "1"},
    /// #     "paths": {"/teas": {"get": {"parameters": [{"name": "limit", "in": "query", "schema": {"type": kind}}], "responses": {}}}}}).to_string(), "tea.json");
    /// use openapi_diff::{Promises, diff};
    ///
    /// let report = diff(&document("number")?, &document("integer")?, &Promises::none())?;
    /// assert_eq!(report.findings()[0].place(), "GET /teas query parameter `limit`");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn place(&self) -> String {
        let property = self.property.as_ref().map(|path| format!("`{path}`"));
        let location =
            (self.location != OPERATION || self.method.is_none()).then(|| self.location.clone());
        let parts = [self.method.clone(), self.path.clone(), location, property];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    fn sort_key(&self) -> impl Ord + '_ {
        (
            (Reverse(self.level), &self.path, &self.method),
            (&self.location, &self.property, self.id, &self.message),
            (&self.revision_pointer, &self.base_pointer),
        )
    }
}

/// Every finding of a comparison: breaking first, then by path, method, place and rule; none twice.
///
/// As JSON it is the array of its findings.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Report {
    pub(crate) findings: Vec<Finding>,
}

impl Report {
    pub(crate) fn new(mut findings: Vec<Finding>) -> Self {
        findings.sort_by(|left, right| left.sort_key().cmp(&right.sort_key()));
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

    /// Whether there is no finding.
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// How many findings are of a level.
    pub fn count(&self, level: Level) -> usize {
        self.findings.iter().filter(|f| f.level == level).count()
    }

    /// The findings grouped by change: one in a component that many operations share is one group.
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
}

impl<'a> IntoIterator for &'a Report {
    type Item = &'a Finding;
    type IntoIter = std::slice::Iter<'a, Finding>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The same change at several places.
#[derive(Clone, Debug, PartialEq)]
pub struct Group<'a> {
    findings: Vec<&'a Finding>,
}

impl<'a> Group<'a> {
    /// The first in the order of the report.
    pub fn first(&self) -> &'a Finding {
        self.findings[0]
    }

    /// All of them, one for each place.
    pub fn findings(&self) -> &[&'a Finding] {
        &self.findings
    }
}
