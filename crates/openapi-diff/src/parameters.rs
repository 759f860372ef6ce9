//! Parameters of an operation, those of its path among them.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value;

use crate::comparer::{Comparer, Location, Role, Scope};
use crate::document::{Both, Document, Place};
use crate::paths::PathItem;
use crate::rules::necessity;

/// Headers that OpenAPI does not describe as parameters; a parameter of that name is ignored.
const IGNORED_HEADERS: [&str; 3] = ["accept", "content-type", "authorization"];

#[derive(Clone, Debug)]
struct Parameter<'a> {
    name: &'a str,
    location: &'a str,
    required: bool,
    place: Place<'a>,
    /// The media type of its value, when it has one.
    media_type: Option<&'a str>,
    /// The object with its schema: itself or the media type.
    holder: Place<'a>,
}

/// Location and name. Path parameters go by their number: their names are not on the wire.
type Key = (String, String);

impl<'a> Parameter<'a> {
    fn new(document: Document<'a>, place: Place<'a>) -> Option<Self> {
        let place = document.follow(place)?;
        let media_type = place.media_type();
        let holder = match &media_type {
            Some((_, media_type)) => media_type.clone(),
            None => place.clone(),
        };
        Some(Self {
            name: place.text("name")?,
            location: place.text("in")?,
            required: place.flag("required") || place.text("in") == Some("path"),
            media_type: media_type.map(|(name, _)| name),
            holder,
            place,
        })
    }

    fn key(&self, item: &PathItem<'_>) -> Option<Key> {
        let name = match self.location {
            "path" => {
                let mut names = item.parameters.iter();
                names.position(|name| *name == self.name)?.to_string()
            }
            "header" => self.name.to_ascii_lowercase(),
            _ => self.name.to_owned(),
        };
        let is_ignored = self.location == "header" && IGNORED_HEADERS.contains(&name.as_str());
        (!is_ignored).then(|| (self.location.to_owned(), name))
    }

    /// How arrays and objects are written.
    fn style(&self) -> String {
        if let Some(media_type) = self.media_type {
            return media_type.to_owned();
        }
        let default = match self.location {
            "query" | "cookie" => "form",
            _ => "simple",
        };
        let style = self.place.text("style").unwrap_or(default);
        let explode = self.place.value.get("explode").and_then(Value::as_bool);
        // deepObject has one form only.
        if explode.unwrap_or(style == "form") && style != "deepObject" {
            format!("{style}, exploded")
        } else {
            style.to_owned()
        }
    }

    fn at(&self, scope: &Rc<Scope>) -> Location {
        let part = format!("{} parameter `{}`", self.location, self.name);
        Location::new(scope, part)
    }
}

fn parameters<'a>(
    document: Document<'a>,
    item: &PathItem<'a>,
    operation: &Place<'a>,
) -> BTreeMap<Key, Parameter<'a>> {
    // A parameter of the operation replaces that of the path.
    let lists = [item.get("parameters"), operation.get("parameters")];
    let all = lists.iter().flatten().flat_map(Place::entries);
    all.filter_map(|place| {
        let parameter = Parameter::new(document, place)?;
        Some((parameter.key(item)?, parameter))
    })
    .collect()
}

pub(crate) fn compare<'a>(
    scope: &Rc<Scope>,
    (base, old): (&PathItem<'a>, &Place<'a>),
    (revision, new): (&PathItem<'a>, &Place<'a>),
    comparer: &mut Comparer<'a>,
) {
    let mut after = parameters(comparer.revision, revision, new);
    let mut removed = Vec::new();
    for (key, before) in parameters(comparer.base, base, old) {
        match after.remove(&key) {
            Some(after) => pair(scope, &before, &after, comparer),
            None => removed.push((key, before)),
        }
    }
    for ((_, name), before) in removed {
        let moved = after.keys().find(|(_, other)| *other == name).cloned();
        if let Some(after) = moved.and_then(|key| after.remove(&key)) {
            let both = Both::keyword(&before.place, &after.place, "in");
            let both = both.from(before.location).to(after.location);
            let (was, is) = (before.location, after.location);
            let message = format!("it was in the {was} and is in the {is}");
            let at = after.at(scope);
            comparer.record(&at, "request-parameter-in-changed", both, message);
            pair(scope, &before, &after, comparer);
            continue;
        }
        let both = Both::at(before.place.pointer.clone(), new.nearest("parameters"));
        let (mut id, mut message) = ("request-parameter-removed", "the parameter is removed");
        if before.place.flag("deprecated") {
            id = "request-parameter-removed-with-deprecation";
            message = "the parameter is removed; it was deprecated";
        }
        comparer.record(&before.at(scope), id, both.from(before.name), message);
    }
    for parameter in after.values() {
        let both = Both::at(old.nearest("parameters"), parameter.place.pointer.clone());
        let needed = necessity(parameter.required);
        let id = format!("new-{needed}-request-parameter");
        let message = format!("the parameter is new and {needed}");
        comparer.record(&parameter.at(scope), &id, both.to(parameter.name), message);
    }
}

fn pair<'a>(
    scope: &Rc<Scope>,
    old: &Parameter<'a>,
    new: &Parameter<'a>,
    comparer: &mut Comparer<'a>,
) {
    let at = old.at(scope);
    let both = |keyword: &str| Both::keyword(&old.place, &new.place, keyword);
    if old.name != new.name && old.location == "path" {
        let (was, is) = (old.name, new.name);
        let message = format!("the name in the path was `{was}` and is `{is}`");
        let both = both("name").from(was).to(is);
        comparer.record(&at, "api-path-parameter-renamed", both, message);
    }
    if old.required != new.required {
        let needed = necessity(new.required);
        let id = format!("request-parameter-became-{needed}");
        let both = both("required").from(old.required).to(new.required);
        comparer.record(&at, &id, both, format!("the parameter is {needed} now"));
    }
    comparer.deprecation(&at, Role::Parameter, &old.place, &new.place);
    let (was, is) = (old.style(), new.style());
    let has_media_type = old.media_type.is_some() || new.media_type.is_some();
    // A moved parameter has the style of its new place, and plain values are written alike in all.
    if was != is
        && old.location == new.location
        && (has_media_type || comparer.is_composite(&old.holder, &new.holder))
    {
        let message = format!("it was written as {was} and is written as {is}");
        let both = both("style").from(was).to(is);
        comparer.record(&at, "request-parameter-style-changed", both, message);
    }
    comparer.add_schemas(&at, Role::Parameter, &old.holder, &new.holder);
}
