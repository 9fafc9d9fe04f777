//! `guard check`: the verdict alone. Never runs, never probes, never asks.

use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

use serde::Deserialize;

use super::args::{CheckArgs, What};
use super::render;
use crate::app::judge::{Input, judge};
use crate::app::public::public;
use crate::app::session::Session;
use crate::decide::{self, Verdict, World};
use crate::exit::Exit;
use crate::model::{Actor, ActorKind, Context, Problem, ProblemKind, Span, Tier};
use crate::shell::limits;
use crate::text::{Palette, json};

/// Room for the JSON around a command of the largest size, every byte escaped.
const MAX_LINE: usize = limits::MAX_BYTES * 6 + 64 * 1024;

/// What the caller asked about, or why it cannot be told.
pub fn input(what: &What) -> Result<Input, &'static str> {
    match (&what.text, what.argv.is_empty()) {
        // Text that is not UTF-8 is judged with U+FFFD in place of the bytes;
        // `run -c` refuses it, because what runs must be what was judged.
        (Some(text), _) => Ok(Input::Text(text.to_string_lossy().into_owned())),
        (None, false) => Ok(Input::Argv(what.argv.clone())),
        (None, true) => Err("No command was given. Use `-c TEXT`, or `-- CMD ARG...`."),
    }
}

/// The exit code of `check` for a verdict.
#[must_use]
pub const fn exit(verdict: &Verdict) -> Exit {
    match verdict.tier {
        Tier::Allow | Tier::Notify => Exit::Ok,
        Tier::Confirm | Tier::Challenge | Tier::SecondHuman => Exit::WouldAsk,
        Tier::Deny => Exit::WouldDeny,
    }
}

/// Runs the subcommand for one command.
///
/// # Errors
/// Output that could not be written.
pub fn one(
    args: &CheckArgs,
    input: &Input,
    session: &Session,
    out: &mut dyn Write,
    palette: Palette,
) -> io::Result<Exit> {
    let verdict = judge(input, session.world());
    let verdict = public(&verdict, &input.text(), session).verdict;
    if args.json {
        json::write(out, &render::json(&verdict, None))?;
        out.write_all(b"\n")?;
    } else {
        out.write_all(render::short(&verdict, palette).as_bytes())?;
    }
    Ok(exit(&verdict))
}

/// A line of `check --jsonl`.
#[derive(Debug, Deserialize)]
struct Question {
    #[serde(default)]
    id: Option<serde_json::Value>,
    command: String,
    #[serde(default)]
    cwd: Option<String>,
    #[serde(default)]
    actor: Option<ActorKind>,
}

/// What is left of a line that is not a question: enough to say whose answer
/// the answer is.
#[derive(Debug, Deserialize)]
struct Asker {
    #[serde(default)]
    id: Option<serde_json::Value>,
}

/// Answers questions line by line, in order, with the built-in rules and a
/// fixed neutral context: the same question gets the same answer everywhere.
///
/// # Errors
/// Input that cannot be read or output that cannot be written.
pub fn stream<R: Read>(input: &mut BufReader<R>, out: &mut dyn Write) -> io::Result<Exit> {
    let rules = crate::rules::RuleSet::default();
    let policy = decide::Policy::default();
    let mut line = Vec::new();
    loop {
        line.clear();
        let cut = read_line(input, &mut line)?;
        if line.is_empty() && !cut {
            return Ok(Exit::Ok);
        }
        let text = line.strip_suffix(b"\n").unwrap_or(&line);
        if text.iter().all(u8::is_ascii_whitespace) && !cut {
            continue;
        }
        answer(text, cut, &rules, &policy, out)?;
        // The next line would have to be waited for: answers go out now.
        if input.buffer().is_empty() {
            out.flush()?;
        }
    }
}

fn answer(
    line: &[u8],
    cut: bool,
    rules: &crate::rules::RuleSet,
    policy: &decide::Policy,
    out: &mut dyn Write,
) -> io::Result<()> {
    let question: Result<Question, String> = if cut {
        Err(format!("The line is longer than {MAX_LINE} bytes."))
    } else {
        serde_json::from_slice(line)
            .map_err(|error| format!("The line is not a question: {error}."))
    };
    let (id, verdict) = match question {
        Ok(question) => {
            let mut ctx = Context::neutral();
            if let Some(cwd) = question.cwd.filter(|cwd| cwd.starts_with('/')) {
                ctx.project = Some(cwd.clone());
                ctx.cwd = Some(cwd);
            }
            let actor = Actor {
                kind: question.actor.unwrap_or(ActorKind::Agent),
                name: None,
                evidence: "given".into(),
            };
            let world =
                World { rules, policy, ctx: &ctx, actor: &actor, files: &crate::command::NoFiles };
            (question.id, judge(&Input::Text(question.command), world))
        }
        Err(message) => {
            let kind = ProblemKind::Syntax;
            let problem = Problem { kind, message, span: Span::default() };
            let asker = serde_json::from_slice::<Asker>(line).ok().filter(|_| !cut);
            (asker.and_then(|asker| asker.id), decide::unreadable(problem))
        }
    };
    json::write(out, &render::json(&verdict, id.as_ref()))?;
    out.write_all(b"\n")
}

/// Reads a line of bounded length; the rest of a longer one is skipped. Says
/// whether it was cut.
fn read_line(input: &mut dyn BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    let mut cut = false;
    loop {
        let buffer = input.fill_buf()?;
        if buffer.is_empty() {
            return Ok(cut);
        }
        let end = buffer.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
        let taken = end.unwrap_or(buffer.len());
        if line.len() + taken <= MAX_LINE {
            line.extend_from_slice(buffer.get(..taken).unwrap_or_default());
        } else {
            cut = true;
        }
        input.consume(taken);
        if end.is_some() {
            return Ok(cut);
        }
    }
}

/// Text for `run -c` byte for byte, when it is UTF-8.
///
/// # Errors
/// A sentence for the user.
pub fn exact_text(text: &OsString) -> Result<String, String> {
    String::from_utf8(text.clone().into_vec()).map_err(|_| {
        format!(
            "The text after -c is not UTF-8 ({} bytes) and cannot be judged reliably. Put the \
             command after `--` instead.",
            text.as_bytes().len()
        )
    })
}
