//! Open enums, as invocations of the runtime's macro.

use openapi_pipeline::shape::{OpenEnum, Shaped};

use super::HEADER;
use crate::codegen::wire::doc_lines;

/// Printed as text: a pretty-printer does not look inside a macro.
pub(super) fn text(shaped: &Shaped) -> String {
    let mut out = format!("{HEADER}//! Enums that keep unknown values.\n");
    for found in &shaped.enums {
        out.push('\n');
        out.push_str(&invocation(found));
    }
    out
}

fn invocation(found: &OpenEnum) -> String {
    let fallback = format!("`{}`; the document says no more.", found.name);
    let about = if found.description.trim().is_empty() {
        &fallback
    } else {
        &found.description
    };
    let docs: String = doc_lines(about)
        .iter()
        .map(|line| format!("    ///{line}\n"))
        .collect();
    let variants: String = found
        .variants
        .iter()
        .map(|variant| {
            let shown = variant.value.replace('`', "'").replace(['\n', '\r'], " ");
            let value = &variant.value;
            format!(
                "        /// `{shown}`\n        {} = {value:?},\n",
                variant.name
            )
        })
        .collect();
    format!(
        "::pivotal_runtime::open_enum! {{\n{docs}    pub enum {} {{\n{variants}    }}\n}}\n",
        found.name
    )
}
