//! The resources of the contract: what is created, and the operations on it.

use std::collections::BTreeMap;

use pivotal_openapi::schema::referenced;
use pivotal_openapi::{Document, Operation};
use serde_json::Value;

/// The resource that the records of all others belong to.
pub(crate) const PARENT: &str = "Customer";

/// A component schema that an operation creates, and the other operations on it.
#[derive(Clone, Debug)]
pub(crate) struct Resource {
    /// The name of the component schema: `Contact`.
    pub(crate) component: String,
    /// The segment of the path before the ID: `contacts`.
    pub(crate) collection: String,
    pub(crate) create: Operation<'static>,
    pub(crate) get: Option<Operation<'static>>,
    pub(crate) update: Option<Operation<'static>>,
    pub(crate) delete: Option<Operation<'static>>,
    /// The operations that list it.
    pub(crate) lists: Vec<Operation<'static>>,
}

/// The component schema of an operation's success.
fn component(operation: &Operation<'_>) -> Option<String> {
    let content = operation.success()?.content()?;
    content.schema.name().map(str::to_owned)
}

/// The component schema that a list operation lists.
pub(crate) fn listed(document: &Document, operation: &Operation<'_>) -> Option<String> {
    let content = operation.success()?.content()?;
    let properties = document.properties(content.schema.value);
    referenced(&properties.get("data")?["items"]).map(str::to_owned)
}

/// The resources of a document by component.
pub(crate) fn resources(document: &'static Document) -> BTreeMap<String, Resource> {
    let operations = || document.operations();
    let creates = operations().filter(|operation| operation.method == "POST");
    let resource = |create: Operation<'static>| {
        let component = component(&create)?;
        let find = |method: &str, path: Option<&str>| {
            operations().find(|known| {
                known.method == method
                    && path.is_none_or(|path| known.path == path)
                    && (path.is_some() || self::component(known).as_ref() == Some(&component))
            })
        };
        let get = find("GET", None);
        let item = get.as_ref().map_or(create.path, |get| get.path);
        let lists =
            operations().filter(|known| listed(document, known).as_ref() == Some(&component));
        Some(Resource {
            collection: item.rsplit('/').nth(1).unwrap_or_default().to_owned(),
            update: find("PATCH", Some(item)),
            delete: find("DELETE", Some(item)),
            lists: lists.collect(),
            get,
            create,
            component,
        })
    };
    creates
        .filter_map(resource)
        .map(|resource| (resource.component.clone(), resource))
        .collect()
}

/// The rows of a page.
pub(crate) fn rows(page: &Value) -> impl Iterator<Item = &Value> {
    page["data"].as_array().into_iter().flatten()
}

/// The opaque ID of a row, or its number if it has none.
pub(crate) fn id(row: &Value) -> Option<String> {
    let id = row["id"].as_str().map(str::to_owned);
    id.or_else(|| row["display_id"].as_u64().map(|number| number.to_string()))
}
