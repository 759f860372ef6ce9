//! Makes a lowered document safe for progenitor, and computes what progenitor does not generate.
//!
//! progenitor panics on some documents and generates wrong code for others: it names inline schemas
//! by their place and treats two of the same name as one type, it rejects different error bodies in
//! one operation, its enums are closed, and it cannot send null. After this stage no schema is
//! inline, errors are uniform, and enums, unions and request bodies are in separate tables, from
//! which xtask prints them.

mod aliases;
mod bodies;
mod constraints;
mod content;
mod cycles;
mod direction;
mod enums;
mod errors;
mod flatten;
mod hoist;
mod model;
mod operations;
mod parameters;
mod queries;
mod responses;
mod route;
mod schema;
mod security;
mod servers;
mod types;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::keywords::Kind;
use crate::naming::{Names, identifier::Taken};
use crate::resolve;
use crate::{Problem, Problems};
pub use model::{
    Body, BodyFormat, Constraint, ConstraintKind, Credential, ErrorBody, Field, FieldStyle, Format,
    Location, Member, OpenEnum, Operation, Page, Parameter, Part, Payload, Presence,
    ResponseObject, RetryClass, Shaped, Type, Union, Variant,
};
use schema::Components;

/// Shapes a document that was normalised, named and lowered.
///
/// # Errors
///
/// One problem for each place that the generator cannot express, with an overlay action that would
/// resolve it, and for each entry of `names` that names nothing.
pub fn shape(document: &Value, names: &Names) -> Result<Shaped, Problems> {
    let mut problems = Problems::new();
    // Places in problems are those of the document, so what names a component comes before its
    // renaming.
    let mut components = flatten::flatten(&self::components(document), &mut problems);
    let nullable = aliases::take_nullable(&mut components);
    let (types, aliases) = aliases::inline_aliases(components, &mut problems);
    let mut document = document.clone();
    if let Some(schemas) = document.pointer_mut("/components/schemas") {
        *schemas = types.into_iter().collect();
    }
    aliases::push_down_nullable(Kind::Document, &mut document, &nullable);
    aliases::replace_aliases(Kind::Document, &mut document, &aliases);
    schema::use_type_names(&mut document);
    let document = &document;
    let mut drafts = operations::read(document, &mut problems);
    let components = self::components(document);

    let (mut request, mut response) = (BTreeSet::new(), BTreeSet::new());
    for draft in &drafts {
        draft.add_request_types(&mut request);
        draft.add_response_types(&mut response);
    }
    let mut directed = direction::split(&components, request, &response);

    let mut flatten = flatten::Flatten::new(&directed.components, &mut problems);
    for draft in &mut drafts {
        draft.prepare(&mut flatten, &directed.renamed);
    }
    for draft in &mut drafts {
        draft.mark_files(&mut directed.components);
    }
    let mut hoister = hoist::hoist(&directed, names, &mut problems);
    for draft in &mut drafts {
        draft.hoist(&mut hoister);
    }
    let mut errors = Vec::new();
    for draft in &mut drafts {
        draft.name_errors(&mut hoister, &mut errors);
    }
    let hoisted = hoister.finish();

    let mut unions = hoisted.unions;
    let responses = responses::table(&hoisted.components, &hoisted.sent, &unions);
    let mut bodies = bodies::bodies(
        &hoisted.components,
        &hoisted.sent,
        &responses,
        names,
        &mut problems,
    );
    types::box_cycles(&hoisted.components, &mut bodies, &mut unions);

    let mut operations: Vec<Operation> = drafts
        .iter()
        .map(|draft| draft.operation(&hoisted.components, &responses))
        .collect();
    operations.sort_by(|left, right| left.name.cmp(&right.name));
    unique(&mut operations, &mut problems);

    let elsewhere = hoisted
        .enums
        .names()
        .chain(unions.iter().map(|union| &union.name))
        .chain(&hoisted.sent);
    let elsewhere: BTreeSet<String> = elsewhere.cloned().collect();
    let document = json!({
        "openapi": "3.0.3",
        "info": info(document),
        "paths": paths(&drafts),
        "components": { "schemas": schemas(&hoisted.components, &elsewhere) },
    });
    problems.or(Shaped {
        document: crate::canonical::sort(document),
        operations,
        responses,
        errors,
        enums: hoisted.enums.finish(),
        bodies,
        unions,
    })
}

fn components(document: &Value) -> Components {
    resolve::components(document, "schemas")
        .map(|(name, schema)| (name.clone(), schema.clone()))
        .collect()
}

/// The part of `info` that the generated code shows.
fn info(document: &Value) -> Value {
    let field = |key: &str, default: &str| {
        let text = document
            .pointer(&format!("/info/{key}"))
            .and_then(Value::as_str);
        text.unwrap_or(default).to_owned()
    };
    // The generator makes a header of the version, and only these characters may be in one.
    let version = field("version", "0");
    let version: String = version.chars().filter(|c| matches!(c, ' '..='~')).collect();
    json!({ "title": field("title", "API"), "version": version })
}

fn paths(drafts: &[operations::Draft]) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for draft in drafts {
        let method = draft.endpoint.method.as_str();
        let mut template = draft.template();
        // Without their queries two paths may be one. A fragment tells them apart and is not sent.
        while paths
            .get(&template)
            .is_some_and(|item| item.get(method).is_some())
        {
            template.push('#');
        }
        let item = paths.entry(template).or_insert_with(|| json!({}));
        item[method] = draft.document();
    }
    Value::Object(paths)
}

/// What progenitor defines itself, relaxed, and a mention of each type that is printed elsewhere.
fn schemas(components: &Components, elsewhere: &BTreeSet<String>) -> Value {
    let defined = components
        .iter()
        .filter(|(name, _)| !elsewhere.contains(*name))
        .map(|(name, schema)| (name.clone(), responses::relaxed(name, schema)));
    let mentioned = elsewhere
        .iter()
        .map(|name| (name.clone(), json!({ "type": "object" })));
    defined.chain(mentioned).collect()
}

fn unique(operations: &mut [Operation], problems: &mut Problems) {
    // Names that differ in the place of a `_` alone are one in camel case.
    let mut taken = Taken::default();
    for operation in &mut *operations {
        operation.request = taken.free(&operation.request, "");
    }
    for pair in operations.windows(2) {
        if pair[0].name == pair[1].name {
            let place = crate::Pointer::root()
                .child("paths")
                .child(&pair[1].path)
                .child(&pair[1].method.to_ascii_lowercase());
            problems.push(Problem::new(
                &place,
                format!("the method name `{}`", pair[1].name),
                format!(
                    "{} {} has that name too; give one of them another in names.toml, [operations]",
                    pair[0].method, pair[0].path
                ),
            ));
        }
    }
}
