//! Parameters of an operation, those of its path among them.

use std::collections::BTreeMap;
use std::rc::Rc;

use openapi_pipeline::Pointer;
use serde_json::Value;

use crate::comparer::{Comparer, Location, Scope};
use crate::document::{Both, Document, Place};
use crate::paths::PathItem;
use crate::responses::Sent;
use crate::rules::{Role, necessity};
use crate::schema::{Parts, Types, Wire};

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
    /// The schemas of its value.
    schema: Parts<'a>,
}

/// Location and name. Path parameters go by their number: their names are not on the wire.
type Key = (String, String);

impl<'a> Parameter<'a> {
    fn new(document: Document<'a>, place: Place<'a>) -> Option<Self> {
        let place = document.follow(place)?;
        Some(Self {
            name: place.text("name")?,
            location: place.text("in")?,
            required: place.flag("required") || place.text("in") == Some("path"),
            media_type: place.media_type().map(|(name, _)| name),
            schema: place.schemas(),
            place,
        })
    }

    fn key(&self, item: &PathItem<'_>) -> Option<Key> {
        let name = match self.location {
            "path" => {
                // A name that the path does not have is all there is to go by.
                let names = || item.parameters.iter();
                let same = names().position(|name| *name == self.name);
                let position =
                    same.or_else(|| names().position(|name| name.eq_ignore_ascii_case(self.name)));
                position.map_or_else(|| self.name.to_owned(), |index| index.to_string())
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
        style(&self.place, default)
    }

    /// Whether its properties are written like parameters of their own.
    fn is_exploded_object(&self) -> bool {
        matches!(self.location, "query" | "cookie") && self.style() == EXPLODED
    }

    fn at(&self, scope: &Rc<Scope>) -> Location {
        let part = format!("{} parameter `{}`", self.location, self.name);
        Location::new(scope, part)
    }
}

/// The style of exploded query parameters.
pub(crate) const EXPLODED: &str = "form, exploded";

/// The style of a parameter or of a field of a form, when another one is the default.
pub(crate) fn style(place: &Place<'_>, default: &str) -> String {
    let style = place.text("style").unwrap_or(default);
    let explode = place.value.get("explode").and_then(Value::as_bool);
    // deepObject has one form only.
    if explode.unwrap_or(style == "form") && style != "deepObject" {
        format!("{style}, exploded")
    } else {
        style.to_owned()
    }
}

/// The parameters of a request of the server.
pub(crate) fn sent<'a>(
    document: Document<'a>,
    item: &PathItem<'a>,
    operation: &Place<'a>,
) -> Sent<'a> {
    let parameters = parameters(document, item, operation).into_iter();
    let named = parameters.map(|((location, name), parameter)| {
        let part = format!("{location} parameter `{}`", parameter.name);
        (
            format!("{location} {name}"),
            (parameter.name, part, parameter.place),
        )
    });
    named.collect()
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
    let mut removed = BTreeMap::new();
    for (key, before) in parameters(comparer.base, base, old) {
        match after.remove(&key) {
            Some(after) => pair(scope, &before, &after, comparer),
            None => {
                removed.insert(key, before);
            }
        }
    }
    split(scope, &mut after, &removed, false, comparer);
    split(scope, &mut removed, &after, true, comparer);
    for (key, before) in removed {
        if let Some(after) = after.remove(&key) {
            pair(scope, &before, &after, comparer);
            continue;
        }
        let name = &key.1;
        let moved = after.keys().find(|(_, other)| other == name).cloned();
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
    let places = [&old.place, &new.place];
    comparer.lifecycle(&at, places, |aspect| Role::Parameter.rule(aspect, false));
    if old.location == "query" && new.location == "query" {
        let rules = [
            (
                "request-parameter-became-allow-reserved",
                "reserved characters can be sent as they are now",
            ),
            (
                "request-parameter-became-not-allow-reserved",
                "reserved characters must be encoded now",
            ),
        ];
        comparer.flag(&at, "allowReserved", places, rules);
    }
    let (was, is) = (old.style(), new.style());
    let has_media_type = old.media_type.is_some() || new.media_type.is_some();
    // Arrays in paths and headers are written alike, exploded or not.
    let composite = if was.starts_with("simple") && is.starts_with("simple") {
        Types::OBJECT
    } else {
        Types::ARRAY | Types::OBJECT
    };
    // A moved parameter has the style of its new place, and plain values are written alike in all.
    let is_composite = [(true, old), (false, new)].map(|(of_base, parameter)| {
        let types = comparer.schemas.types_of(of_base, &parameter.schema);
        types.intersects(composite)
    });
    if was != is && old.location == new.location && (has_media_type || is_composite == [true; 2]) {
        let message = format!("it was written as {was} and is written as {is}");
        let both = both("style").from(&was[..]).to(&is[..]);
        comparer.record(&at, "request-parameter-style-changed", both, message);
    }
    let wire = match (&was[..], &is[..]) {
        _ if [old, new]
            .iter()
            .any(|one| one.media_type.is_some_and(|name| name != "text/plain")) =>
        {
            Wire::Json
        }
        ("deepObject", _) | (_, "deepObject") => Wire::DeepObject,
        // How a plain value would be written as a list does not matter.
        styles if is_composite[0] && styles.0 == EXPLODED => Wire::Exploded,
        styles if is_composite[1] && styles.1 == EXPLODED => Wire::Exploded,
        _ => Wire::Text,
    };
    let schemas = [&old.schema, &new.schema];
    comparer.add_schemas(&at, (Role::Parameter, wire), places, schemas);
}

/// Replaces exploded objects whose properties are parameters of their own on the other side by these
/// properties.
fn split<'a>(
    scope: &Rc<Scope>,
    here: &mut BTreeMap<Key, Parameter<'a>>,
    there: &BTreeMap<Key, Parameter<'a>>,
    of_base: bool,
    comparer: &mut Comparer<'a>,
) {
    let objects = here.iter().filter(|(_, one)| one.is_exploded_object());
    let keys: Vec<Key> = objects.map(|(key, _)| key.clone()).collect();
    // What is written on the other side, and where it is declared.
    let mut written: BTreeMap<Key, Pointer> = BTreeMap::new();
    for ((location, name), other) in there {
        let mut names = vec![name.clone()];
        if !keys.is_empty() && other.is_exploded_object() {
            let properties = comparer.schemas.properties(!of_base, &other.schema);
            names.extend(properties.into_iter().map(|(name, ..)| name.to_owned()));
        }
        let pointer = &other.place.pointer;
        written.extend(
            names
                .into_iter()
                .map(|name| ((location.clone(), name), pointer.clone())),
        );
    }
    for key in keys {
        let key_of = |name: &str| (key.0.clone(), name.to_owned());
        let properties = comparer.schemas.properties(of_base, &here[&key].schema);
        let mut others = properties
            .iter()
            .filter_map(|(name, ..)| written.get(&key_of(name)));
        let Some(other) = others.next() else {
            continue;
        };
        let Some(object) = here.remove(&key) else {
            continue;
        };
        let mut pointers = [other.clone(), object.place.pointer.clone()];
        let message = if of_base {
            pointers.reverse();
            "its properties are parameters of their own now; requests are the same"
        } else {
            "parameters are the properties of this object now; requests are the same"
        };
        let [base, revision] = pointers;
        let both = Both::at(base, revision);
        comparer.record(
            &object.at(scope),
            "request-parameter-regrouped",
            both,
            message,
        );
        for (name, schema, required) in properties {
            let property = Parameter {
                name,
                schema,
                required: required && object.required,
                ..object.clone()
            };
            here.insert(key_of(name), property);
        }
    }
}
