//! Ties the generated client to the runtime.
//!
//! The generated client calls these hooks for every request. They have to stand in its crate; what
//! they do stands in [`pivotal_runtime`].

use pivotal_runtime::{Executor, Operation};
use progenitor_client::{ClientHooks, ClientInfo, Error, OperationInfo};
use reqwest::{Request, Response};

use super::generated::{Client, OPERATIONS};

/// The entry of an operation in the operation table, by its method's name; `None` when there is no
/// such operation.
pub fn operation(name: &str) -> Option<&'static Operation> {
    let position = OPERATIONS
        .binary_search_by(|operation| operation.name.cmp(name))
        .ok()?;
    Some(&OPERATIONS[position])
}

/// The entry of an operation that the generated client has just begun.
fn begun(info: &OperationInfo) -> &'static Operation {
    operation(info.operation_id).expect("table and methods are generated together")
}

impl Client {
    /// The same client, on the same connections, with another executor: the options and the record
    /// of one call.
    #[must_use]
    pub fn with_executor(&self, executor: Executor) -> Self {
        Self::new_with_client(self.baseurl(), self.client().clone(), executor)
    }
}

impl ClientHooks<Executor> for Client {
    async fn pre<E>(&self, request: &mut Request, info: &OperationInfo) -> Result<(), Error<E>> {
        self.inner()
            .prepare(request, begun(info))
            .map_err(|refusal| Error::InvalidRequest(refusal.to_string()))
    }

    fn exec(
        &self,
        request: Request,
        info: &OperationInfo,
    ) -> impl Future<Output = reqwest::Result<Response>> {
        self.inner().send(self.client(), request, begun(info))
    }
}
