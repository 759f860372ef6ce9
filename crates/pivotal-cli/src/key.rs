//! API keys and other secrets in files.

use std::ffi::OsString;
use std::fmt::Display;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::arguments::Connection;
use crate::report::Failure;

const API_KEY: &str = "API key";

/// The longest file that is read. Keys are much shorter.
const LONGEST: u64 = 4096;

/// How keys of HubSpot begin. A region such as `na1` and a hyphen follow: other words end like this.
const HUBSPOT: &str = "pat-";

/// How secrets of Pivotal, HubSpot and Stripe begin, and how many letters, digits and hyphens follow at
/// least.
const SECRETS: [(&str, usize); 10] = [
    ("pivotal_test_", 8),
    ("pivotal_live_", 8),
    ("pivotal_live", 8),
    ("pivotal_", 16),
    ("whsec_", 16),
    (HUBSPOT, 24),
    ("sk_live_", 16),
    ("sk_test_", 16),
    ("rk_live_", 16),
    ("rk_test_", 16),
];

/// Refuses arguments with a secret in them, before anything repeats it. The exception is the key that a
/// sandbox accepts, which no other server takes.
pub(crate) fn refuse_in(arguments: impl IntoIterator<Item = OsString>) -> Result<(), Failure> {
    const OPTION: &str = "--api-key";
    let arguments: Vec<_> = arguments.into_iter().skip(1).collect();
    let is_live = arguments.iter().any(|argument| argument == "--live");
    let mut names_key = false;
    let mut command = None;
    for argument in arguments {
        let argument = argument.to_string_lossy().into_owned();
        let is_of_sandbox = !is_live
            && matches!(command.as_deref(), Some("sandbox" | "demo"))
            && (names_key || argument.starts_with("--api-key="));
        if !is_of_sandbox && is_secret(&argument) {
            return Err(Failure::unusable(
                "an argument contains what looks like an API key or another secret; other users of this \
                 machine can see arguments, and the shell keeps them in its history. Revoke the key and make \
                 another one; pass a key of Pivotal in PIVOTAL_API_KEY, or in a file with --api-key-file",
            ));
        }
        names_key = argument == OPTION;
        if !argument.starts_with('-') {
            command.get_or_insert(argument);
        }
    }
    Ok(())
}

/// Whether a text contains what looks like a secret: random letters and digits behind a known beginning. The
/// name of a file, with its extension, is none.
fn is_secret(text: &str) -> bool {
    SECRETS.iter().any(|(start, least)| {
        text.match_indices(start).any(|(at, _)| {
            let rest = &text[at + start.len()..];
            let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-';
            let (secret, behind) = rest.split_at(rest.find(|c| !is_part(c)).unwrap_or(rest.len()));
            let is_random = |c: char| c.is_ascii_digit() || c.is_ascii_uppercase();
            let mut behind = behind.chars();
            let is_file = behind.next() == Some('.') && behind.next().is_some_and(is_part);
            let is_other = *start == HUBSPOT && secret.as_bytes().get(3) != Some(&b'-');
            secret.len() >= *least && secret.contains(is_random) && !is_file && !is_other
        })
    })
}

/// The key in the file that the command line names; `None` if it names none.
pub(crate) fn from_file(connection: &Connection) -> Result<Option<String>, Failure> {
    match (&connection.api_key_file, &connection.profile) {
        (Some(_), Some(_)) => Err(Failure::unusable(
            "--api-key-file and --profile both name an API key; remove one of them",
        )),
        (Some(path), None) => read(path, API_KEY).map(Some),
        (None, Some(profile)) => read(&of_profile(profile)?, API_KEY).map(Some),
        (None, None) => Ok(None),
    }
}

/// The file of a profile.
fn of_profile(profile: &str) -> Result<PathBuf, Failure> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if profile.is_empty() || !profile.bytes().all(is_plain) {
        return Err(Failure::unusable(
            "--profile: a name consists of letters, digits, - and _",
        ));
    }
    let folder = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from);
    let folder = folder.filter(|folder| folder.is_absolute());
    let folder = folder.or_else(|| Some(std::env::home_dir()?.join(".config")));
    let folder = folder.ok_or_else(|| {
        Failure::authentication("--profile: there is no home folder; set XDG_CONFIG_HOME")
    })?;
    Ok(folder.join("pivotal").join(format!("{profile}.key")))
}

/// Reads a secret; `what` names it in errors. What the file contains is never part of an error.
pub(crate) fn read(path: &Path, what: &str) -> Result<String, Failure> {
    let refused = |why: &dyn Display| {
        Failure::authentication(format!("the {what} in {}: {why}", path.display()))
    };
    // Checked before opening, because opening a pipe would block.
    let found = std::fs::metadata(path).map_err(|error| refused(&error))?;
    if !found.is_file() {
        return Err(refused(&"it is not a file"));
    }
    let file = File::open(path).map_err(|error| refused(&error))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Of the open file, which cannot be replaced in between.
        let found = file.metadata().map_err(|error| refused(&error))?;
        let mode = found.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(refused(&format_args!(
                "others may read or change it (mode {mode:o}); run `chmod 600` on it, and replace the {what} if they could read it"
            )));
        }
    }
    let mut text = String::new();
    let read = file.take(LONGEST + 1).read_to_string(&mut text);
    read.map_err(|error| refused(&error))?;
    if text.len() as u64 > LONGEST {
        return Err(refused(&format_args!(
            "the file is too long for the {what}"
        )));
    }
    let key = text.trim();
    if key.is_empty() {
        return Err(refused(&"the file is empty"));
    }
    Ok(key.to_owned())
}

#[cfg(test)]
mod tests {
    use super::is_secret;

    #[test]
    fn a_secret_is_found_wherever_it_stands() {
        let secrets = [
            "pivotal_liveN0tTobeSeen",
            "pivotal_test_N0tTobeSeen",
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "pat-na1-3f2b8c1e-0d4a-4c55-9e0e-1f2a3b4c5d6e",
            "sk_live_51N0tTobeSeenAtAll",
        ];
        for secret in secrets {
            for before in [
                "", "a", "é", "_", "9", "key=", "https://", "pivotal_", "sk_",
            ] {
                for behind in ["", "/x", "_", "é", ".", "@host", ". "] {
                    let text = format!("{before}{secret}{behind}");
                    assert!(is_secret(&text), "{text}");
                }
            }
        }
    }

    #[test]
    fn ids_and_names_are_no_secrets() {
        for text in [
            "cus_4N0tTobeSeenAtAll",
            "pivotal_test_customers",
            "pivotal_liveN0tTobeSeen.csv",
            "pivotal_export_2026-11-30",
            "compat-3f2b8c1e-0d4a-4c55-9e0e-1f2a3b4c5d6e",
            "3f2b8c1e-0d4a-4c55-9e0e-1f2a3b4c5d6e",
            "task_live_2026",
        ] {
            assert!(!is_secret(text), "{text}");
        }
    }
}
