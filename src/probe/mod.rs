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
mod found;
mod git;
pub mod git_index;
mod helm;
mod host;
mod http;
mod job;
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

use std::sync::mpsc;
use std::time::{Duration, Instant};

pub use found::{Failed, Found, Identity, Report};
use job::Job;
pub use job::Viewer;

use crate::model::{Effect, Invocation};

/// The longest that all probes of a command take together.
pub const TOGETHER: Duration = Duration::from_secs(5);
/// After this somebody at a terminal is told what guard is looking at. What is
/// ready before would only flicker; with the start of guard it is below 100 ms.
const PATIENCE: Duration = Duration::from_millis(40);
/// The most probes of one command; what is beyond is not checked.
const MOST: usize = 8;

/// The result of one probe; `Ok(None)` when there was nothing it could look at.
type Result = std::result::Result<Option<Found>, Failed>;

/// A probe of one family of commands.
type Probe = fn(&Job) -> Result;

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

#[cfg(test)]
mod tests;
