//! The messages of a Singer tap, one JSON object per line.

use std::io::BufRead;

use serde_json::Value;

use super::json::lines;
use super::{Each, Reading, Record};
use crate::error::{Error, Result, did_you_mean, shortened};
use crate::field::Values;

/// Reads the records of one stream. Those of other streams are left out.
///
/// Members of objects become columns with `__` between the names, as Singer targets do it. If a
/// record has the key of an earlier one, it replaces that: a tap may send a row again.
pub(super) fn read(
    name: &str,
    stream: &str,
    reader: impl BufRead,
    each: &mut Each<'_>,
) -> Result<Reading> {
    let mut reading = Reading::default();
    let mut others = Vec::new();
    let mut found = false;
    let mut keys: Vec<String> = Vec::new();
    let mut first = None;
    let mut incomplete = |line: u64, why: &str| {
        first.get_or_insert(format!("{name}: line {line}: {why}"));
    };
    // The line of the last record, until a state says that the tap is done with it.
    let mut unsaved = None;
    for (line, bytes) in lines(reader) {
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(error) => {
                incomplete(line, &error.to_string());
                break;
            }
        };
        let Ok(mut message) = serde_json::from_slice::<Value>(&bytes) else {
            incomplete(line, "it is not JSON");
            continue;
        };
        let of = |name: &str| message.get(name).and_then(Value::as_str);
        let is_ours = of("stream") == Some(stream);
        match of("type") {
            Some("STATE") => {
                reading.state = message.get_mut("value").map(Value::take);
                unsaved = None;
            }
            // Tables are versioned by it in targets that replace them.
            Some("ACTIVATE_VERSION") => {}
            Some("SCHEMA" | "RECORD") if !is_ours => {
                let other = shortened(of("stream").unwrap_or_default());
                if !others.contains(&other) && others.len() < 20 {
                    others.push(other);
                }
            }
            Some("SCHEMA") => {
                found = true;
                let names = message.get("key_properties").and_then(Value::as_array);
                let names = names.into_iter().flatten().filter_map(Value::as_str);
                keys = names.map(str::to_owned).collect();
                let mut names = Vec::new();
                let schema = message.get("schema");
                schema_columns("", schema.unwrap_or(&Value::Null), &mut names);
                reading.add_columns(&names);
            }
            Some("RECORD") => {
                found = true;
                unsaved = Some(line);
                let record = message.get_mut("record").map(Value::take);
                let values = match record {
                    Some(Value::Object(record)) => {
                        let mut values = Values::new();
                        flatten("", record, &mut values);
                        reading.add_columns(values.keys());
                        Ok(values)
                    }
                    _ => Err("the record is not an object".to_owned().into()),
                };
                let key = values.as_ref().ok().and_then(|values| key(&keys, values));
                each(Record {
                    replaces: key,
                    ..Record::at_line(line, values)
                })?;
            }
            other => {
                let other = shortened(other.unwrap_or_default());
                incomplete(
                    line,
                    &format!("messages of the type {other:?} are not supported"),
                );
            }
        }
    }
    reading.incomplete = first;
    reading.unsure = unsaved.map(|line| {
        format!(
            "{name}: no state follows the record in line {line}, so the tap may have broken off"
        )
    });
    if !found {
        let hint = did_you_mean(stream, others.iter().map(String::as_str));
        let others = if others.is_empty() {
            "there is no stream".to_owned()
        } else {
            format!("the streams are {}", others.join(", "))
        };
        return Err(Error::Source {
            name: "Singer",
            reason: reading.incomplete.unwrap_or_else(|| {
                format!("{name} has no message of the stream {stream:?}{hint}; {others}")
            }),
            authentication: false,
        });
    }
    Ok(reading)
}

/// The values of the key, if the record has all of them.
fn key(names: &[String], values: &Values) -> Option<String> {
    let of_record = |name: &String| values.get(name).filter(|value| !value.is_null());
    let key: Option<Vec<_>> = names.iter().map(of_record).collect();
    let key = key.filter(|key| !key.is_empty())?;
    serde_json::to_string(&key).ok()
}

fn joined(prefix: &str, name: &str) -> String {
    if prefix.is_empty() {
        name.to_owned()
    } else {
        format!("{prefix}__{name}")
    }
}

fn flatten(prefix: &str, record: Values, values: &mut Values) {
    for (name, value) in record {
        let name = joined(prefix, &name);
        match value {
            Value::Object(members) => flatten(&name, members, values),
            value => {
                values.insert(name, value);
            }
        }
    }
}

/// The columns of a schema, so that one without a value in any record is known.
fn schema_columns(prefix: &str, schema: &Value, names: &mut Vec<String>) {
    let properties = schema.get("properties").and_then(Value::as_object);
    match properties {
        Some(properties) => {
            for (name, schema) in properties {
                schema_columns(&joined(prefix, name), schema, names);
            }
        }
        None if !prefix.is_empty() => names.push(prefix.to_owned()),
        None => {}
    }
}
