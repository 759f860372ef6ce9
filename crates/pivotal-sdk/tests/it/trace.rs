//! The trace of the caller reaches the server.

use std::time::Duration;

use opentelemetry::trace::{FutureExt, TraceContextExt, Tracer, TracerProvider};
use opentelemetry::{Context, trace::SpanKind};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
use pivotal_sdk::{Client, RetryPolicy};
use pivotal_test_support::{ScriptedServer, response};
use tracing::Instrument;
use tracing_subscriber::layer::SubscriberExt;

/// A server that fails once, and then says that all is well.
fn server() -> ScriptedServer {
    let mut requests = 0;
    ScriptedServer::start(move |_| {
        requests += 1;
        let (status, body) = match requests {
            1 => ("503 Service Unavailable", "{}"),
            _ => (
                "200 OK",
                r#"{"status":"ok","timestamp":"2026-03-01T00:00:00.000Z"}"#,
            ),
        };
        response(status, "content-type: application/json\r\n", body)
    })
}

fn client(server: &ScriptedServer) -> Client {
    let retry = RetryPolicy::default().backoff(Duration::from_millis(1), Duration::from_millis(1));
    let client = Client::builder().base_url(server.base_url());
    client
        .api_key(crate::memory::KEY)
        .retry(retry)
        .build()
        .unwrap()
}

/// The values of a header in the two requests.
fn sent(server: &ScriptedServer, header: &str) -> [Option<String>; 2] {
    let requests = server.requests();
    let value = |index: usize| requests[index].header(header).map(str::to_owned);
    assert_eq!(requests.len(), 2);
    [value(0), value(1)]
}

#[tokio::test]
async fn the_parent_is_the_span_of_the_call() {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(exporter.clone())
        .build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));

    let server = server();
    let caller = tracing::info_span!("caller");
    client(&server)
        .health()
        .send()
        .instrument(caller)
        .await
        .unwrap();

    let spans = exporter.get_finished_spans().unwrap();
    let call = spans.iter().find(|span| span.span_kind == SpanKind::Client);
    let caller = spans.iter().find(|span| span.name == "caller").unwrap();
    let call = call.unwrap();
    assert_eq!(call.parent_span_id, caller.span_context.span_id());
    let trace = caller.span_context.trace_id();
    let expected = format!("00-{trace}-{}-01", call.span_context.span_id());
    assert_eq!(
        sent(&server, "traceparent"),
        [Some(expected.clone()), Some(expected)]
    );
}

#[tokio::test]
async fn without_the_layer_the_parent_is_the_current_context() {
    let provider = SdkTracerProvider::builder().build();
    let span = provider.tracer("test").start("caller");
    let context = Context::current_with_span(span);
    let caller = context.span().span_context().clone();

    let server = server();
    client(&server)
        .health()
        .send()
        .with_context(context)
        .await
        .unwrap();

    let expected = format!("00-{}-{}-01", caller.trace_id(), caller.span_id());
    assert_eq!(
        sent(&server, "traceparent"),
        [Some(expected.clone()), Some(expected)]
    );
    for other in ["tracestate", "baggage"] {
        assert_eq!(sent(&server, other), [None, None]);
    }

    let own = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
    let server = self::server();
    let call = client(&server).health().header("traceparent", own);
    let provider = SdkTracerProvider::builder().build();
    let context = Context::current_with_span(provider.tracer("test").start("caller"));
    call.send().with_context(context).await.unwrap();
    assert_eq!(
        sent(&server, "traceparent"),
        [Some(own.into()), Some(own.into())]
    );
}

#[tokio::test]
async fn outside_a_trace_no_header_is_sent() {
    let server = server();
    client(&server).health().await.unwrap();
    assert_eq!(sent(&server, "traceparent"), [None, None]);
}
