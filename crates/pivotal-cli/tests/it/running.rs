//! Running the binary.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio};

/// The binary with nothing of the caller's environment that it would read.
pub(crate) fn pivotal() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pivotal"));
    for name in [
        "PIVOTAL_API_KEY",
        "PIVOTAL_BASE_URL",
        "PIVOTAL_WEBHOOK_SECRET",
        "PIVOTAL_ADMIN_TOKEN",
        "HUBSPOT_TOKEN",
        "HUBSPOT_BASE_URL",
        "STRIPE_API_KEY",
        "STRIPE_BASE_URL",
    ] {
        command.env_remove(name);
    }
    command
}

/// The binary with a server and a key.
pub(crate) fn pivotal_on(base_url: &str, key: &str) -> Command {
    let mut command = pivotal();
    command
        .env("PIVOTAL_BASE_URL", base_url)
        .env("PIVOTAL_API_KEY", key);
    command
}

/// What the binary printed and how it ended, with what moves from run to run taken out.
pub(crate) fn shown(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let status = output
        .status
        .code()
        .map_or("a signal".to_owned(), |code| code.to_string());
    format!(
        "{}{}exit: {status}",
        text(&output.stdout),
        text(&output.stderr)
    )
}

/// Ports, ids and the suffix of the run.
pub(crate) const MOVING: [(&str, &str); 4] = [
    (r"127\.0\.0\.1:\d+", "127.0.0.1:[port]"),
    (r"aurora-demo-[0-9a-f]+", "aurora-demo-[run]"),
    (r"\bc[a-z0-9]{24}\b", "[id]"),
    // Customers are created in parallel: which number one gets is open.
    (r"#\d+ Harbor Tea", "#[n] Harbor Tea"),
];

/// A served sandbox; it ends with the test.
pub(crate) struct Served {
    child: Child,
    pub(crate) base_url: String,
    pub(crate) first_line: String,
    /// The lines after the first.
    pub(crate) stdout: BufReader<ChildStdout>,
}

impl Served {
    pub(crate) fn with_key(key: &str) -> Self {
        Self::with(["--api-key", key])
    }

    /// A sandbox with rows.
    pub(crate) fn seeded(key: &str) -> Self {
        Self::with(["--api-key", key, "--seed", "7"])
    }

    /// A sandbox on a free port with these options; what it logs can be read once it has ended.
    pub(crate) fn with<'a>(options: impl IntoIterator<Item = &'a str>) -> Self {
        let mut command = pivotal();
        command
            .args(["sandbox", "--listen", "127.0.0.1:0"])
            .args(options);
        Self::start(command)
    }

    /// A command that serves a sandbox.
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let mut first_line = String::new();
        let stdout = child.stdout.take().expect("its output is piped");
        let mut stdout = BufReader::new(stdout);
        stdout.read_line(&mut first_line).expect("it prints a line");
        let base_url = first_line
            .split_whitespace()
            .find(|word| word.starts_with("http://"))
            .expect("the line has the address")
            .to_owned();
        Self {
            child,
            base_url,
            first_line,
            stdout,
        }
    }

    /// Runs a command against it, which succeeds.
    pub(crate) fn run(&self, key: &str, arguments: &[&str]) {
        let output = pivotal_on(&self.base_url, key)
            .args(arguments)
            .output()
            .expect("the binary starts");
        assert!(output.status.success(), "{arguments:?}: {}", shown(&output));
    }

    /// A connection to it.
    pub(crate) fn connect(&self) -> TcpStream {
        let address = self.base_url.strip_prefix("http://");
        TcpStream::connect(address.expect("it is plain HTTP")).expect("it listens")
    }

    /// The whole response to a GET.
    pub(crate) fn get(&self, key: &str, path: &str) -> String {
        let mut connection = self.connect();
        write!(
            connection,
            "GET {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {key}\r\nconnection: close\r\n\r\n"
        )
        .expect("it reads");
        let mut response = String::new();
        connection
            .read_to_string(&mut response)
            .expect("the response is text");
        response
    }

    /// Sends SIGTERM.
    #[cfg(unix)]
    pub(crate) fn send_sigterm(&self) {
        self.send_signal("TERM");
    }

    #[cfg(unix)]
    pub(crate) fn send_signal(&self, signal: &str) {
        Command::new("kill")
            .args(["-s", signal])
            .arg(self.child.id().to_string())
            .status()
            .expect("kill is a command of every Unix");
    }

    /// How it ended, and what it logged.
    pub(crate) fn ended(mut self) -> (ExitStatus, String) {
        let status = self.child.wait().expect("it is our child");
        let mut log = String::new();
        let stderr = self.child.stderr.as_mut().expect("its log is piped");
        stderr.read_to_string(&mut log).expect("it logs text");
        (status, log)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
