//! The first configuration for a source.

use std::fmt::Write;

use super::source::{SourceKind, SourceOptions};
use crate::field::{Field, MatchKey};

/// Column names, without spaces and case, that are taken for a field.
const SYNONYMS: [(&str, Field); 16] = [
    ("company", Field::Name),
    ("companyname", Field::Name),
    ("customer", Field::Name),
    ("customername", Field::Name),
    ("website", Field::Domain),
    ("url", Field::Domain),
    ("companydomainname", Field::Domain),
    ("email", Field::Domain),
    ("stage", Field::Status),
    ("revenue", Field::Mrr),
    ("orders", Field::MonthlyOrders),
    ("recordid", Field::HubspotCompanyId),
    ("hubspotid", Field::HubspotCompanyId),
    ("stripeid", Field::StripeCustomerId),
    ("intercomid", Field::IntercomCompanyId),
    ("slackchannel", Field::SlackChannelId),
];

/// The text of a configuration for HubSpot, Stripe or a Singer tap; `None` for files, which need
/// [`init`].
pub fn init_service(kind: SourceKind) -> Option<&'static str> {
    match kind {
        SourceKind::File => None,
        SourceKind::Hubspot => Some(include_str!("hubspot.toml")),
        SourceKind::Stripe => Some(include_str!("stripe.toml")),
        SourceKind::Singer => Some(include_str!("singer.toml")),
    }
}

/// The text of a configuration for a CSV file with these columns. Fields without a column of a
/// similar name are commented out. The options are those with which the file was read.
pub fn init(columns: &[String], options: &SourceOptions) -> String {
    let plain = |text: &str| -> String {
        let letters = text.chars().filter(|c| c.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect()
    };
    let column_of = |field: Field| {
        let is_of = |column: &&String| {
            let column = plain(column);
            column == plain(field.name()) || SYNONYMS.contains(&(column.as_str(), field))
        };
        columns.iter().find(is_of)
    };
    let setting = |name: &str, value: Option<String>, example: &str| {
        let comment = if value.is_some() { "" } else { "# " };
        let value = toml::Value::from(value.unwrap_or_else(|| example.to_owned()));
        format!("{comment}{name} = {value}")
    };
    let path = options.path.as_deref();
    let path = path.map(|path| path.display().to_string());
    let path = setting("path", path, "crm.csv");
    let delimiter = setting("delimiter", options.delimiter.map(String::from), ";");
    let encoding = setting("encoding", options.encoding.clone(), "windows-1252");
    let mut text = format!(
        "# How `pivotal sync`, `pivotal import` and `pivotal plan` read a source.\n\n\
         [source]\n\
         {path}   # what `pivotal sync` reads\n\
         {delimiter}\n\
         {encoding}   # default: UTF-8, or what a byte order mark says\n\n\
         [sync]\n\
         # create: only new customers; update: only existing ones; upsert: both;\n\
         # mirror: both, and delete the customers that the source does not have.\n\
         mode = \"upsert\"\n\
         # By which fields a record is recognized as a customer, tried in this order.\n\
         match = [\"hubspot_company_id\", \"stripe_customer_id\", \"domain\", \"slug\"]\n\
         # A value that was changed in Pivotal since a run wrote it is a conflict, unless the source wins:\n\
         # overwrite_changed = true\n\n\
         # Field = column. An empty value leaves the field as it is; `clear = true` clears it.\n\
         # Transforms: trim, lower, domain (of a URL or an e-mail address), slug, cents (of 99.50).\n\
         # A value that is not in `map` is an error; `default` is for empty ones.\n\
         # status = {{ column = \"Stage\", map = {{ \"Won\" = \"onboarding\" }}, default = \"active\" }}\n\
         # plan = {{ constant = \"Growth\" }}\n\
         [fields]\n",
    );
    for &field in Field::ALL {
        let found = column_of(field);
        let comment = if found.is_some() { "" } else { "# " };
        let name = found.map_or("Column", String::as_str);
        let column = toml::Value::from(name);
        let _ = match field {
            Field::Domain => writeln!(
                text,
                "{comment}domain = {{ column = {column}, transform = [\"domain\"] }}"
            ),
            // The name of the field says that it is in its unit.
            Field::Mrr if name != field.name() => writeln!(
                text,
                "{comment}mrr = {{ column = {column}, transform = [\"cents\"] }}   # without `transform` if it is in cents"
            ),
            _ => writeln!(text, "{comment}{field} = {column}"),
        };
    }
    let mut keys = MatchKey::ALL.into_iter();
    if !keys.any(|key| column_of(key.field()).is_some())
        && let Some(name) = column_of(Field::Name)
    {
        let name = toml::Value::from(name.as_str());
        let _ = writeln!(
            text,
            "# No column identifies a company: the slug of its name does.\n\
             slug = {{ column = {name}, transform = [\"slug\"] }}"
        );
    }
    text
}
