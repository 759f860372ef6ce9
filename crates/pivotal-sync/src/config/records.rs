//! How a record of the source becomes a customer, its contacts and its onboarding.

use std::borrow::Cow;

use serde_json::Value;

use super::mapping::{Problem, map_fields, text, typed};
use super::{Config, ContactOptions, Mapping, OnboardingOptions};
use crate::error::shortened;
use crate::field::{ContactField, ValueType, Values, text_of};
use crate::kind::Kind;

/// The code of a record that the filter leaves out.
pub(crate) const FILTERED: &str = "filtered";

/// The values of the customer of a record, and why it cannot be used or is left out.
pub(crate) fn map_row(config: &Config, raw: &Values) -> (Values, Option<Problem>) {
    let (values, problem) = map_fields(Kind::Customer, typed(&config.fields), raw);
    match filtered(config, raw) {
        // The field of the problem stays: its customer may not be recognizable.
        Some(reason) => {
            let field = problem.and_then(|problem| problem.field);
            let problem = Problem::new(FILTERED, field.as_deref(), reason);
            (values, Some(problem))
        }
        None => (values, problem),
    }
}

/// Why the filter leaves a record out.
fn filtered(config: &Config, raw: &Values) -> Option<String> {
    let mut filter = config.filter.iter();
    filter.find_map(|(column, wanted)| {
        let found = text(raw.get(column), ValueType::List).unwrap_or_default();
        let found = found.trim();
        let is_wanted = wanted.0.iter().any(|value| value == found);
        (!is_wanted).then(|| format!("{column} is {:?}", shortened(found)))
    })
}

/// The contacts of a record, each with its problem, or why they cannot be read.
pub(crate) type Contacts = Result<Vec<(Values, Option<Problem>)>, Problem>;

/// The contacts of a record. Addresses are in lower case. What has no value at all is left out.
pub(crate) fn contacts(options: &ContactOptions, raw: &Values) -> Contacts {
    let Some(column) = &options.list else {
        return Ok(contact(options, raw).into_iter().collect());
    };
    let not_a_list = || Problem::invalid_value(column, "it is not a list of objects");
    let objects: Cow<'_, [Value]> = match raw.get(column) {
        None | Some(Value::Null) => Cow::Borrowed(&[]),
        Some(Value::Array(objects)) => Cow::Borrowed(objects),
        // A file of failed records is CSV.
        Some(Value::String(text)) if text.trim().is_empty() => Cow::Borrowed(&[]),
        Some(Value::String(text)) => {
            Cow::Owned(serde_json::from_str(text).map_err(|_| not_a_list())?)
        }
        Some(_) => return Err(not_a_list()),
    };
    let contact = |object: &Value| match object {
        Value::Object(object) => Ok(contact(options, object)),
        _ => Err(not_a_list()),
    };
    objects
        .iter()
        .filter_map(|object| contact(object).transpose())
        .collect()
}

fn contact(options: &ContactOptions, raw: &Values) -> Option<(Values, Option<Problem>)> {
    let (mut values, problem) = map_fields(Kind::Contact, typed(&options.fields), raw);
    let is_of_record = |(field, mapping): (&ContactField, &Mapping)| {
        mapping.constant.is_none() && values.contains_key(field.name())
    };
    if problem.is_none() && !options.fields.iter().any(is_of_record) {
        return None;
    }
    let email = ContactField::Email.name();
    if let Some(address) = text_of(&values, email).map(str::to_ascii_lowercase) {
        values.insert(email.to_owned(), address.into());
    }
    Some((values, problem))
}

/// The onboarding of a record.
pub(crate) struct DealOnboarding {
    /// The deal, as `column=value`.
    pub(crate) deal: String,
    pub(crate) values: Values,
    pub(crate) problem: Option<Problem>,
}

/// The onboarding of a record with a closed-won deal.
pub(crate) fn onboarding(options: &OnboardingOptions, raw: &Values) -> Option<DealOnboarding> {
    let column = &options.when;
    let (deal, unreadable) = match text(raw.get(column), ValueType::Text) {
        Ok(deal) => (deal, None),
        Err(reason) => (String::new(), Some(Problem::invalid_value(column, reason))),
    };
    let deal = deal.trim();
    if deal.is_empty() && unreadable.is_none() {
        return None;
    }
    let (mut values, problem) = map_fields(Kind::Onboarding, typed(&options.fields), raw);
    // A create takes no null.
    values.retain(|_, value| !value.is_null());
    Some(DealOnboarding {
        deal: format!("{column}={deal}"),
        values,
        problem: unreadable.or(problem),
    })
}
