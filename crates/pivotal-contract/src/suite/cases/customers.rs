//! The life of a customer.

use pivotal_sdk::{CreateCustomer, CustomerStatus, Method, UpdateCustomer};
use serde_json::json;

use crate::suite::created_records::Kind;
use crate::suite::stage::{Flow, Stage};

pub(super) async fn least(stage: &Stage) -> Flow {
    let customers = stage.client.customers();
    let body = CreateCustomer::new(stage.name("least"));
    let made = stage
        .make(Kind::Customer, customers.create(body.clone()))
        .await?;
    stage.echoes("create-customer", &body, &made)?;
    let customer = stage.client.customer(made.id.clone());

    let changes = UpdateCustomer::new()
        .name(stage.name("changed"))
        .slug(stage.name("changed"))
        .domain("example.com")
        .status(CustomerStatus::AtRisk)
        .plan("Growth")
        .mrr(240_000)
        .monthly_orders(1_800)
        .hubspot_company_id("hubspot-1")
        .hubspot_deal_id("hubspot-2")
        .stripe_customer_id("stripe-1")
        .intercom_company_id("intercom-1")
        .slack_channel_id("slack-1");
    let changed = stage.ok(customer.update(changes.clone())).await?;
    stage.echoes("update-customer", &changes, &changed)?;
    let got = stage.ok(customer.get()).await?;
    stage.echoes("update-customer", &changes, &got)?;

    let cleared = UpdateCustomer::new()
        .clear_slug()
        .clear_domain()
        .clear_plan()
        .clear_mrr()
        .clear_monthly_orders()
        .clear_hubspot_company_id()
        .clear_hubspot_deal_id()
        .clear_stripe_customer_id()
        .clear_intercom_company_id()
        .clear_slack_channel_id();
    let answer = stage.ok(customer.update(cleared.clone())).await?;
    stage.echoes("update-customer", &cleared, &answer)?;
    let got = stage.ok(customer.get()).await?;
    stage.echoes("update-customer", &cleared, &got)?;
    let page = stage.ok(customers.list().limit(100)).await?;
    let listed = page.data.iter().any(|row| row.id == made.id);
    stage.holds(
        "list-customers",
        200,
        "/response/body/data",
        listed,
        "a new customer is not in the list",
    )?;

    let path = format!("/api/v1/customers/{}", made.id);
    let sent = stage
        .client
        .request(Method::PATCH, path)
        .json(&json!({ "name": 7 }))
        .await;
    stage.refused("update-customer", 400, sent)?;

    let deleted = stage.ok(customer.delete()).await?;
    let same = deleted.id == made.id && deleted.display_id == made.display_id;
    stage.holds(
        "delete-customer",
        200,
        "/response/body/id",
        same,
        "another customer than was deleted",
    )?;
    stage.refused("get-customer", 404, customer.get().await)?;
    stage.ok(customer.delete()).await?;
    Ok(())
}

pub(super) async fn most(stage: &Stage) -> Flow {
    let customers = stage.client.customers();
    let slug = stage.name("most");
    let body = CreateCustomer::new(stage.name("most"))
        .slug(slug.clone())
        .domain("example.com")
        .status(CustomerStatus::Active)
        .plan("Growth")
        .mrr(240_000)
        .monthly_orders(1_800)
        .hubspot_company_id("hubspot-1")
        .hubspot_deal_id("hubspot-2")
        .stripe_customer_id("stripe-1")
        .intercom_company_id("intercom-1")
        .slack_channel_id("slack-1");
    let key = stage.name("customer");
    let create = || customers.create(body.clone()).idempotency_key(&key);
    let made = stage.make(Kind::Customer, create()).await?;
    stage.echoes("create-customer", &body, &made)?;

    let again = stage.make(Kind::Customer, create()).await?;
    let once = again.id == made.id;
    stage.holds(
        "create-customer",
        201,
        "/response/body/id",
        once,
        "a second row under one key",
    )?;
    let other = CreateCustomer::new(stage.name("other"));
    let sent = customers.create(other).idempotency_key(&key).await;
    stage.refused("create-customer", 409, sent)?;

    let taken = customers.create(CreateCustomer::new(stage.name("taken")).slug(slug.clone()));
    stage.refused("create-customer", 409, taken.await)?;
    let found = stage.ok(customers.list().slug(slug.clone())).await?;
    let only = found.data.len() == 1 && found.data[0].id == made.id;
    stage.parameter_holds("list-customers", "slug", only, "not the row with this slug")?;

    let body = CreateCustomer::new(stage.name("second"));
    let second = stage.make(Kind::Customer, customers.create(body)).await?;
    let renamed = UpdateCustomer::new().slug(slug);
    let sent = stage
        .client
        .customer(second.id.clone())
        .update(renamed)
        .await;
    stage.refused("update-customer", 409, sent)?;

    let path = "/api/v1/customers";
    let sent = stage
        .client
        .request(Method::POST, path)
        .json(&json!({ "name": 7 }))
        .await;
    stage.refused("create-customer", 400, sent)
}
