//! Nobody there: every operation fails in the same way, and was surely not sent.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use pivotal_sandbox::Sandbox;
use pivotal_sdk::{Client, ClientBuilder, CreateCustomer, Delivery, ErrorKind};
use pivotal_sdk::{RetryBudget, RetryPolicy};
use reqwest::dns::{Name, Resolve, Resolving};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpSocket};

use super::operations::{self, Rows};
use super::server::{ATTEMPTS, settings};
use crate::memory::KEY;
use crate::sandbox::sandbox;

async fn unreachable(builder: ClientBuilder) {
    let (_sandbox, direct) = sandbox().await;
    let rows = Rows::make(&direct).await;
    let nobody = settings(builder).build().unwrap();
    join_all(operations::operations().map(async |operation| {
        let error = operations::call(&nobody, operation.name, &rows).await;
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Transport, "{error}");
        assert!(error.is_code("connect"), "{error}");
        assert_eq!(error.delivery(), Delivery::NotSent, "{error}");
        assert_eq!(error.attempts(), ATTEMPTS, "{error}");
        assert!(error.is_retryable(), "{error}");
        assert!(std::error::Error::source(&error).is_some(), "it says why");
    }))
    .await;
}

#[tokio::test]
async fn a_refused_connection() {
    // Bound, so that nobody else gets the port, but not listening.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap();
    unreachable(Client::builder().base_url(format!("http://{address}"))).await;
}

#[tokio::test]
async fn a_server_that_does_not_speak_tls() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let _ = socket.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    let builder = || Client::builder().base_url(format!("https://{address}"));
    let client = settings(builder()).build().unwrap();
    let error = client.me().await.unwrap_err().to_string();
    assert!(error.contains("begins with http://"), "{error}");
    unreachable(builder()).await;
}

#[tokio::test]
async fn a_handshake_that_never_ends() {
    // Accepts into its backlog and says nothing.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    unreachable(
        Client::builder()
            .base_url(format!("https://{address}"))
            .adjust_http(|http| http.connect_timeout(Duration::from_millis(50))),
    )
    .await;
}

/// A resolver of one's own: the system's takes as long as it likes.
#[derive(Clone, Copy)]
enum Dns {
    KnowsNobody,
    IsSilent,
}

impl Resolve for Dns {
    fn resolve(&self, name: Name) -> Resolving {
        let dns = *self;
        Box::pin(async move {
            match dns {
                Self::KnowsNobody => Err(format!("no such host: {}", name.as_str()).into()),
                Self::IsSilent => std::future::pending().await,
            }
        })
    }
}

#[tokio::test]
async fn a_host_that_does_not_exist() {
    for dns in [Dns::KnowsNobody, Dns::IsSilent] {
        unreachable(
            Client::builder()
                .base_url("https://pivotal.invalid")
                .adjust_http(move |http| {
                    http.no_proxy()
                        .dns_resolver(Arc::new(dns))
                        .connect_timeout(Duration::from_millis(50))
                }),
        )
        .await;
    }
}

#[tokio::test]
async fn a_host_that_the_system_does_not_know() {
    let client = Client::builder()
        .base_url("https://pivotal.invalid")
        .api_key(KEY)
        .adjust_http(reqwest::ClientBuilder::no_proxy)
        .retry(RetryPolicy::off())
        .build()
        .unwrap();
    let error = client.me().await.unwrap_err();
    assert!(error.is_transport() && error.is_code("connect"), "{error}");
    assert_eq!(error.delivery(), Delivery::NotSent);
}

#[tokio::test]
async fn a_server_that_comes_back_is_found() {
    let address = {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        socket.local_addr().unwrap()
    };
    let client = Client::builder()
        .base_url(format!("http://{address}"))
        .api_key(KEY)
        .retry(
            RetryPolicy::default()
                .max_attempts(1000)
                .backoff(Duration::from_millis(5), Duration::from_millis(20)),
        )
        .retry_budget(None::<RetryBudget>)
        .build()
        .unwrap();
    let aurora = CreateCustomer::new("Aurora");
    let call = tokio::spawn(client.customers().create(aurora).with_meta());
    tokio::time::sleep(Duration::from_millis(50)).await;
    let sandbox = Sandbox::builder().api_key(KEY).listen(address);
    let _sandbox = sandbox.start().await.unwrap();
    let created = call.await.unwrap().unwrap();
    assert!(created.meta.attempts() > 1);
    let mut history = created.meta.history().iter();
    assert!(history.all(|attempt| attempt.delivery == Delivery::NotSent));
}
