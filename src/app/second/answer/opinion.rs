//! What the approver's own guard thinks of the command.

use std::collections::BTreeSet;
use std::ffi::OsString;

use super::load::Loaded;
use crate::app::judge::{self, Input};
use crate::app::scripts::Disk;
use crate::app::session::Session;
use crate::bind::host;
use crate::command::{Files, NoFiles};
use crate::decide::{Policy, Verdict, World, describe};
use crate::model::{Actor, ActorKind, Context};
use crate::second::display::display;
use crate::second::request::{AnsweredBy, Request, Role};
use crate::text::{Palette, Role as Paint, escape};

/// A second opinion.
#[derive(Debug)]
pub(super) struct Opinion {
    /// What this guard finds, without policy.
    pub verdict: Verdict,
    /// It is not what the request says.
    pub differs: bool,
    /// In which way, in words.
    pub how: String,
    /// What the approver's own probes have seen, when they were wanted.
    pub looked: Vec<String>,
}

/// Judges the words that would be executed, in the surroundings that the request
/// describes. Policy is left out on both sides: whose policy asks for an answer
/// is not in question.
pub(super) fn form(loaded: &Loaded, session: &Session) -> Opinion {
    let request = &loaded.request;
    let (ctx, policy) = (surroundings(request), Policy::default());
    let actor = actor(request);
    let here = host::host(String::new()).machine_id == request.host.machine_id;
    let files: &dyn Files = if here { &Disk } else { &NoFiles };
    let world = World { rules: &session.rules, policy: &policy, ctx: &ctx, actor: &actor, files };
    let argv = request.argv();
    let input = input(request, &argv);
    let verdict = judge::judge(&input.unwrap_or(Input::Argv(argv)), world);
    let (differs, how) = compare(request, &verdict, input_is_odd(request));
    Opinion { verdict, differs, how, looked: Vec::new() }
}

/// The text, if it is what the words would have a shell run.
fn input(request: &Request, argv: &[OsString]) -> Option<Input> {
    let text = request.command.shell_text.as_ref()?;
    let as_given =
        matches!(argv, [_, dash_c, given] if dash_c == "-c" && given.to_str() == Some(text));
    as_given.then(|| Input::Text(text.clone()))
}

fn input_is_odd(request: &Request) -> bool {
    request.command.shell_text.is_some() && input(request, &request.argv()).is_none()
}

pub(super) fn surroundings(request: &Request) -> Context {
    let context = &request.context;
    let value = |name: &str| {
        let found = context.env.iter().find(|variable| variable.name == name);
        found.and_then(|variable| variable.value.clone())
    };
    let home = value("HOME");
    let below = |rest: &str| home.as_ref().map(|home| format!("{home}/{rest}"));
    let mut guard_paths: Vec<String> =
        ["/etc/guard", "/var/lib/guard", "/var/log/guard"].map(str::to_owned).to_vec();
    guard_paths.extend(below(".config/guard"));
    guard_paths.extend(below(".local/state/guard"));
    Context {
        cwd: Some(context.cwd.path.clone()),
        homes: home.into_iter().collect(),
        project: context.project.clone().or_else(|| Some(context.cwd.path.clone())),
        guard_paths,
        vars: context
            .env
            .iter()
            .filter_map(|variable| Some((variable.name.clone(), variable.value.clone()?)))
            .collect(),
        all_vars: false,
        root: context.uid == 0,
        // Policy is left out here, see `form`.
        environments: Vec::new(),
    }
}

fn actor(request: &Request) -> Actor {
    let requester = &request.requester;
    let kind = match (&requester.agent, requester.actor.as_deref()) {
        (Some(_), _) => ActorKind::Agent,
        (None, Some("human")) => ActorKind::Human,
        (None, Some("ci")) => ActorKind::Ci,
        (None, _) => ActorKind::Unattended,
    };
    let name = requester.agent.as_ref().map(|agent| agent.name.clone());
    Actor { kind, name, evidence: "the request says so".into() }
}

fn compare(request: &Request, verdict: &Verdict, odd: bool) -> (bool, String) {
    if odd {
        return (true, "the text that is shown is not what would be executed".to_owned());
    }
    let own: BTreeSet<&str> =
        verdict.findings.iter().map(|finding| finding.effect.rule.as_str()).collect();
    let theirs: BTreeSet<&str> = request.policy.rules.iter().map(String::as_str).collect();
    if request.policy.base_tier != Some(verdict.tier) {
        let theirs = request.policy.base_tier.map_or("nothing", crate::model::Tier::name);
        let how = format!("their guard says {theirs}, yours says {}", verdict.tier.name());
        return (true, how);
    }
    if own != theirs {
        let list = |set: &BTreeSet<&str>| set.iter().copied().collect::<Vec<_>>().join(", ");
        let how = format!("their guard found {}; yours found {}", list(&theirs), list(&own));
        return (true, how);
    }
    (false, String::new())
}

/// The screen of an approver: the text whose hash goes into the decision, then
/// the own verdict.
pub(super) fn screen(loaded: &Loaded, opinion: &Opinion, palette: Palette) -> String {
    let request = &loaded.request;
    let mut out = display(request, &loaded.bytes);
    let tier = describe::tier(opinion.verdict.tier);
    let finding = opinion.verdict.worst();
    let what = finding.map_or_else(String::new, |finding| {
        let reason = finding.reasons.first().map_or("", |reason| reason.text.as_str());
        format!(": {} ({reason})", finding.effect.summary)
    });
    out +=
        &format!("YOURS  {}\n", palette.paint(Paint::Strong, format!("{tier}{}", escape(&what))));
    for line in &opinion.looked {
        out += &format!("LOOKED {}\n", escape(line));
    }
    if let Some(safer) = finding.and_then(|finding| finding.effect.safer.as_deref()) {
        out += &format!("SAFER  {}\n", escape(safer));
    }
    let mut bound = vec!["program".to_owned(), "folder".to_owned()];
    bound.push(format!("{} variables", request.context.env.len()));
    for role in [Role::Script, Role::Input, Role::Config, Role::Target] {
        let count = request.command.inputs.iter().filter(|input| input.role == role).count();
        if count > 0 {
            bound.push(format!("{count} {role:?}").to_lowercase());
        }
    }
    out += &format!("BOUND  {}\n", bound.join(", "));
    let mode = request.trust.as_ref().map_or("advise", |trust| trust.mode.as_str());
    if mode != "two-person" || request.answered_by() == AnsweredBy::Operator {
        out += "MODE   advise: this stops accidents, not an agent that wants to get around it\n";
    }
    if opinion.differs {
        let how = format!("DIFFERS  {}", escape(&opinion.how));
        out += &format!("{}\n", palette.paint(Paint::Danger, how));
    }
    out
}
