//! `pivotal board --html`, as a browser shows it.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::browser::{Browser, LOOKS, hostile_names};
use crate::running::Served;

const KEY: &str = "pivotal_test_boardPage";

/// The page of a sandbox with rows, some of which have owners, and names that try to break the page.
fn page(folder: &Path) -> PathBuf {
    let server = Served::seeded(KEY);
    let run = |arguments: &[&str]| server.run(KEY, arguments);
    let names = hostile_names();
    for (number, name) in names.iter().enumerate() {
        run(&[
            "customers",
            "create",
            "--json",
            &json!({ "name": name, "slug": format!("hostile-{number}") }).to_string(),
        ]);
        let customer = format!("customer_id={}", 49 + number);
        run(&[
            "onboardings",
            "create",
            "--set",
            &customer,
            "--set",
            &format!("csm_id=\"><script>x</script>{}", "x".repeat(100)),
            "--set",
            "waiting_on_customer=true",
        ]);
    }
    for onboarding in [2, 10, 18] {
        run(&[
            "onboardings",
            "update",
            &onboarding.to_string(),
            "--set",
            "csm_id=person-1",
        ]);
    }
    let file = folder.join("board.html");
    let name = file.to_str().expect("the path is text");
    run(&["board", "--html", name, "--now", "2026-05-27T10:24:00Z"]);
    file
}

const SHOWN: &str = r#"
({ cards: [...document.querySelectorAll(".card")].filter((card) => card.checkVisibility()).length,
   status: document.getElementById("shown").textContent,
   counts: [...document.querySelectorAll(".phase[data-listed] .count")].reduce((sum, node) => sum + Number(node.textContent), 0) })"#;

#[test]
fn the_page_of_the_board_works_in_a_browser() {
    let Some(mut browser) = Browser::start_for("the page of the board is") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let file = format!("file://{}", page(folder.path()).display());
    for (width, scheme) in LOOKS {
        browser.open(&file, width, scheme);
        let dark = browser.value("matchMedia('(prefers-color-scheme: dark)').matches");
        assert_eq!(dark, scheme == "dark");
        browser.check_looks(&format!("board-{width}-{scheme}"));
    }

    // It requests nothing, and what a name tries is text.
    for request in browser.reported("Network.requestWillBeSent") {
        let url = request["request"]["url"].as_str().unwrap();
        assert!(url == file || url.starts_with("data:"), "{url}");
    }
    assert_eq!(browser.reported("Log.entryAdded"), [&Value::Null; 0]);
    assert_eq!(
        browser.reported("Runtime.consoleAPICalled"),
        [&Value::Null; 0]
    );
    assert_eq!(
        browser.reported("Runtime.exceptionThrown"),
        [&Value::Null; 0]
    );
    assert_eq!(browser.value("document.title"), "Onboardings of Sandbox");
    assert_eq!(
        browser.value("document.images.length + document.scripts.length"),
        1
    );
    let text = browser.value("document.body.innerText");
    let text = text.as_str().unwrap();
    assert!(
        text.contains("<script>document.title") && text.contains(r"\u{202e}gnp.exe"),
        "{text}"
    );
    assert!(!text.contains(['\u{202e}', '\u{2066}', '\u{1b}']), "{text}");

    // The filters, by keyboard: to the first control, then another state.
    let all = browser.value(SHOWN);
    assert_eq!(
        all,
        json!({ "cards": 46, "status": "46 of 46 onboardings shown", "counts": 46 })
    );
    browser.press("Tab", 9);
    assert_eq!(browser.value("document.activeElement.className"), "skip");
    browser.press("Tab", 9);
    assert_eq!(browser.value("document.activeElement.name"), "state");
    browser.press("ArrowDown", 40);
    let expected = browser.value("document.querySelectorAll('[data-state=active]').length");
    let active = browser.value(SHOWN);
    assert_eq!(active["cards"], expected);
    assert_eq!(active["counts"], expected);
    assert_eq!(
        active["status"],
        format!("{expected} of 46 onboardings shown")
    );
    let owner = "(value) => { const owner = document.querySelector('[name=owner]'); owner.value = value; \
        owner.dispatchEvent(new Event('change', { bubbles: true })); }";
    browser.value("document.querySelector('[name=state]').value = '*'");
    browser.value(&format!("({owner})('person-1')"));
    assert_eq!(browser.value(SHOWN)["cards"], 3);
    browser.value(&format!("({owner})('')"));
    assert_eq!(browser.value(SHOWN)["cards"], 39);
    // The filter finds as many as the total says, whatever their state.
    browser.value("document.querySelector('[name=owner]').value = '*'");
    browser.value("document.querySelector('[name=state]').value = '*waiting'");
    browser.value("document.querySelector('[name=state]').dispatchEvent(new Event('change', { bubbles: true }))");
    let waiting = browser.value(SHOWN)["cards"].clone();
    let total = "Number(document.querySelector('.facts li:last-child strong').textContent)";
    assert_eq!(waiting, browser.value(total));
    assert!(waiting.as_u64() >= Some(4), "{waiting}");
    browser.value("document.querySelector('[type=reset]').click()");
    browser.value("new Promise((done) => setTimeout(done))");
    assert_eq!(browser.value(SHOWN), all);

    // What a screen reader finds.
    let nodes = browser.call("Accessibility.getFullAXTree", json!({}))["nodes"].clone();
    let has = |role: &str, name: &str| {
        let mut nodes = nodes.as_array().unwrap().iter();
        nodes.any(|node| node["role"]["value"] == role && node["name"]["value"] == name)
    };
    for (role, name) in [
        ("heading", "Onboardings of Sandbox"),
        ("search", "Filter the onboardings"),
        ("combobox", "State"),
        ("combobox", "Owner"),
        ("table", "By phase and state"),
        ("region", "Program design"),
        ("rowheader", "Program design"),
        ("status", ""),
        ("main", ""),
    ] {
        assert!(has(role, name), "{role} {name}");
    }

    browser.check_policy();
}
