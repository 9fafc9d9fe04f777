//! The request: everything that changes the effect of the command, as it is
//! now.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use super::circle::{Circle, now};
use super::judged::judge;
use super::seen::seen;
use crate::app::host as names;
use crate::app::judge::Input as Given;
use crate::app::session::Session;
use crate::audit::{Key, Redactor};
use crate::bind::env::{self, Secrets};
use crate::bind::{Candidate, Hasher, Unbound, host, inputs, places};
use crate::decide::{Subject, Verdict};
use crate::model::{ActorKind, Effect, Tier};
use crate::run::{self, Executable};
use crate::second::display::hex;
use crate::second::request::{
    Agent, AnsweredBy, Command, Exe, Hidden, Input, Policy, Quorum, Request, Requester, Role,
    Stdin, Surroundings, TYPE, Trust, encode,
};
use crate::text::escape;

/// What a request is made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sources<'a> {
    pub input: &'a Given,
    pub subject: &'a Subject,
    pub session: &'a Session,
    pub executable: &'a Executable,
    pub by: AnsweredBy,
    /// What is asked: probes and the memory may have raised it.
    pub asked: &'a Verdict,
    pub circle: Option<&'a Circle>,
    pub reason: Option<&'a str>,
    pub stdin: &'a Stdin,
}

/// A request, and what could not be bound.
#[derive(Debug)]
pub(super) struct Gathered {
    pub request: Request,
    pub unbound: Vec<Unbound>,
}

/// Why there is no request.
#[derive(Debug, thiserror::Error)]
pub(super) enum GatherError {
    #[error(transparent)]
    Unbound(#[from] Unbound),
    #[error("the working directory cannot be looked at: {0}")]
    Folder(io::Error),
    #[error("no random number could be had: {0}")]
    Random(io::Error),
    #[error(
        "the key that secrets are bound with (redact.key in the state folder) cannot be read or made; it must be yours and readable by nobody else"
    )]
    Key,
    #[error("{0}")]
    Rules(String),
}

/// Gathers a request.
pub(super) fn request(sources: Sources<'_>) -> Result<Gathered, GatherError> {
    let Sources { session, circle, .. } = sources;
    // Secrets are bound by a keyed hash: without the key they would not be.
    if session.key.get().is_none() {
        return Err(GatherError::Key);
    }
    let mut hasher = Hasher::default();
    let cwd = session.cwd.clone().unwrap_or_else(|| PathBuf::from("."));
    let judged = judge(sources.input, session);
    let (files, targets) = files(sources, &judged, &cwd);
    let bound = inputs::bind(&files, &mut hasher)?;
    let asked = judged.verdict.tier.max(sources.asked.tier);
    let tier = tier(asked, sources.by, !bound.unbound.is_empty());
    let (approve_within, run_within) = session.policy.timers();
    let created = now();
    let mut rules: Vec<String> =
        judged.verdict.findings.iter().map(|finding| finding.effect.rule.clone()).collect();
    rules.dedup();
    rules.truncate(100);
    let mut quorums = quorums(session, sources.by).into_iter();
    let policy = Policy {
        sha256: session.digest().map_err(GatherError::Rules)?,
        rules,
        tier: tier.name().to_owned(),
        base_tier: Some(judged.base),
        answer: Some(sources.by),
        quorum: quorums.next().unwrap_or_default(),
        also: quorums.collect(),
    };
    let (id, nonce) = random().map_err(GatherError::Random)?;
    let request = Request {
        v: 1,
        kind: TYPE.to_owned(),
        id,
        nonce,
        created,
        not_before: created,
        expires: created.plus(i64::from(approve_within.0)),
        exec_window_s: run_within.0,
        guard: Some(env!("CARGO_PKG_VERSION").to_owned()),
        host: host::host(names::name()),
        requester: requester(session, circle, sources.reason),
        command: command(sources, exe(sources.executable, &mut hasher)?, bound.inputs),
        context: surroundings(sources, &cwd)?,
        targets,
        seen: Some(seen(sources.asked, &session.redactor())).filter(|seen| !seen.is_empty()),
        policy,
        trust: circle.map(|circle| Trust {
            sha256: circle.trust.sha256.clone(),
            mode: circle.trust.mode.name().to_owned(),
        }),
        log: None,
    };
    Ok(Gathered { request, unbound: bound.unbound })
}

/// The words, without their secrets: the request travels, and is kept. What is
/// taken out is bound by a keyed hash of the whole word.
fn command(sources: Sources<'_>, exe: Exe, inputs: Vec<Input>) -> Command {
    let Sources { subject, session, .. } = sources;
    let redactor = session.redactor();
    let words: Vec<&[u8]> = subject.argv.iter().map(|word| word.as_bytes()).collect();
    let text = subject.shell_text.as_deref();
    let clean: Vec<Vec<u8>> = match text {
        // The words of a shell that is given text: only the text can hold one.
        Some(text) => {
            let clean = redactor.text(text);
            let of_text = |word: &&[u8]| match *word == text.as_bytes() {
                true => clean.as_bytes().to_vec(),
                false => word.to_vec(),
            };
            words.iter().map(of_text).collect()
        }
        None => redactor.argv(&words).into_iter().map(Cow::into_owned).collect(),
    };
    let key = session.key.get();
    let hidden = words.iter().zip(&clean).enumerate().filter(|(_, (word, clean))| word != clean);
    let hidden = hidden
        .map(|(at, (word, _))| Hidden {
            word: u32::try_from(at).unwrap_or(u32::MAX),
            hmac_sha256: key.map(|key| key.hmac(word)).unwrap_or_default(),
        })
        .collect();
    let clean: Vec<OsString> = clean.into_iter().map(OsString::from_vec).collect();
    Command {
        shell_text: text.map(|text| redactor.text(text).into_owned()),
        argv_display: clean.iter().map(|word| escape(&word.to_string_lossy())).collect(),
        argv_b64: encode(&clean),
        hidden,
        exe,
        inputs,
        stdin: sources.stdin.clone(),
    }
}

/// What cannot be bound by content is asked about in the stricter way.
fn tier(tier: Tier, by: AnsweredBy, unbound: bool) -> Tier {
    if unbound && by == AnsweredBy::Operator { tier.max(Tier::Challenge) } else { tier }
}

fn quorums(session: &Session, by: AnsweredBy) -> Vec<Quorum> {
    match by {
        AnsweredBy::SecondHuman => session.policy.quorums(),
        AnsweredBy::Operator => {
            vec![Quorum { approvals: 1, groups: vec!["operator".into()], require: Vec::new() }]
        }
    }
}

/// Every file that counts, and what the command acts on.
fn files(
    sources: Sources<'_>,
    judged: &super::judged::Judged,
    cwd: &Path,
) -> (Vec<Candidate>, Vec<crate::second::request::Target>) {
    let verdict = &judged.verdict;
    let acted_on = |index: usize, name: &str| {
        let names = |effect: &Effect| effect.name.as_deref() == Some(name) && is_path(&effect.kind);
        let mut effects = verdict.findings.iter().map(|finding| &finding.effect);
        effects.any(|effect| effect.invocation == index && names(effect))
            || removes_paths(verdict, index)
    };
    let find = |program: &str| {
        let path = std::env::var_os("PATH");
        let found = run::resolve(OsStr::new(program), path.as_deref(), cwd).ok()?;
        Some(found.path)
    };
    let mut files = inputs::candidates(&verdict.invocations, &acted_on, cwd, &find);
    for script in &judged.scripts {
        let name = script.to_string_lossy().into_owned();
        files.push(Candidate { role: Role::Script, name, path: script.clone(), certain: true });
    }
    let env = |name: &str| std::env::var_os(name);
    files.extend(places::deciding(&verdict.invocations, &env, cwd));
    // The program itself is bound as such.
    files.retain(|file| file.role != Role::Program || file.path != sources.executable.path);
    let mut targets = places::targets(&verdict.invocations, &env, cwd);
    let redactor = sources.session.redactor();
    for server in targets.iter_mut().filter_map(|target| target.server.as_mut()) {
        *server = redactor.text(server).into_owned();
    }
    for file in &mut files {
        // A path may stand in a word with a secret.
        let clean = redactor.text(&file.name).into_owned();
        file.name = clean;
    }
    (files, targets)
}

fn is_path(kind: &str) -> bool {
    matches!(kind, "path" | "paths" | "file" | "files" | "directory" | "folder" | "tree")
}

/// Whether all operands of an invocation are things that it removes or changes:
/// the name in the effect is only the first of them.
fn removes_paths(verdict: &Verdict, index: usize) -> bool {
    use crate::model::Verb;
    let mut effects = verdict.findings.iter().map(|finding| &finding.effect);
    effects.any(|effect| {
        effect.invocation == index
            && is_path(&effect.kind)
            && matches!(effect.facts.verb, Verb::Delete | Verb::Access)
    })
}

fn exe(executable: &Executable, hasher: &mut Hasher) -> Result<Exe, GatherError> {
    // The open file decides; a program that may be run but not read is bound
    // by identity, and by nothing else.
    let sha256 = match hasher.file(&executable.path) {
        Ok((_, hash)) => hex(&hash),
        Err(Unbound::Unreadable { .. }) => "0".repeat(64),
        Err(other) => return Err(other.into()),
    };
    Ok(Exe {
        path: executable.path.to_string_lossy().into_owned(),
        dev: executable.identity.dev.to_string(),
        ino: executable.identity.ino.to_string(),
        size: executable.identity.size,
        sha256,
    })
}

fn requester(session: &Session, circle: Option<&Circle>, reason: Option<&str>) -> Requester {
    let user = names::user().unwrap_or_default();
    let actor = &session.actor;
    let kind = match actor.kind {
        ActorKind::Human => "human",
        ActorKind::Agent => "agent",
        ActorKind::Ci => "ci",
        ActorKind::Unattended => "unattended",
    };
    let agent = (actor.kind == ActorKind::Agent).then(|| Agent {
        name: actor.name.clone().unwrap_or_else(|| "unknown".into()),
        session_id: None,
    });
    Requester {
        principal: session.policy.operator(&user).map(|operator| operator.principal.clone()),
        user,
        uid: nix::unistd::getuid().as_raw(),
        agent,
        actor: Some(kind.to_owned()),
        ancestry: host::ancestry(),
        tty: host::terminals().into_iter().next(),
        keys: circle.map(|circle| circle.keys().iter().cloned().collect()).unwrap_or_default(),
        reason: reason.map(|reason| session.redactor().text(reason).into_owned()),
    }
}

struct Concealer<'a> {
    redactor: Redactor<'a>,
    key: Option<&'a Key>,
}

impl Secrets for Concealer<'_> {
    fn is_secret(&self, name: &str, value: &str) -> bool {
        self.redactor.env(name, value) != value
    }

    fn hmac(&self, value: &[u8]) -> String {
        // Without a key there is nothing to compare with: the same each time.
        self.key.map(|key| key.hmac(value)).unwrap_or_default()
    }
}

fn surroundings(sources: Sources<'_>, cwd: &Path) -> Result<Surroundings, GatherError> {
    let session = sources.session;
    let secrets = Concealer { redactor: session.redactor(), key: session.key.get() };
    let mut mentioned = BTreeSet::new();
    if let Some(text) = &sources.subject.shell_text {
        mentioned = env::mentioned(text);
    }
    Ok(Surroundings {
        cwd: host::folder(cwd).map_err(GatherError::Folder)?,
        project: session.ctx.project.clone(),
        umask: host::umask(),
        uid: nix::unistd::geteuid().as_raw(),
        gid: nix::unistd::getegid().as_raw(),
        groups: host::groups(),
        env: env::bound(std::env::vars_os(), &mentioned, &secrets),
        env_stripped: Vec::new(),
    })
}

/// A random UUID (RFC 9562, version 4) and a nonce.
fn random() -> io::Result<(String, String)> {
    use std::io::Read as _;
    let mut bytes = [0_u8; 32];
    fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    if let Some(version) = bytes.get_mut(6) {
        *version = *version & 0x0f | 0x40;
    }
    if let Some(variant) = bytes.get_mut(8) {
        *variant = *variant & 0x3f | 0x80;
    }
    let text = hex(&bytes);
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default().to_owned();
    let id = [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-");
    Ok((id, part(32, 64)))
}
