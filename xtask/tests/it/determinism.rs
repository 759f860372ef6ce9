//! The same document gives the same bytes, in whatever order it is written.

use serde_json::Value;
use xtask::codegen::{self, Sources};

use crate::workbench::{for_each_object, sources, upstream};

/// A small generator of numbers, the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(limit).unwrap()).unwrap()
    }

    fn shuffle<T>(&mut self, entries: &mut [T]) {
        for last in (1..entries.len()).rev() {
            entries.swap(last, self.below(last + 1));
        }
    }
}

/// The text of a document with the keys of every object in a random order.
fn shuffled_text(value: &Value, dice: &mut Dice) -> String {
    match value {
        Value::Object(entries) => {
            let mut printed: Vec<String> = entries
                .iter()
                .map(|(key, entry)| {
                    format!(
                        "{}:{}",
                        Value::from(key.as_str()),
                        shuffled_text(entry, dice)
                    )
                })
                .collect();
            dice.shuffle(&mut printed);
            format!("{{{}}}", printed.join(","))
        }
        Value::Array(entries) => {
            let printed: Vec<String> = entries
                .iter()
                .map(|entry| shuffled_text(entry, dice))
                .collect();
            format!("[{}]", printed.join(","))
        }
        scalar => scalar.to_string(),
    }
}

fn files(upstream: String) -> codegen::Files {
    let mut files = codegen::generate(&Sources {
        upstream,
        ..sources()
    })
    .unwrap();
    // It holds the hash of the text.
    files.remove("openapi/pivotal.lock").unwrap();
    files
}

#[test]
fn the_order_of_keys_changes_nothing() {
    let expected = files(sources().upstream);
    for seed in [1, 0xDEAD_BEEF, 0x1234_5678_9ABC] {
        let text = shuffled_text(&upstream(), &mut Dice(seed));
        assert_ne!(text, upstream().to_string());
        assert!(files(text) == expected, "seed {seed}");
    }
}

#[test]
fn the_order_of_required_properties_changes_nothing() {
    let expected = files(sources().upstream);
    let mut document = upstream();
    let mut dice = Dice(7);
    for_each_object(&mut document, &mut |object| {
        if let Some(Value::Array(required)) = object.get_mut("required") {
            dice.shuffle(required);
        }
    });
    assert_ne!(document, upstream());
    assert!(files(document.to_string()) == expected);
}

#[test]
fn the_order_of_parameters_changes_no_code() {
    let code = |mut files: codegen::Files| {
        // The contract keeps the order in which upstream lists them.
        files.remove("openapi/pivotal.json").unwrap();
        files
    };
    let expected = code(files(sources().upstream));
    let mut document = upstream();
    for_each_object(&mut document, &mut |object| {
        if let Some(Value::Array(parameters)) = object.get_mut("parameters") {
            parameters.reverse();
        }
    });
    assert_ne!(document, upstream());
    let reversed = code(files(document.to_string()));
    for (path, text) in &expected {
        // Limits stand in the order of the parameters.
        if !path.ends_with("operations.rs") {
            assert!(reversed[path] == *text, "{path}");
        }
    }
}

#[test]
fn two_generations_are_alike() {
    let codegen_fixtures =
        xtask::codegen::Tree::at(crate::workbench::repository().join("tests/codegen-fixtures"))
            .sources()
            .unwrap();
    assert!(
        codegen::generate(&codegen_fixtures).unwrap()
            == codegen::generate(&codegen_fixtures).unwrap()
    );
}
