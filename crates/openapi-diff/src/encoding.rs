//! How bodies are written: the media type, and the `encoding` of the fields of forms.

use std::collections::{BTreeMap, BTreeSet};

use openapi_pipeline::naming::essence;

use crate::comparer::{Comparer, Location};
use crate::document::{Both, Place};
use crate::parameters;
use crate::rules::Role;
use crate::schema::{Types, Wire};

/// Compares the encodings of a media type, and returns how its values are written.
pub(crate) fn compare<'a>(
    at: &Location,
    role: Role,
    media_type: &str,
    [old, new]: [&Place<'a>; 2],
    comparer: &mut Comparer<'a>,
) -> Wire {
    let media_type = essence(media_type);
    let is_multipart = media_type.starts_with("multipart/");
    if !is_multipart && media_type != "application/x-www-form-urlencoded" {
        return if media_type == "text/plain" {
            Wire::Text
        } else {
            Wire::Json
        };
    }
    let encodings = [old, new].map(|place| BTreeMap::from_iter(place.members_of("encoding")));
    let fields = [(true, old), (false, new)].map(|(of_base, place)| {
        let properties = comparer.schemas.properties(of_base, &place.schemas());
        let parts = properties.into_iter().map(|(name, parts, _)| (name, parts));
        parts.collect::<BTreeMap<_, _>>()
    });
    let mut wire = Wire::Form;
    let names: BTreeSet<&str> = encodings
        .iter()
        .flat_map(|all| all.keys().copied())
        .collect();
    for name in names {
        let [Some(was), Some(is)] = fields.each_ref().map(|fields| fields.get(name)) else {
            continue;
        };
        let [was, is] = [(true, was), (false, is)].map(|(of_base, parts)| {
            let encoding = &encodings[usize::from(!of_base)];
            let encoding = encoding.get(name);
            let stated = encoding.and_then(|encoding| encoding.text("contentType"));
            // Then a plain value is written with its quotes.
            if stated.is_some_and(|stated| stated.contains("json")) {
                wire = Wire::Json;
            }
            let types = comparer.schemas.types_of(of_base, parts);
            if is_multipart {
                let stated = stated.unwrap_or_else(|| comparer.schemas.media_type(of_base, parts));
                Field::new(encoding, Some(stated), types)
            } else {
                Field::new(encoding, None, types)
            }
        });
        let change = match role {
            _ if was == is => continue,
            _ if was.style != is.style => "changed",
            Role::RequestBody if is.accepts(&was) => "generalized",
            Role::ResponseBody if was.accepts(&is) => "specialized",
            _ => "changed",
        };
        let side = if role == Role::RequestBody {
            "request"
        } else {
            "response"
        };
        let place = |index: usize, around: &Place<'a>| {
            let field = encodings[index]
                .get(name)
                .map(|place| place.pointer.clone());
            field.unwrap_or_else(|| around.nearest("encoding"))
        };
        let both = Both::at(place(0, old), place(1, new));
        let (from, to) = (was.to_string(), is.to_string());
        let message = format!("`{name}` was written as {from} and is written as {to}");
        let id = format!("{side}-property-encoding-{change}");
        let property = Some(name.to_owned());
        comparer.push(at, &id, property, both.from(from).to(to), message);
    }
    wire
}

/// How one field is written.
#[derive(PartialEq)]
struct Field {
    /// Its media types, for multipart; one of them is enough.
    types: BTreeSet<String>,
    /// How arrays and objects are written: the style, or the media type in other forms.
    style: String,
    /// The headers that it must have.
    headers: BTreeSet<String>,
}

impl Field {
    fn new(encoding: Option<&Place<'_>>, media_types: Option<&str>, values: Types) -> Self {
        let types = media_types.into_iter().flat_map(|types| types.split(','));
        let types = types.map(|name| name.trim().to_ascii_lowercase()).collect();
        let stated = encoding.and_then(|encoding| encoding.text("contentType"));
        // Plain values are written alike in every style.
        let mut style = match (encoding, stated) {
            _ if !values.intersects(Types::ARRAY | Types::OBJECT) => String::new(),
            (_, Some(stated)) if media_types.is_none() => stated.to_owned(),
            (Some(encoding), _) => parameters::style(encoding, "form"),
            (None, _) => parameters::EXPLODED.to_owned(),
        };
        if encoding.is_some_and(|encoding| encoding.flag("allowReserved")) {
            style.push_str(" with reserved characters as they are");
        }
        let headers = encoding.map(|encoding| encoding.members_of("headers"));
        let headers = headers.into_iter().flatten();
        let required = headers.filter(|(_, header)| header.flag("required"));
        let headers = required.map(|(name, _)| name.to_ascii_lowercase());
        Self {
            types,
            style,
            headers: headers.collect(),
        }
    }

    /// Whether it can be written as another one is.
    fn accepts(&self, other: &Self) -> bool {
        self.types.is_superset(&other.types) && self.headers.is_subset(&other.headers)
    }
}

impl std::fmt::Display for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let types = self.types.iter().cloned().collect::<Vec<_>>().join(" or ");
        let parts = [types, self.style.clone()];
        let headers = self.headers.iter().map(|name| format!("the header {name}"));
        let parts = parts
            .into_iter()
            .chain(headers)
            .filter(|part| !part.is_empty());
        f.write_str(&parts.collect::<Vec<_>>().join(", "))
    }
}
