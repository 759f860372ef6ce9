//! Every rule: its name, how bad it is, and what it means. The verdicts and, where there is an
//! equal check, the names are those of oasdiff, so that people who know it read ours; where ours
//! differs, the rule says so.

use super::Level;
use super::Level::{Breaking, Info, Warning};

/// One rule: what its findings are called, how bad they are and what they mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rule {
    /// The name.
    pub id: &'static str,
    /// For rules on schemas, which are alike wherever a schema stands, the name without the place:
    /// `max-set` for `request-body-max-set`. For all others the name.
    pub aspect: &'static str,
    /// How bad it is.
    pub level: Level,
    /// What it means, in one line.
    pub meaning: &'static str,
    /// Where its verdict differs from that of oasdiff, called `there`, and why; empty when it does
    /// not.
    pub differs: &'static str,
}

/// Where a schema stands, which is how the name of a rule begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stand {
    RequestBody,
    RequestProperty,
    Parameter,
    ParameterProperty,
    ResponseBody,
    ResponseProperty,
    Header,
}

/// Levels in requests and in responses.
type Levels = [Level; 2];

const WIDENS: Levels = [Info, Breaking];
const NARROWS: Levels = [Breaking, Info];
const BREAKS: Levels = [Breaking, Breaking];
const UNKNOWN: Levels = [Warning, Warning];
const HARMLESS: Levels = [Info, Info];

macro_rules! rules {
    (
        named { $($name:ident $id:literal $level:ident $meaning:literal $differs:literal)* }
        schemas { $($aspect:ident $suffix:literal $levels:expr, $says:literal $unlike:literal)* }
    ) => {
        /// The rules that are about one part of an operation.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Named { $($name),* }

        /// What can change about a schema, wherever it stands.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(super) enum Aspect { $($aspect),* }

        const NAMED: usize = [$(Named::$name),*].len();

        /// Every rule: first those about parts of operations, then those about schemas, each
        /// wherever a schema can stand.
        pub static RULES: &[Rule] = &[
            $(Rule { id: $id, aspect: $id, level: $level, meaning: $meaning, differs: $differs },)*
            $(
                rules!(@schema "request-body-" 0 $suffix $levels, $says $unlike),
                rules!(@schema "request-property-" 0 $suffix $levels, $says $unlike),
                rules!(@schema "request-parameter-" 0 $suffix $levels, $says $unlike),
                rules!(@schema "request-parameter-property-" 0 $suffix $levels, $says $unlike),
                rules!(@schema "response-body-" 1 $suffix $levels, $says $unlike),
                rules!(@schema "response-property-" 1 $suffix $levels, $says $unlike),
                rules!(@schema "response-header-" 1 $suffix $levels, $says $unlike),
            )*
        ];
    };
    (@schema $stand:literal $direction:literal $suffix:literal $levels:expr, $says:literal $unlike:literal) => {
        Rule { id: concat!($stand, $suffix), aspect: $suffix, level: $levels[$direction], meaning: $says, differs: $unlike }
    };
}

impl Named {
    pub(super) fn rule(self) -> &'static Rule {
        &RULES[self as usize]
    }
}

impl Aspect {
    pub(super) fn rule(self, stand: Stand) -> &'static Rule {
        &RULES[NAMED + self as usize * 7 + stand as usize]
    }
}

#[rustfmt::skip] // One rule, one line.
rules! {
    named {
        EndpointAdded "endpoint-added" Info "an operation is new" ""
        ApiRemovedWithoutDeprecation "api-removed-without-deprecation" Breaking "an operation is gone that was not deprecated" ""
        ApiRemovedWithDeprecation "api-removed-with-deprecation" Warning "an operation is gone that was deprecated" "info there, once the sunset date has passed; here no clock is read, and whoever still calls it breaks"
        EndpointDeprecated "endpoint-deprecated" Info "an operation is deprecated, without a date" "breaking there with stability levels"
        EndpointDeprecatedWithSunset "endpoint-deprecated-with-sunset" Info "an operation is deprecated and has a day of removal in `x-sunset`" ""
        EndpointReactivated "endpoint-reactivated" Info "an operation is no longer deprecated" ""
        SunsetDeleted "sunset-deleted" Warning "a deprecated operation no longer says when it goes" "breaking there, as a matter of policy; no call fails by it"
        SunsetEarlier "api-sunset-date-changed-too-small" Breaking "an operation goes earlier than was said" "there also when the day is too near today; here no clock is read"
        SunsetLater "api-sunset-date-moved-later" Info "an operation stays longer than was said" "not reported there"
        OperationIdRemoved "api-operation-id-removed" Info "an operationId is gone or another" ""
        OperationIdAdded "api-operation-id-added" Info "an operation has an operationId now" ""
        PathParameterRenamed "api-path-parameter-renamed" Info "a parameter in the path has another name; requests are the same" "not reported there"
        ServerAdded "api-server-added" Info "an address of the API is new" "not reported there"
        ServerRemoved "api-server-removed" Warning "an address of the API is no longer listed" "not reported there"
        WebhookAdded "webhook-added" Info "a webhook is new" ""
        WebhookRemoved "webhook-removed" Breaking "a webhook is gone" ""
        SecurityAdded "api-security-added" Info "there is one more way to authenticate" ""
        SecurityRemoved "api-security-removed" Breaking "a way to authenticate no longer works" ""
        SecurityRequired "api-security-became-required" Breaking "requests without authentication are refused now" "there a way that was added, info"
        SecurityOptional "api-security-became-optional" Info "requests without authentication are taken now" "there a way that was removed, breaking"
        SecurityScopeAdded "api-security-scope-added" Breaking "a way to authenticate needs one more scope" ""
        SecurityScopeRemoved "api-security-scope-removed" Info "a way to authenticate needs one scope less" ""
        NewRequiredParameter "new-required-request-parameter" Breaking "there is a new parameter that must be sent" ""
        NewOptionalParameter "new-optional-request-parameter" Info "there is a new parameter that may be sent" ""
        ParameterRemoved "request-parameter-removed" Warning "a parameter is gone; it may be ignored or refused" ""
        ParameterRemovedWithDeprecation "request-parameter-removed-with-deprecation" Info "a deprecated parameter is gone" ""
        ParameterMoved "request-parameter-in-changed" Breaking "a parameter is sent in another place" "there a parameter that is removed and one that is new"
        ParameterBecameRequired "request-parameter-became-required" Breaking "a parameter must be sent now" ""
        ParameterBecameOptional "request-parameter-became-optional" Info "a parameter may be left out now" ""
        ParameterStyleChanged "request-parameter-style-changed" Breaking "arrays or objects are written differently (`style`, `explode`, `content`)" "not reported there"
        BodyAddedRequired "request-body-added-required" Breaking "a body must be sent where there was none" ""
        BodyAddedOptional "request-body-added-optional" Info "a body may be sent where there was none" ""
        BodyRemoved "request-body-removed" Breaking "no body is taken any more" ""
        BodyBecameRequired "request-body-became-required" Breaking "the body must be sent now" ""
        BodyBecameOptional "request-body-became-optional" Info "the body may be left out now" ""
        RequestMediaTypeAdded "request-body-media-type-added" Info "the body may be sent as another media type" ""
        RequestMediaTypeRemoved "request-body-media-type-removed" Breaking "the body is no longer taken as a media type" ""
        NewRequiredProperty "new-required-request-property" Breaking "there is a new property that must be sent" ""
        NewOptionalProperty "new-optional-request-property" Info "there is a new property that may be sent" ""
        RequestPropertyRemoved "request-property-removed" Warning "a property is gone; it may be ignored or refused" ""
        RequestPropertyRefused "request-property-removed-from-closed-object" Breaking "a property is gone from an object that takes no others" "there a property that is removed, a warning"
        RequestPropertyBecameRequired "request-property-became-required" Breaking "a property must be sent now" ""
        RequestPropertyBecameOptional "request-property-became-optional" Info "a property may be left out now" ""
        RequestPropertyBecameReadOnly "request-property-became-read-only" Warning "a property is no longer taken from the client" "info there; what was sent so far is lost"
        RequestRequiredNotReadOnly "request-required-property-became-not-read-only" Breaking "a property that the server set must be sent now" "info there; a request without it is refused"
        RequestOptionalNotReadOnly "request-optional-property-became-not-read-only" Info "a property that the server set may be sent now" ""
        NewRequiredParameterProperty "new-required-request-parameter-property" Breaking "there is a new property of a parameter that must be sent" "only for headers there"
        NewOptionalParameterProperty "new-optional-request-parameter-property" Info "there is a new property of a parameter that may be sent" "not reported there"
        ParameterPropertyRemoved "request-parameter-property-removed" Warning "a property of a parameter is gone; it may be ignored or refused" "not reported there"
        ParameterPropertyRefused "request-parameter-property-removed-from-closed-object" Breaking "a property is gone from a parameter that takes no others" "not reported there"
        ParameterPropertyBecameRequired "request-parameter-property-became-required" Breaking "a property of a parameter must be sent now" "only for headers there"
        ParameterPropertyBecameOptional "request-parameter-property-became-optional" Info "a property of a parameter may be left out now" "not reported there"
        SuccessStatusAdded "response-success-status-added" Info "a status from 200 to 299 is new" ""
        SuccessStatusRemoved "response-success-status-removed" Breaking "a status from 200 to 299 is no longer documented" ""
        NonSuccessStatusAdded "response-non-success-status-added" Info "another status, or the default, is new" ""
        NonSuccessStatusRemoved "response-non-success-status-removed" Warning "another status, or the default, is no longer documented" "info there; code that handles it may never run again, or not as it should"
        StatusMerged "response-status-merged" Info "a status is answered like the range or the default that stands for it now" "there a status that is removed"
        StatusSingledOut "response-status-singled-out" Info "a status has a response of its own now, no longer that of its range or of the default" "there a status that is added"
        ResponseMediaTypeAdded "response-media-type-added" Info "the response may be had as another media type" ""
        ResponseMediaTypeRemoved "response-media-type-removed" Breaking "the response is no longer sent as a media type" ""
        HeaderAdded "response-header-added" Info "a response has a new header" ""
        RequiredHeaderRemoved "required-response-header-removed" Breaking "a header is gone that every response had" ""
        OptionalHeaderRemoved "optional-response-header-removed" Warning "a header is gone that a response could have" ""
        HeaderBecameRequired "response-header-became-required" Info "every response has a header now" "not reported there"
        HeaderBecameOptional "response-header-became-optional" Breaking "a header may be missing now" ""
        ResponseRequiredAdded "response-required-property-added" Info "answers have a new property" ""
        ResponseOptionalAdded "response-optional-property-added" Info "answers may have a new property" ""
        ResponseRequiredRemoved "response-required-property-removed" Breaking "a property is gone that every response had" ""
        ResponseOptionalRemoved "response-optional-property-removed" Warning "a property is gone that a response could have" "info there; whoever reads it finds it no more"
        ResponsePropertyBecameRequired "response-property-became-required" Info "a property is never missing any more" ""
        ResponsePropertyBecameOptional "response-property-became-optional" Breaking "a property may be missing now" ""
        ResponseRequiredWriteOnly "response-required-property-became-write-only" Breaking "a property is no longer answered that every response had" "info there; it is gone from every response"
        ResponseOptionalWriteOnly "response-optional-property-became-write-only" Warning "a property is no longer answered that a response could have" "info there; whoever reads it finds it no more"
        ResponseRequiredNotWriteOnly "response-required-property-became-not-write-only" Info "answers have a property that was only sent so far" "a warning there; readers take new properties elsewhere too"
        ResponseOptionalNotWriteOnly "response-optional-property-became-not-write-only" Info "answers may have a property that was only sent so far" ""
    }
    schemas {
        TypeGeneralized "type-generalized" WIDENS, "more types are taken" ""
        TypeSpecialized "type-specialized" NARROWS, "fewer types are taken" "in requests `type-changed` there"
        TypeChanged "type-changed" BREAKS, "other types are taken" ""
        FormatAdded "format-added" NARROWS, "a format is demanded" "formats are part of the type there"
        FormatRemoved "format-removed" WIDENS, "no format is demanded any more" "formats are part of the type there"
        FormatGeneralized "format-generalized" WIDENS, "a wider format is demanded: `int64` for `int32`, `double` for `float`" "formats are part of the type there"
        FormatSpecialized "format-specialized" NARROWS, "a narrower format is demanded: `int32` for `int64`, `float` for `double`" "formats are part of the type there"
        FormatChanged "format-changed" BREAKS, "another format is demanded" "formats are part of the type there"
        ContentEncodingChanged "content-encoding-changed" BREAKS, "bytes are written differently in a string" "`format: byte` counts as base64"
        ContentMediaTypeChanged "content-media-type-changed" BREAKS, "a string holds another kind of content" "`format: binary` counts as application/octet-stream"
        BecameNullable "became-nullable" WIDENS, "null is taken now, however that is written" "with `oneOf` a false alarm there"
        BecameNotNullable "became-not-nullable" NARROWS, "null is no longer taken" "with `oneOf` a false alarm there"
        BecameEnum "became-enum" NARROWS, "only listed values are taken now; a `const` is a list of one" "in responses not reported there"
        BecameNotEnum "became-not-enum" WIDENS, "any values are taken now, not only listed ones" "not reported there"
        EnumValueAdded "enum-value-added" [Info, Warning], "one more value is taken" ""
        EnumValueRemoved "enum-value-removed" NARROWS, "a value is no longer taken" ""
        ExtensibleEnumValueAdded "x-extensible-enum-value-added" HARMLESS, "one more value is known of an open enum (`x-extensible-enum`)" "not reported there"
        ExtensibleEnumValueRemoved "x-extensible-enum-value-removed" NARROWS, "a value is no longer known of an open enum (`x-extensible-enum`)" "in responses not reported there"
        ConstChanged "const-changed" BREAKS, "the only value is another" ""
        MaxSet "max-set" NARROWS, "a number must be at most something" "`exclusive-max-set` there when the bound itself is excluded"
        MaxUnset "max-unset" WIDENS, "a number need not be at most anything any more" "not reported there"
        MaxIncreased "max-increased" WIDENS, "a number must be at most something greater" "`exclusive-max-increased` there when the bound itself is excluded"
        MaxDecreased "max-decreased" NARROWS, "a number must be at most something less" "`exclusive-max-decreased` there when the bound itself is excluded"
        MinSet "min-set" NARROWS, "a number must be at least something" "`exclusive-min-set` there when the bound itself is excluded"
        MinUnset "min-unset" WIDENS, "a number need not be at least anything any more" "not reported there"
        MinIncreased "min-increased" NARROWS, "a number must be at least something greater" "`exclusive-min-increased` there when the bound itself is excluded"
        MinDecreased "min-decreased" WIDENS, "a number must be at least something less" "`exclusive-min-decreased` there when the bound itself is excluded"
        MaxLengthSet "max-length-set" NARROWS, "it is limited how many characters a string has at most" ""
        MaxLengthUnset "max-length-unset" WIDENS, "it is no longer limited how many characters a string has at most" ""
        MaxLengthIncreased "max-length-increased" WIDENS, "the number of characters a string has at most is greater" ""
        MaxLengthDecreased "max-length-decreased" NARROWS, "the number of characters a string has at most is less" ""
        MinLengthSet "min-length-set" NARROWS, "it is limited how many characters a string has at least" ""
        MinLengthUnset "min-length-unset" WIDENS, "it is no longer limited how many characters a string has at least" ""
        MinLengthIncreased "min-length-increased" NARROWS, "the number of characters a string has at least is greater" ""
        MinLengthDecreased "min-length-decreased" WIDENS, "the number of characters a string has at least is less" ""
        MaxItemsSet "max-items-set" NARROWS, "it is limited how many entries an array has at most" ""
        MaxItemsUnset "max-items-unset" WIDENS, "it is no longer limited how many entries an array has at most" ""
        MaxItemsIncreased "max-items-increased" WIDENS, "the number of entries an array has at most is greater" ""
        MaxItemsDecreased "max-items-decreased" NARROWS, "the number of entries an array has at most is less" ""
        MinItemsSet "min-items-set" NARROWS, "it is limited how many entries an array has at least" ""
        MinItemsUnset "min-items-unset" WIDENS, "it is no longer limited how many entries an array has at least" ""
        MinItemsIncreased "min-items-increased" NARROWS, "the number of entries an array has at least is greater" ""
        MinItemsDecreased "min-items-decreased" WIDENS, "the number of entries an array has at least is less" ""
        MaxPropertiesSet "max-properties-set" NARROWS, "it is limited how many properties an object has at most" ""
        MaxPropertiesUnset "max-properties-unset" WIDENS, "it is no longer limited how many properties an object has at most" ""
        MaxPropertiesIncreased "max-properties-increased" WIDENS, "the number of properties an object has at most is greater" ""
        MaxPropertiesDecreased "max-properties-decreased" NARROWS, "the number of properties an object has at most is less" ""
        MinPropertiesSet "min-properties-set" NARROWS, "it is limited how many properties an object has at least" ""
        MinPropertiesUnset "min-properties-unset" WIDENS, "it is no longer limited how many properties an object has at least" ""
        MinPropertiesIncreased "min-properties-increased" NARROWS, "the number of properties an object has at least is greater" ""
        MinPropertiesDecreased "min-properties-decreased" WIDENS, "the number of properties an object has at least is less" ""
        MultipleOfAdded "multiple-of-added" NARROWS, "a number must be a multiple of something" "not reported there"
        MultipleOfRemoved "multiple-of-removed" WIDENS, "a number need not be a multiple of anything any more" "not reported there"
        MultipleOfGeneralized "multiple-of-generalized" WIDENS, "a number must be a multiple of a divisor of what it was" "not reported there"
        MultipleOfSpecialized "multiple-of-specialized" NARROWS, "a number must be a multiple of a multiple of what it was" "not reported there"
        MultipleOfChanged "multiple-of-changed" BREAKS, "a number must be a multiple of something else" "not reported there"
        PatternAdded "pattern-added" NARROWS, "a pattern is demanded" ""
        PatternRemoved "pattern-removed" WIDENS, "a pattern is no longer demanded" ""
        PatternChanged "pattern-changed" UNKNOWN, "another pattern is demanded" ""
        UniqueItemsAdded "unique-items-added" NARROWS, "entries of an array must differ" "not reported there"
        UniqueItemsRemoved "unique-items-removed" WIDENS, "entries of an array may be equal" "not reported there"
        AdditionalPropertiesClosed "additional-properties-closed" NARROWS, "properties without a schema are no longer taken" "not reported there"
        AdditionalPropertiesOpened "additional-properties-opened" [Info, Warning], "properties without a schema are taken now" "not reported there"
        PatternPropertyAdded "pattern-property-added" NARROWS, "properties whose names match a pattern are restricted" ""
        PatternPropertyRemoved "pattern-property-removed" WIDENS, "properties whose names match a pattern are no longer restricted" ""
        OneOfAdded "one-of-added" WIDENS, "one more alternative is taken (`oneOf`)" "a change inside an alternative is reported as what it is, there it can be missed"
        OneOfRemoved "one-of-removed" NARROWS, "an alternative is no longer taken (`oneOf`)" ""
        AnyOfAdded "any-of-added" WIDENS, "one more alternative is taken (`anyOf`)" ""
        AnyOfRemoved "any-of-removed" NARROWS, "an alternative is no longer taken (`anyOf`)" ""
        CompositionUncompared "composition-not-compared" UNKNOWN, "compositions multiply to too many alternatives; they differ, compare them by eye" "not reported there"
        DiscriminatorAdded "discriminator-added" HARMLESS, "a property tells the alternatives apart now" ""
        DiscriminatorRemoved "discriminator-removed" UNKNOWN, "no property tells the alternatives apart any more" "info there; code that decides by it cannot go on"
        DiscriminatorPropertyNameChanged "discriminator-property-name-changed" BREAKS, "another property tells the alternatives apart" "info there; code that decides by it reads the wrong property"
        DiscriminatorMappingAdded "discriminator-mapping-added" [Info, Warning], "one more value tells an alternative" "info there; code that decides by it meets a value that it does not know"
        DiscriminatorMappingDeleted "discriminator-mapping-deleted" [Warning, Info], "a value no longer tells an alternative" "info there; requests with it may be refused"
        DiscriminatorMappingChanged "discriminator-mapping-changed" BREAKS, "a value tells another alternative" "info there; code that decides by it reads the wrong alternative"
        NotAdded "not-added" NARROWS, "it is restricted what a value must not be (`not`)" ""
        NotRemoved "not-removed" WIDENS, "it is no longer restricted what a value must not be (`not`)" ""
        NotChanged "not-changed" UNKNOWN, "it is restricted otherwise what a value must not be (`not`)" "only partly reported there"
        IfAdded "if-added" NARROWS, "it is restricted what holds on a condition (`if`, `then`, `else`)" ""
        IfRemoved "if-removed" WIDENS, "it is no longer restricted what holds on a condition (`if`, `then`, `else`)" ""
        IfChanged "if-changed" UNKNOWN, "it is restricted otherwise what holds on a condition (`if`, `then`, `else`)" "only partly reported there"
        ContainsAdded "contains-added" NARROWS, "it is restricted what an array must contain (`contains`)" ""
        ContainsRemoved "contains-removed" WIDENS, "it is no longer restricted what an array must contain (`contains`)" ""
        ContainsChanged "contains-changed" UNKNOWN, "it is restricted otherwise what an array must contain (`contains`)" "only partly reported there"
        DependentRequiredAdded "dependent-required-added" NARROWS, "it is restricted which properties demand others (`dependentRequired`)" ""
        DependentRequiredRemoved "dependent-required-removed" WIDENS, "it is no longer restricted which properties demand others (`dependentRequired`)" ""
        DependentRequiredChanged "dependent-required-changed" UNKNOWN, "it is restricted otherwise which properties demand others (`dependentRequired`)" "only partly reported there"
        DependentSchemasAdded "dependent-schemas-added" NARROWS, "it is restricted what properties demand of the rest (`dependentSchemas`)" ""
        DependentSchemasRemoved "dependent-schemas-removed" WIDENS, "it is no longer restricted what properties demand of the rest (`dependentSchemas`)" ""
        DependentSchemasChanged "dependent-schemas-changed" UNKNOWN, "it is restricted otherwise what properties demand of the rest (`dependentSchemas`)" "only partly reported there"
        PropertyNamesAdded "property-names-added" NARROWS, "it is restricted how properties may be called (`propertyNames`)" ""
        PropertyNamesRemoved "property-names-removed" WIDENS, "it is no longer restricted how properties may be called (`propertyNames`)" ""
        PropertyNamesChanged "property-names-changed" UNKNOWN, "it is restricted otherwise how properties may be called (`propertyNames`)" "only partly reported there"
        UnevaluatedPropertiesAdded "unevaluated-properties-added" NARROWS, "it is restricted what properties beyond all compositions may be (`unevaluatedProperties`)" ""
        UnevaluatedPropertiesRemoved "unevaluated-properties-removed" WIDENS, "it is no longer restricted what properties beyond all compositions may be (`unevaluatedProperties`)" ""
        UnevaluatedPropertiesChanged "unevaluated-properties-changed" UNKNOWN, "it is restricted otherwise what properties beyond all compositions may be (`unevaluatedProperties`)" "only partly reported there"
        UnevaluatedItemsAdded "unevaluated-items-added" NARROWS, "it is restricted what entries beyond all compositions may be (`unevaluatedItems`)" ""
        UnevaluatedItemsRemoved "unevaluated-items-removed" WIDENS, "it is no longer restricted what entries beyond all compositions may be (`unevaluatedItems`)" ""
        UnevaluatedItemsChanged "unevaluated-items-changed" UNKNOWN, "it is restricted otherwise what entries beyond all compositions may be (`unevaluatedItems`)" "only partly reported there"
        ContentSchemaAdded "content-schema-added" NARROWS, "it is restricted what the content of a string must be (`contentSchema`)" ""
        ContentSchemaRemoved "content-schema-removed" WIDENS, "it is no longer restricted what the content of a string must be (`contentSchema`)" ""
        ContentSchemaChanged "content-schema-changed" UNKNOWN, "it is restricted otherwise what the content of a string must be (`contentSchema`)" "only partly reported there"
        DefaultValueAdded "default-value-added" HARMLESS, "there is a default" ""
        DefaultValueChanged "default-value-changed" [Warning, Info], "the default is another" "info there; whoever leaves the value out gets something else now"
        DefaultValueRemoved "default-value-removed" [Warning, Info], "there is no default any more" "info there; whoever leaves the value out gets something else now"
        Deprecated "deprecated" HARMLESS, "it is deprecated" ""
        Reactivated "reactivated" HARMLESS, "it is no longer deprecated" ""
    }
}
