//! The objects around the schemas.

use serde_json::{Value, json};

use super::Slot::{Any, Flag, List, Map, One, Text, Texts};
use super::{
    Grammar, Keyword, Kind, Required, Slot, drop, keep, needs, needs_or, normalised, schema,
};

pub(super) const fn grammar(kind: Kind) -> &'static Grammar {
    match kind {
        Kind::Document => &DOCUMENT,
        Kind::Info => &INFO,
        Kind::Contact => &CONTACT,
        Kind::License => &LICENSE,
        Kind::Server => &SERVER,
        Kind::ServerVariable => &SERVER_VARIABLE,
        Kind::Components => &COMPONENTS,
        Kind::Paths | Kind::Webhooks | Kind::Callback => &PATH_ITEMS,
        Kind::PathItem => &PATH_ITEM,
        Kind::Operation => &OPERATION,
        Kind::ExternalDocs => &EXTERNAL_DOCS,
        Kind::Parameter => &PARAMETER,
        Kind::RequestBody => &REQUEST_BODY,
        Kind::MediaType => &MEDIA_TYPE,
        Kind::Encoding => &ENCODING,
        Kind::Responses => &RESPONSES,
        Kind::Response => &RESPONSE,
        Kind::Example => &EXAMPLE,
        Kind::Link => &LINK,
        Kind::Header => &HEADER,
        Kind::Tag => &TAG,
        Kind::Schema => &schema::SCHEMA,
        Kind::Discriminator => &DISCRIMINATOR,
        Kind::Xml => &XML,
        Kind::SecurityScheme => &SECURITY_SCHEME,
        Kind::OAuthFlows => &OAUTH_FLOWS,
        Kind::OAuthFlow => &OAUTH_FLOW,
        Kind::SecurityRequirement => &SECURITY_REQUIREMENT,
    }
}

const fn object(keywords: &'static [Keyword], required: &'static [Required]) -> Grammar {
    Grammar {
        keywords,
        others: None,
        required,
    }
}

const fn pattern(others: Slot) -> Grammar {
    Grammar {
        keywords: &[],
        others: Some(others),
        required: &[],
    }
}

fn empty_object() -> Value {
    json!({})
}

fn empty_text() -> Value {
    json!("")
}

static DOCUMENT: Grammar = object(
    &[
        keep("openapi", Text),
        keep("info", One(Kind::Info)),
        drop(
            "jsonSchemaDialect",
            Text,
            "names the dialect of the schemas, which is a fixed one in OpenAPI 3.0",
        ),
        keep("servers", List(Kind::Server)),
        keep("paths", One(Kind::Paths)),
        drop(
            "webhooks",
            One(Kind::Webhooks),
            "requests that the API sends; a client makes none of them",
        ),
        keep("components", One(Kind::Components)),
        keep("security", List(Kind::SecurityRequirement)),
        keep("tags", List(Kind::Tag)),
        keep("externalDocs", One(Kind::ExternalDocs)),
    ],
    &[needs("info"), needs_or("paths", empty_object)],
);

static INFO: Grammar = object(
    &[
        keep("title", Text),
        drop("summary", Text, "prose"),
        keep("description", Text),
        keep("termsOfService", Text),
        keep("contact", One(Kind::Contact)),
        keep("license", One(Kind::License)),
        keep("version", Text),
    ],
    &[needs("title"), needs("version")],
);

static CONTACT: Grammar = object(
    &[keep("name", Text), keep("url", Text), keep("email", Text)],
    &[],
);

static LICENSE: Grammar = object(
    &[
        keep("name", Text),
        drop(
            "identifier",
            Text,
            "names the license a second time, as an SPDX expression",
        ),
        keep("url", Text),
    ],
    &[needs("name")],
);

static SERVER: Grammar = object(
    &[
        keep("url", Text),
        keep("description", Text),
        keep("variables", Map(Kind::ServerVariable)),
    ],
    &[needs("url")],
);

static SERVER_VARIABLE: Grammar = object(
    &[
        keep("enum", Texts),
        keep("default", Text),
        keep("description", Text),
    ],
    &[needs("default")],
);

static COMPONENTS: Grammar = object(
    &[
        keep("schemas", Map(Kind::Schema)),
        keep("responses", Map(Kind::Response)),
        keep("parameters", Map(Kind::Parameter)),
        keep("examples", Map(Kind::Example)),
        keep("requestBodies", Map(Kind::RequestBody)),
        keep("headers", Map(Kind::Header)),
        keep("securitySchemes", Map(Kind::SecurityScheme)),
        keep("links", Map(Kind::Link)),
        keep("callbacks", Map(Kind::Callback)),
        normalised("pathItems", Map(Kind::PathItem)),
    ],
    &[],
);

static PATH_ITEMS: Grammar = pattern(One(Kind::PathItem));

static PATH_ITEM: Grammar = object(
    &[
        normalised("$ref", Text),
        keep("summary", Text),
        keep("description", Text),
        keep("get", One(Kind::Operation)),
        keep("put", One(Kind::Operation)),
        keep("post", One(Kind::Operation)),
        keep("delete", One(Kind::Operation)),
        keep("options", One(Kind::Operation)),
        keep("head", One(Kind::Operation)),
        keep("patch", One(Kind::Operation)),
        keep("trace", One(Kind::Operation)),
        keep("servers", List(Kind::Server)),
        normalised("parameters", List(Kind::Parameter)),
    ],
    &[],
);

static OPERATION: Grammar = object(
    &[
        keep("tags", Texts),
        keep("summary", Text),
        keep("description", Text),
        keep("externalDocs", One(Kind::ExternalDocs)),
        keep("operationId", Text),
        keep("parameters", List(Kind::Parameter)),
        keep("requestBody", One(Kind::RequestBody)),
        keep("responses", One(Kind::Responses)),
        keep("callbacks", Map(Kind::Callback)),
        keep("deprecated", Flag),
        keep("security", List(Kind::SecurityRequirement)),
        keep("servers", List(Kind::Server)),
    ],
    &[needs_or("responses", empty_object)],
);

static EXTERNAL_DOCS: Grammar = object(
    &[keep("description", Text), keep("url", Text)],
    &[needs("url")],
);

static PARAMETER: Grammar = object(
    &[
        keep("name", Text),
        keep("in", Text),
        keep("description", Text),
        keep("required", Flag),
        keep("deprecated", Flag),
        keep("allowEmptyValue", Flag),
        keep("style", Text),
        keep("explode", Flag),
        keep("allowReserved", Flag),
        keep("schema", One(Kind::Schema)),
        keep("example", Any),
        keep("examples", Map(Kind::Example)),
        keep("content", Map(Kind::MediaType)),
    ],
    &[needs("name"), needs("in")],
);

static HEADER: Grammar = object(
    &[
        keep("description", Text),
        keep("required", Flag),
        keep("deprecated", Flag),
        keep("allowEmptyValue", Flag),
        keep("style", Text),
        keep("explode", Flag),
        keep("allowReserved", Flag),
        keep("schema", One(Kind::Schema)),
        keep("example", Any),
        keep("examples", Map(Kind::Example)),
        keep("content", Map(Kind::MediaType)),
    ],
    &[],
);

static REQUEST_BODY: Grammar = object(
    &[
        keep("description", Text),
        keep("content", Map(Kind::MediaType)),
        keep("required", Flag),
    ],
    &[needs("content")],
);

static MEDIA_TYPE: Grammar = object(
    &[
        keep("schema", One(Kind::Schema)),
        keep("example", Any),
        keep("examples", Map(Kind::Example)),
        keep("encoding", Map(Kind::Encoding)),
    ],
    &[],
);

static ENCODING: Grammar = object(
    &[
        keep("contentType", Text),
        keep("headers", Map(Kind::Header)),
        keep("style", Text),
        keep("explode", Flag),
        keep("allowReserved", Flag),
    ],
    &[],
);

static RESPONSES: Grammar = pattern(One(Kind::Response));

static RESPONSE: Grammar = object(
    &[
        keep("description", Text),
        keep("headers", Map(Kind::Header)),
        keep("content", Map(Kind::MediaType)),
        keep("links", Map(Kind::Link)),
    ],
    &[needs_or("description", empty_text)],
);

static EXAMPLE: Grammar = object(
    &[
        keep("summary", Text),
        keep("description", Text),
        keep("value", Any),
        keep("externalValue", Text),
    ],
    &[],
);

static LINK: Grammar = object(
    &[
        keep("operationRef", Text),
        keep("operationId", Text),
        keep("parameters", Any),
        keep("requestBody", Any),
        keep("description", Text),
        keep("server", One(Kind::Server)),
    ],
    &[],
);

static TAG: Grammar = object(
    &[
        keep("name", Text),
        keep("description", Text),
        keep("externalDocs", One(Kind::ExternalDocs)),
    ],
    &[needs("name")],
);

static DISCRIMINATOR: Grammar = object(
    &[keep("propertyName", Text), keep("mapping", Any)],
    &[needs("propertyName")],
);

static XML: Grammar = object(
    &[
        keep("name", Text),
        keep("namespace", Text),
        keep("prefix", Text),
        keep("attribute", Flag),
        keep("wrapped", Flag),
    ],
    &[],
);

static SECURITY_SCHEME: Grammar = object(
    &[
        keep("type", Text),
        keep("description", Text),
        keep("name", Text),
        keep("in", Text),
        keep("scheme", Text),
        keep("bearerFormat", Text),
        keep("flows", One(Kind::OAuthFlows)),
        keep("openIdConnectUrl", Text),
    ],
    &[needs("type")],
);

static OAUTH_FLOWS: Grammar = object(
    &[
        keep("implicit", One(Kind::OAuthFlow)),
        keep("password", One(Kind::OAuthFlow)),
        keep("clientCredentials", One(Kind::OAuthFlow)),
        keep("authorizationCode", One(Kind::OAuthFlow)),
    ],
    &[],
);

static OAUTH_FLOW: Grammar = object(
    &[
        keep("authorizationUrl", Text),
        keep("tokenUrl", Text),
        keep("refreshUrl", Text),
        keep("scopes", Any),
    ],
    &[needs_or("scopes", empty_object)],
);

static SECURITY_REQUIREMENT: Grammar = pattern(Texts);
