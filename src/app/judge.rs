//! From text or argv to a verdict: the pure stages in a row.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

use crate::command;
use crate::decide::{self, Policy, Verdict, World};
use crate::model::{Actor, ActorKind, Context, Script, Simple, Word};
use crate::rules::{
    RuleSet,
    lint::{Hooks, reachable},
};
use crate::shell;

/// What guard was asked to judge.
#[derive(Debug, Clone)]
pub enum Input {
    /// Shell text.
    Text(String),
    /// An argv, byte for byte.
    Argv(Vec<OsString>),
}

impl Input {
    /// The command as text: as given, or quoted for a shell. Spans of the
    /// verdict are into this text.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Argv(argv) => shell::join(&bytes(argv)).0,
        }
    }
}

fn bytes(argv: &[OsString]) -> Vec<Vec<u8>> {
    argv.iter().map(|word| word.as_bytes().to_vec()).collect()
}

/// Judges a command.
pub fn judge(input: &Input, world: World<'_>) -> Verdict {
    let script = match input {
        Input::Text(text) => {
            let known = shell::Known {
                home: world.ctx.homes.first().cloned(),
                cwd: world.ctx.cwd.clone(),
                ..shell::Known::default()
            };
            shell::read(text, &known)
        }
        Input::Argv(argv) => from_argv(argv),
    };
    decide::judge(command::resolve(script, world.ctx, world.rules, world.files), world)
}

/// What the checks of rule files ask about the rest of guard.
pub const HOOKS: Hooks<'static> = Hooks { knows_subcommand: &reachable };

/// Judges a shell text with these rules as `check --jsonl` does: in the neutral
/// context, without policy. Examples of rule files and files of labelled
/// commands are tested so.
pub fn judged(text: &str, rules: &RuleSet, actor: ActorKind) -> Verdict {
    let (policy, ctx) = (Policy::default(), Context::neutral());
    let actor = Actor { kind: actor, name: None, evidence: "given".into() };
    let world =
        World { rules, policy: &policy, ctx: &ctx, actor: &actor, files: &command::NoFiles };
    judge(&Input::Text(text.to_owned()), world)
}

/// An argv as a script of one simple command. Bytes that are not UTF-8 are
/// judged as U+FFFD, which no name that guard knows contains; what runs are
/// the bytes.
fn from_argv(argv: &[OsString]) -> Script {
    let (text, spans) = shell::join(&bytes(argv));
    let words = argv
        .iter()
        .zip(spans)
        .map(|(word, span)| Word::text(word.to_string_lossy().into_owned(), span))
        .collect();
    let span = crate::model::Span::new(0, text.len());
    let command = Simple { words, span, ..Simple::default() };
    Script { commands: vec![command], ..Script::default() }
}
