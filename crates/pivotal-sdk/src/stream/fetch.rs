//! One page on its way.

use std::panic::resume_unwind;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tracing::Instrument;
use tracing::instrument::WithSubscriber;

use crate::error::{Error, Result};

type Boxed<T> = Pin<Box<dyn Future<Output = Result<T>> + Send>>;

/// One page on its way. Dropping it cancels the request.
pub(super) enum Fetch<T> {
    /// Moves on while the stream is polled.
    Here(Boxed<T>),
    /// Moves on by itself, so that neither the server's time nor a timeout waits for the consumer.
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

    /// Begins at once; without a tokio runtime, when it is polled.
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
