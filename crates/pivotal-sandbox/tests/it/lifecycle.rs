use std::time::Duration;

use pivotal_sandbox::{Sandbox, StartError};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::client::Client;

#[tokio::test]
async fn each_sandbox_has_an_address_a_key_and_rows_of_its_own() {
    let [first, second] = [Client::start().await, Client::start().await];
    assert!(first.sandbox.base_url().starts_with("http://127.0.0.1:"));
    assert!(!first.sandbox.base_url().ends_with('/'));
    assert!(first.sandbox.api_key().starts_with("pivotal_test_"));
    assert_ne!(first.sandbox.base_url(), second.sandbox.base_url());
    assert_ne!(first.sandbox.api_key(), second.sandbox.api_key());
    first.customer("Aurora").await;
    second
        .get("/customers/1")
        .await
        .refused(404, "customer_not_found");
}

#[tokio::test]
async fn a_sandbox_that_is_stopped_accepts_no_connection() {
    let sandbox = Sandbox::start().await;
    let address = sandbox.address();
    // A connection that is kept alive and idle does not hold it up.
    let mut idle = TcpStream::connect(address).await.unwrap();
    idle.write_all(b"GET /api/v1/health HTTP/1.1\r\nhost: sandbox\r\n\r\n")
        .await
        .unwrap();
    let mut response = vec![0; 4096];
    assert!(idle.read(&mut response).await.unwrap() > 0);
    sandbox.stop().await;
    assert!(TcpStream::connect(address).await.is_err());
    assert_eq!(idle.read(&mut response).await.unwrap(), 0);
}

#[tokio::test]
async fn stopping_waits_for_the_response_that_is_under_way() {
    let sandbox = Sandbox::start().await;
    let mut slow = TcpStream::connect(sandbox.address()).await.unwrap();
    let head = format!(
        "POST /api/v1/customers HTTP/1.1\r\nhost: sandbox\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
         content-length: 17\r\nexpect: 100-continue\r\n\r\n",
        sandbox.api_key()
    );
    slow.write_all(head.as_bytes()).await.unwrap();
    let mut interim = [0; 25];
    slow.read_exact(&mut interim).await.unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    let stopping = tokio::spawn(sandbox.stop());
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!stopping.is_finished());
    slow.write_all(br#"{"name":"Aurora"}"#).await.unwrap();
    let mut response = String::new();
    slow.read_to_string(&mut response).await.unwrap();
    assert!(response.starts_with("HTTP/1.1 201 Created"), "{response}");
    stopping.await.unwrap();
}

#[tokio::test]
async fn a_dropped_sandbox_stops() {
    let sandbox = Sandbox::start().await;
    let address = sandbox.address();
    drop(sandbox);
    for _ in 0..500 {
        if TcpStream::connect(address).await.is_err() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the sandbox still accepts connections");
}

#[tokio::test]
async fn only_loopback_is_served_unless_allowed() {
    let everywhere = "0.0.0.0:0".parse().unwrap();
    let refused = Sandbox::builder()
        .listen(everywhere)
        .start()
        .await
        .unwrap_err();
    assert!(matches!(refused, StartError::NotLoopback(_)));
    assert!(
        refused.to_string().contains("allow_non_loopback"),
        "{refused}"
    );
    let allowed = Client::of(Sandbox::builder().listen(everywhere).allow_non_loopback()).await;
    assert!(allowed.sandbox.base_url().starts_with("http://127.0.0.1:"));
    allowed.get("/me").await.ok();
}

#[tokio::test]
async fn a_start_that_cannot_be_is_an_error() {
    let running = Sandbox::start().await;
    let taken = Sandbox::builder()
        .listen(running.address())
        .start()
        .await
        .unwrap_err();
    assert!(
        matches!(&taken, StartError::Bind { address, .. } if *address == running.address()),
        "{taken}"
    );

    let key = Sandbox::builder()
        .api_key("sk_secret")
        .start()
        .await
        .unwrap_err();
    assert!(matches!(key, StartError::ApiKey(_)));
    assert!(!format!("{key} {key:?}").contains("sk_secret"));

    let limit = Sandbox::builder().rate_limit(0).start().await.unwrap_err();
    assert!(matches!(limit, StartError::RateLimit));
}

#[tokio::test]
async fn a_builder_does_not_show_its_key() {
    assert!(!format!("{:?}", Sandbox::builder().api_key("pivotal_test_secret")).contains("secret"));
}

#[tokio::test]
async fn a_malformed_key_is_refused() {
    for secret in [
        "",
        "sk_123",
        "pivotal_",
        "pivotal_test_",
        "pivotal_a b",
        "pivotal_é",
    ] {
        let error = Sandbox::builder().api_key(secret).start().await;
        assert!(matches!(error, Err(StartError::ApiKey(_))), "{secret}");
    }
}

#[tokio::test]
async fn default_keys_are_distinct_test_keys() {
    let [first, second] = [Sandbox::start().await, Sandbox::start().await];
    assert!(first.api_key().starts_with("pivotal_test_"));
    assert_ne!(first.api_key(), second.api_key());
}
