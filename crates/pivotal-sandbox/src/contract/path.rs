//! Path templates: `/api/v1/customers/{id}` against `/api/v1/customers/245`.

use percent_encoding::percent_decode_str;

/// A path of the contract, by segment. The order puts a literal segment before a parameter, so the
/// first match in sorted order is the most literal one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PathTemplate {
    segments: Vec<Segment>,
    /// What every path that fits begins with: all before the first parameter. Most paths are told
    /// apart by it.
    prefix: String,
}

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
        let segments = template.trim_start_matches('/').split('/').map(segment);
        Self {
            segments: segments.collect(),
            prefix: template.split('{').next().unwrap_or_default().to_owned(),
        }
    }

    /// The decoded values of the parameters when `path` fits. A parameter is one segment and never
    /// empty; an encoded slash stays inside its segment.
    pub(crate) fn matches(&self, path: &str) -> Option<Vec<(&str, String)>> {
        if !path.starts_with(&self.prefix) || path.split('/').count() != self.segments.len() + 1 {
            return None;
        }
        let mut values = Vec::new();
        for (expected, found) in self.segments.iter().zip(path.split('/').skip(1)) {
            match expected {
                Segment::Literal(literal) if literal == found => {}
                Segment::Parameter(name) if !found.is_empty() => values.push((name, found)),
                Segment::Literal(_) | Segment::Parameter(_) => return None,
            }
        }
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let values = values.into_iter();
        Some(
            values
                .map(|(name, text)| (name.as_str(), decoded(text)))
                .collect(),
        )
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
            Some(vec![("id", "a/b c".to_owned())])
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
