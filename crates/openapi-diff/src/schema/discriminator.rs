//! Discriminators: the property that tells alternatives apart, and the names that it gives them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::super::compare::Sides;
use super::super::place::{Document, Place};
use super::super::rules::Aspect;
use super::compare::Notes;
use super::flat::{Flat, Parts};
use super::print::DEPTH;
use super::view::View;
use super::{Comparer, Side};
use openapi_pipeline::resolve::component_reference;

/// The discriminator of a schema and the names that it gives to alternatives.
struct Discriminator<'a> {
    place: Place<'a>,
    property: Option<&'a str>,
    names: BTreeMap<String, Place<'a>>,
}

/// The discriminators of both sides.
pub(super) struct Names<'a> {
    base: Option<Discriminator<'a>>,
    revision: Option<Discriminator<'a>>,
}

impl<'a> Names<'a> {
    pub(super) fn of(base: &View<'a>, revision: &View<'a>, comparer: &mut Comparer<'a>) -> Self {
        Self {
            base: Discriminator::of(base, &mut comparer.base),
            revision: Discriminator::of(revision, &mut comparer.revision),
        }
    }

    /// Whether two alternatives have a name in common.
    pub(super) fn same(&self, base: &Flat<'a>, revision: &Flat<'a>) -> bool {
        let (Some(old), Some(now)) = (&self.base, &self.revision) else {
            return false;
        };
        let is = |flat: &Flat<'a>, place: &Place<'a>| {
            flat.sources
                .iter()
                .any(|source| source.address() == place.address())
        };
        old.names.iter().any(|(name, place)| {
            is(base, place) && now.names.get(name).is_some_and(|other| is(revision, other))
        })
    }
}

impl<'a> Discriminator<'a> {
    fn of(view: &View<'a>, side: &mut Side<'a>) -> Option<Self> {
        let union = view.union.as_ref();
        let own = union.and_then(|union| union.place.get("discriminator"));
        let place = own.or_else(|| {
            let sources = view.members.iter().flat_map(|member| &member.sources);
            sources
                .into_iter()
                .find_map(|source| source.get("discriminator"))
        })?;
        let property = place.text("propertyName");
        let mut names = BTreeMap::new();
        let mut mapped = BTreeSet::new();
        for (name, target) in place.get("mapping").iter().flat_map(Place::members) {
            if let Some(target) = target
                .value
                .as_str()
                .and_then(|target| named(side.document, target))
            {
                mapped.insert(target.address());
                names.insert(name.to_owned(), target);
            }
        }
        for member in union.map_or(&[][..], |union| &union.written) {
            let target = side.document.follow_schema(member.clone());
            if !mapped.contains(&target.address())
                && let Some(name) = side.implied_name(member, property)
            {
                names.entry(name).or_insert(target);
            }
        }
        Some(Self {
            place,
            property,
            names,
        })
    }
}

impl<'a> Side<'a> {
    /// The name of an alternative that no mapping mentions: the constant that it carries, or else
    /// the name of the component.
    fn implied_name(&mut self, member: &Place<'a>, property: Option<&str>) -> Option<String> {
        let parts: Parts<'a> = vec![member.clone()];
        if let [flat] = &self.view(&parts).members[..]
            && let Some(Value::String(tag)) =
                property.and_then(|property| self.tags(flat).remove(property))
        {
            return Some(tag);
        }
        let reference = member.text("$ref")?;
        openapi_pipeline::resolve::component_name(reference, "schemas")
    }
}

/// What a mapping refers to: a reference, or the bare name of a component.
fn named<'a>(document: Document<'a>, target: &str) -> Option<Place<'a>> {
    let place = document
        .target(&component_reference("schemas", target))
        .or_else(|| document.target(target))?;
    Some(document.follow_schema(place))
}

/// Compares what tells alternatives apart.
pub(super) fn compare<'a>(
    base: &View<'a>,
    revision: &View<'a>,
    names: &Names<'a>,
    notes: &mut Notes<'_, 'a>,
) {
    let pointer = |discriminator: &Option<Discriminator<'a>>, view: &View<'a>| match discriminator {
        Some(discriminator) => Some(discriminator.place.pointer.clone()),
        None => view.pointer(&[]),
    };
    let said = |from: Option<&str>, to: Option<&str>| Sides {
        from: from.map(Value::from),
        to: to.map(Value::from),
        base: pointer(&names.base, base),
        revision: pointer(&names.revision, revision),
    };
    let (old, now) = match (&names.base, &names.revision) {
        (None, None) => return,
        (None, Some(now)) => {
            let message = format!(
                "`{}` tells the alternatives apart now",
                now.property.unwrap_or_default()
            );
            notes.note(
                Aspect::DiscriminatorAdded,
                said(None, now.property),
                message,
            );
            return;
        }
        (Some(old), None) => {
            let message = format!(
                "`{}` no longer tells the alternatives apart",
                old.property.unwrap_or_default()
            );
            notes.note(
                Aspect::DiscriminatorRemoved,
                said(old.property, None),
                message,
            );
            return;
        }
        (Some(old), Some(now)) => (old, now),
    };
    if old.property != now.property {
        let message = format!(
            "`{}` tells the alternatives apart, no longer `{}`",
            now.property.unwrap_or_default(),
            old.property.unwrap_or_default()
        );
        notes.note(
            Aspect::DiscriminatorPropertyNameChanged,
            said(old.property, now.property),
            message,
        );
    }
    for name in old
        .names
        .keys()
        .filter(|name| !now.names.contains_key(*name))
    {
        let message = format!("the value `{name}` no longer tells an alternative");
        notes.note(
            Aspect::DiscriminatorMappingDeleted,
            said(Some(name), None),
            message,
        );
    }
    for name in now
        .names
        .keys()
        .filter(|name| !old.names.contains_key(*name))
    {
        let message = format!("the value `{name}` tells an alternative now");
        notes.note(
            Aspect::DiscriminatorMappingAdded,
            said(None, Some(name)),
            message,
        );
    }
    let prints =
        |side: &mut Side<'a>, discriminator: &Discriminator<'a>| -> BTreeMap<String, u64> {
            let names = discriminator.names.iter();
            names
                .map(|(name, place)| (name.clone(), side.print(&vec![place.clone()], DEPTH)))
                .collect()
        };
    let before = prints(&mut notes.comparer.base, old);
    let after = prints(&mut notes.comparer.revision, now);
    for (name, was) in &before {
        let Some(is) = after.get(name) else { continue };
        // A name that leads to another schema may lead to the same alternative, changed inside; not
        // so when another name has it.
        let moved =
            after.values().any(|print| print == was) || before.values().any(|print| print == is);
        if was != is && moved {
            let message = format!("the value `{name}` tells another alternative");
            notes.note(
                Aspect::DiscriminatorMappingChanged,
                said(Some(name), Some(name)),
                message,
            );
        }
    }
}
