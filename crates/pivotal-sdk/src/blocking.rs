//! Blocking calls, for programs that are not async.
//!
//! The client is the same. [`Call::send_blocking`] replaces `.await` for calls, [`run`] for
//! everything else that is async. The calling thread blocks. A background thread of the SDK drives
//! connections, timers and prefetching.
//!
//! ```
//! use pivotal_sdk::blocking;
//! use pivotal_sdk::{Client, CreateCustomer};
//!
//! fn main() -> pivotal_sdk::Result<()> {
//! #   let sandbox = blocking::run(async { Ok(pivotal_sandbox::Sandbox::start().await) })?;
//! #   let (base_url, key) = (sandbox.base_url(), sandbox.api_key());
//!     let pivotal = Client::builder().base_url(base_url).api_key(key).build()?;
//!     let aurora = CreateCustomer::new("Aurora Outfitters").slug("aurora-demo");
//!     let created = pivotal.customers().create(aurora.clone()).send_blocking()?;
//!
//!     for customer in pivotal.customers().list().stream().blocking() {
//!         println!("{}", customer?.name);
//!     }
//!     let found = blocking::run(pivotal.customers().get_or_create(aurora))?;
//!     assert_eq!(found.into_inner().id, created.id);
//!     Ok(())
//! }
//! ```
//!
//! In async code all of this panics at once, as [`Runtime::block_on`] does: it would block a thread
//! that drives other tasks. `tokio::task::spawn_blocking` and `block_in_place` permit it.
//!
//! # Tests
//! A sandbox is async. A test that is not starts it on a runtime of its own, which must live as long
//! as the sandbox is used:
//!
//! ```
//! use pivotal_sandbox::Sandbox;
//! use pivotal_sdk::Client;
//! use tokio::runtime::Runtime; // with tokio's feature `rt-multi-thread`
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let runtime = Runtime::new()?;
//! let sandbox = runtime.block_on(async { Sandbox::start().await });
//! let (base_url, key) = (sandbox.base_url(), sandbox.api_key());
//! let pivotal = Client::builder().base_url(base_url).api_key(key).build()?;
//! assert!(pivotal.customers().list().send_blocking()?.data.is_empty());
//! # Ok(())
//! # }
//! ```

use std::iter::FusedIterator;
use std::sync::OnceLock;

use futures_util::stream::FusedStream;
use futures_util::{Stream, TryStreamExt};
use pivotal_api::endpoint::{Endpoint, Paged};
use tokio::runtime::{Builder, Runtime};

use crate::call::Call;
use crate::error::{Error, Result};
use crate::response::Response;
use crate::stream::{Pages, Results, Rows};

/// Blocks until a future of this crate is complete: a call, a recipe or a step of a stream. The
/// future is polled on the calling thread, so that it need be neither `Send` nor `'static`.
///
/// # Panics
/// In async code.
///
/// # Errors
/// The error of the future, or [`Config`](crate::ErrorKind::Config) if the background thread cannot
/// be started.
#[track_caller]
pub fn run<T>(future: impl IntoFuture<Output = Result<T>>) -> Result<T> {
    runtime()?.block_on(future.into_future())
}

fn runtime() -> Result<&'static Runtime> {
    static RUNTIME: OnceLock<std::io::Result<Runtime>> = OnceLock::new();
    let made = RUNTIME.get_or_init(|| {
        Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("pivotal-sdk")
            .enable_all()
            .build()
    });
    made.as_ref().map_err(|error| {
        let message = format!("the background thread could not be started: {error}");
        Error::config("blocking", message)
    })
}

impl<O: Endpoint> Call<O> {
    /// Sends the call and blocks until the response is complete. The blocking form of `.await`.
    ///
    /// # Panics
    /// In async code.
    ///
    /// # Errors
    /// The errors of awaiting the call.
    #[track_caller]
    pub fn send_blocking(self) -> Result<O::Response> {
        run(self)
    }

    /// The blocking form of [`with_meta`](Self::with_meta).
    ///
    /// # Panics
    /// In async code.
    ///
    /// # Errors
    /// The errors of awaiting the call.
    #[track_caller]
    pub fn with_meta_blocking(self) -> Result<Response<O::Response>> {
        run(self.with_meta())
    }
}

impl<O: Paged> Rows<O> {
    /// The rows as a blocking iterator. It panics in async code.
    pub fn blocking(self) -> Iter<Self> {
        Iter(self)
    }
}

impl<O: Paged> Results<O> {
    /// The rows and the errors of rows as a blocking iterator.
    pub fn blocking(self) -> Iter<Self> {
        Iter(self)
    }
}

impl<O: Paged> Pages<O> {
    /// The pages as a blocking iterator. It panics in async code.
    pub fn blocking(self) -> Iter<Self> {
        Iter(self)
    }
}

/// A stream as a blocking iterator.
#[derive(Debug)]
#[must_use = "an iterator does nothing until it is advanced"]
pub struct Iter<S>(S);

impl<S> Iter<S> {
    /// The stream.
    pub fn get_ref(&self) -> &S {
        &self.0
    }
}

impl<T, S: Stream<Item = Result<T>> + Unpin> Iterator for Iter<S> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Self::Item> {
        run(self.0.try_next()).transpose()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<T, S: FusedStream<Item = Result<T>> + Unpin> FusedIterator for Iter<S> {}
