//! `pivotal board --watch`.

use std::io::{self, Write};
use std::pin::pin;
use std::time::{Duration, Instant};

use pivotal_export::counted;
use pivotal_sdk::{Client, printable};
use pivotal_sync::exit_code;

use super::{Board, terminal};
use crate::report::Failure;
use crate::signal::interrupted;

/// Draws the board again and again until a signal arrives. A reading that fails is shown, and the
/// last board stays.
pub(super) async fn run(board: &Board, client: &Client, seconds: u64) -> Result<(), Failure> {
    let mut shutdown = pin!(interrupted());
    let end = || Failure::ended("", exit_code::INTERRUPTED);
    let mut shown = tokio::select! {
        read = board.read(client) => read?,
        () = &mut shutdown => return Err(end()),
    };
    let screen = Screen::enter()?;
    let (mut read_at, mut trouble) = (Instant::now(), None::<String>);
    loop {
        let mut lines = Vec::new();
        if let Some(error) = &trouble {
            let age = read_at.elapsed().as_secs();
            let trouble = format!("not refreshed for {age} s: {}", printable(error));
            lines.push(terminal::cut(&trouble).into_owned());
        }
        if shown.invalid > 0 {
            let rows = counted(shown.invalid as u64, "row");
            let left_out = format!("{rows} could not be read");
            lines.push(terminal::cut(&left_out).into_owned());
        }
        lines.extend(terminal::lines(&shown.view()));
        screen.draw(&lines)?;
        let read = async {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            board.read(client).await
        };
        tokio::select! {
            read = read => match read {
                Ok(read) => (shown, read_at, trouble) = (read, Instant::now(), None),
                Err(error) => trouble = Some(error.to_string()),
            },
            () = &mut shutdown => return Err(end()),
        }
    }
}

/// The alternate screen of the terminal. What was on the terminal returns when it is dropped.
struct Screen;

impl Screen {
    fn enter() -> io::Result<Self> {
        write!(io::stdout(), "\u{1b}[?1049h\u{1b}[?25l")?;
        Ok(Self)
    }

    /// Draws as many lines as fit.
    fn draw(&self, lines: &[String]) -> io::Result<()> {
        let size = terminal_size::terminal_size_of(io::stdout());
        let height = size.map_or(lines.len(), |(_, height)| usize::from(height.0).max(2));
        let mut out = io::stdout().lock();
        write!(out, "\u{1b}[H\u{1b}[2J")?;
        let shown = if lines.len() < height {
            lines.len()
        } else {
            height - 2
        };
        for line in &lines[..shown] {
            write!(out, "{line}\r\n")?;
        }
        if shown < lines.len() {
            write!(out, "… {} more lines", lines.len() - shown)?;
        }
        out.flush()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = write!(io::stdout(), "\u{1b}[?25h\u{1b}[?1049l");
        let _ = io::stdout().flush();
    }
}
