//! Probes for a verdict that somebody will be asked about.

use std::ffi::OsString;
use std::io::IsTerminal as _;

use super::session::Session;
use crate::bind;
use crate::decide::{self, Verdict};
use crate::model::{Effect, Tier};
use crate::probe;

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
            tell("guard: looking at what this would hit ...");
        }
    };
    let reports = probe::look(&effects, &verdict.invocations, &session.ctx, &waiting);
    if told.get() {
        // Back to the start of the line, and clear it.
        tell("\r\u{1b}[K");
    }
    let mut probed = Vec::new();
    for report in reports {
        let (Some(at), Some(effect)) = (asked.get(report.effect), effects.get(report.effect))
        else {
            continue;
        };
        let mut effect = (*effect).clone();
        report.apply(&mut effect.facts);
        probed.push((*at, effect));
    }
    if probed.is_empty() { verdict } else { decide::again(verdict, probed, session.world()) }
}

/// Which cluster or account the worst of it acts on, by the files that its
/// client reads; nothing is asked of it. `None` for what is not remote.
pub(super) fn target(verdict: &Verdict, session: &Session) -> Option<String> {
    let effect = &verdict.worst().filter(|finding| finding.effect.facts.remote)?.effect;
    let invocation = verdict.invocations.get(effect.invocation)?;
    let env = |name: &str| {
        let assigned = invocation.assignments.iter().rfind(|a| a.name == name);
        assigned
            .and_then(|a| a.value.as_static().map(OsString::from))
            .or_else(|| std::env::var_os(name))
    };
    let cwd = session.cwd.as_deref()?;
    let found = bind::places::targets(std::slice::from_ref(invocation), &env, cwd);
    let target = found.into_iter().next()?;
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
