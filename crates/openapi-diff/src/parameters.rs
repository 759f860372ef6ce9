//! Parameters of an operation, those of its path among them.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::compare::{At, Comparison, Role, Scope, Sides};
use super::operations::PathItem;
use super::place::{Document, Place};
use super::rules::{Aspect, Named};

/// Headers that OpenAPI does not describe as parameters; whoever does is not heard.
const NOT_PARAMETERS: [&str; 3] = ["accept", "content-type", "authorization"];

#[derive(Clone, Debug)]
struct Parameter<'a> {
    name: &'a str,
    placed: &'a str,
    required: bool,
    place: Place<'a>,
    /// The media type of its value, when it has one.
    media_type: Option<&'a str>,
    /// What holds its schema.
    holder: Place<'a>,
}

/// Where a parameter is and what it is called. Parameters of the path go by their number: their
/// names are not on the wire.
type Key = (String, String);

impl<'a> Parameter<'a> {
    fn of(document: Document<'a>, place: Place<'a>) -> Option<Self> {
        let place = document.follow(place)?;
        let content = place.get("content");
        let media_type = content
            .as_ref()
            .and_then(|content| content.members().next());
        let holder = match &media_type {
            Some((_, media_type)) => media_type.clone(),
            None => place.clone(),
        };
        Some(Self {
            name: place.text("name")?,
            placed: place.text("in")?,
            required: place.flag("required") || place.text("in") == Some("path"),
            media_type: media_type.map(|(name, _)| name),
            holder,
            place,
        })
    }

    fn key(&self, item: &PathItem<'_>) -> Option<Key> {
        let name = match self.placed {
            "path" => item
                .names
                .iter()
                .position(|name| *name == self.name)?
                .to_string(),
            "header" => self.name.to_ascii_lowercase(),
            _ => self.name.to_owned(),
        };
        let is_heard = self.placed != "header" || !NOT_PARAMETERS.contains(&name.as_str());
        is_heard.then(|| (self.placed.to_owned(), name))
    }

    /// How arrays and objects are written.
    fn style(&self) -> String {
        if let Some(media_type) = self.media_type {
            return media_type.to_owned();
        }
        let default = if matches!(self.placed, "query" | "cookie") {
            "form"
        } else {
            "simple"
        };
        let style = self.place.text("style").unwrap_or(default);
        let explode = match self
            .place
            .value
            .get("explode")
            .and_then(serde_json::Value::as_bool)
        {
            Some(explode) => explode,
            None => style == "form",
        };
        // deepObject has one form only.
        let exploded = if explode && style != "deepObject" {
            ", exploded"
        } else {
            ""
        };
        format!("{style}{exploded}")
    }
}

fn parameters<'a>(
    document: Document<'a>,
    item: &PathItem<'a>,
    operation: &Place<'a>,
) -> BTreeMap<Key, Parameter<'a>> {
    // What the operation says takes the place of what the path says.
    let lists = [item.get("parameters"), operation.get("parameters")];
    let all = lists.iter().flatten().flat_map(Place::entries);
    all.filter_map(|place| {
        let parameter = Parameter::of(document, place)?;
        Some((parameter.key(item)?, parameter))
    })
    .collect()
}

pub(super) fn compare<'a>(
    scope: &Rc<Scope>,
    (base, old): (&PathItem<'a>, &Place<'a>),
    (revision, now): (&PathItem<'a>, &Place<'a>),
    comparison: &mut Comparison<'a>,
) {
    let mut after = parameters(comparison.revision, revision, now);
    let mut gone = Vec::new();
    for (key, before) in parameters(comparison.base, base, old) {
        match after.remove(&key) {
            Some(after) => pair(scope, &before, &after, comparison),
            None => gone.push((key, before)),
        }
    }
    for ((_, name), before) in gone {
        let moved = after.keys().find(|(_, other)| *other == name).cloned();
        match moved.and_then(|key| after.remove(&key)) {
            Some(after) => {
                let at = at(scope, &after);
                let sides = Sides::at(before.place.nearest("in"), after.place.nearest("in"));
                let message = format!(
                    "it was in the {} and is in the {}",
                    before.placed, after.placed
                );
                comparison.note(
                    &at,
                    Named::ParameterMoved,
                    sides.from(before.placed).to(after.placed),
                    message,
                );
                pair(scope, &before, &after, comparison);
            }
            None => removed(scope, &before, now, comparison),
        }
    }
    for parameter in after.values() {
        let sides = Sides::at(old.nearest("parameters"), parameter.place.pointer.clone())
            .to(parameter.name);
        let (rule, message) = if parameter.required {
            (
                Named::NewRequiredParameter,
                "the parameter is new and must be sent",
            )
        } else {
            (
                Named::NewOptionalParameter,
                "the parameter is new and may be sent",
            )
        };
        comparison.note(&at(scope, parameter), rule, sides, message);
    }
}

fn at(scope: &Rc<Scope>, parameter: &Parameter<'_>) -> At {
    At::new(
        scope,
        format!("{} parameter `{}`", parameter.placed, parameter.name),
    )
}

fn removed<'a>(
    scope: &Rc<Scope>,
    before: &Parameter<'a>,
    now: &Place<'a>,
    comparison: &mut Comparison<'a>,
) {
    let sides =
        Sides::at(before.place.pointer.clone(), now.nearest("parameters")).from(before.name);
    let (rule, message) = if before.place.flag("deprecated") {
        (
            Named::ParameterRemovedWithDeprecation,
            "the parameter is gone; it was deprecated",
        )
    } else {
        (Named::ParameterRemoved, "the parameter is gone")
    };
    comparison.note(&at(scope, before), rule, sides, message);
}

fn pair<'a>(
    scope: &Rc<Scope>,
    before: &Parameter<'a>,
    after: &Parameter<'a>,
    comparison: &mut Comparison<'a>,
) {
    let at = at(scope, before);
    let sides =
        |keyword: &str| Sides::at(before.place.nearest(keyword), after.place.nearest(keyword));
    if before.name != after.name && before.placed == "path" {
        let message = format!(
            "the path calls it `{}` and no longer `{}`",
            after.name, before.name
        );
        comparison.note(
            &at,
            Named::PathParameterRenamed,
            sides("name").from(before.name).to(after.name),
            message,
        );
    }
    if before.required != after.required {
        let (rule, message) = if after.required {
            (
                Named::ParameterBecameRequired,
                "the parameter must be sent now",
            )
        } else {
            (
                Named::ParameterBecameOptional,
                "the parameter may be left out now",
            )
        };
        comparison.note(
            &at,
            rule,
            sides("required").from(before.required).to(after.required),
            message,
        );
    }
    let (was, is) = (
        before.place.flag("deprecated"),
        after.place.flag("deprecated"),
    );
    if was != is {
        let (aspect, message) = if is {
            (Aspect::Deprecated, "it is deprecated")
        } else {
            (Aspect::Reactivated, "it is no longer deprecated")
        };
        comparison.note_beside(
            &at,
            Role::Parameter,
            aspect,
            sides("deprecated").from(was).to(is),
            message,
        );
    }
    let (was, is) = (before.style(), after.style());
    let is_said = before.media_type.is_some() || after.media_type.is_some();
    // One that moved is written as the new place demands, and of a plain value the style is not
    // seen.
    if was != is
        && before.placed == after.placed
        && (is_said || comparison.is_composite(&before.holder, &after.holder))
    {
        let message = format!("it was written as {was} and is written as {is}");
        comparison.note(
            &at,
            Named::ParameterStyleChanged,
            sides("style").from(was).to(is),
            message,
        );
    }
    comparison.schemas(&at, Role::Parameter, &before.holder, &after.holder);
}
