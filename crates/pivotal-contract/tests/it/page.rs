use std::sync::Arc;

use pivotal_contract::ContractObserver;
use pivotal_sdk::{Client, ClientBuilder};

/// A client that tells of drift.
pub(crate) fn watched(settings: ClientBuilder) -> Result<Client, pivotal_sdk::Error> {
    let observer = ContractObserver::new(|violation| eprintln!("drift: {violation}"))
        .on_addition(|addition| eprintln!("new: {addition}"));
    settings.observer(Arc::new(observer)).build()
}
