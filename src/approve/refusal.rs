//! What guard says when a command does not run.
//!
//! Refused, unanswered and "nobody to ask" are different answers, and each says
//! what to do next: a reader who is only told "no" looks for a way around.

use super::screen::decisive;
use super::tty::How;
use crate::decide::{Refusal, RefusalKind, Subject, Verdict, describe};
use crate::model::{Actor, ActorKind};
use crate::text::{Line, Palette, Role, escape, width, words};

/// Columns of the labels at the left.
const LABEL: usize = 8;
/// Paragraphs are broken, not cut; what is longer than this is hostile.
const LONGEST: usize = 16 * 1024;
/// A command longer than this is not repeated as something to copy.
const COPYABLE: usize = 240;

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
///
/// `command` is the text that the screen shows; the block repeats it only where
/// the reader is to type it somewhere else.
#[must_use]
pub fn refused(
    refusal: &Refusal,
    actor: &Actor,
    command: &str,
    palette: Palette,
    columns: usize,
) -> String {
    let told = matches!(actor.kind, ActorKind::Agent | ActorKind::Ci);
    let mut retype = None;
    let (what, next) = match (refusal.kind, told) {
        (RefusalKind::Forbidden, true) => (
            "nobody can approve this through guard.",
            "Do not look for another way to the same effect. If the task really needs it, say so \
             to your operator and stop.",
        ),
        (RefusalKind::Forbidden, false) => (
            "nobody can approve this through guard.",
            "Name exactly what should be hit, and only that.",
        ),
        (RefusalKind::NeedsSecondHuman, true) => (
            "a second person has to agree, and this version of guard cannot ask one yet.",
            "Do not retry with another spelling, tool or script. Tell your operator what you \
             wanted to do and why: somebody who is responsible for this system has to decide.",
        ),
        (RefusalKind::NeedsSecondHuman, false) => (
            "a second person has to agree, and this version of guard cannot ask one yet.",
            "Do less with one command, or talk to whoever is responsible for this system.",
        ),
        (RefusalKind::NeedsHuman, _) => {
            retype = Some(self::retype(&refusal.subject, command));
            needs_human(actor.kind)
        }
    };
    // The screen above says why.
    let tier = describe::tier(refusal.verdict.tier);
    let first = format!("guard: not run: {tier}: {what}");
    let mut block = Block::new(palette, columns);
    block.paragraph("", Role::Danger, &first);
    let safer = decisive(&refusal.verdict).and_then(|finding| finding.effect.safer.as_deref());
    block.paragraph("safer", Role::Good, safer.unwrap_or_default());
    block.paragraph("next", Role::Plain, next);
    if let Some(command) = retype {
        block.copyable(&command);
    }
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

const fn needs_human(kind: ActorKind) -> (&'static str, &'static str) {
    match kind {
        ActorKind::Agent => (
            "a human has to say yes, and an agent cannot.",
            "Do not retry with another spelling, tool or script. Tell your operator what you \
             want to do and why, and ask them to run this in a terminal of their own:",
        ),
        ActorKind::Ci => (
            "a human has to say yes, and a CI job cannot.",
            "Have a person run this in a terminal:",
        ),
        ActorKind::Human | ActorKind::Unattended => (
            "a human has to say yes, and there is no terminal to ask on; guard never takes an \
             answer from standard input.",
            "Run this in a terminal:",
        ),
    }
}

/// Paragraphs with a label at the left.
struct Block {
    palette: Palette,
    columns: usize,
    text: String,
}

impl Block {
    fn new(palette: Palette, columns: usize) -> Self {
        Self { palette, columns: columns.clamp(40, 100), text: String::new() }
    }

    fn paragraph(&mut self, label: &str, role: Role, text: &str) {
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
    fn copyable(&mut self, text: &str) {
        let line = Line::new().with(Role::Strong, &format!("{}{text}", " ".repeat(LABEL)));
        self.text += &line.render(self.palette, LONGEST);
        self.text.push('\n');
    }
}

/// The command as a line to copy, or words for it when a copy would not be the
/// same: escaped, very long, or not UTF-8.
fn retype(subject: &Subject, command: &str) -> String {
    let exact = subject.argv.iter().all(|arg| arg.to_str().is_some());
    if !exact || command.len() > COPYABLE || escape(command) != command {
        return "guard, with the same command".into();
    }
    match &subject.shell_text {
        Some(_) => format!("guard run -c '{}'", command.replace('\'', r"'\''")),
        None => format!("guard -- {command}"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Unanswered, declined, refused};
    use crate::approve::How;
    use crate::decide::samples::{self, DELETE_NS};
    use crate::decide::{Decision, Refusal, Subject, Verdict};
    use crate::model::{Actor, ActorKind, Tier, Verb};
    use crate::text::Palette;

    fn subject(text: Option<&str>) -> Subject {
        Subject { argv: vec!["kubectl".into()], shell_text: text.map(Into::into) }
    }

    fn refusal(verdict: Verdict, actor: &Actor, text: Option<&str>) -> Option<Refusal> {
        match Decision::new(verdict, subject(text), actor) {
            Decision::Refuse(refusal) => Some(refusal),
            _ => None,
        }
    }

    fn show(tier: Tier, actor: &Actor, command: &str, shell: bool) -> String {
        let mut found = samples::finding(Verb::Delete, "directory", Some("data"), tier);
        found.effect.safer = Some("Look first: `ls data`".into());
        let verdict = samples::verdict(vec![found], vec![]);
        let text = shell.then_some(command);
        match refusal(verdict, actor, text) {
            Some(refusal) => refused(&refusal, actor, command, Palette::OFF, 80),
            None => String::new(),
        }
    }

    #[test]
    fn an_agent_is_told_to_stop_and_whom_to_ask() {
        insta::assert_snapshot!(show(Tier::Confirm, &samples::agent(), "rm -rf data", false), @r"
        guard: not run: T2 confirm: a human has to say yes, and an agent cannot.
        safer   Look first: `ls data`
        next    Do not retry with another spelling, tool or script. Tell your operator
                what you want to do and why, and ask them to run this in a terminal of
                their own:
                guard -- rm -rf data
        ");
    }

    #[test]
    fn nobody_at_a_terminal() {
        let actor =
            Actor { kind: ActorKind::Unattended, name: None, evidence: "no terminal".into() };
        insta::assert_snapshot!(show(Tier::Challenge, &actor, "rm -rf 'my data'", true), @r"
        guard: not run: T3 challenge: a human has to say yes, and there is no terminal
        to ask on; guard never takes an answer from standard input.
        safer   Look first: `ls data`
        next    Run this in a terminal:
                guard run -c 'rm -rf '\''my data'\'''
        ");
    }

    #[test]
    fn the_second_human_and_never() {
        insta::assert_snapshot!(show(Tier::SecondHuman, &samples::human(), DELETE_NS, false), @r"
        guard: not run: T4 second human: a second person has to agree, and this version
        of guard cannot ask one yet.
        safer   Look first: `ls data`
        next    Do less with one command, or talk to whoever is responsible for this
                system.
        ");
        insta::assert_snapshot!(show(Tier::Deny, &samples::agent(), "rm -rf /", false), @r"
        guard: not run: T5 deny: nobody can approve this through guard.
        safer   Look first: `ls data`
        next    Do not look for another way to the same effect. If the task really needs
                it, say so to your operator and stop.
        ");
        insta::assert_snapshot!(show(Tier::Deny, &samples::human(), "rm -rf /", false), @r"
        guard: not run: T5 deny: nobody can approve this through guard.
        safer   Look first: `ls data`
        next    Name exactly what should be hit, and only that.
        ");
    }

    #[test]
    fn what_cannot_be_copied_is_not_offered_to_copy() {
        for command in ["rm \u{202e}x", "a\nb", &"x".repeat(500)] {
            let text = show(Tier::Confirm, &samples::agent(), command, true);
            assert!(text.contains("guard, with the same command"), "{text}");
        }
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
