//! The responses that both sides get: one customer, and pages of customers by cursor.

use std::time::Duration;

use pivotal_test_support::PreparedServer;
use serde_json::{Value, json};

/// Rows of a page.
pub(crate) const PAGE: usize = 100;

/// A server that lists so many pages of rows, each page after a delay.
///
/// Times have six digits after the point: 999999 for row 0, and one less for each further row. So a
/// cursor says at which row its page begins. By hand, a page begins after the last row of the page
/// before it. The SDK requests that row again, which makes its pages begin at other rows.
pub(crate) fn start(pages: usize, delay: Duration) -> PreparedServer {
    let rows = pages * PAGE;
    let begins = (0..rows).filter(|row| row % PAGE == 0 || row % (PAGE - 1) == 0);
    let mut responses = vec![response(&customer(0).to_string())];
    // The response for each row at which a page begins.
    let mut index = vec![0; rows];
    for begin in begins {
        index[begin] = responses.len();
        responses.push(response(&page(begin, rows).to_string()));
    }
    PreparedServer::start(responses, delay, move |head| {
        let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
        match line.starts_with(b"GET /api/v1/customers?") {
            true => index[first_row(line)],
            false => 0,
        }
    })
}

/// The first row that is older than the cursor; 0 without one.
fn first_row(line: &[u8]) -> usize {
    let name = b"cursor=";
    let Some(start) = line.windows(name.len()).position(|window| window == name) else {
        return 0;
    };
    let fraction = line[start..]
        .iter()
        .skip_while(|byte| **byte != b'.')
        .skip(1);
    let digits = fraction.take_while(|byte| byte.is_ascii_digit());
    1_000_000 - digits.fold(0, |number, digit| number * 10 + usize::from(digit - b'0'))
}

fn response(body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-ratelimit-limit: 60000\r\n\
         x-ratelimit-remaining: 59990\r\nx-ratelimit-reset: 1779816069\r\n\
         date: Tue, 26 May 2026 17:21:00 GMT\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn page(begin: usize, total: usize) -> Value {
    let end = total.min(begin + PAGE);
    let rows: Vec<_> = (begin..end).map(customer).collect();
    let next = (end < total).then(|| rows[rows.len() - 1]["created_at"].clone());
    json!({ "object": "list", "data": rows, "has_more": next.is_some(), "next_cursor": next })
}

fn customer(number: usize) -> Value {
    let created_at = format!("2026-05-26T17:21:09.{:06}Z", 999_999 - number);
    json!({
        "object": "customer", "id": format!("cl9bn00of0000g7l8{number:08}"), "display_id": number,
        "name": "Aurora Outfitters", "slug": "aurora-demo", "domain": "aurora-demo.com",
        "status": "onboarding", "plan": "Growth", "mrr": 120_000, "monthly_orders": null,
        "hubspot_company_id": "8812", "hubspot_deal_id": null, "stripe_customer_id": null,
        "intercom_company_id": null, "slack_channel_id": null,
        "created_at": created_at, "updated_at": created_at
    })
}
