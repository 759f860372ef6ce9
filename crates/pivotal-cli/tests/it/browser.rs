//! Chromium without a window, driven by the DevTools protocol over two pipes.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// Texts whose contrast with what is behind them is below 4.5, which WCAG asks for.
const LOW_CONTRAST: &str = r#"
(() => {
  const rgb = (text) => text.match(/[\d.]+/g).map(Number);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => (v /= 255, v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (node) => {
    for (; node; node = node.parentElement) {
      const color = rgb(getComputedStyle(node).backgroundColor);
      if (color.length === 3 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  const low = [];
  for (const node of document.body.querySelectorAll("*")) {
    const has_text = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
    if (!has_text || !node.checkVisibility() || node.closest("script")) continue;
    const [a, b] = [light(rgb(getComputedStyle(node).color)), light(behind(node))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) low.push(`${node.className} ${node.textContent.slice(0, 40)} ${ratio.toFixed(2)}`);
  }
  return low;
})()"#;

/// Elements that are wider than the window or than what they stand in.
const TOO_WIDE: &str = r#"
[document.documentElement, ...document.querySelectorAll(".card, .card *, table, form, section, pre")]
  .filter((node) => node.scrollWidth > node.clientWidth + 1 && getComputedStyle(node).display !== "inline"
    || node.getBoundingClientRect().right > innerWidth + 1)
  .map((node) => `${node.tagName} ${node.className} ${node.scrollWidth} > ${node.clientWidth}`)"#;

/// The widths and color schemes in which a page is looked at.
pub(crate) const LOOKS: [(u32, &str); 4] = [
    (1280, "light"),
    (1280, "dark"),
    (390, "light"),
    (390, "dark"),
];

/// Names that try to break a page.
pub(crate) fn hostile_names() -> [String; 4] {
    [
        "<script>document.title = 'taken'</script><img src=x onerror=\"document.title = 'taken'\">"
            .to_owned(),
        "Evil \u{202e}gnp.exe\u{2066} \u{1b}[31m".to_owned(),
        "שלום עולם".to_owned(),
        "W".repeat(255),
    ]
}

/// A browser with one page. It ends with the test.
pub(crate) struct Browser {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    session: Value,
    sent: u64,
    /// What the browser has reported, such as requests and messages of the console.
    pub(crate) events: Vec<Value>,
    _profile: TempDir,
}

impl Browser {
    /// `None` if Chromium is not installed: then it says that this is not tested.
    pub(crate) fn start_for(what: &str) -> Option<Self> {
        let started = Self::start();
        if started.is_none() {
            // Past the capture of the test runner, so that it is seen.
            let skipped = format!("Chromium is not installed: {what} not tested");
            writeln!(std::io::stderr(), "{skipped}").expect("it is open");
        }
        started
    }

    fn start() -> Option<Self> {
        let runs = |name: &&str| {
            let version = Command::new(name).arg("--version").output();
            version.is_ok_and(|output| output.status.success())
        };
        let name = NAMES.into_iter().find(runs)?;
        let profile = tempfile::tempdir().expect("a folder");
        // The browser reads commands from descriptor 3 and writes to descriptor 4.
        let mut child = Command::new("sh")
            .args(["-c", r#"exec "$@" 3<&0 4>&1 0</dev/null 1>/dev/null"#, "sh"])
            .args([name, "--headless", "--remote-debugging-pipe"])
            .args([
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--hide-scrollbars",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("there is a shell");
        let mut browser = Self {
            to: child.stdin.take().expect("it is piped"),
            from: BufReader::new(child.stdout.take().expect("it is piped")),
            child,
            session: Value::Null,
            sent: 0,
            events: Vec::new(),
            _profile: profile,
        };
        let page = loop {
            let targets = browser.call("Target.getTargets", json!({}));
            let targets = targets["targetInfos"].as_array().cloned();
            let mut targets = targets.into_iter().flatten();
            if let Some(page) = targets.find(|target| target["type"] == "page") {
                break page["targetId"].clone();
            }
        };
        let attach = json!({ "targetId": page, "flatten": true });
        browser.session = browser.call("Target.attachToTarget", attach)["sessionId"].clone();
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        Some(browser)
    }

    /// The result of a command.
    pub(crate) fn call(&mut self, method: &str, params: Value) -> Value {
        self.sent += 1;
        let mut command = json!({ "id": self.sent, "method": method });
        command["params"] = params;
        if !self.session.is_null() {
            command["sessionId"] = self.session.clone();
        }
        let command = format!("{command}\0");
        self.to.write_all(command.as_bytes()).expect("it reads");
        loop {
            let message = self.message();
            if message["id"] == self.sent {
                assert!(message["error"].is_null(), "{method}: {message}");
                return message["result"].clone();
            }
            self.events.push(message);
        }
    }

    fn message(&mut self) -> Value {
        let mut message = Vec::new();
        self.from.read_until(0, &mut message).expect("it writes");
        message.pop();
        serde_json::from_slice(&message).expect("the browser is alive, and writes JSON")
    }

    /// Shows an address in a window of this width, in `light` or `dark`.
    pub(crate) fn open(&mut self, url: &str, width: u32, scheme: &str) {
        let size =
            json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", size);
        let scheme = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.call("Emulation.setEmulatedMedia", json!({ "features": scheme }));
        self.events.clear();
        self.call("Page.navigate", json!({ "url": url }));
        self.loaded();
    }

    /// Waits until a page has been loaded.
    pub(crate) fn loaded(&mut self) {
        while !self
            .events
            .iter()
            .any(|event| event["method"] == "Page.loadEventFired")
        {
            let message = self.message();
            self.events.push(message);
        }
    }

    /// The value of an expression on the page, or what its promise gives.
    pub(crate) fn value(&mut self, expression: &str) -> Value {
        let evaluate =
            json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let result = self.call("Runtime.evaluate", evaluate);
        assert!(
            result["exceptionDetails"].is_null(),
            "{expression}: {result}"
        );
        result["result"]["value"].clone()
    }

    /// Presses a key.
    pub(crate) fn press(&mut self, key: &str, code: u32) {
        for kind in ["rawKeyDown", "keyUp"] {
            let event =
                json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code });
            self.call("Input.dispatchKeyEvent", event);
        }
    }

    /// The parameters of the events of one kind.
    pub(crate) fn reported(&self, method: &str) -> Vec<&Value> {
        let events = self.events.iter().filter(|event| event["method"] == method);
        events.map(|event| &event["params"]).collect()
    }

    /// Checks contrast and widths. With `PIVOTAL_PICTURES=FOLDER` it also writes a picture of this
    /// name, for a person who looks at it.
    pub(crate) fn check_looks(&mut self, name: &str) {
        if let Some(pictures) = std::env::var_os("PIVOTAL_PICTURES") {
            self.screenshot(&Path::new(&pictures).join(format!("{name}.png")));
        }
        assert_eq!(self.value(LOW_CONTRAST), json!([]), "{name}");
        assert_eq!(self.value(TOO_WIDE), json!([]), "{name}");
    }

    /// Checks that the policy of the page holds for whatever else gets in.
    pub(crate) fn check_policy(&mut self) {
        let violation = "new Promise((done) => { \
            document.addEventListener('securitypolicyviolation', (event) => done(event.violatedDirective)); \
            document.body.append(Object.assign(new Image(), { src: 'http://127.0.0.1:9/' })); })";
        assert_eq!(self.value(violation), "img-src");
    }

    /// The whole page as PNG.
    fn screenshot(&mut self, file: &Path) {
        let size = self.call("Page.getLayoutMetrics", json!({}))["cssContentSize"].clone();
        let mut clip = json!({ "x": 0, "y": 0, "scale": 1 });
        for side in ["width", "height"] {
            clip[side] = size[side].clone();
        }
        let whole = json!({ "clip": clip, "captureBeyondViewport": true });
        let shot = self.call("Page.captureScreenshot", whole);
        let image = base64::Engine::decode(
            &base64::engine::general_purpose::STANDARD,
            shot["data"].as_str().unwrap_or_default(),
        );
        std::fs::write(file, image.expect("it is Base64")).expect("the folder exists");
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
