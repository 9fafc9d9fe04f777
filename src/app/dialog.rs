//! What a person answered in the agent's own dialog, carried to the `guard run`
//! that the agent then starts: a number that is good once, for one text.
//!
//! The hook before the tool issues it and writes it into the command; the hook at
//! the dialog, which Claude Code calls only when it shows one, notes that it was
//! shown; `guard run` takes it. Nothing but tier T2 is opened by it, where the
//! agent's dialog is what guard asks through anyway. Whatever does not fit leaves
//! the command to be asked about as without a number, and uses it up.
//!
//! Both hooks have to be called by the agent's own process: a command of the
//! agent that plays one gets no number. It is no secret from processes of the same
//! user, as nothing here can be: who starts an agent of their own, or takes hold of
//! this one as a debugger does, can answer in a person's place, as they could press
//! the key in the agent's own terminal. That is why no other tier takes it.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::actor::agent_process;
use super::record::Recorder;
use super::session::Session;
use crate::audit::{Decided, LogError, log, lookup};
use crate::decide::{Approved, DialogYes, Petition, Subject};
use crate::second::display::sha256;
use crate::sys;

/// How long a person may take, and the agent to start the command afterwards.
const LIFE: Duration = Duration::from_secs(10 * 60);
/// Nobody reads a dialog in less: an answer that comes sooner was not a person's.
/// A hook that answers the dialog by itself is not held up by reading.
const READING: Duration = Duration::from_millis(500);
/// Longest slip, in bytes.
const MAX_SLIP: u64 = 16 * 1024;
/// Most slips that are looked at when old ones are taken away.
const MAX_SLIPS: usize = 256;
/// The variable in which Claude Code names its session to what it starts.
const SESSION: &str = "CLAUDE_CODE_SESSION_ID";
/// What Claude Code sets for its commands, and with another end for its hooks.
const WHOSE: (&str, &str) = ("AI_AGENT", "_agent");
/// What stands behind the name of the note that a dialog was shown.
const SHOWN: &str = "shown";

/// What a number is good for.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Slip {
    agent: String,
    session: String,
    cwd: PathBuf,
    text_sha256: String,
    /// The agent's process and its start.
    process: (i32, u64),
    at: Moment,
}

/// A time of the clock that never jumps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Moment {
    boot: String,
    us: u64,
}

impl Moment {
    fn now() -> Self {
        let (us, boot) = log::clock();
        Self { boot, us }
    }

    /// How long ago it was; nothing when it was before this boot, or never.
    fn elapsed(&self) -> Option<Duration> {
        let now = Self::now();
        let us = now.us.checked_sub(self.us).filter(|_| now.boot == self.boot)?;
        Some(Duration::from_micros(us))
    }
}

/// Whose dialog it is, in which session.
#[derive(Debug, Clone, Copy)]
pub(super) struct Of<'a> {
    /// The agent.
    pub(super) agent: &'a str,
    /// Its session, as it names it to its hook.
    pub(super) session: &'a str,
}

/// The agent's process, if it is the one that calls this hook: a command of the
/// agent that plays it has the same ancestors, and may set and unset variables as
/// it likes, but cannot make a pair of sockets in the agent's name. Claude Code
/// writes to its hooks through such a pair.
fn caller() -> Option<(i32, u64)> {
    let one_of_its_commands = std::env::var(WHOSE.0).is_ok_and(|whose| whose.ends_with(WHOSE.1));
    let agent = agent_process().filter(|_| !one_of_its_commands)?;
    (sys::stdin_maker() == Some(agent.0)).then_some(agent)
}

/// A number for this text, in the folder and session that are asked about.
/// Nothing: it could not be kept, or it cannot be told that the agent itself
/// asks, and the dialog is one like any other.
#[must_use]
pub(super) fn issue(of: Of<'_>, text: &str, session: &Session) -> Option<String> {
    let process = caller()?;
    let dir = folder(session)?;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(&dir).ok()?;
    sweep(&dir);
    let slip = Slip {
        agent: of.agent.to_owned(),
        session: of.session.to_owned(),
        cwd: session.cwd.clone()?,
        text_sha256: sha256(text.as_bytes()),
        process,
        at: Moment::now(),
    };
    let nonce = lookup::new_id().ok()?;
    create(&path(&dir, &nonce)?, &slip).ok()?;
    Some(nonce)
}

/// Notes that the agent shows its dialog about this text with this number.
pub(super) fn shown(of: Of<'_>, nonce: &str, text: &str, session: &Session) {
    let Some(path) = folder(session).and_then(|dir| path(&dir, nonce)) else { return };
    let Ok(slip) = read::<Slip>(&path) else { return };
    let same = caller() == Some(slip.process)
        && slip.agent == of.agent
        && slip.session == of.session
        && slip.text_sha256 == sha256(text.as_bytes());
    if same {
        // The first time counts. Where it cannot be kept, nothing is opened.
        let _ = create(&path.with_extension(SHOWN), &Moment::now());
    }
}

/// What a person may have said in the agent's dialog. Without a yes that counts
/// the petition goes on to whoever has to answer it.
///
/// # Errors
/// The record could not be written.
pub(super) fn answered(
    nonce: Option<&str>,
    petition: Petition,
    session: &Session,
    recorder: &mut Recorder,
    tell: &dyn Fn(&str),
) -> Result<Result<Approved, Box<Petition>>, LogError> {
    let Some(nonce) = nonce else { return Ok(Err(Box::new(petition))) };
    let refused = |why: &str| tell(&format!("guard: the agent's dialog does not count: {why}.\n"));
    let yes = match take(nonce, petition.subject(), session) {
        Ok(yes) => yes,
        Err(why) => {
            refused(why);
            return Ok(Err(Box::new(petition)));
        }
    };
    let approved = match petition.by_dialog(&yes) {
        Ok(approved) => approved,
        Err(petition) => {
            refused("the command needs more than a yes there");
            return Ok(Err(petition));
        }
    };
    let why = format!("somebody said yes in the dialog of {}", yes.agent);
    recorder.decided(Decided::Approved, "dialog", Some(why), Some(yes.waited_ms))?;
    Ok(Ok(approved))
}

/// Takes a number: whether a person has answered the dialog about exactly this.
/// Whatever comes of it, it is used up.
///
/// # Errors
/// Why it opens nothing.
fn take(nonce: &str, subject: &Subject, session: &Session) -> Result<DialogYes, &'static str> {
    let dir = folder(session).ok_or("there is no home directory to look for it")?;
    let path = path(&dir, nonce).ok_or("its number is none of guard's")?;
    let slip = read::<Slip>(&path);
    let shown = read::<Moment>(&path.with_extension(SHOWN));
    // Of several that have read it, one removes it.
    fs::remove_file(&path).map_err(|_| "its number is used up, or was never given")?;
    let _ = fs::remove_file(path.with_extension(SHOWN));
    let slip = slip.map_err(|_| "its number cannot be read")?;
    let text = subject.shell_text.as_deref().map(|text| sha256(text.as_bytes()));
    if text.as_ref() != Some(&slip.text_sha256) {
        return Err("it was about another text");
    }
    if session.cwd.as_ref() != Some(&slip.cwd) {
        return Err("it was about another folder");
    }
    let by_name = session.actor.name.as_deref() == Some(slip.agent.as_str());
    let named = std::env::var(SESSION).is_ok_and(|named| named == slip.session);
    if !by_name || !named || agent_process() != Some(slip.process) {
        return Err("it was asked in another session of the agent");
    }
    if slip.at.elapsed().is_none_or(|age| age > LIFE) {
        return Err("it was asked too long ago");
    }
    let shown = shown.map_err(|_| "the agent has shown no dialog")?;
    let waited = shown.elapsed().ok_or("the agent has shown no dialog")?;
    if waited < READING {
        return Err("it came sooner than a person can read the question");
    }
    let waited_ms = u64::try_from(waited.as_millis()).unwrap_or(u64::MAX);
    Ok(DialogYes { agent: slip.agent, text_sha256: slip.text_sha256, waited_ms })
}

fn folder(session: &Session) -> Option<PathBuf> {
    Some(session.paths.state.as_ref()?.join("dialogs"))
}

/// The slip of a number. Named by its hash, so that listing the folder gives no
/// number away.
fn path(dir: &Path, nonce: &str) -> Option<PathBuf> {
    let right = nonce.len() == 36 && nonce.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    right.then(|| dir.join(sha256(nonce.as_bytes())))
}

fn create(path: &Path, value: &impl Serialize) -> io::Result<()> {
    let text = serde_json::to_vec(value)?;
    let mut options = fs::OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(0o600).open(path)?;
    let written = file.write_all(&text);
    if written.is_err() {
        let _ = fs::remove_file(path);
    }
    written
}

fn read<T: for<'a> Deserialize<'a>>(path: &Path) -> io::Result<T> {
    let mut options = fs::OpenOptions::new();
    let file = options.read(true).custom_flags(nix::libc::O_NOFOLLOW).open(path)?;
    let mut bytes = Vec::new();
    file.take(MAX_SLIP).read_to_end(&mut bytes)?;
    Ok(serde_json::from_slice(&bytes)?)
}

/// Takes away what nobody asks for any more.
fn sweep(dir: &Path) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for entry in entries.take(MAX_SLIPS).filter_map(Result::ok) {
        let age = entry.metadata().and_then(|meta| meta.modified()).map(|time| time.elapsed());
        if age.is_ok_and(|age| age.is_ok_and(|age| age > LIFE * 2)) {
            let _ = fs::remove_file(entry.path());
        }
    }
}
