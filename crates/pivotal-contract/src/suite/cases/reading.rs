//! What can be checked without writing.

use pivotal_sdk::{Call, Customer, CustomerStatus, List, Method, Onboarding, Paged, Row};

use crate::suite::stage::{Flow, Stage, Stop};

/// How many customers are asked for their contacts, until one has some.
const CUSTOMERS: usize = 10;

pub(super) async fn account(stage: &Stage) -> Flow {
    stage.ok(stage.client.me()).await?;
    stage.ok(stage.client.health()).await?;
    Ok(())
}

pub(super) async fn customers(stage: &Stage) -> Flow {
    let customers = stage.client.customers();
    pages(stage, "list-customers", || customers.list()).await?;
    let page = stage.ok(customers.list().limit(100)).await?;
    for status in CustomerStatus::KNOWN {
        let with = stage
            .ok(customers.list().status(status.clone()).limit(5))
            .await?;
        let all = with.data.iter().all(|row| row.status == *status);
        stage.parameter_holds("list-customers", "status", all, "rows of another status")?;
    }
    let Some(newest) = page.data.first() else {
        return Err(Stop::Skipped("the workspace has no customer"));
    };
    one_customer(stage, newest).await?;
    if let Some(slug) = page.data.iter().find_map(|row| row.slug.clone()) {
        let found = stage.ok(customers.list().slug(slug.clone())).await?;
        let only = found.data.len() == 1 && found.data[0].slug.as_ref() == Some(&slug);
        stage.parameter_holds("list-customers", "slug", only, "not the row with this slug")?;
    }
    Ok(())
}

/// The same row by its number and by its id.
async fn one_customer(stage: &Stage, row: &Customer) -> Flow {
    let by_number = stage
        .ok(stage.client.customer(row.display_id).get())
        .await?;
    let by_id = stage
        .ok(stage.client.customer(row.id.clone()).get())
        .await?;
    let same = by_number.id == row.id && by_id.display_id == row.display_id;
    stage.holds(
        "get-customer",
        200,
        "/response/body/id",
        same,
        "another customer than was asked for",
    )
}

pub(super) async fn contacts(stage: &Stage) -> Flow {
    let page = stage.ok(stage.client.customers().list().limit(25)).await?;
    for customer in page.data.iter().take(CUSTOMERS) {
        let contacts = stage.client.customer(customer).contacts();
        let listed = stage.ok(contacts.list()).await?;
        let Some(contact) = listed.data.first() else {
            continue;
        };
        pages(stage, "list-customer-contacts", || contacts.list()).await?;
        let got = stage
            .ok(stage.client.contact(contact.display_id).get())
            .await?;
        let same = got.id == contact.id && got.customer_id == customer.id;
        return stage.holds(
            "get-contact",
            200,
            "/response/body/id",
            same,
            "another contact than was asked for",
        );
    }
    Err(Stop::Skipped("the newest customers have no contacts"))
}

pub(super) async fn onboardings(stage: &Stage) -> Flow {
    let onboardings = stage.client.onboardings();
    pages(stage, "list-onboardings", || onboardings.list()).await?;
    let page = stage.ok(onboardings.list().limit(100)).await?;
    let Some(Onboarding {
        id,
        phase,
        state,
        customer_id,
        ..
    }) = page.data.first()
    else {
        return Err(Stop::Skipped("the workspace has no onboarding"));
    };
    let of_phase = stage
        .ok(onboardings.list().phase(phase.clone()).limit(5))
        .await?;
    let all = of_phase.data.iter().all(|row| row.phase == *phase);
    stage.parameter_holds("list-onboardings", "phase", all, "rows in another phase")?;
    let of_state = stage
        .ok(onboardings.list().state(state.clone()).limit(5))
        .await?;
    let fits = |row: &Onboarding| row.state == *state || row.waiting_on_customer;
    let all = of_state.data.iter().all(fits);
    stage.parameter_holds("list-onboardings", "state", all, "rows in another state")?;
    let of_customer = stage
        .ok(onboardings.list().customer_id(customer_id.clone()))
        .await?;
    let all = of_customer
        .data
        .iter()
        .all(|row| row.customer_id == *customer_id);
    stage.parameter_holds(
        "list-onboardings",
        "customer_id",
        all,
        "rows of another customer",
    )?;

    let got = stage.ok(stage.client.onboarding(id.clone()).get()).await?;
    let listed = stage
        .ok(stage
            .client
            .customer(customer_id.clone())
            .onboardings()
            .list())
        .await?;
    let there = got.id == *id && listed.data.iter().any(|row| row.id == *id);
    stage.holds(
        "list-customer-onboardings",
        200,
        "/response/body/data",
        there,
        "an onboarding of the customer is not in the list",
    )
}

/// Two pages of one row each: of the size that was asked for, and the second older than the first.
async fn pages<O: Paged>(stage: &Stage, operation: &str, list: impl Fn() -> Call<O>) -> Flow {
    let first = stage.ok(list().limit(1)).await?;
    let small = first.rows().len() <= 1;
    stage.parameter_holds(operation, "limit", small, "more rows than were asked for")?;
    // Where there is no next page, a cursor of our own tries the parameter all the same.
    let cursor = first.next_cursor().unwrap_or("2020-01-01T00:00:00.000Z");
    let second = stage.ok(list().limit(1).cursor(cursor)).await?;
    let last = first.rows().last().and_then(Row::created_at);
    let older = second.rows().iter().all(|row| row.created_at() < last);
    stage.parameter_holds(
        operation,
        "cursor",
        older,
        "rows that are not older than the page before",
    )
}

/// Parameters that no list takes.
pub(super) async fn refused(stage: &Stage) -> Flow {
    for (operation, path) in [
        ("list-customers", "/api/v1/customers"),
        ("list-onboardings", "/api/v1/onboardings"),
    ] {
        let sent = stage
            .client
            .request(Method::GET, path)
            .query("limit", 0)
            .await;
        stage.refused(operation, 400, sent)?;
        let sent = stage
            .client
            .request(Method::GET, path)
            .query("cursor", "yesterday")
            .await;
        stage.refused(operation, 400, sent)?;
    }
    Ok(())
}
