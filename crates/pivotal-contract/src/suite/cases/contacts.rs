//! The life of a contact.

use pivotal_sdk::{CreateContact, CreateCustomer, Customer, Method, Response, UpdateContact};
use serde_json::json;

use crate::suite::created_records::Kind;
use crate::suite::stage::{Flow, Stage};

async fn customer(stage: &Stage, what: &str) -> Flow<Response<Customer>> {
    let body = CreateCustomer::new(stage.name(what));
    stage
        .make(Kind::Customer, stage.client.customers().create(body))
        .await
}

fn address(stage: &Stage, what: &str) -> String {
    format!("{}@example.com", stage.name(what))
}

pub(super) async fn least(stage: &Stage) -> Flow {
    let customer = customer(stage, "contact-least").await?;
    let contacts = stage.client.customer(customer.id.clone()).contacts();
    let body = CreateContact::new("Ada Park", address(stage, "least"));
    let made = stage
        .make(Kind::Contact, contacts.create(body.clone()))
        .await?;
    stage.echoes("create-customer-contact", &body, &made)?;
    let contact = stage.client.contact(made.id.clone());

    let changes = UpdateContact::new()
        .name("Ada Park-Lund")
        .email(address(stage, "changed"))
        .title("Head of Ops")
        .is_primary(true)
        .labels(["billing", "technical"]);
    let changed = stage.ok(contact.update(changes.clone())).await?;
    stage.echoes("update-contact", &changes, &changed)?;
    let got = stage.ok(contact.get()).await?;
    stage.echoes("update-contact", &changes, &got)?;
    let listed = stage.ok(contacts.list()).await?;
    let there = listed.data.iter().any(|row| row.id == made.id);
    stage.holds(
        "list-customer-contacts",
        200,
        "/response/body/data",
        there,
        "a new contact is not in the list",
    )?;

    let cleared = UpdateContact::new().clear_title().labels([] as [&str; 0]);
    let answer = stage.ok(contact.update(cleared.clone())).await?;
    stage.echoes("update-contact", &cleared, &answer)?;
    let got = stage.ok(contact.get()).await?;
    stage.echoes("update-contact", &cleared, &got)?;
    stage.ok(contacts.list()).await?;

    let path = format!("/api/v1/contacts/{}", made.id);
    let sent = stage
        .client
        .request(Method::PATCH, path)
        .json(&json!({ "name": 7 }))
        .await;
    stage.refused("update-contact", 400, sent)?;

    let deleted = stage.ok(contact.delete()).await?;
    let same = deleted.id == made.id && deleted.display_id == made.display_id;
    stage.holds(
        "delete-contact",
        200,
        "/response/body/id",
        same,
        "another contact than was deleted",
    )?;
    stage.refused("get-contact", 404, contact.get().await)
}

pub(super) async fn most(stage: &Stage) -> Flow {
    let customer = customer(stage, "contact-most").await?;
    let contacts = stage.client.customer(customer.id.clone()).contacts();
    let body = CreateContact::new("Mira Chen", address(stage, "most"))
        .title("Head of Ops")
        .is_primary(true)
        .labels(["billing", "technical"]);
    let key = stage.name("contact");
    let create = || contacts.create(body.clone()).idempotency_key(&key);
    let made = stage.make(Kind::Contact, create()).await?;
    stage.echoes("create-customer-contact", &body, &made)?;
    let again = stage.make(Kind::Contact, create()).await?;
    let once = again.id == made.id;
    stage.holds(
        "create-customer-contact",
        201,
        "/response/body/id",
        once,
        "a second row under one key",
    )?;

    // The address of another customer's contact is taken, for a new contact and for an old one.
    let other = self::customer(stage, "contact-other").await?;
    let others = stage.client.customer(other.id.clone()).contacts();
    let taken = others.create(CreateContact::new("Mira Chen", address(stage, "most")));
    stage.refused("create-customer-contact", 409, taken.await)?;
    let body = CreateContact::new("Ada Park", address(stage, "other"));
    let second = stage.make(Kind::Contact, others.create(body)).await?;
    let moved = UpdateContact::new().email(address(stage, "most"));
    let sent = stage.client.contact(second.id.clone()).update(moved).await;
    stage.refused("update-contact", 409, sent)?;

    let path = format!("/api/v1/customers/{}/contacts", customer.id);
    let sent = stage
        .client
        .request(Method::POST, path.clone())
        .json(&json!({ "name": 7 }))
        .await;
    stage.refused("create-customer-contact", 400, sent)?;
    let sent = stage
        .client
        .request(Method::GET, path)
        .query("limit", 0)
        .await;
    stage.refused("list-customer-contacts", 400, sent)
}
