//! What a check finds.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A rule of the contract that an exchange broke.
///
/// It never holds a body or a key: a value is described by its shape, and a name that the server
/// chose is shown only when it is a short word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Violation {
    /// The operation, by its operationId: `create-customer`.
    pub operation: String,
    /// The status of the response.
    pub status: u16,
    /// What was broken.
    pub kind: ViolationKind,
    /// Where the rule comes from.
    pub source: Source,
    /// How the rule is known.
    pub evidence: Evidence,
    /// Where in the exchange, a JSON pointer: `/response/body/data/0/name`,
    /// `/response/headers/x-ratelimit-limit`, `/response/status`, `/request/query/limit`. The first
    /// such place.
    pub place: String,
    /// The rule, a JSON pointer into `openapi/pivotal.json`.
    pub rule: String,
    /// How many places of the exchange break it.
    pub count: usize,
    /// What is wrong, in words.
    pub message: String,
}

/// What was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ViolationKind {
    /// The operation does not document the status.
    Status,
    /// A documented header is missing, or is not what its schema says.
    Header,
    /// The response is of another media type.
    ContentType,
    /// The response's body does not match the schema of its status, or is no JSON.
    Body,
    /// The server accepted a parameter that the contract does not allow.
    Parameter,
    /// The server accepted a body that the contract does not allow.
    RequestBody,
    /// A call did not have the effect that it should have. Only the [suite](crate::Suite) reports
    /// this.
    Behaviour,
    /// The SDK rejects or misreads a response that satisfies the contract. Only the
    /// [suite](crate::Suite) reports this.
    Sdk,
}

/// Where a rule comes from that was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Source {
    /// The vendor's documentation: the rule is stated, or seen in an example.
    Document,
    /// This project, which inferred or decided the rule where the documentation is silent. The
    /// sandbox implements it.
    ProjectDecision,
    /// The SDK: the response satisfies the contract, and the SDK does not accept it.
    Sdk,
}

/// How a fact of the contract is known: its `x-evidence`, or that of the nearest place around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// The vendor's document or documentation says so. What carries no mark counts as this.
    Stated,
    /// Seen in a documented example.
    Example,
    /// Follows from other pages.
    Inferred,
    /// The documentation is silent; this project chose.
    Decided,
}

/// Something that the contract does not have, and that the vendor may add at any time: no
/// violation.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct Addition {
    /// The operation, by its operationId.
    pub operation: String,
    /// The status of the response.
    pub status: u16,
    /// What is new.
    pub kind: AdditionKind,
    /// The key, value or parameter; its length only when it is no short word.
    pub name: String,
    /// Where in the exchange it stands, or the object that has the key: a JSON pointer, `*` for any
    /// row of a list.
    pub place: String,
    /// The schema that does not have it, a JSON pointer into `openapi/pivotal.json`.
    pub schema: String,
}

/// What is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AdditionKind {
    /// A key of an object.
    Key,
    /// A value of an enum.
    EnumValue,
    /// A parameter of the query.
    Parameter,
}

impl Evidence {
    /// Where a rule that is known in this way comes from.
    pub(crate) fn source(self) -> Source {
        match self {
            Self::Stated | Self::Example => Source::Document,
            Self::Inferred | Self::Decided => Source::ProjectDecision,
        }
    }
}

/// How reports write each value of an enum.
macro_rules! words {
    ($($type:ident { $($variant:ident => $word:literal),+ })+) => { $(
        impl $type {
            /// As reports write it.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
    )+ };
}

words! {
    Evidence {
        Stated => "stated",
        Example => "example",
        Inferred => "inferred",
        Decided => "decided"
    }
    Source { Document => "document", ProjectDecision => "project decision", Sdk => "SDK" }
    ViolationKind {
        Status => "status",
        Header => "header",
        ContentType => "content type",
        Body => "body",
        Parameter => "parameter",
        RequestBody => "request body",
        Behaviour => "behaviour",
        Sdk => "SDK"
    }
    AdditionKind { Key => "key", EnumValue => "enum value", Parameter => "parameter" }
}

/// `create-customer returned 201: body at /response/body/plan: …; contradicts the document
/// (stated), …`
impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            operation,
            status,
            kind,
            source,
            evidence,
            place,
            rule,
            message,
            ..
        } = self;
        write!(
            f,
            "{operation} returned {status}: {kind} at {place}: {message}"
        )?;
        if self.count > 1 {
            write!(f, " ({} places)", self.count)?;
        }
        write!(f, "; contradicts the {source} ({evidence}, {rule})")
    }
}

impl fmt::Display for Addition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            operation,
            status,
            kind,
            name,
            place,
            schema,
        } = self;
        let article = match kind {
            AdditionKind::EnumValue => "an",
            AdditionKind::Key | AdditionKind::Parameter => "a",
        };
        write!(
            f,
            "{operation} returned {status}: {article} {kind} that {schema} does not have, {name} at {place}"
        )
    }
}
