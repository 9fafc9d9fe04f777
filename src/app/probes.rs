//! Probes for a verdict that somebody will be asked about.

use std::ffi::OsString;
use std::io::IsTerminal as _;

use super::second::seen::seen;
use super::session::Session;
use crate::approve::screen;
use crate::bind;
use crate::blast;
use crate::decide::{self, Verdict};
use crate::model::{Effect, Evidence, Fact, Facts, Invocation, Tier};
use crate::probe::{self, Viewer};
use crate::second::difference::grown;
use crate::second::request::Target;
use crate::text::escape;

/// Looks at what the command would hit, and decides again with that. A command
/// that runs anyway or never runs is left alone.
pub(super) fn look(verdict: Verdict, session: &Session, tell: &dyn Fn(&str)) -> Verdict {
    let asks = |tier| (Tier::Confirm..=Tier::SecondHuman).contains(&tier);
    if !asks(verdict.tier) {
        return verdict;
    }
    let asked: Vec<usize> = (0..verdict.findings.len())
        .filter(|at| verdict.findings.get(*at).is_some_and(|finding| asks(finding.tier)))
        .collect();
    let effects: Vec<&Effect> =
        asked.iter().filter_map(|at| verdict.findings.get(*at)).map(|f| &f.effect).collect();
    let terminal = std::io::stderr().is_terminal();
    let told = std::cell::Cell::new(false);
    let waiting = || {
        if terminal {
            told.set(true);
            let columns = crate::text::width::columns(&std::io::stderr());
            let clean = |text: &str| session.redactor().text(text).into_owned();
            tell(&screen::at_once(&verdict, columns, &clean));
        }
    };
    let viewer =
        Viewer { ctx: &session.ctx, secret: &|words| has_secret(words, session), requester: true };
    let reports = probe::look(&effects, &verdict.invocations, viewer, &waiting);
    if told.get() {
        // Back to the start of the line, and clear it.
        tell("\r\u{1b}[K");
    }
    let mut probed = Vec::new();
    for (number, (at, before)) in asked.iter().zip(&effects).enumerate() {
        let mut effect = (*before).clone();
        for report in reports.iter().filter(|report| report.effect == number) {
            report.apply(&mut effect.facts);
        }
        if let Some(invocation) = verdict.invocations.get(effect.invocation) {
            configured(&mut effect.facts, invocation, session);
        }
        if effect.facts != before.facts {
            probed.push((*at, effect));
        }
    }
    if probed.is_empty() { verdict } else { decide::again(verdict, probed, session.world()) }
}

/// Looks once more at what was looked at, believing nothing of the first look
/// where that knew the objects one by one.
pub(super) fn again(verdict: &Verdict, session: &Session) -> Verdict {
    let mut verdict = verdict.clone();
    verdict.findings.iter_mut().for_each(|finding| finding.effect.facts.objects = None);
    look(verdict, session, &|_| {})
}

/// Why an answer is not for what would be hit by now, where the objects were
/// known one by one: the question may have stood on the screen for long.
pub(super) fn others(verdict: &Verdict, session: &Session) -> Option<String> {
    if !verdict.findings.iter().any(|finding| finding.effect.facts.objects.is_some()) {
        return None;
    }
    let redactor = session.redactor();
    let now = again(verdict, session);
    let found = grown(Some(&seen(verdict, &redactor)), &seen(&now, &redactor));
    found.into_iter().next().map(|difference| difference.text)
}

/// Whether a word of a command is one that records would not show.
pub(super) fn has_secret(words: &[&str], session: &Session) -> bool {
    let words: Vec<&[u8]> = words.iter().map(|word| word.as_bytes()).collect();
    session.redactor().argv(&words).iter().zip(&words).any(|(clean, word)| clean.as_ref() != *word)
}

/// Facts that stand in the configuration of a client: as whom it acts, where no
/// probe has asked, and which engine it would reach. They add to what the words
/// say, and make nothing milder.
fn configured(facts: &mut Facts, invocation: &Invocation, session: &Session) {
    let Some(target) = reached(invocation, session) else { return };
    match target.kind.as_str() {
        "gcloud" | "azure" => {
            let known = facts.evidence.iter().any(|evidence| evidence.fact == Fact::Identity);
            if let Some(user) = target.user.filter(|_| !known) {
                facts.evidence.push(Evidence { fact: Fact::Identity, text: escape(&user) });
            }
        }
        "docker" => {
            let (name, server) = (target.context.unwrap_or_default(), target.server);
            let place = server.and_then(|server| blast::configured(&name, &server, &session.ctx));
            if let Some(place) = place.filter(|place| place.environment > facts.environment) {
                facts.environment = place.environment;
                facts.remote = true;
                let text = match name.as_str() {
                    "" => place.evidence,
                    name => format!("docker context {}", escape(name)),
                };
                facts.evidence.insert(0, Evidence { fact: Fact::Environment, text });
            }
        }
        _ => {}
    }
}

/// What an invocation acts on, by the files that its client reads.
fn reached(invocation: &Invocation, session: &Session) -> Option<Target> {
    let env = |name: &str| {
        let assigned = invocation.assignments.iter().rfind(|a| a.name == name);
        assigned
            .and_then(|a| a.value.as_static().map(OsString::from))
            .or_else(|| std::env::var_os(name))
    };
    let cwd = session.cwd.as_deref()?;
    bind::places::targets(std::slice::from_ref(invocation), &env, cwd).into_iter().next()
}

/// Which cluster or account the worst of it acts on, by the files that its
/// client reads; nothing is asked of it. `None` for what is not remote.
pub(super) fn target(verdict: &Verdict, session: &Session) -> Option<String> {
    let effect = &verdict.worst().filter(|finding| finding.effect.facts.remote)?.effect;
    let invocation = verdict.invocations.get(effect.invocation)?;
    let mut target = reached(invocation, session)?;
    // Who it is then stands in the line about who.
    if effect.facts.evidence.iter().any(|evidence| evidence.fact == Fact::Identity) {
        target.user = None;
    }
    let named = [
        ("", target.context),
        ("account ", target.account),
        ("", target.server),
        ("", target.region),
        ("namespace ", target.namespace),
        ("as ", target.user),
    ];
    let words = named.into_iter().filter_map(|(what, value)| Some(format!("{what}{}", value?)));
    let words: Vec<String> = words.collect();
    let text = format!("{} {}", target.kind, words.join(" "));
    Some(session.redactor().text(&text).into_owned())
}
