//! Types that contain themselves are boxed where the circle closes.

use std::collections::{BTreeMap, BTreeSet};

use super::schema::{Components, properties, referred};
use super::{Body, Type, Union};

/// Boxes the fields of bodies and the members of unions through which a type would contain itself.
///
/// The generator does this for the types it defines; these it does not see into.
pub(super) fn box_cycles(components: &Components, bodies: &mut [Body], unions: &mut [Union]) {
    let held = held(components, unions);
    for body in bodies {
        for field in &mut body.fields {
            box_if_cyclic(&mut field.r#type, &body.name, &held);
        }
    }
    for union in unions {
        for member in &mut union.members {
            box_if_cyclic(&mut member.r#type, &union.name, &held);
        }
    }
}

fn box_if_cyclic(r#type: &mut Type, owner: &str, held: &BTreeMap<String, BTreeSet<String>>) {
    let Type::Named(name) = &*r#type else {
        return;
    };
    let mut open = BTreeSet::from([name.clone()]);
    let mut seen = BTreeSet::new();
    while let Some(next) = open.pop_first() {
        if next == owner {
            *r#type = Type::Boxed(Box::new(r#type.clone()));
            return;
        }
        if seen.insert(next.clone()) {
            open.extend(held.get(&next).into_iter().flatten().cloned());
        }
    }
}

/// What every type holds in itself, not behind a list or a map.
fn held(components: &Components, unions: &[Union]) -> BTreeMap<String, BTreeSet<String>> {
    let mut held: BTreeMap<String, BTreeSet<String>> = components
        .iter()
        .map(|(name, schema)| {
            let mut names: BTreeSet<String> = properties(schema)
                .into_iter()
                .filter_map(|(_, property)| referred(property))
                .collect();
            names.extend(referred(schema));
            (name.clone(), names)
        })
        .collect();
    for union in unions {
        let names = union
            .members
            .iter()
            .filter_map(|member| match &member.r#type {
                Type::Named(name) => Some(name.clone()),
                _ => None,
            });
        held.insert(union.name.clone(), names.collect());
    }
    held
}
