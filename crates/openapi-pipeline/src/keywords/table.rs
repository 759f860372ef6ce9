//! The keywords of each object of OpenAPI. Those of schemas are the keywords of JSON Schema
//! 2020-12, of its older dialect in OpenAPI 3.0, and of OpenAPI's own additions.

use super::Lowering::{Keep, Normalised, Omit, Refuse};
use super::Slot::{Any, Count, Flag, List, Map, Number, One, Text, Texts, Values};
use super::{Grammar, Slot};
use Kind::*;

const ANCHOR: &str = "references here are JSON pointers; nothing can refer to an anchor";
const DYNAMIC: &str = "its target is known only when a value is validated";
const ID: &str =
    "references here are relative to the document, not to an address that a schema gives itself";
const NAMES: &str = "OpenAPI 3.0 cannot tell properties apart by their names";
const TUPLE: &str = "OpenAPI 3.0 has no tuples; without it every entry is what `items` describes";

/// Writes [`Kind`] and [`Kind::grammar`]. Of each kind: its name, the section of `components` that
/// holds it, the keywords that OpenAPI 3.0 requires, those of them that may be empty, what its keys
/// hold if they are names, and its rows: `"keywords": slot => lowering;`.
macro_rules! grammars {
    ($(
        $kind:ident $name:literal
        $(in $section:literal)? $(requires $required:literal)? $(implies $implied:literal)?
        $(maps [$others:expr])?
        { $($keywords:literal: $slot:expr => $lowering:expr;)* }
    )*) => {
        /// The objects of OpenAPI.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Kind { $($kind,)* }

        impl Kind {
            /// The keys of such an object.
            pub(crate) const fn grammar(self) -> Grammar {
                match self {
                    $(Kind::$kind => Grammar {
                        name: $name,
                        section: { let section: &[&str] = &[$($section)?]; section.first().copied() },
                        keywords: &[$(($slot, $lowering, $keywords)),*],
                        others: { let others: &[Slot] = &[$($others)?]; others.first().copied() },
                        required: concat!($($required)?),
                        implied: concat!($($implied)?),
                    },)*
                }
            }
        }
    };
}

grammars! {
    Document "an OpenAPI document" requires "info" implies "paths" {
        "openapi": Text => Keep;
        "info": One(Info) => Keep;
        "jsonSchemaDialect": Text => Omit; // OpenAPI 3.0 has one dialect.
        "servers": List(Server) => Keep;
        "paths": One(Paths) => Keep;
        "webhooks": One(Webhooks) => Omit; // Requests that the API sends, not the client.
        "components": One(Components) => Keep;
        "security": List(SecurityRequirement) => Keep;
        "tags": List(Tag) => Keep;
        "externalDocs": One(ExternalDocs) => Keep;
    }
    Info "an info object" requires "title version" {
        "title description termsOfService version": Text => Keep;
        "summary": Text => Omit;
        "contact": One(Contact) => Keep;
        "license": One(License) => Keep;
    }
    Contact "a contact" { "name url email": Text => Keep; }
    License "a license" requires "name" {
        "name url": Text => Keep;
        "identifier": Text => Omit; // The license a second time, as an SPDX expression.
    }
    Server "a server" requires "url" {
        "url description": Text => Keep;
        "variables": Map(ServerVariable) => Keep;
    }
    ServerVariable "a server variable" requires "default" {
        "enum": Texts => Keep;
        "default description": Text => Keep;
    }
    Components "a components object" {
        "schemas": Map(Schema) => Keep;
        "responses": Map(Response) => Keep;
        "parameters": Map(Parameter) => Keep;
        "examples": Map(Example) => Keep;
        "requestBodies": Map(RequestBody) => Keep;
        "headers": Map(Header) => Keep;
        "securitySchemes": Map(SecurityScheme) => Keep;
        "links": Map(Link) => Keep;
        "callbacks": Map(Callback) => Keep;
        "pathItems": Map(PathItem) => Normalised;
    }
    Paths "a paths object" maps [One(PathItem)] {}
    Webhooks "a webhooks object" maps [One(PathItem)] {}
    Callback "a callback" in "callbacks" maps [One(PathItem)] {}
    PathItem "a path item" in "pathItems" {
        "$ref": Text => Normalised;
        "summary description": Text => Keep;
        "get put post delete options head patch trace": One(Operation) => Keep;
        "servers": List(Server) => Keep;
        "parameters": List(Parameter) => Normalised;
    }
    Operation "an operation" implies "responses" {
        "summary description operationId": Text => Keep;
        "tags": Texts => Keep;
        "externalDocs": One(ExternalDocs) => Keep;
        "parameters": List(Parameter) => Keep;
        "requestBody": One(RequestBody) => Keep;
        "responses": One(Responses) => Keep;
        "callbacks": Map(Callback) => Keep;
        "deprecated": Flag => Keep;
        "security": List(SecurityRequirement) => Keep;
        "servers": List(Server) => Keep;
    }
    ExternalDocs "an external documentation object" requires "url" {
        "description url": Text => Keep;
    }
    Parameter "a parameter" in "parameters" requires "name in" {
        "name in description style": Text => Keep;
        "required deprecated allowEmptyValue explode allowReserved": Flag => Keep;
        "schema": One(Schema) => Keep;
        "example": Any => Keep;
        "examples": Map(Example) => Keep;
        "content": Map(MediaType) => Keep;
    }
    Header "a header" in "headers" {
        "description style": Text => Keep;
        "required deprecated allowEmptyValue explode allowReserved": Flag => Keep;
        "schema": One(Schema) => Keep;
        "example": Any => Keep;
        "examples": Map(Example) => Keep;
        "content": Map(MediaType) => Keep;
    }
    RequestBody "a request body" in "requestBodies" requires "content" {
        "description": Text => Keep;
        "required": Flag => Keep;
        "content": Map(MediaType) => Keep;
    }
    MediaType "a media type" {
        "schema": One(Schema) => Keep;
        "example": Any => Keep;
        "examples": Map(Example) => Keep;
        "encoding": Map(Encoding) => Keep;
    }
    Encoding "an encoding" {
        "contentType style": Text => Keep;
        "explode allowReserved": Flag => Keep;
        "headers": Map(Header) => Keep;
    }
    Responses "a responses object" maps [One(Response)] {}
    Response "a response" in "responses" implies "description" {
        "description": Text => Keep;
        "headers": Map(Header) => Keep;
        "content": Map(MediaType) => Keep;
        "links": Map(Link) => Keep;
    }
    Example "an example" in "examples" {
        "summary description externalValue": Text => Keep;
        "value": Any => Keep;
    }
    Link "a link" in "links" {
        "operationRef operationId description": Text => Keep;
        "parameters requestBody": Any => Keep;
        "server": One(Server) => Keep;
    }
    Tag "a tag" requires "name" {
        "name description": Text => Keep;
        "externalDocs": One(ExternalDocs) => Keep;
    }
    Discriminator "a discriminator" requires "propertyName" {
        "propertyName": Text => Keep;
        "mapping": Any => Keep;
    }
    Xml "an XML object" {
        "name namespace prefix": Text => Keep;
        "attribute wrapped": Flag => Keep;
    }
    SecurityScheme "a security scheme" in "securitySchemes" requires "type" {
        "type description name in scheme bearerFormat openIdConnectUrl": Text => Keep;
        "flows": One(OAuthFlows) => Keep;
    }
    OAuthFlows "an OAuth flows object" {
        "implicit password clientCredentials authorizationCode": One(OAuthFlow) => Keep;
    }
    OAuthFlow "an OAuth flow" implies "scopes" {
        "authorizationUrl tokenUrl refreshUrl": Text => Keep;
        "scopes": Any => Keep;
    }
    SecurityRequirement "a security requirement" maps [Texts] {}
    Schema "a schema" in "schemas" {
        // The same in both versions, or written differently.
        "default type exclusiveMinimum exclusiveMaximum": Any => Keep;
        "$ref title description format pattern contentEncoding contentMediaType": Text => Keep;
        "deprecated readOnly writeOnly uniqueItems": Flag => Keep;
        "minLength maxLength minItems maxItems minProperties maxProperties": Count => Keep;
        "multipleOf minimum maximum": Number => Keep;
        "required": Texts => Keep;
        "enum examples": Values => Keep;
        "items additionalProperties": One(Schema) => Keep;
        "allOf anyOf oneOf": List(Schema) => Keep;
        "properties": Map(Schema) => Keep;
        "externalDocs": One(ExternalDocs) => Keep;
        "discriminator": One(Discriminator) => Keep;
        "xml": One(Xml) => Keep;
        // Rewritten by normalising.
        "nullable": Flag => Normalised;
        "const example": Any => Normalised;
        "$defs": Map(Schema) => Normalised;
        // Notes, and what is inside a string; on the wire it stays a string.
        "$schema $comment": Text => Omit;
        "contentSchema": One(Schema) => Omit;
        // Limits on values, which no type can express. Validators have them from the contract.
        "not if then else contains unevaluatedProperties unevaluatedItems propertyNames": One(Schema) => Omit;
        "dependentSchemas": Map(Schema) => Omit;
        "dependentRequired": Any => Omit;
        "minContains maxContains": Count => Omit;
        // Rewritten before they get here, unless they hold something else.
        "prefixItems": List(Schema) => Refuse(TUPLE);
        "patternProperties": Map(Schema) => Refuse(NAMES);
        // Without an equivalent in OpenAPI 3.0.
        "$id": Text => Refuse(ID);
        "$anchor": Text => Refuse(ANCHOR);
        "$dynamicRef $dynamicAnchor": Text => Refuse(DYNAMIC);
        "$vocabulary": Any => Refuse("it belongs in a meta-schema");
    }
}
