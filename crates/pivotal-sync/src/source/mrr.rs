//! The monthly recurring revenue of subscriptions of Stripe.

use serde_json::Value;

use super::http::shown;

/// The revenue of the active subscriptions in the smallest unit of the currency: the price of each
/// item times its quantity, per month, rounded to a whole unit. A year has 12 months, 52 weeks and
/// 365 days. Discounts and taxes are not in it. Trials and subscriptions whose payment is overdue are
/// not active.
///
/// # Errors
/// What cannot be computed without a guess: an amount that depends on use or on tiers, another
/// currency.
pub(super) fn monthly(subscriptions: &[Value], currency: &str) -> Result<i64, String> {
    let mut total = 0_i64;
    for subscription in subscriptions {
        if subscription.get("status").and_then(Value::as_str) != Some("active") {
            continue;
        }
        let id = subscription.get("id").and_then(Value::as_str);
        let unknown = |why: &str| {
            let id = shown(id.unwrap_or_default());
            format!("the monthly revenue of subscription {id} is unknown: {why}")
        };
        let items = subscription.get("items");
        let rows = items.and_then(|items| items.get("data")?.as_array());
        let rows = rows.ok_or_else(|| unknown("it has no list of items"))?;
        if items.and_then(|items| items.get("has_more")?.as_bool()) != Some(false) {
            return Err(unknown("it has more items than the response"));
        }
        for item in rows {
            let amount = of_item(item, currency).map_err(|why| unknown(&why))?;
            total = total
                .checked_add(amount)
                .ok_or_else(|| unknown("it is too large"))?;
        }
    }
    Ok(total)
}

fn of_item(item: &Value, currency: &str) -> Result<i64, String> {
    let price = item.get("price").ok_or("an item has no price")?;
    let of = |name: &str| price.get(name).filter(|value| !value.is_null());
    let other = of("currency").and_then(Value::as_str).unwrap_or_default();
    if other != currency {
        return Err(format!("it is in {:?}, not {currency:?}", shown(other)));
    }
    let recurring = of("recurring").ok_or("a price is not recurring")?;
    if recurring.get("usage_type").and_then(Value::as_str) == Some("metered") {
        return Err("a price depends on use".to_owned());
    }
    if of("billing_scheme").and_then(Value::as_str) == Some("tiered") {
        return Err("a price has tiers".to_owned());
    }
    if of("transform_quantity").is_some() {
        return Err("a price is for packages of units".to_owned());
    }
    let amount = of("unit_amount").and_then(Value::as_i64);
    let amount = amount.ok_or("a price has no whole `unit_amount`")?;
    let quantity = match item.get("quantity") {
        None | Some(Value::Null) => 1,
        Some(quantity) => quantity.as_i64().ok_or("a quantity is no number")?,
    };
    let count = recurring.get("interval_count").and_then(Value::as_i64);
    let count = count
        .filter(|count| *count > 0)
        .ok_or("a price has no `interval_count`")?;
    let per_year = match recurring.get("interval").and_then(Value::as_str) {
        Some("day") => 365,
        Some("week") => 52,
        Some("month") => 12,
        Some("year") => 1,
        _ => return Err("the interval of a price is not known".to_owned()),
    };
    let (yearly, divisor) = (
        i128::from(amount) * i128::from(quantity) * per_year,
        12 * i128::from(count),
    );
    // Halves are rounded up.
    let rounded = (2 * yearly + divisor).div_euclid(2 * divisor);
    i64::try_from(rounded).map_err(|_| "it is too large".to_owned())
}
