//! The limits that the contract sets, checked before anything is sent.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::id::Id;
use crate::operation::Operation;
use crate::rule::ConstraintKind;

/// Where a limited value stands in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Location {
    /// A segment of the path.
    Path,
    /// The query string.
    Query,
    /// A header.
    Header,
    /// The JSON body.
    Body,
}

/// One limit on one value. The table of all of them is generated.
#[derive(Clone, Debug, PartialEq)]
pub struct Constraint {
    /// Where the value stands.
    pub location: Location,
    /// The parameter's name; in the body a dotted path with `*` for each item of an array, as in
    /// `labels.*`.
    pub name: &'static str,
    /// The limit.
    pub rule: ConstraintKind,
}

/// A value that the server would refuse: outside a limit of the contract, or not an ID.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Violation {
    operation: &'static str,
    location: Location,
    field: String,
    code: &'static str,
    message: String,
}

impl Violation {
    /// The operation that was to be called.
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// Where the value stands.
    pub fn location(&self) -> Location {
        self.location
    }

    /// The parameter's name, or the dotted path in the body with the item's index, `labels.2`.
    pub fn field(&self) -> &str {
        &self.field
    }

    /// The server's word for it: `too_small`, `too_big`, `not_multiple_of`, `not_unique`,
    /// `invalid_string` for an ID, or `invalid_type` for a value that cannot be written as JSON.
    pub fn code(&self) -> &'static str {
        self.code
    }
}

impl Operation {
    /// Checks a body against the limits of the contract. What is absent or null passes, and so does
    /// a value of another type: the server decides on those.
    ///
    /// # Errors
    /// The first [`Violation`] in the order of the table.
    pub fn check_body(&self, body: &impl Serialize) -> Result<(), Violation> {
        let body = self.json(Location::Body, "body", body)?;
        self.limits(Location::Body).try_for_each(|constraint| {
            visit(
                &body,
                Some(constraint.name),
                &mut Vec::new(),
                &mut |value, place| self.judge(constraint, value, place),
            )
        })
    }

    /// Checks one parameter against the limits of the contract, as [`check_body`](Self::check_body)
    /// does.
    ///
    /// # Errors
    /// The first [`Violation`] in the order of the table.
    pub fn check_parameter(
        &self,
        location: Location,
        name: &'static str,
        value: &impl Serialize,
    ) -> Result<(), Violation> {
        let value = self.json(location, name, value)?;
        self.limits(location).try_for_each(|constraint| {
            let path = match constraint.name.strip_prefix(name) {
                Some("") => None,
                Some(rest) if rest.starts_with('.') => Some(&rest[1..]),
                _ => return Ok(()),
            };
            visit(&value, path, &mut vec![name.into()], &mut |value, place| {
                self.judge(constraint, value, place)
            })
        })
    }

    /// Checks that a parameter can be an ID: one segment of a path.
    ///
    /// # Errors
    /// A [`Violation`] with the code `invalid_string`.
    pub fn check_id<R>(
        &self,
        location: Location,
        name: &'static str,
        id: &Id<R>,
    ) -> Result<(), Violation> {
        id.check().map_err(|invalid| Violation {
            operation: self.name,
            location,
            field: name.to_owned(),
            code: "invalid_string",
            message: invalid.to_string(),
        })
    }

    fn json(
        &self,
        location: Location,
        name: &'static str,
        value: &impl Serialize,
    ) -> Result<Value, Violation> {
        serde_json::to_value(value).map_err(|error| Violation {
            operation: self.name,
            location,
            field: name.to_owned(),
            code: "invalid_type",
            message: error.to_string(),
        })
    }

    fn limits(&self, location: Location) -> impl Iterator<Item = &'static Constraint> {
        self.constraints
            .iter()
            .filter(move |constraint| constraint.location == location)
    }

    fn judge(
        &self,
        constraint: &Constraint,
        value: &Value,
        place: &[Cow<'_, str>],
    ) -> Result<(), Violation> {
        let Some(breach) = constraint.rule.breach(value) else {
            return Ok(());
        };
        let field = place.join(".");
        Err(Violation {
            operation: self.name,
            location: constraint.location,
            message: format!("{field} {}, got {}", breach.expected, breach.found),
            field,
            code: breach.code,
        })
    }
}

/// Calls `judge` for every value that the path leads to, with the concrete place of each.
///
/// A property's own name may hold dots: the longest one that the object has is the next step.
fn visit<'v>(
    value: &'v Value,
    path: Option<&'v str>,
    place: &mut Vec<Cow<'v, str>>,
    judge: &mut impl FnMut(&Value, &[Cow<'v, str>]) -> Result<(), Violation>,
) -> Result<(), Violation> {
    let Some(path) = path else {
        return judge(value, place);
    };
    let mut descend = |inner: &'v Value, step: &str, name: Cow<'v, str>| {
        let rest = path[step.len()..].strip_prefix('.');
        place.push(name);
        let verdict = visit(inner, rest, place, judge);
        place.pop();
        verdict
    };
    match value {
        Value::Array(items) if path == "*" || path.starts_with("*.") => items
            .iter()
            .enumerate()
            .try_for_each(|(index, item)| descend(item, "*", index.to_string().into())),
        Value::Object(properties) => {
            let shorter = |name: &&'v str| name.rsplit_once('.').map(|(shorter, _)| shorter);
            std::iter::successors(Some(path), shorter)
                .find_map(|name| Some((name, properties.get(name)?)))
                .map_or(Ok(()), |(name, inner)| descend(inner, name, name.into()))
        }
        _ => Ok(()),
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Body => "body",
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::operation::RetryClass;

    fn operation(constraints: &'static [Constraint]) -> Operation {
        Operation {
            name: "create_thing",
            method: http::Method::POST,
            path: "/api/v1/things",
            summary: "",
            class: RetryClass::ByKey,
            paged: false,
            authenticated: true,
            statuses: &["201"],
            constraints,
        }
    }

    const fn body(name: &'static str, rule: ConstraintKind) -> Constraint {
        Constraint {
            location: Location::Body,
            name,
            rule,
        }
    }

    #[test]
    fn each_rule_refuses_one_step_beyond_its_limit_and_passes_the_limit() {
        let cases: &[(&'static Constraint, Value, Value, &str, &str)] = &[
            (
                &const { body("v", ConstraintKind::MinLength(1)) },
                json!("a"),
                json!(""),
                "too_small",
                "v must have at least 1 character, got 0",
            ),
            (
                &const { body("v", ConstraintKind::MaxLength(3)) },
                json!("äöü"),
                json!("äöüß"),
                "too_big",
                "v must have at most 3 characters, got 4",
            ),
            (
                &const { body("v", ConstraintKind::Minimum(0.0)) },
                json!(0),
                json!(-1),
                "too_small",
                "v must be at least 0, got -1",
            ),
            (
                &const { body("v", ConstraintKind::Maximum(100.0)) },
                json!(100),
                json!(100.5),
                "too_big",
                "v must be at most 100, got 100.5",
            ),
            (
                &const { body("v", ConstraintKind::ExclusiveMinimum(0.0)) },
                json!(0.1),
                json!(0),
                "too_small",
                "v must be more than 0, got 0",
            ),
            (
                &const { body("v", ConstraintKind::ExclusiveMaximum(1.0)) },
                json!(0.9),
                json!(1),
                "too_big",
                "v must be less than 1, got 1",
            ),
            (
                &const { body("v", ConstraintKind::MultipleOf(0.1)) },
                json!(0.3),
                json!(0.35),
                "not_multiple_of",
                "v must be a multiple of 0.1, got 0.35",
            ),
            (
                &const { body("v", ConstraintKind::MinItems(1)) },
                json!([1]),
                json!([]),
                "too_small",
                "v must have at least 1 item, got 0",
            ),
            (
                &const { body("v", ConstraintKind::MaxItems(2)) },
                json!([1, 2]),
                json!([1, 2, 3]),
                "too_big",
                "v must have at most 2 items, got 3",
            ),
            (
                &const { body("v", ConstraintKind::UniqueItems) },
                json!(["a", "b"]),
                json!(["a", "b", "a"]),
                "not_unique",
                "v must not hold an item twice, got item 2 a second time",
            ),
        ];
        for (constraint, passes, fails, code, message) in cases {
            let operation = operation(std::slice::from_ref(*constraint));
            operation.check_body(&json!({ "v": passes })).unwrap();
            let violation = operation.check_body(&json!({ "v": fails })).unwrap_err();
            assert_eq!(violation.code(), *code);
            assert_eq!(violation.field(), "v");
            assert_eq!(violation.operation(), "create_thing");
            assert_eq!(violation.to_string(), *message);
        }
    }

    #[test]
    fn absent_null_and_other_types_are_left_to_the_server() {
        const LIMITS: &[Constraint] = &[
            body("v", ConstraintKind::MinLength(1)),
            body("v", ConstraintKind::Minimum(1.0)),
            body("v", ConstraintKind::MinItems(1)),
            body("v.*", ConstraintKind::MinLength(1)),
        ];
        for value in [
            json!({}),
            json!({ "v": null }),
            json!({ "v": false }),
            json!([]),
            json!("v"),
        ] {
            operation(LIMITS).check_body(&value).unwrap();
        }
    }

    #[test]
    fn a_path_reaches_into_objects_and_every_item() {
        const LIMITS: &[Constraint] = &[body("people.*.tags.*", ConstraintKind::MaxLength(2))];
        let violation = operation(LIMITS)
            .check_body(&json!({ "people": [{ "tags": ["ok"] }, {}, { "tags": ["ok", "long"] }] }))
            .unwrap_err();
        assert_eq!(violation.field(), "people.2.tags.1");
        assert_eq!(violation.location(), Location::Body);
    }

    #[test]
    fn a_property_with_dots_in_its_name_is_found() {
        const LIMITS: &[Constraint] = &[
            body("a.b", ConstraintKind::MaxLength(2)),
            body("deep.c.d.*.e.f", ConstraintKind::MaxLength(2)),
        ];
        for (value, field) in [
            (json!({ "a.b": "long" }), "a.b"),
            (json!({ "a": { "b": "long" } }), "a.b"),
            (json!({ "a": { "b": "ok" }, "a.b": "long" }), "a.b"),
            (json!({ "a": 1, "a.b": "long" }), "a.b"),
            (
                json!({ "deep": { "c.d": [{}, { "e.f": "long" }] } }),
                "deep.c.d.1.e.f",
            ),
            (
                json!({ "deep.c": { "d": [{ "e": { "f": "long" } }] } }),
                "deep.c.d.0.e.f",
            ),
        ] {
            let violation = operation(LIMITS).check_body(&value).unwrap_err();
            assert_eq!(violation.field(), field, "{value}");
        }
        operation(LIMITS)
            .check_body(&json!({ "a.b": "ok", "a.": "long", "deep": { "c.d": "long" } }))
            .unwrap();
    }

    #[test]
    fn a_parameter_is_judged_by_its_value_and_its_entries() {
        const fn query(name: &'static str, rule: ConstraintKind) -> Constraint {
            Constraint {
                location: Location::Query,
                name,
                rule,
            }
        }
        const LIMITS: &[Constraint] = &[
            query("limit", ConstraintKind::Minimum(1.0)),
            query("limit", ConstraintKind::Maximum(100.0)),
            query("slug", ConstraintKind::MaxLength(2)),
            query("tags", ConstraintKind::MaxItems(2)),
            query("tags.*", ConstraintKind::MinLength(1)),
        ];
        let operation = operation(LIMITS);
        let check = |name, value: Value| operation.check_parameter(Location::Query, name, &value);
        check("limit", json!(1)).unwrap();
        check("limit", json!(100)).unwrap();
        assert_eq!(check("limit", json!(0)).unwrap_err().code(), "too_small");
        assert_eq!(check("limit", json!(101)).unwrap_err().code(), "too_big");
        assert_eq!(check("slug", json!("123")).unwrap_err().code(), "too_big");
        check("tags", json!(["a", "b"])).unwrap();
        assert_eq!(check("tags", json!([1, 2, 3])).unwrap_err().field(), "tags");
        let empty = check("tags", json!(["a", ""])).unwrap_err();
        assert_eq!(
            empty.to_string(),
            "tags.1 must have at least 1 character, got 0"
        );
        check("limit", Value::Null).unwrap();
        check("limi", json!(0)).unwrap();
        check("other", json!(0)).unwrap();
        operation
            .check_parameter(Location::Header, "limit", &0)
            .unwrap();
    }

    #[test]
    fn what_cannot_be_an_id_is_a_violation() {
        let violation = operation(&[])
            .check_id(Location::Path, "id", &Id::<()>::from("a/b"))
            .unwrap_err();
        assert_eq!(
            (violation.field(), violation.code()),
            ("id", "invalid_string")
        );
        assert_eq!(violation.location(), Location::Path);
    }
}
