//! The guard processes that the server starts: bounded in number, time and
//! output, and ended when the client goes away or takes the call back.

use std::ffi::OsString;
use std::io::Read;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

/// Commands that run at once.
const AT_ONCE: usize = 8;
/// Bytes of each output that are kept: the beginning and the end.
const KEPT: usize = 64 * 1024;
/// How often a running command is looked after.
const STEP: Duration = Duration::from_millis(20);
/// How long a command may take to end when it is told to.
const GRACE: Duration = Duration::from_secs(3);

/// Tells the started guard that an agent asks; see [`crate::app::actor`].
const MARKER: &str = "GUARD_MCP_CLIENT";

/// All that were started.
#[derive(Debug)]
pub(super) struct Children {
    program: PathBuf,
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
    /// The exit code; none when a signal ended it.
    pub(super) code: Option<i32>,
    /// Standard output.
    pub(super) stdout: String,
    /// Standard error.
    pub(super) stderr: String,
    /// Whether it was ended before it was done, and why.
    pub(super) ended: Option<&'static str>,
}

impl Children {
    pub(super) const fn new(program: PathBuf) -> Self {
        Self { program, running: AtomicUsize::new(0), ending: AtomicBool::new(false) }
    }

    /// Ends all that still run, and waits until they have.
    pub(super) fn end_all(&self) {
        self.ending.store(true, Ordering::SeqCst);
        let until = Instant::now() + GRACE + GRACE;
        while self.running.load(Ordering::SeqCst) > 0 && Instant::now() < until {
            std::thread::sleep(STEP);
        }
    }

    /// Runs guard once. `taken_back` says whether the client wants it no more.
    pub(super) fn run(&self, job: Job, taken_back: &dyn Fn() -> bool) -> Result<Ran, String> {
        let _one = self.one()?;
        let mut command = Command::new(&self.program);
        command.args(job.args).env(MARKER, job.client).env("NO_COLOR", "1");
        if let Some(cwd) = job.cwd {
            command.current_dir(cwd);
        }
        command.process_group(0);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        crate::sys::end_with_parent(&mut command);
        let mut child = command.spawn().map_err(|error| format!("guard cannot start: {error}"))?;
        let out = child.stdout.take().map(kept);
        let err = child.stderr.take().map(kept);
        let (code, ended) = self.wait(&mut child, job.limit, taken_back)?;
        let text = |reader: Option<std::thread::JoinHandle<Kept>>| {
            reader.and_then(|reader| reader.join().ok()).map(Kept::text).unwrap_or_default()
        };
        Ok(Ran { code, stdout: text(out), stderr: text(err), ended })
    }

    /// Waits for the end, or brings it about.
    fn wait(
        &self,
        child: &mut Child,
        limit: Duration,
        taken_back: &dyn Fn() -> bool,
    ) -> Result<(Option<i32>, Option<&'static str>), String> {
        let begun = Instant::now();
        let mut told: Option<Instant> = None;
        let mut why = None;
        loop {
            if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
                // Something that was left behind would hold the output open.
                if why.is_some() {
                    signal(child, Signal::SIGKILL);
                }
                return Ok((status.code(), why));
            }
            if why.is_none() {
                why = if self.ending.load(Ordering::SeqCst) {
                    Some("the client went away")
                } else if taken_back() {
                    Some("the client took the call back")
                } else if begun.elapsed() > limit {
                    Some("its time was up")
                } else {
                    None
                };
                if why.is_some() {
                    signal(child, Signal::SIGTERM);
                    told = Some(Instant::now());
                }
            }
            if told.is_some_and(|told| told.elapsed() > GRACE) {
                signal(child, Signal::SIGKILL);
            }
            std::thread::sleep(STEP);
        }
    }

    fn one(&self) -> Result<One<'_>, String> {
        if self.running.fetch_add(1, Ordering::SeqCst) >= AT_ONCE {
            self.running.fetch_sub(1, Ordering::SeqCst);
            return Err(format!("{AT_ONCE} commands run already; try again when one has ended"));
        }
        Ok(One(self))
    }
}

/// One that runs.
struct One<'a>(&'a Children);

impl Drop for One<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::SeqCst);
    }
}

/// To guard and what it has started.
fn signal(child: &Child, signal: Signal) {
    if let Ok(group) = i32::try_from(child.id()) {
        let _ = killpg(Pid::from_raw(group), signal);
    }
}

/// The beginning and the end of an output.
#[derive(Debug, Default)]
struct Kept {
    head: Vec<u8>,
    tail: std::collections::VecDeque<u8>,
    dropped: u64,
}

impl Kept {
    fn take(&mut self, bytes: &[u8]) {
        let room = (KEPT / 2).saturating_sub(self.head.len()).min(bytes.len());
        let (head, tail) = bytes.split_at(room);
        self.head.extend_from_slice(head);
        self.tail.extend(tail);
        let over = self.tail.len().saturating_sub(KEPT / 2);
        self.tail.drain(..over);
        self.dropped += over as u64;
    }

    /// As text; what is no UTF-8 becomes U+FFFD.
    fn text(self) -> String {
        let mut out = String::from_utf8_lossy(&self.head).into_owned();
        if self.dropped > 0 {
            out += &format!("\n[guard: {} bytes left out]\n", self.dropped);
        }
        out + &String::from_utf8_lossy(&self.tail.into_iter().collect::<Vec<u8>>())
    }
}

fn kept(mut stream: impl Read + Send + 'static) -> std::thread::JoinHandle<Kept> {
    std::thread::spawn(move || {
        let mut kept = Kept::default();
        let mut buffer = [0; 8192];
        loop {
            match stream.read(&mut buffer) {
                Ok(0) | Err(_) => return kept,
                Ok(n) => kept.take(buffer.get(..n).unwrap_or_default()),
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{KEPT, Kept};

    #[test]
    fn of_a_long_output_the_beginning_and_the_end_are_kept() {
        let mut kept = Kept::default();
        kept.take(b"first ");
        for _ in 0..100 {
            kept.take(&[b'x'; 4096]);
        }
        kept.take(b" last");
        let text = kept.text();
        assert!(text.starts_with("first x") && text.ends_with("x last"));
        assert!(text.contains("bytes left out]") && text.len() < KEPT + 100);
        let mut short = Kept::default();
        short.take(b"a\xffb");
        assert_eq!(short.text(), "a\u{fffd}b");
    }
}
