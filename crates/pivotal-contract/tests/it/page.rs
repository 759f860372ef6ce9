use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use pivotal_contract::ContractObserver;
use pivotal_sdk::{Client, ClientBuilder, Result};

/// The job itself.
async fn sync(pivotal: &Client) -> Result<()> {
    let mut customers = pivotal.customers().list().stream();
    while let Some(customer) = customers.try_next().await? {
        println!("{} {}", customer.display_id, customer.status);
    }
    Ok(())
}

/// Runs the job and returns the number of violations.
pub(crate) async fn run(settings: ClientBuilder) -> Result<usize> {
    let seen = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&seen);
    let observer = ContractObserver::new(move |violation| {
        eprintln!("drift: {violation}");
        counter.fetch_add(1, Ordering::Relaxed);
    })
    .on_addition(|addition| eprintln!("new: {addition}"));
    sync(&settings.observer(Arc::new(observer)).build()?).await?;
    Ok(seen.load(Ordering::Relaxed))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let drift = run(ClientBuilder::from_env()?).await?;
    Ok(ExitCode::from(u8::from(drift > 0)))
}
