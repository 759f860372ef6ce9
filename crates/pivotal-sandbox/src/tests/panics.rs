//! A handler that panics.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::Sandbox;

#[tokio::test]
async fn a_handler_that_panics_gives_500_and_the_connection_lives() {
    let contract = pivotal_openapi::CONTRACT;
    let contract = contract.replace("\"create-customer\"", "\"panic-for-a-test\"");
    let builder = Sandbox::builder().contract(contract);
    let sandbox = builder.start().await.unwrap();
    let mut connection = TcpStream::connect(sandbox.address()).await.unwrap();
    let mut exchange = async |line: &str, body: &str| {
        let request = format!(
            "{line} HTTP/1.1\r\nhost: sandbox\r\nauthorization: Bearer {}\r\nidempotency-key: k\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            sandbox.api_key(),
            body.len()
        );
        connection.write_all(request.as_bytes()).await.unwrap();
        let mut response = vec![0; 4096];
        let read = connection.read(&mut response).await.unwrap();
        String::from_utf8(response[..read].to_vec()).unwrap()
    };
    // The second would be refused if the idempotency key were still in use.
    for _ in 0..2 {
        let response = exchange("POST /api/v1/customers", r#"{"name":"Aurora"}"#).await;
        assert!(response.starts_with("HTTP/1.1 500 "), "{response}");
        assert!(response.contains("x-ratelimit-limit: "), "{response}");
        let error = r#"{"error":{"type":"internal_error","code":"internal_error","#;
        assert!(response.contains(error), "{response}");
    }
    let response = exchange("GET /api/v1/customers", "").await;
    assert!(response.starts_with("HTTP/1.1 200 OK"), "{response}");
}
