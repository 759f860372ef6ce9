//! State that lasts: a file that a sandbox loads when it starts and saves as it changes, and exports
//! of such files.
//!
//! The file is a SQLite database with one entry for each row and each stored response, so that a
//! save costs what has changed and not what there is. Kept are the rows, the stored responses of
//! idempotency keys, the activity, the clock, the counters of IDs and slugs, and the keys. Not kept are the
//! journal, the faults, webhooks with a secret that was generated for them, and the requests that count
//! against a rate limit.

mod changes;
mod document;
mod file;
mod saver;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, mpsc::Sender},
};

use jiff::Timestamp;
use serde::Serialize;

use crate::{
    contract::Contract,
    keys,
    setup::{NewWorkspace, Setup},
    state::{Shared, State},
};
use changes::Changes;
pub(crate) use document::Document;
use file::{Refusal, StateFile};
use saver::Saver;
pub(crate) use saver::SaverThread;

/// Why a state file cannot be used. The file is left as it is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// Another sandbox uses the file.
    #[error(
        "{}: another sandbox uses this state file; stop it first, or name another file", .0.display()
    )]
    InUse(PathBuf),
    /// It is damaged, of another version, something else, or cannot be opened.
    #[error("{}: {reason}", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and what to do.
        reason: String,
    },
    /// Nothing was written, for example because the disk is full.
    #[error("{}: the state cannot be saved: {reason}", path.display())]
    NotSaved {
        /// The file.
        path: PathBuf,
        /// The error of the database.
        reason: String,
    },
    /// The text is not an export that this version can import.
    #[error("this is not an export of a sandbox: {0}")]
    Export(String),
}

/// How saving goes.
#[derive(Debug, Serialize)]
pub(crate) struct SaveStatus {
    #[serde(rename = "file")]
    pub(crate) path: PathBuf,
    /// When the state was saved that the sandbox started with.
    pub(crate) restored: Option<Timestamp>,
    /// Every response that was sent before this time, by the system's clock, has its change in the
    /// file.
    pub(crate) saved_at: Option<Timestamp>,
    pub(crate) error: Option<String>,
}

/// The error if the thread that saves has ended early.
pub(crate) fn stopped(shared: &Shared) -> StateError {
    let status = shared.save_status();
    StateError::NotSaved {
        path: status
            .as_ref()
            .map(|status| status.path.clone())
            .unwrap_or_default(),
        reason: "the thread that saves has panicked".to_owned(),
    }
}

/// A state file that is about to be used.
pub(crate) struct Opened {
    file: StateFile,
    saved: Option<(Document, Timestamp)>,
    empty: bool,
}

impl Opened {
    /// Opens a file, new or not. If the sandbox is to start `empty`, only the key is used of it.
    pub(crate) fn at(path: &Path, empty: bool) -> Result<Self, StateError> {
        let file = StateFile::open(path)?;
        let saved = file.read()?;
        Ok(Self { file, saved, empty })
    }

    /// The first key of the first workspace.
    pub(crate) fn api_key(&self) -> Option<String> {
        self.saved.as_ref()?.0.api_key()
    }

    /// Gives a sandbox the saved state, if there is one, saves its state for the first time, and starts
    /// the thread that saves until the sender is dropped.
    pub(crate) fn start(
        self,
        shared: &Arc<Shared>,
    ) -> Result<(Sender<()>, SaverThread), StateError> {
        let mut changes = Changes::default();
        let mut state = shared.lock();
        let saved = self.saved.filter(|_| !self.empty);
        let restored = saved.as_ref().map(|(_, saved_at)| *saved_at);
        if let Some((document, _)) = saved {
            let restored = document.restore(&mut state, &shared.contract);
            restored.map_err(|reason| Refusal::damaged(&reason).of(&self.file.path))?;
            changes = Changes::after(&mut state);
        }
        drop(state);
        let path = self.file.path.clone();
        *shared.save_status() = Some(SaveStatus {
            path: path.clone(),
            restored,
            saved_at: None,
            error: None,
        });
        let mut saver = Saver {
            file: self.file,
            changes,
        };
        saver.save(shared)?;
        let started = saver.start(Arc::clone(shared));
        started.map_err(|error| StateError::NotSaved {
            path: path.clone(),
            reason: error.to_string(),
        })
    }
}

/// Everything in a state file, as JSON: what [`import`] takes. API keys are left out.
///
/// # Errors
///
/// [`StateError`] if the file does not exist, is used by a sandbox, or cannot be read.
pub fn export(path: &Path) -> Result<String, StateError> {
    let file = StateFile::open_existing(path)?;
    match file.read()? {
        Some((document, _)) => Ok(document.exported()),
        None => Err(Refusal::Unusable("there is no state in it".to_owned()).of(path)),
    }
}

/// An export of a running sandbox.
pub(crate) fn export_running(state: &State) -> String {
    Document::of(state).exported()
}

/// Writes an export to a new state file.
///
/// # Errors
///
/// [`StateError::Export`] if it is not an export; any other if the file has a state already or
/// cannot be written. Either all or nothing is written.
pub fn import(json: &str, path: &Path) -> Result<(), StateError> {
    let document = Document::parse(json).map_err(StateError::Export)?;
    let contract = Contract::shipped();
    // Restored to see that it can be.
    let workspace = || NewWorkspace::new("Import").key(keys::generate());
    let setup = Setup {
        workspaces: (0..document.workspaces()).map(|_| workspace()).collect(),
        ..Setup::default()
    };
    let mut state = State::new(&contract, &setup).expect("generated keys are usable");
    let server = document.server().to_owned();
    let restored = document.restore(&mut state, &contract);
    restored.map_err(StateError::Export)?;
    let mut changes = Changes::default();
    state.replaced = true;
    changes.collect(&mut state);
    changes.server = server;
    let mut file = StateFile::open(path)?;
    if file.read()?.is_some() {
        let reason = "it has a state already; name a new file".to_owned();
        return Err(Refusal::Unusable(reason).of(path));
    }
    file.write(&changes, Timestamp::now())
}
