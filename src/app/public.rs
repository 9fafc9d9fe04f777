//! A verdict as it may be shown: without secrets.

use super::session::Session;
use crate::audit::Redactor;
use crate::decide::Verdict;
use crate::model::{Invocation, Span, Word};

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
    for invocation in &mut verdict.invocations {
        words(invocation, &redactor);
        settings(invocation, &redactor);
    }
    Public { verdict, command: clean }
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
