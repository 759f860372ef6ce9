//! How each operation of the contract is reached: by ergonomics, or by `raw()` with a reason.

use crate::call::Endpoint;
use crate::operation;

/// How one operation is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// By this expression on a [`Client`](crate::Client).
    Sdk(&'static str),
    /// Only through [`Client::raw`](crate::Client::raw), for this reason.
    Raw(&'static str),
}

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// The operation's name, `create_customer`.
    pub operation: &'static str,
    /// How it is reached.
    pub reach: Reach,
}

/// Every operation of the contract. A test compares it with the generated operation table and says
/// what to add or remove.
pub const COVERAGE: &[Coverage] = &[
    by::<operation::GetMe>("me()"),
    by::<operation::GetHealth>("health()"),
    by::<operation::ListCustomers>("customers().list()"),
    by::<operation::CreateCustomer>("customers().create(…)"),
    by::<operation::GetCustomer>("customer(id).get()"),
    by::<operation::UpdateCustomer>("customer(id).update(…)"),
    by::<operation::DeleteCustomer>("customer(id).delete()"),
    by::<operation::ListCustomerContacts>("customer(id).contacts().list()"),
    by::<operation::CreateCustomerContact>("customer(id).contacts().create(…)"),
    by::<operation::ListCustomerOnboardings>("customer(id).onboardings().list()"),
    by::<operation::GetContact>("contact(id).get()"),
    by::<operation::UpdateContact>("contact(id).update(…)"),
    by::<operation::DeleteContact>("contact(id).delete()"),
    by::<operation::ListOnboardings>("onboardings().list()"),
    by::<operation::CreateOnboarding>("onboardings().create(…)"),
    by::<operation::GetOnboarding>("onboarding(id).get()"),
    by::<operation::UpdateOnboarding>("onboarding(id).update(…)"),
    by::<operation::DeleteOnboarding>("onboarding(id).delete()"),
];

const fn by<O: Endpoint>(expression: &'static str) -> Coverage {
    Coverage {
        operation: O::NAME,
        reach: Reach::Sdk(expression),
    }
}

/// For an operation that the SDK leaves to `raw()`.
#[allow(dead_code, reason = "used only while an operation is new")]
const fn raw(operation: &'static str, reason: &'static str) -> Coverage {
    Coverage {
        operation,
        reach: Reach::Raw(reason),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use pivotal_runtime::Operation;

    use super::*;

    /// What to do so that the table and the contract agree.
    fn to_do(contract: &[Operation], table: &[Coverage]) -> Vec<String> {
        let covered: BTreeSet<_> = table.iter().map(|row| row.operation).collect();
        let known: BTreeSet<_> = contract.iter().map(|operation| operation.name).collect();
        let missing = contract
            .iter()
            .filter(|operation| !covered.contains(operation.name))
            .map(|Operation { name, method, path, .. }| {
                let endpoint = pascal_case(name);
                format!(
                    "{name} ({method} {path}) is new. Add to COVERAGE in src/coverage.rs either\n    \
                     raw(\"{name}\", \"<why it has no call of its own>\"),\n\
                     or, with an Endpoint beside those of its resource,\n    \
                     by::<operation::{endpoint}>(\"<its expression>\"),"
                )
            });
        let stale = covered.difference(&known).map(|name| {
            format!(
                "{name} is no longer in the contract. Remove its row from COVERAGE in \
                 src/coverage.rs, and its Endpoint."
            )
        });
        missing.chain(stale).collect()
    }

    #[test]
    fn every_operation_of_the_contract_is_reached_or_excused() {
        let to_do = to_do(pivotal_api::OPERATIONS, COVERAGE);
        assert!(to_do.is_empty(), "\n{}\n", to_do.join("\n"));
        let names: BTreeSet<_> = COVERAGE.iter().map(|row| row.operation).collect();
        assert_eq!(names.len(), COVERAGE.len(), "an operation has two rows");
    }

    #[test]
    fn a_hole_in_the_table_says_what_to_add_and_what_to_remove() {
        let get_me = pivotal_api::operation("get_me").unwrap();
        let said = to_do(
            std::slice::from_ref(get_me),
            &[raw("gone", "was never there")],
        );
        assert_eq!(said.len(), 2);
        for part in [
            "get_me (GET /api/v1/me)",
            "raw(\"get_me\", ",
            "by::<operation::GetMe>(",
        ] {
            assert!(said[0].contains(part), "{}", said[0]);
        }
        assert!(said[1].starts_with("gone is no longer"), "{}", said[1]);
    }

    #[test]
    fn an_excuse_is_not_empty() {
        for row in COVERAGE {
            let (Reach::Sdk(text) | Reach::Raw(text)) = row.reach;
            assert!(!text.trim().is_empty(), "{}", row.operation);
        }
    }

    fn pascal_case(name: &str) -> String {
        name.split('_')
            .map(|word| word[..1].to_uppercase() + &word[1..])
            .collect()
    }
}
