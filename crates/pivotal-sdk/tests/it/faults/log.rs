//! What a program that logs everything gets to see of calls that meet faults: no key at all, no
//! body above TRACE.

use std::time::Duration;

use pivotal_sandbox::FaultKind;
use tracing::Level;

use super::operations::CONTENT;
use super::proxy;
use super::server::{Fault, each};
use crate::log::Log;
use crate::memory::KEY;

fn faults() -> Vec<Fault> {
    use FaultKind as Sandbox;
    use proxy::Fault as Proxy;

    let pause = Duration::from_millis(500);
    let sandbox = [
        Sandbox::Latency(Duration::from_millis(1)),
        Sandbox::RateLimited(None),
        Sandbox::Status(503),
        Sandbox::StatusAfterProcessing(504),
        Sandbox::Html502,
        Sandbox::ResetBeforeProcessing,
        Sandbox::ResetAfterProcessing,
        Sandbox::ResetInsideBody,
        Sandbox::StallAfterProcessing,
        Sandbox::SlowDrip(pause),
        Sandbox::TruncatedJson,
        Sandbox::MalformedJson,
        Sandbox::ContentLengthTooLong,
        Sandbox::ContentLengthTooShort,
        Sandbox::UnknownEnumValue,
        Sandbox::UnknownKey,
        Sandbox::MissingKey(None),
        Sandbox::KeyRevoked,
    ];
    let proxy = Proxy::ALL.map(Fault::from);
    sandbox.map(Fault::from).into_iter().chain(proxy).collect()
}

#[tokio::test]
async fn no_key_is_logged_and_no_body_above_trace() {
    // tracing asks every dispatcher whether it listens only when there is more than one of them.
    let _other = tracing::Dispatch::new(Log::at(Level::TRACE));
    for fault in faults() {
        let log = Log::at(Level::TRACE);
        let guard = tracing::subscriber::set_default(log.clone());
        each(fault.clone(), 1, async |server| {
            let client = server.builder().timeout(Duration::from_millis(300));
            // Some succeed and some do not; both are logged.
            let _ = server.call(&client.build().unwrap()).await;
        })
        .await;
        drop(guard);

        let lines = log.lines();
        let attempts = lines.iter().filter(|line| line.contains("attempt ended"));
        assert!(attempts.count() >= 18, "{fault}: attempts are events");
        let stack = lines.iter().filter(|line| line.starts_with("TRACE"));
        assert!(stack.count() > 0, "the HTTP stack is listened to as well");
        for line in lines {
            assert!(!line.contains(&KEY[12..]), "{fault}: {line}");
            let above_trace = !line.starts_with("TRACE");
            if above_trace || line.contains(" pivotal") {
                let expected = CONTENT.iter().find(|content| line.contains(*content));
                assert_eq!(expected, None, "{fault}: {line}");
            }
        }
    }
}
