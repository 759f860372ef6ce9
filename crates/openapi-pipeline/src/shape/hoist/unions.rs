//! Unions, and what tells their members apart.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Hoister, Site};
use crate::naming::rule::type_name;
use crate::shape::enums::scalars;
use crate::shape::responses::is_any;
use crate::shape::schema::{
    Components, MEMBER, flag, has_properties, properties, referred, required, text,
};
use crate::shape::types::of;
use crate::shape::{Member, Type, Union};

/// A union whose members are typed once every component is known.
pub(super) struct Draft {
    pub(super) name: String,
    description: String,
    tag: Option<String>,
    members: Vec<(Option<String>, Member, Value)>,
}

impl Hoister<'_> {
    pub(super) fn union(&mut self, name: &str, schema: &Value, members: &[Value], site: &Site<'_>) {
        let discriminator = schema.get("discriminator");
        let mut tag = discriminator
            .and_then(|discriminator| text(discriminator, "propertyName"))
            .map(str::to_owned);
        if tag.is_none() {
            tag = self.common_tag(members);
        }
        let members = members
            .iter()
            .enumerate()
            .map(|(index, member)| {
                let tags = self.tags(member, tag.as_deref(), discriminator);
                let label = component(member)
                    .map(|name| {
                        self.originals
                            .get(&name)
                            .map_or(name.clone(), |original| (*original).clone())
                    })
                    .or_else(|| text(member, "title").map(type_name))
                    .or_else(|| tags.first().map(|tag| type_name(tag)));
                let member_site = Site {
                    path: format!("{}|{index}", site.path),
                    by_rule: match &label {
                        Some(label) => format!("{name}{label}"),
                        None => format!("{name}Variant{}", index + 1),
                    },
                    property: None,
                    sent: site.sent,
                    place: site.place.child("oneOf").child(&index.to_string()),
                };
                let known = self.known_of(member, tags);
                (label, known, self.inline(member, &member_site))
            })
            .collect();
        self.drafts.push(Draft {
            name: name.to_owned(),
            description: text(schema, "description").unwrap_or_default().to_owned(),
            tag,
            members,
        });
    }

    /// A member whose name and type are not known yet.
    fn known_of(&self, member: &Value, tags: Vec<String>) -> Member {
        let schema = self.resolved(member);
        let needed = required(&schema);
        let mut known = Member {
            name: String::new(),
            place: 0,
            r#type: Type::Json,
            tags,
            properties: Vec::new(),
            required: Vec::new(),
            nullable: Vec::new(),
            never_null: Vec::new(),
            listed: Vec::new(),
            values: scalars(&schema),
        };
        for (name, property) in properties(&schema) {
            known.properties.push(name.clone());
            if needed.contains(name) && !flag(property, "writeOnly") {
                let list = match flag(property, "nullable") {
                    true => &mut known.nullable,
                    false => &mut known.required,
                };
                list.push(name.clone());
            } else if !flag(property, "nullable") && !is_any(property) {
                known.never_null.push(name.clone());
            }
            let values = scalars(&self.resolved(property));
            if !values.is_empty() {
                known.listed.push((name.clone(), values));
            }
        }
        known
    }

    /// The property whose values distinguish every member from the others.
    fn common_tag(&self, members: &[Value]) -> Option<String> {
        let candidates = |member: &Value| -> BTreeSet<String> {
            let schema = self.resolved(member);
            let needed = required(&schema);
            properties(&schema)
                .into_iter()
                .filter(|(name, property)| {
                    needed.contains(*name) && !scalars(&self.resolved(property)).is_empty()
                })
                .map(|(name, _)| name.clone())
                .collect()
        };
        let common = members
            .iter()
            .map(candidates)
            .reduce(|left, right| left.intersection(&right).cloned().collect());
        common?.into_iter().find(|property| {
            let mut seen = BTreeSet::new();
            members.iter().all(|member| {
                self.tags(member, Some(property), None)
                    .into_iter()
                    .all(|tag| seen.insert(tag))
            })
        })
    }

    fn tags(
        &self,
        member: &Value,
        tag: Option<&str>,
        discriminator: Option<&Value>,
    ) -> Vec<String> {
        let Some(tag) = tag else {
            return Vec::new();
        };
        let mapping =
            discriminator.and_then(|discriminator| discriminator.get("mapping")?.as_object());
        let name = component(member);
        let mut tags: Vec<String> = mapping
            .into_iter()
            .flatten()
            .filter(|(_, target)| {
                let target = target.as_str().unwrap_or_default();
                let last = target.rsplit('/').next();
                last.map(str::to_owned) == name
            })
            .map(|(value, _)| value.clone())
            .collect();
        if tags.is_empty() {
            let schema = self.resolved(member);
            tags = properties(&schema)
                .into_iter()
                .find(|(name, _)| *name == tag)
                .map(|(_, property)| scalars(&self.resolved(property)))
                .unwrap_or_default();
        }
        if tags.is_empty() && discriminator.is_some() {
            tags.extend(name);
        }
        tags.sort();
        tags
    }

    fn resolved(&self, schema: &Value) -> Value {
        match referred(schema) {
            Some(name) => self.source.get(&name).cloned().unwrap_or_default(),
            None => schema.clone(),
        }
    }
}

/// The component that a member is, or was before more was written into it.
fn component(member: &Value) -> Option<String> {
    referred(member).or_else(|| text(member, MEMBER).map(str::to_owned))
}

impl Draft {
    pub(super) fn finish(self, components: &Components) -> Union {
        let mut used = BTreeSet::from(["Unknown".to_owned()]);
        let mut members = self
            .members
            .into_iter()
            .enumerate()
            .map(|(index, (label, known, schema))| {
                let r#type = of(&schema);
                let mut name = label
                    .or_else(|| r#type.variant_name())
                    .unwrap_or_else(|| format!("Variant{}", index + 1));
                while !used.insert(name.clone()) {
                    name = format!("{name}{}", index + 1);
                }
                Member {
                    name,
                    place: index,
                    r#type,
                    ..known
                }
            })
            .collect::<Vec<_>>();
        members.sort_by_key(|member| rank(&member.r#type, components));
        Union {
            name: self.name,
            description: self.description,
            tag: self.tag,
            members,
        }
    }
}

/// Where a member of a type is tried: one that takes fewer values before one that takes more.
fn rank(r#type: &Type, components: &Components) -> u8 {
    match r#type {
        Type::Boolean => 0,
        Type::Unsigned | Type::Count | Type::Integer => 1,
        Type::Number => 2,
        Type::Timestamp | Type::Date => 3,
        Type::Boxed(inner) | Type::Nullable(inner) => rank(inner, components),
        Type::Named(name) if components.get(name).is_some_and(has_properties) => 4,
        Type::Named(_) => 5,
        Type::String | Type::Bytes => 6,
        Type::List(_) | Type::Map(_) => 7,
        Type::Json => 8,
    }
}
