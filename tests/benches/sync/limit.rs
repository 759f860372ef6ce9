//! The pace of an import at a rate limit, in simulated time.

#[allow(dead_code, reason = "the tests use the rest")]
#[path = "../../../crates/pivotal-runtime/tests/it/model.rs"]
mod model;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use model::Model;
use pivotal_runtime::{BoxFuture, Failure, HttpTransport, Transport};
use pivotal_sandbox::Sandbox;
use pivotal_sdk::Client;
use pivotal_sync::State;
use pivotal_test_support::bench::{Figure, Report};
use reqwest::Request;
use tokio::runtime::Runtime;
use tokio::time::Instant;

use crate::import;

const ONE_WAY: Duration = Duration::from_millis(20);

/// A sandbox behind the model of the rate limit. Time stands still while the sandbox responds.
struct Limited {
    model: Model,
    http: HttpTransport,
    server: tokio::runtime::Handle,
    calls: AtomicUsize,
    writes: AtomicUsize,
}

impl Transport for Limited {
    fn send(
        &self,
        request: Request,
        body_limit: usize,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, Failure>> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        if request.method() != Method::GET {
            self.writes.fetch_add(1, Ordering::Relaxed);
        }
        let same = request.try_clone().unwrap();
        Box::pin(async move {
            let limited = self.model.send(request, body_limit).await?;
            if limited.status() == 429 {
                return Ok(limited);
            }
            let (respond, response) = mpsc::channel();
            let http = self.http.clone();
            self.server.spawn(async move {
                let _ = respond.send(http.send(same, body_limit).await);
            });
            let mut response = response.recv().unwrap()?;
            for (name, value) in limited.headers() {
                response.headers_mut().insert(name, value.clone());
            }
            Ok(response)
        })
    }
}

pub(crate) fn measure(server: &Runtime, report: &mut Report) {
    for limit in [60, 600] {
        at(server, report, limit);
    }
}

fn at(server: &Runtime, report: &mut Report, limit: usize) {
    let customers = report.size(5_000, 50);
    let sandbox = server.block_on(Sandbox::start());
    let folder = tempfile::tempdir().unwrap();
    let source = import::source(folder.path(), customers);
    let simulated = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    simulated.block_on(async {
        let limited = Arc::new(Limited {
            model: Model::new(limit, ONE_WAY),
            http: HttpTransport::new(import::http_client(sandbox.base_url())),
            server: server.handle().clone(),
            calls: AtomicUsize::new(0),
            writes: AtomicUsize::new(0),
        });
        let client = Client::builder()
            .base_url(sandbox.base_url())
            .api_key(sandbox.api_key())
            .transport(Arc::clone(&limited) as Arc<dyn Transport>)
            .build()
            .unwrap();
        let state = State::open(&folder.path().join("pivotal.db")).unwrap();
        let started = Instant::now();
        let run = import::plan(&client, &state, &source).await;
        let done = import::apply(&client, &state, run).await.counts.done;
        assert_eq!(done, customers as u64);
        let minutes = started.elapsed().as_secs_f64() / 60.0;
        let calls = limited.calls.load(Ordering::Relaxed);
        limited.writes.store(0, Ordering::Relaxed);
        let again = import::plan(&client, &state, &source).await;
        import::apply(&client, &state, again).await;
        let least = calls as f64 / limit as f64;
        let what = format!("Import of {customers} customers at {limit} a minute");
        let name = |figure: &str| format!("limit/{limit}/{figure}");
        let time = format!("{what}, time ÷ least time");
        report.add(Figure::new(name("time"), time, minutes / least, "ratio").at_most(1.03));
        let time = format!("{what}, simulated time");
        report.add(Figure::new(name("minutes"), time, minutes, "min"));
        let writes = limited.writes.load(Ordering::Relaxed);
        for (figure, of, count) in [
            (
                "refused",
                "calls that the server refuses",
                limited.model.refused(),
            ),
            ("second_import", "writes of a second import", writes),
        ] {
            let what = format!("{what}, {of}");
            report.add(Figure::new(name(figure), what, count as f64, "count").at_most(0.0));
        }
    });
}
