//! What a client crate is printed from.

use serde_json::Value;

/// A document in the shape that progenitor takes, and the tables of what it does not do.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Shaped {
    /// OpenAPI 3.0.3, every schema named, every error response uniform.
    pub document: Value,
    /// Every operation, by name.
    pub operations: Vec<Operation>,
    /// Every open enum, by name.
    pub enums: Vec<OpenEnum>,
    /// Every object that is sent, by name.
    pub bodies: Vec<Body>,
    /// Every union, by name.
    pub unions: Vec<Union>,
    /// Every object in a response, by name.
    pub responses: Vec<ResponseObject>,
    /// What errors carry where that depends on the status, in the order of the operations in the document.
    pub errors: Vec<ErrorBody>,
}

/// One operation of the table that the runtime works by.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Operation {
    /// Method name in Rust: `create_customer`.
    pub name: String,
    /// HTTP method in upper case.
    pub method: String,
    /// Path template.
    pub path: String,
    /// One line for people.
    pub summary: String,
    /// Summary and description in the document, in Markdown.
    pub docs: String,
    /// Name of the type of its request: `CreateCustomerRequest`.
    pub request: String,
    /// Its parameters in the order of the generated method's arguments. An idempotency key
    /// is not listed: the class implies it.
    pub parameters: Vec<Parameter>,
    /// What it sends after its parameters.
    pub body: Payload,
    /// What a success carries.
    pub response: Payload,
    /// Where that is a union by status: each status, an exact one before its range, and the place of its
    /// member in the document. `None` where it has no body.
    pub by_status: Vec<(String, Option<usize>)>,
    /// What a documented error carries: the type that all have, or an [`ErrorBody`]. `None` if none is JSON.
    pub error: Option<Type>,
    /// When it may be sent again.
    pub class: RetryClass,
    /// Whether it takes a cursor and its response has the next one.
    pub paged: bool,
    /// Whether it is sent with the caller's credentials: `false` where the document requires none.
    pub authenticated: bool,
    /// How it is written on the wire.
    pub format: Format,
    /// Documented statuses, in order: `200`, `4XX`.
    pub statuses: Vec<String>,
    /// What is checked before it is sent.
    pub constraints: Vec<Constraint>,
}

/// How a request is written where it is not JSON with a bearer key. The fields are those of the
/// runtime's `RequestFormat`, and mean the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Format {
    /// Where the key of the client goes.
    pub credential: Credential,
    /// Where further keys go, each by the name of its security scheme.
    pub more_credentials: Vec<(String, Credential)>,
    /// The documented type of the body, if it is not what the generator sends.
    pub content_type: Option<String>,
    /// The documented types of a success, if it is not JSON alone.
    pub accept: Option<String>,
    /// Lists in the query that are one pair, and what separates their entries: nothing where they are one
    /// text.
    pub separators: Vec<(String, &'static str)>,
    /// Whether parameters are cookies.
    pub cookies: bool,
    /// What becomes of a body.
    pub body: BodyFormat,
    /// Whether a request may have no body.
    pub optional_body: bool,
    /// Whether a success without a body is null.
    pub optional: bool,
}

/// Where a key goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Credential {
    /// `Authorization: Bearer KEY`.
    #[default]
    Bearer,
    /// `Authorization: Basic ..`.
    Basic,
    /// A header of this name.
    Header(String),
    /// A cookie of this name.
    Cookie(String),
    /// A pair of this name in the query.
    Query(String),
}

/// What becomes of the JSON of a body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum BodyFormat {
    /// It is sent as it is.
    #[default]
    Unchanged,
    /// A form, with the fields that are not written in brackets.
    Form(Vec<(String, FieldStyle)>),
    /// Parts, of which these are files or have a media type of their own.
    Multipart(Vec<Part>),
}

/// How a list or an object is written in a form, if not in brackets. The variants are those of the
/// runtime's `FieldStyle`, and mean the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldStyle {
    /// A list: `a=1&a=2`.
    Repeated,
    /// A list: `a=1,2`, with this separator.
    Joined(&'static str),
    /// The text of its JSON.
    Json,
}

/// A part of a body. The fields are those of the runtime's `Part`, and mean the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Name of the property.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Whether it is a file.
    pub is_file: bool,
}

/// A parameter of an operation.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Parameter {
    /// Where in the request it is sent.
    pub location: Location,
    /// Name on the wire.
    pub wire: String,
    /// What the generator calls it: its name on the wire, unless another parameter is called so in Rust.
    pub argument: String,
    /// Whether it is written in brackets, `filter[color]=red`, though the generator knows only one pair.
    pub deep: bool,
    /// Name in Rust, of the field and of its setter.
    pub rust: String,
    /// Name of the setter that takes a value or none.
    pub maybe: String,
    /// For people, its limits included.
    pub description: String,
    /// Whether it must be sent.
    pub required: bool,
    /// Whether the document marks it as a guess: `x-evidence: inferred` or `decided`.
    pub guess: bool,
    /// Type of the value.
    pub r#type: Type,
    /// The object whose ID it is, if its name or its place in the path implies one: `Customer`.
    pub id_of: Option<String>,
}

/// What a body or a response carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// Nothing.
    Empty,
    /// A value, as JSON or as a form.
    Value(Type),
    /// Text that is sent as it is.
    Text,
    /// Bytes.
    Bytes,
}

/// When a request may be sent again. Generated code uses the variants of [`RetryClass`],
/// [`Location`] and [`ConstraintKind`] under the same names in the runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryClass {
    /// It changes nothing.
    Safe,
    /// Sending it twice has the effect of sending it once.
    Idempotent,
    /// Its contract takes an idempotency key.
    ByKey,
    /// Only when it was certainly not received.
    Never,
}

/// A length or range limit on one place of a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Constraint {
    /// Where in the request the value is.
    pub location: Location,
    /// Parameter name, or dotted path in the body with `*` for every entry of a list.
    pub name: String,
    /// The limit.
    pub kind: ConstraintKind,
}

/// Where in a request a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Location {
    /// A path parameter.
    Path,
    /// A query parameter.
    Query,
    /// A header.
    Header,
    /// A cookie.
    Cookie,
    /// The JSON body.
    Body,
}

/// A limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ConstraintKind {
    /// Fewest characters.
    MinLength(u64),
    /// Most characters.
    MaxLength(u64),
    /// Least number.
    Minimum(f64),
    /// Greatest number.
    Maximum(f64),
    /// Number that must be exceeded.
    ExclusiveMinimum(f64),
    /// Number that must not be reached.
    ExclusiveMaximum(f64),
    /// Number that must divide it.
    MultipleOf(f64),
    /// Fewest entries.
    MinItems(u64),
    /// Most entries.
    MaxItems(u64),
    /// No entry twice.
    UniqueItems,
    /// The form of an e-mail address.
    Email,
    /// A date.
    Date,
    /// A point in time, or a date.
    DateTime,
}

/// An enum of strings that keeps values it does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenEnum {
    /// Type name.
    pub name: String,
    /// For people.
    pub description: String,
    /// Known values, in the order of their first site.
    pub variants: Vec<Variant>,
}

/// A known value of an open enum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    /// Variant name.
    pub name: String,
    /// The string on the wire.
    pub value: String,
    /// Whether the document marks it as a guess, in `x-inferred-values`.
    pub guess: bool,
}

/// An object that is sent.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Body {
    /// Type name.
    pub name: String,
    /// For people.
    pub description: String,
    /// Whether the document marks it as a guess: which fields it has, and that null clears them.
    pub guess: bool,
    /// Properties by wire name.
    pub fields: Vec<Field>,
    /// Wire names of the required properties in the order of the constructor's arguments.
    pub arguments: Vec<String>,
}

/// A property of an object that is sent.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Field {
    /// Name on the wire.
    pub wire: String,
    /// Name in Rust, of the field and of its setter.
    pub rust: String,
    /// Name of the setter that takes a value or none.
    pub maybe: String,
    /// Name of the setter that sends null, where null may be sent or not.
    pub clear: Option<String>,
    /// For people, its limits included.
    pub description: String,
    /// Whether it must be sent.
    pub required: bool,
    /// Whether null may be sent.
    pub nullable: bool,
    /// Whether the document marks it as a guess: `x-evidence: inferred` or `decided`.
    pub guess: bool,
    /// Type of the value.
    pub r#type: Type,
    /// The object whose ID it is, if its name implies one: `Customer`.
    pub id_of: Option<String>,
    /// Its limits, and with `.*` after its name those of its entries.
    pub limits: Vec<Constraint>,
    /// Format of a string, if the type does not imply it: `email`.
    pub format: Option<String>,
}

/// The Rust side of a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// `String`.
    String,
    /// `i64`.
    Integer,
    /// `u64`: an integer of the format `uint64`.
    Unsigned,
    /// `u32`: a parameter that counts.
    Count,
    /// `f64`.
    Number,
    /// `bool`.
    Boolean,
    /// A point in time.
    Timestamp,
    /// A day.
    Date,
    /// The bytes of a file.
    Bytes,
    /// Any JSON.
    Json,
    /// A generated type.
    Named(String),
    /// A type that contains the type it is used in.
    Boxed(Box<Type>),
    /// A value or null, inside a list or a map.
    Nullable(Box<Type>),
    /// A list.
    List(Box<Type>),
    /// An object with keys that are data.
    Map(Box<Type>),
}

/// One of several types.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Union {
    /// Type name.
    pub name: String,
    /// For people.
    pub description: String,
    /// Property whose value tells the members apart, where there is one.
    pub tag: Option<String>,
    /// Members in the order in which they are tried: one that takes fewer values comes first.
    pub members: Vec<Member>,
}

/// One type of a union.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Variant name.
    pub name: String,
    /// Its place among the members in the document.
    pub place: usize,
    /// Its type.
    pub r#type: Type,
    /// Values of the tag that mean this member.
    pub tags: Vec<String>,
    /// The properties of an object, by name.
    pub properties: Vec<String>,
    /// Those of them that are always there and never null.
    pub required: Vec<String>,
    /// Those of them that are to be there, and may be null.
    pub nullable: Vec<String>,
    /// Those of them that may be absent, and are never null.
    pub never_null: Vec<String>,
    /// The values of the properties that list some.
    pub listed: Vec<(String, Vec<String>)>,
    /// The values of a scalar that lists some.
    pub values: Vec<String>,
}

/// What the documented errors of operations carry.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ErrorBody {
    /// Type name, by the first operation that has it.
    pub name: String,
    /// Its names by the other operations that have it.
    pub aliases: Vec<String>,
    /// The type of each status, the most exact first: `404`, `4XX`, `default`. `None` where it is
    /// not JSON.
    pub statuses: Vec<(String, Option<Type>)>,
}

/// An object in a response.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResponseObject {
    /// Type name.
    pub name: String,
    /// Whether it is a row with an id: it has a required string property `id`.
    pub identified: bool,
    /// Whether a row has its time of creation; `None` without a property `created_at` that is a
    /// point in time.
    pub created_at: Option<Presence>,
    /// How it is one page of a list, if it is one.
    pub page: Option<Page>,
}

/// How an object in a response is one page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The property that holds the rows; a field of the same name does in Rust.
    pub rows: String,
    /// Type of a row: an object in a response, or a union.
    pub row: String,
    /// Whether the property `next_cursor` is always there.
    pub next_cursor: Presence,
    /// Whether the property `has_more` indicates that rows follow; else a next cursor does.
    pub has_more: bool,
}

/// Whether a property of a response is always there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Required, and never null.
    Always,
    /// Optional, or null.
    Maybe,
}
