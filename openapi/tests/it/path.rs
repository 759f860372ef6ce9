//! Path templates.

use pivotal_openapi::path::{filled, matches, matches_end, specificity};

#[test]
fn a_parameter_is_one_segment_that_is_not_empty() {
    let template = "/customers/{id}";
    assert_eq!(
        matches(template, "/customers/a%2Fb%20c"),
        Some(vec![("id", "a%2Fb%20c")])
    );
    for path in ["/customers/", "/customers/1/", "/customers", "/contacts/1"] {
        assert_eq!(matches(template, path), None, "{path}");
    }
}

#[test]
fn a_template_fits_behind_any_prefix() {
    for (path, fits) in [
        ("/api/v1/customers/245", true),
        ("/proxy/pivotal/api/v1/customers/245", true),
        ("/api/v1/customers/", false),
        ("/api/v1/customers", false),
        ("/api/v1/customers/245/contacts", false),
        ("/v1/customers/245", false),
    ] {
        assert_eq!(matches_end("/api/v1/customers/{id}", path), fits, "{path}");
    }
}

#[test]
fn literal_segments_sort_before_parameters() {
    let mut templates = ["/customers/{id}", "/customers/search"];
    templates.sort_by_key(|template| specificity(template));
    assert_eq!(templates, ["/customers/search", "/customers/{id}"]);
}

#[test]
fn every_parameter_is_filled_in() {
    let path = filled("/customers/{id}/contacts/{contact}", |name| {
        format!("<{name}>")
    });
    assert_eq!(path, "/customers/<id>/contacts/<contact>");
}
