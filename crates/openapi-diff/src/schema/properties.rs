//! Properties: which there are, which must be there, and what becomes of the rest.

use serde_json::json;

use super::super::compare::Sides;
use super::super::rules::{Aspect, Named};
use super::compare::{Notes, said};
use super::flat::{Flat, Parts};
use super::view::View;
use super::{About, Side, Step, Use};
use openapi_pipeline::Pointer;

/// Compares the properties of two objects.
pub(super) fn compare<'a>(base: &Flat<'a>, revision: &Flat<'a>, notes: &mut Notes<'_, 'a>) {
    let (before, after) = (base.names(), revision.names());
    let mut gone = Vec::new();
    let mut new = Vec::new();
    for name in before.union(&after) {
        let old = Property::of(base, name, notes.used, &mut notes.comparer.base);
        let now = Property::of(revision, name, notes.used, &mut notes.comparer.revision);
        match (old, now) {
            (Some(old), Some(now)) => {
                membership(&old, &now, base, revision, notes);
                if old.is_used && now.is_used {
                    notes.inner(Step::Property(name), old.parts, now.parts);
                }
            }
            (Some(old), None) if old.is_used => gone.push(old),
            (None, Some(now)) if now.is_used => new.push(now),
            _ => {}
        }
    }
    added_and_removed(&gone, &new, base, revision, notes);
    for name in base
        .pattern_properties
        .keys()
        .chain(revision.pattern_properties.keys())
    {
        pattern_property(name, base, revision, notes);
    }
    if base.closed != revision.closed {
        let (aspect, message) = if revision.closed {
            (
                Aspect::AdditionalPropertiesClosed,
                "properties without a schema are no longer taken",
            )
        } else {
            (
                Aspect::AdditionalPropertiesOpened,
                "properties without a schema are taken now",
            )
        };
        let said = said(
            base,
            revision,
            &["additionalProperties"],
            Some(json!(!base.closed)),
            Some(json!(!revision.closed)),
        );
        notes.note(aspect, said, message.to_owned());
    } else if !base.closed {
        notes.inner(Step::Other, &base.additional, &revision.additional);
    }
}

fn pattern_property<'a>(
    name: &'a str,
    base: &Flat<'a>,
    revision: &Flat<'a>,
    notes: &mut Notes<'_, 'a>,
) {
    let (old, now) = (
        base.pattern_properties.get(name),
        revision.pattern_properties.get(name),
    );
    let said = said(
        base,
        revision,
        &["patternProperties"],
        old.map(|_| json!(name)),
        now.map(|_| json!(name)),
    );
    match (old, now) {
        (Some(old), Some(now)) => notes.inner(Step::Matching(name), old, now),
        (None, _) => notes.note(
            Aspect::PatternPropertyAdded,
            said,
            format!("properties whose names match `{name}` are restricted"),
        ),
        (_, None) => notes.note(
            Aspect::PatternPropertyRemoved,
            said,
            format!("properties whose names match `{name}` are no longer restricted"),
        ),
    }
}

/// A property as the client or the server has to do with it.
struct Property<'p, 'a> {
    name: &'a str,
    parts: &'p Parts<'a>,
    required: bool,
    /// It is sent this way: not one that only the server sets in a request, not one that only the
    /// client sends in a response.
    is_used: bool,
    pointer: Option<Pointer>,
}

const NO_PARTS: &Parts<'static> = &Vec::new();

impl<'p, 'a> Property<'p, 'a> {
    fn of(flat: &'p Flat<'a>, name: &'a str, used: Use, side: &mut Side<'a>) -> Option<Self> {
        let parts = flat.properties.get(name);
        let required = flat.required.contains(name);
        if parts.is_none() && !required {
            return None;
        }
        let is_used = match (parts, used) {
            (Some(parts), Use::Request) => !side.says(parts, "readOnly", View::read_only),
            (Some(parts), Use::Response) => !side.says(parts, "writeOnly", View::write_only),
            _ => true,
        };
        let pointer = match parts.and_then(|parts| parts.first()) {
            Some(place) => Some(place.pointer.clone()),
            None => flat.pointer(&["required"]),
        };
        Some(Self {
            name,
            parts: parts.unwrap_or(NO_PARTS),
            required,
            is_used,
            pointer,
        })
    }
}

/// Whether a property that is on both sides must be sent, and may be.
fn membership<'a>(
    old: &Property<'_, 'a>,
    now: &Property<'_, 'a>,
    base: &Flat<'a>,
    revision: &Flat<'a>,
    notes: &mut Notes<'_, 'a>,
) {
    let name = old.name;
    let (rule, message) = if old.is_used != now.is_used {
        match (notes.used, now.is_used, now.required, old.required) {
            (Use::Request, false, ..) => (
                Named::RequestPropertyBecameReadOnly,
                "is set by the server alone now",
            ),
            (Use::Request, true, true, _) => (
                Named::RequestRequiredNotReadOnly,
                "must be sent now; the server set it before",
            ),
            (Use::Request, true, false, _) => (
                Named::RequestOptionalNotReadOnly,
                "may be sent now; the server set it before",
            ),
            (_, false, _, true) => (
                Named::ResponseRequiredWriteOnly,
                "is no longer answered, only sent",
            ),
            (_, false, _, false) => (
                Named::ResponseOptionalWriteOnly,
                "is no longer answered, only sent",
            ),
            (_, true, true, _) => (
                Named::ResponseRequiredNotWriteOnly,
                "is answered now; it was only sent before",
            ),
            (_, true, false, _) => (
                Named::ResponseOptionalNotWriteOnly,
                "may be answered now; it was only sent before",
            ),
        }
    } else if old.required == now.required || !now.is_used {
        return;
    } else {
        match (notes.used, now.required) {
            (Use::Request, true) => (Named::RequestPropertyBecameRequired, "must be sent now"),
            (Use::Request, false) => (Named::RequestPropertyBecameOptional, "may be left out now"),
            (Use::Parameter, true) => (Named::ParameterPropertyBecameRequired, "must be sent now"),
            (Use::Parameter, false) => (
                Named::ParameterPropertyBecameOptional,
                "may be left out now",
            ),
            (Use::Response, true) => (
                Named::ResponsePropertyBecameRequired,
                "is never missing any more",
            ),
            (Use::Response, false) => (Named::ResponsePropertyBecameOptional, "may be missing now"),
        }
    };
    let said = if old.is_used == now.is_used {
        said(
            base,
            revision,
            &["required"],
            Some(json!(old.required)),
            Some(json!(now.required)),
        )
    } else {
        Sides {
            from: Some(json!(old.is_used)),
            to: Some(json!(now.is_used)),
            base: old.pointer.clone(),
            revision: now.pointer.clone(),
        }
    };
    notes.change(
        About::Property(rule),
        Some(Step::Property(name)),
        said,
        format!("`{name}` {message}"),
    );
}

fn added_and_removed<'a>(
    gone: &[Property<'_, 'a>],
    new: &[Property<'_, 'a>],
    base: &Flat<'a>,
    revision: &Flat<'a>,
    notes: &mut Notes<'_, 'a>,
) {
    // One that went and one that came, of the same schema: it may be the same one.
    let renamed = match (gone, new) {
        ([gone], [new]) => notes.comparer.alike(gone.parts, new.parts),
        _ => false,
    };
    for old in gone {
        let rule = match (notes.used, old.required, revision.closed) {
            (Use::Request, _, true) => Named::RequestPropertyRefused,
            (Use::Request, _, false) => Named::RequestPropertyRemoved,
            (Use::Parameter, _, true) => Named::ParameterPropertyRefused,
            (Use::Parameter, _, false) => Named::ParameterPropertyRemoved,
            (Use::Response, true, _) => Named::ResponseRequiredRemoved,
            (Use::Response, false, _) => Named::ResponseOptionalRemoved,
        };
        let mut message = format!("`{}` is gone", old.name);
        if renamed && let [new] = new {
            message = format!("{message}; was it renamed to `{}`?", new.name);
        }
        let said = Sides {
            from: Some(json!(old.name)),
            to: None,
            base: old.pointer.clone(),
            revision: revision.pointer(&["properties"]),
        };
        notes.change(
            About::Property(rule),
            Some(Step::Property(old.name)),
            said,
            message,
        );
    }
    for now in new {
        let (rule, what) = match (notes.used, now.required) {
            (Use::Request, true) => (Named::NewRequiredProperty, "is new and must be sent"),
            (Use::Request, false) => (Named::NewOptionalProperty, "is new and may be sent"),
            (Use::Parameter, true) => (
                Named::NewRequiredParameterProperty,
                "is new and must be sent",
            ),
            (Use::Parameter, false) => (
                Named::NewOptionalParameterProperty,
                "is new and may be sent",
            ),
            (Use::Response, true) => (Named::ResponseRequiredAdded, "is new"),
            (Use::Response, false) => (Named::ResponseOptionalAdded, "is new and may be missing"),
        };
        let said = Sides {
            from: None,
            to: Some(json!(now.name)),
            base: base.pointer(&["properties"]),
            revision: now.pointer.clone(),
        };
        notes.change(
            About::Property(rule),
            Some(Step::Property(now.name)),
            said,
            format!("`{}` {what}", now.name),
        );
    }
}
