//! What a hook answers: judged here, in milliseconds, and recorded.
//!
//! Nobody is waited for and nothing is probed. Whatever needs a person is handed
//! to `guard run`, where being killed means that nothing runs.

use std::ffi::OsString;
use std::path::Path;

use super::dialog;
use super::judge::{self, Input};
use super::memory;
use super::public::public;
use super::record::{Recorder, Then};
use super::session::Session;
use crate::audit::{Decided, LogError};
use crate::decide::{Subject, Verdict, describe};
use crate::hook::call::Event;
use crate::hook::{Act, Agent, Answer, Call, reply};
use crate::model::{Actor, ActorKind, Tier};
use crate::shell;
use crate::text::escape;

/// Most characters of a reason: one agent cuts what a hook prints at 10 KiB.
const MAX_REASON: usize = 4000;
/// The option of `guard run` that takes the number of a dialog. In one word with
/// it, so that no reader of the line takes it for a command.
const NONCE: &str = "--nonce=";

/// The hook of one agent, in the surroundings of its process.
#[derive(Debug, Clone, Copy)]
pub struct Hook<'a> {
    /// The agent.
    pub agent: Agent,
    /// guard's own program, as it is named in rewritten commands.
    pub guard: &'a Path,
    /// Whether a person watches the agent, as far as can be told.
    pub attended: bool,
    /// Whether the agent calls the hook when it shows its own dialog, too.
    pub dialog: bool,
}

/// The agent as the one who asks, with what its payload said.
#[must_use]
pub fn actor(agent: Agent, call: &Call) -> Actor {
    let mut evidence = format!("hook of {}", agent.name());
    for (what, value) in [("session", &call.session), ("subagent", &call.subagent)] {
        if let Some(value) = value {
            let short: String = value.chars().take(128).collect();
            evidence.push_str(&format!(", {what} {}", escape(&short)));
        }
    }
    // An agent all the same: policy for agents holds there too.
    if let Some(ci) = super::actor::ci() {
        evidence.push_str(&format!(", in CI: {ci}"));
    }
    Actor { kind: ActorKind::Agent, name: Some(agent.name().into()), evidence }
}

impl Hook<'_> {
    /// Judges a call, records it and says what the agent is to be told.
    ///
    /// # Errors
    /// The record could not be written: the call must not happen then.
    pub fn answer(&self, call: &Call, session: &Session) -> Result<Answer, LogError> {
        match &call.act {
            Act::Other => Ok(Answer::NoOpinion),
            Act::Shell(texts) => self.shell(texts, call, session),
            Act::Typed(text) => self.shell(std::slice::from_ref(text), call, session),
            Act::Argv(argv) => self.argv(argv, call, session),
            Act::Write(paths) => self.files(&["tee", "-a", "--"], paths, call, session),
            Act::Delete(paths) => self.files(&["rm", "--"], paths, call, session),
            Act::Delegate(_) => Ok(Answer::Deny(
                "guard: not run: the delegated agent would run commands that nobody is asked \
                 about, under an agent file of its own. Do the steps in this session instead, one \
                 command at a time."
                    .into(),
            )),
        }
    }

    /// Shell texts, one after the other. What one of them would do counts for
    /// all, because the agent starts all or none.
    fn shell(&self, texts: &[String], call: &Call, session: &Session) -> Result<Answer, LogError> {
        let mut judged = Vec::with_capacity(texts.len());
        for text in texts {
            let own = !matches!(call.act, Act::Typed(_)) && self.is_own(text, session);
            let verdict = judge::judge(&Input::Text(text.clone()), session.world());
            let verdict = memory::recall(verdict, session, call.session.as_deref());
            judged.push((text, verdict, own));
        }
        if let ([text], [(_, _, true)]) = (texts, judged.as_slice()) {
            self.dialog_shown(text, call, session);
        }
        let needy = |own: bool, verdict: &Verdict| !own && self.needs_somebody(verdict);
        let Some((text, verdict, _)) = judged
            .iter()
            .filter(|(_, verdict, own)| needy(*own, verdict))
            .max_by_key(|(_, verdict, _)| verdict.tier)
        else {
            for (text, verdict, own) in &judged {
                if !own {
                    record((session, call), &of_text(text), verdict, Then::Agent)?;
                }
            }
            return Ok(Answer::NoOpinion);
        };
        let unseen = self.agent.types_unseen() && is_interactive(verdict);
        let can_rewrite = reply::rewrites(self.agent, call.event)
            && !unseen
            && (verdict.tier != Tier::Deny || self.agent.hides_refusals())
            && matches!(call.act, Act::Shell(_));
        let subject = of_text(text);
        let one = verdict.tier == Tier::Confirm && !unseen && texts.len() == 1;
        if one && let Some(asked) = self.ask_there((text, verdict), &subject, call, session)? {
            return Ok(asked);
        }
        if can_rewrite {
            // `guard run` records what it judges; this says where it came from.
            record((session, call), &subject, verdict, Then::Guard)?;
            if verdict.tier == Tier::Deny {
                // Nothing else of the call runs beside the refusal.
                return Ok(Answer::Rewrite(vec![self.wrapped(text)]));
            }
            let new = judged.iter().map(|(text, verdict, own)| {
                if needy(*own, verdict) { self.wrapped(text) } else { (*text).clone() }
            });
            return Ok(Answer::Rewrite(new.collect()));
        }
        let hopeless = matches!(call.act, Act::Typed(_)) || unseen || verdict.tier == Tier::Deny;
        let then = if hopeless { Then::Nobody } else { Then::Advised };
        record((session, call), &subject, verdict, then)?;
        let next = if matches!(call.act, Act::Typed(_)) || unseen {
            "Next: give the commands themselves, one call each, instead of typing them into a \
             program that is already running: what is typed there cannot be judged."
                .to_owned()
        } else {
            self.next(verdict.tier, text)
        };
        Ok(Answer::Deny(self.refusal(verdict, text, session, &next)))
    }

    /// The agent's own question, where a person really sees it.
    fn ask_there(
        &self,
        (text, verdict): (&str, &Verdict),
        subject: &Subject,
        call: &Call,
        session: &Session,
    ) -> Result<Option<Answer>, LogError> {
        if self.dialog && reply::asks_to_run(self.agent, call, self.attended) {
            let of = call.session.as_deref();
            let of = of.map(|session| dialog::Of { agent: self.agent.name(), session });
            if let Some(nonce) = of.and_then(|of| dialog::issue(of, text, session)) {
                record((session, call), subject, verdict, Then::Guard)?;
                let instead = Some(self.wrapped_with(text, Some(&nonce)));
                return Ok(Some(Answer::Ask { text: self.why(verdict, text, session), instead }));
            }
        }
        // A person is about to be asked by the agent itself.
        let shown = call.event == Event::Permission;
        if !shown && !reply::asks(self.agent, call, self.attended) {
            return Ok(None);
        }
        record((session, call), subject, verdict, Then::Agent)?;
        let text = self.why(verdict, text, session);
        Ok(Some(if shown { Answer::NoOpinion } else { Answer::Ask { text, instead: None } }))
    }

    /// A tool that starts a program by itself.
    fn argv(&self, argv: &[String], call: &Call, session: &Session) -> Result<Answer, LogError> {
        let words = argv.iter().map(OsString::from).collect();
        self.program(words, (session, call), Then::Advised, |tier, text| match tier {
            Tier::Deny => self.next(tier, text),
            _ => {
                let tool = escape(&call.tool);
                format!("Instead of `{tool}`, use the shell tool. {}", self.next(tier, text))
            }
        })
    }

    /// A tool that changes files, judged as the command with the same effect.
    fn files(
        &self,
        like: &[&str],
        paths: &[String],
        call: &Call,
        session: &Session,
    ) -> Result<Answer, LogError> {
        let like = like.iter().map(OsString::from);
        let words = like.chain(paths.iter().map(OsString::from)).collect();
        self.program(words, (session, call), Then::Nobody, |_, _| {
            let tool = escape(&call.tool);
            format!(
                "Next: do not try another tool for the same file. If the change is needed, say to \
                 your operator which file and why, and let them make it (`{tool}` was refused)."
            )
        })
    }

    /// An argv that cannot be exchanged for another: it passes or is refused.
    fn program(
        &self,
        words: Vec<OsString>,
        (session, call): (&Session, &Call),
        then: Then,
        next: impl Fn(Tier, &str) -> String,
    ) -> Result<Answer, LogError> {
        let input = Input::Argv(words.clone());
        let verdict = judge::judge(&input, session.world());
        let verdict = memory::recall(verdict, session, call.session.as_deref());
        let subject = Subject { argv: words, shell_text: None };
        if !self.needs_somebody(&verdict) {
            record((session, call), &subject, &verdict, Then::Agent)?;
            return Ok(Answer::NoOpinion);
        }
        let then = if verdict.tier == Tier::Deny { Then::Nobody } else { then };
        record((session, call), &subject, &verdict, then)?;
        let text = input.text();
        let next = next(verdict.tier, &text);
        Ok(Answer::Deny(self.refusal(&verdict, &text, session, &next)))
    }

    /// Whether somebody has to be asked, or nobody can be.
    fn needs_somebody(&self, verdict: &Verdict) -> bool {
        verdict.tier >= Tier::Confirm || (self.agent.types_unseen() && is_interactive(verdict))
    }

    /// Whether the text is nothing but a call of this very program that judges
    /// by itself. Asked here too, the same person would be asked twice.
    pub(super) fn is_own(&self, text: &str, session: &Session) -> bool {
        let script = shell::read(text, &shell::Known::default());
        let [simple] = script.commands.as_slice() else { return false };
        let plain = script.problems.is_empty()
            && script.files.is_empty()
            && simple.assignments.is_empty()
            && simple.redirects.is_empty()
            && simple.uncalled.is_none()
            && !simple.disguised
            && simple.words.iter().all(|word| word.as_static().is_some());
        let words: Vec<&str> = simple.words.iter().filter_map(|word| word.as_static()).collect();
        let [program, how, ..] = words.as_slice() else { return false };
        // A function or an alias of that name would be something else.
        let first = text.trim_start().trim_start_matches(['\'', '"']);
        plain
            && matches!(*how, "--" | "run")
            && first.starts_with(*program)
            && self.is_this_program(program, session)
    }

    fn is_this_program(&self, program: &str, session: &Session) -> bool {
        let path = if program.contains('/') {
            session.ctx.cwd.as_deref().map(|cwd| Path::new(cwd).join(program))
        } else {
            let dirs = std::env::var_os("PATH").unwrap_or_default();
            std::env::split_paths(&dirs)
                .filter(|dir| dir.is_absolute())
                .map(|dir| dir.join(program))
                .find(|path| path.is_file())
        };
        let real = |path: &Path| path.canonicalize().ok();
        path.and_then(|path| real(&path)).is_some_and(|path| Some(path) == real(self.guard))
    }

    /// The command inside `guard run`. The program by its absolute path, because
    /// a login shell may have another `PATH`; the text as one word, because it
    /// may hold anything.
    fn wrapped(&self, text: &str) -> String {
        self.wrapped_with(text, None)
    }

    fn wrapped_with(&self, text: &str, nonce: Option<&str>) -> String {
        let guard = self.guard.to_string_lossy();
        let mut words = vec![guard.as_ref(), "run"];
        let nonce = nonce.map(|nonce| format!("{NONCE}{nonce}"));
        words.extend(nonce.as_deref());
        if let Some(wait) = self.agent.wait() {
            words.extend(["--wait", wait]);
        }
        words.extend(["-c", text]);
        let words: Vec<Vec<u8>> = words.iter().map(|word| word.as_bytes().to_vec()).collect();
        shell::join(&words).0
    }

    /// Notes that the agent shows its dialog, if it is about a command that guard
    /// wrote there with a number.
    fn dialog_shown(&self, command: &str, call: &Call, session: &Session) {
        let Some(of) = call.session.as_deref() else { return };
        if !self.dialog || call.event != Event::Permission {
            return;
        }
        let script = shell::read(command, &shell::Known::default());
        let [simple] = script.commands.as_slice() else { return };
        let words: Vec<&str> = simple.words.iter().filter_map(|word| word.as_static()).collect();
        let nonce = words.iter().find_map(|word| word.strip_prefix(NONCE));
        if let Some((nonce, text)) = nonce.zip(words.last())
            && self.wrapped_with(text, Some(nonce)) == command
        {
            let of = dialog::Of { agent: self.agent.name(), session: of };
            dialog::shown(of, nonce, text, session);
        }
    }

    fn next(&self, tier: Tier, text: &str) -> String {
        if tier == Tier::Deny {
            return "Next: nobody can approve this through guard. Do not look for another way to \
                    the same effect; if the task really needs it, say so to your operator and stop."
                .into();
        }
        let line = self.wrapped(text);
        if line.len() > MAX_REASON || line != escape(&line) {
            return "Next: run the same text through `guard run -c`; it asks the right person and \
                    runs it once approved."
                .into();
        }
        format!(
            "Next: run it as: {line}\nIt asks the right person and waits; when it ends with 75, \
             run the same line again to go on waiting."
        )
    }

    /// The reason of a question or refusal, without secrets.
    fn why(&self, verdict: &Verdict, text: &str, session: &Session) -> String {
        let public = public(verdict, text, session).verdict;
        let worst = public.worst();
        let mut out = format!("guard: {}", describe::tier(public.tier));
        if let Some(finding) = worst {
            let effect = &finding.effect;
            let name = effect.name.as_deref().unwrap_or_default();
            let what = format!("{} {} {name}", describe::verb(effect.facts.verb), effect.kind);
            out.push_str(&format!(": {}", escape(what.trim_end())));
            if let Some(reason) = finding.reasons.iter().find(|r| r.tier >= public.tier) {
                out.push_str(&format!(": {}", escape(&reason.text)));
            }
            out.push_str(&format!(" [{}]", escape(&finding.effect.rule)));
        }
        if let Some(problem) = public.problems.first() {
            out.push_str(&format!("; could not be read: {}", escape(&problem.message)));
        }
        out.push('.');
        if let Some(safer) = worst.and_then(|finding| finding.effect.safer.as_deref()) {
            out.push_str(&format!("\nSafer: {}", escape(safer)));
        }
        out.chars().take(MAX_REASON).collect()
    }

    fn refusal(&self, verdict: &Verdict, text: &str, session: &Session, next: &str) -> String {
        let why = self.why(verdict, text, session);
        let why = why.strip_prefix("guard: ").unwrap_or(&why);
        format!("guard: not run: {why}\n{next}")
    }
}

/// Whether what it starts is an interactive program.
fn is_interactive(verdict: &Verdict) -> bool {
    verdict.findings.iter().any(|finding| finding.effect.rule.starts_with("interactive."))
}

/// The text as the agent's shell runs it.
fn of_text(text: &str) -> Subject {
    let argv = ["bash", "-c", text].map(OsString::from).to_vec();
    Subject { argv, shell_text: Some(text.to_owned()) }
}

fn record(
    (session, call): (&Session, &Call),
    subject: &Subject,
    verdict: &Verdict,
    then: Then,
) -> Result<(), LogError> {
    let id = call.session.as_deref();
    let mut recorder = Recorder::open(session, subject, verdict, None, id)?;
    let decided = match then {
        Then::Nobody | Then::Advised => Decided::Refused,
        Then::Agent | Then::Guard => Decided::HandedOn,
    };
    recorder.hook(decided, verdict.tier, then)
}
