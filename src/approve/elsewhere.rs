//! What is said while somebody elsewhere has to answer, and when they have.

use super::refusal::Block;
use crate::model::{Actor, ActorKind};
use crate::second::request::AnsweredBy;
use crate::second::{Request, display};
use crate::text::{Palette, Role, escape};

/// A request, as far as messages need it.
#[derive(Debug, Clone, Copy)]
pub struct Waiting<'a> {
    /// The request.
    pub request: &'a Request,
    /// Its short name.
    pub handle: &'a str,
    /// Who could answer, by name.
    pub people: &'a [String],
    /// Who asks.
    pub actor: &'a Actor,
    /// An earlier run of the same command made it.
    pub joined: bool,
    /// Why an approval stops accidents only; `None` when it is worth more.
    pub advise: Option<&'a str>,
    /// What is bound by identity only, in words.
    pub unbound: &'a [String],
    /// A way that needs nobody.
    pub safer: Option<&'a str>,
}

/// What somebody is told who has to wait.
#[must_use]
pub fn waiting(waiting: Waiting<'_>, palette: Palette, columns: usize) -> String {
    let Waiting { request, handle, people, actor, .. } = waiting;
    let mut block = Block::new(palette, columns);
    let tier = escape(&request.policy.tier);
    let again = if waiting.joined { " again" } else { "" };
    block.paragraph(
        "",
        Role::Danger,
        &format!("guard: waiting{again} for an answer to request {handle} (tier {tier})."),
    );
    block.paragraph("safer", Role::Good, waiting.safer.unwrap_or_default());
    let by_operator = request.answered_by() == AnsweredBy::Operator;
    let who = if by_operator {
        "the operator, in a terminal of their own".to_owned()
    } else {
        let needs: Vec<String> = request.quorums().map(display::quorum).collect();
        let needs = needs.join("; and ");
        if people.is_empty() { needs } else { format!("{needs}: {}", escape(&people.join(", "))) }
    };
    block.paragraph("who", Role::Plain, &who);
    block.paragraph("how", Role::Plain, "They look at it and answer with");
    block.copyable(&format!("guard approve {handle}"));
    if !by_operator {
        block.paragraph(
            "",
            Role::Plain,
            "        or, on a machine of their own, with what this prints:",
        );
        block.copyable(&format!("guard requests export {handle}"));
    }
    block.paragraph("until", Role::Plain, &request.expires.to_string());
    if let Some(why) = waiting.advise {
        block.paragraph(
            "mode",
            Role::Plain,
            &format!("advise: an approval here stops accidents only, because {why}."),
        );
    }
    for what in waiting.unbound {
        block.paragraph("note", Role::Plain, &format!("Not bound by content: {what}."));
    }
    block.paragraph("next", Role::Plain, next(actor.kind));
    block.text
}

const fn next(kind: ActorKind) -> &'static str {
    match kind {
        ActorKind::Agent => {
            "Do not retry with another spelling, tool or script. Tell your operator the request's \
             name and why you need it. If this ends with exit code 75, nobody has answered yet: \
             run exactly the same command again to go on waiting. Once it is approved, the same \
             command runs at once."
        }
        ActorKind::Ci | ActorKind::Unattended => {
            "If this ends with exit code 75, nobody has answered yet: run the same command again \
             to go on waiting. Once it is approved, the same command runs at once."
        }
        ActorKind::Human => "Waiting; Ctrl-C stops waiting and leaves the request open.",
    }
}

/// The line that is redrawn while guard waits.
#[must_use]
pub fn progress(handle: &str, missing: &str, left: u64) -> String {
    let (minutes, seconds) = (left / 60, left % 60);
    format!("guard: {handle}: waiting for {} ({minutes}:{seconds:02} left)", escape(missing))
}

/// How a request ended without the command being run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended<'a> {
    /// Somebody said no.
    Denied {
        /// Who.
        by: &'a str,
        /// Why.
        reason: &'a str,
        /// When the same may be asked again.
        until: &'a str,
    },
    /// Nobody answered in time.
    Expired,
    /// guard stops waiting; the request stands.
    Unanswered {
        /// What is missing, in words.
        missing: &'a str,
    },
    /// The requester took it back.
    Withdrawn {
        /// Who.
        by: &'a str,
    },
    /// Rules, policy or approvers changed.
    PolicyChanged(&'a [String]),
    /// The command's surroundings changed.
    StateChanged(&'a [String]),
    /// Another guard has used the approval.
    AlreadyUsed,
}

/// What is said then. `again`: a new request was made for the command as it is
/// now.
#[must_use]
pub fn ended(
    handle: &str,
    ended: Ended<'_>,
    actor: &Actor,
    again: bool,
    palette: Palette,
    columns: usize,
) -> String {
    let mut block = Block::new(palette, columns);
    let agent = actor.kind == ActorKind::Agent;
    let rerun = if again {
        "A new request follows, for the command as it is now."
    } else {
        "Run the same command again to ask anew, for the command as it is now."
    };
    let (what, details, next): (String, &[String], &str) = match ended {
        Ended::Denied { by, reason, .. } => {
            let reason =
                if reason.is_empty() { String::new() } else { format!(": {}", escape(reason)) };
            let next = if agent {
                "A no is final. Do not look for another way to the same effect; tell your \
                 operator and stop."
            } else {
                "A no is final for this request. Talk to whoever said it."
            };
            (format!("request {handle} was denied by {}{reason}.", escape(by)), &[], next)
        }
        Ended::Expired => (
            format!("request {handle} has expired: nobody answered in time, which counts as no."),
            &[],
            rerun,
        ),
        Ended::Unanswered { missing } => (
            format!("request {handle} is still unanswered; missing: {}.", escape(missing)),
            &[],
            "The request stands. Run exactly the same command again to go on waiting; once it is \
             approved, the same command runs at once.",
        ),
        Ended::Withdrawn { by } => {
            (format!("request {handle} was withdrawn by {}.", escape(by)), &[], rerun)
        }
        Ended::PolicyChanged(details) => (
            format!("request {handle} is void: what decides about it has changed since."),
            details,
            rerun,
        ),
        Ended::StateChanged(details) => (
            format!("request {handle} is void: what would run is no longer what was asked about."),
            details,
            rerun,
        ),
        Ended::AlreadyUsed => (
            format!("request {handle} has been used already: an approval is good for one run."),
            &[],
            rerun,
        ),
    };
    block.paragraph("", Role::Danger, &format!("guard: not run: {what}"));
    for detail in details.iter().take(20) {
        block.paragraph("changed", Role::Plain, &escape(detail));
    }
    if let Ended::Denied { until, .. } = ended
        && !until.is_empty()
    {
        block.paragraph(
            "until",
            Role::Plain,
            &format!("the same command is not asked about again before {until}"),
        );
    }
    block.paragraph("next", Role::Plain, next);
    block.text
}

/// Nobody can be asked: why, and how to change that.
#[must_use]
pub fn nobody(why: &str, next: &str, palette: Palette, columns: usize) -> String {
    let mut block = Block::new(palette, columns);
    block.paragraph(
        "",
        Role::Danger,
        &format!("guard: not run: a second person has to agree, and {why}."),
    );
    block.paragraph("next", Role::Plain, next);
    block.text
}

/// It cannot be bound, so nobody can be asked.
#[must_use]
pub fn unbound(why: &[String], palette: Palette, columns: usize) -> String {
    let mut block = Block::new(palette, columns);
    block.paragraph(
        "",
        Role::Danger,
        "guard: not run: nobody can be asked about this, because what it would do cannot be held still.",
    );
    for why in why.iter().take(10) {
        block.paragraph("why", Role::Plain, why);
    }
    block.text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::decide::samples;

    fn request() -> Request {
        Request::read(include_bytes!("../../tests/fixtures/approval/request.json")).unwrap()
    }

    #[test]
    fn an_agent_is_told_who_answers_how_and_what_to_do_meanwhile() {
        let request = request();
        let people = ["dana@example.org".to_owned(), "erin@example.org".to_owned()];
        let scene = Waiting {
            request: &request,
            handle: "GEXS-Z6KB",
            people: &people,
            actor: &samples::agent(),
            joined: false,
            advise: Some("you are root, and root can change who approves"),
            unbound: &[],
            safer: Some("List what is in it first."),
        };
        insta::assert_snapshot!(waiting(scene, Palette::OFF, 80), @r"
        guard: waiting for an answer to request GEXS-Z6KB (tier critical).
        safer   List what is in it first.
        who     1 of sre, touch: dana@example.org, erin@example.org
        how     They look at it and answer with
                guard approve GEXS-Z6KB
                or, on a machine of their own, with what this prints:
                guard requests export GEXS-Z6KB
        until   2026-11-22T09:45:00Z
        mode    advise: an approval here stops accidents only, because you are root, and
                root can change who approves.
        next    Do not retry with another spelling, tool or script. Tell your operator
                the request's name and why you need it. If this ends with exit code 75,
                nobody has answered yet: run exactly the same command again to go on
                waiting. Once it is approved, the same command runs at once.
        ");
    }

    #[test]
    fn an_operator_is_named_for_what_an_agent_may_not_answer() {
        let mut request = request();
        request.policy.answer = Some(AnsweredBy::Operator);
        request.policy.tier = "confirm".into();
        let scene = Waiting {
            request: &request,
            handle: "GEXS-Z6KB",
            people: &[],
            actor: &samples::human(),
            joined: true,
            advise: None,
            unbound: &["/data holds too much".to_owned()],
            safer: None,
        };
        insta::assert_snapshot!(waiting(scene, Palette::OFF, 80), @r"
        guard: waiting again for an answer to request GEXS-Z6KB (tier confirm).
        who     the operator, in a terminal of their own
        how     They look at it and answer with
                guard approve GEXS-Z6KB
        until   2026-11-22T09:45:00Z
        note    Not bound by content: /data holds too much.
        next    Waiting; Ctrl-C stops waiting and leaves the request open.
        ");
    }

    #[test]
    fn every_end_has_its_own_words() {
        let details = ["plan.out: its content has changed\u{1b}".to_owned()];
        let mut all = String::new();
        for end in [
            Ended::Denied { by: "dana", reason: "not on a Friday", until: "2026-11-22T09:45:00Z" },
            Ended::Expired,
            Ended::Unanswered { missing: "1 of sre" },
            Ended::Withdrawn { by: "alice" },
            Ended::PolicyChanged(&details),
            Ended::StateChanged(&details),
            Ended::AlreadyUsed,
        ] {
            all += &ended("GEXS-Z6KB", end, &samples::agent(), false, Palette::OFF, 80);
        }
        insta::assert_snapshot!(all, @r"
        guard: not run: request GEXS-Z6KB was denied by dana: not on a Friday.
        until   the same command is not asked about again before 2026-11-22T09:45:00Z
        next    A no is final. Do not look for another way to the same effect; tell your
                operator and stop.
        guard: not run: request GEXS-Z6KB has expired: nobody answered in time, which
        counts as no.
        next    Run the same command again to ask anew, for the command as it is now.
        guard: not run: request GEXS-Z6KB is still unanswered; missing: 1 of sre.
        next    The request stands. Run exactly the same command again to go on waiting;
                once it is approved, the same command runs at once.
        guard: not run: request GEXS-Z6KB was withdrawn by alice.
        next    Run the same command again to ask anew, for the command as it is now.
        guard: not run: request GEXS-Z6KB is void: what decides about it has changed
        since.
        changed plan.out: its content has changed\x1b
        next    Run the same command again to ask anew, for the command as it is now.
        guard: not run: request GEXS-Z6KB is void: what would run is no longer what was
        asked about.
        changed plan.out: its content has changed\x1b
        next    Run the same command again to ask anew, for the command as it is now.
        guard: not run: request GEXS-Z6KB has been used already: an approval is good for
        one run.
        next    Run the same command again to ask anew, for the command as it is now.
        ");
    }
}
