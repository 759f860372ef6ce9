//! Discriminators: the property that distinguishes alternatives, and the value of each.

use std::collections::{BTreeMap, BTreeSet};

use openapi_pipeline::resolve::{component_name, component_reference};
use serde_json::Value;

use super::alternatives::View;
use super::differences::Differences;
use super::resolved::ResolvedSchema;
use super::{SchemaComparer, Side};
use crate::document::{Both, Document, Place};

/// The discriminator of a schema, and the alternative of each value.
struct Discriminator<'a> {
    place: Place<'a>,
    property: Option<&'a str>,
    values: BTreeMap<String, Place<'a>>,
}

/// The discriminators of both sides.
pub(super) struct Discriminators<'a> {
    base: Option<Discriminator<'a>>,
    revision: Option<Discriminator<'a>>,
}

impl<'a> Discriminators<'a> {
    pub(super) fn new(
        base: &View<'a>,
        revision: &View<'a>,
        comparer: &mut SchemaComparer<'a>,
    ) -> Self {
        Self {
            base: Discriminator::of(base, &mut comparer.base),
            revision: Discriminator::of(revision, &mut comparer.revision),
        }
    }

    /// Whether a value selects both alternatives.
    pub(super) fn share_value(
        &self,
        base: &ResolvedSchema<'a>,
        revision: &ResolvedSchema<'a>,
    ) -> bool {
        let (Some(old), Some(new)) = (&self.base, &self.revision) else {
            return false;
        };
        let is = |schema: &ResolvedSchema<'a>, place: &Place<'a>| {
            let mut sources = schema.sources.iter();
            sources.any(|source| source.address() == place.address())
        };
        old.values.iter().any(|(value, place)| {
            let other = new.values.get(value);
            is(base, place) && other.is_some_and(|other| is(revision, other))
        })
    }
}

impl<'a> Discriminator<'a> {
    fn of(view: &View<'a>, side: &mut Side<'a>) -> Option<Self> {
        let union = view.union.as_ref();
        let own = union.and_then(|union| union.place.get("discriminator"));
        let place = own.or_else(|| {
            let mut sources = view.members.iter().flat_map(|member| &member.sources);
            sources.find_map(|source| source.get("discriminator"))
        })?;
        let property = place.text("propertyName");
        let mut values = BTreeMap::new();
        let mut mapped = BTreeSet::new();
        for (value, target) in place.members_of("mapping") {
            let target = target.value.as_str();
            if let Some(target) = target.and_then(|target| mapping_target(side.document, target)) {
                mapped.insert(target.address());
                values.insert(value.to_owned(), target);
            }
        }
        for member in union.map_or(&[][..], |union| &union.written) {
            let target = side.document.follow_schema(member.clone());
            if !mapped.contains(&target.address())
                && let Some(value) = side.implied_value(member, property)
            {
                values.entry(value).or_insert(target);
            }
        }
        Some(Self {
            place,
            property,
            values,
        })
    }

    fn name(&self) -> &'a str {
        self.property.unwrap_or_default()
    }
}

impl<'a> Side<'a> {
    /// The value of an alternative that the mapping omits: its constant, or else the name of the
    /// component.
    fn implied_value(&mut self, member: &Place<'a>, property: Option<&str>) -> Option<String> {
        if let [schema] = &self.view(&vec![member.clone()]).members[..]
            && let Some(Value::String(constant)) =
                property.and_then(|property| self.constants(schema).remove(property))
        {
            return Some(constant);
        }
        component_name(member.text("$ref")?, "schemas")
    }

    /// The constants among the properties of an alternative.
    pub(super) fn constants(&mut self, schema: &ResolvedSchema<'a>) -> BTreeMap<&'a str, Value> {
        let mut constants = BTreeMap::new();
        for (name, parts) in &schema.properties {
            if let [member] = &self.view(parts).members[..]
                && let Some([only]) = member.values.as_deref()
            {
                constants.insert(*name, (*only).clone());
            }
        }
        constants
    }
}

/// The target of a mapping: a reference, or the bare name of a component.
fn mapping_target<'a>(document: Document<'a>, target: &str) -> Option<Place<'a>> {
    let place = document
        .target(&component_reference("schemas", target))
        .or_else(|| document.target(target))?;
    Some(document.follow_schema(place))
}

/// Compares the discriminators of two schemas.
pub(super) fn compare<'a>(
    base: &View<'a>,
    revision: &View<'a>,
    discriminators: &Discriminators<'a>,
    differences: &mut Differences<'_, 'a>,
) {
    let pointer = |discriminator: &Option<Discriminator<'a>>, view: &View<'a>| match discriminator {
        Some(discriminator) => Some(discriminator.place.pointer.clone()),
        None => view.pointer(&[]),
    };
    let both = |from: Option<&str>, to: Option<&str>| Both {
        from: from.map(Value::from),
        to: to.map(Value::from),
        base: pointer(&discriminators.base, base),
        revision: pointer(&discriminators.revision, revision),
    };
    let (old, new) = match (&discriminators.base, &discriminators.revision) {
        (None, None) => return,
        (None, Some(new)) => {
            let message = format!("`{}` is the discriminator now", new.name());
            return differences.schema("discriminator-added", both(None, new.property), message);
        }
        (Some(old), None) => {
            let message = format!("`{}` is no longer the discriminator", old.name());
            return differences.schema("discriminator-removed", both(old.property, None), message);
        }
        (Some(old), Some(new)) => (old, new),
    };
    if old.property != new.property {
        let (was, is) = (old.name(), new.name());
        let message = format!("the discriminator was `{was}` and is `{is}`");
        let both = both(old.property, new.property);
        differences.schema("discriminator-property-name-changed", both, message);
    }
    let fingerprints = |side: &mut Side<'a>, of: &Discriminator<'a>| -> BTreeMap<String, u64> {
        let values = of.values.iter();
        values
            .map(|(value, place)| (value.clone(), side.fingerprint(&vec![place.clone()])))
            .collect()
    };
    let before = fingerprints(&mut differences.comparer.base, old);
    let after = fingerprints(&mut differences.comparer.revision, new);
    let mut record = |change: &str, from, to, value: &str, message: &str| {
        let aspect = format!("discriminator-mapping-{change}");
        let message = format!("the discriminator value `{value}` {message}");
        differences.schema(aspect, both(from, to), message);
    };
    for (value, was) in &before {
        let Some(is) = after.get(value) else {
            record("deleted", Some(value), None, value, "is removed");
            continue;
        };
        // A value that selects another schema may select the same alternative, changed inside; not
        // so when another value selects that schema.
        let is_other =
            after.values().any(|other| other == was) || before.values().any(|other| other == is);
        if was != is && is_other {
            let message = "selects another alternative";
            record("changed", Some(value), Some(value), value, message);
        }
    }
    for value in after.keys().filter(|value| !before.contains_key(*value)) {
        record("added", None, Some(value), value, "is new");
    }
}
