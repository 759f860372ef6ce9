//! Connects the generated client to the runtime.
//!
//! The generated client calls these hooks for every request. They must be in its crate;
//! [`pivotal_runtime`] implements them.

use pivotal_runtime::{Executor, Operation};
use progenitor_client::{ClientHooks, ClientInfo, Error, OperationInfo};
use reqwest::{Request, Response};

use super::generated::{Client, OPERATIONS};

/// The operation with this method name in the operation table; `None` if there is none.
pub fn operation(name: &str) -> Option<&'static Operation> {
    let position = OPERATIONS
        .binary_search_by(|operation| operation.name.cmp(name))
        .ok()?;
    Some(&OPERATIONS[position])
}

/// The operation that the generated client is calling.
fn begun(info: &OperationInfo) -> &'static Operation {
    operation(info.operation_id).expect("table and methods are generated together")
}

impl Client {
    /// The same client and connections with another executor, for the options and the record of one
    /// call.
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
