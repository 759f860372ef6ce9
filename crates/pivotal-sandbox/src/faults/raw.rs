//! Answers that an HTTP server would not write, written to the socket itself.

use std::{io, time::Duration};

use http::{header, response::Parts};
use tokio::time::sleep;

use super::{FaultKind, alter::http_date, kind::DRIP_BYTES};
use crate::wire::Wire;

/// How far a wrong content-length is off, where the body is long enough.
const LENGTH_ERROR: usize = 16;

/// How long half a response is given to arrive before the reset overtakes it.
const ARRIVAL: Duration = Duration::from_millis(20);

/// Carries out a fault of the wire: takes the socket, writes what the caller shall see of the
/// response, and lets the connection end. False when the fault is none of the wire; nothing has
/// happened then.
pub(super) async fn write(wire: &Wire, kind: &FaultKind, head: &Parts, body: &[u8]) -> bool {
    let written = match kind {
        FaultKind::ResetBeforeProcessing | FaultKind::ResetAfterProcessing => {
            wire.reset();
            Ok(())
        }
        FaultKind::StallBeforeProcessing | FaultKind::StallAfterProcessing => {
            wire.stopping().await;
            wire.reset();
            Ok(())
        }
        FaultKind::ResetInsideBody => {
            wire.take();
            let written = wire
                .write_all(&answer(head, body.len(), &body[..body.len() / 2]))
                .await;
            sleep(ARRIVAL).await;
            wire.reset();
            written
        }
        FaultKind::SlowDrip(pause) => {
            wire.take();
            drip(wire, *pause, &answer(head, body.len(), body)).await
        }
        FaultKind::ContentLengthTooLong => {
            wire.take();
            let promised = body.len() + LENGTH_ERROR;
            wire.write_all(&answer(head, promised, body)).await
        }
        FaultKind::ContentLengthTooShort => {
            wire.take();
            let promised = body.len().saturating_sub(LENGTH_ERROR);
            wire.write_all(&answer(head, promised, body)).await
        }
        _ => return false,
    };
    // A caller that has gone away sees nothing anyway.
    let _: io::Result<()> = written;
    true
}

/// Writes bytes a few at a time, the head of the response included.
async fn drip(wire: &Wire, pause: Duration, bytes: &[u8]) -> io::Result<()> {
    for (index, piece) in bytes.chunks(DRIP_BYTES).enumerate() {
        if index > 0 {
            tokio::select! {
                () = sleep(pause) => {}
                () = wire.stopping() => return Ok(()),
            }
        }
        wire.write_all(piece).await?;
    }
    Ok(())
}

/// A response as HTTP/1.1 writes it, with a content-length of our choice and as much of the body as
/// we like.
fn answer(head: &Parts, content_length: usize, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {}\r\n", head.status).into_bytes();
    for (name, value) in &head.headers {
        if *name != header::CONTENT_LENGTH {
            line(&mut bytes, name.as_str(), value.as_bytes());
        }
    }
    if let Some(date) =
        http_date(jiff::Timestamp::now()).filter(|_| !head.headers.contains_key(header::DATE))
    {
        line(&mut bytes, "date", date.as_bytes());
    }
    line(
        &mut bytes,
        "content-length",
        content_length.to_string().as_bytes(),
    );
    line(&mut bytes, "connection", b"close");
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    bytes
}

fn line(bytes: &mut Vec<u8>, name: &str, value: &[u8]) {
    bytes.extend_from_slice(name.as_bytes());
    bytes.extend_from_slice(b": ");
    bytes.extend_from_slice(value);
    bytes.extend_from_slice(b"\r\n");
}
