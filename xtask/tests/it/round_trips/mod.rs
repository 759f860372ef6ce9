//! Random documents become code that compiles, and values that satisfy their schemas are decoded as
//! what they are and encoded as they were.

mod calls;
mod schemas;
mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::ops::Range;
use std::path::Path;
use std::process::{Command, Stdio};

use jsonschema::Validator;
use serde_json::{Value, json};
use xtask::codegen::{self, Files, GENERATED, Sources};
use xtask::survey;

use crate::workbench::{repository, sources};
use calls::{Call, call};
use schemas::{Case, case};
use values::{Values, lenient, plain};

/// How JSON is called.
const MEDIA_TYPES: [&str; 4] = [
    "application/json",
    "application/vnd.zoo+json",
    "Application/JSON; charset=utf-8",
    "text/json",
];

/// Values of each case.
const VALUES: usize = 40;

/// What a value of a case must become.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Wanted {
    /// It is decoded as what it is, and encoded as it was.
    Whole,
    /// It has a key that no schema describes, which is kept.
    Kept,
    /// No schema allows it: it is not decoded, or as unknown.
    Refused,
}

/// A value that is decoded and encoded again.
#[derive(Debug)]
struct Question {
    case: usize,
    /// Whether as what is sent, else as what is answered.
    sent: bool,
    value: Value,
    wanted: Wanted,
}

fn document(cases: &[Case], calls: &[Call]) -> Value {
    let mut document = json!({
        "openapi": "3.1.0", "info": { "title": "Random", "version": "1" },
        "paths": {}, "components": { "schemas": {}, "securitySchemes": calls::schemes() },
    });
    for (index, (case, call)) in cases.iter().zip(calls).enumerate() {
        let media_type = MEDIA_TYPES[index % MEDIA_TYPES.len()];
        let content = json!({ media_type: { "schema": case.schema } });
        let mut responses = json!({ "200": { "description": "D", "content": content } });
        match index % 5 {
            0 => responses["204"] = json!({ "description": "Nothing." }),
            1 => {
                let queued = json!({ "type": "object", "properties": { "queued": { "type": "integer" } }, "required": ["queued"] });
                responses["202"] = json!({ "description": "Later.", "content": { media_type: { "schema": queued } } });
            }
            _ => {}
        }
        document["paths"][format!("/case{index}")]["put"] = json!({
            "requestBody": { "required": true, "content": content }, "responses": responses,
        });
        document["paths"][format!("/call{index}/{{id}}")]["post"] = call.operation.clone();
        for (name, schema) in &case.components {
            document["components"]["schemas"][name] = schema.clone();
        }
    }
    document
}

/// The module that answers questions about the operations of a client, and which these are.
fn program(files: &Files) -> (String, BTreeSet<String>) {
    let requests = &files[&format!("{GENERATED}/requests.rs")];
    let mut arms = String::new();
    let mut expressed = BTreeSet::new();
    for text in requests.split("Sends `").skip(1) {
        let (operation, rest) = text.split_once("`.").unwrap();
        let (_, rest) = rest.split_once("pub struct ").unwrap();
        let (declaration, _) = rest.split_once("\n}").unwrap();
        let name = declaration.split([' ', ';']).next().unwrap();
        let fields = declaration
            .lines()
            .filter_map(|line| line.trim().strip_prefix("pub ")?.split_once(':'));
        let fields: Vec<String> = fields
            .map(|(name, _)| format!("{name}: field(&value, {name:?})?"))
            .collect();
        let (name, fields) = (format!("requests::{name}"), fields.join(", "));
        expressed.insert(operation.to_owned());
        if operation.starts_with("POST") {
            writeln!(
                arms,
                "({operation:?}, _) => called({name} {{ {fields} }}, key),"
            )
            .unwrap();
        } else {
            writeln!(
                arms,
                "({operation:?}, \"answered\") => answered::<{name}>(value),"
            )
            .unwrap();
            let body = "{ body: serde_json::from_value(value)? }.body";
            writeln!(arms, "({operation:?}, _) => shown(&{name} {body}),").unwrap();
        }
    }
    (
        include_str!("program.rs").replace("/* arms */", &arms),
        expressed,
    )
}

/// What the generated client of a document makes of each line of operation, direction, value and key;
/// `None` where it does not have the operation.
fn answers(document: &Value, lines: &[Value]) -> Vec<Option<Value>> {
    let nothing = String::new;
    let (files, omissions) = codegen::generate_with_omissions(&Sources {
        upstream: document.to_string(),
        overlay: nothing(),
        names: nothing(),
        origin: None,
        ..sources()
    })
    .unwrap_or_else(|failure| panic!("{failure}"));
    for omission in omissions {
        eprintln!("left out: {omission:?}");
    }
    let (program, expressed) = program(&files);
    let folder = repository().join("target/xtask-round-trips");
    let package = survey::write_crate(&repository(), &folder, &files).unwrap();
    let append = |file: &str, text: String| {
        let path = package.join(file);
        let known = fs::read_to_string(&path).unwrap_or_default();
        fs::write(path, known + &text).unwrap();
    };
    let support = repository().join("tests/support");
    let support = format!(
        "pivotal-test-support = {{ path = {support:?} }}\ntokio = {{ version = \"1\", features = [\"rt\"] }}\n"
    );
    append("Cargo.toml", support);
    append("src/lib.rs", "\npub mod program;\n".to_owned());
    fs::write(package.join("src/program.rs"), program).unwrap();
    let main =
        "fn main() -> Result<(), Box<dyn std::error::Error>> {\n    survey::program::run()\n}\n";
    fs::write(package.join("src/main.rs"), main).unwrap();
    let is_expressed = |line: &&Value| expressed.contains(line[0].as_str().unwrap());
    let asked: Vec<String> = lines
        .iter()
        .filter(is_expressed)
        .map(Value::to_string)
        .collect();
    let printed = run(&package, asked.join("\n"));
    let mut printed = printed.lines();
    let answers = lines.iter().map(|line| {
        is_expressed(&line).then(|| serde_json::from_str(printed.next().unwrap()).unwrap())
    });
    answers.collect()
}

fn run(package: &Path, input: String) -> String {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(package);
    command.args(["run", "--quiet"]);
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    command.env("CARGO_TARGET_DIR", target);
    command.env("CARGO_INCREMENTAL", "0");
    // As in the workspace, so that what it has built is built once.
    command.env("CARGO_PROFILE_DEV_DEBUG", "line-tables-only");
    let mut child = (command.stdin(Stdio::piped()))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || pipe.write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    let _ = writer.join().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{said}");
    String::from_utf8(output.stdout).unwrap()
}

fn questions(index: usize, case: &Case, lenient: &Validator, seed: u64) -> Vec<Question> {
    let mut values = Values::of_case(case, seed);
    let mut questions = Vec::new();
    for _ in 0..VALUES {
        let Some(value) = values.value() else {
            continue;
        };
        let mut ask = |value: &Value, wanted| {
            for sent in [false, true] {
                questions.push(Question {
                    case: index,
                    sent,
                    value: value.clone(),
                    wanted,
                });
            }
        };
        ask(&value, Wanted::Whole);
        if value.is_object() {
            let mut grown = value.clone();
            grown["not described"] = json!({ "x": [1, null] });
            if values.strict.is_valid(&grown) && lenient.is_valid(&grown) {
                ask(&grown, Wanted::Kept);
            }
        }
        let changed = values.changed(&value);
        if !lenient.is_valid(&changed) {
            ask(&changed, Wanted::Refused);
        }
    }
    questions
}

/// What is wrong with an answer, if anything.
fn fault(question: &Question, answer: &Value, case: &Case, lenient: &Validator) -> Option<String> {
    let shown = answer["shown"].as_str().unwrap_or_default();
    let is_unknown = shown.contains("Unknown(");
    if let Some(error) = answer["error"].as_str() {
        return (question.wanted != Wanted::Refused).then(|| format!("not decoded: {error}"));
    }
    if question.wanted == Wanted::Refused {
        return (!is_unknown).then(|| format!("decoded as {shown}"));
    }
    let encoded = &answer["encoded"];
    if plain(&question.value, !question.sent) != plain(encoded, !question.sent)
        || !lenient.is_valid(encoded)
    {
        return Some(format!("encoded as {encoded}"));
    }
    if question.wanted == Wanted::Kept {
        return None;
    }
    // Where nothing but what is described is in a value, no key is unknown and nothing is opaque.
    let mut extra = shown.split("extra: {").skip(1);
    let has_extra = extra.any(|rest| !rest.starts_with('}'));
    let texts = format!("{}{}", case.schema, Value::from(case.components.clone()));
    let is_typed = !texts.contains("{}") && !texts.contains(":true");
    let is_opaque = is_typed && (shown.contains("Object {") || shown.contains("Array ["));
    (is_unknown || has_extra || is_opaque).then(|| format!("decoded as {shown}"))
}

fn check(seeds: Range<u64>) {
    let seeds: Vec<u64> = seeds.collect();
    let numbered = (0..).zip(&seeds).map(|(index, seed)| (index, *seed));
    let cases: Vec<Case> = (numbered.clone())
        .map(|(index, seed)| case(seed, &format!("Case{index}x")))
        .collect();
    let calls: Vec<Call> = (numbered.clone())
        .map(|(index, seed)| call(seed, &format!("/call{index}/{{id}}")))
        .collect();
    let lenient: Vec<Validator> = (cases.iter())
        .map(|case| lenient(&case.schema, &case.components))
        .collect();
    let questions: Vec<Question> = (numbered.clone())
        .flat_map(|(index, seed)| questions(index, &cases[index], &lenient[index], seed))
        .collect();
    let of_values = questions.iter().map(|question| {
        let direction = if question.sent { "sent" } else { "answered" };
        json!([
            format!("PUT /case{}", question.case),
            direction,
            question.value,
            ""
        ])
    });
    let of_calls = calls.iter().enumerate().map(|(index, call)| {
        json!([
            format!("POST /call{index}/{{id}}"),
            "called",
            call.arguments,
            calls::KEY
        ])
    });
    let lines: Vec<Value> = of_values.chain(of_calls).collect();
    let answers = answers(&document(&cases, &calls), &lines);

    let mut faults: BTreeMap<(u64, &str), String> = BTreeMap::new();
    for ((question, answer), line) in questions.iter().zip(&answers).zip(&lines) {
        let (case, lenient) = (&cases[question.case], &lenient[question.case]);
        let fault = |answer| fault(question, answer, case, lenient);
        if let Some(fault) = answer.as_ref().and_then(fault) {
            let components = Value::from(case.components.clone()).to_string();
            let components = components.replace("#/components/schemas/", "");
            let text = format!(
                "{:?} {line}\n{fault}\nschema {}\ncomponents {components}",
                question.wanted, case.schema
            );
            let known = faults.entry((seeds[question.case], "value"));
            let shortest = known.or_insert_with(|| text.clone());
            if text.len() < shortest.len() {
                *shortest = text;
            }
        }
    }
    for ((call, answer), seed) in calls.iter().zip(&answers[questions.len()..]).zip(&seeds) {
        let fault = |answer: &Value| match answer.get("received") {
            Some(received) => calls::fault(call, received),
            None => Some(answer.to_string()),
        };
        if let Some(fault) = answer.as_ref().and_then(fault) {
            let arguments = Value::from(call.arguments.clone());
            faults.insert(
                (*seed, "call"),
                format!("{arguments}\n{fault}\n{}", call.operation),
            );
        }
    }
    let expressed = answers.iter().flatten().count();
    eprintln!("{expressed} of {} values and calls", lines.len());
    let faults: Vec<String> = faults
        .iter()
        .map(|((seed, of), text)| format!("seed {seed}, {of}: {text}\n"))
        .collect();
    assert!(
        faults.is_empty(),
        "{} faults\n\n{}",
        faults.len(),
        faults.join("\n")
    );
    assert_eq!(expressed, lines.len(), "not all is expressed");
}

#[test]
fn values_of_random_schemas_survive_and_random_requests_are_what_was_asked_for() {
    check(0..20);
}

/// `ROUND_TRIPS=7..8` runs one seed.
#[test]
#[ignore = "compiles large clients for some minutes"]
fn values_of_many_random_schemas_survive() {
    let range = std::env::var("ROUND_TRIPS").unwrap_or_else(|_| "1000..1200".to_owned());
    let (start, end) = range.split_once("..").unwrap();
    let (start, end) = (start.parse().unwrap(), end.parse().unwrap());
    for first in (start..end).step_by(100) {
        check(first..end.min(first + 100));
    }
}
