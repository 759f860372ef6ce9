//! One GET with the SDK.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = pivotal_sdk::Client::from_env()?;
    let me = client.me().await?;
    println!("{me:?}");
    Ok(())
}
