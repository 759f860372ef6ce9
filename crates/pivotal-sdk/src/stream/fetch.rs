//! The request for one page of a list.

use std::panic::resume_unwind;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pivotal_runtime::BoxFuture;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tracing::Instrument;
use tracing::instrument::WithSubscriber;

use crate::error::{Error, Result};

/// The request for one page. Dropping it cancels the request.
pub(super) enum Fetch<T> {
    /// Makes progress only while the stream is polled.
    Here(BoxFuture<'static, Result<T>>),
    /// Runs as a task of its own, so that a slow consumer does not delay it until it times out.
    Ahead(Task<T>),
}

pub(super) struct Task<T>(JoinHandle<Result<T>>);

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl<T: Send + 'static> Fetch<T> {
    pub(super) fn here(page: impl Future<Output = Result<T>> + Send + 'static) -> Self {
        Self::Here(Box::pin(page))
    }

    /// Starts at once, or when it is first polled if there is no tokio runtime.
    pub(super) fn ahead(page: impl Future<Output = Result<T>> + Send + 'static) -> Self {
        match Handle::try_current() {
            Ok(runtime) => {
                let page = page.in_current_span().with_current_subscriber();
                Self::Ahead(Task(runtime.spawn(page)))
            }
            Err(_) => Self::here(page),
        }
    }

    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<T>> {
        let task = match self {
            Self::Here(page) => return page.as_mut().poll(context),
            Self::Ahead(Task(task)) => task,
        };
        let page = match ready!(Pin::new(task).poll(context)) {
            Ok(page) => page,
            Err(stopped) => match stopped.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                Err(_) => Err(Error::runtime_stopped()),
            },
        };
        Poll::Ready(page)
    }
}
