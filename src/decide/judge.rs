//! The verdict on a whole command.

use super::policy::Policy;
use super::table::Table;
use super::verdict::{Finding, Reason, Verdict};
use crate::blast::{self, Placement};
use crate::command::{Files, Resolved};
use crate::model::{
    Actor, Certainty, Context, Count, Effect, Environment, Evidence, Fact, Facts, Flag, Invocation,
    Problem, Reversibility, Scope, Span, Tier, Verb,
};
use crate::rules::flow::Flows;
use crate::rules::matching::{ReadSql, Scene};
use crate::rules::schema::Whereabouts;
use crate::rules::{LoadedFile, Origin, RuleSet};

/// Rule id of a command whose program is not known.
pub const UNKNOWN_PROGRAM: &str = "guard.unknown-program";
/// Rule id of a tool with dangers whose subcommand is not known.
pub const UNKNOWN_SUBCOMMAND: &str = "guard.unknown-subcommand";
/// Rule id of a command whose name or text is computed.
pub const DISGUISED: &str = "guard.disguised";

/// Rule id of a step that no rule describes and that makes again what was just
/// taken away.
pub const RECREATE: &str = "guard.recreate";

/// Rule id of a step that no rule describes and that goes beyond a budget.
pub const BUDGET: &str = "guard.budget";

/// Rule id of a step that no rule describes and that relies on one that failed.
pub const FAILED: &str = "guard.after-failure";

/// The safer way for what cannot be seen.
pub const OWN_SAFER: &str = "Write the command out, so that it can be judged.";

/// The safer way than [`RECREATE`].
pub const RECREATE_SAFER: &str = "Make the new one beside the old one and compare them, or let a \
    second person look at what is lost, before the old one is gone.";

/// What guard finds without a rule file: id, summary, why, and when.
pub const OWN_RULES: [(&str, &str, &str, &str); 6] = [
    (
        UNKNOWN_PROGRAM,
        "the program is not known before the command runs",
        "The name of the program comes from a variable, a substitution or an input. What would \
         run can be anything, so it is never taken for harmless.",
        "the command word is not constant",
    ),
    (
        UNKNOWN_SUBCOMMAND,
        "the subcommand is not known before the command runs",
        "The tool has dangerous subcommands, and which one would run comes from a variable, a \
         substitution or an input.",
        "the word where the tool expects its subcommand is not constant",
    ),
    (
        DISGUISED,
        "what runs is computed by another command",
        "The name of the program, or the text that is evaluated, comes out of a substitution. \
         guard has computed it and judges it, but nobody who reads the line sees what it does, \
         and honest commands do not hide.",
        "a command substitution stands where the command word or the text of eval is expected",
    ),
    (
        RECREATE,
        "makes again what was just deleted",
        "Delete and recreate looks like a repair. The new one has the name of the old one and none \
         of its data, addresses, secrets or grants, and after the second step nobody can look at \
         the old one any more.",
        "an object of the same or a like name was deleted in the same text or within an hour, by \
         the same agent or in the same terminal",
    ),
    (
        BUDGET,
        "more in an hour than policy plans for",
        "Each step is small, and together they are not. Policy says how many objects one session \
         may take away in an hour.",
        "the objects of this command and of those within an hour before it, by the same agent or in \
         the same terminal, are more than a line of `budgets` in policy",
    ),
    (
        FAILED,
        "relies on a step that failed",
        "A folder that could not be made is no folder: what is moved into it gets its name, and \
         each further one overwrites the one before.",
        "`mkdir` of the target failed within ten minutes, by the same agent or in the same terminal",
    ),
];

/// Everything a verdict depends on besides the command.
#[derive(Debug, Clone, Copy)]
pub struct World<'a> {
    /// Rules, built-in and the user's.
    pub rules: &'a RuleSet,
    /// Policy of system, user and project.
    pub policy: &'a Policy,
    /// The surroundings.
    pub ctx: &'a Context,
    /// Who asks.
    pub actor: &'a Actor,
    /// The disk, for scripts that the command runs.
    pub files: &'a dyn Files,
}

/// Judges every program that would run; the strictest finding decides.
pub fn judge(resolved: Resolved, world: World<'_>) -> Verdict {
    let Resolved { invocations, problems, uncalled } = resolved;
    let mut findings = Vec::new();
    let flows = Flows::default();
    for index in 0..invocations.len() {
        findings.extend(invocation(index, &invocations, &flows, world));
    }
    // Of equals the first in the text comes first, and of one program what says
    // most about the object.
    findings.sort_by_key(|finding| {
        let flags = std::cmp::Reverse(finding.effect.facts.flags.len());
        (std::cmp::Reverse(finding.tier), finding.effect.invocation, flags)
    });
    let unknown = !problems.is_empty()
        || findings.iter().any(|f| f.effect.facts.verb == Verb::ExecuteUnknown)
        || invocations.iter().any(|inv| inv.certainty == Certainty::Program);
    let worst = findings.first().map_or(Tier::Allow, |finding| finding.tier);
    let tier = if problems.is_empty() { worst } else { worst.max(Tier::Confirm) };
    let verdict =
        Verdict { tier, findings, problems, invocations, uncalled, unknown, before: Vec::new() };
    if verdict.tier >= Tier::Confirm || !world.policy.budgets.is_empty() {
        super::sequences::with_past(verdict, &[], world)
    } else {
        verdict
    }
}

/// The verdict with the facts that probes have found: effects by their place in
/// [`Verdict::findings`]. The table decides again.
///
/// Milder than before only for a command that does one thing: in a longer one
/// what runs first may change what the probe saw.
pub fn again(verdict: Verdict, probed: Vec<(usize, Effect)>, world: World<'_>) -> Verdict {
    let Verdict { mut findings, problems, invocations, uncalled, unknown, before, .. } = verdict;
    let alone = invocations.len() == 1 && problems.is_empty() && !unknown;
    for (at, effect) in probed {
        let Some(before) = findings.get_mut(at) else { continue };
        let now = finding(effect, world);
        if now.tier >= before.tier || alone {
            *before = now;
        } else {
            before.effect = now.effect;
        }
    }
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.tier));
    let worst = findings.first().map_or(Tier::Allow, |finding| finding.tier);
    let tier = if problems.is_empty() { worst } else { worst.max(Tier::Confirm) };
    Verdict { tier, findings, problems, invocations, uncalled, unknown, before }
}

/// A verdict for input that could not be read at all.
pub fn unreadable(problem: Problem) -> Verdict {
    Verdict { tier: Tier::Confirm, problems: vec![problem], unknown: true, ..Verdict::default() }
}

fn invocation(index: usize, all: &[Invocation], flows: &Flows, world: World<'_>) -> Vec<Finding> {
    let Some(invocation) = all.get(index) else { return Vec::new() };
    let mut out = Vec::new();
    let program = invocation.program.as_deref().unwrap_or_default();
    let lookup = |name: &str| world.rules.files(name).into_iter().next();
    let mut known_verbs = false;
    let help = invocation.help && invocation.program.is_some();
    let mut own = world.rules.files(program);
    own.retain(|file| !help || file.file.acts_despite_help);
    let read = ReadSql::default();
    let mut everywhere = world.rules.everywhere(invocation, world.ctx);
    // What a function of the text does is known from its body, not from its words.
    everywhere.retain(|file| !invocation.function || file.file.tool != "any");
    let rehearses = invocation.rehearses();
    let many = own.len();
    for (at, file) in own.iter().chain(&everywhere).enumerate() {
        // Rules for every program look at what the shell does, and secrets. What
        // somebody adds says itself what it excuses.
        let stopped = rehearses && at < many && file.origin == Origin::BuiltIn;
        known_verbs |= file.has_subcommands();
        let scene = Scene { invocation, all, ctx: world.ctx, file, read: &read, flows };
        let mut place: Option<Placement> = None;
        for rule in &file.file.rules {
            if stopped && in_dry_run_nothing(rule.effect.verb) || !scene.fits(&rule.matches) {
                continue;
            }
            let place = place.get_or_insert_with(|| {
                blast::placement(index, all, world.ctx, &file.file.whereabouts, &lookup)
            });
            let links = flows.links(all, world.ctx.cwd.as_deref());
            let mut effect = blast::effect(rule, (index, invocation, links), place, world.ctx);
            super::given::add(&mut effect, invocation, world);
            out.push(finding(effect, world));
        }
    }
    if let Some(effect) = unknown_effect(index, all, known_verbs, world, &lookup) {
        out.push(finding(effect, world));
    }
    out
}

/// Whether a dry run has nothing of such an effect. Code that is started may be
/// started in it too (hooks), and what is read or sent out may be so already.
const fn in_dry_run_nothing(verb: Verb) -> bool {
    matches!(verb, Verb::Create | Verb::Modify | Verb::Stop | Verb::Delete | Verb::Access)
}

/// The effect of what guard cannot see: an unknown program, or an unknown
/// subcommand of a tool that has dangerous ones.
fn unknown_effect(
    index: usize,
    all: &[Invocation],
    known_verbs: bool,
    world: World<'_>,
    files: &dyn Fn(&str) -> Option<std::sync::Arc<LoadedFile>>,
) -> Option<Effect> {
    let invocation = all.get(index)?;
    let [program, subcommand, disguised, ..] = OWN_RULES;
    let ((rule, summary, ..), word) = match invocation.certainty {
        Certainty::Program => (program, 0),
        Certainty::Shape if known_verbs => (subcommand, 1),
        _ if invocation.disguised => (disguised, 0),
        Certainty::Shape | Certainty::Exact => return None,
    };
    let place = blast::placement(index, all, world.ctx, &Whereabouts::default(), files);
    let facts = Facts {
        verb: Verb::ExecuteUnknown,
        scope: Scope::HOST,
        count: Count::NotChecked,
        reversibility: Reversibility::default(),
        environment: place.environment,
        named: false,
        remote: place.remote,
        flags: std::collections::BTreeSet::new(),
        objects: None,
        evidence: vec![Evidence { fact: Fact::Environment, text: place.evidence }],
    };
    Some(Effect {
        rule: rule.into(),
        summary: summary.into(),
        kind: "command".into(),
        name: invocation.argv.get(word).map(crate::model::Word::display),
        facts,
        floor: None,
        safer: Some(OWN_SAFER.into()),
        invocation: index,
        span: invocation.argv.first().map_or(invocation.span, |w| {
            if w.span == Span::default() { invocation.span } else { w.span }
        }),
    })
}

/// Notes that policy expects another identity; why, in words.
fn unexpected(effect: &mut Effect, world: World<'_>) -> Option<String> {
    let name = super::describe::evidence(&effect.facts, Fact::Identity)?;
    let (source, line) = world.policy.unexpected(effect, world.actor, name)?;
    let why = format!("{} (policy in {source})", line.why);
    let note = Evidence { fact: Fact::Identity, text: "not expected here".to_owned() };
    if !effect.facts.evidence.contains(&note) {
        effect.facts.evidence.push(note);
    }
    effect.facts.flags.insert(Flag::Wide);
    Some(format!("the identity that would act is not the one expected: {why}"))
}

/// The tier of one effect: table, modifiers, floor, policy.
pub(super) fn finding(mut effect: Effect, world: World<'_>) -> Finding {
    let frozen = world.policy.frozen(&effect, world.actor).map(str::to_owned);
    if let Some(why) = &frozen {
        effect.facts.flags.insert(Flag::Freeze);
        let text = format!("frozen: {why}");
        effect.facts.evidence.push(Evidence { fact: Fact::Flags, text });
    }
    let (id, mut tier, why) = Table::builtin().line(&effect.facts);
    let text = match frozen.filter(|_| tier == Tier::Deny) {
        // Whoever is refused has to learn what for, and until when to wait.
        Some(reason) => format!("{why}: {reason}"),
        None => why.to_owned(),
    };
    let mut reasons = vec![Reason { id: id.to_owned(), text, tier }];
    if effect.facts.flags.contains(&Flag::Bypass) && tier < Tier::SecondHuman {
        tier = tier.raised();
        let text = "switches off the question that the tool itself would ask".to_owned();
        reasons.push(Reason { id: "m1".into(), text, tier });
    }
    let unexpected = unexpected(&mut effect, world);
    let elsewhere = !matches!(effect.facts.environment, Environment::Local | Environment::Dev);
    if effect.facts.flags.contains(&Flag::Wide) && elsewhere && tier < Tier::SecondHuman {
        tier = tier.raised();
        let text = unexpected
            .unwrap_or_else(|| "the identity that would act is wider than needed".to_owned());
        reasons.push(Reason { id: "m4".into(), text, tier });
    }
    if let Some(floor) = effect.floor
        && floor > tier
    {
        tier = floor;
        let text = format!("{} (rule {})", effect.summary, effect.rule);
        reasons.push(Reason { id: "floor".into(), text, tier });
    }
    world.policy.apply(&effect, world.actor, &mut tier, &mut reasons);
    Finding { effect, tier, reasons }
}
