//! What the formats make of a comparison.

use openapi_diff::{Comparison, Promises, format};

use crate::documents::{compared, document, yaml};

#[test]
fn no_text_of_a_document_controls_the_terminal() {
    let with_default = |default: &str| {
        let mut document = document("{}");
        document["paths"]["/a"]["get"]["parameters"] = yaml(&format!(
            "[{{name: a, in: query, schema: {{type: string, default: \"{default}\"}}}}]"
        ));
        document
    };
    let comparison = Comparison {
        report: compared(&with_default("a"), &with_default("\\e[2J\\a\\nb")),
        waived: Vec::new(),
        promises: Promises::none(),
        revision: "a.yaml".to_owned(),
        revision_text: String::new(),
    };
    for text in [format::text(&comparison), format::markdown(&comparison)] {
        assert!(
            !text.contains(|c: char| c.is_control() && c != '\n'),
            "{text:?}"
        );
        assert!(text.contains("\\u{1b}[2J\\u{7}"), "{text:?}");
    }
}
