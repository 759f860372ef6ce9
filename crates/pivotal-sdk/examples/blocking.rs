//! Blocking calls, in a program that is not async.
//!
//! ```sh
//! cargo run -p pivotal-sdk --example blocking --features blocking
//! ```

use std::error::Error;

use pivotal_sdk::{Client, CreateCustomer, blocking};

mod server;

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    // Only the sandbox is async here.
    let async_runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let server = async_runtime.block_on(server::Server::start())?;
    run(&server.pivotal)
}

pub(crate) fn run(pivotal: &Client) -> Result<(), Box<dyn Error>> {
    let aurora = CreateCustomer::new("Aurora Outfitters").slug("aurora-demo");
    let created = pivotal.customers().create(aurora.clone()).send_blocking()?;
    println!("created {} {}", created.display_id, created.name);

    for customer in pivotal.customers().list().stream().blocking() {
        println!("listed  {}", customer?.name);
    }

    let found = blocking::run(pivotal.customers().get_or_create(aurora))?;
    println!("found   {}", found.into_inner().display_id);

    pivotal.customer(&created).delete().send_blocking()?;
    Ok(())
}
