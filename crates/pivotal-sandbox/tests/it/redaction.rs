//! API keys in places where none belongs.

use pivotal_sandbox::Sandbox;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::client::Client;

#[tokio::test]
async fn keys_are_redacted_in_paths_and_queries() {
    let sandbox = Sandbox::start().await;
    for (target, shown) in [
        (
            "/me?api_key=pivotal_K8s9abcdefgh",
            "/me?api_key=pivotal_K8s9[redacted]",
        ),
        (
            "/?pivotal_test_K8s9abcd&x=pivotal_abcd-efg_h.",
            "/?pivotal_test_K8s9[redacted]&x=pivotal_abcd[redacted]",
        ),
        (
            "/customers?slug=pivotal_labs",
            "/customers?slug=pivotal_labs",
        ),
        (
            "/customers?api_key=pivotal_test_ab.cdefghijklmnopq&limit=1",
            "/customers?api_key=pivotal_test_ab.c[redacted]&limit=1",
        ),
        (
            "/c%20é/x?api_key=pivotal%5Ftest_abcdefghijklmnopqrst&limit=1",
            "/c%20é/x?api_key=[redacted]&limit=1",
        ),
        (
            "/?k=pivotal_a&secret%22'/?secret&limit=1",
            "/?k=pivotal_a&se[redacted]&limit=1",
        ),
        (
            "/\"/pivotal_a&secret\"'/é?limit=1",
            "/\"/pivotal_a&se[redacted]?limit=1",
        ),
        ("/?k=pivotal_ééééé", "/?k=pivotal_éé[redacted]"),
        ("/?k=pivotal_test_ab", "/?k=pivotal_test_a[redacted]"),
        ("/?k=pivotal%5flabs&x=1", "/?k=pivotal%5flabs&x=1"),
        ("/?s=whsec_c2VjcmV0&x=1", "/?s=[redacted]&x=1"),
        ("/?pivotal_test_", "/?pivotal_test_"),
        ("/pivotal_", "/pivotal_"),
        ("/nothing", "/nothing"),
    ] {
        // A raw socket: an HTTP client would encode some of these characters.
        let mut socket = TcpStream::connect(sandbox.address()).await.unwrap();
        let request =
            format!("GET {target} HTTP/1.1\r\nhost: sandbox\r\nconnection: close\r\n\r\n");
        socket.write_all(request.as_bytes()).await.unwrap();
        socket.read_to_end(&mut Vec::new()).await.unwrap();
        let request = sandbox.requests().pop().unwrap();
        let query = request.query.map(|query| format!("?{query}"));
        assert_eq!(request.path + &query.unwrap_or_default(), shown);
    }
}

#[tokio::test]
async fn keys_are_redacted_in_headers() {
    let pivotal = Client::start().await;
    for (value, shown) in [
        ("pivotal_live9secretsecret", "pivotal_live[redacted]"),
        (
            "key=\"pivotal_test_a&secret\" then",
            "key=\"pivotal_test_a&se[redacted] then",
        ),
        ("pivotal%5Flive9secretsecret\t%", "[redacted]\t%"),
        ("k=pivotal_ééééé", "k=pivotal_éé[redacted]"),
        ("text/html, a b", "text/html, a b"),
    ] {
        let request = pivotal.request(reqwest::Method::GET, "/me");
        let value = reqwest::header::HeaderValue::from_bytes(value.as_bytes()).unwrap();
        request.header("x-test", value).send().await.unwrap();
        let request = pivotal.sandbox.requests().pop().unwrap();
        assert_eq!(request.header("x-test"), Some(shown));
    }
}
