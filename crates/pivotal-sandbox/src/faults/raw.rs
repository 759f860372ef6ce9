//! Responses that an HTTP server would not write, written to the socket directly.

use std::{io, time::Duration};

use http::{header, response::Parts};
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
    let written = match kind {
        FaultKind::ResetBeforeProcessing | FaultKind::ResetAfterProcessing => {
            socket.reset();
            Ok(())
        }
        FaultKind::StallBeforeProcessing | FaultKind::StallAfterProcessing => {
            socket.stopping().await;
            socket.reset();
            Ok(())
        }
        FaultKind::ResetInsideBody => {
            socket.take();
            let written = socket
                .write_all(&response_bytes(head, body.len(), &body[..body.len() / 2]))
                .await;
            sleep(ARRIVAL_TIME).await;
            socket.reset();
            written
        }
        FaultKind::SlowDrip(pause) => {
            socket.take();
            drip(socket, *pause, &response_bytes(head, body.len(), body)).await
        }
        FaultKind::ContentLengthTooLong => {
            socket.take();
            let promised = body.len() + LENGTH_ERROR;
            socket
                .write_all(&response_bytes(head, promised, body))
                .await
        }
        FaultKind::ContentLengthTooShort => {
            socket.take();
            let promised = body.len().saturating_sub(LENGTH_ERROR);
            socket
                .write_all(&response_bytes(head, promised, body))
                .await
        }
        _ => return false,
    };
    // A write fails if the caller has gone away.
    let _: io::Result<()> = written;
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
    let last = format!("content-length: {content_length}\r\nconnection: close\r\n\r\n");
    bytes.extend_from_slice(last.as_bytes());
    bytes.extend_from_slice(body);
    bytes
}

fn line(bytes: &mut Vec<u8>, name: &str, value: &[u8]) {
    bytes.extend_from_slice(name.as_bytes());
    bytes.extend_from_slice(b": ");
    bytes.extend_from_slice(value);
    bytes.extend_from_slice(b"\r\n");
}
