//! Decodes a source to UTF-8.

use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8};

use crate::error::did_you_mean;

/// Why a record cannot be read.
pub(super) const NOT_UTF_8: &str =
    "the record is not UTF-8; set the encoding, such as windows-1252";

/// The encoding of this name, or why there is none.
pub(crate) fn encoding(name: &str) -> Result<&'static Encoding, String> {
    Encoding::for_label(name.as_bytes()).ok_or_else(|| {
        let names = ["utf-8", "utf-16le", "utf-16be", "latin1", "windows-1252"];
        let hint = did_you_mean(name, names);
        format!("the encoding {name:?} is unknown{hint}")
    })
}

/// A reader of UTF-8. Malformed UTF-8 is passed on, so that the record it stands in is named;
/// malformed text of another encoding is an error.
pub(super) fn decode(
    mut reader: impl Read + Send + 'static,
    encoding: Option<&str>,
) -> Result<Box<dyn Read + Send>, String> {
    let named = encoding.map_or(Ok(UTF_8), self::encoding)?;
    let mut start = Vec::new();
    (&mut reader)
        .take(4)
        .read_to_end(&mut start)
        .map_err(|error| error.to_string())?;
    if start.starts_with(b"PK\x03\x04") {
        return Err(
            "it is a workbook of Excel or another ZIP archive; save it as CSV, and import that"
                .into(),
        );
    }
    if start.starts_with(b"\x1f\x8b") {
        return Err("it is compressed; decompress it: `gunzip -c FILE | pivotal import -`".into());
    }
    let (encoding, mark) = Encoding::for_bom(&start).unwrap_or((named, 0));
    let rest = io::Cursor::new(start.split_off(mark)).chain(reader);
    if encoding == UTF_8 {
        return Ok(Box::new(rest));
    }
    Ok(Box::new(Decoded {
        reader: rest,
        decoder: encoding.new_decoder_without_bom_handling(),
        input: Vec::new(),
        ended: false,
        output: Vec::new(),
        read: 0,
    }))
}

struct Decoded<R> {
    reader: R,
    decoder: Decoder,
    /// Bytes that are not decoded yet.
    input: Vec<u8>,
    ended: bool,
    /// Decoded text, and how much of it has been read.
    output: Vec<u8>,
    read: usize,
}

impl<R: Read> Decoded<R> {
    fn refill(&mut self) -> io::Result<()> {
        let mut chunk = [0; 16 * 1024];
        let length = self.reader.read(&mut chunk)?;
        self.ended = length == 0;
        self.input.extend_from_slice(&chunk[..length]);
        let needed = self
            .decoder
            .max_utf8_buffer_length_without_replacement(self.input.len())
            .ok_or_else(|| io::Error::other("the text is too long"))?;
        self.output.resize(needed, 0);
        let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(
            &self.input,
            &mut self.output,
            self.ended,
        );
        self.input.drain(..read);
        self.output.truncate(written);
        self.read = 0;
        match result {
            DecoderResult::InputEmpty | DecoderResult::OutputFull => Ok(()),
            DecoderResult::Malformed(..) => {
                let name = self.decoder.encoding().name();
                let message = format!("the text is not {name}; set the encoding");
                Err(io::Error::new(io::ErrorKind::InvalidData, message))
            }
        }
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.read == self.output.len() {
            if self.ended {
                return Ok(0);
            }
            self.refill()?;
        }
        let length = buffer.len().min(self.output.len() - self.read);
        buffer[..length].copy_from_slice(&self.output[self.read..self.read + length]);
        self.read += length;
        Ok(length)
    }
}
