//! What need not be exercised, and why. A row that is exercised after all fails: it must go.

/// One reason, and what it exemptions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exemption {
    pub(crate) points: &'static [&'static str],
    pub(crate) reason: &'static str,
}

/// The table.
pub(crate) const EXCUSES: &[Exemption] = &[
    Exemption {
        points: &[
            "delete-contact status 4XX",
            "delete-customer status 4XX",
            "delete-onboarding status 4XX",
            "get-contact status 4XX",
            "get-customer status 4XX",
            "get-health status 4XX",
            "get-me status 4XX",
            "get-onboarding status 4XX",
            "list-customer-contacts status 4XX",
            "list-customer-onboardings status 4XX",
            "list-customers status 4XX",
            "list-onboardings status 4XX",
        ],
        reason: "a request without a body is refused as its operation documents, and in no other way; with another method \
                 or path it is no request of the operation",
    },
    Exemption {
        points: &[
            "create-onboarding answers wizard_completed_at",
            "get-onboarding answers wizard_completed_at",
            "list-customer-onboardings answers data[].wizard_completed_at",
            "list-onboardings answers data[].wizard_completed_at",
            "update-onboarding answers wizard_completed_at",
        ],
        reason: "the wizard of the app sets it, and no call does",
    },
    Exemption {
        points: &["list-customer-onboardings answers next_cursor"],
        reason: "the list is not paged",
    },
    Exemption {
        points: &["create-customer answers slug = null"],
        reason: "a create that gives no slug gets one made from the name",
    },
];
