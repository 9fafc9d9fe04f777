//! From the programs of a command to its steps.

use super::words::{act_of, is_backup, noun, switches, unprotects};
use super::{Act, MAX_NAME, MAX_NAMES, Step, paths};
use crate::model::{Count, Effect, Environment, Flag, Invocation, OpClass, Tier, Verb, Word};

/// Most steps that are read from one command.
const MAX_STEPS: usize = 64;
/// Most leading operands that are looked at for a verb, where the tool's
/// grammar is not known.
const LEADING: usize = 3;

/// Options that say where, and the dimension that they give.
const PLACES: &[(&str, &str)] = &[
    ("--context", "context"),
    ("--kube-context", "context"),
    ("--namespace", "namespace"),
    ("-n", "namespace"),
    ("--profile", "profile"),
    ("--region", "region"),
    ("--location", "region"),
    ("--zone", "zone"),
    ("--project", "project"),
    ("--resource-group", "group"),
    ("-g", "group"),
    ("--subscription", "subscription"),
    ("--host", "host"),
    ("--cluster", "cluster"),
    ("--server", "host"),
    ("--endpoint-url", "host"),
    ("-chdir", "folder"),
];

/// Variables that say where.
const VARIABLES: &[(&str, &str)] = &[
    ("AWS_PROFILE", "profile"),
    ("AWS_REGION", "region"),
    ("AWS_DEFAULT_REGION", "region"),
    ("KUBECONFIG", "kubeconfig"),
    ("PGHOST", "host"),
    ("DOCKER_HOST", "host"),
    ("TF_WORKSPACE", "workspace"),
];

/// Ends of options that name the object.
const NAMING: &[&str] =
    &["-name", "-names", "-id", "-ids", "-identifier", "-identifiers", "-arn", "-arns", "-url"];

/// The steps of a command, in the order of its text. `effects` are what rules
/// found, each with its tier; `cwd` is the folder that the command starts in.
#[must_use]
pub fn steps(
    invocations: &[Invocation],
    effects: &[(&Effect, Tier)],
    cwd: Option<&str>,
) -> Vec<Step> {
    let mut out = Vec::new();
    for (index, invocation) in invocations.iter().enumerate() {
        let worst = effects.iter().filter(|(e, _)| e.invocation == index).max_by_key(|(_, t)| *t);
        out.extend(of_invocation(index, invocation, worst.copied(), cwd));
        out.extend(of_sql(index, invocation, worst.copied()));
        if out.len() >= MAX_STEPS {
            out.truncate(MAX_STEPS);
            break;
        }
    }
    out
}

fn of_invocation(
    index: usize,
    invocation: &Invocation,
    worst: Option<(&Effect, Tier)>,
    cwd: Option<&str>,
) -> Option<Step> {
    let program = invocation.program.as_deref()?;
    if invocation.help {
        return None;
    }
    if let Some(names) = paths::state(invocation) {
        let mut step = blank(index, Act::Switch, "terraform", worst);
        step.names = kept(names);
        return Some(step);
    }
    if let Some((act, names)) = paths::act(invocation, cwd) {
        let mut step = blank(index, act, "files", worst);
        step.backup = names.iter().any(|name| is_backup(name));
        step.count = names.len() as u64;
        step.names = kept(names);
        return Some(step);
    }
    let words = verb_words(invocation);
    let effect = worst.map(|(effect, _)| effect);
    let act = act(invocation, program, &words, effect)?;
    let mut step = blank(index, act, program, worst);
    let (kinds, service) = kinds(&words);
    step.kinds = kinds;
    if let Some(kind) = super::words::kind_of_program(program) {
        // `dropdb` and `createdb` are one tool in two programs.
        step.family = "programs".to_owned();
        step.kinds.push(kind.to_owned());
    }
    step.place = place(invocation);
    step.place.extend(service.map(|service| ("service".to_owned(), service)));
    names(invocation, &words, &mut step);
    if let Some(effect) = effect {
        let kind = noun(&effect.kind).map_or_else(|| effect.kind.clone(), str::to_owned);
        if step.kinds.is_empty() && act != Act::Create {
            step.kinds.push(kind);
        }
        if step.names.is_empty()
            && act != Act::Create
            && let Some(name) = &effect.name
            && !words.contains(name)
        {
            step.names = kept(vec![name.clone()]);
        }
    }
    if step.names.is_empty() && step.place.iter().all(|(what, _)| what != "folder") {
        step.place.extend(
            invocation.cwd.as_deref().or(cwd).map(|dir| ("folder".to_owned(), dir.to_owned())),
        );
    }
    step.backup = step.kinds.iter().chain(&step.names).chain(&words).any(|word| is_backup(word));
    step.count = (step.names.len() as u64).max(1);
    step.place.sort();
    Some(step)
}

fn blank(index: usize, act: Act, family: &str, worst: Option<(&Effect, Tier)>) -> Step {
    let facts = worst.map(|(effect, _)| &effect.facts);
    let flag = |flag| facts.is_some_and(|facts| facts.flags.contains(&flag));
    Step {
        act,
        family: family.to_owned(),
        kinds: Vec::new(),
        names: Vec::new(),
        count: match facts.map(|facts| facts.count) {
            Some(Count::Exact(n) | Count::AtLeast(n)) => n,
            _ => 1,
        },
        place: Vec::new(),
        scope: facts.map_or(0, |facts| facts.scope.0),
        environment: facts.map_or(Environment::Local, |facts| facts.environment),
        data: flag(Flag::Data),
        backup: flag(Flag::Backup),
        evidence: flag(Flag::Evidence),
        tier: worst.map_or(Tier::Allow, |(_, tier)| tier),
        invocation: index,
    }
}

/// The words among which the verb stands.
fn verb_words(invocation: &Invocation) -> Vec<String> {
    if !invocation.subcommand.is_empty() {
        return invocation.subcommand.clone();
    }
    let leading = invocation.operands.iter().map_while(Word::as_static).take(LEADING);
    let mut words: Vec<String> = Vec::new();
    for word in leading {
        words.push(word.to_owned());
        if act_of(word).is_some() {
            return words;
        }
    }
    Vec::new()
}

fn act(
    invocation: &Invocation,
    program: &str,
    words: &[String],
    effect: Option<&Effect>,
) -> Option<Act> {
    let given = invocation.argv.iter().skip(1).filter_map(Word::as_static);
    if given.clone().any(unprotects) {
        return Some(Act::Unprotect);
    }
    if let Some(effect) = effect.filter(|effect| effect.facts.verb == Verb::Delete) {
        let again = effect.facts.flags.contains(&Flag::Replace)
            || words.iter().any(|word| act_of(word) == Some(Act::Rebuild));
        return Some(if again { Act::Rebuild } else { Act::Delete });
    }
    if switches(program, words) {
        return Some(Act::Switch);
    }
    // The last verb counts: `db create-backup restore`, `run-all destroy`.
    words.iter().rev().find_map(|word| act_of(word)).or_else(|| act_of(program)).or(
        match invocation.class {
            Some(OpClass::Create) => Some(Act::Create),
            Some(OpClass::Delete) => Some(Act::Delete),
            _ => effect.map(|_| Act::Other),
        },
    )
}

/// The kind of object that words name besides their verb, and the word for the
/// service in front of it: `sql instances delete`, `delete-db-instance`.
fn kinds(words: &[String]) -> (Vec<String>, Option<String>) {
    let mut kinds: Vec<String> = Vec::new();
    let mut service = None;
    for word in words {
        let rest = match act_of(word) {
            Some(_) => without_verb(word),
            None => word.to_ascii_lowercase(),
        };
        let rest = rest.split("-from-").next().unwrap_or_default().to_owned();
        if rest.is_empty() {
            continue;
        }
        if let Some(noun) = noun(&rest) {
            kinds.insert(0, noun.to_owned());
        } else if act_of(word).is_some() {
            kinds.insert(0, rest.trim_end_matches('s').to_owned());
        } else {
            service.get_or_insert(rest);
        }
    }
    (kinds, service)
}

fn without_verb(word: &str) -> String {
    let word = word.to_ascii_lowercase();
    if let Some((before, after)) = word.rsplit_once(':') {
        return if act_of(after).is_some() { before.to_owned() } else { after.to_owned() };
    }
    word.split_once(['-', '_']).map_or_else(String::new, |(_, rest)| rest.replace('_', "-"))
}

fn place(invocation: &Invocation) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = Vec::new();
    let mut push = |what: &str, value: &str| {
        if !out.iter().any(|(known, _)| known == what) {
            out.push((what.to_owned(), short(value)));
        }
    };
    for (name, what) in PLACES {
        let found = invocation.options.iter().rfind(|opt| opt.name == *name);
        if let Some(value) = found.and_then(|opt| opt.value.as_ref()?.as_static()) {
            push(what, value);
        }
    }
    for (name, what) in VARIABLES {
        let mut set = invocation.assignments.iter().chain(invocation.exported.iter());
        if let Some(value) = set.find(|a| a.name == *name).and_then(|a| a.value.as_static()) {
            push(what, value);
        }
    }
    out
}

/// The names of the objects: what the option for their kind says, else
/// `--name`, else the operands, else any option that looks like a name.
fn names(invocation: &Invocation, words: &[String], step: &mut Step) {
    let value = |opt: &crate::model::Opt| {
        let value = opt.value.as_ref()?.as_static()?;
        Some(value.split([',', ' ']).filter(|v| !v.is_empty()).map(str::to_owned).collect())
    };
    let of = |fits: &dyn Fn(&str) -> bool| -> Vec<String> {
        let named = invocation.options.iter().filter(|opt| fits(&opt.name));
        named.filter_map(value).flat_map(|v: Vec<String>| v).take(MAX_NAMES).collect()
    };
    let own_kind = |name: &str| {
        let name = name.trim_start_matches('-');
        let stem = NAMING.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
        noun(stem).is_some_and(|noun| step.kinds.iter().any(|kind| kind == noun))
            || step.kinds.iter().any(|kind| kind == stem)
    };
    let mut found = of(&own_kind);
    if found.is_empty() {
        found = of(&|name| matches!(name, "--name" | "--id" | "--identifier"));
    }
    if found.is_empty() {
        let (kind, operands) = operands(invocation, words);
        if let Some(kind) = kind {
            step.kinds.insert(0, kind.to_owned());
        }
        // `helm install NAME CHART`: what follows the first name of something
        // new is what it is made from.
        let most = if step.act == Act::Create { 1 } else { MAX_NAMES };
        found = operands.into_iter().take(most).collect();
    }
    if found.is_empty() {
        found = of(&|name| {
            NAMING.iter().any(|end| name.ends_with(end))
                || matches!(name, "-target" | "--target" | "--app" | "-a" | "--stack")
        });
    }
    if found.is_empty() && step.kinds.first().is_some_and(|kind| kind != "namespace") {
        // `-n` names the object where nothing else does (`az group delete -n`).
        found = of(&|name| name == "-n");
    }
    step.names = kept(found);
}

/// The operands that name objects, and the kind that the first of them names:
/// `ns shop`, `deploy/shop`.
fn operands<'a>(
    invocation: &'a Invocation,
    words: &[String],
) -> (Option<&'static str>, Vec<String>) {
    let skip = if invocation.subcommand.is_empty() { words.len() } else { 0 };
    let given: Vec<&'a str> =
        invocation.operands.iter().skip(skip).filter_map(Word::as_static).collect();
    if let Some((first, rest)) = given.split_first()
        && !rest.is_empty()
        && let Some(kind) = noun(first)
    {
        // `create secret generic NAME`, `create service clusterip NAME`
        let rest = match rest {
            [sort, name, ..]
                if matches!(
                    *sort,
                    "generic"
                        | "tls"
                        | "docker-registry"
                        | "clusterip"
                        | "nodeport"
                        | "loadbalancer"
                        | "externalname"
                ) =>
            {
                std::slice::from_ref(name)
            }
            rest => rest,
        };
        return (Some(kind), rest.iter().map(|name| (*name).to_owned()).collect());
    }
    let mut kind = None;
    let names = given.iter().map(|word| match word.split_once('/') {
        Some((before, name)) if noun(before).is_some() => {
            kind = noun(before);
            name.to_owned()
        }
        _ => (*word).to_owned(),
    });
    let names = names.collect();
    (kind, names)
}

/// `DROP TABLE orders` and `CREATE TABLE orders`, wherever the statement stands
/// in the words or the input of a program.
fn of_sql(index: usize, invocation: &Invocation, worst: Option<(&Effect, Tier)>) -> Vec<Step> {
    let Some(program) = invocation.program.as_deref() else { return Vec::new() };
    let values = invocation.options.iter().filter_map(|opt| opt.value.as_ref());
    let texts = invocation.operands.iter().chain(values).chain(invocation.input.as_deref());
    let mut out: Vec<Step> = Vec::new();
    for text in texts.filter_map(Word::as_static).filter(|text| text.contains(' ')) {
        let mut words = text
            .split(|c: char| c.is_whitespace() || matches!(c, ';' | '(' | ')' | '"' | '`' | '\''))
            .filter(|word| !word.is_empty());
        while let Some(word) = words.next() {
            let act = match word.to_ascii_lowercase().as_str() {
                "create" => Act::Create,
                "drop" => Act::Delete,
                _ => continue,
            };
            let mut kind = None;
            let name = words.by_ref().take(6).find(|word| {
                let word = word.to_ascii_lowercase();
                if kind.is_none() {
                    kind = noun(&word);
                    return false;
                }
                !matches!(word.as_str(), "if" | "not" | "exists" | "only" | "concurrently")
            });
            let (Some(kind), Some(name)) = (kind, name) else { continue };
            let mut step = blank(index, act, program, worst);
            step.kinds = vec![kind.to_owned()];
            step.names = kept(vec![name.trim_end_matches(',').to_ascii_lowercase()]);
            step.place = place(invocation);
            step.place.sort();
            out.push(step);
            if out.len() >= MAX_STEPS {
                return out;
            }
        }
    }
    out
}

fn kept(names: Vec<String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for name in names {
        let name = short(&name);
        if out.len() < MAX_NAMES && !out.contains(&name) {
            out.push(name);
        }
    }
    out
}

fn short(text: &str) -> String {
    let mut end = text.len().min(MAX_NAME);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().to_owned()
}
