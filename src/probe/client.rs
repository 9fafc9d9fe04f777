//! Starts the client of a probe: no shell, no input, no terminal, no pager, a
//! process group of its own that does not outlive the deadline, and a bounded
//! part of what it prints.

use std::ffi::OsString;
use std::fs::File;
use std::io::Read as _;
use std::os::fd::AsFd as _;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout};

use super::commands::Command;
use super::{Failed, Job};
use crate::text::escape;

/// The longest that one client may take.
pub(super) const EACH: Duration = Duration::from_secs(3);
/// Bytes of output that are kept; the rest is only counted.
const KEPT: usize = 1 << 20;
/// Bytes of error messages that are kept.
const KEPT_ERRORS: usize = 4096;
/// What a client that takes longer than [`EACH`] is told to have done.
pub(super) const TIMED_OUT: &str = "probe timed out after 3 s";
/// Columns of an error message that are shown.
const SHOWN: usize = 48;

/// For all clients: no pager, no questions, no colours, the C locale.
const SETTINGS: &[(&str, &str)] = &[
    ("PAGER", "cat"),
    ("GIT_PAGER", "cat"),
    ("AWS_PAGER", ""),
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_NO_LAZY_FETCH", "1"),
    ("NO_COLOR", "1"),
    ("LC_ALL", "C"),
    ("AWS_MAX_ATTEMPTS", "1"),
    ("AWS_CLI_AUTO_PROMPT", "off"),
    ("AWS_METADATA_SERVICE_TIMEOUT", "1"),
    ("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "1"),
    ("CHECKPOINT_DISABLE", "1"),
    ("CLOUDSDK_CORE_DISABLE_PROMPTS", "1"),
    ("CLOUDSDK_CORE_DISABLE_FILE_LOGGING", "1"),
    ("CLOUDSDK_CORE_DISABLE_USAGE_REPORTING", "1"),
    ("CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK", "1"),
    ("AZURE_CORE_COLLECT_TELEMETRY", "0"),
    ("AZURE_CORE_SURVEY_MESSAGE", "0"),
    ("TF_IN_AUTOMATION", "1"),
    ("PGCONNECT_TIMEOUT", "2"),
    ("PSQLRC", "/dev/null"),
    // A wrapper around a client can tell a question from the command by it.
    ("GUARD_PROBE", "1"),
];

/// Variables that code of the client or its loader would obey.
const UNSET: &[&str] = &[
    "GIT_TRACE",
    "GIT_EXTERNAL_DIFF",
    "GIT_CONFIG_COUNT",
    "SSH_ASKPASS",
    // These would add words of their own, or write a log.
    "TF_CLI_ARGS",
    "TF_CLI_ARGS_plan",
    "TF_CLI_ARGS_show",
    "TF_CLI_ARGS_state_list",
    "TF_CLI_ARGS_state_mv",
    "TF_CLI_ARGS_state_pull",
    "TF_CLI_ARGS_state_rm",
    "TF_CLI_ARGS_workspace_list",
    "TF_LOG",
    "TF_LOG_CORE",
    "TF_LOG_PATH",
    "TF_LOG_PROVIDER",
];

/// Beginnings of names like those of [`PLACES`]: the variables of a
/// configuration of terraform.
const VALUES: &str = "TF_VAR_";

/// Variables in front of the command that say where it acts. No other one
/// reaches a probe: `PATH=. git` or `LD_PRELOAD=x git` would run other code
/// before anybody has agreed to it.
const PLACES: &[&str] = &[
    "KUBECONFIG",
    "AWS_PROFILE",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_ENDPOINT_URL",
    "PGHOST",
    "PGPORT",
    "PGUSER",
    "PGDATABASE",
    "PGPASSWORD",
    "PGSERVICE",
    "AZURE_CONFIG_DIR",
    "CLOUDSDK_CONFIG",
    "CLOUDSDK_ACTIVE_CONFIG_NAME",
    "CLOUDSDK_CORE_PROJECT",
    "CLOUDSDK_CORE_ACCOUNT",
    "CLOUDSDK_COMPUTE_ZONE",
    "CLOUDSDK_COMPUTE_REGION",
    "MYSQL_HOST",
    "MYSQL_TCP_PORT",
    "MYSQL_UNIX_PORT",
    "MYSQL_PWD",
    "REDISCLI_AUTH",
    "DOCKER_HOST",
    "DOCKER_CONTEXT",
    "TF_WORKSPACE",
    "TF_DATA_DIR",
    "GIT_DIR",
    "GIT_WORK_TREE",
    "HOME",
];

/// What a client has printed.
#[derive(Debug, Default)]
pub(super) struct Printed {
    /// The beginning of it, at most [`KEPT`] bytes or [`Extra::keep`].
    pub(super) bytes: Vec<u8>,
    /// All line feeds, those that were not kept as well.
    pub(super) lines: u64,
    /// All NUL bytes.
    pub(super) nuls: u64,
    /// Whether something was not kept.
    pub(super) cut: bool,
    /// Whether it ended with 0.
    pub(super) ok: bool,
    /// The beginning of its error messages.
    pub(super) errors: Vec<u8>,
}

impl Printed {
    /// As text; what is no UTF-8 becomes U+FFFD.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).trim_end_matches('\n').to_owned()
    }

    /// The last line of the error messages, cut short.
    pub(super) fn error(&self) -> String {
        let all = String::from_utf8_lossy(&self.errors);
        let last = all.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("no message");
        let last = last.trim().trim_start_matches("Error from server ");
        crate::text::width::cut(&escape(last), SHOWN).into_owned()
    }

    /// The output of a client that succeeded.
    pub(super) fn success(self, program: &str) -> Result<Self, Failed> {
        if self.ok { Ok(self) } else { Err(Failed::new(format!("{program}: {}", self.error()))) }
    }

    fn take(&mut self, bytes: &[u8], keep: usize) {
        for byte in bytes {
            self.lines += u64::from(*byte == b'\n');
            self.nuls += u64::from(*byte == 0);
        }
        let room = keep.saturating_sub(self.bytes.len());
        self.cut |= bytes.len() > room;
        self.bytes.extend(bytes.iter().take(room));
    }
}

/// Asks one question. The groups of words fill the `{}` of the command.
pub(super) fn ask(
    job: &Job,
    command: &'static Command,
    groups: &[&[String]],
) -> Result<Printed, Failed> {
    ask_with(job, command, groups, Extra::default())
}

/// What a question needs beside its words.
#[derive(Debug, Default)]
pub(super) struct Extra<'a> {
    /// More variables.
    pub(super) vars: &'a [(&'a str, OsString)],
    /// Standard input, in place of nothing.
    pub(super) stdin: Option<File>,
    /// Bytes of output that are kept, in place of [`KEPT`].
    pub(super) keep: Option<usize>,
}

/// As [`ask`], with what it needs beside its words.
pub(super) fn ask_with(
    job: &Job,
    command: &'static Command,
    groups: &[&[String]],
    extra: Extra<'_>,
) -> Result<Printed, Failed> {
    let program = find(command.program, &job.cwd, job.project.as_deref())
        .ok_or_else(|| Failed::new(format!("no {} was found for a probe", command.program)))?;
    let mut groups = groups.iter();
    let mut process = std::process::Command::new(program);
    for word in command.words.split(' ') {
        if word == "{}" {
            process.args(groups.next().copied().unwrap_or_default());
        } else {
            process.arg(word);
        }
    }
    process.envs(job.variables()?).envs(SETTINGS.iter().copied());
    process.envs(extra.vars.iter().map(|(name, value)| (name, value)));
    UNSET.iter().for_each(|name| {
        process.env_remove(name);
    });
    process.current_dir(&job.cwd).process_group(0);
    process
        .stdin(extra.stdin.map_or_else(Stdio::null, Stdio::from))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    crate::sys::end_with_parent(&mut process);
    let mut child =
        process.spawn().map_err(|error| Failed::new(format!("{}: {error}", command.program)))?;
    let until = job.until.min(Instant::now() + EACH);
    let printed = read(&mut child, until, extra.keep.unwrap_or(KEPT));
    // Also what it has started and left behind.
    if let Ok(group) = i32::try_from(child.id()) {
        let group = nix::unistd::Pid::from_raw(group);
        let _ = nix::sys::signal::killpg(group, nix::sys::signal::Signal::SIGKILL);
    }
    let status = child.wait();
    let mut printed = printed.map_err(|error| match error {
        Stopped::TimedOut => Failed::new(TIMED_OUT),
        Stopped::Broken(error) => Failed::new(format!("{}: {error}", command.program)),
    })?;
    printed.ok = status.is_ok_and(|status| status.success());
    Ok(printed)
}

enum Stopped {
    TimedOut,
    Broken(std::io::Error),
}

/// Reads both streams until the client has ended.
fn read(child: &mut Child, until: Instant, keep: usize) -> Result<Printed, Stopped> {
    let (mut out, mut err) = (child.stdout.take(), child.stderr.take());
    let mut printed = Printed::default();
    let mut buffer = vec![0; 65536];
    while out.is_some() || err.is_some() {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Stopped::TimedOut);
        }
        let streams = [out.as_ref().map(|f| f.as_fd()), err.as_ref().map(|f| f.as_fd())];
        let mut polled: Vec<PollFd<'_>> =
            streams.iter().flatten().map(|file| PollFd::new(*file, PollFlags::POLLIN)).collect();
        // Short steps: something that was left behind may keep a stream open.
        let step = PollTimeout::try_from(left.min(Duration::from_millis(50)))
            .unwrap_or(PollTimeout::from(50u8));
        let ready = nix::poll::poll(&mut polled, step).unwrap_or(0);
        let flags: Vec<bool> = polled.iter().map(|fd| fd.any().unwrap_or(false)).collect();
        if ready == 0 {
            match child.try_wait() {
                Ok(Some(_)) => return Ok(printed),
                Ok(None) => continue,
                Err(error) => return Err(Stopped::Broken(error)),
            }
        }
        let mut flags = flags.into_iter();
        if let Some(stream) = &mut out
            && flags.next() == Some(true)
        {
            match stream.read(&mut buffer).map_err(Stopped::Broken)? {
                0 => out = None,
                n => printed.take(buffer.get(..n).unwrap_or_default(), keep),
            }
        }
        if let Some(stream) = &mut err
            && flags.next() == Some(true)
        {
            match stream.read(&mut buffer).map_err(Stopped::Broken)? {
                0 => err = None,
                n => {
                    let room = KEPT_ERRORS.saturating_sub(printed.errors.len());
                    printed.errors.extend(buffer.iter().take(n.min(room)));
                }
            }
        }
    }
    // Both streams are closed; it may still run.
    loop {
        match child.try_wait() {
            Ok(Some(_)) => return Ok(printed),
            Err(error) => return Err(Stopped::Broken(error)),
            Ok(None) if Instant::now() >= until => return Err(Stopped::TimedOut),
            Ok(None) => std::thread::sleep(Duration::from_millis(1)),
        }
    }
}

/// A client by its name. Not one of the project or of the working directory,
/// nor one that everybody may change: whoever asks could have put it there, and
/// it would run before anybody has agreed. Not guard under another name either.
fn find(program: &str, cwd: &Path, project: Option<&Path>) -> Option<PathBuf> {
    let own = std::env::current_exe().ok().and_then(|path| path.canonicalize().ok());
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).filter(|folder| folder.is_absolute()).find_map(|folder| {
        let file = folder.join(program);
        let real = file.canonicalize().ok()?;
        let meta = real.metadata().ok()?;
        let theirs = real.starts_with(cwd) || project.is_some_and(|root| real.starts_with(root));
        let fits = meta.is_file() && meta.mode() & 0o111 != 0 && meta.mode() & 0o002 == 0;
        (fits && !theirs && Some(&real) != own.as_ref()).then_some(file)
    })
}

/// Whether there is such a client. One that the command itself does not start may
/// be missing, which says nothing about the command.
pub(super) fn there(job: &Job, command: &'static Command) -> bool {
    find(command.program, &job.cwd, job.project.as_deref()).is_some()
}

/// Whether a variable in front of a command says where it acts.
pub(super) fn says_where(name: &str) -> bool {
    PLACES.contains(&name) || name.starts_with(VALUES)
}
