//! What the commands of a text say of places and of each other, put into terms of
//! the whole: spans, and the invocations that a word comes from.

use std::ops::Range;
use std::sync::Arc;

use crate::command::folders;
use crate::model::{Cause, Context, Invocation, Part, Simple, Span, Stdin, Word};

/// The program whose output is always the name of a new temporary file.
const TEMP_FILE: &str = "mktemp";

/// Says that a command of an inner text stands where its wrapper does: places
/// in the inner text mean nothing in the text that people see.
pub(super) fn move_to(command: &mut Simple, span: Span) {
    command.span = span;
    let words = command.words.iter_mut();
    let assigned = command.assignments.iter_mut().map(|a| &mut a.value);
    let targets = command.redirects.iter_mut().map(|r| &mut r.target);
    for word in words.chain(assigned).chain(targets) {
        word.span = span;
    }
    if let Stdin::Text(word) | Stdin::File(word) = &mut command.stdin {
        word.span = span;
    }
    if let Some(input) = &mut command.input {
        Arc::make_mut(input).span = span;
    }
}

/// Puts the name of a program where a text asks for its path:
/// `"$(command -v rm)" -rf x` starts it, and `cp "$(which rm)" x` copies it.
pub(super) fn name_located(command: &mut Simple, all: &[Invocation]) {
    let copies = command.words.first().and_then(Word::as_static);
    let copies = matches!(copies, Some("cp" | "ln" | "install" | "mv"));
    // The last word of a copy is what would be written over.
    let end = if copies { command.words.len().saturating_sub(1) } else { 1 };
    for (at, word) in command.words.iter_mut().enumerate().take(end) {
        if let Some(name) = located(word, all) {
            let path = if at == 0 { name } else { format!("/usr/bin/{name}") };
            *word = Word::text(path, word.span);
        }
    }
}

/// The program whose path a word is, and nothing else.
fn located(word: &Word, all: &[Invocation]) -> Option<String> {
    let [Part::Hole(hole)] = word.parts.as_slice() else { return None };
    let ([only], Cause::CommandSubstitution) = (hole.from.as_slice(), hole.cause) else {
        return None;
    };
    let asks = all.get(*only)?;
    let option = |names: &[&str]| asks.options.iter().all(|opt| names.contains(&opt.name.as_str()));
    let prints_one = match asks.program.as_deref()? {
        "command" => !asks.options.is_empty() && option(&["-v", "-p"]),
        "type" => !asks.options.is_empty() && option(&["-P", "-p", "-path"]),
        "which" => asks.options.is_empty(),
        _ => false,
    };
    let [name] = asks.operands.as_slice() else { return None };
    let name = name.as_static().filter(|name| prints_one && !name.contains('/'))?;
    Some(name.to_owned())
}

/// Rewrites the command indices in holes to invocation indices, and puts folders
/// in the place of holes that print them.
pub(super) fn map_holes(
    command: &mut Simple,
    made: &[Range<usize>],
    all: &[Invocation],
    ctx: &Context,
) {
    let words = command.words.iter_mut();
    let assigned = command.assignments.iter_mut().map(|a| &mut a.value);
    let targets = command.redirects.iter_mut().map(|r| &mut r.target);
    for word in words.chain(assigned).chain(targets) {
        map_word(word, made, all);
        folders::fill(word, all, ctx);
    }
    if let Stdin::File(word) | Stdin::Text(word) = &mut command.stdin {
        map_word(word, made, all);
    }
}

pub(super) fn map_word(word: &mut Word, made: &[Range<usize>], all: &[Invocation]) {
    for part in &mut word.parts {
        if let Part::Hole(hole) = part {
            let from = hole.from.iter().filter_map(|i| made.get(*i)).flat_map(Clone::clone);
            hole.from = from.collect();
            if let [only] = hole.from.as_slice()
                && hole.cause == Cause::CommandSubstitution
                && all.get(*only).is_some_and(|inv| inv.program.as_deref() == Some(TEMP_FILE))
            {
                hole.cause = Cause::TempFile;
            }
        }
    }
}
