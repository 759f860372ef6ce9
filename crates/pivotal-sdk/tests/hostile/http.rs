//! What is not HTTP, or HTTP of the worst kind: heads, lengths, chunks, encodings, redirects.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use pivotal_test_support::Reply;

use crate::{Call, Case, customer, json_response};

pub(crate) fn cases() -> Vec<Case> {
    [
        heads(),
        interim_responses(),
        lengths(),
        chunks(),
        encodings(),
        redirects(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A whole response: this head without its end, and a customer.
fn with_head(head: &str) -> String {
    let body = customer().to_string();
    format!(
        "{head}content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn heads() -> Vec<Case> {
    let ok = "HTTP/1.1 200 OK\r\n";
    let many = |lines: usize| {
        (0..lines)
            .map(|line| format!("x-{line}: 1\r\n"))
            .collect::<String>()
    };
    [
        ("no bytes", String::new()),
        ("no HTTP", "220 mail.test ESMTP\r\n".to_owned()),
        ("a body alone", customer().to_string()),
        ("HTTP/0.9", format!("HTTP/0.9 200 OK\r\n\r\n{}", customer())),
        ("HTTP/1.0", with_head("HTTP/1.0 200 OK\r\n")),
        ("HTTP/2.0 as text", with_head("HTTP/2.0 200 OK\r\n")),
        (
            "the preface of HTTP/2",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
        ),
        ("no reason", with_head("HTTP/1.1 200\r\n")),
        ("status 099", with_head("HTTP/1.1 099 Low\r\n")),
        ("status 1000", with_head("HTTP/1.1 1000 High\r\n")),
        ("status 999", with_head("HTTP/1.1 999 High\r\n")),
        ("a negative status", with_head("HTTP/1.1 -200 OK\r\n")),
        ("half a status line", "HTTP/1.1 20".to_owned()),
        ("half a head", format!("{ok}content-type: appl")),
        ("line feeds alone", with_head(ok).replace("\r\n", "\n")),
        (
            "a header without a colon",
            with_head(&format!("{ok}no colon\r\n")),
        ),
        (
            "a header without a name",
            with_head(&format!("{ok}: value\r\n")),
        ),
        (
            "a space in a header name",
            with_head(&format!("{ok}x y: value\r\n")),
        ),
        ("a folded header", with_head(&format!("{ok}x: a\r\n b\r\n"))),
        ("NUL in a header", with_head(&format!("{ok}x: a\0b\r\n"))),
        ("ESC in a header", with_head(&format!("{ok}x: \x1b[2J\r\n"))),
        (
            "two content types",
            with_head(&format!(
                "{ok}content-type: text/html\r\ncontent-type: text/xml\r\n"
            )),
        ),
        ("101 headers", with_head(&format!("{ok}{}", many(101)))),
        (
            "10,000 headers",
            with_head(&format!("{ok}{}", many(10_000))),
        ),
        (
            "a header of 1 MiB",
            with_head(&format!("{ok}x: {}\r\n", "a".repeat(1 << 20))),
        ),
        (
            "a reason of 1 MiB",
            with_head(&format!("HTTP/1.1 200 {}\r\n", "a".repeat(1 << 20))),
        ),
        ("two responses at once", with_head(ok).repeat(2)),
    ]
    .into_iter()
    .map(|(name, bytes)| Case::get(name, bytes))
    .chain([
        Case::get(
            "a header that is not UTF-8",
            [ok.as_bytes(), b"x: \xff\xfe\r\n", with_head("").as_bytes()].concat(),
        ),
        Case::new("headers without end", Call::Get, |_, _| Reply::Repeat {
            head: b"HTTP/1.1 200 OK\r\n".to_vec(),
            again: b"x: 1\r\n".to_vec(),
        }),
        Case::new("a status line without end", Call::Get, |_, _| {
            Reply::Repeat {
                head: b"HTTP/1.1 200 ".to_vec(),
                again: b"OK ".to_vec(),
            }
        }),
    ])
    .collect()
}

fn interim_responses() -> Vec<Case> {
    let after =
        |interim: &str, times: usize| interim.repeat(times) + &with_head("HTTP/1.1 200 OK\r\n");
    vec![
        Case::get(
            "100 before the response",
            after("HTTP/1.1 100 Continue\r\n\r\n", 1),
        ),
        Case::get(
            "103 fifty times",
            after("HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n", 50),
        ),
        Case::get(
            "101 as the response",
            "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
        ),
        Case::get(
            "102 as the only response",
            "HTTP/1.1 102 Processing\r\n\r\n",
        ),
        Case::new("102 without end", Call::Get, |_, _| Reply::Repeat {
            head: Vec::new(),
            again: b"HTTP/1.1 102 Processing\r\n\r\n".to_vec(),
        })
        .impatient(),
    ]
}

fn lengths() -> Vec<Case> {
    let body = customer().to_string();
    let length = body.len();
    let ok = "HTTP/1.1 200 OK\r\nconnection: close\r\n";
    [
        ("no length", String::new()),
        (
            "a length that is too long",
            format!("content-length: {}\r\n", length + 1),
        ),
        (
            "a length that is too short",
            format!("content-length: {}\r\n", length - 1),
        ),
        ("a length of 0", "content-length: 0\r\n".to_owned()),
        ("a negative length", "content-length: -1\r\n".to_owned()),
        (
            "a length with a sign",
            format!("content-length: +{length}\r\n"),
        ),
        (
            "a hexadecimal length",
            format!("content-length: {length:#x}\r\n"),
        ),
        (
            "a length of 10^18",
            format!("content-length: {}\r\n", 10_u64.pow(18)),
        ),
        (
            "a length of 10^30",
            format!("content-length: 1{}\r\n", "0".repeat(30)),
        ),
        (
            "a length that is text",
            "content-length: many\r\n".to_owned(),
        ),
        ("an empty length", "content-length:\r\n".to_owned()),
        (
            "two equal lengths",
            format!("content-length: {length}\r\n").repeat(2),
        ),
        (
            "two different lengths",
            format!("content-length: {length}\r\ncontent-length: 5\r\n"),
        ),
        (
            "two lengths in a header",
            format!("content-length: {length}, 5\r\n"),
        ),
    ]
    .into_iter()
    .map(|(name, headers)| Case::get(name, format!("{ok}{headers}\r\n{body}")))
    .collect()
}

fn chunks() -> Vec<Case> {
    let body = customer().to_string();
    let length = body.len();
    let chunked = "HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n";
    let whole = format!("{length:x}\r\n{body}\r\n");
    let cases = [
        ("one chunk", format!("\r\n{whole}0\r\n\r\n")),
        ("a chunk of each byte", {
            let bytes = body
                .bytes()
                .map(|byte| format!("1\r\n{}\r\n", char::from(byte)));
            format!("\r\n{}0\r\n\r\n", bytes.collect::<String>())
        }),
        ("no last chunk", format!("\r\n{whole}")),
        ("half a chunk", format!("\r\n{:x}\r\n{body}", length + 10)),
        (
            "a chunk size that is no number",
            format!("\r\nxyz\r\n{body}\r\n0\r\n\r\n"),
        ),
        (
            "a negative chunk size",
            format!("\r\n-5\r\n{body}\r\n0\r\n\r\n"),
        ),
        (
            "an empty chunk size",
            format!("\r\n\r\n{body}\r\n0\r\n\r\n"),
        ),
        (
            "a chunk size of 2^64 - 1",
            format!("\r\nffffffffffffffff\r\n{body}"),
        ),
        (
            "a chunk size over 2^64",
            format!("\r\n{}\r\n{body}", "f".repeat(40)),
        ),
        (
            "no line break after a chunk",
            format!("\r\n{length:x}\r\n{body}0\r\n\r\n"),
        ),
        (
            "a chunk extension of 1 MiB",
            format!(
                "\r\n{length:x};{}\r\n{body}\r\n0\r\n\r\n",
                "a".repeat(1 << 20)
            ),
        ),
        ("a trailer", format!("\r\n{whole}0\r\nx: 1\r\n\r\n")),
        (
            "10,000 trailers",
            format!("\r\n{whole}0\r\n{}\r\n", "x: 1\r\n".repeat(10_000)),
        ),
        (
            "chunks and a length",
            format!("content-length: 5\r\n\r\n{whole}0\r\n\r\n"),
        ),
        (
            "chunked twice",
            format!("transfer-encoding: chunked\r\n\r\n{whole}0\r\n\r\n"),
        ),
    ];
    let others = ["identity", "gzip, chunked", "chunked, gzip", "xchunked"].map(|coding| {
        let head =
            format!("HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: {coding}\r\n\r\n");
        Case::get(
            format!("transfer coding {coding}"),
            format!("{head}{whole}0\r\n\r\n"),
        )
    });
    let cases = cases.map(|(name, rest)| Case::get(name, format!("{chunked}{rest}")));
    let endless = Case::new("chunks without end", Call::Get, |_, _| {
        Reply::Endless("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
    });
    cases
        .into_iter()
        .chain(others)
        .chain([endless.impatient()])
        .collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A gzip file of so many MiB of spaces.
fn bomb(mebibytes: usize) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    for _ in 0..mebibytes {
        encoder.write_all(&[b' '; 1 << 20]).unwrap();
    }
    encoder.finish().unwrap()
}

fn encodings() -> Vec<Case> {
    let body = customer().to_string();
    let packed = gzip(body.as_bytes());
    [
        ("gzip", "gzip", packed.clone()),
        ("gzip that is not", "gzip", body.clone().into_bytes()),
        (
            "gzip that is cut off",
            "gzip",
            packed[..packed.len() / 2].to_vec(),
        ),
        ("gzip with a wrong sum", "gzip", {
            let mut packed = packed.clone();
            let sum = packed.len() - 8;
            packed[sum] ^= 1;
            packed
        }),
        (
            "gzip with bytes after it",
            "gzip",
            [&packed[..], b"more"].concat(),
        ),
        ("gzip within gzip", "gzip", gzip(&packed)),
        ("gzip of nothing", "gzip", gzip(b"")),
        ("gzip of no bytes", "gzip", Vec::new()),
        ("gzip that nobody declared", "identity", packed),
        ("a gzip bomb of 1 GiB", "gzip", bomb(1024)),
        ("a gzip bomb in a gzip bomb", "gzip", gzip(&bomb(1024))),
        ("an unknown encoding", "br", body.into_bytes()),
    ]
    .into_iter()
    .map(|(name, coding, body)| {
        let headers = format!("content-encoding: {coding}\r\n");
        let reply = pivotal_test_support::response("200 OK", &headers, body);
        Case::new(name, Call::Get, move |_, _| reply.clone())
    })
    .collect()
}

fn redirects() -> Vec<Case> {
    let location = |location: &str| format!("location: {location}\r\n");
    let statuses = [
        "300 Many",
        "301 Moved",
        "302 Found",
        "303 Other",
        "304 Same",
        "307 There",
        "308 There",
    ];
    let by_status = statuses.map(|status| {
        let headers = location("/api/v1/customers/1");
        Case::new(
            format!("a create gets {status}"),
            Call::Create,
            move |_, _| json_response(status, &headers, &customer()),
        )
    });
    let locations = [
        ("nowhere", String::new()),
        ("to another host", location("http://attacker.test/")),
        ("to a file", location("file:///etc/passwd")),
        ("to a script", location("javascript:alert(1)")),
        (
            "with a key in it",
            location(&format!("/?key={}", crate::KEY)),
        ),
        ("to 1 MiB", location(&"a".repeat(1 << 17))),
    ];
    let by_location = locations.map(|(name, headers)| {
        Case::new(format!("a redirect {name}"), Call::Get, move |_, _| {
            json_response("307 There", &headers, &customer())
        })
    });
    by_status.into_iter().chain(by_location).collect()
}
