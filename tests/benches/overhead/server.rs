//! The responses that both sides get: one customer, and pages of customers by cursor.

use std::time::Duration;

use pivotal_test_support::PreparedServer;
use serde_json::{Value, json};

/// Rows of a page.
pub(crate) const PAGE: usize = 100;

/// A server that lists so many pages, each after a delay.
pub(crate) fn start(pages: usize, delay: Duration) -> PreparedServer {
    let pages = (0..pages).map(|number| page(number, pages));
    let bodies = [customer(0)].into_iter().chain(pages);
    let responses = bodies.map(|body| response(&body.to_string())).collect();
    PreparedServer::start(responses, delay, |head| {
        let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
        match line.starts_with(b"GET /api/v1/customers?") {
            true => 1 + cursor(line),
            false => 0,
        }
    })
}

/// The number after `cursor=`; 0 without one.
fn cursor(line: &[u8]) -> usize {
    let name = b"cursor=";
    let start = line.windows(name.len()).position(|window| window == name);
    let digits = start.map_or(&[][..], |start| &line[start + name.len()..]);
    let digits = digits.iter().take_while(|byte| byte.is_ascii_digit());
    digits.fold(0, |number, digit| number * 10 + usize::from(digit - b'0'))
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

fn page(number: usize, pages: usize) -> Value {
    let rows: Vec<_> = (0..PAGE).map(|row| customer(number * PAGE + row)).collect();
    let next = (number + 1 < pages).then(|| (number + 1).to_string());
    json!({ "object": "list", "data": rows, "has_more": next.is_some(), "next_cursor": next })
}

fn customer(number: usize) -> Value {
    let (hour, minute, second) = (number / 3600 % 24, number / 60 % 60, number % 60);
    let created_at = format!("2026-05-26T{hour:02}:{minute:02}:{second:02}.412Z");
    json!({
        "object": "customer", "id": format!("cl9bn00of0000g7l8{number:08}"), "display_id": number,
        "name": "Aurora Outfitters", "slug": "aurora-demo", "domain": "aurora-demo.com",
        "status": "onboarding", "plan": "Growth", "mrr": 120_000, "monthly_orders": null,
        "hubspot_company_id": "8812", "hubspot_deal_id": null, "stripe_customer_id": null,
        "intercom_company_id": null, "slack_channel_id": null,
        "created_at": created_at, "updated_at": created_at
    })
}
