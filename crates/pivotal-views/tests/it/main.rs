//! The markup of the pages.

mod sandbox;

use pivotal_views::{Board, Card, ChangeLevel, Phase, Timeline, Version, VersionChange};

fn board(customer: &str) -> Board {
    let card = Card {
        number: 54,
        customer: customer.to_owned(),
        link: Some("https://pivotal.test/customers/48-aurora".to_owned()),
        state: "at_risk".to_owned(),
        owner: Some("person-1".to_owned()),
        age_days: 1,
        launch: Some("2026-05-20".to_owned()),
        overdue_days: Some(7),
        waiting_days: Some(12),
    };
    let listed = Phase {
        name: "program_design".to_owned(),
        states: vec![("at_risk".to_owned(), 1)],
        cards: Some(vec![card]),
    };
    let counted = Phase {
        name: "completed".to_owned(),
        states: vec![("active".to_owned(), 2), ("new_state".to_owned(), 1)],
        cards: None,
    };
    Board {
        workspace: "Aurora & Co".to_owned(),
        as_of: "2026-05-27 10:24 UTC".to_owned(),
        phases: vec![listed, counted],
        notes: vec!["Incomplete: 1 onboardings could not be read.".to_owned()],
    }
}

/// What is between these two in the page of a board.
pub(crate) fn between<'p>(page: &'p str, start: &str, end: &str) -> &'p str {
    let (_, rest) = page.split_once(start).expect("the page has the start");
    rest.split_once(end).expect("the page has the end").0
}

#[test]
fn the_page_of_a_board() {
    let page = board("Aurora Outfitters").page();
    let body = between(&page, "<body>", "<script>").replace("><", ">\n<");
    insta::assert_snapshot!(body);
}

#[test]
fn the_policy_permits_the_style_and_the_script_by_their_hashes_and_nothing_else() {
    let page = board("Aurora Outfitters").page();
    let policy = between(&page, "Content-Security-Policy\" content=\"", "\"");
    insta::assert_snapshot!(policy.replace("; ", "\n"));
    assert_eq!(
        page.matches("<style>").count() + page.matches("<script>").count(),
        2
    );
    assert!(!page.contains(" style=") && !page.contains("http-equiv=\"refresh"));
}

#[test]
fn names_are_text_of_bounded_length_and_a_direction_of_their_own() {
    let hostile = r#"</bdi></script><script>alert("1")</script><img src=x onerror='1'>"#;
    let page = board(hostile).page();
    let name = "<bdi>&lt;/bdi&gt;&lt;/script&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;";
    assert!(page.contains(name), "{page}");
    assert_eq!(page.matches("<script").count(), 1);
    assert!(!page.contains("<img"));

    let usual = board("Aurora").page().len();
    let long = board(&"\u{202e}ä".repeat(10_000)).page();
    assert!(long.len() < usual + 1_000, "{}", long.len());
    assert!(long.contains("ä…</bdi>"));
}

#[test]
fn the_page_of_a_timeline() {
    let change = |level, message: &str, places: usize| VersionChange {
        level,
        rule: "response-property-became-nullable".to_owned(),
        message: message.to_owned(),
        promise: (level == ChangeLevel::Breaking).then(|| "fields-stay".to_owned()),
        places: (0..places).map(|n| format!("GET /teas/{n}")).collect(),
    };
    let version = |commit: &str, changes| Version {
        date: "2026-05-27 10:24 UTC".to_owned(),
        commit: commit.to_owned(),
        subject: "Change <b>teas</b>".to_owned(),
        stated: Some("1.1.0".to_owned()),
        advice: Some("no release.".to_owned()),
        note: None,
        changes,
    };
    let changes = vec![
        change(ChangeLevel::Breaking, "null is allowed <now>", 1),
        change(ChangeLevel::Warning, "`b` is removed", 10),
        change(ChangeLevel::Info, "`c` is new", 9),
    ];
    let unread = Version {
        advice: None,
        note: Some("Not compared.".to_owned()),
        ..version("cafe", Vec::new())
    };
    let timeline = Timeline {
        file: "api.json".to_owned(),
        notes: vec!["Incomplete: versions that could not be read: 1.".to_owned()],
        versions: vec![version("beef", changes), unread],
    };
    let page = timeline.page();
    let body = between(&page, "<body>", "</body>").replace("><", ">\n<");
    insta::assert_snapshot!(body);
    assert!(page.contains("script-src 'none'"));
}
