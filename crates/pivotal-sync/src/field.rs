//! The fields of a customer that a source can set.

use std::fmt;

use pivotal_sdk::{CreateCustomer, UpdateCustomer, Violation};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Fields and their values, as JSON of the API.
pub(crate) type Values = Map<String, Value>;

macro_rules! fields {
    ($( $variant:ident = $name:literal, )*) => {
        /// A field of a customer that a source can set. `owner_id` is not one, because Pivotal's
        /// reference has no update of it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
        #[non_exhaustive]
        pub enum Field {
            $(
                #[doc = concat!("`", $name, "`")]
                #[serde(rename = $name)]
                $variant,
            )*
        }

        impl Field {
            /// All fields.
            pub const ALL: &[Self] = &[$( Self::$variant, )*];

            /// The key in the JSON of the API.
            pub fn name(self) -> &'static str {
                match self { $( Self::$variant => $name, )* }
            }
        }
    };
}

fields! {
    Name = "name",
    Slug = "slug",
    Domain = "domain",
    Status = "status",
    Plan = "plan",
    Mrr = "mrr",
    MonthlyOrders = "monthly_orders",
    HubspotCompanyId = "hubspot_company_id",
    HubspotDealId = "hubspot_deal_id",
    StripeCustomerId = "stripe_customer_id",
    IntercomCompanyId = "intercom_company_id",
    SlackChannelId = "slack_channel_id",
}

impl Field {
    /// Whether the value is an integer. All others are text.
    pub(crate) fn is_integer(self) -> bool {
        matches!(self, Self::Mrr | Self::MonthlyOrders)
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A field by which a record of the source is recognized as a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MatchKey {
    /// `hubspot_company_id`
    HubspotCompanyId,
    /// `stripe_customer_id`
    StripeCustomerId,
    /// `domain`, compared without case. Several customers may have one.
    Domain,
    /// `slug`, unique in the workspace.
    Slug,
}

impl MatchKey {
    /// All keys, the most reliable first, which is the order in which they are tried by default.
    pub const ALL: [Self; 4] = [
        Self::HubspotCompanyId,
        Self::StripeCustomerId,
        Self::Domain,
        Self::Slug,
    ];

    /// The field.
    pub fn field(self) -> Field {
        match self {
            Self::HubspotCompanyId => Field::HubspotCompanyId,
            Self::StripeCustomerId => Field::StripeCustomerId,
            Self::Domain => Field::Domain,
            Self::Slug => Field::Slug,
        }
    }

    /// Whether another system gave out the value, so that two values are two companies.
    pub(crate) fn is_identity(self) -> bool {
        matches!(self, Self::HubspotCompanyId | Self::StripeCustomerId)
    }

    /// The value in these fields, in the form in which values are compared.
    pub(crate) fn value(self, values: &Values) -> Option<String> {
        let value = values.get(self.field().name())?.as_str()?;
        Some(match self {
            Self::Domain => value.to_lowercase(),
            _ => value.to_owned(),
        })
    }
}

/// A JSON object, or an empty one for anything else.
pub(crate) fn object(json: &str) -> Values {
    serde_json::from_str(json).unwrap_or_default()
}

/// The body that creates a customer with these values. Nulls are left out: a create takes none.
pub(crate) fn create_body(values: &Values) -> serde_json::Result<CreateCustomer> {
    let mut values = values.clone();
    values.retain(|_, value| !value.is_null());
    serde_json::from_value(Value::Object(values))
}

/// The body that changes these values. Null clears a field.
pub(crate) fn update_body(values: &Values) -> serde_json::Result<UpdateCustomer> {
    serde_json::from_value(Value::Object(values.clone()))
}

/// The first limit of the contract that these values exceed.
pub(crate) fn violation(values: &Values) -> Option<Violation> {
    update_body(values).ok()?.validate().err()
}

/// Which of these values a customer has otherwise. A key that the customer lacks counts as null.
pub(crate) fn differing(customer: &Values, values: &Values) -> Values {
    let differs =
        |(name, value): &(&String, &Value)| customer.get(*name).unwrap_or(&Value::Null) != *value;
    let differing = values.iter().filter(differs);
    differing
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// The values that a customer has in these fields.
pub(crate) fn current(customer: &Values, fields: &Values) -> Values {
    let value = |name: &String| customer.get(name).cloned().unwrap_or(Value::Null);
    fields
        .keys()
        .map(|name| (name.clone(), value(name)))
        .collect()
}
