//! The fields that a source can set.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Fields and their values, as JSON of the API.
pub(crate) type Values = Map<String, Value>;

/// The type of a field's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ValueType {
    Text,
    Integer,
    Flag,
    /// RFC 3339 in UTC.
    Time,
    /// A list of texts.
    List,
}

macro_rules! fields {
    ($(#[$about:meta])* $name:ident { $( $variant:ident = $field:literal $value:ident, )* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
        #[non_exhaustive]
        pub enum $name {
            $(
                #[doc = concat!("`", $field, "`")]
                #[serde(rename = $field)]
                $variant,
            )*
        }

        impl $name {
            /// All fields.
            pub const ALL: &[Self] = &[$( Self::$variant, )*];

            /// The key in the JSON of the API.
            pub fn name(self) -> &'static str {
                match self { $( Self::$variant => $field, )* }
            }
        }

        impl From<$name> for (&'static str, ValueType) {
            fn from(field: $name) -> Self {
                match field { $( $name::$variant => ($field, ValueType::$value), )* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.name())
            }
        }
    };
}

fields! {
    /// A field of a customer that a source can set.
    Field {
        Name = "name" Text,
        Slug = "slug" Text,
        Domain = "domain" Text,
        Status = "status" Text,
        Plan = "plan" Text,
        Mrr = "mrr" Integer,
        MonthlyOrders = "monthly_orders" Integer,
        HubspotCompanyId = "hubspot_company_id" Text,
        HubspotDealId = "hubspot_deal_id" Text,
        StripeCustomerId = "stripe_customer_id" Text,
        IntercomCompanyId = "intercom_company_id" Text,
        SlackChannelId = "slack_channel_id" Text,
        OwnerId = "owner_id" Text,
    }
}

fields! {
    /// A field of a contact that a source can set.
    ContactField {
        Email = "email" Text,
        Name = "name" Text,
        Title = "title" Text,
        IsPrimary = "is_primary" Flag,
        Labels = "labels" List,
    }
}

fields! {
    /// A field of a new onboarding that a source can set.
    OnboardingField {
        Phase = "phase" Text,
        State = "state" Text,
        TargetLaunchDate = "target_launch_date" Time,
        TemplateId = "template_id" Text,
        CsmId = "csm_id" Text,
        SeId = "se_id" Text,
        DesignerId = "designer_id" Text,
        ProductOpsId = "product_ops_id" Text,
        Notes = "notes" Text,
        WaitingOnCustomer = "waiting_on_customer" Flag,
        ReminderEmail = "reminder_email" Flag,
        ReminderSlack = "reminder_slack" Flag,
        ReminderFrequencyDays = "reminder_frequency_days" Integer,
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

    /// The name of the field.
    pub(crate) fn name(self) -> &'static str {
        self.field().name()
    }

    /// Whether another system gave out the value, so that two values are two companies.
    pub(crate) fn is_identity(self) -> bool {
        matches!(self, Self::HubspotCompanyId | Self::StripeCustomerId)
    }

    /// The value in these fields, in the form in which values are compared.
    pub(crate) fn value(self, values: &Values) -> Option<String> {
        let value = values.get(self.name())?.as_str()?;
        Some(self.normalized(value))
    }

    /// The form in which values are compared.
    pub(crate) fn normalized(self, value: &str) -> String {
        match self {
            // As `lower` of SQLite, with which the mirror is searched.
            Self::Domain => value.to_ascii_lowercase(),
            _ => value.to_owned(),
        }
    }
}

/// A JSON object, or an empty one for anything else.
pub(crate) fn object(json: &str) -> Values {
    serde_json::from_str(json).unwrap_or_default()
}

/// JSON text of values.
pub(crate) fn json(values: &Values) -> String {
    serde_json::to_string(values).unwrap_or_default()
}

/// Which of these values a row has otherwise. A key that the row lacks counts as null. The owner is
/// not compared: an example shows that creates take it, and a response need not have it.
pub(crate) fn differing(row: &Values, values: &Values) -> Values {
    let differs = |(name, value): &(&String, &Value)| {
        *name != Field::OwnerId.name() && row.get(*name).unwrap_or(&Value::Null) != *value
    };
    let differing = values.iter().filter(differs);
    differing
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// The values that a row has in these fields.
pub(crate) fn current(row: &Values, fields: &Values) -> Values {
    let value = |name: &String| row.get(name).cloned().unwrap_or(Value::Null);
    fields
        .keys()
        .map(|name| (name.clone(), value(name)))
        .collect()
}

/// A text of a row, such as its ID.
pub(crate) fn text_of<'a>(row: &'a Values, name: &str) -> Option<&'a str> {
    row.get(name)?.as_str()
}
