//! Looks at what a command that will be asked about would hit: read-only, with
//! the command's own flags and variables, for a few seconds at most.
//!
//! Never for a command that runs anyway or never runs, and never in `check`, a
//! hook or a dry run. What no probe can tell is the worst case, not the absence
//! of one: a probe that fails makes the count unknown and the undo none.

mod aws;
mod client;
mod cloud;
pub mod commands;
mod databases;
mod docker;
mod files;
mod git;
pub mod git_index;
mod helm;
mod host;
mod http;
mod kinds;
mod known;
mod kube;
mod lvm;
mod machine;
mod mysql;
mod postgres;
mod redis;
mod sql;
mod terraform;
mod urls;
mod zfs;

use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::model::{
    Assignment, Context, Count, Effect, Environment, Evidence, Fact, Facts, Flag, Invocation,
    Place, Reversibility, Scope, Verb, Word,
};

/// The longest that all probes of a command take together.
pub const TOGETHER: Duration = Duration::from_secs(5);
/// After this somebody at a terminal is told what guard is looking at. What is
/// ready before would only flicker; with the start of guard it is below 100 ms.
const PATIENCE: Duration = Duration::from_millis(40);
/// The most probes of one command; what is beyond is not checked.
const MOST: usize = 8;

/// What a probe saw.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// How many objects.
    pub count: Count,
    /// The count in words, by kind: `12 pods, 1 secret`.
    pub hits: String,
    /// Which objects, where all of them are known; see [`Facts::objects`].
    pub objects: Option<String>,
    /// How it could be undone, and what that rests on.
    pub undo: Option<(Reversibility, String)>,
    /// What is known of backups where that does not decide whether it could be
    /// undone.
    pub backup: String,
    /// What makes it worse.
    pub flags: Vec<Flag>,
    /// It deletes, and this far: what the words of the command did not say.
    pub deletes: Option<Scope>,
    /// Who would notice; empty when the probe did not look for that.
    pub seen: String,
    /// As whom the client would act, as the other side says.
    pub identity: Option<Identity>,
    /// Where labels of the object say that it belongs. They can only make it
    /// worse than its name does.
    pub environment: Option<(Environment, String)>,
}

/// As whom a client would act.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// A name that can be shown.
    pub name: String,
    /// What makes it wider than anybody's work needs.
    pub wide: Option<String>,
}

/// Why a probe could not tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// In words that follow "count unknown".
    pub why: String,
    /// What it saw nevertheless, in words: there is at least that.
    pub seen: String,
}

impl Failed {
    fn new(why: impl Into<String>) -> Self {
        Self { why: why.into(), seen: String::new() }
    }
}

/// The result of one probe; `Ok(None)` when there was nothing it could look at.
type Result = std::result::Result<Option<Found>, Failed>;

/// A probe of one family of commands.
type Probe = fn(&Job) -> Result;

/// One question for a probe, with everything a thread needs.
#[derive(Debug, Clone)]
struct Job {
    invocation: Invocation,
    /// Where the command works.
    cwd: PathBuf,
    project: Option<PathBuf>,
    homes: Vec<String>,
    /// When the answer has to be there.
    until: Instant,
    /// As whom the clients of this command act, as far as one has asked.
    known: known::Known,
    /// A word of it looks like a secret.
    secret: bool,
    /// Who looks is who would run it.
    requester: bool,
}

/// Who looks, and from where.
#[derive(Clone, Copy)]
pub struct Viewer<'a> {
    /// Where guard works.
    pub ctx: &'a Context,
    /// Whether one of these words holds a secret.
    pub secret: &'a dyn Fn(&[&str]) -> bool,
    /// Whether it is who would run the command, not who answers a request:
    /// programs of the project run for the first one only.
    pub requester: bool,
}

/// What was found out about one effect.
#[derive(Debug)]
pub struct Report {
    /// Index of the effect in what was asked.
    pub effect: usize,
    /// What came out.
    pub result: std::result::Result<Found, Failed>,
    /// How long it took.
    pub took: Duration,
}

/// Which probe knows what the rules speak of.
const FAMILIES: &[(&[&str], Probe)] = &[
    (
        &[
            "rm.recursive",
            "rm.data-folder",
            "rm.glob",
            "rm.many",
            "rm.outside",
            "rm.data-file",
            "rm.rimraf",
            "shred.file",
        ],
        files::removed,
    ),
    (
        &["guard.after-failure", "mv.away", "mv.onto-system", "mv.into-system-folder"],
        files::moved_over,
    ),
    (
        &["find.delete", "find.delete-matching", "find.delete-outside", "find.delete-here"],
        files::found,
    ),
    (
        &[
            "emptied.by-copy",
            "emptied.while-read",
            "redirect.system",
            "tee.system",
            "truncate.shrink",
            "truncate.system",
            "cp.onto-system",
            "cp.into-system-folder",
            "cp.empties-file",
        ],
        files::over,
    ),
    (
        &[
            "chmod.world-writable-tree",
            "chmod.recursive-remove",
            "chmod.recursive-outside",
            "chmod.system",
            "chown.recursive-outside",
            "chown.recursive-to-system-account",
            "chown.system",
        ],
        files::modes,
    ),
    (&["rsync.delete"], files::synced),
    (&["postgres.reset-wal"], files::data_folder),
    (&["cron.remove-all"], machine::jobs),
    (&["git.reset-hard", "git.checkout-force"], git::reset),
    (&["git.checkout-paths", "git.restore", "git.rm-force"], git::paths),
    (&["git.clean"], git::clean),
    (&["git.push-force", "git.push-lease", "git.push-delete"], git::push),
    (&["git.branch-delete-force"], git::branch),
    (&["git.stash-drop"], git::stash),
    (&["git.tag-delete"], git::tag),
    (&["git.reflog-expire"], git::expired),
    (&["git.gc-prune"], git::loose),
    (&["git.filter-history"], git::rewritten),
    (&["git.worktree-remove-force"], git::worktree),
    (&["kubectl.delete-namespace"], kube::namespace),
    (
        &[
            "kubectl.delete-volume",
            "kubectl.delete-entry",
            "kubectl.delete-configuration",
            "kubectl.delete-access",
            "kubectl.delete-pod",
            "kubectl.delete-all",
            "kubectl.delete-everywhere",
            "kubectl.delete-crd",
            "kubectl.delete-other",
            "kubectl.delete-manifest",
        ],
        kube::objects,
    ),
    (&["kubectl.scale-to-zero", "kubectl.scale"], kube::scale),
    (&["kubectl.delete-workload"], kube::workload),
    (
        &[
            "kubectl.rollout-undo",
            "kubectl.rollout-restart",
            "kubectl.patch",
            "kubectl.apply",
            "kubectl.replace-force",
            "kubectl.apply-prune",
            "kubectl.set-all",
        ],
        kube::change,
    ),
    (&["kubectl.drain", "kubectl.drain-force", "kubectl.delete-node"], kube::node),
    (&["terraform.destroy"], terraform::destroyed),
    (&["terraform.apply", "terraform.replace"], terraform::applied),
    (&["terraform.state-remove"], terraform::removed),
    (&["terraform.state-change"], terraform::changed),
    (&["terraform.state-push"], terraform::pushed),
    (&["terraform.workspace-delete"], terraform::workspace_deleted),
    (&["terraform.force-unlock"], terraform::unlocked),
    (&["sqlite3.drop-database", "sqlite3.drop-table", "sqlite3.all-rows"], databases::sqlite),
    (&["redis-cli.flush"], redis::flush),
    (&["redis-cli.delete-keys", "redis-cli.delete-many", "redis-cli.delete-key"], redis::keys),
    (&["redis-cli.configure"], redis::setting),
    (
        &["psql.drop-database", "psql.drop-table", "psql.all-rows", "postgres.dropdb"],
        postgres::postgres,
    ),
    (&["psql.rows"], postgres::rows),
    (&["mysql.drop-database", "mysql.drop-table", "mysql.all-rows"], mysql::mysql),
    (&["mysql.rows"], mysql::rows),
    (&["mysqladmin.drop"], mysql::admin_drop),
    (&["lvm.remove"], lvm::removed),
    (&["zfs.destroy"], zfs::destroyed),
    (&["zfs.rollback"], zfs::rolled_back),
    (&["zfs.pool"], zfs::pool),
    (
        &[
            "drizzle-kit.push-force",
            "drizzle-kit.push",
            "test-runners.remote-database",
            "prisma.reset",
            "prisma.push",
            "rails.drop",
            "rails.rollback",
            "django.flush",
            "alembic.downgrade",
            "node-orm.drop",
            "node-orm.undo",
            "php-orm.drop",
            "migrations.drop",
            "migrations.down",
        ],
        urls::named_by_url,
    ),
    (&["sqlite3.rows"], databases::sqlite_rows),
    (
        &[
            "aws.delete",
            "aws.terminate-instances",
            "aws.elastic-beanstalk",
            "aws.delete-database",
            "aws.delete-with-backups",
            "aws.delete-backup",
            "aws.delete-stack",
            "aws.s3-remove-recursive",
            "aws.s3-remove-bucket",
            "aws.s3-sync-delete",
            "aws.scale-to-zero",
            "aws.purge",
            "aws.kms-key",
            "aws.dns",
            "aws.delete-identity",
            "aws.disrupt",
            "aws.modify",
            "aws.change-stack",
            "aws.delete-entry",
            "aws.open-firewall",
            "aws.change-firewall",
        ],
        aws::looked,
    ),
    (&["gcloud.delete", "gcloud.delete-data", "gcloud.delete-project"], cloud::gcloud),
    (&["az.delete-group"], cloud::group),
    (&["docker.volume-remove"], docker::volume),
    (&["docker.volume-prune", "docker.system-prune"], docker::prune),
    (&["docker.compose-down-volumes"], docker::compose),
    (&["docker.compose-down"], docker::compose_stop),
    (&["docker.container-remove", "docker.container-remove-running"], docker::containers),
    (&["docker.image-prune"], docker::images),
    (&["helm.uninstall"], helm::uninstall),
    (&["helm.upgrade-force", "helm.scale-to-zero", "helm.install"], helm::upgrade),
    (&["helm.rollback"], helm::rollback),
    (
        &["systemctl.stop", "systemctl.stop-protection", "systemctl.disable", "systemctl.restart"],
        host::units,
    ),
    (&["kill.by-pattern", "kill.system-process"], host::processes),
    (&["kill.everything"], machine::every_process),
    (
        &[
            "shutdown.halt",
            "shutdown.power-off",
            "shutdown.kexec",
            "shutdown.runlevel",
            "systemctl.power",
            "systemctl.start-power-target",
        ],
        machine::stopped,
    ),
    (&["apt.remove", "apt.remove-essential"], host::packages),
    (&["curl.delete", "curl.delete-local"], http::address),
];

/// Tools whose probes are told the same whoever asks: they look for `sudo` too.
const FOR_ANY_USER: &[&str] = &[
    "systemctl",
    "pkill",
    "killall",
    "apt",
    "apt-get",
    "aptitude",
    "nala",
    "reboot",
    "shutdown",
    "poweroff",
    "halt",
    "init",
    "telinit",
    "zfs",
    "zpool",
    "lvremove",
    "vgremove",
    "pvremove",
];

/// The rules that a probe exists for.
pub fn rules() -> impl Iterator<Item = &'static str> {
    FAMILIES.iter().flat_map(|(rules, _)| rules.iter().copied())
}

/// Looks at what these effects would hit, all at once. `waiting` is called once
/// when that takes longer than a moment.
#[must_use]
pub fn look(
    effects: &[&Effect],
    invocations: &[Invocation],
    viewer: Viewer<'_>,
    waiting: &dyn Fn(),
) -> Vec<Report> {
    let begun = Instant::now();
    let until = begun + TOGETHER;
    // Several rules may speak of one thing: it is looked at once.
    let mut jobs: Vec<(Probe, usize, Vec<usize>)> = Vec::new();
    for (at, effect) in effects.iter().enumerate() {
        let family = FAMILIES.iter().find(|(rules, _)| rules.contains(&effect.rule.as_str()));
        let Some((_, probe)) = family else { continue };
        let same = jobs.iter_mut().find(|(other, invocation, _)| {
            std::ptr::fn_addr_eq(*other, *probe) && *invocation == effect.invocation
        });
        match same {
            Some((_, _, asked)) => asked.push(at),
            None => jobs.push((*probe, effect.invocation, vec![at])),
        }
    }
    jobs.truncate(MOST);
    let (send, receive) = mpsc::channel();
    let mut open: Vec<Option<Vec<usize>>> = Vec::new();
    let known = known::Known::default();
    for (probe, invocation, asked) in jobs {
        let Some(job) = invocations.get(invocation).and_then(|inv| Job::new(inv, viewer, until))
        else {
            continue;
        };
        let job = Job { known: known.clone(), ..job };
        let (send, at) = (send.clone(), open.len());
        let thread = std::thread::Builder::new().name("probe".into()).spawn(move || {
            let started = Instant::now();
            let result = probe(&job);
            let _ = send.send((at, result, started.elapsed()));
        });
        // Without a thread nothing answers, which is a failed probe.
        drop(thread);
        open.push(Some(asked));
    }
    drop(send);
    collect(&mut open, &receive, until, waiting)
}

fn collect(
    open: &mut [Option<Vec<usize>>],
    receive: &mpsc::Receiver<(usize, Result, Duration)>,
    until: Instant,
    waiting: &dyn Fn(),
) -> Vec<Report> {
    let mut out = Vec::new();
    let mut report = |asked: Vec<usize>, result: &std::result::Result<Found, Failed>, took| {
        out.extend(asked.into_iter().map(|effect| Report { effect, result: result.clone(), took }));
    };
    let mut patience = Some(Instant::now() + PATIENCE);
    while open.iter().any(Option::is_some) {
        let wake = patience.unwrap_or(until).min(until);
        match receive.recv_timeout(wake.saturating_duration_since(Instant::now())) {
            Ok((at, result, took)) => {
                let asked = open.get_mut(at).and_then(Option::take);
                if let (Some(asked), Some(result)) = (asked, result.transpose()) {
                    report(asked, &result, took);
                }
            }
            Err(mpsc::RecvTimeoutError::Timeout) if patience.is_some() && wake < until => {
                patience = None;
                waiting();
            }
            Err(_) => break,
        }
    }
    for asked in open.iter_mut().filter_map(Option::take) {
        let failed = Failed::new(format!("no probe answered within {} s", TOGETHER.as_secs()));
        report(asked, &Err(failed), TOGETHER);
    }
    out
}

impl Report {
    /// Puts the result into the facts of the effect.
    pub fn apply(&self, facts: &mut Facts) {
        let mut say = |fact, text: String| {
            // First, because screens show the first evidence of a fact.
            facts.evidence.insert(0, Evidence { fact, text });
        };
        let found = match &self.result {
            Ok(found) => found,
            Err(Failed { why, seen }) => {
                let least =
                    if seen.is_empty() { String::new() } else { format!(", at least {seen}") };
                say(Fact::Count, format!("count unknown ({why}): treated as more than 100{least}"));
                facts.count = Count::Unknown;
                facts.objects = None;
                facts.reversibility = Reversibility(4);
                return;
            }
        };
        let took = self.took.as_millis();
        say(Fact::Count, format!("{} [{took} ms]", found.hits));
        if !found.backup.is_empty() {
            say(Fact::Reversibility, found.backup.clone());
        }
        if let Some((_, text)) = &found.undo {
            say(Fact::Reversibility, text.clone());
        }
        if !found.seen.is_empty() {
            say(Fact::Flags, found.seen.clone());
        }
        if let Some(Identity { name, wide }) = &found.identity {
            if let Some(what) = wide {
                say(Fact::Identity, format!("{what}: wider than needed"));
            }
            // The name comes first, then what is to be said of it.
            say(Fact::Identity, name.clone());
        }
        if let Some((environment, text)) = &found.environment
            && *environment >= facts.environment
        {
            say(Fact::Environment, text.clone());
            facts.environment = *environment;
        }
        facts.count = found.count;
        facts.objects.clone_from(&found.objects);
        if let Some((undo, _)) = &found.undo {
            facts.reversibility = *undo;
        }
        facts.flags.extend(found.flags.iter().copied());
        if found.identity.as_ref().is_some_and(|identity| identity.wide.is_some()) {
            facts.flags.insert(Flag::Wide);
        }
        if let Some(scope) = found.deletes {
            facts.verb = Verb::Delete;
            facts.scope = facts.scope.max(scope);
        }
        if found.flags.contains(&Flag::Outside) {
            facts.scope = facts.scope.max(Scope::HOST);
        }
    }
}

impl Job {
    /// `None` for what does not happen on this machine as this user: no probe
    /// can see it.
    fn new(invocation: &Invocation, viewer: Viewer<'_>, until: Instant) -> Option<Self> {
        let ctx = viewer.ctx;
        let words: Vec<&str> = invocation.argv.iter().filter_map(Word::as_static).collect();
        let program = invocation.program.as_deref().unwrap_or_default();
        match invocation.place {
            Place::Here => {}
            Place::AsUser(None) if FOR_ANY_USER.contains(&program) => {}
            _ => return None,
        }
        let base = PathBuf::from(ctx.cwd.as_deref()?);
        let cwd = match invocation.cwd.as_deref() {
            None => base,
            // After a `cd` to nobody knows where.
            Some("") => return None,
            Some(folder) => base.join(folder),
        };
        Some(Self {
            invocation: invocation.clone(),
            cwd,
            project: ctx.project.as_deref().map(PathBuf::from),
            homes: ctx.homes.clone(),
            until,
            known: known::Known::default(),
            secret: (viewer.secret)(&words),
            requester: viewer.requester,
        })
    }

    /// The variables in front of the command, or exported before it, that say
    /// where it acts.
    fn variables(&self) -> std::result::Result<Vec<(&str, &str)>, Failed> {
        let Invocation { exported, assignments, .. } = &self.invocation;
        let known = |assignment: &Assignment| client::says_where(&assignment.name);
        let all = exported.iter().chain(assignments).filter(|a| known(a));
        all.map(|assignment| match assignment.value.as_static() {
            Some(value) => Ok((assignment.name.as_str(), value)),
            None => Err(Failed::new(format!("{} is not known", assignment.name))),
        })
        .collect()
    }

    /// Fails when a variable of the client, by the beginning of its name, would not
    /// reach a probe, which would then ask elsewhere and tell about other things.
    fn reaches(&self, beginnings: &[&str]) -> std::result::Result<(), Failed> {
        let Invocation { exported, assignments, .. } = &self.invocation;
        let of_it = |name: &str| beginnings.iter().any(|beginning| name.starts_with(beginning));
        let mut names = exported.iter().chain(assignments).map(|assignment| &assignment.name);
        match names.find(|name| of_it(name) && !client::says_where(name)) {
            Some(name) => {
                let why = format!("{} is not passed on to a probe", crate::text::escape(name));
                Err(Failed::new(why))
            }
            None => Ok(()),
        }
    }

    /// The operands, when all of them are known.
    fn operands(&self) -> Option<Vec<String>> {
        let words = self.invocation.operands.iter();
        words.map(|word| word.as_static().map(str::to_owned)).collect()
    }

    /// Whether one of these options is given.
    fn has(&self, names: &[&str]) -> bool {
        self.invocation.options.iter().any(|option| names.contains(&option.name.as_str()))
    }

    /// The value of the last of these options, when it is known.
    fn value(&self, names: &[&str]) -> Option<&str> {
        let mut options = self.invocation.options.iter().rev();
        let option = options.find(|option| names.contains(&option.name.as_str()))?;
        option.value.as_ref()?.as_static()
    }

    /// These options as they would be typed; `None` when a value is not known.
    fn flags(&self, names: &[&str]) -> Option<Vec<String>> {
        let mut out = Vec::new();
        for option in self.invocation.options.iter().filter(|o| names.contains(&o.name.as_str())) {
            match &option.value {
                None => out.push(option.name.clone()),
                Some(value) if option.name.starts_with("--") => {
                    out.push(format!("{}={}", option.name, value.as_static()?));
                }
                Some(value) => out.extend([option.name.clone(), value.as_static()?.to_owned()]),
            }
        }
        Some(out)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.cwd.join(Path::new(name))
    }
}

#[cfg(test)]
mod tests;
