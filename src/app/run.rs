//! One command from argv to the end record.
//!
//! Every way out leaves a record, and nothing but what is harmless starts before
//! its record is on disk.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::time::{Duration, Instant};

use super::dialog;
use super::judge::{self, Input};
use super::memory;
use super::nested::{self, Reads};
use super::public::public;
use super::record::Recorder;
use super::second::{Asking, Given};
use super::session::Session;
use crate::approve::{self, Asked, How, Settings, Surroundings};
use crate::audit::{Decided, LogError};
use crate::decide::judge::FAILED;
use crate::decide::{Approved, Decision, Question, Refusal, Subject, Verdict};
use crate::exit::Exit;
use crate::model::Tier;
use crate::run::{self, Executable, RunError, Status};
use crate::ssh::Token;
use crate::text::{Palette, escape};

/// How a run is wanted.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Why, in the caller's words.
    pub reason: Option<String>,
    /// Say nothing about commands that may run.
    pub quiet: bool,
    /// Judge and show only.
    pub dry_run: bool,
    /// Colour on standard error.
    pub palette: Palette,
    /// Columns of standard error.
    pub columns: usize,
    /// How long to wait for somebody elsewhere; without it as long as suits who
    /// asks.
    pub wait: Option<Duration>,
    /// Tokens that came along.
    pub tokens: Vec<Token>,
    /// Go past a missing approval.
    pub break_glass: bool,
    /// The number of an agent's dialog; see `app/dialog.rs`.
    pub nonce: Option<String>,
    /// How the command line of another guard process is read, where a command
    /// may be a part of what that process runs; see `app/nested.rs`.
    pub part_of: Option<Reads>,
}

/// How a run ended for guard.
pub enum Ended {
    /// With this code of guard's own; the message was shown.
    Own(Exit),
    /// As the command ended: flush all output, then [`run::Outcome::finish`].
    Command(Box<run::Outcome>),
    /// The command could not be started: flush, then [`RunError::finish`].
    NotStarted(RunError),
    /// The question was interrupted by this signal.
    Interrupted(i32),
}

/// Leads a command through all stages. `tell` shows text on standard error.
///
/// # Errors
/// The record could not be written; nothing has started then.
pub fn run(
    input: &Input,
    session: &Session,
    wanted: &Wanted,
    tell: &dyn Fn(&str),
) -> Result<Ended, LogError> {
    let subject = subject(input);
    let executable = find(&subject, session.cwd.as_deref());
    let verdict = judge_by_all_names(input, executable.as_ref().ok(), session);
    let stage = Stage { session, wanted, tell, command: input.text() };
    if wanted.dry_run {
        return Ok(stage.dry_run(&memory::recall(verdict, session, None)));
    }
    // What cannot start hits nothing.
    let verdict =
        if executable.is_ok() { super::probes::look(verdict, session, tell) } else { verdict };
    let alone = verdict;
    let verdict = memory::recall(alone.clone(), session, None);
    // Only what was before makes it a question: nothing was looked at so far.
    let late = verdict.worst().is_some_and(|finding| finding.effect.rule == FAILED);
    let verdict = if executable.is_ok() && late {
        super::probes::look(verdict, session, tell)
    } else {
        verdict
    };
    let reason = wanted.reason.as_deref();
    let mut recorder = Recorder::open(session, &subject, &verdict, reason, None)?;
    let executable = match executable {
        Ok(executable) => executable,
        Err(error) => {
            recorder.failed(&error)?;
            return Ok(Ended::NotStarted(error));
        }
    };
    let part = wanted
        .part_of
        .filter(|_| verdict.tier >= Tier::Confirm)
        .and_then(|reads| nested::permit(&alone, verdict.tier, &subject, session, reads));
    if let Some((permit, pid)) = part {
        let why = format!("a part of what process {pid} runs with its approval");
        recorder.decided(Decided::Approved, "part", Some(why), None)?;
        // The steps of the whole are noted already.
        recorder.forget();
        return stage.start(permit.approve(), executable, recorder);
    }
    match Decision::new(verdict, subject, &session.actor) {
        Decision::Permit(permit) => {
            let approved = permit.approve();
            stage.notice(approved.verdict_ref());
            stage.start(approved, executable, recorder)
        }
        Decision::Refuse(refusal) => stage.refuse(&refusal, recorder),
        Decision::Ask(question) => stage.ask(question, executable, recorder),
        Decision::Elsewhere(petition) => {
            let nonce = wanted.nonce.as_deref();
            let petition = match dialog::answered(nonce, petition, session, &mut recorder, tell)? {
                Ok(approved) => return stage.start(approved, executable, recorder),
                Err(petition) => petition,
            };
            stage.show(petition.verdict_ref());
            let shown = escape(&session.redactor().text(&stage.command));
            let asking = Asking { input, session, wanted, tell, shown };
            match asking.ask(*petition, executable, recorder)? {
                Given::Approved(approved) => {
                    let (approved, executable, recorder) = *approved;
                    stage.start(approved, executable, recorder)
                }
                Given::Ended(ended) => Ok(ended),
            }
        }
    }
}

/// Leads something that guard itself does through the same stages as a command
/// of these words, and does it where the command would be started.
///
/// # Errors
/// As [`run`].
pub fn act(
    input: &Input,
    session: &Session,
    wanted: &Wanted,
    tell: &dyn Fn(&str),
    action: &mut dyn FnMut() -> Result<(), String>,
) -> Result<Ended, LogError> {
    let subject = subject(input);
    let verdict = judge::judge(input, session.world());
    let stage = Stage { session, wanted, tell, command: input.text() };
    let reason = wanted.reason.as_deref();
    let mut recorder = Recorder::open(session, &subject, &verdict, reason, None)?;
    let executable = match find(&subject, session.cwd.as_deref()) {
        Ok(executable) => executable,
        Err(error) => {
            recorder.failed(&error)?;
            return Ok(Ended::NotStarted(error));
        }
    };
    let petition = match Decision::new(verdict, subject, &session.actor) {
        Decision::Elsewhere(petition) => petition,
        Decision::Refuse(refusal) => return stage.refuse(&refusal, recorder),
        // The rules of guard's own commands ask for more than this; a rule
        // set in which they do not is not one to trust.
        Decision::Permit(_) | Decision::Ask(_) => {
            tell("guard: not done: the rules that protect guard are not in force\n");
            return Ok(Ended::Own(Exit::Config));
        }
    };
    stage.show(petition.verdict_ref());
    let shown = escape(&session.redactor().text(&stage.command));
    let asking = Asking { input, session, wanted, tell, shown };
    let (approved, executable, mut recorder) = match asking.ask(petition, executable, recorder)? {
        Given::Approved(approved) => *approved,
        Given::Ended(ended) => return Ok(ended),
    };
    recorder.start(&executable.path, Vec::new())?;
    let begun = Instant::now();
    let done = action();
    // Used up by what was just done.
    drop(approved);
    let exit = i32::from(done.is_err());
    recorder.end(Some(exit), None, begun.elapsed(), &crate::sys::Usage::default())?;
    Ok(Ended::Own(match done {
        Ok(()) => Exit::Ok,
        Err(why) => {
            tell(&format!("guard: {why}\n"));
            Exit::Failed
        }
    }))
}

/// Judges a command by the name that was typed and, where somebody but root
/// could have made the link, by the name of the program behind it: `ln -s
/// /bin/rm ls` does not make `./ls` harmless. The links of the system are left
/// alone, because programs there behave by the name they are called by.
fn judge_by_all_names(
    input: &Input,
    executable: Option<&Executable>,
    session: &Session,
) -> Verdict {
    let verdict = judge::judge(input, session.world());
    let Some((Input::Argv(argv), executable)) = Some(input).zip(executable) else {
        return verdict;
    };
    let typed = argv.first().and_then(|word| Path::new(word).file_name());
    if executable.only_root_can_change || executable.path.file_name() == typed {
        return verdict;
    }
    let real = std::iter::once(executable.path.clone().into_os_string());
    let real = Input::Argv(real.chain(argv.iter().skip(1).cloned()).collect());
    let mut behind = judge::judge(&real, session.world());
    if behind.tier <= verdict.tier {
        return verdict;
    }
    for finding in &mut behind.findings {
        // Places in the other text mean nothing in the one that is shown.
        finding.effect.span = crate::model::Span::default();
    }
    behind
}

/// What would be executed.
fn subject(input: &Input) -> Subject {
    match input {
        Input::Argv(argv) => Subject { argv: argv.clone(), shell_text: None },
        Input::Text(text) => Subject {
            argv: vec![shell(), OsString::from("-c"), OsString::from(text)],
            shell_text: Some(text.clone()),
        },
    }
}

/// The shell for text: bash, because that is the grammar it was judged by.
fn shell() -> OsString {
    let usual = ["/bin/bash", "/usr/bin/bash", "/usr/local/bin/bash", "/opt/homebrew/bin/bash"];
    let found = usual.iter().find(|path| Path::new(path).exists());
    OsString::from(found.copied().unwrap_or("bash"))
}

fn find(subject: &Subject, cwd: Option<&Path>) -> Result<Executable, RunError> {
    let program = subject.argv.first().map_or(OsStr::new(""), OsString::as_os_str);
    let path = std::env::var_os("PATH");
    run::resolve(program, path.as_deref(), cwd.unwrap_or_else(|| Path::new(".")))
}

struct Stage<'a> {
    session: &'a Session,
    wanted: &'a Wanted,
    tell: &'a dyn Fn(&str),
    command: String,
}

impl Stage<'_> {
    fn screen(&self, verdict: &Verdict, palette: Palette, columns: usize) -> String {
        let here = Surroundings {
            host: Some(super::host::name()),
            cwd: self.session.ctx.cwd.clone(),
            user: super::host::user(),
            target: super::probes::target(verdict, self.session),
        };
        let shown = public(verdict, &self.command, self.session);
        let before = shown.verdict.before.join("; ");
        let scene = approve::Scene {
            command: &shown.command,
            verdict: &shown.verdict,
            actor: &self.session.actor,
            here: &here,
            before: (!before.is_empty()).then_some(before.as_str()),
        };
        approve::render(&scene, palette, columns)
    }

    fn show(&self, verdict: &Verdict) {
        (self.tell)(&self.screen(verdict, self.wanted.palette, self.wanted.columns));
    }

    fn dry_run(&self, verdict: &Verdict) -> Ended {
        self.show(verdict);
        (self.tell)("guard: not run: this was --dry-run.\n");
        Ended::Own(match verdict.tier {
            Tier::Allow | Tier::Notify => Exit::Ok,
            Tier::Deny => Exit::WouldDeny,
            _ => Exit::WouldAsk,
        })
    }

    /// T1 is told to people, in one line.
    fn notice(&self, verdict: &Verdict) {
        if verdict.tier != Tier::Notify || self.wanted.quiet || !self.session.actor.can_answer() {
            return;
        }
        let Some(finding) = verdict.worst() else { return };
        let why = finding.reasons.last().map_or("", |reason| reason.text.as_str());
        let object = escape(&finding.effect.object());
        (self.tell)(&format!("guard: {}: {object} ({why})\n", escape(&finding.effect.summary)));
    }

    fn refuse(&self, refusal: &Refusal, mut recorder: Recorder) -> Result<Ended, LogError> {
        let why = format!("tier {}", refusal.verdict.tier);
        recorder.decided(Decided::Refused, "guard", Some(why), None)?;
        self.show(&refusal.verdict);
        let block = approve::refused(
            refusal,
            &self.session.actor,
            self.wanted.palette,
            self.wanted.columns,
        );
        (self.tell)(&block);
        Ok(Ended::Own(Exit::Denied))
    }

    fn ask(
        &self,
        question: Question,
        executable: Executable,
        mut recorder: Recorder,
    ) -> Result<Ended, LogError> {
        let settings = Settings { palette: self.wanted.palette, ..Settings::default() };
        let asked_at = Instant::now();
        let verdict = question.verdict_ref().clone();
        // The request is on disk before the question is on the screen: killing
        // guard at the prompt leaves a record too.
        let asked = approve::ask(
            question,
            settings,
            &|palette, columns| self.screen(&verdict, palette, columns),
            |_| recorder.asked(),
        )?;
        let waited = u64::try_from(asked_at.elapsed().as_millis()).unwrap_or(u64::MAX);
        match asked {
            Asked::Approved(approved) => {
                if let Some(why) = super::probes::others(approved.verdict_ref(), self.session) {
                    let told = format!("guard: not run: {why}\nRun it again to be asked anew.\n");
                    recorder.decided(Decided::StateChanged, "guard", Some(why), Some(waited))?;
                    (self.tell)(&told);
                    return Ok(Ended::Own(Exit::Denied));
                }
                recorder.decided(Decided::Approved, "terminal", None, Some(waited))?;
                self.start(*approved, executable, recorder)
            }
            Asked::Declined(declined) => {
                let decided = match declined.how {
                    How::No | How::TooManyAttempts(_) => Decided::Declined,
                    How::NoTerminal | How::Background => Decided::Refused,
                    How::TimedOut(_) | How::Interrupted(_) | How::Closed => Decided::Cancelled,
                };
                let how = declined.how.name().to_owned();
                recorder.decided(decided, "terminal", Some(how), Some(waited))?;
                let unanswered =
                    approve::Unanswered { verdict: &declined.verdict, how: declined.how };
                let block =
                    approve::declined(&unanswered, self.wanted.palette, self.wanted.columns);
                (self.tell)(&block);
                Ok(match declined.how {
                    How::Interrupted(signal) => Ended::Interrupted(signal),
                    _ => Ended::Own(Exit::Denied),
                })
            }
        }
    }

    fn start(
        &self,
        approved: Approved,
        executable: Executable,
        mut recorder: Recorder,
    ) -> Result<Ended, LogError> {
        let notes = loader_notes();
        let prepared = run::prepare(approved, executable);
        recorder.start(&prepared.executable().path, notes)?;
        let running = match prepared.start() {
            Ok(running) => running,
            Err(error) => {
                recorder.failed(&error)?;
                return Ok(Ended::NotStarted(error));
            }
        };
        let outcome = running.wait();
        let (exit, signal) = match outcome.status {
            Status::Exited(code) => (Some(code), None),
            Status::Signalled(signal) => (None, Some(signal)),
        };
        let what = if recorder.is_harmless() { "the command" } else { "the end of the command" };
        if let Err(error) = recorder.end(exit, signal, outcome.duration, &outcome.usage) {
            // The command has run; its own result must still reach the caller.
            (self.tell)(&format!("guard: {what} is not recorded: {error}\n"));
        }
        Ok(Ended::Command(Box::new(outcome)))
    }
}

/// Variables that make the command run other code than it seems to.
fn loader_notes() -> Vec<String> {
    let found = run::loader_variables(std::env::vars_os());
    found
        .iter()
        .map(|variable| {
            format!("{} is set: {}", escape(&variable.name.to_string_lossy()), variable.effect)
        })
        .collect()
}
