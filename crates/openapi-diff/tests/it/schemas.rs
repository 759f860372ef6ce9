//! Every rule on schemas, wherever a schema can position, there and back.

use std::collections::BTreeSet;

use openapi_diff::Level::{self, Breaking, Info, Warning};
use openapi_diff::RULES;
use serde_json::json;

use crate::documents::{POSITIONS, compared, found, with_schema_at, yaml};

/// In requests and in responses.
type Levels = [Level; 2];

/// More is taken than before: harmless to send, not to read.
const WIDER: Levels = [Info, Breaking];
/// Less is taken than before.
const NARROWER: Levels = [Breaking, Info];
const BOTH: Levels = [Breaking, Breaking];
const UNKNOWN: Levels = [Warning, Warning];
const HARMLESS: Levels = [Info, Info];
/// What open readers take and others do not.
const OPEN: Levels = [Info, Warning];
/// What changes for those who send nothing.
const SILENT: Levels = [Warning, Info];

/// A change of a schema, what it is called, and what it is called when it is taken back.
type Row = (
    &'static str,
    Levels,
    &'static str,
    Levels,
    &'static str,
    &'static str,
);

#[rustfmt::skip] // One change, one line.
const TABLE: &[Row] = &[
    ("type-generalized", WIDER, "type-specialized", NARROWER, "{type: integer}", "{type: number}"),
    ("type-generalized", WIDER, "type-specialized", NARROWER, "{type: string}", "{type: [array, string]}"),
    ("type-generalized", WIDER, "type-specialized", NARROWER, "{type: string}", "{}"),
    ("type-generalized", WIDER, "type-specialized", NARROWER, "{type: string}", "{anyOf: [{type: string}, {type: array}]}"),
    ("type-generalized", WIDER, "type-specialized", NARROWER, "{type: 'null'}", "{type: [string, 'null']}"),
    ("type-changed", BOTH, "type-changed", BOTH, "{type: boolean}", "{type: integer}"),
    ("type-changed", BOTH, "type-changed", BOTH, "{type: [array, integer]}", "{type: [array, boolean]}"),
    ("format-added", NARROWER, "format-removed", WIDER, "{type: string}", "{type: string, format: date-time}"),
    ("format-generalized", WIDER, "format-specialized", NARROWER, "{type: integer, format: int32}", "{type: integer, format: int64}"),
    ("format-generalized", WIDER, "format-specialized", NARROWER, "{type: number, format: float}", "{type: number, format: double}"),
    ("format-changed", BOTH, "format-changed", BOTH, "{type: string, format: date}", "{type: string, format: date-time}"),
    ("content-encoding-changed", BOTH, "content-encoding-changed", BOTH, "{type: string}", "{type: string, contentEncoding: base64}"),
    ("content-encoding-changed", BOTH, "content-encoding-changed", BOTH, "{type: string, contentEncoding: base64url}", "{type: string, format: byte}"),
    ("content-media-type-changed", BOTH, "content-media-type-changed", BOTH, "{type: string, format: binary}", "{type: string, contentMediaType: image/png}"),
    ("became-nullable", WIDER, "became-not-nullable", NARROWER, "{type: string}", "{type: [string, 'null']}"),
    ("became-nullable", WIDER, "became-not-nullable", NARROWER, "{type: string}", "{type: string, nullable: true}"),
    ("became-nullable", WIDER, "became-not-nullable", NARROWER, "{type: string}", "{oneOf: [{type: 'null'}, {type: string}]}"),
    ("became-nullable", WIDER, "became-not-nullable", NARROWER, "{enum: [a]}", "{enum: [a, null]}"),
    ("became-nullable", WIDER, "became-not-nullable", NARROWER, "{allOf: [{$ref: '#/components/schemas/Pet'}]}", "{allOf: [{$ref: '#/components/schemas/Pet'}], nullable: true}"),
    ("became-enum", NARROWER, "became-not-enum", WIDER, "{type: string}", "{type: string, enum: [a, b]}"),
    ("became-enum", NARROWER, "became-not-enum", WIDER, "{type: string}", "{type: string, const: a}"),
    ("enum-value-added", OPEN, "enum-value-removed", NARROWER, "{enum: [a, b]}", "{enum: [c, b, a]}"),
    ("enum-value-added", OPEN, "enum-value-removed", NARROWER, "{const: a}", "{enum: [a, b]}"),
    ("const-changed", BOTH, "const-changed", BOTH, "{const: a}", "{enum: [b]}"),
    ("x-extensible-enum-value-added", HARMLESS, "x-extensible-enum-value-removed", NARROWER, "{type: string, x-extensible-enum: [a]}", "{type: string, x-extensible-enum: [a, b]}"),
    ("max-set", NARROWER, "max-unset", WIDER, "{type: number}", "{type: number, maximum: 5}"),
    ("max-set", NARROWER, "max-unset", WIDER, "{type: number}", "{type: number, exclusiveMaximum: 5}"),
    ("max-increased", WIDER, "max-decreased", NARROWER, "{type: number, maximum: 5}", "{type: number, maximum: 5.5}"),
    ("max-increased", WIDER, "max-decreased", NARROWER, "{type: number, exclusiveMaximum: 5}", "{type: number, maximum: 5}"),
    ("max-increased", WIDER, "max-decreased", NARROWER, "{type: number, maximum: 5, exclusiveMaximum: true}", "{type: number, maximum: 5}"),
    ("min-set", NARROWER, "min-unset", WIDER, "{type: integer}", "{type: integer, minimum: 0}"),
    ("min-increased", NARROWER, "min-decreased", WIDER, "{type: integer, minimum: 0}", "{type: integer, exclusiveMinimum: 0}"),
    ("min-increased", NARROWER, "min-decreased", WIDER, "{type: number, minimum: -2}", "{type: number, minimum: -1}"),
    ("max-length-set", NARROWER, "max-length-unset", WIDER, "{type: string}", "{type: string, maxLength: 5}"),
    ("max-length-increased", WIDER, "max-length-decreased", NARROWER, "{type: string, maxLength: 5}", "{type: string, maxLength: 6}"),
    ("min-length-set", NARROWER, "min-length-unset", WIDER, "{type: string, minLength: 0}", "{type: string, minLength: 1}"),
    ("min-length-increased", NARROWER, "min-length-decreased", WIDER, "{type: string, minLength: 1}", "{type: string, minLength: 2}"),
    ("max-items-set", NARROWER, "max-items-unset", WIDER, "{type: array, items: {}}", "{type: array, maxItems: 5}"),
    ("max-items-increased", WIDER, "max-items-decreased", NARROWER, "{type: array, maxItems: 5}", "{type: array, maxItems: 6}"),
    ("min-items-set", NARROWER, "min-items-unset", WIDER, "{type: array}", "{type: array, minItems: 1}"),
    ("min-items-increased", NARROWER, "min-items-decreased", WIDER, "{type: array, minItems: 1}", "{type: array, minItems: 2}"),
    ("max-properties-set", NARROWER, "max-properties-unset", WIDER, "{type: object}", "{type: object, maxProperties: 5}"),
    ("max-properties-increased", WIDER, "max-properties-decreased", NARROWER, "{type: object, maxProperties: 5}", "{type: object, maxProperties: 6}"),
    ("min-properties-set", NARROWER, "min-properties-unset", WIDER, "{type: object}", "{type: object, minProperties: 1}"),
    ("min-properties-increased", NARROWER, "min-properties-decreased", WIDER, "{type: object, minProperties: 1}", "{type: object, minProperties: 2}"),
    ("multiple-of-added", NARROWER, "multiple-of-removed", WIDER, "{type: number}", "{type: number, multipleOf: 5}"),
    ("multiple-of-generalized", WIDER, "multiple-of-specialized", NARROWER, "{type: number, multipleOf: 10}", "{type: number, multipleOf: 5}"),
    ("multiple-of-changed", BOTH, "multiple-of-changed", BOTH, "{type: number, multipleOf: 3}", "{type: number, multipleOf: 5}"),
    ("pattern-added", NARROWER, "pattern-removed", WIDER, "{type: string}", "{type: string, pattern: '^a'}"),
    ("pattern-added", NARROWER, "pattern-removed", WIDER, "{type: string}", "{type: string, pattern: '^(a|)$'}"),
    ("pattern-added", NARROWER, "pattern-removed", WIDER, "{type: string}", "{type: string, pattern: '^(a|$)'}"),
    ("pattern-added", NARROWER, "pattern-removed", WIDER, "{type: string}", "{type: string, pattern: '(?!a|)'}"),
    ("pattern-added", NARROWER, "pattern-removed", WIDER, "{type: string}", "{type: string, pattern: '[a|]'}"),
    ("pattern-added", NARROWER, "pattern-removed", WIDER, "{type: string}", "{type: string, pattern: 'a\\|'}"),
    ("pattern-added", NARROWER, "pattern-removed", WIDER, "{type: string}", "{type: string, pattern: '(a|)b|(c)'}"),
    ("pattern-changed", UNKNOWN, "pattern-changed", UNKNOWN, "{type: string, pattern: '^a'}", "{type: string, pattern: '^b'}"),
    ("unique-items-added", NARROWER, "unique-items-removed", WIDER, "{type: array, uniqueItems: false}", "{type: array, uniqueItems: true}"),
    ("additional-properties-closed", NARROWER, "additional-properties-opened", OPEN, "{type: object}", "{type: object, additionalProperties: false}"),
    ("additional-properties-closed", NARROWER, "additional-properties-opened", OPEN, "{type: object, additionalProperties: {}}", "{type: object, additionalProperties: {not: {}}}"),
    ("pattern-property-added", NARROWER, "pattern-property-removed", WIDER, "{type: object}", "{type: object, patternProperties: {'^x-': {type: string}}}"),
    ("one-of-added", WIDER, "one-of-removed", NARROWER, "{oneOf: [{$ref: '#/components/schemas/Pet'}, {$ref: '#/components/schemas/Owner'}]}", "{oneOf: [{$ref: '#/components/schemas/Owner'}, {$ref: '#/components/schemas/Pet'}, {type: object, required: [c], properties: {c: {}}}]}"),
    ("one-of-added", WIDER, "one-of-removed", NARROWER, "{$ref: '#/components/schemas/Pet'}", "{oneOf: [{$ref: '#/components/schemas/Owner'}, {$ref: '#/components/schemas/Pet'}]}"),
    ("any-of-added", WIDER, "any-of-removed", NARROWER, "{anyOf: [{$ref: '#/components/schemas/Pet'}, {enum: [a]}]}", "{anyOf: [{$ref: '#/components/schemas/Pet'}, {enum: [a]}, {type: array}]}"),
    // Of the alternatives of `oneOf`, exactly one must fit.
    ("one-of-overlap-added", NARROWER, "one-of-overlap-removed", WIDER, "{anyOf: [{type: object, properties: {a: {type: string}}}, {type: object, properties: {b: {type: string}}}]}", "{oneOf: [{type: object, properties: {a: {type: string}}}, {type: object, properties: {b: {type: string}}}]}"),
    ("one-of-overlap-added", NARROWER, "one-of-overlap-removed", WIDER, "{anyOf: [{type: integer}, {type: number}]}", "{oneOf: [{type: integer}, {type: number}]}"),
    ("one-of-overlap-added", NARROWER, "one-of-overlap-removed", WIDER, "{type: number}", "{oneOf: [{type: integer}, {type: number}]}"),
    ("one-of-overlap-added", NARROWER, "one-of-overlap-removed", WIDER, "{anyOf: [{type: string, maxLength: 5}, {type: string, minLength: 5}]}", "{oneOf: [{type: string, maxLength: 5}, {type: string, minLength: 5}]}"),
    ("one-of-overlap-added", NARROWER, "one-of-overlap-removed", WIDER, "{anyOf: [{type: object, required: [a], properties: {a: {}}}, {type: object, properties: {b: {}}}]}", "{oneOf: [{type: object, required: [a], properties: {a: {}}}, {type: object, properties: {b: {}}}]}"),
    ("one-of-overlap-added", NARROWER, "one-of-overlap-removed", WIDER, "{type: object, properties: {a: {}, b: {}}, anyOf: [{required: [a]}, {required: [b]}]}", "{type: object, properties: {a: {}, b: {}}, oneOf: [{required: [a]}, {required: [b]}]}"),
    ("discriminator-added", HARMLESS, "discriminator-removed", UNKNOWN, "{oneOf: [{$ref: '#/components/schemas/Pet'}, {$ref: '#/components/schemas/Owner'}]}", "{oneOf: [{$ref: '#/components/schemas/Pet'}, {$ref: '#/components/schemas/Owner'}], discriminator: {propertyName: kind}}"),
    ("discriminator-property-name-changed", BOTH, "discriminator-property-name-changed", BOTH, "{oneOf: [{$ref: '#/components/schemas/Pet'}, {$ref: '#/components/schemas/Owner'}], discriminator: {propertyName: kind}}", "{oneOf: [{$ref: '#/components/schemas/Pet'}, {$ref: '#/components/schemas/Owner'}], discriminator: {propertyName: sort}}"),
    ("discriminator-mapping-added", OPEN, "discriminator-mapping-deleted", SILENT, "{oneOf: [{$ref: '#/components/schemas/Pet'}, {$ref: '#/components/schemas/Owner'}], discriminator: {propertyName: kind, mapping: {p: Pet}}}", "{oneOf: [{$ref: '#/components/schemas/Pet'}, {$ref: '#/components/schemas/Owner'}], discriminator: {propertyName: kind, mapping: {p: Pet, pet: '#/components/schemas/Pet'}}}"),
    ("discriminator-mapping-changed", BOTH, "discriminator-mapping-changed", BOTH, "{oneOf: [{$ref: '#/components/schemas/Pet'}, {$ref: '#/components/schemas/Owner'}], discriminator: {propertyName: kind, mapping: {x: Pet, y: Owner}}}", "{oneOf: [{$ref: '#/components/schemas/Pet'}, {$ref: '#/components/schemas/Owner'}], discriminator: {propertyName: kind, mapping: {y: Pet, x: Owner}}}"),
    ("not-added", NARROWER, "not-removed", WIDER, "{type: string}", "{type: string, not: {const: a}}"),
    ("not-changed", UNKNOWN, "not-changed", UNKNOWN, "{type: string, not: {pattern: '^a'}}", "{type: string, not: {pattern: '^b'}}"),
    ("not-specialized", NARROWER, "not-generalized", WIDER, "{type: string, not: {enum: [a]}}", "{type: string, not: {enum: [a, b]}}"),
    ("if-added", NARROWER, "if-removed", WIDER, "{type: object}", "{type: object, if: {required: [a]}, then: {required: [b]}}"),
    ("if-changed", UNKNOWN, "if-changed", UNKNOWN, "{type: object, if: {required: [a]}, then: {required: [b]}}", "{type: object, if: {required: [c]}, then: {required: [b]}}"),
    ("if-specialized", NARROWER, "if-generalized", WIDER, "{type: object, if: {required: [a]}, then: {required: [b]}}", "{type: object, if: {required: [a]}, then: {required: [b, c]}}"),
    ("if-specialized", NARROWER, "if-generalized", WIDER, "{type: object, if: {required: [a]}, then: {required: [b]}}", "{type: object, if: {required: [a]}, then: {required: [b]}, else: {minProperties: 1}}"),
    ("contains-added", NARROWER, "contains-removed", WIDER, "{type: array}", "{type: array, contains: {const: 1}}"),
    ("contains-changed", UNKNOWN, "contains-changed", UNKNOWN, "{type: array, contains: {pattern: '^a'}}", "{type: array, contains: {pattern: '^b'}}"),
    ("contains-specialized", NARROWER, "contains-generalized", WIDER, "{type: array, contains: {const: 1}}", "{type: array, contains: {const: 1}, minContains: 2}"),
    ("contains-specialized", NARROWER, "contains-generalized", WIDER, "{type: array, contains: {const: 1}}", "{type: array, contains: {const: 1}, maxContains: 3}"),
    ("contains-specialized", NARROWER, "contains-generalized", WIDER, "{type: array, contains: {type: number}}", "{type: array, contains: {type: integer}}"),
    // Of fewer numbers, more arrays have not too many.
    ("contains-generalized", WIDER, "contains-specialized", NARROWER, "{type: array, contains: {type: number}, minContains: 0, maxContains: 2}", "{type: array, contains: {type: integer}, minContains: 0, maxContains: 2}"),
    ("dependent-required-added", NARROWER, "dependent-required-removed", WIDER, "{type: object}", "{type: object, dependentRequired: {a: [b]}}"),
    ("dependent-required-specialized", NARROWER, "dependent-required-generalized", WIDER, "{type: object, dependentRequired: {a: [b]}}", "{type: object, dependentRequired: {a: [b, c]}}"),
    ("dependent-required-specialized", NARROWER, "dependent-required-generalized", WIDER, "{type: object, dependentRequired: {a: [b]}}", "{type: object, dependentRequired: {c: [b], a: [b]}}"),
    ("dependent-schemas-added", NARROWER, "dependent-schemas-removed", WIDER, "{type: object}", "{type: object, dependentSchemas: {a: {required: [b]}}}"),
    ("dependent-schemas-changed", UNKNOWN, "dependent-schemas-changed", UNKNOWN, "{type: object, dependentSchemas: {a: {properties: {b: {pattern: '^a'}}}}}", "{type: object, dependentSchemas: {a: {properties: {b: {pattern: '^b'}}}}}"),
    ("dependent-schemas-specialized", NARROWER, "dependent-schemas-generalized", WIDER, "{type: object, dependentSchemas: {a: {required: [b]}}}", "{type: object, dependentSchemas: {a: {required: [b, c]}}}"),
    ("dependent-schemas-specialized", NARROWER, "dependent-schemas-generalized", WIDER, "{type: object, dependentSchemas: {a: {required: [b]}}}", "{type: object, dependentSchemas: {a: {required: [b]}, b: {maxProperties: 3}}}"),
    ("property-names-added", NARROWER, "property-names-removed", WIDER, "{type: object}", "{type: object, propertyNames: {pattern: '^a'}}"),
    ("property-names-changed", UNKNOWN, "property-names-changed", UNKNOWN, "{type: object, propertyNames: {pattern: '^a'}}", "{type: object, propertyNames: {pattern: '^b'}}"),
    ("property-names-specialized", NARROWER, "property-names-generalized", WIDER, "{type: object, propertyNames: {maxLength: 9}}", "{type: object, propertyNames: {maxLength: 5}}"),
    ("unevaluated-properties-added", NARROWER, "unevaluated-properties-removed", WIDER, "{type: object}", "{type: object, unevaluatedProperties: false}"),
    ("unevaluated-properties-changed", UNKNOWN, "unevaluated-properties-changed", UNKNOWN, "{type: object, unevaluatedProperties: {pattern: '^a'}}", "{type: object, unevaluatedProperties: {pattern: '^b'}}"),
    ("unevaluated-properties-specialized", NARROWER, "unevaluated-properties-generalized", WIDER, "{type: object, unevaluatedProperties: {type: string}}", "{type: object, unevaluatedProperties: false}"),
    ("unevaluated-items-added", NARROWER, "unevaluated-items-removed", WIDER, "{type: array, unevaluatedItems: true}", "{type: array, unevaluatedItems: false}"),
    ("unevaluated-items-changed", UNKNOWN, "unevaluated-items-changed", UNKNOWN, "{type: array, unevaluatedItems: {pattern: '^a'}}", "{type: array, unevaluatedItems: {pattern: '^b'}}"),
    ("unevaluated-items-specialized", NARROWER, "unevaluated-items-generalized", WIDER, "{type: array, unevaluatedItems: {type: string}}", "{type: array, unevaluatedItems: {type: string, maxLength: 3}}"),
    ("content-schema-added", NARROWER, "content-schema-removed", WIDER, "{type: string}", "{type: string, contentSchema: {type: object}}"),
    ("content-schema-changed", UNKNOWN, "content-schema-changed", UNKNOWN, "{type: string, contentSchema: {pattern: '^a'}}", "{type: string, contentSchema: {pattern: '^b'}}"),
    ("content-schema-specialized", NARROWER, "content-schema-generalized", WIDER, "{type: string, contentSchema: {type: [array, object]}}", "{type: string, contentSchema: {type: object}}"),
    ("default-value-added", HARMLESS, "default-value-removed", SILENT, "{type: string}", "{type: string, default: a}"),
    ("default-value-changed", SILENT, "default-value-changed", SILENT, "{type: string, default: a}", "{type: string, default: b}"),
    ("deprecated", HARMLESS, "reactivated", HARMLESS, "{type: string}", "{type: string, deprecated: true}"),
    ("sunset-date-moved-later", HARMLESS, "sunset-deleted", UNKNOWN, "{type: string, deprecated: true}", "{type: string, deprecated: true, x-sunset: '2030-10-01'}"),
    ("sunset-date-moved-later", HARMLESS, "sunset-date-changed-too-small", BOTH, "{type: string, deprecated: true, x-sunset: '2030-9-01'}", "{type: string, deprecated: true, x-sunset: '2030-10-01'}"),
    ("stability-increased", HARMLESS, "stability-decreased", BOTH, "{type: string, x-stability-level: beta}", "{type: string}"),
    ("stability-increased", HARMLESS, "stability-decreased", BOTH, "{type: string, x-stability-level: draft}", "{type: string, x-stability-level: alpha}"),
    // So many compositions that only the whole is compared.
    ("composition-not-compared", UNKNOWN, "composition-not-compared", UNKNOWN, "{allOf: [{$ref: '#/components/schemas/Many'}, {$ref: '#/components/schemas/More'}]}", "{allOf: [{$ref: '#/components/schemas/Many'}, {$ref: '#/components/schemas/Most'}]}"),
];

/// Schemas that allow the same values: nothing is found either way, anywhere.
#[rustfmt::skip] // One change, one line.
const SAME: &[(&str, &str)] = &[
    // Patterns that match every text.
    ("{type: string}", "{type: string, pattern: '.*'}"),
    ("{type: string}", "{type: string, pattern: '^.*$'}"),
    ("{type: string}", "{type: string, pattern: ''}"),
    ("{type: string}", "{type: string, pattern: '^'}"),
    ("{type: string}", "{type: string, pattern: '^[\\s\\S]*$'}"),
    ("{type: string}", "{type: string, pattern: '[a-z]*'}"),
    ("{type: string}", "{type: string, pattern: '(a|)'}"),
    ("{type: string}", "{type: string, pattern: '(?:|a)$'}"),
    ("{type: string}", "{type: string, pattern: 'a|[|)]*'}"),
    ("{type: string}", "{type: string, pattern: '^(a|.*)$'}"),
    ("{type: string}", "{type: string, pattern: '^(a|(b|))'}"),
    ("{type: string}", "{type: string, pattern: '^a$|^'}"),
    ("{type: object}", "{type: object, propertyNames: {pattern: '.*'}}"),
    ("{type: object}", "{type: object, propertyNames: {type: string, description: d}}"),
    ("{type: object, additionalProperties: {type: string}}", "{type: object, patternProperties: {'.*': {type: string}}, additionalProperties: false}"),
    // Keywords of other types.
    ("{type: object}", "{type: object, contains: {type: string}, minItems: 3, uniqueItems: true}"),
    ("{type: string}", "{type: string, maximum: 3, required: [a], dependentRequired: {a: [b]}, items: {type: string}}"),
    ("{type: array}", "{type: array, pattern: '^a', propertyNames: {maxLength: 3}, additionalProperties: false}"),
    ("{type: integer}", "{type: integer, contentSchema: {type: string}, minLength: 4, unevaluatedProperties: false}"),
    // Defaults of keywords, and keywords without effect.
    ("{type: array, contains: {type: integer}}", "{type: array, contains: {type: integer}, minContains: 1}"),
    ("{type: array}", "{type: array, contains: {type: integer}, minContains: 0}"),
    ("{type: object}", "{type: object, if: {required: [a]}}"),
    ("{type: object, dependentRequired: {}}", "{type: object, dependentSchemas: {a: true}}"),
    // An alternative that is there twice.
    ("{anyOf: [{$ref: '#/components/schemas/Pet'}, {enum: [a]}]}", "{anyOf: [{$ref: '#/components/schemas/Pet'}, {enum: [a]}, {type: object, required: [a], properties: {a: {type: string}}}]}"),
    // Alternatives that exclude each other, or that a discriminator chooses from.
    ("{anyOf: [{type: string}, {type: integer}]}", "{oneOf: [{type: string}, {type: integer}]}"),
    ("{anyOf: [{$ref: '#/components/schemas/Pet'}, {$ref: '#/components/schemas/Owner'}]}", "{oneOf: [{$ref: '#/components/schemas/Pet'}, {$ref: '#/components/schemas/Owner'}]}"),
    ("{anyOf: [{type: object, properties: {k: {const: a}}}, {type: object, properties: {k: {const: b}}}]}", "{oneOf: [{type: object, properties: {k: {const: a}}}, {type: object, properties: {k: {const: b}}}]}"),
    ("{anyOf: [{type: string, maxLength: 4}, {type: string, minLength: 5}]}", "{oneOf: [{type: string, maxLength: 4}, {type: string, minLength: 5}]}"),
    ("{anyOf: [{type: string, format: date}, {type: string, format: date-time}]}", "{oneOf: [{type: string, format: date}, {type: string, format: date-time}]}"),
];

#[test]
fn schemas_that_allow_the_same_values_are_the_same() {
    let components = components();
    for (base, revision) in SAME {
        for (position, _) in POSITIONS {
            let [base, revision] =
                [base, revision].map(|schema| with_schema_at(position, &yaml(schema), &components));
            for (base, revision) in [(&base, &revision), (&revision, &base)] {
                let report = compared(base, revision);
                assert!(report.is_empty(), "{base:#} and {revision:#}: {report:#?}");
            }
        }
    }
}

fn components() -> serde_json::Value {
    let mut components = yaml(
        "{Pet: {type: object, required: [a], properties: {a: {type: string}}}, Owner: {type: object, required: [b], properties: {b: {type: string}}}}",
    );
    let alternatives = |keyword: &str, first: usize| {
        let entries = (first..first + 20).map(|n| json!({"type": "integer", keyword: n}));
        json!({"oneOf": entries.collect::<Vec<_>>()})
    };
    components["Many"] = alternatives("minimum", 1);
    components["More"] = alternatives("maximum", 101);
    components["Most"] = alternatives("maximum", 201);
    components
}

#[test]
fn every_change_of_a_schema_is_found_at_every_position_in_both_directions() {
    let components = components();
    for (there, levels_there, back, levels_back, base, revision) in TABLE {
        for (position, is_response) in POSITIONS {
            let documents =
                [base, revision].map(|schema| with_schema_at(position, &yaml(schema), &components));
            let [base_document, revision_document] = &documents;
            for (aspect, levels, old, now) in [
                (there, levels_there, base_document, revision_document),
                (back, levels_back, revision_document, base_document),
            ] {
                let report = compared(old, now);
                let expected = vec![(
                    format!("{position}{aspect}"),
                    levels[usize::from(is_response)],
                )];
                let found = found(&report);
                let found: Vec<_> = found
                    .iter()
                    .map(|(id, level)| ((*id).to_owned(), *level))
                    .collect();
                assert_eq!(found, expected, "{base} and {revision}: {report:#?}");
                for finding in &report {
                    for (document, pointer) in [
                        (old, &finding.base_pointer),
                        (now, &finding.revision_pointer),
                    ] {
                        let pointer = pointer
                            .as_ref()
                            .unwrap_or_else(|| panic!("no place in {finding:?}"));
                        assert!(
                            document.pointer(pointer.as_str()).is_some(),
                            "{pointer} in {finding:?}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn every_rule_on_schemas_is_in_the_table() {
    let tested: BTreeSet<&str> = TABLE.iter().flat_map(|row| [row.0, row.2]).collect();
    let rules: BTreeSet<&str> = RULES
        .iter()
        .filter(|rule| rule.id != rule.aspect)
        .map(|rule| rule.aspect)
        .collect();
    assert_eq!(tested, rules);
}
