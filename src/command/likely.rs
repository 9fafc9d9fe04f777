//! What `${X:-this}` most likely is: this, where nothing sets `X`.
//!
//! The shell's reader keeps such a word unknown, because it is. Judging is
//! about what would happen, and there the value that the text itself names is
//! far more likely than any other: `${KUBECTL:-kubectl} delete namespace x`.
//!
//! And what a variable certainly is that neither the text nor the environment
//! sets: nothing, so that `rm -rf "$X"/*` is a delete of the root.

use crate::model::{Context, Hole, Invocation, Part, Redirect, Word};

/// Puts the likely value in the place of each such hole.
pub(super) fn words(mut argv: Vec<Word>, base: &Invocation, ctx: &Context) -> Vec<Word> {
    // What a wrapper, a script or a task starts may have got more variables.
    if ctx.all_vars && base.parent.is_none() && base.wrappers.is_empty() {
        for part in argv.iter_mut().flat_map(|word| &mut word.parts) {
            if let Part::Hole(hole) = part {
                let name = hole.untouched.as_deref();
                hole.empty = name.is_some_and(|name| value(name, base, ctx).is_empty());
            }
        }
    }
    if !argv.iter().any(is_open) {
        return argv;
    }
    let mut out = Vec::with_capacity(argv.len());
    for word in argv {
        match word.parts.as_slice() {
            [Part::Hole(hole)] if hole.splits => match likely(hole, base, ctx) {
                Some(text) => {
                    out.extend(text.split_whitespace().map(|field| Word::text(field, word.span)));
                }
                None => out.push(word),
            },
            _ => out.push(filled(word, base, ctx)),
        }
    }
    out
}

/// The same for the targets of redirections.
pub(super) fn redirects(
    redirects: Vec<Redirect>,
    base: &Invocation,
    ctx: &Context,
) -> Vec<Redirect> {
    redirects
        .into_iter()
        .map(|redirect| Redirect { target: filled(redirect.target, base, ctx), ..redirect })
        .collect()
}

fn is_open(word: &Word) -> bool {
    word.holes().any(|hole| hole.otherwise.is_some())
}

fn filled(word: Word, base: &Invocation, ctx: &Context) -> Word {
    if !is_open(&word) {
        return word;
    }
    let mut out = Word { parts: Vec::new(), span: word.span };
    for part in word.parts {
        match &part {
            Part::Text(text) => out.push_text(text),
            Part::Hole(hole) => match likely(hole, base, ctx) {
                Some(text) if !hole.splits || !text.contains(char::is_whitespace) => {
                    out.push_text(text);
                }
                _ => out.parts.push(part),
            },
            Part::Glob(_) => out.parts.push(part),
        }
    }
    out
}

/// The value of a variable in the environment that the command starts with, or
/// what stands for one that the text sets for a part of it.
fn value<'c>(name: &str, base: &Invocation, ctx: &'c Context) -> &'c str {
    let mut assigned = base.assignments.iter().chain(base.exported.iter());
    if assigned.any(|assignment| assignment.name == name) {
        return "?";
    }
    ctx.vars.get(name).map_or("", String::as_str)
}

/// The value, unless something around the text sets the variable, or it means
/// "nothing": then what is made of it counts as possibly empty.
fn likely<'h>(hole: &'h Hole, base: &Invocation, ctx: &Context) -> Option<&'h str> {
    let fallback = hole.otherwise.as_ref()?;
    let name = fallback.variable.as_str();
    let mut assigned = base.assignments.iter().chain(base.exported.iter());
    let set = ctx.vars.contains_key(name) || assigned.any(|assignment| assignment.name == name);
    let active = hole.splits && fallback.text.contains(['*', '?', '[']);
    let usable = !set && !active && !fallback.text.trim().is_empty();
    usable.then_some(fallback.text.as_str())
}

#[cfg(test)]
mod tests {
    use crate::command::resolve;
    use crate::model::{Context, Word};
    use crate::shell::{Known, read};

    /// The words and targets of the last command.
    fn last(text: &str) -> String {
        let mut ctx = Context::neutral();
        ctx.vars.insert("ENVIRONED".to_owned(), "y".to_owned());
        let resolved = resolve(
            read(text, &Known::default()),
            &ctx,
            &crate::command::grammar::own::BuiltIn,
            &crate::command::NoFiles,
        );
        let Some(command) = resolved.invocations.last() else { return String::new() };
        let targets = command.redirects.iter().map(|redirect| &redirect.target);
        let words: Vec<String> = command.argv.iter().chain(targets).map(Word::display).collect();
        words.join(" ")
    }

    #[test]
    fn a_variable_that_nothing_sets_has_its_default() {
        for (text, wanted) in [
            ("${K:-kubectl} get pods", "kubectl get pods"),
            ("${K:-kubectl -n x} get pods", "kubectl -n x get pods"),
            ("a \"${D-/srv/b c}/x\"", "a /srv/b c/x"),
            ("a > \"${D:=/etc/x}\"", "a /etc/x"),
            (": \"${D:=/srv}\"; a $D/x", "a /srv/x"),
            ("sh -c 'a ${D:-b}'", "a b"),
            ("D=x sh -c 'a ${D:-b}'", "a x"),
            ("env D=x sh -c 'a ${D:-b}'", "a x"),
        ] {
            assert_eq!(last(text), wanted, "{text}");
        }
    }

    #[test]
    fn a_variable_that_something_may_set_stays_unknown() {
        for text in [
            "a ${D:-}",
            "a ${D:-*}",
            "a ${ENVIRONED:-b}",
            "read D; a ${D:-b}",
            "eval \"$x\"; a ${D:-b}",
            "export D=x; sh -c 'a ${D:-b}'",
            "a ${1:-b}",
            "a ${PATH:-b}",
        ] {
            assert!(last(text).starts_with("a ${"), "{text}: {}", last(text));
        }
    }
}
