//! Customers of Stripe, and their monthly revenue.

use serde_json::{Value, json};

use crate::service::{Account, no_fault, stripe};
use crate::world::world;

pub(crate) const FIELDS: &str = "
[fields]
stripe_customer_id = \"id\"
name = \"name\"
";

pub(crate) fn customer(id: &str, subscriptions: &[Value]) -> Value {
    json!({
        "id": id, "object": "customer", "name": format!("Customer {id}"), "livemode": false,
        "created": 1_234_567_890, "email": format!("{id}@c.test"), "metadata": { "plan": "Growth" },
        "address": { "country": "DE" }, "preferred_locales": ["de"], "subscriptions": subscriptions,
    })
}

fn subscription(status: &str, items: &[Value]) -> Value {
    json!({
        "id": format!("sub_{status}"), "object": "subscription", "status": status,
        "items": { "object": "list", "data": items, "has_more": false, "url": "/v1/subscription_items" },
    })
}

/// An item of a price per unit, with changes to the price.
fn item(amount: u64, quantity: u64, interval: &str, count: u64, changes: &Value) -> Value {
    let mut price = json!({
        "id": "price_1", "object": "price", "currency": "usd", "billing_scheme": "per_unit",
        "unit_amount": amount, "transform_quantity": null, "type": "recurring",
        "recurring": { "interval": interval, "interval_count": count, "usage_type": "licensed" },
    });
    for (name, value) in changes.as_object().unwrap() {
        price[name] = value.clone();
    }
    json!({ "id": "si_1", "object": "subscription_item", "price": price, "quantity": quantity })
}

fn account(subscriptions: &[Value]) -> Account {
    Account {
        rows: vec![customer("cus_1", subscriptions)],
        ..Account::default()
    }
}

fn with_mrr(settings: &str) -> String {
    format!("{settings}\n{FIELDS}mrr = \"mrr\"\n")
}

/// The revenue of a customer with these subscriptions, or why the record failed.
async fn mrr(subscriptions: &[Value]) -> Result<i64, String> {
    let service = stripe(account(subscriptions), no_fault);
    let config = service.config(&with_mrr("currency = \"usd\""));
    let world = world(false).await;
    let report = service.sync(&world, &config).await.unwrap();
    match report.run.exit_code {
        Some(0) => Ok(world.customers().await[0].mrr.unwrap()),
        _ => Err(world.items(report.run.id)[0].reason.clone().unwrap()),
    }
}

#[tokio::test]
async fn the_revenue_is_per_month_of_what_is_active() {
    let none = json!({});
    let cases = [
        (vec![], 0),
        (
            vec![subscription("active", &[item(2000, 3, "month", 1, &none)])],
            6000,
        ),
        (
            vec![subscription("active", &[item(12_000, 1, "year", 1, &none)])],
            1000,
        ),
        (
            vec![subscription("active", &[item(1000, 1, "year", 1, &none)])],
            83,
        ),
        (
            vec![subscription("active", &[item(1500, 1, "month", 3, &none)])],
            500,
        ),
        (
            vec![subscription("active", &[item(1200, 1, "week", 2, &none)])],
            2600,
        ),
        (
            vec![subscription("active", &[item(12, 10, "day", 1, &none)])],
            3650,
        ),
        (
            vec![
                subscription(
                    "active",
                    &[
                        item(100, 1, "month", 1, &none),
                        item(7, 1, "month", 2, &none),
                    ],
                ),
                subscription("trialing", &[item(5000, 1, "month", 1, &none)]),
                subscription("past_due", &[item(5000, 1, "month", 1, &none)]),
            ],
            104,
        ),
    ];
    for (subscriptions, expected) in cases {
        assert_eq!(mrr(&subscriptions).await, Ok(expected), "{subscriptions:?}");
    }
}

#[tokio::test]
async fn a_revenue_that_would_be_a_guess_is_reported() {
    let tiers = json!({ "billing_scheme": "tiered", "unit_amount": null });
    let use_of = json!({ "recurring": { "interval": "month", "interval_count": 1, "usage_type": "metered" } });
    let cases = [
        (tiers, "a price has tiers"),
        (use_of, "a price depends on use"),
        (json!({ "unit_amount": null }), "no whole `unit_amount`"),
        (
            json!({ "currency": "eur" }),
            "it is in \"eur\", not \"usd\"",
        ),
        (
            json!({ "transform_quantity": { "divide_by": 10, "round": "up" } }),
            "packages",
        ),
        (
            json!({ "recurring": { "interval": "fortnight", "interval_count": 1 } }),
            "interval",
        ),
    ];
    for (changes, why) in cases {
        let subscriptions = [subscription(
            "active",
            &[item(100, 1, "month", 1, &changes)],
        )];
        let reason = mrr(&subscriptions).await.unwrap_err();
        assert!(
            reason.contains("sub_active") && reason.contains(why),
            "{reason}"
        );
    }
    let mut more = subscription("active", &[item(100, 1, "month", 1, &json!({}))]);
    more["items"]["has_more"] = true.into();
    assert!(mrr(&[more]).await.unwrap_err().contains("more items"));
}

#[tokio::test]
async fn customers_without_a_known_revenue_are_imported_if_the_configuration_allows_it() {
    let tiers = item(1, 1, "month", 1, &json!({ "billing_scheme": "tiered" }));
    let service = stripe(account(&[subscription("active", &[tiers])]), no_fault);
    let config = service.config(&with_mrr("currency = \"usd\"\nallow_unknown_mrr = true"));
    let world = world(false).await;
    let report = service.sync(&world, &config).await.unwrap();
    assert_eq!(report.run.exit_code, Some(0), "{report}");
    assert_eq!(world.customers().await[0].mrr, None);
    let without = service.config(&with_mrr(""));
    let error = pivotal_sync::Source::configured(&without, &crate::service::http());
    assert!(error.unwrap_err().to_string().contains("`currency`"));
}

#[tokio::test]
async fn customers_are_walked_with_their_nested_values_and_all_of_their_subscriptions() {
    let many: Vec<_> = (0..25)
        .map(|number| {
            let mut one = subscription("active", &[item(100, 1, "month", 1, &json!({}))]);
            one["id"] = format!("sub_{number}").into();
            one
        })
        .collect();
    let mut account = account(&many);
    account
        .rows
        .extend((2..=7).map(|number| customer(&format!("cus_{number}"), &[])));
    account.page = 3;
    let service = stripe(account, no_fault);
    let text = with_mrr("currency = \"USD\"")
        + "plan = \"metadata.plan\"\nslack_channel_id = \"address.country\"\n";
    let config = service.config(&text);
    let world = world(false).await;
    let report = service.sync(&world, &config).await.unwrap();
    assert_eq!(
        (report.run.rows, report.run.exit_code),
        (7, Some(0)),
        "{report}"
    );
    let customers = world.customers().await;
    let first = customers
        .iter()
        .find(|row| row.name == "Customer cus_1")
        .unwrap();
    assert_eq!(first.mrr, Some(2_500));
    assert_eq!(first.plan.as_deref(), Some("Growth"));
    assert_eq!(first.slack_channel_id.as_deref(), Some("DE"));
    assert_eq!(service.lines("/v1/customers?").len(), 3);
    assert_eq!(
        service.lines("/v1/customers?")[1],
        "GET /v1/customers?limit=100&expand%5B%5D=data.subscriptions&starting_after=cus_3"
    );
    assert_eq!(service.lines("/v1/subscriptions?").len(), 9);
    let requests = service.requests();
    assert!(
        requests
            .iter()
            .all(|request| request.header("stripe-version") == Some("2026-08-26.dahlia"))
    );

    let service = stripe(
        Account {
            rows: vec![customer("cus_1", &[])],
            ..Account::default()
        },
        no_fault,
    );
    let config = service.config(FIELDS);
    service.sync(&world, &config).await.unwrap();
    assert_eq!(
        service.lines(""),
        ["GET /v1/customers?limit=100"],
        "subscriptions are not asked for"
    );
}
