//! `guard hook AGENT`: the process behind an agent's hook.
//!
//! Every way out of here is an answer in the agent's own form. A defect, a
//! payload that cannot be read, a broken configuration, a record that cannot be
//! written and a deadline that passes are all refusals: in most agents anything
//! else lets the command run.

use std::io::ErrorKind::{Interrupted, WouldBlock};
use std::io::{self, BufRead as _, Write as _};
use std::os::fd::AsFd as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use clap::Args;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::app::hook::{Hook, actor};
use crate::app::session::Session;
use crate::exit::Exit;
use crate::hook::{Agent, Call, MAX_AFTER, MAX_PAYLOAD, Reply, after, call, reply};
use crate::model::Way;

/// How long the payload may take to arrive. One agent opens the pipe and never
/// closes it.
const READ: Duration = Duration::from_secs(2);
/// How long the whole answer may take; shorter than the time limit of every
/// agent, because all of them run the command when it passes.
const DEADLINE: Duration = Duration::from_secs(5);

/// Room for the judge, as much as the first thread of a process has.
const STACK: usize = 8 * 1024 * 1024;

/// `guard hook`.
#[derive(Debug, Args)]
#[command(after_help = "\
Agents register this as the program of their hook; `guard init` does it.

Examples:
  guard hook claude-code < payload.json    what Claude Code would be told
  guard hook q < payload.json              short names work too
  guard hook claude-code --after < said.json    note how a command ended

What the agent is told:
  nothing     the command is harmless: the agent goes on as without guard
  ask         the agent's own question, where a person really sees it
  rewrite     `guard run -c ...` in its place, which asks and waits
  deny        with the reason and what to do instead

It waits for nobody and answers within 5 seconds whatever happens. A payload
that it cannot read, a broken policy or a full disk is a refusal.

Exit codes: 0 answered, on standard output where the agent reads it there;
2 refused, with the reason on standard error.")]
pub struct HookArgs {
    /// The agent.
    #[arg(value_enum)]
    pub agent: Agent,
    /// For the event after the shell tool: notes how the agent says that the
    /// command ended. Prints nothing and exits with 0 whatever happens.
    #[arg(long)]
    pub after: bool,
    /// The agent also calls this hook when it shows its own dialog: what a person
    /// agrees to there is run and recorded by guard.
    #[arg(long)]
    pub dialog: bool,
}

/// Runs the subcommand. The judging is done beside this thread, which keeps the
/// time and speaks alone, so that there is one answer whatever happens there.
#[must_use]
pub fn hook(args: &HookArgs) -> ExitCode {
    let agent = args.agent;
    // Said below, in the agent's form.
    std::panic::set_hook(Box::new(|_| {}));
    if args.after {
        return after(agent);
    }
    let dialog = args.dialog;
    give(&judged(move || said(agent), agent, dialog))
}

/// What the agent is told about the call that the payload describes.
fn judged(
    payload: impl FnOnce() -> Result<Vec<u8>, String> + Send + 'static,
    agent: Agent,
    dialog: bool,
) -> Reply {
    let (send, receive) = mpsc::channel();
    let judge = std::thread::Builder::new().name("judge".into()).stack_size(STACK);
    let started = judge.spawn(move || {
        let reply = catch_unwind(AssertUnwindSafe(|| answer(payload(), agent, dialog))).ok();
        let _ = send.send(reply);
    });
    let reply = match started {
        Ok(_) => receive.recv_timeout(DEADLINE).map_err(|_| {
            "guard: not run: guard could not judge the command within 5 seconds. Try it again; if \
             it stays so, the disk and `guard log verify` are where to look."
        }),
        Err(_) => Err("guard: not run: this machine has no thread to spare for guard."),
    };
    let reply = reply.and_then(|reply| {
        reply.ok_or(
            "guard: not run: guard met a defect of its own while it judged the command. Please \
             report it; `guard check` shows it with the same command.",
        )
    });
    reply.unwrap_or_else(|why| reply::failed(agent, why))
}

/// Takes the agent's word on how a command ended. It comes too late for a
/// refusal: in some agents one would only hide the output, so nothing of what
/// can go wrong here is said, and the agent is not kept waiting.
fn after(agent: Agent) -> ExitCode {
    let Ok(bytes) = payload(MAX_AFTER, &mut false) else { return Exit::Ok.into() };
    if after::is_before(&bytes) {
        // Registered where guard has to judge: then it does.
        return give(&judged(move || Ok(bytes), agent, false));
    }
    let (send, receive) = mpsc::channel();
    let noting = std::thread::Builder::new().name("note".into()).stack_size(STACK);
    let started = noting.spawn(move || {
        let _ = catch_unwind(AssertUnwindSafe(|| note(agent, &bytes)));
        let _ = send.send(());
    });
    if started.is_ok() {
        let _ = receive.recv_timeout(DEADLINE);
    }
    Exit::Ok.into()
}

fn note(agent: Agent, bytes: &[u8]) -> Option<()> {
    let after = after::read(agent, bytes)?;
    let guard = std::env::current_exe().ok()?;
    let session =
        Session::open_as(place(&after.call), actor(agent, &after.call), Way::Hook).ok()?;
    let hook = Hook { agent, guard: &guard, attended: false, dialog: false };
    crate::app::after::note(&hook, &after, &session).ok()
}

/// Prints a reply.
fn give(reply: &Reply) -> ExitCode {
    let mut err = std::io::stderr();
    let _ = err.write_all(reply.stderr.as_bytes()).and_then(|()| err.flush());
    if !reply.stdout.is_empty() {
        let mut out = std::io::stdout();
        let written = out.write_all(reply.stdout.as_bytes()).and_then(|()| out.flush());
        let [_, closed, _] = crate::sys::inherited().closed;
        if closed || written.is_err() {
            // The agent cannot read what it was told: the one thing left that
            // says no.
            let _ = err.write_all(b"guard: not run: the answer could not be written.\n");
            return ExitCode::from(2);
        }
    }
    ExitCode::from(reply.exit)
}

fn answer(payload: Result<Vec<u8>, String>, agent: Agent, dialog: bool) -> Reply {
    let call = match payload.and_then(|bytes| call::read(agent, &bytes).map_err(|e| e.to_string()))
    {
        Ok(call) => call,
        Err(error) => {
            let name = agent.name();
            return reply::failed(
                agent,
                &format!(
                    "guard: not run: {error}. This guard does not understand what {name} is about \
                     to do; a newer guard may."
                ),
            );
        }
    };
    match judge(agent, &call, dialog) {
        Ok(answer) => reply::reply(agent, &call, &answer),
        Err(error) => reply::failed(agent, &format!("guard: not run: {error}")),
    }
}

fn judge(agent: Agent, call: &Call, dialog: bool) -> Result<crate::hook::Answer, String> {
    if call.act == crate::hook::Act::Other {
        return Ok(crate::hook::Answer::NoOpinion);
    }
    let guard = std::env::current_exe()
        .map_err(|error| format!("guard cannot tell where its own program is: {error}."))?;
    if guard.to_str().is_none() {
        return Err("the path of guard's program is not UTF-8, so no agent can be told it.".into());
    }
    let session =
        Session::open_as(place(call), actor(agent, call), Way::Hook).map_err(|e| e.to_string())?;
    let hook = Hook { agent, guard: &guard, attended: attended(agent), dialog };
    hook.answer(call, &session).map_err(|error| {
        format!("it cannot be recorded, and what is not recorded does not run: {error}")
    })
}

/// The folder that the agent names, else the one that the hook was started in.
fn place(call: &Call) -> Option<PathBuf> {
    let devin = std::env::var_os("DEVIN_PROJECT_DIR").map(PathBuf::from);
    let named = call.cwd.as_deref().map(PathBuf::from).or(devin);
    named.or_else(|| std::env::current_dir().ok())
}

/// Whether a person watches. Claude Code says so; the others have to hold a
/// terminal at least. Nobody does in a CI job.
fn attended(agent: Agent) -> bool {
    if crate::app::actor::ci().is_some() {
        return false;
    }
    match agent {
        Agent::ClaudeCode => {
            std::env::var_os("CLAUDE_CODE_SESSION_ATTENDED").is_some_and(|value| value == "1")
        }
        _ => crate::app::actor::can_open_terminal(),
    }
}

/// What the agent says about the call: on standard input; Kiro's IDE 0.12 says it
/// in a variable, and leaves standard input open without a word.
fn said(agent: Agent) -> Result<Vec<u8>, String> {
    let mut any = false;
    let read = payload(MAX_PAYLOAD, &mut any);
    if agent != Agent::Kiro || any {
        return read;
    }
    let variable = std::env::var(call::KIRO_VARIABLE).ok().map(String::into_bytes);
    variable.filter(|bytes| call::is_kiros_variable(bytes)).map_or(read, Ok)
}

/// Standard input, up to one byte more than is taken, within its time; `any` is
/// set when there was something. What is ready is read, so no read waits: a thread
/// that could be left behind would cost more than all of this.
fn payload(most: usize, any: &mut bool) -> Result<Vec<u8>, String> {
    let failed = |error: io::Error| format!("the hook's input cannot be read: {error}");
    let begun = Instant::now();
    let mut stdin = io::stdin().lock();
    let mut bytes = Vec::new();
    while bytes.len() <= most {
        let left = READ.saturating_sub(begun.elapsed());
        let mut input = [PollFd::new(stdin.as_fd(), PollFlags::POLLIN)];
        let left = PollTimeout::try_from(left).unwrap_or(PollTimeout::ZERO);
        match poll(&mut input, left) {
            Ok(0) => return Err("the hook's input did not end within 2 seconds".into()),
            Ok(_) => {}
            Err(Errno::EINTR) => continue,
            Err(error) => return Err(failed(error.into())),
        }
        // All that one read gives, so that nothing is ready in a buffer unseen.
        let read = match stdin.fill_buf() {
            Ok(piece) => {
                bytes.extend_from_slice(piece);
                piece.len()
            }
            Err(error) if matches!(error.kind(), Interrupted | WouldBlock) => continue,
            Err(error) => return Err(failed(error)),
        };
        if read == 0 {
            break;
        }
        stdin.consume(read);
        *any = true;
    }
    bytes.truncate(most.saturating_add(1));
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic, reason = "what happens then is what is tested")]

    use clap::ValueEnum as _;

    use super::{DEADLINE, judged};
    use crate::hook::{Agent, sample};

    #[test]
    fn a_defect_of_guards_own_is_a_refusal_in_the_form_of_every_agent() {
        std::panic::set_hook(Box::new(|_| {}));
        for agent in Agent::value_variants() {
            let reply = judged(|| panic!("a defect"), *agent, false);
            assert!(sample::stops(*agent, &reply), "{agent:?}: {reply:?}");
            let said = format!("{}{}", reply.stdout, reply.stderr);
            assert!(said.contains("a defect of its own"), "{agent:?}: {said}");
        }
    }

    #[test]
    fn what_takes_longer_than_the_deadline_is_a_refusal() {
        let late = || {
            std::thread::sleep(DEADLINE * 2);
            Ok(Vec::new())
        };
        let reply = judged(late, Agent::Codex, false);
        assert!(sample::stops(Agent::Codex, &reply), "{reply:?}");
        assert!(reply.stderr.contains("within 5 seconds"), "{reply:?}");
    }
}
