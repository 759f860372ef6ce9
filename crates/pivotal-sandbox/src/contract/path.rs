//! Path templates: `/api/v1/customers/{id}` against `/api/v1/customers/245`.

use percent_encoding::percent_decode_str;

/// A path of the contract, by segment. The order puts a literal segment before a parameter, so the first match in
/// sorted order is the most literal one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PathTemplate(Vec<Segment>);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Literal(String),
    Parameter(String),
}

impl PathTemplate {
    pub(crate) fn parse(template: &str) -> Self {
        let segment = |text: &str| match text
            .strip_prefix('{')
            .and_then(|text| text.strip_suffix('}'))
        {
            Some(name) => Segment::Parameter(name.to_owned()),
            None => Segment::Literal(text.to_owned()),
        };
        Self(
            template
                .trim_start_matches('/')
                .split('/')
                .map(segment)
                .collect(),
        )
    }

    /// The decoded values of the parameters when `path` fits. A parameter is one segment and never empty; an encoded
    /// slash stays inside its segment.
    pub(crate) fn matches(&self, path: &str) -> Option<Vec<(String, String)>> {
        let mut values = Vec::new();
        let mut segments = path.strip_prefix('/')?.split('/');
        for expected in &self.0 {
            let found = segments.next()?;
            match expected {
                Segment::Literal(literal) if literal == found => {}
                Segment::Parameter(name) if !found.is_empty() => {
                    values.push((
                        name.clone(),
                        percent_decode_str(found).decode_utf8_lossy().into_owned(),
                    ));
                }
                Segment::Literal(_) | Segment::Parameter(_) => return None,
            }
        }
        segments.next().is_none().then_some(values)
    }
}

#[cfg(test)]
mod tests {
    use super::PathTemplate;

    #[test]
    fn a_parameter_is_one_decoded_segment() {
        let template = PathTemplate::parse("/customers/{id}");
        assert_eq!(
            template.matches("/customers/a%2Fb%20c"),
            Some(vec![("id".to_owned(), "a/b c".to_owned())])
        );
        assert_eq!(template.matches("/customers/"), None);
        assert_eq!(template.matches("/customers/1/"), None);
        assert_eq!(template.matches("/customers"), None);
    }

    #[test]
    fn literal_paths_sort_before_templates() {
        let mut templates = [
            PathTemplate::parse("/customers/{id}"),
            PathTemplate::parse("/customers/search"),
        ];
        templates.sort();
        assert_eq!(templates[0], PathTemplate::parse("/customers/search"));
    }
}
