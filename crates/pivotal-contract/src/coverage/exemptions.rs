//! What need not be exercised, and why. An exemption for what is exercised after all fails: it must
//! be removed.

use std::collections::BTreeSet;

use super::points::{Part, Point};
use crate::contract::Contract;
use crate::operation_cases::operation_case;

/// One reason, and what it exempts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exemption {
    pub(crate) points: &'static [&'static str],
    pub(crate) reason: &'static str,
}

/// The exemptions that are made by hand.
pub(crate) const EXEMPTIONS: &[Exemption] = &[
    Exemption {
        points: &[
            "create-onboarding returns wizard_completed_at",
            "get-onboarding returns wizard_completed_at",
            "list-customer-onboardings returns data[].wizard_completed_at",
            "list-onboardings returns data[].wizard_completed_at",
            "update-onboarding returns wizard_completed_at",
        ],
        reason: "the wizard of the app sets it, and no call does",
    },
    Exemption {
        points: &["list-customer-onboardings returns next_cursor"],
        reason: "the list is not paged",
    },
    Exemption {
        points: &["create-customer returns slug = null"],
        reason: "a create without a slug gets one made from the name",
    },
];

/// Why a point need not be exercised, by rule.
pub(super) fn by_rule(
    contract: &Contract,
    left_out: &BTreeSet<String>,
    point: &Point,
) -> Option<&'static str> {
    if left_out.contains(&point.operation) {
        return Some("the operation is left out of this run");
    }
    let operation = contract.document.operation(&point.operation)?;
    if operation_case(&operation.name()).is_none() {
        return Some("the operation has no row in the case table yet");
    }
    let is_class = point.part == Part::Status && point.what == "4XX";
    (is_class && operation.body().is_none()).then_some(
        "a request without a body can be refused only with the statuses that its operation lists",
    )
}
