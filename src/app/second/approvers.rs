//! Enrolling people and taking them out.
//!
//! Where somebody is enrolled already, a change is itself something that a
//! second person has to agree to; and it voids every request that waits,
//! because those rest on the list as it was.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::circle::{Circle, now};
use crate::app::record::note;
use crate::app::session::Session;
use crate::audit::Kind;
use crate::audit::event::PolicyChange;
use crate::config::trust::{self, REVOKED_FILE};
use crate::second::display::sha256;
use crate::ssh::allowed_signers::{LONG, is_principal};
use crate::ssh::{AllowedSigners, DECISION, Entry, PublicKey};
use crate::store::Store;
use crate::text::escape;

/// A change of the list.
#[derive(Debug, Clone)]
pub enum Change {
    /// One more key.
    Add {
        /// Whose.
        principal: String,
        /// The key.
        key: PublicKey,
        /// For how long, in seconds.
        valid: i64,
    },
    /// No longer: every key of a person, or one key by its fingerprint.
    Remove(String),
    /// No longer, and never again: the keys go onto the list of revoked ones.
    Revoke(String),
    /// All lines of another file.
    Import(AllowedSigners),
}

/// What was changed.
#[derive(Debug)]
pub struct Changed {
    /// The file.
    pub path: PathBuf,
    /// What to say about it, a line each.
    pub notes: Vec<String>,
}

/// Makes a change: whether anybody has to agree was settled before.
///
/// # Errors
/// In words; nothing was changed.
pub fn apply(change: &Change, session: &Session) -> Result<Changed, String> {
    let path = trust::place(&session.paths).ok_or("no home directory is known; set HOME")?;
    let before = fs::read_to_string(&path);
    let before = match before {
        Ok(text) => Some(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(format!("{}: {error}", shown(&path))),
    };
    let text = before.clone().unwrap_or_default();
    let signers = AllowedSigners::read(&text).map_err(|e| format!("{}: {e}", shown(&path)))?;
    let (after, what) = edited(&text, &signers, change)?;
    // Never leave a file behind that nobody can be approved by any more.
    AllowedSigners::read(&after).map_err(|error| format!("not changed: {error}"))?;
    if let Change::Revoke(name) = change {
        revoke(&path.with_file_name(REVOKED_FILE), &chosen(&signers, name)?)?;
    }
    write(&path, &after).map_err(|error| format!("{}: {error}", shown(&path)))?;
    let mut notes = vec![what.clone()];
    let voided = void(session, &mut notes);
    let event = PolicyChange {
        what,
        path: path.to_string_lossy().into_owned(),
        before: before.map(|text| sha256(text.as_bytes())),
        after: sha256(after.as_bytes()),
        actor: session.actor.clone(),
        voided,
    };
    if let Err(error) = note(session, Kind::TrustChange, &event) {
        notes.push(format!("the change is not in the record: {error}"));
    }
    notes.extend(doubts(session));
    Ok(Changed { path, notes })
}

fn shown(path: &Path) -> String {
    escape(&path.to_string_lossy())
}

/// The entries that a name or fingerprint means.
fn chosen(signers: &AllowedSigners, name: &str) -> Result<Vec<Entry>, String> {
    let fits = |entry: &&Entry| entry.principal == name || entry.key.fingerprint() == name;
    let found: Vec<Entry> = signers.entries().iter().filter(fits).cloned().collect();
    if found.is_empty() {
        return Err(format!(
            "{} is not enrolled; `guard approvers list` shows who is",
            escape(name)
        ));
    }
    Ok(found)
}

/// The new text: other lines and comments stay as they are.
fn edited(
    text: &str,
    signers: &AllowedSigners,
    change: &Change,
) -> Result<(String, String), String> {
    let mut out = text.to_owned();
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
    match change {
        Change::Add { principal, key, valid } => {
            if !is_principal(principal) {
                let name = escape(principal);
                return Err(format!("{name} is not a name such as dana@example.org"));
            }
            let after = now().0;
            let entry = Entry {
                principal: principal.clone(),
                namespace: DECISION.to_owned(),
                valid_after: Some(after),
                valid_before: after.saturating_add(*valid),
                key: key.clone(),
                comment: String::new(),
                line: 0,
            };
            out += &entry.write();
            out.push('\n');
            Ok((out, format!("enrolled {principal} with {}", key.fingerprint())))
        }
        Change::Import(other) => {
            let mut count = 0;
            for entry in other.entries() {
                if !signers.entries().iter().any(|known| known.key == entry.key) {
                    out += &entry.write();
                    out.push('\n');
                    count += 1;
                }
            }
            Ok((out, format!("imported {count} keys")))
        }
        Change::Remove(name) | Change::Revoke(name) => {
            let gone: Vec<usize> = chosen(signers, name)?.iter().map(|entry| entry.line).collect();
            let kept = text.lines().enumerate().filter(|(at, _)| !gone.contains(&(at + 1)));
            let kept: String = kept.map(|(_, line)| format!("{line}\n")).collect();
            let word = if matches!(change, Change::Revoke(_)) { "revoked" } else { "removed" };
            Ok((kept, format!("{word} {} ({} keys)", escape(name), gone.len())))
        }
    }
}

fn revoke(path: &Path, entries: &[Entry]) -> Result<(), String> {
    let fail = |error: io::Error| format!("{}: {error}", shown(path));
    let mut text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(fail(error)),
    };
    for entry in entries {
        text += &format!("{} {}\n", entry.key.line(), entry.principal);
    }
    write(path, &text).map_err(fail)
}

/// Replaces a file as a whole, on disk when this returns. Readable for all:
/// there is no secret in it.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let fresh = path.with_extension(format!("new-{}", std::process::id()));
    let mode = fs::metadata(path).map_or(0o644, |meta| meta.mode() & 0o777 & !0o022);
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(&fresh)?;
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&fresh, path))
        .and_then(|()| fs::File::open(folder)?.sync_all());
    if written.is_err() {
        let _ = fs::remove_file(&fresh);
    }
    written
}

fn void(session: &Session, notes: &mut Vec<String>) -> usize {
    let store = session.paths.state.as_deref().map(Store::open_existing);
    let voided = match store {
        Some(Ok(Some(mut store))) => store.void_pending("the list of approvers has changed", now()),
        Some(Err(error)) => Err(error),
        _ => Ok(0),
    };
    match voided {
        Ok(0) => 0,
        Ok(count) => {
            notes.push(format!("{count} waiting requests are void; they have to be made again"));
            count
        }
        Err(error) => {
            notes.push(format!("waiting requests could not be voided: {error}"));
            0
        }
    }
}

/// What is worth knowing about the list as it is now.
fn doubts(session: &Session) -> Vec<String> {
    let mut out = Vec::new();
    match Circle::open(session) {
        Ok(Some(circle)) => {
            out.extend(circle.doubts(session));
        }
        Ok(None) => out.push("nobody is enrolled now: nothing can be approved".to_owned()),
        Err(error) => out.push(error.to_string()),
    }
    out
}

impl Circle {
    /// What is worth knowing about the list: conditions that nobody can meet,
    /// keys that the requester can use, keys that are trusted for long, a file
    /// that somebody here can change.
    #[must_use]
    pub fn doubts(&self, session: &Session) -> Vec<String> {
        let mut out = Vec::new();
        let user = crate::app::host::user().unwrap_or_default();
        let own = session.policy.operator(&user).map(|operator| operator.principal.as_str());
        if let Some(why) = self.unreachable(&session.policy.quorums(), own) {
            out.push(format!("not enough people could approve what you ask for: {why}"));
        }
        for entry in self.trust.signers.entries() {
            if self.keys().contains(&entry.key.fingerprint()) {
                out.push(format!(
                    "the key of {} is one that this account can use (ssh-agent, ~/.ssh or \
                     policy): it cannot approve what this account asks for",
                    entry.principal
                ));
            }
        }
        out.extend(self.trust.signers.warnings(now().0));
        if let trust::Mode::Advise(why) = &self.trust.mode {
            out.push(format!("mode advise: {why}"));
        }
        out
    }
}

/// How long a key is trusted, from days.
#[must_use]
pub fn validity(days: u32) -> i64 {
    i64::from(days).saturating_mul(86_400).min(LONG * 10)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const TRUST: &str = include_str!("../../../tests/fixtures/approval/allowed_signers");

    fn after(text: &str, change: &Change) -> Result<String, String> {
        let signers = AllowedSigners::read(text).unwrap();
        edited(text, &signers, change).map(|(text, _)| text)
    }

    #[test]
    fn other_lines_and_comments_stay() {
        let text = format!("# the team\n{TRUST}# end");
        let without = after(&text, &Change::Remove("dana@example.org".into())).unwrap();
        assert!(without.starts_with("# the team\nbob@") && without.ends_with("# end\n"));
        assert!(!without.contains("dana@"));
        let signers = AllowedSigners::read(TRUST).unwrap();
        let bob = signers.entries().first().unwrap();
        let by_key = after(&text, &Change::Remove(bob.key.fingerprint())).unwrap();
        assert!(!by_key.contains("bob@") && by_key.contains("dana@"));
        assert!(after(&text, &Change::Remove("eve".into())).is_err());
    }

    #[test]
    fn importing_twice_adds_nothing() {
        let all = Change::Import(AllowedSigners::read(TRUST).unwrap());
        let once = after("", &all).unwrap();
        assert_eq!(AllowedSigners::read(&once).unwrap().entries().len(), 3);
        assert_eq!(after(&once, &all).unwrap(), once);
    }

    #[test]
    fn what_is_added_can_be_read_back() {
        let signers = AllowedSigners::read(TRUST).unwrap();
        let key = signers.entries().first().unwrap().key.clone();
        let add = |principal: &str| Change::Add {
            principal: principal.into(),
            key: key.clone(),
            valid: validity(180),
        };
        let text = after("# x", &add("frank@example.org")).unwrap();
        let frank = AllowedSigners::read(&text).unwrap().entries().first().unwrap().clone();
        assert_eq!(frank.valid_before - frank.valid_after.unwrap(), LONG);
        assert!(after("", &add("frank *")).is_err());
    }
}
