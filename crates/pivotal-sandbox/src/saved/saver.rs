//! The thread that saves.

use std::{
    io,
    sync::{
        Arc,
        mpsc::{self, RecvTimeoutError, Sender},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use jiff::Timestamp;

use super::{StateError, changes::Changes, file::StateFile};
use crate::state::Shared;

/// The time from one save to the next. A change is in the file within a second of its response, unless
/// a save takes longer than the rest of it.
const INTERVAL: Duration = Duration::from_millis(400);

pub(super) struct Saver {
    pub(super) file: StateFile,
    pub(super) changes: Changes,
}

/// Returns how the last save went.
pub(crate) type SaverThread = JoinHandle<Result<(), StateError>>;

impl Saver {
    /// Starts a thread that saves until the sender is dropped, and once more then.
    pub(super) fn start(mut self, shared: Arc<Shared>) -> io::Result<(Sender<()>, SaverThread)> {
        let (running, stopped) = mpsc::channel();
        let saver = thread::Builder::new().name("sandbox-state".to_owned());
        let thread = saver.spawn(move || {
            let mut failing = false;
            while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(INTERVAL) {
                let error = self.save(&shared).err();
                let line = match &error {
                    Some(error) if !failing => {
                        format!("{error}; the sandbox goes on and tries again")
                    }
                    None if failing => "the state is saved again".to_owned(),
                    _ => continue,
                };
                failing = error.is_some();
                if let Some(log) = &shared.setup.state_log {
                    log(&line);
                }
            }
            self.save(&shared)
        })?;
        Ok((running, thread))
    }

    /// Saves what has changed.
    pub(super) fn save(&mut self, shared: &Shared) -> Result<(), StateError> {
        let mut state = shared.lock();
        let at = Timestamp::now();
        self.changes.collect(&mut state);
        drop(state);
        let saved = match self.changes.is_empty() {
            true => Ok(()),
            false => self.file.write(&self.changes, at),
        };
        if let Some(status) = shared.save_status().as_mut() {
            status.error = saved.as_ref().err().map(ToString::to_string);
            if saved.is_ok() {
                status.saved_at = Some(at);
            }
        }
        saved.map(|()| self.changes.written())
    }
}
