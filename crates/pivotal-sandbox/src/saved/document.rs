//! The whole state as JSON: the format of exports, which is also what a file is read to and restored
//! from.

use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};

use crate::{
    clock::Clock,
    contract::Contract,
    keys::SavedKey,
    state::State,
    store::{Kind, Workspace},
};

/// The version of exports and of state files.
pub(super) const VERSION: u32 = 1;

/// The indexes in [`Lists`] of the stored responses and of the activity, after those of the kinds of
/// rows. Their entries have numbers, and the oldest ones are dropped.
pub(super) const LOGS: [usize; 2] = [3, 4];

/// Rows and responses are raw, so that each is parsed by itself: they may be nested as deeply as in a
/// request.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Document {
    pivotal_sandbox: u32,
    server: Box<RawValue>,
    workspaces: Vec<Lists>,
}

/// The entries of one workspace.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lists {
    customers: Vec<Box<RawValue>>,
    contacts: Vec<Box<RawValue>>,
    onboardings: Vec<Box<RawValue>>,
    responses: Vec<Box<RawValue>>,
    activity: Vec<Box<RawValue>>,
}

impl Lists {
    pub(super) const NAMES: [&str; 5] = [
        "customers",
        "contacts",
        "onboardings",
        "responses",
        "activity",
    ];

    pub(super) fn list(&mut self, index: usize) -> &mut Vec<Box<RawValue>> {
        match index {
            0 => &mut self.customers,
            1 => &mut self.contacts,
            2 => &mut self.onboardings,
            3 => &mut self.responses,
            _ => &mut self.activity,
        }
    }
}

/// Everything but rows and responses; borrowed when it is written.
#[derive(Serialize, Deserialize)]
struct Server<C = Clock, W = Vec<Workspace>> {
    clock: C,
    keys: Vec<SavedKey>,
    workspaces: W,
}

/// [`Server`] of a state.
pub(super) fn server(state: &State) -> String {
    text(&Server {
        clock: &state.clock,
        keys: state.keys.saved(),
        workspaces: &state.workspaces,
    })
}

pub(super) fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("the state has string keys and finite numbers")
}

impl Document {
    pub(super) fn new(server: String, workspaces: Vec<Lists>) -> Result<Self, String> {
        let server = RawValue::from_string(server).map_err(|error| error.to_string())?;
        let document = Self {
            pivotal_sandbox: VERSION,
            server,
            workspaces,
        };
        document.padded()
    }

    /// With lists for every workspace, though nothing may be in the last ones.
    fn padded(mut self) -> Result<Self, String> {
        let workspaces = self.read_server()?.workspaces.len();
        if workspaces == 0 || self.workspaces.len() > workspaces {
            return Err(format!("server: it has {workspaces} workspaces"));
        }
        self.workspaces.resize_with(workspaces, Lists::default);
        Ok(self)
    }

    fn read_server(&self) -> Result<Server, String> {
        serde_json::from_str(self.server.get()).map_err(|error| format!("server: {error}"))
    }

    pub(super) fn of(state: &State) -> Self {
        let raw = |json: String| RawValue::from_string(json).expect("serde writes JSON");
        let workspaces = state.workspaces.iter().map(|workspace| {
            let mut lists = Lists::default();
            for list in 0..Lists::NAMES.len() {
                let entries = entries(workspace, list, 0);
                *lists.list(list) = entries.map(|(_, entry)| raw(entry)).collect();
            }
            lists
        });
        Self {
            pivotal_sandbox: VERSION,
            server: raw(server(state)),
            workspaces: workspaces.collect(),
        }
    }

    /// Parses an export.
    pub(super) fn parse(json: &str) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Version {
            pivotal_sandbox: u32,
        }
        let invalid = |error: serde_json::Error| error.to_string();
        let version: Version = serde_json::from_str(json).map_err(invalid)?;
        if version.pivotal_sandbox != VERSION {
            return Err(format!(
                "it is of version {}, and this program reads version {VERSION}",
                version.pivotal_sandbox
            ));
        }
        serde_json::from_str::<Self>(json)
            .map_err(invalid)?
            .padded()
    }

    pub(super) fn workspaces(&self) -> usize {
        self.workspaces.len()
    }

    pub(super) fn server(&self) -> &str {
        self.server.get()
    }

    pub(super) fn api_key(&self) -> Option<String> {
        let keys = self.read_server().ok()?.keys;
        keys.into_iter().next()?.secret
    }

    /// The text of an export: without the API keys, a row on each line.
    pub(crate) fn exported(mut self) -> String {
        let mut server: Value = serde_json::from_str(self.server.get()).unwrap_or_default();
        let keys = server.get_mut("keys").and_then(Value::as_array_mut);
        for key in keys.into_iter().flatten().filter_map(Value::as_object_mut) {
            key.remove("secret");
        }
        self.server = serde_json::value::to_raw_value(&server).expect("a value is JSON");
        serde_json::to_string_pretty(&self).expect("raw values are JSON")
    }

    /// Replaces what a state has by this. After an error the state is not to be used.
    pub(super) fn restore(self, state: &mut State, contract: &Contract) -> Result<(), String> {
        let server = self.read_server()?;
        if self.workspaces.len() != state.workspaces.len() {
            return Err(format!(
                "it has {} workspaces, and the sandbox {}",
                self.workspaces.len(),
                state.workspaces.len()
            ));
        }
        state.clock = server.clock;
        state.keys.restore(&server.keys);
        let workspaces = server.workspaces.into_iter().zip(self.workspaces);
        for (number, (mut workspace, mut lists)) in workspaces.enumerate() {
            let fresh = &mut state.workspaces[number];
            std::mem::swap(fresh, &mut workspace);
            fresh.take_shapes(workspace);
            for (list, name) in Lists::NAMES.iter().enumerate() {
                for (index, json) in lists.list(list).iter().enumerate() {
                    let restored = match Kind::ALL.get(list) {
                        Some(kind) => fresh.restore_row(*kind, json.get(), contract.undocumented),
                        None => restore_logged(fresh, list - LOGS[0], json.get()),
                    };
                    restored.map_err(|reason| {
                        format!("workspaces/{number}/{name}/{index}: {reason}")
                    })?;
                }
            }
        }
        Ok(())
    }
}

/// The entries of a list of a workspace, those of a log with this number or a higher one.
pub(super) fn entries(
    workspace: &Workspace,
    list: usize,
    since: u64,
) -> Box<dyn Iterator<Item = (u64, String)> + '_> {
    if let Some(kind) = Kind::ALL.get(list) {
        let rows = workspace.table(*kind).rows().iter();
        Box::new(rows.map(|row| (row.display_id, text(row))))
    } else if list == LOGS[0] {
        let responses = workspace.idempotency_keys.saved_since(since);
        Box::new(responses.map(|saved| (saved.number, text(&saved))))
    } else {
        let entries = workspace.activity.since(since);
        Box::new(entries.map(|entry| (entry.number, text(entry))))
    }
}

/// The numbers of the oldest entry of each log of a workspace, and of the next one.
pub(super) fn log_numbers(workspace: &Workspace) -> [[u64; 2]; LOGS.len()] {
    [
        workspace.idempotency_keys.numbers(),
        workspace.activity.numbers(),
    ]
}

fn restore_logged(workspace: &mut Workspace, log: usize, json: &str) -> Result<(), String> {
    let invalid = |error: serde_json::Error| error.to_string();
    match log {
        0 => (workspace.idempotency_keys).restore(serde_json::from_str(json).map_err(invalid)?)?,
        _ => (workspace.activity).restore(serde_json::from_str(json).map_err(invalid)?)?,
    }
    Ok(())
}
