//! Looking at what would be hit from where the approver sits, as the approver.

use std::ffi::OsString;

use super::load::Loaded;
use super::opinion::{Opinion, surroundings};
use crate::app::probes::has_secret;
use crate::app::second::seen::seen;
use crate::app::session::Session;
use crate::bind::places;
use crate::decide::{Finding, Verdict};
use crate::model::{Context, Tier};
use crate::probe::{self, Viewer};
use crate::second::request::Target;
use crate::text::tell;

/// Options that choose the server or the way to it. Whoever asks has written the
/// words, and would choose where the credentials of the approver are sent.
const STEERING: &[&str] = &[
    "--endpoint-url",
    "--queue-url",
    "--ca-bundle",
    "--no-verify-ssl",
    "--server",
    "-s",
    "--kubeconfig",
    "--token",
    "--certificate-authority",
    "--client-certificate",
    "--client-key",
    "--insecure-skip-tls-verify",
    "--tls-server-name",
    "--as",
    "--host",
    "-H",
    "-h",
    "--port",
    "-p",
    "--config",
    "--tls",
    "--cacert",
    "-c",
    "--git-dir",
    "--work-tree",
    "--upload-pack",
    "--exec",
];

/// What the approver's own probes see, a line for each effect; in words why not,
/// where they cannot see it.
pub(super) fn look(loaded: &Loaded, opinion: &Opinion, session: &Session) -> Vec<String> {
    let request = &loaded.request;
    let verdict = &opinion.verdict;
    let here = loaded.is_here();
    let own = surroundings(request);
    // A folder of another machine says nothing about this one.
    let cwd = if here { own.cwd.clone() } else { folder(session) };
    let ctx = Context { cwd: cwd.clone(), ..own };
    let env = |name: &str| std::env::var_os(name);
    if let Some(word) = steered(verdict) {
        return vec![format!(
            "not looked at: {word} says where, and your credentials would go there"
        )];
    }
    let theirs = &request.targets;
    let ours = targets(verdict, &env, cwd.as_deref());
    if let Some(why) = elsewhere(theirs, &ours) {
        return vec![format!("not looked at: {why}")];
    }
    let asks = |finding: &&Finding| {
        (Tier::Confirm..=Tier::SecondHuman).contains(&finding.tier)
            && (here || finding.effect.facts.remote)
    };
    let mut asked: Vec<Finding> = verdict.findings.iter().filter(asks).cloned().collect();
    let effects: Vec<_> = asked.iter().map(|finding| &finding.effect).collect();
    let waiting = || tell("guard: looking at what this would hit ...\n");
    let secret = |words: &[&str]| has_secret(words, session);
    let viewer = Viewer { ctx: &ctx, secret: &secret, requester: false };
    let reports = probe::look(&effects, &verdict.invocations, viewer, &waiting);
    if reports.is_empty() {
        return vec!["not looked at: no probe knows this command from here".to_owned()];
    }
    let looked: Vec<usize> = reports.iter().map(|report| report.effect).collect();
    for report in reports {
        if let Some(finding) = asked.get_mut(report.effect) {
            report.apply(&mut finding.effect.facts);
        }
    }
    let findings = asked.into_iter().enumerate().filter(|(at, _)| looked.contains(at));
    let findings = findings.map(|(_, finding)| finding).collect();
    let verdict = Verdict { findings, ..Verdict::default() };
    seen(&verdict, &session.redactor())
        .effects
        .iter()
        .map(crate::second::seen::Effect::line)
        .collect()
}

/// The first word that chooses a server.
fn steered(verdict: &Verdict) -> Option<String> {
    verdict.invocations.iter().find_map(|inv| {
        let option = inv.options.iter().map(|option| &option.name);
        let variable = inv.exported.iter().chain(&inv.assignments).map(|variable| &variable.name);
        let mut words = option.filter(|name| STEERING.contains(&name.as_str())).chain(variable);
        words.next().cloned()
    })
}

fn folder(session: &Session) -> Option<String> {
    session.cwd.as_deref().map(|path| path.to_string_lossy().into_owned())
}

fn targets(
    verdict: &Verdict,
    env: &dyn Fn(&str) -> Option<OsString>,
    cwd: Option<&str>,
) -> Vec<Target> {
    let cwd = cwd.unwrap_or("/");
    places::targets(&verdict.invocations, env, std::path::Path::new(cwd))
}

/// The first way in which the same words act on something else here: another
/// server, account, region or namespace. Names of contexts and users may differ.
fn elsewhere(theirs: &[Target], ours: &[Target]) -> Option<String> {
    if theirs.len() != ours.len() {
        return Some("these words act on something else on this machine".to_owned());
    }
    theirs.iter().zip(ours).find_map(|(theirs, ours)| {
        let parts = [
            ("kind", Some(&theirs.kind), Some(&ours.kind)),
            ("server", theirs.server.as_ref(), ours.server.as_ref()),
            ("account", theirs.account.as_ref(), ours.account.as_ref()),
            ("region", theirs.region.as_ref(), ours.region.as_ref()),
            ("namespace", theirs.namespace.as_ref(), ours.namespace.as_ref()),
        ];
        let differs = parts.into_iter().find(|(_, theirs, ours)| theirs != ours);
        differs.map(|(what, theirs, ours)| {
            let shown = |value: Option<&String>| value.map_or("none", String::as_str).to_owned();
            format!("there the {what} is {}, here it is {}", shown(theirs), shown(ours))
        })
    })
}
