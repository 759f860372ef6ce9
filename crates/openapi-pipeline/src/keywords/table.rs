//! The keywords of each object of OpenAPI. Those of schemas are the keywords of JSON Schema
//! 2020-12, of its older dialect in OpenAPI 3.0, and of OpenAPI's own additions.

use super::Lowering::{Keep, Normalised, Omit, Refuse};
use super::Slot::{Any, Count, Flag, List, Map, Number, One, Text, Texts, Values};
use super::{Grammar, Kind, Row};

const CONDITION: &str = "OpenAPI 3.0 has no conditions in schemas";
const CONTAINS: &str = "OpenAPI 3.0 cannot require that an array contains a value";
const DIALECT: &str = "names the dialect of the schemas, which is fixed in OpenAPI 3.0";
const DYNAMIC: &str = "its target is known only when a value is validated";
const UNEVALUATED: &str =
    "OpenAPI 3.0 cannot restrict what a value holds beyond what its compositions describe";

/// What a kind of object has when its entry does not say otherwise.
const NONE: Grammar = Grammar {
    name: "",
    section: None,
    keywords: &[],
    others: None,
    required: &[],
    implied: &[],
};

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
            Self::Document => Grammar {
                name: "an OpenAPI document",
                keywords: &[
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
                required: &["info"],
                implied: &["paths"],
                ..NONE
            },
            Self::Info => Grammar {
                name: "an info object",
                keywords: &[
                    (Text, Keep, "title description termsOfService version"),
                    (Text, Omit("prose"), "summary"),
                    (One(Self::Contact), Keep, "contact"),
                    (One(Self::License), Keep, "license"),
                ],
                required: &["title", "version"],
                ..NONE
            },
            Self::Contact => Grammar {
                name: "a contact",
                keywords: &[(Text, Keep, "name url email")],
                ..NONE
            },
            Self::License => Grammar {
                name: "a license",
                keywords: &[
                    (Text, Keep, "name url"),
                    (
                        Text,
                        Omit("names the license a second time, as an SPDX expression"),
                        "identifier",
                    ),
                ],
                required: &["name"],
                ..NONE
            },
            Self::Server => Grammar {
                name: "a server",
                keywords: &[
                    (Text, Keep, "url description"),
                    (Map(Self::ServerVariable), Keep, "variables"),
                ],
                required: &["url"],
                ..NONE
            },
            Self::ServerVariable => Grammar {
                name: "a server variable",
                keywords: &[(Texts, Keep, "enum"), (Text, Keep, "default description")],
                required: &["default"],
                ..NONE
            },
            Self::Components => Grammar {
                name: "a components object",
                keywords: &[
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
                ..NONE
            },
            Self::Paths => Grammar {
                name: "a paths object",
                others: Some(One(Self::PathItem)),
                ..NONE
            },
            Self::Webhooks => Grammar {
                name: "a webhooks object",
                others: Some(One(Self::PathItem)),
                ..NONE
            },
            Self::Callback => Grammar {
                name: "a callback",
                section: Some("callbacks"),
                others: Some(One(Self::PathItem)),
                ..NONE
            },
            Self::PathItem => Grammar {
                name: "a path item",
                section: Some("pathItems"),
                keywords: &[
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
                ..NONE
            },
            Self::Operation => Grammar {
                name: "an operation",
                keywords: &[
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
                implied: &["responses"],
                ..NONE
            },
            Self::ExternalDocs => Grammar {
                name: "an external documentation object",
                keywords: &[(Text, Keep, "description url")],
                required: &["url"],
                ..NONE
            },
            Self::Parameter => Grammar {
                name: "a parameter",
                section: Some("parameters"),
                keywords: &[
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
                required: &["name", "in"],
                ..NONE
            },
            Self::Header => Grammar {
                name: "a header",
                section: Some("headers"),
                keywords: &[
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
                ..NONE
            },
            Self::RequestBody => Grammar {
                name: "a request body",
                section: Some("requestBodies"),
                keywords: &[
                    (Text, Keep, "description"),
                    (Flag, Keep, "required"),
                    (Map(Self::MediaType), Keep, "content"),
                ],
                required: &["content"],
                ..NONE
            },
            Self::MediaType => Grammar {
                name: "a media type",
                keywords: &[
                    (One(Self::Schema), Keep, "schema"),
                    (Any, Keep, "example"),
                    (Map(Self::Example), Keep, "examples"),
                    (Map(Self::Encoding), Keep, "encoding"),
                ],
                ..NONE
            },
            Self::Encoding => Grammar {
                name: "an encoding",
                keywords: &[
                    (Text, Keep, "contentType style"),
                    (Flag, Keep, "explode allowReserved"),
                    (Map(Self::Header), Keep, "headers"),
                ],
                ..NONE
            },
            Self::Responses => Grammar {
                name: "a responses object",
                others: Some(One(Self::Response)),
                ..NONE
            },
            Self::Response => Grammar {
                name: "a response",
                section: Some("responses"),
                keywords: &[
                    (Text, Keep, "description"),
                    (Map(Self::Header), Keep, "headers"),
                    (Map(Self::MediaType), Keep, "content"),
                    (Map(Self::Link), Keep, "links"),
                ],
                implied: &["description"],
                ..NONE
            },
            Self::Example => Grammar {
                name: "an example",
                section: Some("examples"),
                keywords: &[
                    (Text, Keep, "summary description externalValue"),
                    (Any, Keep, "value"),
                ],
                ..NONE
            },
            Self::Link => Grammar {
                name: "a link",
                section: Some("links"),
                keywords: &[
                    (Text, Keep, "operationRef operationId description"),
                    (Any, Keep, "parameters requestBody"),
                    (One(Self::Server), Keep, "server"),
                ],
                ..NONE
            },
            Self::Tag => Grammar {
                name: "a tag",
                keywords: &[
                    (Text, Keep, "name description"),
                    (One(Self::ExternalDocs), Keep, "externalDocs"),
                ],
                required: &["name"],
                ..NONE
            },
            Self::Discriminator => Grammar {
                name: "a discriminator",
                keywords: &[(Text, Keep, "propertyName"), (Any, Keep, "mapping")],
                required: &["propertyName"],
                ..NONE
            },
            Self::Xml => Grammar {
                name: "an XML object",
                keywords: &[
                    (Text, Keep, "name namespace prefix"),
                    (Flag, Keep, "attribute wrapped"),
                ],
                ..NONE
            },
            Self::SecurityScheme => Grammar {
                name: "a security scheme",
                section: Some("securitySchemes"),
                keywords: &[
                    (
                        Text,
                        Keep,
                        "type description name in scheme bearerFormat openIdConnectUrl",
                    ),
                    (One(Self::OAuthFlows), Keep, "flows"),
                ],
                required: &["type"],
                ..NONE
            },
            Self::OAuthFlows => Grammar {
                name: "an OAuth flows object",
                keywords: &[(
                    One(Self::OAuthFlow),
                    Keep,
                    "implicit password clientCredentials authorizationCode",
                )],
                ..NONE
            },
            Self::OAuthFlow => Grammar {
                name: "an OAuth flow",
                keywords: &[
                    (Text, Keep, "authorizationUrl tokenUrl refreshUrl"),
                    (Any, Keep, "scopes"),
                ],
                implied: &["scopes"],
                ..NONE
            },
            Self::SecurityRequirement => Grammar {
                name: "a security requirement",
                others: Some(Texts),
                ..NONE
            },
            Self::Schema => Grammar {
                name: "a schema",
                section: Some("schemas"),
                keywords: SCHEMA,
                ..NONE
            },
        }
    }
}
