//! The resources of the contract: what is created, and the operations on it.

use std::collections::{BTreeMap, BTreeSet};

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
    /// The last segment of the path that it is created at, and the one before its ID: `contacts`.
    pub(crate) collection: String,
    pub(crate) create: Operation<'static>,
    pub(crate) get: Option<Operation<'static>>,
    pub(crate) update: Option<Operation<'static>>,
    pub(crate) delete: Option<Operation<'static>>,
    /// The operations that list it.
    pub(crate) lists: Vec<Operation<'static>>,
}

impl Resource {
    /// Whether the operation is its create, get, update or delete.
    pub(crate) fn has(&self, operation: &Operation<'_>) -> bool {
        let others = [&self.get, &self.update, &self.delete]
            .into_iter()
            .flatten();
        let mut all = others.chain([&self.create]);
        all.any(|known| known.id == operation.id)
    }

    /// Whether the last ID in the path of the operation is one of its records.
    pub(crate) fn holds(&self, operation: &Operation<'_>) -> bool {
        let item = operation.path.rsplit_once("/{").map(|(path, _)| path);
        item.and_then(|path| path.rsplit('/').next()) == Some(&self.collection)
    }
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

/// Whether a path ends in a collection and an ID.
fn is_item(path: &str, collection: &str) -> bool {
    let mut segments = path.rsplit('/');
    segments.next().is_some_and(|last| last.starts_with('{')) && segments.next() == Some(collection)
}

/// The resources of a document by component, without the operations that are left out.
pub(crate) fn resources(
    document: &'static Document,
    left_out: &BTreeSet<String>,
) -> BTreeMap<String, Resource> {
    let operations = || {
        document
            .operations()
            .filter(|known| !left_out.contains(known.id))
    };
    let creates = operations().filter(|operation| operation.method == "POST");
    let resource = |create: Operation<'static>| {
        let component = component(&create)?;
        let lists =
            operations().filter(|known| listed(document, known).as_ref() == Some(&component));
        let lists: Vec<Operation<'static>> = lists.collect();
        // A POST elsewhere that responds with a record, such as one that archives it, creates none.
        lists.iter().find(|list| list.path == create.path)?;
        let collection = create.path.rsplit('/').next()?;
        let item = |method: &str| {
            let mut all = operations();
            all.find(|known| known.method == method && is_item(known.path, collection))
        };
        Some(Resource {
            collection: collection.to_owned(),
            get: item("GET"),
            update: item("PATCH"),
            delete: item("DELETE"),
            lists,
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
