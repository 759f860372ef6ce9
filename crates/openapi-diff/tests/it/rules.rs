//! Every rule on parts of operations.

use std::collections::BTreeSet;

use openapi_diff::Level::{self, Breaking, Info, Warning};
use openapi_diff::RULES;
use serde_json::Value;

use crate::documents::{compared, document, found, operation};

/// What is found of one operation that becomes another, in YAML.
type Row = (&'static [(&'static str, Level)], &'static str, &'static str);

#[rustfmt::skip] // One change, one line.
const OPERATIONS: &[Row] = &[
    (&[("endpoint-deprecated", Info)], "{}", "{deprecated: true}"),
    (&[("endpoint-deprecated-with-sunset", Info)], "{}", "{deprecated: true, x-sunset: '2027-01-31'}"),
    (&[("endpoint-reactivated", Info)], "{deprecated: true, x-sunset: '2027-01-31'}", "{}"),
    (&[("sunset-deleted", Warning)], "{deprecated: true, x-sunset: '2027-01-31'}", "{deprecated: true}"),
    (&[("api-sunset-date-changed-too-small", Breaking)], "{deprecated: true, x-sunset: '2027-01-31'}", "{deprecated: true, x-sunset: '2026-12-31'}"),
    (&[("api-sunset-date-moved-later", Info)], "{deprecated: true, x-sunset: '2027-01-31'}", "{deprecated: true, x-sunset: '2027-12-31'}"),
    // Days are compared, not texts.
    (&[("api-sunset-date-changed-too-small", Breaking)], "{deprecated: true, x-sunset: '2030-10-01'}", "{deprecated: true, x-sunset: '2030-9-01'}"),
    (&[("api-sunset-date-moved-later", Info)], "{deprecated: true, x-sunset: '2030-9-30'}", "{deprecated: true, x-sunset: '2030-10-01T00:00:00Z'}"),
    (&[], "{deprecated: true, x-sunset: '2030-9-1'}", "{deprecated: true, x-sunset: '2030-09-01'}"),
    (&[("sunset-deleted", Warning)], "{deprecated: true, x-sunset: '2030-9-1'}", "{deprecated: true, x-sunset: soon}"),
    (&[("api-stability-decreased", Breaking)], "{}", "{x-stability-level: beta}"),
    (&[("api-stability-increased", Info)], "{x-stability-level: draft}", "{x-stability-level: alpha}"),
    (&[("api-operation-id-removed", Info)], "{operationId: a}", "{operationId: b}"),
    (&[("api-operation-id-removed", Info)], "{operationId: a}", "{}"),
    (&[("api-operation-id-added", Info)], "{}", "{operationId: a}"),

    (&[("new-required-request-parameter", Breaking)], "{}", "{parameters: [{name: a, in: query, required: true, schema: {type: string}}]}"),
    (&[("new-optional-request-parameter", Info)], "{}", "{parameters: [{name: a, in: header, schema: {type: string}}]}"),
    (&[("request-parameter-removed", Warning)], "{parameters: [{name: a, in: query, schema: {type: string}}]}", "{}"),
    (&[("request-parameter-removed-with-deprecation", Info)], "{parameters: [{name: a, in: query, deprecated: true, schema: {type: string}}]}", "{}"),
    (&[("request-parameter-in-changed", Breaking)], "{parameters: [{name: a, in: query, schema: {type: string}}]}", "{parameters: [{name: a, in: header, schema: {type: string}}]}"),
    (&[("request-parameter-became-required", Breaking)], "{parameters: [{name: a, in: query, schema: {type: string}}]}", "{parameters: [{name: a, in: query, required: true, schema: {type: string}}]}"),
    (&[("request-parameter-became-optional", Info)], "{parameters: [{name: a, in: query, required: true, schema: {type: string}}]}", "{parameters: [{name: a, in: query, schema: {type: string}}]}"),
    (&[("request-parameter-deprecated", Info)], "{parameters: [{name: a, in: query, schema: {type: string}}]}", "{parameters: [{name: a, in: query, deprecated: true, schema: {type: string}}]}"),
    (&[("request-parameter-reactivated", Info)], "{parameters: [{name: a, in: query, deprecated: true, schema: {type: string}}]}", "{parameters: [{name: a, in: query, schema: {type: string}}]}"),
    (&[("request-parameter-sunset-date-changed-too-small", Breaking)], "{parameters: [{name: a, in: query, deprecated: true, x-sunset: '2030-10-01', schema: {type: string}}]}", "{parameters: [{name: a, in: query, deprecated: true, x-sunset: '2030-9-01', schema: {type: string}}]}"),
    (&[("request-parameter-sunset-deleted", Warning)], "{parameters: [{name: a, in: query, deprecated: true, x-sunset: '2030-10-01', schema: {type: string}}]}", "{parameters: [{name: a, in: query, deprecated: true, schema: {type: string}}]}"),
    (&[("request-parameter-stability-decreased", Breaking)], "{parameters: [{name: a, in: query, schema: {type: string}}]}", "{parameters: [{name: a, in: query, x-stability-level: alpha, schema: {type: string}}]}"),
    // A name that the path does not have.
    (&[("request-parameter-max-length-decreased", Breaking)], "{parameters: [{name: Id, in: path, required: true, schema: {type: string, maxLength: 20}}]}", "{parameters: [{name: Id, in: path, required: true, schema: {type: string, maxLength: 10}}]}"),
    (&[("request-parameter-became-allow-reserved", Info)], "{parameters: [{name: a, in: query, schema: {type: string}}]}", "{parameters: [{name: a, in: query, allowReserved: true, schema: {type: string}}]}"),
    (&[("request-parameter-became-not-allow-reserved", Breaking)], "{parameters: [{name: a, in: query, allowReserved: true, schema: {type: string}}]}", "{parameters: [{name: a, in: query, schema: {type: string}}]}"),
    // The properties of an exploded object are written like parameters.
    (&[("request-parameter-regrouped", Info)], "{parameters: [{name: page, in: query, schema: {type: integer}}, {name: size, in: query, schema: {type: integer}}]}", "{parameters: [{name: paging, in: query, schema: {type: object, properties: {page: {type: integer}, size: {type: integer}}}}]}"),
    (&[("request-parameter-regrouped", Info), ("new-required-request-parameter", Breaking)], "{parameters: [{name: paging, in: query, schema: {type: object, properties: {page: {type: integer}}}}]}", "{parameters: [{name: page, in: query, schema: {type: integer}}, {name: size, in: query, required: true, schema: {type: integer}}]}"),
    (&[("request-parameter-regrouped", Info), ("request-parameter-became-required", Breaking), ("request-parameter-max-decreased", Breaking)], "{parameters: [{name: page, in: query, schema: {type: integer, maximum: 9}}]}", "{parameters: [{name: paging, in: query, required: true, schema: {type: object, required: [page], properties: {page: {type: integer, maximum: 8}}}}]}"),
    (&[("request-parameter-regrouped", Info)], "{parameters: [{name: paging, in: query, schema: {type: object, properties: {page: {type: integer}}}}]}", "{parameters: [{name: pages, in: query, schema: {type: object, properties: {page: {type: integer}}}}]}"),
    (&[("request-parameter-removed", Warning), ("new-optional-request-parameter", Info)], "{parameters: [{name: page, in: query, schema: {type: integer}}]}", "{parameters: [{name: paging, in: query, style: deepObject, schema: {type: object, properties: {page: {type: integer}}}}]}"),
    (&[("request-parameter-style-changed", Breaking)], "{parameters: [{name: a, in: query, schema: {type: array}}]}", "{parameters: [{name: a, in: query, explode: false, schema: {type: array}}]}"),
    (&[("request-parameter-style-changed", Breaking)], "{parameters: [{name: a, in: query, schema: {type: object}}]}", "{parameters: [{name: a, in: query, style: deepObject, schema: {type: object}}]}"),
    (&[("request-parameter-style-changed", Breaking)], "{parameters: [{name: a, in: query, schema: {type: string}}]}", "{parameters: [{name: a, in: query, content: {application/json: {schema: {type: string}}}}]}"),
    // Of a plain value neither style nor explode is seen; defaults may be said.
    (&[], "{parameters: [{name: a, in: query, schema: {type: string}}]}", "{parameters: [{name: a, in: query, explode: false, schema: {type: string}}]}"),
    (&[], "{parameters: [{name: a, in: query, schema: {type: array}}]}", "{parameters: [{name: a, in: query, style: form, explode: true, schema: {type: array}}]}"),
    // Names of headers are the same in any case, and these three are not described as parameters.
    (&[], "{parameters: [{name: X-A, in: header, schema: {type: string}}, {name: Accept, in: header, schema: {type: string}}]}", "{parameters: [{name: x-a, in: header, schema: {type: string}}]}"),
    (&[("new-required-request-parameter-property", Breaking)], "{parameters: [{name: a, in: query, schema: {type: object}}]}", "{parameters: [{name: a, in: query, schema: {required: [b], properties: {b: {type: string}}}}]}"),
    (&[("new-optional-request-parameter-property", Info)], "{parameters: [{name: a, in: query, schema: {type: object}}]}", "{parameters: [{name: a, in: query, schema: {properties: {b: {type: string}}}}]}"),
    (&[("request-parameter-property-removed", Warning)], "{parameters: [{name: a, in: query, schema: {properties: {b: {type: string}}}}]}", "{parameters: [{name: a, in: query, schema: {type: object}}]}"),
    (&[("request-parameter-property-removed-from-closed-object", Breaking)], "{parameters: [{name: a, in: query, schema: {additionalProperties: false, properties: {b: {type: string}}}}]}", "{parameters: [{name: a, in: query, schema: {additionalProperties: false}}]}"),
    (&[("request-parameter-property-became-required", Breaking)], "{parameters: [{name: a, in: query, schema: {properties: {b: {type: string}}}}]}", "{parameters: [{name: a, in: query, schema: {required: [b], properties: {b: {type: string}}}}]}"),
    (&[("request-parameter-property-became-optional", Info)], "{parameters: [{name: a, in: query, schema: {required: [b], properties: {b: {type: string}}}}]}", "{parameters: [{name: a, in: query, schema: {properties: {b: {type: string}}}}]}"),

    (&[("request-body-added-required", Breaking)], "{}", "{requestBody: {required: true, content: {application/json: {schema: {type: object}}}}}"),
    (&[("request-body-added-optional", Info)], "{}", "{requestBody: {content: {application/json: {schema: {type: object}}}}}"),
    (&[("request-body-removed", Breaking)], "{requestBody: {content: {application/json: {schema: {type: object}}}}}", "{}"),
    (&[("request-body-became-required", Breaking)], "{requestBody: {content: {}}}", "{requestBody: {required: true, content: {}}}"),
    (&[("request-body-became-optional", Info)], "{requestBody: {required: true, content: {}}}", "{requestBody: {content: {}}}"),
    (&[("request-body-media-type-added", Info)], "{requestBody: {content: {application/json: {}}}}", "{requestBody: {content: {application/json: {}, text/csv: {}}}}"),
    (&[("request-body-media-type-removed", Breaking)], "{requestBody: {content: {application/json: {}, text/csv: {}}}}", "{requestBody: {content: {application/json: {}}}}"),
    (&[], "{requestBody: {content: {application/json: {}, text/csv: {}}}}", "{requestBody: {content: {'application/json; charset=utf-8': {}, 'text/*': {}}}}"),
    (&[("request-body-media-type-removed", Breaking), ("request-body-media-type-added", Info)], "{requestBody: {content: {text/csv: {}}}}", "{requestBody: {content: {text/csv;charset=utf-16: {}}}}"),
    (&[("request-body-media-type-added", Info)], "{requestBody: {content: {a/b;version=1: {}}}}", "{requestBody: {content: {a/b;version=2: {}, 'A/B; Version=\"1\"': {}}}}"),
    (&[("response-media-type-removed", Breaking), ("response-media-type-added", Info)], "{responses: {'200': {content: {text/csv;charset=utf-8: {}}}}}", "{responses: {'200': {content: {text/csv;charset=utf-16: {}}}}}"),
    (&[], "{responses: {'200': {content: {text/csv: {}}}}}", "{responses: {'200': {content: {TEXT/CSV; Charset=UTF-8: {}}}}}"),
    // Fields of forms.
    (&[("request-property-encoding-changed", Breaking)], "{requestBody: {content: {multipart/form-data: {schema: {properties: {a: {type: object}}}}}}}", "{requestBody: {content: {multipart/form-data: {schema: {properties: {a: {type: object}}}, encoding: {a: {contentType: text/plain}}}}}}"),
    (&[], "{requestBody: {content: {multipart/form-data: {schema: {properties: {a: {type: object}}}}}}}", "{requestBody: {content: {multipart/form-data: {schema: {properties: {a: {type: object}}}, encoding: {a: {contentType: application/json}, b: {contentType: a/b}}}}}}"),
    (&[], "{requestBody: {content: {multipart/form-data: {schema: {properties: {a: {type: string, format: binary}, b: {type: array, items: {type: object}}}}}}}}", "{requestBody: {content: {multipart/form-data: {schema: {properties: {a: {type: string, format: binary}, b: {type: array, items: {type: object}}}}, encoding: {a: {contentType: application/octet-stream}, b: {contentType: application/json}}}}}}"),
    (&[("request-property-encoding-changed", Breaking)], "{requestBody: {content: {application/x-www-form-urlencoded: {schema: {properties: {a: {type: object}}}}}}}", "{requestBody: {content: {application/x-www-form-urlencoded: {schema: {properties: {a: {type: object}}}, encoding: {a: {contentType: application/json}}}}}}"),
    (&[("request-property-encoding-generalized", Info)], "{requestBody: {content: {multipart/form-data: {schema: {properties: {a: {type: string}}}, encoding: {a: {contentType: image/png}}}}}}", "{requestBody: {content: {multipart/form-data: {schema: {properties: {a: {type: string}}}, encoding: {a: {contentType: 'image/jpeg, image/png'}}}}}}"),
    (&[("request-property-encoding-changed", Breaking)], "{requestBody: {content: {application/x-www-form-urlencoded: {schema: {properties: {a: {type: array}}}}}}}", "{requestBody: {content: {application/x-www-form-urlencoded: {schema: {properties: {a: {type: array}}}, encoding: {a: {explode: false}}}}}}"),
    (&[("request-property-encoding-changed", Breaking)], "{requestBody: {content: {multipart/form-data: {schema: {properties: {a: {type: string}}}}}}}", "{requestBody: {content: {multipart/form-data: {schema: {properties: {a: {type: string}}}, encoding: {a: {headers: {X-A: {required: true, schema: {type: string}}}}}}}}}"),
    (&[], "{requestBody: {content: {application/x-www-form-urlencoded: {schema: {properties: {a: {type: string}}}}}}}", "{requestBody: {content: {application/x-www-form-urlencoded: {schema: {properties: {a: {type: string}}}, encoding: {a: {explode: false}}}}}}"),
    (&[("response-property-encoding-specialized", Info)], "{responses: {'200': {content: {multipart/mixed: {schema: {properties: {a: {type: string}}}, encoding: {a: {contentType: 'a/b, c/d'}}}}}}}", "{responses: {'200': {content: {multipart/mixed: {schema: {properties: {a: {type: string}}}, encoding: {a: {contentType: a/b}}}}}}}"),
    (&[("response-property-encoding-changed", Breaking)], "{responses: {'200': {content: {multipart/mixed: {schema: {properties: {a: {type: string}}}, encoding: {a: {contentType: a/b}}}}}}}", "{responses: {'200': {content: {multipart/mixed: {schema: {properties: {a: {type: string}}}}}}}}"),
    // Without a schema, everything is allowed.
    (&[("request-body-type-generalized", Info)], "{requestBody: {content: {a/b: {schema: {required: [a], properties: {a: {type: string}}}}}}}", "{requestBody: {content: {a/b: {}}}}"),
    (&[("request-body-type-specialized", Breaking)], "{requestBody: {content: {a/b: {}}}}", "{requestBody: {content: {a/b: {schema: {required: [a], properties: {a: {type: string}}}}}}}"),
    (&[("response-body-type-generalized", Breaking)], "{responses: {'200': {content: {a/b: {schema: {properties: {a: {type: string}}}}}}}}", "{responses: {'200': {content: {a/b: {schema: {}}}}}}"),
    (&[("request-body-type-specialized", Breaking)], "{requestBody: {content: {application/json: {}}}}", "{requestBody: {content: {'*/*': {schema: {type: object}}}}}"),
    (&[("new-required-request-property", Breaking)], "{requestBody: {content: {a/b: {schema: {type: object}}}}}", "{requestBody: {content: {a/b: {schema: {required: [b], properties: {b: {type: string}}}}}}}"),
    (&[("new-optional-request-property", Info)], "{requestBody: {content: {a/b: {schema: {type: object}}}}}", "{requestBody: {content: {a/b: {schema: {properties: {b: {type: string}}}}}}}"),
    (&[("request-property-removed", Warning)], "{requestBody: {content: {a/b: {schema: {required: [b], properties: {b: {type: string}}}}}}}", "{requestBody: {content: {a/b: {schema: {type: object}}}}}"),
    (&[("request-property-removed-from-closed-object", Breaking)], "{requestBody: {content: {a/b: {schema: {additionalProperties: false, properties: {b: {type: string}}}}}}}", "{requestBody: {content: {a/b: {schema: {additionalProperties: false}}}}}"),
    (&[("request-property-became-required", Breaking)], "{requestBody: {content: {a/b: {schema: {properties: {b: {type: string}}}}}}}", "{requestBody: {content: {a/b: {schema: {required: [b], properties: {b: {type: string}}}}}}}"),
    (&[("request-property-became-optional", Info)], "{requestBody: {content: {a/b: {schema: {required: [b], properties: {b: {type: string}}}}}}}", "{requestBody: {content: {a/b: {schema: {properties: {b: {type: string}}}}}}}"),
    (&[("request-property-became-read-only", Warning)], "{requestBody: {content: {a/b: {schema: {properties: {b: {type: string}}}}}}}", "{requestBody: {content: {a/b: {schema: {properties: {b: {type: string, readOnly: true}}}}}}}"),
    (&[("request-required-property-became-not-read-only", Breaking)], "{requestBody: {content: {a/b: {schema: {required: [b], properties: {b: {type: string, readOnly: true}}}}}}}", "{requestBody: {content: {a/b: {schema: {required: [b], properties: {b: {type: string}}}}}}}"),
    (&[("request-optional-property-became-not-read-only", Info)], "{requestBody: {content: {a/b: {schema: {properties: {b: {type: string, readOnly: true}}}}}}}", "{requestBody: {content: {a/b: {schema: {properties: {b: {type: string}}}}}}}"),
    // What only the server sets is no part of a request, and what only the client sends no part of
    // a response.
    (&[], "{requestBody: {content: {a/b: {schema: {type: object}}}}}", "{requestBody: {content: {a/b: {schema: {required: [b], properties: {b: {type: string, readOnly: true}}}}}}}"),
    (&[], "{requestBody: {content: {a/b: {schema: {properties: {b: {type: string, readOnly: true}}}}}}}", "{requestBody: {content: {a/b: {schema: {required: [b], properties: {b: {type: integer, readOnly: true}}}}}}}"),
    (&[], "{responses: {'200': {content: {a/b: {schema: {required: [b], properties: {b: {type: string, writeOnly: true}}}}}}}}", "{responses: {'200': {content: {a/b: {schema: {type: object}}}}}}"),

    (&[("response-success-status-added", Info)], "{}", "{responses: {'202': {}}}"),
    (&[("response-success-status-removed", Breaking)], "{responses: {2XX: {}}}", "{}"),
    (&[("response-non-success-status-added", Info)], "{}", "{responses: {'404': {}}}"),
    (&[("response-non-success-status-removed", Warning)], "{responses: {'404': {}, 4XX: {}, default: {}}}", "{responses: {4xx: {}, default: {}}}"),
    (&[("response-non-success-status-removed", Warning)], "{responses: {default: {}}}", "{}"),
    (&[("response-status-merged", Info), ("response-non-success-status-added", Info)], "{responses: {'404': {}}}", "{responses: {4XX: {}}}"),
    (&[("response-status-merged", Info), ("response-non-success-status-added", Info), ("response-body-type-changed", Breaking)], "{responses: {'404': {content: {a/b: {schema: {type: string}}}}}}", "{responses: {default: {content: {a/b: {schema: {type: integer}}}}}}"),
    (&[("response-status-singled-out", Info)], "{responses: {default: {}}}", "{responses: {'404': {}, default: {}}}"),
    (&[("response-status-singled-out", Info), ("response-body-type-changed", Breaking)], "{responses: {4XX: {content: {a/b: {schema: {type: string}}}}, default: {}}}", "{responses: {4XX: {content: {a/b: {schema: {type: string}}}}, default: {}, '404': {content: {a/b: {schema: {type: integer}}}}}}"),
    (&[("response-status-singled-out", Info)], "{responses: {2XX: {content: {a/b: {schema: {type: string}}}}}}", "{responses: {'200': {content: {a/b: {schema: {type: string}}}}}}"),
    (&[("response-status-singled-out", Info), ("response-body-type-changed", Breaking)], "{responses: {2XX: {content: {a/b: {schema: {type: string}}}}}}", "{responses: {'200': {content: {a/b: {schema: {type: string}}}}, '201': {content: {a/b: {schema: {type: integer}}}}}}"),
    (&[("response-status-singled-out", Info)], "{responses: {default: {}}}", "{responses: {4XX: {}, 5XX: {}}}"),
    (&[("response-success-status-removed", Breaking), ("response-non-success-status-added", Info)], "{responses: {2XX: {}}}", "{responses: {4XX: {}}}"),
    (&[("response-status-singled-out", Info), ("response-status-merged", Info), ("response-non-success-status-added", Info)], "{responses: {2XX: {}}}", "{responses: {'200': {}, default: {}}}"),
    (&[("response-link-added", Info)], "{responses: {'200': {}}}", "{responses: {'200': {links: {next: {operationId: a}}}}}"),
    (&[("response-link-changed", Warning)], "{responses: {'200': {links: {next: {operationId: a}}}}}", "{responses: {'200': {links: {next: {operationId: a, parameters: {id: $response.body#/id}}}}}}"),
    (&[("response-link-removed", Warning)], "{responses: {'200': {links: {next: {operationId: a, description: d}}}}}", "{responses: {'200': {}}}"),
    (&[("response-media-type-added", Info)], "{responses: {'200': {}}}", "{responses: {'200': {content: {a/b: {}}}}}"),
    (&[("response-media-type-removed", Breaking)], "{responses: {'200': {content: {a/b: {}}}}}", "{responses: {'200': {}}}"),
    (&[("response-header-added", Info)], "{responses: {'200': {}}}", "{responses: {'200': {headers: {X-A: {schema: {type: string}}, Content-Type: {schema: {type: string}}}}}}"),
    (&[("required-response-header-removed", Breaking)], "{responses: {'200': {headers: {X-A: {required: true, schema: {type: string}}}}}}", "{responses: {'200': {}}}"),
    (&[("optional-response-header-removed", Warning)], "{responses: {'200': {headers: {X-A: {schema: {type: string}}}}}}", "{responses: {'200': {}}}"),
    (&[("response-header-became-required", Info)], "{responses: {'200': {headers: {X-A: {schema: {type: string}}}}}}", "{responses: {'200': {headers: {x-a: {required: true, schema: {type: string}}}}}}"),
    (&[("response-header-became-optional", Breaking)], "{responses: {'200': {headers: {X-A: {required: true, schema: {type: string}}}}}}", "{responses: {'200': {headers: {X-A: {schema: {type: string}}}}}}"),
    (&[("response-header-deprecated", Info)], "{responses: {'200': {headers: {X-A: {schema: {type: string}}}}}}", "{responses: {'200': {headers: {X-A: {deprecated: true, schema: {type: string}}}}}}"),
    (&[("response-required-property-added", Info)], "{responses: {'200': {content: {a/b: {schema: {type: object}}}}}}", "{responses: {'200': {content: {a/b: {schema: {required: [b], properties: {b: {}}}}}}}}"),
    (&[("response-optional-property-added", Info)], "{responses: {'200': {content: {a/b: {schema: {type: object}}}}}}", "{responses: {'200': {content: {a/b: {schema: {properties: {b: {}}}}}}}}"),
    (&[("response-required-property-removed", Breaking)], "{responses: {'200': {content: {a/b: {schema: {required: [b], properties: {b: {}}}}}}}}", "{responses: {'200': {content: {a/b: {schema: {type: object}}}}}}"),
    (&[("response-optional-property-removed", Warning)], "{responses: {'200': {content: {a/b: {schema: {properties: {b: {}}}}}}}}", "{responses: {'200': {content: {a/b: {schema: {type: object}}}}}}"),
    (&[("response-property-became-required", Info)], "{responses: {'200': {content: {a/b: {schema: {properties: {b: {}}}}}}}}", "{responses: {'200': {content: {a/b: {schema: {required: [b], properties: {b: {}}}}}}}}"),
    (&[("response-property-became-optional", Breaking)], "{responses: {'200': {content: {a/b: {schema: {required: [b], properties: {b: {}}}}}}}}", "{responses: {'200': {content: {a/b: {schema: {properties: {b: {}}}}}}}}"),
    (&[("response-required-property-became-write-only", Breaking)], "{responses: {'200': {content: {a/b: {schema: {required: [b], properties: {b: {type: string}}}}}}}}", "{responses: {'200': {content: {a/b: {schema: {required: [b], properties: {b: {type: string, writeOnly: true}}}}}}}}"),
    (&[("response-optional-property-became-write-only", Warning)], "{responses: {'200': {content: {a/b: {schema: {properties: {b: {type: string}}}}}}}}", "{responses: {'200': {content: {a/b: {schema: {properties: {b: {type: string, writeOnly: true}}}}}}}}"),
    (&[("response-required-property-became-not-write-only", Info)], "{responses: {'200': {content: {a/b: {schema: {required: [b], properties: {b: {type: string, writeOnly: true}}}}}}}}", "{responses: {'200': {content: {a/b: {schema: {required: [b], properties: {b: {type: string}}}}}}}}"),
    (&[("response-optional-property-became-not-write-only", Info)], "{responses: {'200': {content: {a/b: {schema: {properties: {b: {type: string, writeOnly: true}}}}}}}}", "{responses: {'200': {content: {a/b: {schema: {properties: {b: {type: string}}}}}}}}"),

    (&[("api-security-became-required", Breaking)], "{}", "{security: [{key: []}]}"),
    (&[("api-security-became-required", Breaking)], "{security: []}", "{security: [{key: []}]}"),
    (&[("api-security-became-required", Breaking)], "{security: [{}, {key: []}]}", "{security: [{key: []}]}"),
    (&[("api-security-became-optional", Info)], "{security: [{key: []}]}", "{security: []}"),
    (&[("api-security-became-optional", Info)], "{security: [{key: []}]}", "{security: [{key: []}, {}]}"),
    (&[("api-security-added", Info)], "{security: [{key: []}]}", "{security: [{key: []}, {basic: []}]}"),
    (&[("api-security-removed", Breaking)], "{security: [{basic: []}, {key: []}]}", "{security: [{key: []}]}"),
    (&[("api-security-removed", Breaking), ("api-security-added", Info)], "{security: [{key: []}]}", "{security: [{key: [], basic: []}]}"),
    // Whoever authenticates in two ways does so in one.
    (&[("api-security-added", Info)], "{security: [{key: [], basic: []}]}", "{security: [{key: []}]}"),
    (&[("api-security-scope-added", Breaking)], "{security: [{login: [read]}]}", "{security: [{login: [read, write]}]}"),
    (&[("api-security-scope-removed", Info)], "{security: [{login: [read, write]}]}", "{security: [{login: [read]}]}"),
    (&[("api-security-url-changed", Warning)], "{security: [{login: [read]}]}", "{security: [{moved: [read]}]}"),
    (&[("api-security-url-changed", Warning), ("api-security-scope-added", Breaking)], "{security: [{login: [read]}]}", "{security: [{moved: [read, write]}]}"),
    (&[("api-security-url-changed", Warning)], "{security: [{oidc: []}]}", "{security: [{oidc2: []}]}"),
    // Two of a kind, at other URLs, are two.
    (&[("api-security-removed", Breaking)], "{security: [{login: []}, {moved: []}]}", "{security: [{moved: []}]}"),
    (&[("api-security-added", Info)], "{security: [{login: []}]}", "{security: [{moved: []}, {login: []}]}"),
    // Each flow is a way of its own.
    (&[("api-security-added", Info)], "{security: [{login: []}]}", "{security: [{flows: []}]}"),
    (&[("api-security-removed", Breaking)], "{security: [{flows: []}]}", "{security: [{login: []}]}"),
    (&[("request-parameter-property-type-generalized-as-text", Warning)], "{parameters: [{name: a, in: query, style: deepObject, schema: {properties: {b: {type: number}}}}]}", "{parameters: [{name: a, in: query, style: deepObject, schema: {properties: {b: {type: string}}}}]}"),

    // What a callback carries is sent by the server, and the client answers.
    (&[("callback-added", Info)], "{}", "{callbacks: {lent: {'{$request.body#/hook}': {post: {}}}}}"),
    (&[("callback-removed", Breaking)], "{callbacks: {lent: {'{$request.body#/hook}': {post: {}}}}}", "{callbacks: {lent: {}}}"),
    (&[("callback-removed", Breaking), ("callback-added", Info)], "{callbacks: {lent: {'{$request.body#/hook}': {post: {}}}}}", "{callbacks: {lent: {'{$request.body#/url}': {post: {}}}}}"),
    (&[("callback-removed", Breaking), ("callback-added", Info)], "{callbacks: {lent: {a: {post: {}}}}}", "{callbacks: {lent: {a: {put: {}}}}}"),
    (&[("response-property-type-generalized", Breaking)], "{callbacks: {lent: {a: {post: {requestBody: {content: {a/b: {schema: {properties: {p: {type: integer}}}}}}}}}}}", "{callbacks: {lent: {a: {post: {requestBody: {content: {a/b: {schema: {properties: {p: {type: number}}}}}}}}}}}"),
    (&[("payload-added", Info)], "{callbacks: {lent: {a: {post: {}}}}}", "{callbacks: {lent: {a: {post: {requestBody: {content: {}}}}}}}"),
    (&[("payload-removed", Breaking)], "{callbacks: {lent: {a: {post: {requestBody: {content: {}}}}}}}", "{callbacks: {lent: {a: {post: {}}}}}"),
    (&[("payload-became-optional", Breaking)], "{callbacks: {lent: {a: {post: {requestBody: {required: true, content: {}}}}}}}", "{callbacks: {lent: {a: {post: {requestBody: {content: {}}}}}}}"),
    (&[("response-success-status-removed", Breaking)], "{callbacks: {lent: {a: {post: {responses: {'200': {}, '204': {}}}}}}}", "{callbacks: {lent: {a: {post: {responses: {'204': {}}}}}}}"),
    (&[("response-success-status-added", Info)], "{callbacks: {lent: {a: {post: {responses: {'204': {}}}}}}}", "{callbacks: {lent: {a: {post: {responses: {'204': {}, '200': {}}}}}}}"),
    (&[("new-required-request-property", Breaking)], "{callbacks: {lent: {a: {post: {responses: {'200': {content: {a/b: {schema: {type: object}}}}}}}}}}", "{callbacks: {lent: {a: {post: {responses: {'200': {content: {a/b: {schema: {required: [b], properties: {b: {}}}}}}}}}}}}"),
    (&[("callback-removed", Breaking)], "{callbacks: {lent: {a: {post: {callbacks: {back: {b: {post: {}}}}}}}}}", "{callbacks: {lent: {a: {post: {}}}}}"),

    (&[("api-server-removed", Warning), ("api-server-added", Info)], "{servers: [{url: 'https://a'}]}", "{servers: [{url: 'https://b'}]}"),
    (&[("api-server-removed", Warning), ("api-server-added", Info)], "{}", "{servers: [{url: 'https://b'}]}"),
];

#[rustfmt::skip] // One change, one line.
const DOCUMENTS: &[Row] = &[
    (&[("endpoint-added", Info)], "{}", "{paths: {/a: {get: {}}}}"),
    (&[("endpoint-added", Info)], "{paths: {/a: {get: {}}}}", "{paths: {/a: {get: {}, put: {}}}}"),
    (&[("api-removed-without-deprecation", Breaking)], "{paths: {/a: {get: {}}}}", "{paths: {/a: {}}}"),
    (&[("api-removed-with-deprecation", Warning)], "{paths: {/a: {get: {deprecated: true}}}}", "{paths: {}}"),
    (&[("api-path-parameter-renamed", Info)], "{paths: {'/a/{x}/{y}': {parameters: [{name: x, in: path, required: true, schema: {type: string}}], get: {}}}}", "{paths: {'/a/{id}/{y}': {get: {parameters: [{name: id, in: path, required: true, schema: {type: string}}]}}}}"),
    (&[("api-path-parameter-renamed", Info)], "{paths: {'/a/{id}': {get: {parameters: [{name: Id, in: path, required: true, schema: {type: string}}]}}}}", "{paths: {'/a/{id}': {get: {parameters: [{name: id, in: path, required: true, schema: {type: string}}]}}}}"),
    (&[("api-server-added", Info)], "{}", "{servers: [{url: 'https://a'}]}"),
    (&[("api-server-removed", Warning)], "{servers: [{url: 'https://a'}, {url: 'https://b'}]}", "{servers: [{url: 'https://b'}]}"),
    // A variable stands for its values; its name does not matter.
    (&[("api-server-removed", Warning)], "{servers: [{url: 'https://{r}.a', variables: {r: {default: eu, enum: [eu, us]}}}]}", "{servers: [{url: 'https://{region}.a', variables: {region: {default: eu, enum: [eu]}}}]}"),
    (&[("api-server-added", Info)], "{servers: [{url: 'https://{r}.a', variables: {r: {default: eu, enum: [eu]}}}]}", "{servers: [{url: 'https://{r}.a', variables: {r: {default: eu}}}]}"),
    (&[("api-server-added", Info)], "{servers: [{url: 'https://eu.a/'}]}", "{servers: [{url: 'https://{r}.a', variables: {r: {default: eu, enum: [eu, us]}}}]}"),
    (&[("api-server-default-changed", Warning)], "{servers: [{url: 'https://{r}.a', variables: {r: {default: eu, enum: [eu, us]}}}]}", "{servers: [{url: 'https://{r}.a', variables: {r: {default: us, enum: [eu, us]}}}]}"),
    (&[("api-server-default-changed", Warning)], "{servers: [{url: 'https://{r}.a', variables: {r: {default: eu}}}]}", "{servers: [{url: 'https://{r}.a', variables: {r: {default: us}}}]}"),
    (&[], "{servers: [{url: 'https://a'}], paths: {/a: {get: {}}}}", "{servers: [{url: 'https://a'}], paths: {/a: {servers: [{url: 'https://a/'}], get: {}}}}"),
    (&[("api-server-removed", Warning), ("api-server-added", Info)], "{servers: [{url: 'https://a'}], paths: {/a: {get: {}}}}", "{servers: [{url: 'https://a'}], paths: {/a: {servers: [{url: 'https://b'}], get: {}}}}"),
    (&[("webhook-added", Info)], "{}", "{webhooks: {w: {post: {}}}}"),
    (&[("webhook-removed", Breaking)], "{webhooks: {w: {post: {}}}}", "{}"),
    (&[("webhook-removed", Breaking), ("webhook-added", Info)], "{webhooks: {w: {post: {}}}}", "{webhooks: {w: {put: {}}}}"),
    (&[("payload-became-optional", Breaking)], "{webhooks: {w: {post: {requestBody: {required: true, content: {}}}}}}", "{webhooks: {w: {post: {requestBody: {content: {}}}}}}"),
    (&[("payload-became-required", Info)], "{webhooks: {w: {post: {requestBody: {content: {}}}}}}", "{webhooks: {w: {post: {requestBody: {required: true, content: {}}}}}}"),
    (&[("required-response-header-removed", Breaking)], "{webhooks: {w: {post: {parameters: [{name: X-A, in: header, required: true, schema: {type: string}}]}}}}", "{webhooks: {w: {post: {}}}}"),
    (&[("response-header-type-generalized", Breaking)], "{webhooks: {w: {parameters: [{name: X-A, in: header, schema: {type: integer}}], post: {}}}}", "{webhooks: {w: {post: {parameters: [{name: x-a, in: header, schema: {type: string}}]}}}}"),
    (&[("endpoint-deprecated", Info)], "{webhooks: {w: {post: {}}}}", "{webhooks: {w: {post: {deprecated: true}}}}"),
    // What a webhook carries is sent by the server.
    (&[("response-property-became-nullable", Breaking)], "{webhooks: {w: {post: {requestBody: {content: {a/b: {schema: {properties: {p: {type: string}}}}}}}}}}", "{webhooks: {w: {post: {requestBody: {content: {a/b: {schema: {properties: {p: {type: [string, 'null']}}}}}}}}}}"),
    // Security and parameters may position further out.
    (&[("api-security-became-required", Breaking)], "{paths: {/a: {get: {}}, /b: {get: {security: []}}}}", "{security: [{key: []}], paths: {/a: {get: {}}, /b: {get: {security: []}}}}"),
    (&[("new-required-request-parameter", Breaking)], "{paths: {/a: {get: {}}}}", "{paths: {/a: {parameters: [{name: q, in: query, required: true, schema: {type: string}}], get: {}}}}"),
    (&[], "{paths: {/a: {parameters: [{name: q, in: query, schema: {type: string}}], get: {parameters: [{name: q, in: query, schema: {type: integer}}]}}}}", "{paths: {/a: {get: {parameters: [{name: q, in: query, schema: {type: integer}}]}}}}"),
];

/// The same document with ways to authenticate, under names that are not those of the other side.
fn secured(mut document: Value) -> Value {
    document["components"]["securitySchemes"] = crate::documents::yaml(
        "{key: {type: apiKey, in: header, name: X-Key}, basic: {type: http, scheme: basic}, login: {type: oauth2, flows: {password: {tokenUrl: 'https://a', scopes: {}}}}, moved: {type: oauth2, flows: {password: {tokenUrl: 'https://b', scopes: {}}}}, flows: {type: oauth2, flows: {clientCredentials: {tokenUrl: 'https://a', scopes: {}}, password: {tokenUrl: 'https://a', scopes: {}}}}, oidc: {type: openIdConnect, openIdConnectUrl: 'https://a'}, oidc2: {type: openIdConnect, openIdConnectUrl: 'https://b'}}",
    );
    document
}

fn check(rows: &[Row], around: fn(&str) -> Value) {
    for (expected, base, revision) in rows {
        let report = compared(&secured(around(base)), &secured(around(revision)));
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(
            found(&report),
            expected,
            "{base} and {revision}: {report:#?}"
        );
    }
}

#[test]
fn every_change_of_an_operation_is_found() {
    check(OPERATIONS, operation);
}

#[test]
fn every_change_of_the_document_is_found() {
    check(DOCUMENTS, document);
}

#[test]
fn every_rule_is_in_a_table() {
    let rows = OPERATIONS.iter().chain(DOCUMENTS);
    let tested: BTreeSet<&str> = rows.flat_map(|row| row.0).map(|(id, _)| *id).collect();
    let rules: BTreeSet<&str> = RULES
        .iter()
        .filter(|rule| rule.id == rule.aspect)
        .map(|rule| rule.id.as_str())
        .collect();
    let untested: Vec<_> = rules.difference(&tested).collect();
    assert!(untested.is_empty(), "{untested:?}");
    let ids: BTreeSet<&str> = RULES.iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(ids.len(), RULES.len(), "two rules of one name");
    assert!(tested.is_subset(&ids));
}
