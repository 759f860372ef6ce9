//! The URLs of the servers, of a document, a path or an operation.

use std::collections::BTreeMap;
use std::rc::Rc;

use openapi_pipeline::Pointer;

use crate::comparer::{Comparer, Location, Scope};
use crate::document::{Both, Document, Place};
use crate::paths::{PathItem, template};
use crate::policies::matches;

/// The most URLs that a server with variables stands for; with more, its variables are not filled in.
const MAX_URLS: usize = 64;

/// The URLs of a list of servers, each with its place. Variables with listed values are filled in;
/// the names of others do not matter.
struct Servers {
    urls: BTreeMap<String, Pointer>,
    /// The URL with the defaults of all variables, by that without their names.
    defaults: BTreeMap<String, (String, Pointer)>,
    around: Pointer,
}

impl Servers {
    fn new(list: Option<&Place<'_>>, around: Pointer) -> Self {
        let mut servers = Self {
            urls: BTreeMap::new(),
            defaults: BTreeMap::new(),
            around,
        };
        for server in list.iter().flat_map(|list| list.entries()) {
            if let Some(url) = server.text("url") {
                servers.add(url, &server);
            }
        }
        servers
    }

    fn add(&mut self, url: &str, server: &Place<'_>) {
        let variables = server.get("variables");
        let variable = |name: &str| variables.as_ref()?.get(name);
        let mut urls = vec![url.to_owned()];
        let mut with_defaults = url.to_owned();
        for name in template(url).1 {
            let Some(variable) = variable(name) else {
                continue;
            };
            let key = format!("{{{name}}}");
            let default = variable.text("default").unwrap_or_default();
            with_defaults = with_defaults.replace(&key, default);
            let values = variable.get("enum");
            let values: Vec<String> = values
                .iter()
                .flat_map(Place::entries)
                .filter_map(|value| Some(value.value.as_str()?.to_owned()))
                .collect();
            if !values.is_empty() && urls.len() * values.len() <= MAX_URLS {
                let filled = urls
                    .iter()
                    .flat_map(|url| values.iter().map(|value| url.replace(&key, value)));
                urls = filled.collect();
            }
        }
        let written = |url: &str| template(url.trim_end_matches('/')).0;
        for url in urls {
            let pointer = server.pointer.clone();
            self.urls.entry(written(&url)).or_insert(pointer);
        }
        if with_defaults != url {
            let default = (with_defaults, server.pointer.clone());
            self.defaults.entry(written(url)).or_insert(default);
        }
    }

    fn compare(self, now: &Self, at: &Location, comparer: &mut Comparer<'_>) {
        for (url, pointer) in &self.urls {
            // Variables without listed values stand for any text.
            let mut patterns = now.urls.keys().map(|url| url.replace("{}", "*"));
            if !patterns.any(|pattern| matches(&pattern, url)) {
                let message = format!("the server URL `{url}` is no longer listed");
                let both = Both::at(pointer.clone(), now.around.clone()).from(url.as_str());
                comparer.record(at, "api-server-removed", both, message);
            }
        }
        for (url, pointer) in &now.urls {
            if !self.urls.contains_key(url) {
                let message = format!("the server URL `{url}` is new");
                let both = Both::at(self.around.clone(), pointer.clone()).to(url.as_str());
                comparer.record(at, "api-server-added", both, message);
            }
        }
        for (url, (old, base)) in self.defaults {
            if let Some((new, revision)) = now.defaults.get(&url).filter(|(new, _)| *new != old) {
                let message = format!("the default server URL was `{old}` and is `{new}`");
                let both = Both::at(base, revision.clone()).from(old).to(new.as_str());
                comparer.record(at, "api-server-default-changed", both, message);
            }
        }
    }
}

/// Compares the servers of the documents.
pub(crate) fn of_document(comparer: &mut Comparer<'_>) {
    let servers = |document: Document<'_>| {
        let root = Place::root(document.0);
        Servers::new(root.get("servers").as_ref(), root.nearest("servers"))
    };
    let at = Location::new(&Rc::new(Scope::default()), "servers");
    let now = servers(comparer.revision);
    servers(comparer.base).compare(&now, &at, comparer);
}

/// Compares the servers of an operation, if it or its path has its own.
pub(crate) fn of_operation<'a>(
    scope: &Rc<Scope>,
    base: (&PathItem<'a>, &Place<'a>),
    revision: (&PathItem<'a>, &Place<'a>),
    comparer: &mut Comparer<'a>,
) {
    let own = |(item, operation): (&PathItem<'a>, &Place<'a>)| {
        let list = operation.get("servers").or_else(|| item.get("servers"));
        list.filter(|list| list.entries().next().is_some())
    };
    let owns = [own(base), own(revision)];
    if owns.iter().all(Option::is_none) {
        return;
    }
    let [old, new] = [(base, comparer.base), (revision, comparer.revision)];
    let servers = |own: &Option<Place<'a>>,
                   ((_, operation), document): ((_, &Place<'a>), Document<'a>)| {
        let list = own
            .clone()
            .or_else(|| Place::root(document.0).get("servers"));
        let mut servers = Servers::new(list.as_ref(), operation.nearest("servers"));
        // Without a server, the URL is that of the document.
        if servers.urls.is_empty() {
            servers
                .urls
                .insert(String::new(), operation.pointer.clone());
        }
        servers
    };
    let now = servers(&owns[1], new);
    let at = Location::new(scope, "servers");
    servers(&owns[0], old).compare(&now, &at, comparer);
}
