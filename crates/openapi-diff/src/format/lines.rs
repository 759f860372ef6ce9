//! The lines of a document on which things stand.

use std::collections::HashMap;

use openapi_pipeline::Pointer;

/// The line of each place of a text.
#[derive(Debug)]
pub struct Lines(HashMap<String, usize>);

impl Lines {
    /// Reads a text that is known to be JSON or YAML.
    ///
    /// JSON is read exactly. Of YAML the block style is read, by its indentation; what is in flow
    /// style, on one line as a rule, is found by the line where it begins.
    pub fn of(text: &str, name: &str) -> Self {
        let is_json = name.ends_with(".json") || text.trim_start().starts_with(['{', '[']);
        Self(if is_json {
            Json::read(text)
        } else {
            yaml(text)
        })
    }

    /// The line of a place, from 1, or of the nearest place around it.
    pub fn line(&self, place: &Pointer) -> usize {
        let mut place = Some(place.clone());
        while let Some(current) = place {
            if let Some(line) = self.0.get(current.as_str()) {
                return *line;
            }
            place = current.parent();
        }
        1
    }
}

/// A walk through a JSON text.
struct Json<'t> {
    rest: std::iter::Peekable<std::str::Chars<'t>>,
    line: usize,
    at: Pointer,
    found: HashMap<String, usize>,
}

impl<'t> Json<'t> {
    fn read(text: &'t str) -> HashMap<String, usize> {
        let mut json = Self {
            rest: text.chars().peekable(),
            line: 1,
            at: Pointer::root(),
            found: HashMap::new(),
        };
        json.value();
        json.found
    }

    fn next(&mut self) -> Option<char> {
        let next = self.rest.next();
        self.line += usize::from(next == Some('\n'));
        next
    }

    /// The next character that is no space, comma or colon, without taking it.
    fn token(&mut self) -> Option<char> {
        while self
            .rest
            .next_if(|c| *c != '\n' && (c.is_whitespace() || ",:\u{feff}".contains(*c)))
            .is_some()
            || self.rest.peek() == Some(&'\n') && self.next().is_some()
        {}
        self.rest.peek().copied()
    }

    fn value(&mut self) {
        let token = self.token();
        self.found
            .entry(self.at.as_str().to_owned())
            .or_insert(self.line);
        match token {
            Some('{') => {
                self.next();
                while self.token() == Some('"') {
                    let line_of_key = {
                        self.token();
                        self.line
                    };
                    let key = self.string();
                    self.at.push(&key);
                    self.found.insert(self.at.as_str().to_owned(), line_of_key);
                    self.value();
                    self.at.pop();
                }
                self.next();
            }
            Some('[') => {
                self.next();
                let mut index = 0_usize;
                while self.token().is_some_and(|token| token != ']') {
                    self.at.push(&index.to_string());
                    self.value();
                    self.at.pop();
                    index += 1;
                }
                self.next();
            }
            Some('"') => {
                self.string();
            }
            // A number or a word. At least one character is taken, so that the walk ends whatever
            // the text is.
            _ => {
                self.next();
                while self
                    .rest
                    .next_if(|c| c.is_alphanumeric() || "+-.".contains(*c))
                    .is_some()
                {}
            }
        }
    }

    fn string(&mut self) -> String {
        let mut raw = String::from("\"");
        self.next();
        while let Some(character) = self.next() {
            raw.push(character);
            match character {
                '\\' => raw.extend(self.next()),
                '"' => break,
                _ => {}
            }
        }
        serde_json::from_str(&raw).unwrap_or_default()
    }
}

/// A mapping or a sequence that is open on a line of YAML.
struct Open {
    indent: usize,
    at: Pointer,
    /// The entries of a sequence so far; a mapping has none.
    entries: Option<usize>,
}

fn yaml(text: &str) -> HashMap<String, usize> {
    let mut found = HashMap::from([(String::new(), 1)]);
    let mut open: Vec<Open> = Vec::new();
    // What is deeper than this is the text of a block scalar.
    let mut scalar: Option<usize> = None;
    // The place whose value is on the lines that follow.
    let mut pending = Pointer::root();
    for (index, line) in text.lines().enumerate() {
        let content = line.trim_start_matches(' ');
        let mut indent = line.len() - content.len();
        if content.trim().is_empty() || content.starts_with('#') || content.starts_with("---") {
            continue;
        }
        if scalar.is_some_and(|limit| indent > limit) {
            continue;
        }
        scalar = None;
        let mut content = content;
        loop {
            let is_entry = content == "-" || content.starts_with("- ");
            // The entries of a sequence may stand as far left as the key that holds it.
            while open.last().is_some_and(|last| {
                last.indent > indent || last.indent == indent && last.entries.is_some() && !is_entry
            }) {
                open.pop();
            }
            let is_open = open
                .last()
                .is_some_and(|last| last.indent == indent && last.entries.is_some() == is_entry);
            if !is_open {
                let entries = is_entry.then_some(0);
                open.push(Open {
                    indent,
                    at: pending.clone(),
                    entries,
                });
            }
            let Some(last) = open.last_mut() else { break };
            if let Some(entries) = &mut last.entries {
                pending = last.at.child(&entries.to_string());
                *entries += 1;
                found.insert(pending.as_str().to_owned(), index + 1);
                let inner = content[1..].trim_start_matches(' ');
                indent += content.len() - inner.len();
                content = inner;
                if content.is_empty() {
                    break;
                }
                continue;
            }
            if let Some((key, value)) = key(content) {
                pending = last.at.child(&key);
                found.insert(pending.as_str().to_owned(), index + 1);
                if value.starts_with(['|', '>']) {
                    scalar = Some(indent);
                }
            }
            break;
        }
    }
    found
}

/// The key at the start of a line, and what follows it.
fn key(line: &str) -> Option<(String, &str)> {
    if let Some(rest) = line.strip_prefix('"') {
        let end = rest.find('"')?;
        let key = serde_json::from_str(&line[..end + 2]).ok()?;
        return Some((key, rest[end + 1..].strip_prefix(':')?.trim()));
    }
    if let Some(rest) = line.strip_prefix('\'') {
        let (key, rest) = rest.split_once('\'')?;
        return Some((key.to_owned(), rest.strip_prefix(':')?.trim()));
    }
    let end = line
        .find(": ")
        .or_else(|| line.ends_with(':').then(|| line.len() - 1))?;
    Some((line[..end].to_owned(), line[end + 1..].trim()))
}

#[cfg(test)]
mod tests {
    use openapi_pipeline::Pointer;

    use super::Lines;

    fn line(text: &str, name: &str, place: &str) -> usize {
        Lines::of(text, name).line(&Pointer::from_reference(place).unwrap())
    }

    #[test]
    fn json_is_read_exactly() {
        let text = "{\n  \"a\": [1,\n    {\"b/c\": \"x\\\"\\n\"},\n    \"d\"\n  ],\n  \"e\":\n    {\"f\": {}, \"g\": true}\n}\n";
        for (place, expected) in [
            ("#", 1),
            ("#/a", 2),
            ("#/a/0", 2),
            ("#/a/1/b~1c", 3),
            ("#/a/2", 4),
            ("#/e", 6),
            ("#/e/g", 7),
            ("#/e/g/unknown", 7),
            ("#/unknown", 1),
        ] {
            assert_eq!(line(text, "a.json", place), expected, "{place}");
        }
    }

    #[test]
    fn yaml_is_read_by_its_indentation() {
        let text = "openapi: 3.1.0\n# note\npaths:\n  /a/{id}:\n    get:\n      description: |\n        not: a key\n        - nor: an entry\n      parameters:\n      - name: id\n        in: path\n        schema: {type: string}\n      -\n        name: b\n      responses:\n        '200':\n          x: 1\n        \"404\": {}\n";
        for (place, expected) in [
            ("#/paths", 3),
            ("#/paths/~1a~1{id}/get", 5),
            ("#/paths/~1a~1{id}/get/description", 6),
            ("#/paths/~1a~1{id}/get/description/not", 6),
            ("#/paths/~1a~1{id}/get/parameters/0", 10),
            ("#/paths/~1a~1{id}/get/parameters/0/in", 11),
            ("#/paths/~1a~1{id}/get/parameters/0/schema/type", 12),
            ("#/paths/~1a~1{id}/get/parameters/1/name", 14),
            ("#/paths/~1a~1{id}/get/responses", 15),
            ("#/paths/~1a~1{id}/get/responses/200/x", 17),
            ("#/paths/~1a~1{id}/get/responses/404", 18),
        ] {
            assert_eq!(line(text, "a.yaml", place), expected, "{place}");
        }
    }
}
