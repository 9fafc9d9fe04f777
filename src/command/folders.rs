//! Folders that a substitution prints: `$(pwd)`, `$(cd DIR && pwd)`, and the
//! root of the repository. Scripts begin with these and go on from there, and a
//! delete below such a folder is judged by where it is.

use super::cwd::Cwd;
use super::files;
use crate::model::{Cause, Context, Hole, Invocation, Part, Place, Word};

/// Puts the folder in the place of each hole that is one.
pub(super) fn fill(word: &mut Word, all: &[Invocation], ctx: &Context) {
    for part in &mut word.parts {
        if let Part::Hole(hole) = part
            && let Some(folder) = printed(hole, all, ctx)
        {
            *part = Part::Text(folder);
        }
    }
    // Texts side by side are one: the rest of a path stands behind its folder.
    let mut whole = Word { parts: Vec::with_capacity(word.parts.len()), span: word.span };
    for part in word.parts.drain(..) {
        match part {
            Part::Text(text) => whole.push_text(&text),
            part => whole.parts.push(part),
        }
    }
    word.parts = whole.parts;
}

/// The folder that a hole certainly is, when its commands succeed.
fn printed(hole: &Hole, all: &[Invocation], ctx: &Context) -> Option<String> {
    // An expansion of such a value (`${x##*/}`) has its commands too.
    let raw = hole.source.starts_with("$(") || hole.source.starts_with('`');
    if hole.cause != Cause::CommandSubstitution || !raw {
        return None;
    }
    let (last, before) = hole.from.split_last()?;
    let moves = |at: &usize| all.get(*at).is_some_and(|inv| inv.program.as_deref() == Some("cd"));
    let last = all.get(*last).filter(|_| before.iter().all(moves))?;
    // Other wrappers may work in a folder of their own (`env -C DIR`, -execdir).
    let stays = |name: &str| matches!(name, "sh" | "bash" | "dash" | "ksh") || name.contains('/');
    if last.place != Place::Here || !last.wrappers.iter().all(|wrapper| stays(&wrapper.name)) {
        return None;
    }
    ctx.cwd.as_deref()?;
    let folder = match last.program.as_deref()? {
        "pwd" if last.operands.is_empty() => match last.cwd.as_deref() {
            Some("") => return None,
            at => Word::text(at.unwrap_or("."), last.span),
        },
        // Of what was printed in the same way before: `dirname "$(pwd)"`.
        "dirname" => Word::text(format!("{}/..", path_of(last)?), last.span),
        // From any folder of a project it is the project.
        "git" if top(last) && last.cwd.is_none() && !told(last) => {
            Word::text(ctx.project.clone()?, last.span)
        }
        _ => return None,
    };
    let folder = files::absolute(&folder, &Cwd::Start, ctx)?;
    let splits = hole.splits && folder.contains([' ', '\t', '\n', '*', '?', '[']);
    (!splits).then_some(folder)
}

/// The only operand, as an absolute path.
fn path_of(inv: &Invocation) -> Option<&str> {
    let [path] = inv.operands.as_slice() else { return None };
    path.as_static().filter(|path| path.starts_with('/'))
}

/// Whether git is told by a variable where it works.
fn told(inv: &Invocation) -> bool {
    let mut given = inv.assignments.iter().chain(inv.exported.iter());
    given.any(|assignment| assignment.name.starts_with("GIT_"))
}

/// `git rev-parse --show-toplevel`.
fn top(inv: &Invocation) -> bool {
    let asked = inv.options.iter().all(|opt| opt.name == "--show-toplevel");
    asked
        && !inv.options.is_empty()
        && inv.operands.is_empty()
        && inv.subcommand.first().is_some_and(|word| word == "rev-parse")
}
