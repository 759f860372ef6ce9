//! The keywords of each object of OpenAPI. Those of schemas are the keywords of JSON Schema
//! 2020-12, of its older dialect in OpenAPI 3.0, and of OpenAPI's own additions.

use super::Lowering::{Keep, Normalised, Omit, Refuse};
use super::Slot::{Any, Count, Flag, List, Map, Number, One, Text, Texts, Values};
use super::{Grammar, Kind, Row, Slot};

const CONDITION: &str = "OpenAPI 3.0 has no conditions in schemas";
const CONTAINS: &str = "OpenAPI 3.0 cannot require that an array contains a value";
const DIALECT: &str = "names the dialect of the schemas, which is fixed in OpenAPI 3.0";
const DYNAMIC: &str = "its target is known only when a value is validated";
const UNEVALUATED: &str =
    "OpenAPI 3.0 cannot restrict what a value holds beyond what its compositions describe";

/// An object with these keywords.
const fn object(name: &'static str, keywords: &'static [Row]) -> Grammar {
    Grammar {
        name,
        section: None,
        keywords,
        others: None,
        required: "",
        implied: "",
    }
}

/// An object whose keys are names.
const fn map(name: &'static str, of: Slot) -> Grammar {
    let mut grammar = object(name, &[]);
    grammar.others = Some(of);
    grammar
}

impl Grammar {
    const fn in_section(mut self, section: &'static str) -> Self {
        self.section = Some(section);
        self
    }

    const fn requires(mut self, keywords: &'static str) -> Self {
        self.required = keywords;
        self
    }

    const fn implies(mut self, keywords: &'static str) -> Self {
        self.implied = keywords;
        self
    }
}

const SCHEMA: &[Row] = &[
    // The same in both versions, or written differently.
    (Any, Keep, "default type exclusiveMinimum exclusiveMaximum"),
    (
        Text,
        Keep,
        "$ref title description format pattern contentEncoding contentMediaType",
    ),
    (Flag, Keep, "deprecated readOnly writeOnly uniqueItems"),
    (
        Count,
        Keep,
        "minLength maxLength minItems maxItems minProperties maxProperties",
    ),
    (Number, Keep, "multipleOf minimum maximum"),
    (Texts, Keep, "required"),
    (Values, Keep, "enum examples"),
    (One(Kind::Schema), Keep, "items additionalProperties"),
    (List(Kind::Schema), Keep, "allOf anyOf oneOf"),
    (Map(Kind::Schema), Keep, "properties"),
    (One(Kind::ExternalDocs), Keep, "externalDocs"),
    (One(Kind::Discriminator), Keep, "discriminator"),
    (One(Kind::Xml), Keep, "xml"),
    // Rewritten by normalising.
    (Flag, Normalised, "nullable"),
    (Any, Normalised, "const example"),
    (Map(Kind::Schema), Normalised, "$defs"),
    // Without an effect on what is on the wire.
    (Text, Omit(DIALECT), "$schema"),
    (
        Text,
        Omit("a note among the authors of the schema"),
        "$comment",
    ),
    (
        One(Kind::Schema),
        Omit("describes what is inside a string; on the wire it stays a string"),
        "contentSchema",
    ),
    // Without an equivalent in OpenAPI 3.0.
    (
        One(Kind::Schema),
        Refuse("OpenAPI 3.0 has it, but no type can exclude values"),
        "not",
    ),
    (One(Kind::Schema), Refuse(CONDITION), "if then else"),
    (Map(Kind::Schema), Refuse(CONDITION), "dependentSchemas"),
    (Any, Refuse(CONDITION), "dependentRequired"),
    (One(Kind::Schema), Refuse(CONTAINS), "contains"),
    (Count, Refuse(CONTAINS), "minContains maxContains"),
    (
        One(Kind::Schema),
        Refuse(UNEVALUATED),
        "unevaluatedProperties unevaluatedItems",
    ),
    (
        One(Kind::Schema),
        Refuse("OpenAPI 3.0 cannot restrict the names of properties"),
        "propertyNames",
    ),
    (
        List(Kind::Schema),
        Refuse("OpenAPI 3.0 has no tuples; without it every entry is what `items` describes"),
        "prefixItems",
    ),
    (
        Map(Kind::Schema),
        Refuse("OpenAPI 3.0 cannot tell properties apart by their names"),
        "patternProperties",
    ),
    (
        Text,
        Refuse(
            "references here are relative to the document, not to an address that a schema gives itself",
        ),
        "$id",
    ),
    (
        Text,
        Refuse("references here are JSON pointers; nothing can refer to an anchor"),
        "$anchor",
    ),
    (Text, Refuse(DYNAMIC), "$dynamicRef $dynamicAnchor"),
    (Any, Refuse("it belongs in a meta-schema"), "$vocabulary"),
];

impl Kind {
    /// The keys of such an object.
    pub(crate) const fn grammar(self) -> Grammar {
        match self {
            Self::Document => object(
                "an OpenAPI document",
                &[
                    (Text, Keep, "openapi"),
                    (One(Self::Info), Keep, "info"),
                    (Text, Omit(DIALECT), "jsonSchemaDialect"),
                    (List(Self::Server), Keep, "servers"),
                    (One(Self::Paths), Keep, "paths"),
                    (
                        One(Self::Webhooks),
                        Omit("describes requests that the API sends; a client sends none of them"),
                        "webhooks",
                    ),
                    (One(Self::Components), Keep, "components"),
                    (List(Self::SecurityRequirement), Keep, "security"),
                    (List(Self::Tag), Keep, "tags"),
                    (One(Self::ExternalDocs), Keep, "externalDocs"),
                ],
            )
            .requires("info")
            .implies("paths"),
            Self::Info => object(
                "an info object",
                &[
                    (Text, Keep, "title description termsOfService version"),
                    (Text, Omit("prose"), "summary"),
                    (One(Self::Contact), Keep, "contact"),
                    (One(Self::License), Keep, "license"),
                ],
            )
            .requires("title version"),
            Self::Contact => object("a contact", &[(Text, Keep, "name url email")]),
            Self::License => object(
                "a license",
                &[
                    (Text, Keep, "name url"),
                    (
                        Text,
                        Omit("names the license a second time, as an SPDX expression"),
                        "identifier",
                    ),
                ],
            )
            .requires("name"),
            Self::Server => object(
                "a server",
                &[
                    (Text, Keep, "url description"),
                    (Map(Self::ServerVariable), Keep, "variables"),
                ],
            )
            .requires("url"),
            Self::ServerVariable => object(
                "a server variable",
                &[(Texts, Keep, "enum"), (Text, Keep, "default description")],
            )
            .requires("default"),
            Self::Components => object(
                "a components object",
                &[
                    (Map(Self::Schema), Keep, "schemas"),
                    (Map(Self::Response), Keep, "responses"),
                    (Map(Self::Parameter), Keep, "parameters"),
                    (Map(Self::Example), Keep, "examples"),
                    (Map(Self::RequestBody), Keep, "requestBodies"),
                    (Map(Self::Header), Keep, "headers"),
                    (Map(Self::SecurityScheme), Keep, "securitySchemes"),
                    (Map(Self::Link), Keep, "links"),
                    (Map(Self::Callback), Keep, "callbacks"),
                    (Map(Self::PathItem), Normalised, "pathItems"),
                ],
            ),
            Self::Paths => map("a paths object", One(Self::PathItem)),
            Self::Webhooks => map("a webhooks object", One(Self::PathItem)),
            Self::Callback => map("a callback", One(Self::PathItem)).in_section("callbacks"),
            Self::PathItem => object(
                "a path item",
                &[
                    (Text, Normalised, "$ref"),
                    (Text, Keep, "summary description"),
                    (
                        One(Self::Operation),
                        Keep,
                        "get put post delete options head patch trace",
                    ),
                    (List(Self::Server), Keep, "servers"),
                    (List(Self::Parameter), Normalised, "parameters"),
                ],
            )
            .in_section("pathItems"),
            Self::Operation => object(
                "an operation",
                &[
                    (Text, Keep, "summary description operationId"),
                    (Texts, Keep, "tags"),
                    (One(Self::ExternalDocs), Keep, "externalDocs"),
                    (List(Self::Parameter), Keep, "parameters"),
                    (One(Self::RequestBody), Keep, "requestBody"),
                    (One(Self::Responses), Keep, "responses"),
                    (Map(Self::Callback), Keep, "callbacks"),
                    (Flag, Keep, "deprecated"),
                    (List(Self::SecurityRequirement), Keep, "security"),
                    (List(Self::Server), Keep, "servers"),
                ],
            )
            .implies("responses"),
            Self::ExternalDocs => object(
                "an external documentation object",
                &[(Text, Keep, "description url")],
            )
            .requires("url"),
            Self::Parameter => object(
                "a parameter",
                &[
                    (Text, Keep, "name in description style"),
                    (
                        Flag,
                        Keep,
                        "required deprecated allowEmptyValue explode allowReserved",
                    ),
                    (One(Self::Schema), Keep, "schema"),
                    (Any, Keep, "example"),
                    (Map(Self::Example), Keep, "examples"),
                    (Map(Self::MediaType), Keep, "content"),
                ],
            )
            .in_section("parameters")
            .requires("name in"),
            Self::Header => object(
                "a header",
                &[
                    (Text, Keep, "description style"),
                    (
                        Flag,
                        Keep,
                        "required deprecated allowEmptyValue explode allowReserved",
                    ),
                    (One(Self::Schema), Keep, "schema"),
                    (Any, Keep, "example"),
                    (Map(Self::Example), Keep, "examples"),
                    (Map(Self::MediaType), Keep, "content"),
                ],
            )
            .in_section("headers"),
            Self::RequestBody => object(
                "a request body",
                &[
                    (Text, Keep, "description"),
                    (Flag, Keep, "required"),
                    (Map(Self::MediaType), Keep, "content"),
                ],
            )
            .in_section("requestBodies")
            .requires("content"),
            Self::MediaType => object(
                "a media type",
                &[
                    (One(Self::Schema), Keep, "schema"),
                    (Any, Keep, "example"),
                    (Map(Self::Example), Keep, "examples"),
                    (Map(Self::Encoding), Keep, "encoding"),
                ],
            ),
            Self::Encoding => object(
                "an encoding",
                &[
                    (Text, Keep, "contentType style"),
                    (Flag, Keep, "explode allowReserved"),
                    (Map(Self::Header), Keep, "headers"),
                ],
            ),
            Self::Responses => map("a responses object", One(Self::Response)),
            Self::Response => object(
                "a response",
                &[
                    (Text, Keep, "description"),
                    (Map(Self::Header), Keep, "headers"),
                    (Map(Self::MediaType), Keep, "content"),
                    (Map(Self::Link), Keep, "links"),
                ],
            )
            .in_section("responses")
            .implies("description"),
            Self::Example => object(
                "an example",
                &[
                    (Text, Keep, "summary description externalValue"),
                    (Any, Keep, "value"),
                ],
            )
            .in_section("examples"),
            Self::Link => object(
                "a link",
                &[
                    (Text, Keep, "operationRef operationId description"),
                    (Any, Keep, "parameters requestBody"),
                    (One(Self::Server), Keep, "server"),
                ],
            )
            .in_section("links"),
            Self::Tag => object(
                "a tag",
                &[
                    (Text, Keep, "name description"),
                    (One(Self::ExternalDocs), Keep, "externalDocs"),
                ],
            )
            .requires("name"),
            Self::Discriminator => object(
                "a discriminator",
                &[(Text, Keep, "propertyName"), (Any, Keep, "mapping")],
            )
            .requires("propertyName"),
            Self::Xml => object(
                "an XML object",
                &[
                    (Text, Keep, "name namespace prefix"),
                    (Flag, Keep, "attribute wrapped"),
                ],
            ),
            Self::SecurityScheme => object(
                "a security scheme",
                &[
                    (
                        Text,
                        Keep,
                        "type description name in scheme bearerFormat openIdConnectUrl",
                    ),
                    (One(Self::OAuthFlows), Keep, "flows"),
                ],
            )
            .in_section("securitySchemes")
            .requires("type"),
            Self::OAuthFlows => object(
                "an OAuth flows object",
                &[(
                    One(Self::OAuthFlow),
                    Keep,
                    "implicit password clientCredentials authorizationCode",
                )],
            ),
            Self::OAuthFlow => object(
                "an OAuth flow",
                &[
                    (Text, Keep, "authorizationUrl tokenUrl refreshUrl"),
                    (Any, Keep, "scopes"),
                ],
            )
            .implies("scopes"),
            Self::SecurityRequirement => map("a security requirement", Texts),
            Self::Schema => object("a schema", SCHEMA).in_section("schemas"),
        }
    }
}
