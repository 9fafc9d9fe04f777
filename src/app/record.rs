//! The records of one command, without its secrets.

mod request;

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::checkpoint::Signing;
use super::host;
use super::memory::Memory;
use super::session::Session;
use crate::audit::event::{Claim, Override, Petition, Told};
use crate::audit::handed::{self, Asked, HandedOn};
use crate::audit::{
    Appended, CameTo, Decided, Decision, Durability, End, Ended, Entry, Evidence, Failed, Kind,
    Log, LogError, Run, Start, lookup, owner, record,
};
use crate::decide::logging::Harmless;
use crate::decide::{Subject, Verdict};
use crate::model::Tier;
use crate::run::RunError;
use crate::second::request::LogHead;
use crate::sequence::Done;
use crate::sys::Usage;
use crate::text::stamp::Stamp;
use crate::text::tell;

/// Who runs a command that a hook was asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// The agent; guard does not hear how it ends.
    Agent,
    /// guard, which notes it itself.
    Guard,
    /// Nobody as it stands; the agent was told the line with which guard runs it.
    Advised,
    /// Nobody.
    Nobody,
}

/// Writes the records of one command. Records that need not be on disk yet
/// wait for the next one that does: a command costs one write and one sync
/// before it starts. A harmless one costs neither: it is one record, written
/// when it is over.
pub struct Recorder {
    dir: PathBuf,
    state: Option<PathBuf>,
    /// Opened before anything runs; only where nothing is to be recorded, not
    /// at all.
    log: Option<Log>,
    /// A harmless command, until something about it has to be on disk.
    harmless: Option<Box<Run>>,
    id: String,
    waiting: Vec<Entry>,
    head: Option<LogHead>,
    memory: Memory,
    tier: Tier,
    signing: Option<Signing>,
    /// Whether a record was written whose number makes a checkpoint due.
    counted: bool,
}

impl Recorder {
    /// Opens the log and notes the request.
    ///
    /// # Errors
    /// The log cannot be opened, so nothing may run.
    pub(super) fn open(
        session: &Session,
        subject: &Subject,
        verdict: &Verdict,
        reason: Option<&str>,
        agent_session: Option<&str>,
    ) -> Result<Self, LogError> {
        let dir = folder(session)?;
        let id =
            lookup::new_id().map_err(|source| LogError::Folder { path: dir.clone(), source })?;
        let memory = Memory::new(verdict, session, agent_session, &id);
        let mut request = request::request(session, subject, verdict, reason, &id);
        request.sessions = memory.keys().to_vec();
        let terms = session.policy.log.harmless();
        let harmless = verdict.tier == Tier::Allow && terms != Harmless::Sync;
        let mut recorder = Self {
            dir,
            state: session.paths.state.clone(),
            log: None,
            harmless: None,
            id,
            waiting: Vec::new(),
            head: None,
            tier: verdict.tier,
            signing: Signing::of(&session.paths, &session.policy),
            counted: false,
            memory,
        };
        // A log that cannot be opened is known before anything runs.
        if !harmless || terms == Harmless::Record {
            recorder.log()?;
        }
        if harmless {
            recorder.harmless = Some(Box::new(Run::new(request, Stamp::now().to_string())));
        } else {
            recorder.waiting.push(Entry::new(Kind::Request, &request)?);
        }
        Ok(recorder)
    }

    /// Whether all of it will be one record, written when it is over.
    pub(super) const fn is_harmless(&self) -> bool {
        self.harmless.is_some()
    }

    fn log(&mut self) -> Result<&mut Log, LogError> {
        let log = match self.log.take() {
            Some(log) => log,
            None => open_log(self.state.as_deref(), &self.dir)?
                .on_wait(|waiting| tell(&format!("guard: {waiting}\n"))),
        };
        Ok(self.log.insert(log))
    }

    /// From here on as any other command.
    fn not_harmless(&mut self) -> Result<(), LogError> {
        if let Some(run) = self.harmless.take() {
            self.waiting.insert(0, Entry::new(Kind::Request, &run.request)?);
        }
        Ok(())
    }

    /// The one record of a harmless command; whether it is one.
    fn over(&mut self, came_to: CameTo) -> Result<bool, LogError> {
        let Some(mut run) = self.harmless.take() else { return Ok(false) };
        if let Some(log) = &mut self.log {
            run.came_to = Some(came_to);
            let done = log.append(Kind::Run, &run, Durability::Buffered)?;
            self.count(&[done]);
        }
        Ok(true)
    }

    fn flush(&mut self, entry: Option<Entry>) -> Result<(), LogError> {
        self.not_harmless()?;
        self.waiting.extend(entry);
        if !self.waiting.is_empty() {
            let entries = std::mem::take(&mut self.waiting);
            let done = self.log()?.append_all(&entries, Durability::Synced)?;
            self.count(&done);
            self.head = done
                .last()
                .map(|last| LogHead { seq: last.seq + 1, sha256: record::hex(&last.sha256) });
        }
        Ok(())
    }

    fn count(&mut self, done: &[Appended]) {
        let counts = |done: &Appended| self.signing.as_ref().is_some_and(|s| s.counts(done.seq));
        self.counted |= done.iter().any(counts);
    }

    /// Joins the records of this command.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Puts what waits on disk, and tells where the log stands then.
    pub(super) fn head(&mut self) -> Result<Option<LogHead>, LogError> {
        self.flush(None)?;
        Ok(self.head.clone())
    }

    /// Somebody elsewhere is asked: on disk before they can be.
    pub(super) fn petition(&mut self, petition: &Petition) -> Result<(), LogError> {
        self.flush(Some(Entry::new(Kind::Petition, petition)?))
    }

    /// The answer of somebody elsewhere that ends it.
    pub(super) fn decided_by(
        &mut self,
        decision: Decided,
        how: &'static str,
        reason: Option<String>,
        evidence: Evidence,
    ) -> Result<(), LogError> {
        let entry = self.decision(decision, how, reason, None, Some(evidence))?;
        self.flush(Some(entry))?;
        self.refused(decision);
        Ok(())
    }

    /// The answer of somebody elsewhere that lets it run: on disk with the
    /// `start` record.
    pub(super) fn allowed_by(
        &mut self,
        how: &'static str,
        evidence: Evidence,
    ) -> Result<(), LogError> {
        let entry = self.decision(Decided::Approved, how, None, None, Some(evidence))?;
        self.waiting.push(entry);
        Ok(())
    }

    /// A petition is used up: on disk with the `start` record.
    pub(super) fn claim(&mut self, claim: &Claim) -> Result<(), LogError> {
        self.waiting.push(Entry::new(Kind::Claim, claim)?);
        Ok(())
    }

    /// Somebody goes past a missing approval: on disk before they do.
    pub(super) fn overridden(&mut self, event: &Override) -> Result<(), LogError> {
        // What was written until now cannot be denied afterwards.
        if let Some(signing) = &self.signing {
            signing.before();
        }
        self.flush(Some(Entry::new(Kind::Override, event)?))
    }

    fn decision(
        &self,
        decision: Decided,
        how: &'static str,
        reason: Option<String>,
        waited_ms: Option<u64>,
        evidence: Option<Evidence>,
    ) -> Result<Entry, LogError> {
        let request_id = self.id.clone();
        let next = None;
        let decision = Decision { request_id, decision, how, reason, waited_ms, evidence, next };
        Ok(Entry::new(Kind::Decision, &decision)?)
    }

    /// The question is about to be shown.
    pub(super) fn asked(&mut self) -> Result<(), LogError> {
        self.flush(None)
    }

    /// The answer.
    pub(super) fn decided(
        &mut self,
        decision: Decided,
        how: &'static str,
        reason: Option<String>,
        waited_ms: Option<u64>,
    ) -> Result<(), LogError> {
        let entry = self.decision(decision, how, reason, waited_ms, None)?;
        self.flush(Some(entry))?;
        self.refused(decision);
        Ok(())
    }

    /// Notes nothing for the commands after this one.
    pub(super) fn forget(&mut self) {
        self.memory.forget();
    }

    fn refused(&mut self, decision: Decided) {
        if matches!(decision, Decided::Refused | Decided::Declined) {
            self.memory.note(Done::Refused);
        }
    }

    /// What a hook said. A call that needs nobody is not synced: a hook stands in
    /// front of every command of an agent.
    pub(super) fn hook(
        &mut self,
        decision: Decided,
        tier: Tier,
        then: Then,
    ) -> Result<(), LogError> {
        if !self.over(CameTo::Decided { decision, how: "hook" })? {
            let decision = Decision {
                request_id: self.id.clone(),
                decision,
                how: "hook",
                reason: None,
                waited_ms: None,
                evidence: None,
                next: (then == Then::Guard).then_some("guard"),
            };
            self.waiting.push(Entry::new(Kind::Decision, &decision)?);
            let entries = std::mem::take(&mut self.waiting);
            let synced = tier >= Tier::Confirm;
            let durability = if synced { Durability::Synced } else { Durability::Buffered };
            let done = self.log()?.append_all(&entries, durability)?;
            self.count(&done);
        }
        match then {
            Then::Agent => self.memory.note(Done::Started),
            // Who then runs that line does as told, and evades nothing.
            Then::Guard | Then::Advised => {}
            Then::Nobody => self.memory.note(Done::Refused),
        }
        if let Some(signing) = &self.signing {
            signing.if_due(self.counted);
        }
        Ok(())
    }

    /// The command is about to be started: on disk before this returns, unless
    /// it is harmless and nothing is unusual about how it is loaded.
    pub(super) fn start(&mut self, exe: &Path, notes: Vec<String>) -> Result<(), LogError> {
        if let Some(run) = self.harmless.as_mut().filter(|_| notes.is_empty()) {
            run.exe = Some(exe.to_string_lossy().into_owned());
            self.memory.note(Done::Started);
            return Ok(());
        }
        let start = Start {
            request_id: self.id.clone(),
            pid: std::process::id(),
            exe: Some(exe.to_string_lossy().into_owned()),
            notes,
        };
        self.flush(Some(Entry::new(Kind::Start, &start)?))?;
        self.memory.note(Done::Started);
        Ok(())
    }

    /// The command could not be started.
    pub(super) fn failed(&mut self, error: &RunError) -> Result<(), LogError> {
        let request_id = self.id.clone();
        let (exit, error) = (error.exit() as i32, error.to_string());
        if !self.over(CameTo::Failed { exit, error: error.clone() })? {
            let failed = Failed { request_id, exit, error };
            self.flush(Some(Entry::new(Kind::Failed, &failed)?))?;
        }
        self.memory.note(Done::Failed);
        Ok(())
    }

    /// The command ended. Not synced: the command is over whatever happens now,
    /// and the next record takes this one along.
    pub(super) fn end(
        &mut self,
        exit: Option<i32>,
        signal: Option<i32>,
        duration: Duration,
        usage: &Usage,
    ) -> Result<(), LogError> {
        let ms = |d: Duration| u64::try_from(d.as_millis()).unwrap_or(u64::MAX);
        let ended = Ended {
            exit,
            signal,
            duration_ms: ms(duration),
            user_ms: ms(usage.user),
            sys_ms: ms(usage.system),
            max_rss_kib: Some(usage.max_rss_kib),
        };
        let written = self.write_end(ended);
        self.memory.note(if exit == Some(0) { Done::Succeeded } else { Done::Failed });
        written?;
        match &self.signing {
            Some(signing) if self.tier == Tier::SecondHuman => signing.at_end(),
            Some(signing) => signing.if_due(self.counted),
            None => {}
        }
        Ok(())
    }

    fn write_end(&mut self, ended: Ended) -> Result<(), LogError> {
        if self.harmless.is_some() {
            return self.over(CameTo::Ended(ended)).map(|_| ());
        }
        let end = End { request_id: self.id.clone(), ended };
        let done = self.log()?.append(Kind::End, &end, Durability::Buffered)?;
        self.count(&[done]);
        Ok(())
    }
}

/// The log of this host, if it is this machine's.
fn open_log(state: Option<&Path>, dir: &Path) -> Result<Log, LogError> {
    let host = host::name();
    state.map_or(Ok(()), |state| owner::check(state, &host))?;
    Log::open(dir, &host)
}

/// Writes a single record that belongs to no command, and syncs it.
///
/// # Errors
/// It could not be written: then what it is about must not happen.
pub(super) fn note(
    session: &Session,
    kind: Kind,
    event: &impl serde::Serialize,
) -> Result<(), LogError> {
    let dir = folder(session)?;
    let mut log = open_log(session.paths.state.as_deref(), &dir)?;
    log.append(kind, event, Durability::Synced)?;
    Ok(())
}

/// Adds what an agent says about a command that was left to it, where there is
/// such a command. Not synced: nothing depends on it.
///
/// # Errors
/// The log cannot be read or written.
pub(super) fn told(
    session: &Session,
    asked: &Asked<'_>,
    told: impl FnOnce(HandedOn) -> Told,
) -> Result<(), LogError> {
    let dir = folder(session)?;
    let path = dir.join(lookup::file_name(&host::name()));
    let found = handed::find(&path, asked);
    let found = found.map_err(|source| LogError::Folder { path, source })?;
    let Some(found) = found else { return Ok(()) };
    let mut log = open_log(session.paths.state.as_deref(), &dir)?;
    let done = log.append(Kind::Outcome, &told(found), Durability::Buffered)?;
    if let Some(signing) = Signing::of(&session.paths, &session.policy) {
        signing.if_due(signing.counts(done.seq));
    }
    Ok(())
}

/// The folder of the log; without a home there has to be a variable.
fn folder(session: &Session) -> Result<PathBuf, LogError> {
    session.paths.log_dir().ok_or_else(|| LogError::Folder {
        path: PathBuf::from("~/.local/state/guard/audit"),
        source: std::io::Error::new(
            std::io::ErrorKind::NotFound,
            "no home directory is known; set HOME or XDG_STATE_HOME",
        ),
    })
}
