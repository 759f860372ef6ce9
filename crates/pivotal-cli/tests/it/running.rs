//! Running the binary.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};

/// The binary with nothing of the caller's environment that it would read.
pub(crate) fn pivotal() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pivotal"));
    command
        .env_remove("PIVOTAL_API_KEY")
        .env_remove("PIVOTAL_BASE_URL");
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
pub(crate) const MOVING: [(&str, &str); 3] = [
    (r"127\.0\.0\.1:\d+", "127.0.0.1:[port]"),
    (r"aurora-demo-[0-9a-f]+", "aurora-demo-[run]"),
    (r"\bc[a-z0-9]{24}\b", "[id]"),
];

/// A served sandbox; it ends with the test.
pub(crate) struct Served {
    child: Child,
    pub(crate) base_url: String,
    pub(crate) greeting: String,
}

impl Served {
    pub(crate) fn with_key(key: &str) -> Self {
        let mut child = pivotal()
            .args(["sandbox", "--listen", "127.0.0.1:0", "--api-key", key])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let mut greeting = String::new();
        let stdout = child.stdout.take().expect("its output is piped");
        BufReader::new(stdout)
            .read_line(&mut greeting)
            .expect("it greets");
        let base_url = greeting
            .split_whitespace()
            .find(|word| word.starts_with("http://"))
            .expect("the greeting names an address")
            .to_owned();
        Self {
            child,
            base_url,
            greeting,
        }
    }

    /// Asks it to end, as an operating system does.
    #[cfg(unix)]
    pub(crate) fn terminate(mut self) -> std::process::ExitStatus {
        Command::new("kill")
            .arg(self.child.id().to_string())
            .status()
            .expect("kill is a command of every Unix");
        self.child.wait().expect("it is our child")
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
