//! Makes an [`Effect`] with its facts out of a rule that matched.

use super::{Placement, throwaway};
use crate::model::{
    Cause, Context, Count, Effect, Environment, Evidence, Fact, Facts, Flag, Invocation, Part,
    Reversibility, Scope, Verb, Word,
};
use crate::rules::links::Links;
use crate::rules::paths::{self, Judged};
use crate::rules::schema::{EffectSpec, NameSource, PathClass, PathSource, Rule, ScopeSpec};

/// Words that are described one by one; a hundred would not be read.
const MAX_EVIDENCE: usize = 5;

/// The effect of a rule on an invocation.
#[must_use]
pub fn effect(
    rule: &Rule,
    (index, invocation, links): (usize, &Invocation, &Links),
    place: &Placement,
    ctx: &Context,
) -> Effect {
    let spec = &rule.effect;
    let mut facts = Facts {
        verb: spec.verb,
        scope: Scope::FILE,
        count: Count::NotChecked,
        reversibility: Reversibility::default(),
        environment: place.environment,
        named: place.named,
        remote: place.remote,
        flags: spec.flags.iter().copied().collect(),
        objects: None,
        evidence: Vec::new(),
    };
    let remote_file = matches!(
        invocation.place,
        crate::model::Place::Remote(_) | crate::model::Place::Container(_)
    );
    let local = spec.local && !remote_file;
    if local {
        facts.environment = Environment::Local;
        facts.remote = false;
        facts.named = false;
    }
    match spec.scope {
        ScopeSpec::Level(level) => {
            facts.scope = Scope(level);
            facts.reversibility = Reversibility(spec.reversibility.unwrap_or(4));
        }
        ScopeSpec::Paths(source) => {
            let container = matches!(invocation.place, crate::model::Place::Container(_));
            let contained = container
                && !place.remote
                && !place.mounted
                && place.environment <= Environment::Dev;
            let mut words = path_words(source, spec, invocation);
            let behind: Vec<Word> =
                words.iter().filter_map(|word| links.behind(word, invocation)).collect();
            words.extend(&behind);
            path_facts(&mut facts, spec, &words, (invocation, contained), ctx);
        }
    }
    if lists_nothing(invocation) {
        facts.flags.insert(Flag::EmptySelector);
        let text = "the list that names what is hit is empty".to_owned();
        facts.evidence.push(Evidence { fact: Fact::Scope, text });
    }
    if invocation.options_named(&spec.bypass).next().is_some() {
        facts.flags.insert(Flag::Bypass);
    }
    if spec.throwaway && place.throwaway && !throwaway::leaves(invocation) {
        throwaway::apply(&mut facts);
    }
    let name = name(spec, invocation, ctx);
    // `deploy-prod`, `kv-prod`: what is changed says it by its own name.
    let said = name.as_deref().and_then(super::environment::by_name) == Some(Environment::Prod);
    facts.named |= said && facts.environment == Environment::Prod;
    let text = if local { "runs on this machine".into() } else { place.evidence.clone() };
    let environment = Evidence { fact: Fact::Environment, text };
    facts.evidence.push(environment);
    Effect {
        rule: rule.id.clone(),
        summary: rule.summary.clone(),
        kind: spec.object.clone(),
        name,
        facts,
        floor: rule.floor,
        safer: rule.safer.clone(),
        invocation: index,
        span: span(invocation),
    }
}

/// `printf '' | xargs rm -rf /srv/`: what was to be named is not, and the rest
/// of the words is hit.
fn lists_nothing(invocation: &Invocation) -> bool {
    let nothing = |word: &Word| match word.parts.as_slice() {
        [Part::Hole(hole)] => hole.cause == Cause::Input && hole.empty,
        _ => false,
    };
    invocation.operands.len() > 1 && invocation.operands.iter().any(nothing)
}

/// The words that are hit: program to last operand.
fn span(invocation: &Invocation) -> crate::model::Span {
    invocation.span
}

/// The words of an invocation that are paths.
fn path_words<'a>(
    source: PathSource,
    spec: &'a EffectSpec,
    invocation: &'a Invocation,
) -> Vec<&'a Word> {
    let operands = &invocation.operands;
    match source {
        PathSource::Operands => operands.iter().collect(),
        PathSource::Rest => operands.iter().skip(1).collect(),
        PathSource::Sources => operands.iter().take(operands.len().saturating_sub(1)).collect(),
        PathSource::Last => operands.last().into_iter().collect(),
        PathSource::First => operands.first().into_iter().collect(),
        PathSource::Redirects => {
            invocation.redirects.iter().filter(|r| r.op.writes()).map(|r| &r.target).collect()
        }
        PathSource::Value => spec
            .name
            .iter()
            .filter_map(|source| match source {
                NameSource::Option(names) => Some(names),
                _ => None,
            })
            .flat_map(|names| invocation.options_named(names))
            .filter_map(|opt| opt.value.as_ref())
            .collect(),
    }
}

/// Scope, reversibility and flags of the worst of several paths.
fn path_facts(
    facts: &mut Facts,
    spec: &EffectSpec,
    words: &[&Word],
    (invocation, contained): (&Invocation, bool),
    ctx: &Context,
) {
    let mut reversibility = 0;
    let mut notes: Vec<(Scope, String)> = Vec::new();
    for word in words {
        // `KEY=value` operands (`of=/dev/sda`) name the path after the `=`.
        let word = after_equals(word);
        let mut judged = paths::judge(&word, invocation.cwd.as_deref(), ctx);
        if contained {
            judged = paths::in_container(judged);
        }
        let (scope, undo) = of_class(judged.class);
        facts.scope = facts.scope.max(Scope(scope));
        reversibility = reversibility.max(undo);
        flag_path(facts, &judged, ctx);
        let unset = judged.class == PathClass::MaybeRoot && word.holes().all(|hole| hole.empty);
        let what = if unset {
            facts.flags.insert(Flag::EmptySelector);
            "the root, because its variable is not set"
        } else {
            words_of_class(judged.class)
        };
        let text = format!("{} is {what}", word.display());
        notes.push((Scope(scope), text));
    }
    if words.is_empty() {
        reversibility = 4;
        facts.scope = Scope::DIRECTORY;
    }
    // Only what reaches furthest is evidence for how far it reaches.
    let worst = notes.into_iter().filter(|(scope, _)| *scope == facts.scope).take(MAX_EVIDENCE);
    facts.evidence.extend(worst.map(|(_, text)| Evidence { fact: Fact::Scope, text }));
    facts.reversibility = Reversibility(spec.reversibility.unwrap_or(reversibility).min(4));
}

fn after_equals(word: &Word) -> Word {
    let Some(crate::model::Part::Text(first)) = word.parts.first() else { return word.clone() };
    let Some((key, rest)) = first.split_once('=') else { return word.clone() };
    if key.is_empty() || !key.chars().all(|c| c.is_ascii_lowercase()) {
        return word.clone();
    }
    let mut out = Word { parts: Vec::new(), span: word.span };
    out.push_text(rest);
    out.parts.extend(word.parts.iter().skip(1).cloned());
    out
}

fn flag_path(facts: &mut Facts, judged: &Judged, ctx: &Context) {
    let above_guard = judged.path.as_ref().is_some_and(|path| {
        facts.verb == Verb::Delete && ctx.guard_paths.iter().any(|own| paths::within(own, path))
    });
    if above_guard {
        facts.flags.insert(Flag::Guard);
    }
    let flag: &[Flag] = match judged.class {
        PathClass::Root | PathClass::Home | PathClass::Ancestor => &[Flag::Root, Flag::Outside],
        PathClass::BlockDevice => &[Flag::Root, Flag::Data, Flag::Outside],
        PathClass::Guard => &[Flag::Guard],
        PathClass::Sensitive | PathClass::AgentSettings => &[Flag::Access, Flag::Outside],
        PathClass::Repository => &[Flag::Evidence],
        PathClass::ScratchRoot => &[Flag::Others],
        PathClass::Kernel
        | PathClass::System
        | PathClass::Outside
        | PathClass::HomeInside
        | PathClass::MaybeRoot => &[Flag::Outside],
        _ => &[],
    };
    facts.flags.extend(flag.iter().copied());
}

/// Scope and reversibility of a path class (see `Scope` and `Reversibility`).
const fn of_class(class: PathClass) -> (u8, u8) {
    match class {
        PathClass::Null => (0, 0),
        PathClass::Scratch | PathClass::BuildOutput => (1, 1),
        PathClass::ScratchRoot => (1, 4),
        PathClass::Inside | PathClass::RemotePath | PathClass::Unknown => (1, 4),
        PathClass::Project | PathClass::Repository => (2, 4),
        PathClass::Root
        | PathClass::Home
        | PathClass::Ancestor
        | PathClass::Guard
        | PathClass::AgentSettings
        | PathClass::BlockDevice
        | PathClass::Kernel
        | PathClass::System
        | PathClass::Sensitive
        | PathClass::HomeInside
        | PathClass::Outside
        | PathClass::MaybeRoot => (3, 4),
    }
}

/// The class in words that follow "X is".
const fn words_of_class(class: PathClass) -> &'static str {
    match class {
        PathClass::Root => "the root of the file system",
        PathClass::Home => "a home directory",
        PathClass::Ancestor => "above the working directory",
        PathClass::Guard => "guard's own",
        PathClass::AgentSettings => "a setting that decides what a coding agent asks about",
        PathClass::BlockDevice => "a disk",
        PathClass::Null => "a harmless device",
        PathClass::Kernel => "the kernel's",
        PathClass::Sensitive => "a file that decides who may do what or what runs",
        PathClass::System => "part of the system",
        PathClass::ScratchRoot => "a folder of temporary files that others use too",
        PathClass::Scratch => "a temporary file",
        PathClass::Project => "the whole project",
        PathClass::Repository => "the repository's history",
        PathClass::BuildOutput => "build output by its name",
        PathClass::Inside => "inside the project",
        PathClass::HomeInside => "in a home directory, outside the project",
        PathClass::Outside => "outside the project",
        PathClass::RemotePath => "on another machine",
        PathClass::MaybeRoot => "the root if its variable is empty",
        PathClass::Unknown => "not known",
    }
}

/// The name of the object, by the first source that has one.
fn name(spec: &EffectSpec, invocation: &Invocation, ctx: &Context) -> Option<String> {
    let join = |words: &[Word]| {
        let joined: Vec<String> = words.iter().map(Word::display).collect();
        (!joined.is_empty()).then(|| joined.join(" "))
    };
    let found = spec.name.iter().find_map(|source| match source {
        NameSource::Operand(n) => invocation.operands.get(*n).map(Word::display),
        NameSource::From(n) => join(invocation.operands.get(*n..).unwrap_or_default()),
        NameSource::Option(names) => {
            invocation.options_named(names).find_map(|o| o.value.as_ref().map(Word::display))
        }
        NameSource::Env(names) => names.iter().find_map(|name| {
            let assigned = invocation.assignments.iter().find(|a| a.name == *name);
            assigned.map(|a| a.value.display()).or_else(|| ctx.vars.get(name).cloned())
        }),
        NameSource::Redirect => invocation.redirects.first().map(|r| r.target.display()),
        NameSource::Text(text) => Some(text.clone()),
        NameSource::Subcommand => Some(invocation.subcommand.join(" ")),
    });
    let found = found.or_else(|| match spec.scope {
        ScopeSpec::Paths(source) => {
            let words: Vec<String> =
                path_words(source, spec, invocation).iter().map(|w| w.display()).collect();
            (!words.is_empty()).then(|| words.join(" "))
        }
        ScopeSpec::Level(_) => None,
    });
    found.filter(|name| !name.is_empty())
}
