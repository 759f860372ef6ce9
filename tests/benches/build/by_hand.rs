//! One GET with reqwest.

use std::time::Duration;

use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[allow(dead_code)]
struct Me {
    id: String,
    name: Option<String>,
    email: Option<String>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let provider = rustls::crypto::ring::default_provider();
    provider.install_default().map_err(|_| "no provider")?;
    let key = std::env::var("PIVOTAL_API_KEY")?;
    let client = reqwest::Client::builder()
        .timeout(Duration::from_secs(30))
        .build()?;
    let request = client
        .get("https://my.pivotal.app/api/v1/me")
        .bearer_auth(key);
    let me: Me = request.send().await?.error_for_status()?.json().await?;
    println!("{me:?}");
    Ok(())
}
