//! What is recorded of a command when it is asked for, without its secrets.

use crate::app::host;
use crate::app::session::Session;
use crate::audit::event::Known;
use crate::audit::{Command, Redactor, Request};
use crate::decide::{Subject, Verdict, describe};
use crate::model::Tier;
use crate::text::escape;

/// What the request record says; names of the session are still missing.
pub(super) fn request(
    session: &Session,
    subject: &Subject,
    verdict: &Verdict,
    reason: Option<&str>,
    id: &str,
) -> Request {
    let redactor = session.redactor();
    let clean = |text: &str| redactor.text(text).into_owned();
    let mut rules: Vec<String> = verdict.findings.iter().map(|f| f.effect.rule.clone()).collect();
    rules.dedup();
    let mut programs: Vec<String> =
        verdict.invocations.iter().filter_map(|inv| inv.program.clone()).collect();
    programs.dedup();
    Request {
        request_id: id.to_owned(),
        tier: verdict.tier,
        rules,
        reasons: reasons(verdict, &redactor),
        unknown: verdict.unknown,
        actor: session.actor.clone(),
        via: session.way,
        policy: session.digest().ok(),
        programs: programs.iter().map(|name| clean(name)).collect(),
        command: Command::new(&subject.argv, subject.shell_text.as_deref(), &redactor),
        cwd: session.ctx.cwd.clone(),
        host: host::name(),
        user: host::user(),
        uid: nix::unistd::getuid().as_raw(),
        pid: std::process::id(),
        reason: reason.map(clean),
        facts: facts(verdict, &redactor),
        before: verdict.before.iter().map(|line| clean(line)).collect(),
        sessions: Vec::new(),
        guard: env!("CARGO_PKG_VERSION"),
    }
}

/// Most effects whose facts are recorded with one command.
const MAX_FACTS: usize = 16;

/// What is known about the effects that somebody has to be asked about.
fn facts(verdict: &Verdict, redactor: &Redactor<'_>) -> Vec<Known> {
    let serious = verdict.findings.iter().filter(|finding| finding.tier >= Tier::Confirm);
    let known = serious.take(MAX_FACTS).map(|finding| {
        let (effect, facts) = (&finding.effect, &finding.effect.facts);
        Known {
            rule: effect.rule.clone(),
            tier: finding.tier,
            verb: facts.verb,
            object: redactor.text(&effect.object()).into_owned(),
            scope: facts.scope,
            count: facts.count,
            undo: describe::undo(facts),
            environment: facts.environment,
            flags: facts.flags.iter().copied().collect(),
            evidence: facts.evidence.iter().map(|e| redactor.text(&e.text).into_owned()).collect(),
        }
    });
    known.collect()
}

/// The reasons of the strictest findings, and every problem.
fn reasons(verdict: &Verdict, redactor: &Redactor<'_>) -> Vec<String> {
    let mut out: Vec<String> = verdict
        .findings
        .iter()
        .filter(|finding| finding.tier == verdict.tier)
        .take(16)
        .flat_map(|finding| &finding.reasons)
        .map(|reason| format!("{}: {}", reason.id, redactor.text(&reason.text)))
        .collect();
    out.extend(verdict.problems.iter().take(16).map(|p| escape(&redactor.text(&p.message))));
    out.dedup();
    out
}
