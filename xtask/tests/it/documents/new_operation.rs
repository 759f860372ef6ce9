//! Reads a list that the SDK has no method for, from a server on loopback.

use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use pivotal_sdk::requests::{AnyList, ListTagsRequest};
use pivotal_sdk::transport::operation;
use pivotal_sdk::{Client, List, Row};

const FIRST: &str = r#"{"data":[{"id":"t1","name":"a","created_at":"2026-01-03T00:00:00Z"},
    {"id":"t2","name":"b","created_at":"2026-01-02T00:00:00Z"}],"has_more":true,"next_cursor":"c2"}"#;
const LAST: &str = r#"{"data":[{"id":"t3","name":"c","created_at":"2026-01-01T00:00:00Z"}],
    "has_more":false,"next_cursor":null}"#;

/// Answers each request with a page, and prints what was asked for.
fn serve(listener: &TcpListener) {
    for socket in listener.incoming() {
        let mut socket = socket.expect("a connection");
        let mut request = Vec::new();
        let mut chunk = [0; 1024];
        while !request.ends_with(b"\r\n\r\n") {
            let read = socket.read(&mut chunk).expect("a request");
            request.extend_from_slice(&chunk[..read]);
        }
        let request = String::from_utf8(request).expect("text");
        let line = request.lines().next().unwrap_or_default();
        println!("{}", line.trim_end_matches(" HTTP/1.1"));
        let page = if line.contains("cursor=") {
            LAST
        } else {
            FIRST
        };
        let length = page.len();
        write!(
            socket,
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\
             connection: close\r\n\r\n{page}"
        )
        .expect("a response");
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let pivotal = Client::builder()
        .base_url(format!("http://{}", listener.local_addr()?))
        .api_key("pivotal_test_K8s9aB3dE5fG")
        .build()?;
    thread::spawn(move || serve(&listener));

    let list = ListTagsRequest::new().customer_id(245);
    let mut tags = pivotal.call(list.clone().limit(2)).stream();
    let mut lines = Vec::new();
    while let Some(tag) = tags.try_next().await? {
        let created_at = tag.created_at().expect("tags have a time");
        lines.push(format!("{} at {created_at}", tag.name));
    }
    println!("{}", lines.join("\n"));

    // What the contract limits is checked before anything is sent.
    let error = pivotal.call(list).limit(101).await.expect_err("too many");
    println!(
        "{}: {}",
        error.field().unwrap_or_default(),
        error.code().expect("a code")
    );

    let page = pivotal.call(ListTagsRequest::new()).with_meta().await?;
    println!("{} rows, more: {}", page.rows().len(), page.has_more());

    // As `pivotal api --paginate` reads it, which knows no request type.
    let list = operation("list_tags").and_then(|list| AnyList::new(list, "/api/v1/tags"));
    let rows = pivotal.call(list.expect("a list")).collect_up_to(10).await?;
    println!("{}", rows.len());
    Ok(())
}
