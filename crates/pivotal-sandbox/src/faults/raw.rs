//! Responses that an HTTP server would not write, written to the socket directly.

use std::{io, time::Duration};

use http::{HeaderValue, header, response::Parts};
use jiff::Timestamp;
use tokio::time::sleep;

use super::{FaultKind, alter::http_date, kind::DRIP_BYTES};
use crate::connection::Socket;

/// By how many bytes a wrong content-length is off, if the body is long enough.
const LENGTH_ERROR: usize = 16;

/// How long half a response has to arrive before the reset overtakes it.
const ARRIVAL_TIME: Duration = Duration::from_millis(20);

/// Injects a connection fault: takes the socket, writes what the caller is to see of the response,
/// and ends the connection. Returns false, without effect, if the fault is of another kind.
pub(super) async fn write(socket: &Socket, kind: &FaultKind, head: &Parts, body: &[u8]) -> bool {
    let length = body.len();
    let (promised, sent) = match kind {
        FaultKind::ResetBeforeProcessing | FaultKind::ResetAfterProcessing => {
            socket.reset();
            return true;
        }
        FaultKind::StallBeforeProcessing | FaultKind::StallAfterProcessing => {
            socket.stopping().await;
            socket.reset();
            return true;
        }
        FaultKind::ResetInsideBody => (length, &body[..length / 2]),
        FaultKind::SlowDrip(_) => (length, body),
        FaultKind::ContentLengthTooLong => (length + LENGTH_ERROR, body),
        FaultKind::ContentLengthTooShort => (length.saturating_sub(LENGTH_ERROR), body),
        _ => return false,
    };
    socket.take();
    let bytes = response_bytes(head, promised, sent);
    // A write fails if the caller has gone away.
    let _: io::Result<()> = match kind {
        FaultKind::SlowDrip(pause) => drip(socket, *pause, &bytes).await,
        _ => socket.write_all(&bytes).await,
    };
    if *kind == FaultKind::ResetInsideBody {
        sleep(ARRIVAL_TIME).await;
        socket.reset();
    }
    true
}

/// Writes the response, head included, a few bytes at a time.
async fn drip(socket: &Socket, pause: Duration, bytes: &[u8]) -> io::Result<()> {
    for (index, piece) in bytes.chunks(DRIP_BYTES).enumerate() {
        if index > 0 {
            tokio::select! {
                () = sleep(pause) => {}
                () = socket.stopping() => return Ok(()),
            }
        }
        socket.write_all(piece).await?;
    }
    Ok(())
}

/// An HTTP/1.1 response with any content-length and any part of the body.
fn response_bytes(head: &Parts, content_length: usize, body: &[u8]) -> Vec<u8> {
    let mut headers = head.headers.clone();
    let date = http_date(Timestamp::now()).filter(|_| !headers.contains_key(header::DATE));
    headers.extend(date.map(|date| (header::DATE, date)));
    headers.insert(header::CONTENT_LENGTH, content_length.into());
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    let mut bytes = format!("HTTP/1.1 {}\r\n", head.status).into_bytes();
    for (name, value) in &headers {
        bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    bytes
}
