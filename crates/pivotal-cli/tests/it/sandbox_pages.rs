//! The pages of `pivotal sandbox`, as a browser shows them.

use serde_json::{Value, json};

use crate::browser::{Browser, LOOKS, hostile_names};
use crate::running::Served;

const KEY: &str = "pivotal_test_sandboxPages";

/// Fields without a name that a screen reader could say.
const UNNAMED: &str = r#"
[...document.querySelectorAll("input, select, button, a")]
  .filter((node) => !(node.labels?.length || node.textContent.trim()))
  .map((node) => node.outerHTML)"#;

/// A sandbox with rows, names that try to break a page, and requests of all kinds.
fn sandbox() -> Served {
    // Nothing receives the webhooks.
    let hooks = ["--webhook", "http://127.0.0.1:9/"];
    let options = ["--api-key", KEY, "--seed", "7", "--admin"].into_iter();
    let faults = ["--fault", "update-customer:status=503:count=1"];
    let server = Served::with(options.chain(hooks).chain(faults));
    let run = |arguments: &[&str]| server.run(KEY, arguments);
    let names = hostile_names();
    for (number, name) in names.iter().enumerate() {
        let customer = json!({ "name": name, "slug": format!("hostile-{number}"), "plan": name.chars().take(120).collect::<String>() });
        run(&["customers", "create", "--json", &customer.to_string()]);
        let customer = format!("customer_id={}", 49 + number);
        run(&[
            "onboardings",
            "create",
            "--set",
            &customer,
            "--set",
            "csm_id=\"><script>x</script>",
        ]);
        let contact =
            json!({ "name": name, "email": format!("a{number}@b.com"), "labels": [name] });
        run(&[
            "contacts",
            "create",
            &(49 + number).to_string(),
            "--json",
            &contact.to_string(),
        ]);
    }
    run(&["customers", "update", "49", "--set", "domain=aurora.com"]);
    let data = json!({ "text": names }).to_string();
    run(&["webhooks", "trigger", &names[0], "--json", &data]);
    server
}

#[test]
fn the_pages_of_the_sandbox_work_in_a_browser() {
    let Some(mut browser) = Browser::start_for("the pages of the sandbox are") else {
        return;
    };
    let server = sandbox();
    let at = |path: &str| format!("{}{path}", server.base_url);
    let pages = [
        ("customers", "/"),
        ("customer", "/customers/1"),
        ("hostile", "/customers/49-hostile-0"),
        ("wide", "/customers/52"),
        ("onboardings", "/onboardings"),
        ("requests", "/requests"),
        ("request", "/requests/1"),
        ("webhooks", "/webhooks"),
        ("controls", "/controls"),
        ("missing", "/customers/999"),
    ];
    for (name, path) in pages {
        for (width, scheme) in LOOKS {
            browser.open(&at(path), width, scheme);
            browser.check_looks(&format!("sandbox-{name}-{width}-{scheme}"));
            for request in browser.reported("Network.requestWillBeSent") {
                let url = request["request"]["url"].as_str().unwrap();
                assert!(
                    url.starts_with(&at("/")) || url.starts_with("data:"),
                    "{url}"
                );
            }
            if name != "missing" {
                // Chromium logs a status of 404.
                assert_eq!(
                    browser.reported("Log.entryAdded"),
                    [&Value::Null; 0],
                    "{name}"
                );
            }
        }
        assert_eq!(browser.value(UNNAMED), json!([]), "{name}");
        assert_eq!(
            browser.value("document.scripts.length + document.images.length"),
            0
        );
        assert_eq!(
            browser.value("document.querySelectorAll('h1').length"),
            1,
            "{name}"
        );
        let text = browser.value("document.body.innerText");
        let text = text.as_str().unwrap();
        assert!(
            !text.contains(['\u{202e}', '\u{2066}', '\u{1b}']) && !text.contains(KEY),
            "{text}"
        );
    }

    // By keyboard: past the link to the content to the first page, with a ring around it.
    browser.open(&at("/requests"), 1280, "light");
    browser.press("Tab", 9);
    assert_eq!(browser.value("document.activeElement.className"), "skip");
    browser.press("Tab", 9);
    assert_eq!(
        browser.value("document.activeElement.textContent"),
        "Customers"
    );
    assert_eq!(
        browser.value("getComputedStyle(document.activeElement).outlineStyle"),
        "solid"
    );

    // A filter and a form are sent as the browser sends them.
    browser.open(&at("/customers"), 1280, "light");
    browser.events.clear();
    browser.value("document.querySelector('[name=search]').value = 'hostile'; document.forms[0].requestSubmit()");
    browser.loaded();
    assert_eq!(
        browser.value("document.querySelectorAll('tbody tr').length"),
        4
    );
    browser.open(&at("/controls"), 1280, "light");
    browser.events.clear();
    browser.value("document.querySelector('[name=at]').value = '2026-05-27T09:00:00Z'; document.querySelector('[value=freeze]').click()");
    browser.loaded();
    let now = "document.querySelector('section time').textContent";
    assert_eq!(browser.value(now), "2026-05-27T09:00:00.000Z");

    browser.check_policy();
}
