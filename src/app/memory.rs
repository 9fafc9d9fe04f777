//! What the same agent or terminal did before, and what it does now, kept for
//! the commands after it.

use std::io::IsTerminal as _;
use std::path::Path;
use std::time::Duration;

use super::actor;
use super::session::Session;
use crate::decide::{self, Verdict, sequences};
use crate::model::Tier;
use crate::second::Utc;
use crate::sequence::{Act, Done, Step};
use crate::store::{Ledger, StoreError};
use crate::sys;
use crate::text::{stamp::Stamp, tell};

/// How long another guard may hold the lock of the ledger.
const PATIENCE: Duration = Duration::from_secs(2);
/// The same for a hook: agents give it a few seconds, and a verdict without a
/// memory is better than none. A call may hold many commands.
const HOOK_PATIENCE: Duration = Duration::from_millis(200);

/// How long after it a step that failed is looked for.
const FAILED: Duration = Duration::from_secs(10 * 60);

const fn patience(agent_session: Option<&str>) -> Duration {
    if agent_session.is_some() { HOOK_PATIENCE } else { PATIENCE }
}

/// The verdict in the light of what was before. A command without a step that
/// could belong to a sequence opens nothing.
pub(super) fn recall(verdict: Verdict, session: &Session, agent_session: Option<&str>) -> Verdict {
    let steps = sequences::steps(&verdict, session.world());
    let Some(state) = session.paths.state.as_deref() else { return verdict };
    let relies = || steps.iter().any(Step::relies) && noted(state);
    if !steps.iter().any(|step| matters(step, session)) && !relies() {
        return verdict;
    }
    let keys = keys(session.actor.name.as_deref().unwrap_or_default(), agent_session);
    let past = Ledger::open_existing(state, patience(agent_session))
        .and_then(|ledger| ledger.map_or_else(|| Ok(Vec::new()), |l| l.past(&keys, now())));
    match past {
        Ok(past) if past.is_empty() => verdict,
        Ok(past) => decide::with_past(verdict, &past, session.world()),
        Err(error) => {
            complain(&error);
            verdict
        }
    }
}

/// Whether a step was noted so lately that one which failed would still count.
fn noted(state: &Path) -> bool {
    let late = |file: &str| {
        let time = state.join(file).metadata().and_then(|meta| meta.modified()).ok()?;
        time.elapsed().ok().filter(|age| *age <= FAILED)
    };
    // New steps stand in the log beside it first.
    late(Ledger::FILE).is_some() || late(Ledger::NEWEST).is_some()
}

/// Whether a step can be one of a sequence across commands. What is made on this
/// host without anybody being asked is not: half of all commands would be noted.
fn matters(step: &Step, session: &Session) -> bool {
    let budgets = &session.policy.budgets;
    if step.tier >= Tier::Confirm
        || step.act == Act::Switch
        || budgets.iter().any(|(_, budget)| budget.counts(step))
    {
        return true;
    }
    let elsewhere = || {
        let files = session.rules.files(&step.family);
        files.iter().any(|file| file.file.whereabouts.remote)
    };
    step.act != Act::Other && step.family != "files" && elsewhere()
}

/// Notes what becomes of one command.
pub(super) struct Memory {
    name: String,
    keys: Vec<String>,
    steps: Vec<Step>,
    /// Steps that count only if they fail.
    rest: Vec<Step>,
    state: Option<std::path::PathBuf>,
    id: String,
    patience: Duration,
}

impl Memory {
    /// For the command with this id.
    pub(super) fn new(
        verdict: &Verdict,
        session: &Session,
        agent_session: Option<&str>,
        id: &str,
    ) -> Self {
        let redactor = session.redactor();
        let mut all = sequences::steps(verdict, session.world());
        for step in &mut all {
            let values = step.place.iter_mut().map(|(_, value)| value);
            for text in step.names.iter_mut().chain(values) {
                *text = redactor.text(text).into_owned();
            }
        }
        let (steps, rest): (Vec<Step>, Vec<Step>) =
            all.into_iter().partition(|step| matters(step, session));
        let name = session.actor.name.clone().unwrap_or_default();
        let keys = if steps.is_empty() && agent_session.is_none() {
            Vec::new()
        } else {
            keys(&name, agent_session)
        };
        Self {
            name,
            keys,
            steps,
            rest,
            state: session.paths.state.clone(),
            id: id.to_owned(),
            patience: patience(agent_session),
        }
    }

    /// Names for who acts; none where nothing is kept.
    pub(super) fn keys(&self) -> &[String] {
        &self.keys
    }

    /// Notes nothing from now on.
    pub(super) fn forget(&mut self) {
        self.steps.clear();
        self.rest.clear();
    }

    /// What became of it; called again as more is known.
    pub(super) fn note(&mut self, done: Done) {
        if done == Done::Failed {
            self.steps.append(&mut self.rest);
        }
        if self.steps.is_empty() {
            return;
        }
        if self.keys.is_empty() {
            self.keys = keys(&self.name, None);
        }
        let Some(state) = self.state.as_deref() else { return };
        let noted = Ledger::open(state, self.patience)
            .and_then(|mut l| l.note(&self.id, &self.keys, &self.steps, done, now()));
        if let Err(error) = noted {
            complain(&error);
        }
    }
}

/// Names for who acts: the session that an agent's hook names, and the agent's
/// process or else the terminal. Steps under any of them belong
/// together.
fn keys(name: &str, agent_session: Option<&str>) -> Vec<String> {
    let boot = crate::bind::host::boot_id();
    let named = agent_session.map(|id| session_name(name, id));
    let process = match actor::agent_process() {
        Some((pid, started)) => format!("agent {boot} {pid} {started}"),
        None => terminal(&boot, name),
    };
    named.into_iter().chain([process]).collect()
}

/// The name of a session that an agent's hook names.
pub(super) fn session_name(agent: &str, id: &str) -> String {
    format!("session {agent} {}", id.chars().take(128).collect::<String>())
}

/// The session of the terminal. Callers without one often are sessions of their
/// own, command by command, and so count as one caller by their name.
fn terminal(boot: &str, name: &str) -> String {
    let own = i32::try_from(std::process::id()).ok().and_then(sys::process);
    match own.filter(|process| process.terminal.is_some()) {
        Some(own) => {
            let started = sys::process(own.session).map_or(0, |process| process.started);
            format!("terminal {boot} {} {started}", own.session)
        }
        None => format!("no terminal {boot} {name}"),
    }
}

fn now() -> Utc {
    Utc(Stamp::now().0.div_euclid(1000))
}

/// The memory is a help: without it guard judges each command by itself, and
/// says so to whoever can do something about it.
fn complain(error: &StoreError) {
    if std::io::stderr().is_terminal() {
        tell(&format!("guard: earlier steps are not remembered: {error}\n"));
    }
}
