//! What guard says when a command does not run.
//!
//! Refused, unanswered and "nobody to ask" are different answers, and each says
//! what to do next: a reader who is only told "no" looks for a way around.

use super::screen::decisive;
use super::tty::How;
use crate::decide::{Refusal, Verdict, describe};
use crate::model::{Actor, ActorKind};
use crate::text::{Line, Palette, Role, width, words};

/// Columns of the labels at the left.
const LABEL: usize = 8;
/// Paragraphs are broken, not cut; what is longer than this is hostile.
const LONGEST: usize = 16 * 1024;

/// A question that was not answered with yes.
#[derive(Debug, Clone, Copy)]
pub struct Unanswered<'a> {
    /// What was asked about.
    pub verdict: &'a Verdict,
    /// How the question ended.
    pub how: How,
}

/// The block below the screen for a command that guard does not run: which
/// tier and why, a safer way, and what to do now.
#[must_use]
pub fn refused(refusal: &Refusal, actor: &Actor, palette: Palette, columns: usize) -> String {
    let told = matches!(actor.kind, ActorKind::Agent | ActorKind::Ci);
    let next = if told {
        "Do not look for another way to the same effect. If the task really needs it, say so to \
         your operator and stop."
    } else {
        "Name exactly what should be hit, and only that."
    };
    // The screen above says why.
    let tier = describe::tier(refusal.verdict.tier);
    let first = format!("guard: not run: {tier}: nobody can approve this through guard.");
    let mut block = Block::new(palette, columns);
    block.paragraph("", Role::Danger, &first);
    let safer = decisive(&refusal.verdict).and_then(|finding| finding.effect.safer.as_deref());
    block.paragraph("safer", Role::Good, safer.unwrap_or_default());
    block.paragraph("next", Role::Plain, next);
    block.text
}

/// What is said after a question that did not end with yes.
#[must_use]
pub fn declined(unanswered: &Unanswered<'_>, palette: Palette, columns: usize) -> String {
    let (why, next) = match unanswered.how {
        // Somebody who has just said no needs no advice.
        How::No => ("the answer was no".to_owned(), ""),
        How::Interrupted(_) => ("the question was interrupted".into(), ""),
        How::TimedOut(limit) => {
            let limit = words::count(limit.as_secs(), "second");
            let why = format!("there was no answer within {limit}, which counts as no");
            (why, "Run the same command again to be asked again.")
        }
        How::TooManyAttempts(n) => {
            let answers = words::count(n.into(), "answer");
            let why = format!("{answers} did not match what was asked for");
            (why, "Run the same command again, and type exactly what the question names.")
        }
        How::Closed => ("the terminal was closed before there was an answer".into(), ""),
        How::NoTerminal => (
            format!("{}. There is no terminal to ask on", because(unanswered.verdict)),
            "Run it in a terminal. guard never takes an answer from standard input.",
        ),
        How::Background => (
            format!(
                "{}. guard runs in the background and cannot ask there",
                because(unanswered.verdict)
            ),
            "Run it in the foreground, without `&`.",
        ),
    };
    let mut block = Block::new(palette, columns);
    block.paragraph("", Role::Danger, &format!("guard: not run: {why}."));
    block.paragraph("next", Role::Plain, next);
    block.text
}

/// `T4 second human: deletes a whole service`.
fn because(verdict: &Verdict) -> String {
    let tier = describe::tier(verdict.tier);
    let reason = decisive(verdict).and_then(|finding| {
        let decided = finding.reasons.iter().find(|reason| reason.tier >= verdict.tier);
        decided.or(finding.reasons.last())
    });
    match (reason, verdict.problems.first()) {
        (Some(reason), _) => format!("{tier}: {}", reason.text),
        (None, Some(problem)) => format!("{tier}: could not be read: {}", problem.message),
        (None, None) => tier,
    }
}

/// Paragraphs with a label at the left.
pub(super) struct Block {
    palette: Palette,
    columns: usize,
    pub(super) text: String,
}

impl Block {
    pub(super) fn new(palette: Palette, columns: usize) -> Self {
        Self { palette, columns: columns.clamp(40, 100), text: String::new() }
    }

    pub(super) fn paragraph(&mut self, label: &str, role: Role, text: &str) {
        if text.is_empty() {
            return;
        }
        let mut line = Line::new();
        let mut indent = 0;
        if !label.is_empty() {
            indent = LABEL;
            line.push(Role::Dim, &width::pad(label, LABEL));
        }
        line.push(role, text);
        for line in line.wrap(self.columns, indent) {
            self.text += &line.render(self.palette, LONGEST);
            self.text.push('\n');
        }
    }

    /// A line that is never broken, so that it can be copied.
    pub(super) fn copyable(&mut self, text: &str) {
        let line = Line::new().with(Role::Strong, &format!("{}{text}", " ".repeat(LABEL)));
        self.text += &line.render(self.palette, LONGEST);
        self.text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Unanswered, declined, refused};
    use crate::approve::How;
    use crate::decide::{Decision, Subject, samples};
    use crate::model::{Actor, Tier, Verb};
    use crate::text::Palette;

    #[test]
    fn nobody_can_approve_what_is_never_run() {
        let show = |actor: &Actor| {
            let mut found = samples::finding(Verb::Delete, "directory", Some("data"), Tier::Deny);
            found.effect.safer = Some("Look first: `ls data`".into());
            let verdict = samples::verdict(vec![found], vec![]);
            let subject = Subject { argv: vec!["rm".into()], shell_text: None };
            match Decision::new(verdict, subject, actor) {
                Decision::Refuse(refusal) => refused(&refusal, actor, Palette::OFF, 80),
                _ => String::new(),
            }
        };
        insta::assert_snapshot!(show(&samples::agent()), @r"
        guard: not run: T5 deny: nobody can approve this through guard.
        safer   Look first: `ls data`
        next    Do not look for another way to the same effect. If the task really needs
                it, say so to your operator and stop.
        ");
        insta::assert_snapshot!(show(&samples::human()), @r"
        guard: not run: T5 deny: nobody can approve this through guard.
        safer   Look first: `ls data`
        next    Name exactly what should be hit, and only that.
        ");
    }

    #[test]
    fn every_way_of_not_saying_yes_has_its_own_words() {
        let verdict = samples::delete_namespace();
        let limit = Duration::from_secs(120);
        let mut all = String::new();
        for how in [
            How::No,
            How::TimedOut(limit),
            How::Interrupted(2),
            How::TooManyAttempts(3),
            How::Closed,
            How::NoTerminal,
            How::Background,
        ] {
            let unanswered = Unanswered { verdict: &verdict, how };
            all += &declined(&unanswered, Palette::OFF, 100);
        }
        insta::assert_snapshot!(all, @r"
        guard: not run: the answer was no.
        guard: not run: there was no answer within 120 seconds, which counts as no.
        next    Run the same command again to be asked again.
        guard: not run: the question was interrupted.
        guard: not run: 3 answers did not match what was asked for.
        next    Run the same command again, and type exactly what the question names.
        guard: not run: the terminal was closed before there was an answer.
        guard: not run: T4 second human: deletes a whole service or data in production. There is no terminal
        to ask on.
        next    Run it in a terminal. guard never takes an answer from standard input.
        guard: not run: T4 second human: deletes a whole service or data in production. guard runs in the
        background and cannot ask there.
        next    Run it in the foreground, without `&`.
        ");
    }
}
