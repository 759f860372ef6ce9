//! The pages of the sandbox.

use pivotal_views::{
    Action, ArmedFault, Board, Card, Choice, Contact, Controls, CustomerPage, CustomerRow,
    Customers, Links, RequestPage, RequestRow, Requests, ServedPage, WebhookEvent, Webhooks,
};

use crate::between;

/// What a person reads of a page, with its markup.
fn body(page: &ServedPage) -> String {
    between(&page.html, "<header>", "<footer>").replace("><", ">\n<")
}

fn choice(chosen: Option<&str>) -> Choice {
    Choice {
        name: "status",
        label: "Status",
        all: "All",
        values: vec!["active".to_owned(), "at_risk".to_owned()],
        chosen: chosen.map(str::to_owned),
    }
}

fn request() -> RequestRow {
    RequestRow {
        number: 7,
        at: "2026-05-26T17:21:09.412Z".to_owned(),
        method: "POST".to_owned(),
        target: "/api/v1/customers?a=<b>".to_owned(),
        status: Some(503),
        took: Some("0.3 ms".to_owned()),
        replayed: true,
        fault: Some("status=503".to_owned()),
    }
}

fn customer() -> CustomerRow {
    CustomerRow {
        number: 2,
        name: "Aurora <b>Outfitters</b>".to_owned(),
        link: "/customers/2-aurora".to_owned(),
        domain: Some("aurora.com".to_owned()),
        same_domain: Some((2, "/customers?search=aurora.com".to_owned())),
        status: "at_risk".to_owned(),
        plan: None,
        mrr: Some("2,400.00".to_owned()),
        created: "2026-05-26".to_owned(),
    }
}

#[test]
fn the_list_of_customers() {
    let customers = Customers {
        search: "\"aur".to_owned(),
        choices: vec![choice(Some("at_risk")), choice(Some("unlisted"))],
        rows: vec![customer()],
        links: Links {
            first: 51,
            total: 60,
            previous: Some("/customers?search=%22aur".to_owned()),
            next: Some("/customers?search=%22aur&after=2".to_owned()),
        },
    };
    insta::assert_snapshot!(body(&customers.page()));
    let one = Customers {
        links: Links {
            first: 1,
            total: 1,
            ..Links::default()
        },
        ..customers.clone()
    };
    let page = one.page().html;
    assert!(page.contains("1–1 of 1 customer<"), "{page}");
    let none = Customers {
        rows: Vec::new(),
        links: Links::default(),
        ..customers
    };
    let page = none.page().html;
    assert!(
        page.contains("No customers") && !page.contains("<table"),
        "{page}"
    );
}

#[test]
fn a_customer() {
    let onboarding = Card {
        number: 4,
        state: "at_risk".to_owned(),
        launch: Some("2026-05-20".to_owned()),
        overdue_days: Some(7),
        waiting_days: Some(1),
        ..Card::default()
    };
    let customer = CustomerPage {
        customer: customer(),
        fields: vec![
            ("plan".to_owned(), None),
            ("slug".to_owned(), Some("aurora".to_owned())),
        ],
        contacts: vec![Contact {
            number: 3,
            name: "Mira Chen".to_owned(),
            email: "mira@aurora.com".to_owned(),
            title: None,
            primary: true,
            labels: vec!["billing".to_owned(), "technical".to_owned()],
        }],
        onboardings: vec![("internal_qa".to_owned(), onboarding)],
        activity: vec![Action {
            at: "2026-05-26T17:21:09.412Z".to_owned(),
            who: "API: Sandbox key".to_owned(),
            what: "Created the customer".to_owned(),
        }],
        notes: vec!["50 of 60 contacts are listed.".to_owned()],
    };
    insta::assert_snapshot!(body(&customer.page()));
}

#[test]
fn the_board_has_a_form_in_place_of_its_script() {
    let board = Board {
        as_of: "2026-05-27 10:24 UTC".to_owned(),
        ..Board::default()
    };
    let page = board.served(&[choice(None)]);
    insta::assert_snapshot!(body(&page));
    assert!(!page.html.contains("<script"));
}

#[test]
fn the_journal_and_a_request() {
    let running = RequestRow {
        number: 8,
        status: None,
        took: None,
        replayed: false,
        fault: None,
        ..request()
    };
    let requests = Requests {
        show: choice(None),
        rows: vec![running, request()],
        links: Links {
            first: 1,
            total: 2,
            ..Links::default()
        },
    };
    let list = requests.page();
    let one = RequestPage {
        request: request(),
        operation: Some("create-customer".to_owned()),
        headers: vec![("accept".to_owned(), "<b>".to_owned())],
        body: "{\n  \"name\": \"<b>\"\n}".to_owned(),
        note: Some("The body has 70000 bytes, and is cut off here.".to_owned()),
    };
    let one = one.page();
    insta::assert_snapshot!(format!("{}\n\n{}", body(&list), body(&one)));
}

#[test]
fn faults_and_clock_with_forms_and_without() {
    let controls = Controls {
        now: "2026-05-26T17:21:09.412Z".to_owned(),
        frozen: true,
        faults: vec![ArmedFault {
            text: "get-me:status=503:count=1".to_owned(),
            matched: 2,
            applied: 1,
        }],
        operations: vec!["get-me".to_owned()],
        kinds: vec!["status=503".to_owned()],
        read_only: None,
        refused: Some("There is no fault <b>.".to_owned()),
    };
    let forms = controls.page();
    let read_only = Controls {
        faults: Vec::new(),
        frozen: false,
        read_only: Some("To change them here, start the sandbox with --admin."),
        refused: None,
        ..controls
    };
    let read_only = read_only.page();
    insta::assert_snapshot!(format!("{}\n\n{}", body(&forms), body(&read_only)));
}

#[test]
fn webhooks_with_a_form_and_without() {
    let event = |state, attempts: &[(&str, &str)]| WebhookEvent {
        id: "msg_1".to_owned(),
        event_type: "customer.created".to_owned(),
        state,
        payload: "{\n  \"type\": \"<b>\"\n}".to_owned(),
        attempts: attempts
            .iter()
            .map(|(at, answer)| ((*at).to_owned(), (*answer).to_owned()))
            .collect(),
    };
    let refused = ("2026-05-26T17:21:09.412Z", "503 <b>busy</b>");
    let webhooks = Webhooks {
        url: Some("http://127.0.0.1:8788/".to_owned()),
        events: vec![event("pending", &[]), event("given_up", &[refused; 3])],
        total: 60,
        dropped: 3,
        read_only: None,
        refused: Some("There is no such event.".to_owned()),
    };
    let forms = webhooks.page();
    let none = Webhooks {
        url: None,
        events: Vec::new(),
        dropped: 0,
        read_only: Some("To change something here, start the sandbox with --admin."),
        refused: None,
        ..webhooks
    };
    insta::assert_snapshot!(format!("{}\n\n{}", body(&forms), body(&none.page())));
}

#[test]
fn a_problem_and_the_policy_of_a_served_page() {
    let page = ServedPage::problem("Not found", "It never was here.");
    insta::assert_snapshot!(body(&page));
    let in_page = between(&page.html, "Content-Security-Policy\" content=\"", "\"");
    assert_eq!(page.policy, format!("{in_page}; frame-ancestors 'none'"));
    assert!(
        page.policy.contains("script-src 'none'") && page.policy.contains("form-action 'self'")
    );
    // Without its origin a form would be refused.
    assert!(
        page.html
            .contains(r#"<meta name="referrer" content="same-origin">"#)
    );
}
