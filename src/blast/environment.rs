//! Fact 5: which environment a command would touch.
//!
//! The evidence is read from the command's own words and variables, never from
//! a file that the command would not use. Any production evidence wins over
//! development evidence; unknown and remote counts as production.

use super::throwaway;
use crate::model::{Context, Environment, Invocation, Part, Place, Word};
use crate::rules::schema::{At, Whereabouts};
use crate::rules::{LoadedFile, glob};

const PROD: &[&str] = &["prod", "production", "live", "prd"];
const STAGE: &[&str] =
    &["stag", "stage", "staging", "stg", "uat", "preprod", "preproduction", "acceptance", "acc"];
const DEV: &[&str] = &[
    "dev",
    "devel",
    "develop",
    "development",
    "test",
    "testing",
    "tests",
    "sandbox",
    "local",
    "localhost",
    "playground",
    "scratch",
    "ci",
];

/// Where an invocation acts, with the evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    /// The environment.
    pub environment: Environment,
    /// On another machine.
    pub remote: bool,
    /// Words that can be printed after escaping.
    pub evidence: String,
    /// A name or the policy says which environment it is; otherwise it is
    /// assumed.
    pub named: bool,
    /// What is there was made by tests, on this machine, and they make it again.
    pub throwaway: bool,
    /// In a container that has folders of the host in it, other than the project.
    pub mounted: bool,
}

/// Works out where an invocation acts. `files` finds the rule file of a
/// program, for the wrappers that lead elsewhere.
pub fn placement(
    index: usize,
    all: &[Invocation],
    ctx: &Context,
    whereabouts: &Whereabouts,
    files: &dyn Fn(&str) -> Option<std::sync::Arc<LoadedFile>>,
) -> Placement {
    let Some(invocation) = all.get(index) else { return remote_unknown() };
    let own = own_placement(invocation, ctx, whereabouts);
    match (&invocation.place, invocation.parent) {
        (Place::Container(_) | Place::Remote(_), Some(parent)) => {
            let mounted = mounts(parent, all, ctx.cwd.as_deref());
            Placement { mounted, ..stricter(own, outer_placement(parent, all, ctx, files, 0)) }
        }
        _ => own,
    }
}

/// The place that the wrappers lead to: `ssh HOST`, `kubectl exec`.
fn outer_placement(
    index: usize,
    all: &[Invocation],
    ctx: &Context,
    files: &dyn Fn(&str) -> Option<std::sync::Arc<LoadedFile>>,
    depth: usize,
) -> Placement {
    let Some(outer) = all.get(index) else { return remote_unknown() };
    let file = outer.program.as_deref().and_then(files);
    let whereabouts = file.map(|file| file.file.whereabouts.clone()).unwrap_or_default();
    let mut own = own_placement(outer, ctx, &whereabouts);
    if let Place::Remote(host) = inner_place(index, all)
        && depth == 0
    {
        own = stricter(own, host_placement(host.as_deref().unwrap_or_default()));
    }
    match outer.parent {
        Some(parent) if depth < 32 => {
            stricter(own, outer_placement(parent, all, ctx, files, depth + 1))
        }
        _ => own,
    }
}

/// Options by which a container gets folders of the host.
const MOUNTS: &[&str] = &["-v", "--volume", "--mount", "--volumes-from"];

/// Whether a container, or one around it, is given more of the host than the
/// folder that the command starts in.
fn mounts(from: usize, all: &[Invocation], cwd: Option<&str>) -> bool {
    let mut at = Some(from);
    for _ in 0..32 {
        let Some(outer) = at.and_then(|index| all.get(index)) else { return false };
        // The source alone: `HOST:CONTAINER`, or `source=HOST,target=CONTAINER`.
        let foreign = |value: &Word| {
            let text = value.display();
            let named = text.split(',').find_map(|part| {
                part.strip_prefix("source=").or_else(|| part.strip_prefix("src="))
            });
            let source = named.or_else(|| text.split(':').next()).unwrap_or_default();
            let source = source.trim_end_matches('/');
            let own = ["$PWD", "${PWD}", "$(pwd)", "`pwd`", "."];
            let here = own.contains(&source) || cwd == Some(source);
            !here || !(named.is_some() || text.contains(':'))
        };
        let options = outer.options.iter().filter(|opt| MOUNTS.contains(&opt.name.as_str()));
        if options.filter_map(|opt| opt.value.as_ref()).any(foreign) {
            return true;
        }
        at = outer.parent;
    }
    true
}

/// The place of the commands that `index` starts.
fn inner_place(index: usize, all: &[Invocation]) -> Place {
    all.iter()
        .find(|inv| inv.parent == Some(index))
        .map(|inv| inv.place.clone())
        .unwrap_or_default()
}

/// Where a client acts whose own configuration leads it to a server, under a
/// name: nowhere else when that is this machine.
pub fn configured(name: &str, server: &str, ctx: &Context) -> Option<Placement> {
    if is_loopback(server) {
        return None;
    }
    let host = public_part(server);
    let found = [name, host].into_iter().filter_map(|text| {
        let environment = by_policy(text, ctx).or_else(|| by_name(text))?;
        let evidence = format!("the name {text}");
        Some(Placement {
            environment,
            remote: true,
            evidence,
            named: true,
            throwaway: false,
            mounted: false,
        })
    });
    let found = found.reduce(stricter).unwrap_or_else(|| Placement {
        evidence: format!("{host} is unknown and remote: treated as prod"),
        ..remote_unknown()
    });
    Some(found)
}

fn host_placement(host: &str) -> Placement {
    if is_loopback(host) {
        return local(format!("{host} is this machine"));
    }
    by_name(host).map_or_else(remote_unknown, |environment| Placement {
        environment,
        remote: true,
        evidence: format!("the name {host}"),
        named: true,
        throwaway: false,
        mounted: false,
    })
}

fn stricter(a: Placement, b: Placement) -> Placement {
    let remote = a.remote || b.remote;
    // A container of this machine does not make its tests' database anything else.
    let throwaway = a.throwaway && !remote && b.environment <= Environment::Dev;
    let same = a.environment == b.environment;
    let named = same && (a.named || b.named);
    let stricter = if b.environment > a.environment { b } else { a };
    Placement { remote, named: named || stricter.named, throwaway, ..stricter }
}

/// Where nothing says which environment it is.
const UNKNOWN: &str = "unknown and remote: treated as prod";

/// The host of a URL in a variable: it stands nowhere in the command.
fn unknown_host(clue: &Clue, w: &Whereabouts) -> Option<String> {
    let shown = public_part(&clue.value);
    let host = w.env.contains(&clue.source)
        && clue.value.contains("://")
        && !clue.unknown
        && !shown.is_empty();
    (host && !is_loopback(&clue.value)).then(|| format!("{shown} is unknown: as prod"))
}

fn remote_unknown() -> Placement {
    Placement {
        environment: Environment::Prod,
        remote: true,
        evidence: UNKNOWN.into(),
        named: false,
        throwaway: false,
        mounted: false,
    }
}

fn local(evidence: String) -> Placement {
    Placement {
        environment: Environment::Local,
        remote: false,
        evidence,
        named: false,
        throwaway: false,
        mounted: false,
    }
}

/// A word that may name the environment, and where it stood.
pub(super) struct Clue {
    source: String,
    pub(super) value: String,
    pub(super) host: bool,
    /// Its beginning is not known.
    unknown: bool,
    /// Some of it is not known.
    pub(super) holes: bool,
    /// An exported variable: it can only make the verdict stricter, because
    /// whoever asks may have set it.
    pub(super) exported: bool,
}

fn own_placement(invocation: &Invocation, ctx: &Context, w: &Whereabouts) -> Placement {
    let clues = clues(invocation, ctx, w);
    let mut best: Option<Placement> = None;
    let mut host_is_local = None;
    let mut host_is_remote = false;
    let mut elsewhere = None;
    for clue in &clues {
        let local_name = w.local_names.iter().any(|name| glob::matches(name, &clue.value, true));
        if clue.host || local_name {
            elsewhere = elsewhere.or_else(|| unknown_host(clue, w));
            let here = local_name || (!clue.unknown && is_loopback(&clue.value));
            if here && !clue.exported {
                let evidence = format!("{} {}", clue.source, public_part(&clue.value));
                host_is_local.get_or_insert(evidence);
            }
            host_is_remote |= !here;
        }
        let named = by_policy(&clue.value, ctx)
            .or_else(|| by_name(&clue.value))
            .filter(|environment| !clue.exported || *environment == Environment::Prod);
        if let Some(environment) = named {
            let found = Placement {
                environment,
                remote: w.remote,
                evidence: format!("{} {}", clue.source, public_part(&clue.value)),
                named: true,
                throwaway: false,
                mounted: false,
            };
            best = Some(match best {
                Some(before) => stricter(before, found),
                None => found,
            });
        }
    }
    let remote = host_is_remote || (w.remote && host_is_local.is_none());
    match best {
        Some(found) if found.environment == Environment::Prod || remote => {
            Placement { remote, ..found }
        }
        _ if remote => {
            Placement { evidence: elsewhere.unwrap_or_else(|| UNKNOWN.into()), ..remote_unknown() }
        }
        found => {
            let here = match (host_is_local, found) {
                (Some(evidence), _) => local(evidence),
                (None, Some(found)) => Placement { remote: false, ..found },
                (None, None) => local("runs on this machine".into()),
            };
            let throwaway = here.environment <= Environment::Dev && throwaway::all_named(&clues, w);
            Placement { throwaway, ..here }
        }
    }
}

fn clues(invocation: &Invocation, ctx: &Context, w: &Whereabouts) -> Vec<Clue> {
    let mut out = Vec::new();
    let mut add = |source: &str, word: &Word, exported: bool| {
        let value = word.display();
        if value.is_empty() {
            return;
        }
        let named = |names: &[String]| names.iter().any(|name| name == source);
        let unknown = matches!(word.parts.first(), Some(Part::Hole(_)));
        let is_url = unknown || value.contains("://") || value.contains("host=");
        let host = named(&w.hosts) || (named(&w.urls) && is_url);
        let holes = word.as_static().is_none();
        out.push(Clue { source: source.to_owned(), value, host, unknown, holes, exported });
    };
    // A client that by its own name talks to a stand-in on this machine.
    let program = invocation.argv.first().filter(|word| {
        let name = word.as_static().and_then(|path| path.rsplit('/').next());
        name.is_some_and(|name| w.local_names.iter().any(|known| known == name))
    });
    if let Some(program) = program {
        add("program", program, false);
    }
    for option in invocation.options_named(&w.options) {
        // `--prod` says it without a value.
        let bare = || Word::text(option.name.trim_start_matches('-'), invocation.span);
        add(&option.name, &option.value.clone().unwrap_or_else(bare), false);
    }
    for name in &w.env {
        for earlier in invocation.exported.iter().filter(|a| a.name == *name) {
            add(name, &earlier.value, true);
        }
        let assigned = invocation.assignments.iter().rfind(|a| a.name == *name);
        match assigned {
            Some(assignment) => add(name, &assignment.value, false),
            None => {
                let value = ctx.vars.get(name).map(String::as_str).unwrap_or_default();
                add(name, &Word::text(value, invocation.span), true);
            }
        }
    }
    let operands = match w.operands {
        Some(At::First) => invocation.operands.get(..1),
        Some(At::Last) => invocation.operands.last().map(std::slice::from_ref),
        Some(_) => Some(invocation.operands.as_slice()),
        None => None,
    };
    for word in operands.unwrap_or_default() {
        add("operands", word, false);
    }
    out
}

/// A value without what could be secret in it: of a URL only the host.
fn public_part(value: &str) -> &str {
    let Some((_, rest)) = value.split_once("://") else { return value };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit('@').next().unwrap_or_default()
}

/// The environment that policy gives to a name, or to the host in it.
///
/// A pattern does not take a name for milder that itself says production: only
/// the whole name does, which somebody has thought of.
fn by_policy(value: &str, ctx: &Context) -> Option<Environment> {
    let shown = public_part(value);
    let fits = |glob: &str| glob::matches(glob, value, true) || glob::matches(glob, shown, true);
    let (glob, environment) = ctx.environments.iter().find(|(glob, _)| fits(glob))?;
    let guessed = glob.contains(['*', '?', '[']) && by_name(value) == Some(Environment::Prod);
    Some(if guessed { Environment::Prod } else { *environment })
}

/// The environment that a name speaks of, if it does, on word boundaries.
pub fn by_name(text: &str) -> Option<Environment> {
    let lower = text.to_ascii_lowercase();
    let words = || {
        lower.split(|c: char| !c.is_ascii_alphanumeric()).flat_map(|word| {
            // `prod2`, `prod01`: a number is not part of the name.
            let bare = word.trim_end_matches(|c: char| c.is_ascii_digit());
            [word, bare]
        })
    };
    let any = |names: &[&str]| words().any(|word| names.contains(&word));
    if any(PROD) && !lower.contains("non-prod") && !lower.contains("nonprod") {
        Some(Environment::Prod)
    } else if any(STAGE) {
        Some(Environment::Stage)
    } else if any(DEV) || lower.contains("nonprod") || lower.contains("non-prod") {
        Some(Environment::Dev)
    } else {
        None
    }
}

/// Whether a host, URL or socket path is on this machine.
#[must_use]
pub fn is_loopback(text: &str) -> bool {
    // A connection string (libpq, 34.1.1.1): every host has to be.
    if text.contains("host=") && !text.contains("://") {
        let values = text.split_whitespace().filter_map(|pair| pair.strip_prefix("host="));
        return values.flat_map(|hosts| hosts.split(',')).all(|host| {
            let host = host.trim_matches('\'');
            host.is_empty() || is_loopback(host)
        });
    }
    let rest = text.split_once("://").map_or(text, |(scheme, rest)| {
        if scheme == "unix" || scheme == "npipe" { "/socket" } else { rest }
    });
    if rest.starts_with('/') {
        return true;
    }
    let rest = rest.split(['/', '?']).next().unwrap_or_default();
    let rest = rest.rsplit('@').next().unwrap_or_default();
    let host = match rest.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None if rest.matches(':').count() > 1 => rest,
        None => rest.split(':').next().unwrap_or_default(),
    };
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<core::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
        || host.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::{by_name, is_loopback};
    use crate::model::Environment::{Dev, Prod, Stage};

    #[test]
    fn names_count_on_word_boundaries_and_production_wins() {
        assert_eq!(by_name("acme-prod-eu"), Some(Prod));
        assert_eq!(by_name("prod-like-dev"), Some(Prod));
        assert_eq!(by_name("PROD01"), Some(Prod));
        assert_eq!(by_name("product-service"), None);
        assert_eq!(by_name("delivery"), None);
        assert_eq!(by_name("staging.example.org"), Some(Stage));
        assert_eq!(by_name("nonprod"), Some(Dev));
        assert_eq!(by_name("latest"), None);
    }

    #[test]
    fn only_addresses_of_this_machine_are_local() {
        for host in [
            "localhost",
            "127.0.0.1:5432",
            "postgres://u:p@127.0.0.1:5432/db",
            "[::1]:6379",
            "/run/postgresql",
            "unix:///var/run/docker.sock",
        ] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "db.example.org",
            "postgres://localhost@db.example.org/x",
            "10.0.0.1",
            "127.0.0.1.evil.org",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
