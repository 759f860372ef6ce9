//! The life of a record: created, changed, cleared, listed, deleted.

use pivotal_openapi::Operation;
use pivotal_openapi::schema::types;
use serde_json::{Value, json};

use super::reads::{List, with_row};
use crate::operation_cases::{Inputs, OperationCase, SendRequest};
use crate::suite::fixture::{Fixture, Flow, Stop};
use crate::suite::resource::{PARENT, Resource, rows};

/// Created with the minimum, updated with each request of the case table, and deleted twice.
pub(super) async fn minimal(fixture: &Fixture, resource: &Resource, row: &OperationCase) -> Flow {
    let (created, inputs) = create(fixture, resource, row.minimal, "minimal").await?;
    has_defaults(fixture, resource, &created);
    let create = &resource.create;
    is_kept(fixture, resource, create, &inputs).await?;
    if let Some((update, row)) = with_row(resource.update.as_ref()) {
        for (_, send) in row.requests() {
            let changed = fixture.ok(update, send, &inputs).await?;
            fixture.echoes(update, &changed);
            is_kept(fixture, resource, update, &inputs).await?;
        }
        refuses_invalid_body(fixture, update, &inputs).await?;
    }
    let Some((delete, row)) = with_row(resource.delete.as_ref()) else {
        return Ok(());
    };
    for _ in 0..2 {
        let deleted = fixture.ok(delete, row.minimal, &inputs).await?;
        let same = deleted["id"] == created["id"] && deleted["display_id"] == created["display_id"];
        let message = "another record than was deleted";
        fixture.expect(delete, same, "/response/body/id", None, message);
    }
    if let Some((get, row)) = with_row(resource.get.as_ref()) {
        let sent = (row.minimal)(&fixture.client, &inputs).await;
        fixture.refused(get, 404, sent)?;
    }
    Ok(())
}

/// Created with the maximum, once under its idempotency key.
pub(super) async fn maximal(fixture: &Fixture, resource: &Resource, row: &OperationCase) -> Flow {
    let send = row.maximal.unwrap_or(row.minimal);
    let operation = &resource.create;
    let (created, inputs) = create(fixture, resource, send, "maximal").await?;
    if operation.parameter("header", "Idempotency-Key").is_some() {
        let again = fixture.create(resource, send, &inputs).await?;
        let once = again["id"] == created["id"];
        let message = "a second record under one idempotency key";
        fixture.expect(operation, once, "/response/body/id", None, message);
        let mut other = inputs.clone();
        other.name.push_str("-other");
        let sent = (row.minimal)(&fixture.client, &other).await;
        fixture.refused(operation, 409, sent)?;
    }
    if let Some(send) = row.cleared {
        create(fixture, resource, send, "cleared").await?;
    }
    for operation in &resource.lists {
        let list = List::new(fixture, operation, &inputs);
        list.filters(&created).await?;
        if operation.path.contains('{') {
            list.refuses_invalid_query().await?;
        }
    }
    refuses_invalid_body(fixture, operation, &inputs).await
}

/// A value that another record has is refused, for a new record and for an old one.
pub(super) async fn conflicts(
    fixture: &Fixture,
    resource: &Resource,
    row: &OperationCase,
    property: &str,
) -> Flow {
    let send = row.maximal.unwrap_or(row.minimal);
    let (first, _) = create(fixture, resource, send, "taken").await?;
    let (_, inputs) = create(fixture, resource, row.minimal, "free").await?;
    let mut body = fixture.log.kept().last_body.clone();
    body[property] = first[property].clone();
    let sent = fixture.request(&resource.create, &inputs).json(&body).await;
    fixture.refused(&resource.create, 409, sent)?;
    if let Some(update) = &resource.update {
        let change = json!({ property: first[property] });
        let sent = fixture.request(update, &inputs).json(&change).await;
        fixture.refused(update, 409, sent)?;
    }
    Ok(())
}

/// Sends each request of an operation on a record: the minimal one to a record without values, the
/// others to one with all of them. What it does to the record is not in the contract, so each gets
/// a record of its own.
pub(super) async fn on_record(
    fixture: &Fixture,
    resource: &Resource,
    operation: &Operation<'_>,
    row: &OperationCase,
) -> Flow {
    let Some((_, creates)) = with_row(Some(&resource.create)) else {
        return Err(Stop::Skipped("no row of the case table creates its record"));
    };
    let full = creates.maximal.unwrap_or(creates.minimal);
    let requests = [
        (creates.minimal, Some(row.minimal)),
        (full, row.maximal.or(Some(row.minimal))),
        (full, row.cleared),
    ];
    for (number, (made_by, send)) in requests.into_iter().enumerate() {
        let Some(send) = send else { continue };
        let name = format!("{}-{number}", operation.id);
        let (created, inputs) = create(fixture, resource, made_by, &name).await?;
        if number == 0 {
            let cleared = with_row(resource.update.as_ref());
            if let Some((update, Some(clear))) = cleared.map(|(update, row)| (update, row.cleared))
            {
                fixture.ok(update, clear, &inputs).await?;
            }
            if operation.responses().any(|known| known.status == "400") {
                refuses_invalid_body(fixture, operation, &inputs).await?;
            }
        }
        let came = fixture.ok(operation, send, &inputs).await?;
        let is_other = came["object"] == created["object"] && came["id"] != created["id"];
        let message = "another record than was asked for";
        fixture.expect(operation, !is_other, "/response/body/id", None, message);
    }
    Ok(())
}

/// Creates a record, under a customer of its own where it belongs to one; returns it, and the
/// inputs with which the other operations find it.
async fn create(
    fixture: &Fixture,
    resource: &Resource,
    send: SendRequest,
    name: &str,
) -> Flow<(Value, Inputs)> {
    let collection = &resource.collection;
    let mut inputs = fixture.inputs(&format!("{collection}-{name}"));
    inputs.idempotency_key = Some(inputs.name.clone());
    if resource.component != PARENT {
        let parent = fixture.resources.get(PARENT);
        let found = parent.and_then(|parent| with_row(Some(&parent.create)).zip(Some(parent)));
        let ((_, row), parent) = found.ok_or(Stop::Skipped("no operation creates a customer"))?;
        let owner = fixture.inputs(&format!("{collection}-{name}-owner"));
        let owner = fixture.create(parent, row.minimal, &owner).await?;
        inputs = inputs.with_id(&parent.collection, text(&owner, "id"));
    }
    let created = fixture.create(resource, send, &inputs).await?;
    inputs = inputs.with_id(collection, text(&created, "id"));
    Ok((created, inputs))
}

/// Sends a body with one property of another type than the schema takes, if there is one.
async fn refuses_invalid_body(
    fixture: &Fixture,
    operation: &Operation<'_>,
    inputs: &Inputs,
) -> Flow {
    let Some(body) = operation.body() else {
        return Ok(());
    };
    let document = fixture.contract.document;
    let properties = document.properties(body.content.schema.value).into_iter();
    let typed = properties.filter_map(|(name, rules)| Some((name, *types(rules).first()?, rules)));
    // A server may ignore a property that this project decided on.
    let Some((name, kind, _)) =
        typed.min_by_key(|(_, kind, rules)| (*kind != "string", rules["x-evidence"] == "decided"))
    else {
        return Ok(());
    };
    let is_number = ["integer", "number"].contains(&kind);
    let other = if is_number { json!("seven") } else { json!(7) };
    let invalid = json!({ name: other });
    let sent = fixture.request(operation, inputs).json(&invalid).await;
    fixture.refused(operation, 400, sent)
}

/// Reports every property that was not sent and does not have its documented default.
fn has_defaults(fixture: &Fixture, resource: &Resource, created: &Value) {
    let sent = fixture.log.kept().last_body.clone();
    let Some(body) = resource.create.body() else {
        return;
    };
    let schema = fixture.contract.schema(&body.content.schema.pointer);
    for (name, pointer) in &schema.properties {
        let documented = fixture.contract.document.get(pointer);
        let default = documented.and_then(|rules| rules.get("default"));
        if let (Some(default), None) = (default, sent.get(name)) {
            let place = format!("/response/body/{name}");
            let holds = created[name] == *default;
            let message = "not the documented default";
            fixture.expect(&resource.create, holds, &place, None, message);
        }
    }
}

/// Reads the record and its lists: what was sent last with `operation` is still there.
async fn is_kept(
    fixture: &Fixture,
    resource: &Resource,
    operation: &Operation<'_>,
    inputs: &Inputs,
) -> Flow {
    let sent = fixture.log.kept().last_body.clone();
    if let Some((get, row)) = with_row(resource.get.as_ref()) {
        let got = fixture.ok(get, row.minimal, inputs).await?;
        fixture.keeps(operation, &sent, &got);
    }
    let lists = resource.lists.iter();
    for (list, row) in lists.filter_map(|list| with_row(Some(list))) {
        let page = fixture.ok(list, row.minimal, inputs).await?;
        let listed = rows(&page).any(|row| text(row, "id") == inputs.id(&resource.collection));
        let message = "a record is not in the list";
        fixture.expect(list, listed, "/response/body/data", None, message);
    }
    Ok(())
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}
