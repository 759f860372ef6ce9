//! JSON pointers and path templates.

/// The JSON pointer of a member of what `pointer` points to.
pub fn child(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// The parameter that a segment of a path template stands for.
fn parameter(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

/// The values of a template's parameters when `path` fits it, by name and not decoded. A parameter
/// is exactly one segment, and never empty.
///
/// ```
/// let template = "/customers/{id}";
/// let values = pivotal_openapi::path::matches(template, "/customers/a%2Fb");
/// assert_eq!(values, Some(vec![("id", "a%2Fb")]));
/// assert_eq!(pivotal_openapi::path::matches(template, "/customers/"), None);
/// ```
pub fn matches<'t, 'p>(template: &'t str, path: &'p str) -> Option<Vec<(&'t str, &'p str)>> {
    let mut values = Vec::new();
    let mut given = path.split('/');
    for wanted in template.split('/') {
        let found = given.next()?;
        match parameter(wanted) {
            Some(name) if !found.is_empty() => values.push((name, found)),
            None if wanted == found => {}
            _ => return None,
        }
    }
    given.next().is_none().then_some(values)
}

/// Whether `path` fits the template behind some prefix, as below the path of a base URL.
pub fn matches_end(template: &str, path: &str) -> bool {
    let segments = template.split('/').count();
    let mut starts = path.match_indices('/').map(|(start, _)| &path[start..]);
    starts
        .find(|end| end.split('/').count() == segments)
        .is_some_and(|end| matches(template, end).is_some())
}

/// The template with a value in place of each parameter.
pub fn filled(template: &str, value: impl Fn(&str) -> String) -> String {
    let segments = template.split('/').map(|segment| match parameter(segment) {
        Some(name) => value(name),
        None => segment.to_owned(),
    });
    segments.collect::<Vec<_>>().join("/")
}

/// A sort key that puts literal segments before parameters, so that the first template that fits a
/// path is the most specific one.
pub fn specificity(template: &str) -> Vec<(bool, &str)> {
    let segments = template.split('/');
    segments
        .map(|segment| (parameter(segment).is_some(), segment))
        .collect()
}
