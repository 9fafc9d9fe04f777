//! Who has to answer, and the only way to an [`Approved`] value.

use std::ffi::OsString;

use super::Verdict;
use crate::model::{Actor, Tier};
use crate::second::request::AnsweredBy;
use crate::second::{Asked, Grant, display};

/// Exactly what would run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The argv that is executed, byte for byte. For shell text this is the
    /// shell, `-c` and the text.
    pub argv: Vec<OsString>,
    /// The shell text, for `run -c`.
    pub shell_text: Option<String>,
}

/// What happens next with a command.
#[derive(Debug)]
#[must_use = "a decision that nobody looks at would let a command through or lose it"]
pub enum Decision {
    /// It may run.
    Permit(Permit),
    /// A human at this terminal has to answer.
    Ask(Question),
    /// Somebody who is not here has to answer.
    Elsewhere(Petition),
    /// It does not run.
    Refuse(Refusal),
}

/// Tier T0 or T1: nobody has to be asked.
#[derive(Debug)]
#[must_use]
pub struct Permit {
    verdict: Verdict,
    subject: Subject,
}

/// Tier T2 or T3 and a human at a terminal.
#[derive(Debug)]
#[must_use]
pub struct Question {
    verdict: Verdict,
    subject: Subject,
    expected: Expected,
}

/// Tier T4, or T2 and T3 without a human at a terminal.
#[derive(Debug)]
#[must_use]
pub struct Petition {
    verdict: Verdict,
    subject: Subject,
    by: AnsweredBy,
}

/// That a person said yes in an agent's own dialog. For the operator's tier T2
/// alone: the agent is the one who says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialogYes {
    /// The agent.
    pub agent: String,
    /// SHA-256 of the text that the dialog was about.
    pub text_sha256: String,
    /// How long the dialog was open, in milliseconds.
    pub waited_ms: u64,
}

/// What a question wants to hear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// `y` or `yes`, in any case.
    Yes,
    /// Exactly this text: the real name of what is hit.
    Name(String),
}

/// What an answer means.
#[derive(Debug)]
#[must_use]
pub enum Answer {
    /// Yes.
    Approved(Box<Approved>),
    /// A clear no (`n`, an empty line, end of input).
    Declined(Verdict),
    /// Neither: ask again.
    Unclear(Box<Question>),
}

/// A command that never runs (T5).
#[derive(Debug)]
#[must_use]
pub struct Refusal {
    /// The verdict.
    pub verdict: Verdict,
    /// What exactly.
    pub subject: Subject,
}

/// The right to run one command once. Only this module can make one, and only
/// from a decision that allows it; it is neither `Clone` nor `Copy`.
#[derive(Debug)]
#[must_use]
pub struct Approved {
    verdict: Verdict,
    subject: Subject,
    how: &'static str,
}

impl Decision {
    /// Decides who has to answer.
    pub fn new(verdict: Verdict, subject: Subject, actor: &Actor) -> Self {
        match verdict.tier {
            Tier::Allow | Tier::Notify => Self::Permit(Permit { verdict, subject }),
            Tier::Deny => Self::Refuse(Refusal { verdict, subject }),
            Tier::SecondHuman => {
                Self::Elsewhere(Petition { verdict, subject, by: AnsweredBy::SecondHuman })
            }
            Tier::Confirm | Tier::Challenge if !actor.can_answer() => {
                Self::Elsewhere(Petition { verdict, subject, by: AnsweredBy::Operator })
            }
            Tier::Confirm => Self::Ask(Question { verdict, subject, expected: Expected::Yes }),
            Tier::Challenge => {
                let expected = Expected::Name(challenge_name(&verdict));
                Self::Ask(Question { verdict, subject, expected })
            }
        }
    }
}

impl Permit {
    /// For a command that is a part of a larger one that is running with the
    /// approval it needed. `None`: it is not a part of that one.
    #[must_use]
    pub fn as_part(verdict: &Verdict, subject: &Subject, whole: &Verdict) -> Option<Self> {
        let part = verdict.tier < Tier::Deny
            && subject.shell_text.is_none()
            && super::part::is_part(&subject.argv, verdict, whole);
        part.then(|| Self { verdict: verdict.clone(), subject: subject.clone() })
    }
}

/// The name that a T3 challenge asks for: the real object, else its kind, so
/// that there is always something that has to be read and typed.
#[must_use]
pub fn challenge_name(verdict: &Verdict) -> String {
    let Some(finding) = verdict.worst() else { return "run".into() };
    match &finding.effect.name {
        // A name that cannot be typed at a prompt (control characters, very
        // long) cannot be the challenge.
        Some(name) if typeable(name) => name.clone(),
        _ => finding.effect.kind.clone(),
    }
}

fn typeable(name: &str) -> bool {
    // A URL may hold a password, which must not be asked for on a screen.
    !name.trim().is_empty()
        && !name.contains("://")
        && name.len() <= 120
        && name.trim() == name
        && name.chars().all(|c| (' '..='~').contains(&c))
}

impl Permit {
    /// The right to run.
    pub fn approve(self) -> Approved {
        Approved { verdict: self.verdict, subject: self.subject, how: "tier" }
    }
}

impl Petition {
    /// The right to run, if a person has agreed to this text in the agent's dialog
    /// and it needs no more than that: tier T2, which the operator answers.
    ///
    /// # Errors
    /// The petition as it was, where it takes another answer.
    pub fn by_dialog(self, yes: &DialogYes) -> Result<Approved, Box<Self>> {
        let text = self.subject.shell_text.as_deref();
        let fits = self.by == AnsweredBy::Operator
            && self.verdict.tier == Tier::Confirm
            && text.is_some_and(|text| display::sha256(text.as_bytes()) == yes.text_sha256);
        if !fits {
            return Err(Box::new(self));
        }
        Ok(Approved { verdict: self.verdict, subject: self.subject, how: "dialog" })
    }

    /// The verdict.
    pub const fn verdict_ref(&self) -> &Verdict {
        &self.verdict
    }

    /// What would run.
    #[must_use]
    pub const fn subject(&self) -> &Subject {
        &self.subject
    }

    /// Who has to answer.
    #[must_use]
    pub const fn by(&self) -> AnsweredBy {
        self.by
    }

    /// The right to run, if the grant is for the request that was made of this.
    /// `None`: it is for another one, so nobody has agreed to anything.
    #[must_use]
    pub fn approve(self, grant: Grant, asked: Asked<'_>) -> Option<Approved> {
        let command = &asked.request.command;
        let words = asked.request.argv();
        let hidden = |at: usize| command.hidden.iter().any(|word| word.word as usize == at);
        let same = grant.request_sha256() == display::sha256(asked.bytes)
            && words.len() == self.subject.argv.len()
            && words
                .iter()
                .zip(&self.subject.argv)
                .enumerate()
                .all(|(at, (asked, own))| asked == own || hidden(at))
            && command.shell_text.is_some() == self.subject.shell_text.is_some();
        let Self { verdict, subject, .. } = self;
        same.then(|| Approved { verdict, subject, how: grant.how() })
    }
}

impl Question {
    /// The verdict that is asked about.
    pub const fn verdict_ref(&self) -> &Verdict {
        &self.verdict
    }

    /// What would run.
    #[must_use]
    pub const fn subject(&self) -> &Subject {
        &self.subject
    }

    /// What has to be typed.
    #[must_use]
    pub const fn expected(&self) -> &Expected {
        &self.expected
    }

    /// Gives up on the question: no.
    pub fn decline(self) -> Verdict {
        self.verdict
    }

    /// Reads one typed line, without its line end.
    pub fn answer(self, line: &str) -> Answer {
        let line = line.trim();
        let yes = match &self.expected {
            Expected::Yes => line.eq_ignore_ascii_case("y") || line.eq_ignore_ascii_case("yes"),
            Expected::Name(name) => line == name,
        };
        if yes {
            return Answer::Approved(Box::new(Approved {
                verdict: self.verdict,
                subject: self.subject,
                how: "terminal",
            }));
        }
        let no =
            line.is_empty() || (line.eq_ignore_ascii_case("n") || line.eq_ignore_ascii_case("no"));
        if no { Answer::Declined(self.verdict) } else { Answer::Unclear(Box::new(self)) }
    }
}

impl Approved {
    /// The verdict that was approved.
    pub const fn verdict_ref(&self) -> &Verdict {
        &self.verdict
    }

    /// What may run.
    #[must_use]
    pub const fn subject(&self) -> &Subject {
        &self.subject
    }

    /// How it was approved, for the record: `tier`, `terminal`, `dialog`,
    /// `operator`, `second-human` or `break-glass`.
    #[must_use]
    pub const fn how(&self) -> &'static str {
        self.how
    }
}
