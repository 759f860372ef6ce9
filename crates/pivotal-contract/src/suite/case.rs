//! One case of the table.

use pivotal_sdk::BoxFuture;

use super::stage::{Flow, Stage};

/// What a case does to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// It reads. Should the server not refuse what it has to refuse, it reads all the same.
    Reads,
    /// It makes and changes records of its own, or would if the server did not refuse.
    Writes,
    /// It needs a server that fails on command.
    Faults,
}

type Run = dyn for<'s> Fn(&'s Stage) -> BoxFuture<'s, Flow> + Send + Sync;

/// A row of the table: a name, what it does to the server, and the calls.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) access: Access,
    run: Box<Run>,
}

impl Case {
    pub(crate) fn new(
        name: impl Into<String>,
        access: Access,
        run: impl for<'s> Fn(&'s Stage) -> BoxFuture<'s, Flow> + Send + Sync + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            access,
            run: Box::new(run),
        }
    }

    pub(crate) fn run<'s>(&self, stage: &'s Stage) -> BoxFuture<'s, Flow> {
        (self.run)(stage)
    }
}
