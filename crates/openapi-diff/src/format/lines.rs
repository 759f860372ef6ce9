//! The lines of a document, by place.

use std::collections::HashMap;

use openapi_pipeline::Pointer;
use saphyr_parser::{Event, Parser};

/// The line of each place of a text.
#[derive(Debug)]
pub struct Lines(HashMap<String, usize>);

/// An array or object that is being read.
enum Open {
    /// The index of the current item.
    Array(usize),
    /// Whether the key of the current member has been read.
    Object(bool),
}

impl Lines {
    /// Reads a text in YAML or JSON. Where it cannot be read, the rest has no lines.
    pub fn of(text: &str) -> Self {
        // JSON may write a character as two surrogates, which YAML rejects.
        let text = text.replace("\\u", " u");
        let mut lines = HashMap::from([(String::new(), 1)]);
        let mut at = Pointer::root();
        let mut open: Vec<Open> = Vec::new();
        for (event, span) in Parser::new_from_str(&text).map_while(Result::ok) {
            match &event {
                Event::Scalar(..)
                | Event::Alias(_)
                | Event::SequenceStart(..)
                | Event::MappingStart(..) => {}
                Event::SequenceEnd | Event::MappingEnd => {
                    open.pop();
                    close(&mut open, &mut at);
                    continue;
                }
                _ => continue,
            }
            match open.last_mut() {
                Some(Open::Object(has_key @ false)) => {
                    *has_key = true;
                    match &event {
                        Event::Scalar(key, ..) => at.push(key),
                        _ => return Self(lines),
                    }
                    lines.insert(at.as_str().to_owned(), span.start.line());
                    continue;
                }
                Some(Open::Array(index)) => {
                    at.push(&index.to_string());
                    lines.insert(at.as_str().to_owned(), span.start.line());
                }
                Some(Open::Object(true)) | None => {}
            }
            match event {
                Event::SequenceStart(..) => open.push(Open::Array(0)),
                Event::MappingStart(..) => open.push(Open::Object(false)),
                _ => close(&mut open, &mut at),
            }
        }
        Self(lines)
    }

    /// The line of a place, from 1, or of the nearest place around it.
    pub fn line(&self, place: &Pointer) -> usize {
        let mut places = std::iter::successors(Some(place.clone()), Pointer::parent);
        places
            .find_map(|place| self.0.get(place.as_str()).copied())
            .unwrap_or(1)
    }
}

/// Goes on behind a value.
fn close(open: &mut [Open], at: &mut Pointer) {
    at.pop();
    match open.last_mut() {
        Some(Open::Array(index)) => *index += 1,
        Some(Open::Object(has_key)) => *has_key = false,
        None => {}
    }
}
