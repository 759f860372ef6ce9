//! Cycles among named types.

use std::collections::{BTreeMap, BTreeSet};

/// Which name leads to which others.
pub(super) type Graph<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// The names in groups: two are in one group if each leads to the other. Each group comes after
/// those that it leads to. What is no key of the graph leads nowhere and is left out.
///
/// This is Tarjan's algorithm, with a stack of its own and in time proportional to the graph.
pub(super) fn groups<'a>(graph: &Graph<'a>) -> Vec<Vec<&'a str>> {
    let mut groups = Vec::new();
    // When a name was met, and the earliest that it leads back to.
    let mut met: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut open: Vec<&str> = Vec::new();
    let mut is_open: BTreeSet<&str> = BTreeSet::new();
    for (start, targets) in graph {
        if met.contains_key(start) {
            continue;
        }
        let mut path = Vec::new();
        let mut entered = Some((*start, targets));
        while let Some((name, targets)) = entered.take() {
            met.insert(name, (met.len(), met.len()));
            open.push(name);
            is_open.insert(name);
            path.push((name, targets.iter()));
            while let Some((name, targets)) = path.last_mut() {
                let next = targets.find_map(|target| graph.get_key_value(target));
                let Some((target, inner)) = next else {
                    let name = *name;
                    path.pop();
                    let (own, earliest) = met[name];
                    if let Some((parent, _)) = path.last() {
                        lower(&mut met, parent, earliest);
                    }
                    if own == earliest {
                        let first = open.iter().rposition(|other| *other == name);
                        let group = open.split_off(first.unwrap_or_default());
                        for name in &group {
                            is_open.remove(name);
                        }
                        groups.push(group);
                    }
                    continue;
                };
                match met.get(target) {
                    None => {
                        entered = Some((*target, inner));
                        break;
                    }
                    Some((own, _)) if is_open.contains(target) => {
                        let own = *own;
                        let name = *name;
                        lower(&mut met, name, own);
                    }
                    Some(_) => {}
                }
            }
        }
    }
    groups
}

fn lower(met: &mut BTreeMap<&str, (usize, usize)>, name: &str, earliest: usize) {
    if let Some((_, known)) = met.get_mut(name) {
        *known = earliest.min(*known);
    }
}
