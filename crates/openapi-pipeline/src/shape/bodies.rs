//! Objects that are sent.

use std::collections::BTreeSet;

use serde_json::Value;

use super::constraints::{described, of_property};
use super::parameters::id_of;
use super::schema::{Components, flag, is_guess, properties, required, text};
use super::types::of;
use super::{Body, Field, ResponseObject, Type};
use crate::naming::{Names, identifier::free_field, identifier::snake};
use crate::resolve::schema_pointer;
use crate::{Problem, Problems};

/// Names that the generated type needs for itself.
const RESERVED: &str = "changes clone default extra into is_empty new validate";

/// The objects that are sent, from the hoisted components.
pub(super) fn bodies(
    components: &Components,
    sent: &BTreeSet<String>,
    responses: &[ResponseObject],
    names: &Names,
    problems: &mut Problems,
) -> Vec<Body> {
    for name in names
        .constructors
        .keys()
        .filter(|name| !sent.contains(*name))
    {
        problems.push(Problem::new(
            &schema_pointer(name),
            format!("names.toml, [constructors], {name}"),
            "no body has that name; remove the entry or correct it".to_owned(),
        ));
    }
    sent.iter()
        .filter_map(|name| Some((name, components.get(name)?)))
        .map(|(name, schema)| body(name, schema, components, responses, names, problems))
        .collect()
}

fn body(
    name: &str,
    schema: &Value,
    components: &Components,
    responses: &[ResponseObject],
    names: &Names,
    problems: &mut Problems,
) -> Body {
    let needed = required(schema);
    // The server sets what is read-only and does not accept it.
    let settable: Vec<_> = properties(schema)
        .into_iter()
        .filter(|(_, property)| !flag(property, "readOnly"))
        .collect();
    // Any JSON is null, too.
    let is_nullable = |wire: &String, property: &Value| {
        flag(property, "nullable") || of(property) == Type::Json && !needed.contains(wire)
    };
    let clearable =
        |wire: &String, property: &Value| is_nullable(wire, property) && !needed.contains(wire);
    let wires: Vec<(&str, bool)> = settable
        .iter()
        .map(|(wire, property)| (wire.as_str(), clearable(wire, property)))
        .collect();
    let fields: Vec<Field> = settable
        .into_iter()
        .zip(field_names(&wires))
        .map(
            |((wire, property), FieldNames { rust, maybe, clear })| Field {
                wire: wire.clone(),
                rust,
                maybe,
                clear,
                description: described(
                    text(property, "description").unwrap_or_default(),
                    property,
                    components,
                ),
                required: needed.contains(wire),
                nullable: is_nullable(wire, property),
                guess: is_guess(property),
                r#type: of(property),
                id_of: (of(property) == Type::String)
                    .then(|| id_of(wire, responses))
                    .flatten(),
                limits: of_property(wire, property, components),
                format: format(property),
            },
        )
        .collect();
    let required: Vec<String> = fields
        .iter()
        .filter(|field| field.required)
        .map(|field| field.wire.clone())
        .collect();
    let arguments = match names.constructors.get(name) {
        None => required,
        Some(order) => {
            let listed: BTreeSet<&String> = order.iter().collect();
            if listed != required.iter().collect() || listed.len() != order.len() {
                problems.push(Problem::new(
                    &schema_pointer(name).child("required"),
                    format!("required: {}", required.join(", ")),
                    format!(
                        "names.toml, [constructors], orders {}; list exactly the required properties there",
                        order.join(", ")
                    ),
                ));
            }
            order.clone()
        }
    };
    Body {
        name: name.to_owned(),
        description: text(schema, "description").unwrap_or_default().to_owned(),
        guess: is_guess(schema),
        fields,
        arguments,
    }
}

/// The format of a string, if its type does not imply it.
fn format(property: &Value) -> Option<String> {
    let format = text(property, "format")?;
    (of(property) == Type::String).then(|| format.to_owned())
}

/// The names of a field and of its setters.
struct FieldNames {
    rust: String,
    maybe: String,
    clear: Option<String>,
}

/// Names of fields and of their setters, none twice.
///
/// A property that is called as its field would be keeps that name; of the others the later one
/// gives way. Objects in responses do the same.
fn field_names(wires: &[(&str, bool)]) -> Vec<FieldNames> {
    let mut taken: BTreeSet<String> = RESERVED.split(' ').map(str::to_owned).collect();
    let mut fields: Vec<String> = vec![String::new(); wires.len()];
    for exact in [true, false] {
        for (field, (wire, _)) in fields.iter_mut().zip(wires) {
            let wanted = snake(wire);
            if (wanted == **wire) == exact {
                *field = free_field(&wanted, &mut taken);
            }
        }
    }
    fields
        .into_iter()
        .zip(wires)
        .map(|(rust, (_, clearable))| {
            let plain = rust.strip_suffix('_').unwrap_or(&rust);
            let clear = clearable.then(|| free_field(&format!("clear_{plain}"), &mut taken));
            let maybe = free_field(&format!("maybe_{plain}"), &mut taken);
            FieldNames { rust, maybe, clear }
        })
        .collect()
}
