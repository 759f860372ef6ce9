//! Objects in requests and objects in responses are two types.
//!
//! In a request an absent key differs from a null one; in a response a missing key is accepted. A
//! component used both ways is copied, and the copy that is sent is called `…Input`.

use std::collections::{BTreeMap, BTreeSet};

use super::schema::{Components, has_properties, rename_references};
use crate::keywords::Kind;
use crate::resolve::{mentioned, reachable};

/// The components, and which of them are sent.
pub(super) struct Directed {
    pub(super) components: Components,
    /// Those that are sent.
    pub(super) sent: BTreeSet<String>,
    /// What request bodies that pointed at a component used both ways point at now.
    pub(super) renamed: BTreeMap<String, String>,
}

/// Parts the components by direction. `request` and `response` are the components that operations
/// mention themselves.
pub(super) fn split(
    components: &Components,
    request: BTreeSet<String>,
    response: &BTreeSet<String>,
) -> Directed {
    let schema = |name: &str| components.get(name);
    let sent = reachable(request, schema);
    let unused: BTreeSet<String> = components
        .keys()
        .filter(|name| !sent.contains(*name))
        .cloned()
        .collect();
    // What no operation uses is treated as a response, the type that accepts more.
    let returned = reachable(response.union(&unused).cloned().collect(), schema);

    let objects_inside = holding_objects(components);
    let mut renamed = BTreeMap::new();
    let mut taken: BTreeSet<String> = components.keys().cloned().collect();
    for name in sent
        .intersection(&returned)
        .filter(|name| objects_inside.contains(name.as_str()))
    {
        let mut copy = format!("{name}Input");
        while !taken.insert(copy.clone()) {
            copy.push_str("Input");
        }
        renamed.insert(name.clone(), copy);
    }

    let mut directed = Components::new();
    let mut in_requests = BTreeSet::new();
    for (name, schema) in components {
        let is_sent = sent.contains(name);
        if is_sent {
            let copy = renamed.get(name).unwrap_or(name);
            let mut schema = schema.clone();
            rename_references(Kind::Schema, &mut schema, &renamed);
            in_requests.insert(copy.clone());
            directed.insert(copy.clone(), schema);
        }
        if !is_sent || renamed.contains_key(name) {
            directed.insert(name.clone(), schema.clone());
        }
    }
    Directed {
        components: directed,
        sent: in_requests,
        renamed,
    }
}

/// The components that are objects, and those that lead to one.
fn holding_objects(components: &Components) -> BTreeSet<&str> {
    let mut users: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let mut open = Vec::new();
    for (name, schema) in components {
        let mut inner = BTreeSet::new();
        mentioned(Kind::Schema, schema, &mut inner);
        for inner in inner {
            users.entry(inner).or_default().push(name);
        }
        if has_properties(schema) {
            open.push(name.as_str());
        }
    }
    let mut holding = BTreeSet::new();
    while let Some(name) = open.pop() {
        if holding.insert(name) {
            open.extend(users.get(name).into_iter().flatten());
        }
    }
    holding
}
