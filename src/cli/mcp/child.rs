//! The guard processes that the server starts: bounded in number and time, and
//! ended when the client goes away or takes the call back.

use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use nix::sys::signal::{SigSet, Signal, killpg};
use nix::unistd::Pid;

use super::output::Outputs;
use crate::app::actor::MCP_CLIENT;
use crate::sys;

/// Calls that are served at once, with those that wait for the client's user.
const CALLS: usize = 16;
/// Commands that run at once.
const AT_ONCE: usize = 8;
/// How often a running command is looked after.
const STEP: Duration = Duration::from_millis(20);
/// How long a command may take to end when it is told to.
const GRACE: Duration = Duration::from_secs(3);
/// How long its output is waited for when it has ended and something that it
/// left in the background holds the output open.
const LINGER: Duration = Duration::from_secs(1);

/// All that were started.
#[derive(Debug)]
pub(super) struct Children {
    program: PathBuf,
    /// The signals that the server holds back, which what it starts must not.
    mask: SigSet,
    calls: AtomicUsize,
    running: AtomicUsize,
    ending: AtomicBool,
}

/// What is started.
#[derive(Debug)]
pub(super) struct Job {
    /// Arguments of guard.
    pub(super) args: Vec<OsString>,
    /// Where; without it the server's own folder.
    pub(super) cwd: Option<PathBuf>,
    /// The client, by its own word.
    pub(super) client: String,
    /// The longest that it may take.
    pub(super) limit: Duration,
}

/// How it ended.
#[derive(Debug, Default)]
pub(super) struct Ran {
    /// The exit code; none when a signal ended it, or when it was not started.
    pub(super) code: Option<i32>,
    /// Standard output.
    pub(super) stdout: String,
    /// Standard error.
    pub(super) stderr: String,
    /// Whether it was ended before it was done, and why.
    pub(super) ended: Option<&'static str>,
    /// Whether something in the background outlived it and was ended.
    pub(super) left: bool,
}

impl Children {
    pub(super) const fn new(program: PathBuf, mask: SigSet) -> Self {
        Self {
            program,
            mask,
            calls: AtomicUsize::new(0),
            running: AtomicUsize::new(0),
            ending: AtomicBool::new(false),
        }
    }

    /// Lets nothing more be started, and tells all that still run to end.
    pub(super) fn end(&self) {
        self.ending.store(true, Ordering::SeqCst);
    }

    /// The same, and waits until they have.
    pub(super) fn end_all(&self) {
        self.end();
        let until = Instant::now() + GRACE + GRACE;
        while self.running.load(Ordering::SeqCst) > 0 && Instant::now() < until {
            std::thread::sleep(STEP);
        }
    }

    /// Room for one more call, which is taken until it is dropped.
    pub(super) fn call(&self) -> Result<One<'_>, String> {
        One::of(&self.calls, CALLS)
    }

    /// Runs guard once. `taken_back` says whether the client wants it no more.
    pub(super) fn run(&self, job: Job, taken_back: &dyn Fn() -> bool) -> Result<Ran, String> {
        // Taken before the look whether all is ending: `end_all` waits for it.
        let _one = One::of(&self.running, AT_ONCE)?;
        let limit = job.limit;
        if let Some(why) = self.why_end(taken_back) {
            return Ok(Ran { ended: Some(why), ..Ran::default() });
        }
        let (mut group, mut outputs) = self.start(job)?;
        let begun = Instant::now();
        let (mut over, mut told, mut why): (Option<Instant>, Option<Instant>, _) =
            (None, None, None);
        loop {
            outputs.read(STEP);
            if over.is_none() && group.has_ended()? {
                over = Some(Instant::now());
            }
            let waited = over.is_some_and(|over| outputs.closed() || over.elapsed() > LINGER);
            if waited || (over.is_some() && why.is_some()) {
                break;
            }
            if why.is_none() {
                let late = over.is_none() && begun.elapsed() > limit;
                let late = late.then_some("its time was up");
                why = self.why_end(taken_back).or(late);
                if why.is_some() {
                    group.signal(Signal::SIGTERM);
                    told = Some(Instant::now());
                }
            }
            if told.is_some_and(|told| told.elapsed() > GRACE) {
                break;
            }
        }
        let left = why.is_none() && !outputs.closed();
        let code = group.end()?;
        outputs.read(Duration::ZERO);
        let (stdout, stderr) = outputs.texts();
        Ok(Ran { code, stdout, stderr, ended: why, left })
    }

    /// Why what runs is to end, if it is.
    fn why_end(&self, taken_back: &dyn Fn() -> bool) -> Option<&'static str> {
        if self.ending.load(Ordering::SeqCst) {
            Some("the client went away")
        } else if taken_back() {
            Some("the client took the call back")
        } else {
            None
        }
    }

    fn start(&self, job: Job) -> Result<(Group, Outputs), String> {
        let mut command = Command::new(&self.program);
        command.args(job.args).env(MCP_CLIENT, job.client).env("NO_COLOR", "1");
        if let Some(cwd) = job.cwd {
            command.current_dir(cwd);
        }
        command.process_group(0);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        sys::end_with_parent(&mut command);
        sys::with_mask(&mut command, self.mask);
        let child = command.spawn().map_err(|error| format!("guard cannot start: {error}"))?;
        let mut group = Group(Some(child));
        let (out, err) = group.outputs().ok_or("guard cannot start: its output is missing")?;
        let outputs = Outputs::new(out, err).map_err(|error| error.to_string())?;
        Ok((group, outputs))
    }
}

/// A place among those that there are.
#[derive(Debug)]
pub(super) struct One<'a>(&'a AtomicUsize);

impl<'a> One<'a> {
    fn of(taken: &'a AtomicUsize, most: usize) -> Result<Self, String> {
        if taken.fetch_add(1, Ordering::SeqCst) >= most {
            taken.fetch_sub(1, Ordering::SeqCst);
            return Err(format!("{most} run already; try again when one has ended"));
        }
        Ok(Self(taken))
    }
}

impl Drop for One<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A guard and what it has started, as far as that stays in its process group.
/// Nothing of it outlives this value.
#[derive(Debug)]
struct Group(Option<Child>);

impl Group {
    fn pid(&self) -> Option<i32> {
        self.0.as_ref().and_then(|child| i32::try_from(child.id()).ok())
    }

    fn outputs(&mut self) -> Option<(OwnedFd, OwnedFd)> {
        let child = self.0.as_mut()?;
        Some((child.stdout.take()?.into(), child.stderr.take()?.into()))
    }

    fn has_ended(&self) -> Result<bool, String> {
        self.pid().map_or(Ok(true), |pid| sys::has_ended(pid).map_err(|error| error.to_string()))
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = self.pid() {
            let _ = killpg(Pid::from_raw(group), signal);
        }
    }

    /// Ends what is left of the group; the exit code of guard, if it had one.
    fn end(&mut self) -> Result<Option<i32>, String> {
        // Before guard is waited for: afterwards the number of the group could
        // be somebody else's.
        self.signal(Signal::SIGKILL);
        let Some(mut child) = self.0.take() else { return Ok(None) };
        child.wait().map(|status| status.code()).map_err(|error| error.to_string())
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let _ = self.end();
    }
}
