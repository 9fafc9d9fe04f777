//! A verdict as it may be shown: without secrets.

use super::session::Session;
use crate::audit::Redactor;
use crate::decide::Verdict;
use crate::model::{Invocation, Part, Span, Stdin, Word};

/// A verdict and its command text without secrets.
#[derive(Debug, Clone)]
pub struct Public {
    /// The verdict.
    pub verdict: Verdict,
    /// The command.
    pub command: String,
}

/// Takes the secrets out of everything that is shown about a command.
#[must_use]
pub fn public(verdict: &Verdict, command: &str, session: &Session) -> Public {
    let redactor = session.redactor();
    let clean = redactor.text(command).into_owned();
    let mut verdict = verdict.clone();
    let moved = clean != command;
    for finding in &mut verdict.findings {
        if let Some(name) = &mut finding.effect.name {
            *name = redactor.text(name).into_owned();
        }
        for evidence in &mut finding.effect.facts.evidence {
            evidence.text = redactor.text(&evidence.text).into_owned();
        }
        if moved {
            // The words no longer stand where they stood.
            finding.effect.span = Span::default();
        }
    }
    for line in &mut verdict.before {
        *line = redactor.text(line).into_owned();
    }
    for invocation in &mut verdict.invocations {
        words(invocation, &redactor);
        settings(invocation, &redactor);
    }
    Public { verdict, command: clean }
}

/// Longest text that flows between commands and is looked through for secrets,
/// in bytes. Of a longer one nobody shows more than the beginning.
const MAX_TEXT: usize = 4096;

/// Takes the secrets out of what commands read and print as well, and out of
/// the sources of what is not known. Only explanations show those.
pub fn texts(verdict: &mut Verdict, session: &Session) {
    let redactor = session.redactor();
    for invocation in &mut verdict.invocations {
        for text in [&mut invocation.input, &mut invocation.output].into_iter().flatten() {
            text_of(std::sync::Arc::make_mut(text), &redactor);
        }
        if let Stdin::Text(word) = &mut invocation.stdin {
            text_of(word, &redactor);
        }
        let values = invocation.options.iter_mut().filter_map(|option| option.value.as_mut());
        let words = invocation.argv.iter_mut().chain(&mut invocation.operands).chain(values);
        for part in words.flat_map(|word| &mut word.parts) {
            if let Part::Hole(hole) = part {
                hole.source = redactor.text(&hole.source).into_owned();
                if let Some(fallback) = &mut hole.otherwise {
                    fallback.text = redactor.env(&fallback.variable, &fallback.text).into_owned();
                }
            }
        }
    }
}

fn text_of(word: &mut Word, redactor: &Redactor<'_>) {
    let all = word.display();
    let end = (0..=MAX_TEXT.min(all.len())).rev().find(|at| all.is_char_boundary(*at));
    let shown = all.get(..end.unwrap_or_default()).unwrap_or_default();
    let clean = redactor.text(shown);
    if clean != all {
        *word = Word::text(clean, word.span);
    }
}

/// Replaces the values of variables and the targets of redirections.
fn settings(invocation: &mut Invocation, redactor: &Redactor<'_>) {
    let put = |word: &mut Word, clean: String| {
        if clean != word.display() {
            *word = Word::text(clean, word.span);
        }
    };
    for assignment in &mut invocation.assignments {
        let shown = assignment.value.display();
        let clean = redactor.env(&assignment.name, &shown).into_owned();
        put(&mut assignment.value, clean);
    }
    for redirect in &mut invocation.redirects {
        let clean = redactor.text(&redirect.target.display()).into_owned();
        put(&mut redirect.target, clean);
    }
}

/// Replaces the words of an invocation that hold secrets.
fn words(invocation: &mut Invocation, redactor: &Redactor<'_>) {
    let before: Vec<String> = invocation.argv.iter().map(Word::display).collect();
    let bytes: Vec<&[u8]> = before.iter().map(String::as_bytes).collect();
    let after = redactor.argv(&bytes);
    let changed: Vec<(&str, String)> = before
        .iter()
        .zip(after)
        .filter(|(old, new)| old.as_bytes() != new.as_ref())
        .map(|(old, new)| (old.as_str(), String::from_utf8_lossy(&new).into_owned()))
        .collect();
    if changed.is_empty() {
        return;
    }
    let values = invocation.options.iter_mut().filter_map(|option| option.value.as_mut());
    let all = invocation.argv.iter_mut().chain(&mut invocation.operands).chain(values);
    for word in all {
        let shown = word.display();
        let hit = changed.iter().find(|(old, _)| *old == shown || old.ends_with(&shown));
        if let Some((_, new)) = hit.filter(|_| !shown.is_empty()) {
            *word = Word::text(new.clone(), word.span);
        }
    }
}
