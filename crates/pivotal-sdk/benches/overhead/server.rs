//! A server on a thread of its own that answers prepared bytes and allocates nothing.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// How many rows a prepared page holds.
pub(crate) const PAGE: usize = 100;

pub(crate) struct Server {
    pub(crate) base_url: String,
}

/// Whole answers, heads included: one customer, and the page at each cursor.
struct Prepared {
    customer: Vec<u8>,
    pages: Vec<Vec<u8>>,
    delay: Duration,
}

impl Server {
    /// Lists this many pages, each after a delay.
    pub(crate) fn start(pages: usize, delay: Duration) -> io::Result<Self> {
        let prepared = Arc::new(Prepared {
            customer: answer(&customer(0)),
            pages: (0..pages)
                .map(|number| answer(&page(number, pages)))
                .collect(),
            delay,
        });
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let base_url = format!("http://{}", listener.local_addr()?);
        thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                let prepared = Arc::clone(&prepared);
                thread::spawn(move || prepared.serve(socket));
            }
        });
        Ok(Self { base_url })
    }
}

impl Prepared {
    fn serve(&self, mut socket: TcpStream) -> io::Result<()> {
        socket.set_nodelay(true)?;
        let mut request = [0; 8192];
        let mut length = 0;
        loop {
            let read = socket.read(&mut request[length..])?;
            if read == 0 {
                return Ok(());
            }
            length += read;
            if request[..length].ends_with(b"\r\n\r\n") {
                thread::sleep(self.delay);
                socket.write_all(self.answer(&request[..length]))?;
                length = 0;
            }
        }
    }

    fn answer(&self, request: &[u8]) -> &[u8] {
        let line = request
            .split(|byte| *byte == b'\r')
            .next()
            .unwrap_or_default();
        if !line.starts_with(b"GET /api/v1/customers?") {
            return &self.customer;
        }
        let cursor = b"cursor=";
        let number = line
            .windows(cursor.len())
            .position(|window| window == cursor)
            .map_or(0, |position| {
                line[position + cursor.len()..]
                    .iter()
                    .take_while(|byte| byte.is_ascii_digit())
                    .fold(0, |number, digit| number * 10 + usize::from(digit - b'0'))
            });
        &self.pages[number]
    }
}

fn answer(body: &Value) -> Vec<u8> {
    let body = body.to_string();
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
