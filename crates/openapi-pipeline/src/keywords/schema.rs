//! Schemas: the keywords of JSON Schema 2020-12, of its older self in OpenAPI 3.0, and of OpenAPI's
//! own additions.

use super::Slot::{Any, Count, Flag, List, Map, Number, One, Text, Texts, Values};
use super::{Grammar, Kind, drop, keep, normalised, refuse, refuse_for, rewrite};

const S: Kind = Kind::Schema;

const CONDITION: &str = "OpenAPI 3.0 has no conditions in schemas";
const CONTAINS: &str = "OpenAPI 3.0 cannot say that an array contains something";
const DIALECT: &str = "names the dialect of the schema, which is a fixed one in OpenAPI 3.0";
const DYNAMIC: &str = "what it refers to is known only when a value is validated";
const REST: &str =
    "OpenAPI 3.0 cannot say what else a value may hold beside what its compositions say";

#[rustfmt::skip] // One keyword, one line.
pub(super) static SCHEMA: Grammar = Grammar {
    keywords: &[
        // What holds in both, written the same.
        keep("title",                Text),
        keep("description",          Text),
        keep("default",              Any),
        keep("deprecated",           Flag),
        keep("readOnly",             Flag),
        keep("writeOnly",            Flag),
        keep("externalDocs",         One(Kind::ExternalDocs)),
        keep("discriminator",        One(Kind::Discriminator)),
        keep("xml",                  One(Kind::Xml)),
        keep("format",               Text),
        keep("pattern",              Text),
        keep("minLength",            Count),
        keep("maxLength",            Count),
        keep("multipleOf",           Number),
        keep("minItems",             Count),
        keep("maxItems",             Count),
        keep("uniqueItems",          Flag),
        keep("items",                One(S)),
        keep("properties",           Map(S)),
        keep("minProperties",        Count),
        keep("maxProperties",        Count),
        keep("required",             Texts),
        keep("allOf",                List(S)),

        // What normalising leaves no trace of.
        normalised("nullable", Flag),
        normalised("const",    Any),
        normalised("example",  Any),
        normalised("$defs",    Map(S)),

        // What OpenAPI 3.0 writes differently. `type` comes after all that a union of types
        // distributes over its branches, and `$ref`, which tolerates nothing beside it, last.
        rewrite("additionalProperties", One(S)),
        rewrite("minimum",              Number),
        rewrite("maximum",              Number),
        rewrite("exclusiveMinimum",     Any),
        rewrite("exclusiveMaximum",     Any),
        rewrite("examples",             Values),
        rewrite("contentEncoding",      Text),
        rewrite("contentMediaType",     Text),
        rewrite("enum",                 Values),
        rewrite("anyOf",                List(S)),
        rewrite("oneOf",                List(S)),
        rewrite("type",                 Any),
        rewrite("$ref",                 Text),

        // What says nothing about the wire.
        drop("$schema",       Text,   DIALECT),
        drop("$comment",      Text,   "a note among the authors of the schema"),
        drop("contentSchema", One(S), "describes what is inside a string; on the wire it stays a string"),

        // What cannot be said.
        refuse("not",               One(S), "OpenAPI 3.0 has it, but no type can say what a value must not be"),
        refuse("if",                One(S), CONDITION),
        refuse("then",              One(S), CONDITION),
        refuse("else",              One(S), CONDITION),
        refuse("dependentSchemas",  Map(S), CONDITION),
        refuse("dependentRequired", Any,    CONDITION),
        refuse("contains",          One(S), CONTAINS),
        refuse("minContains",       Count,  CONTAINS),
        refuse("maxContains",       Count,  CONTAINS),
        refuse("unevaluatedProperties", One(S), REST),
        refuse("unevaluatedItems",      One(S), REST),
        refuse("propertyNames",     One(S), "OpenAPI 3.0 cannot restrict the names of properties"),
        refuse("prefixItems",       List(S), "OpenAPI 3.0 has no tuples; without it all entries are what `items` says"),
        refuse_for("patternProperties", Map(S), "OpenAPI 3.0 cannot tell properties apart by their names", "additionalProperties"),
        refuse("$id",            Text, "it gives the schema an address of its own, to which the references in it are relative; here they are relative to the document"),
        refuse("$anchor",        Text, "references here are JSON pointers; nothing can refer to an anchor"),
        refuse("$dynamicRef",    Text, DYNAMIC),
        refuse("$dynamicAnchor", Text, DYNAMIC),
        refuse("$vocabulary",    Any,  "it belongs in a meta-schema"),
    ],
    others: None,
    required: &[],
};
