//! The cases of altered documents.

use pivotal_openapi::Document;

use super::contract::contract;
use crate::suite::cases::{self, Access};

/// An operation that has a row, moved to where none is known by its kind.
#[test]
fn an_operation_of_no_known_kind_is_called_on_a_record_of_its_own() {
    for (from, method, to) in [
        (
            "/api/v1/customers/{id}",
            "patch",
            "/api/v1/customers/{id}/archive",
        ),
        (
            "/api/v1/customers/{id}",
            "get",
            "/api/v1/customers/{id}/health",
        ),
        (
            "/api/v1/contacts/{id}",
            "patch",
            "/api/v1/customers/{customerId}/contacts/{id}/merge",
        ),
    ] {
        let mut document = Document::contract().value().clone();
        let moved = document["paths"][from]
            .as_object_mut()
            .unwrap()
            .remove(method);
        let name = moved.as_ref().unwrap()["operationId"].clone();
        document["paths"][to]["post"] = moved.unwrap();
        let found = cases::all(&contract(document));
        let name = format!("{}: on a record of its own", name.as_str().unwrap());
        let case = found.iter().find(|case| case.name == name).unwrap();
        assert_eq!(case.access, Access::Writes);
    }
}
