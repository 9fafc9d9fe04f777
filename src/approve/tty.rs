//! Asking on the terminal.
//!
//! The answer is read from a freshly opened `/dev/tty`, never from standard
//! input, which may be a pipe or a file that somebody else filled. What was
//! typed, pasted or injected (`TIOCSTI`) before the question was on the screen
//! is thrown away. Signals are taken in through a descriptor, so that Ctrl-C is
//! an answer that can be recorded and not the end of guard.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::time::{Duration, Instant};

use nix::libc;
use nix::poll::PollFlags;
use nix::sys::signal::{SigSet, Signal};
use nix::sys::termios::{FlushArg, InputFlags, LocalFlags, OutputFlags, SetArg, Termios};
use nix::sys::termios::{tcflush, tcgetattr, tcsetattr};
use nix::unistd::{getpgrp, isatty, tcgetpgrp};

use crate::decide::{Answer, Approved, Expected, Question, Verdict};
use crate::sys::tty::{self as terminal, Signals};
use crate::text::{Palette, Role, escape, words};

/// The longest line that Linux gives in canonical mode, its line feed included
/// (`N_TTY_BUF_SIZE`). A read that fills it without a line feed is no answer.
const LONGEST_LINE: usize = 4096;

/// How a question is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Time for the answer. Stopping guard (Ctrl-Z) and going on starts it again.
    pub limit: Duration,
    /// Unclear answers until guard gives up.
    pub attempts: u32,
    /// Colour.
    pub palette: Palette,
}

impl Default for Settings {
    fn default() -> Self {
        Self { limit: Duration::from_secs(120), attempts: 3, palette: Palette::OFF }
    }
}

/// What came of a question.
#[derive(Debug)]
#[must_use]
pub enum Asked {
    /// Yes.
    Approved(Box<Approved>),
    /// No.
    Declined(Box<Declined>),
}

/// A question that was not answered with yes.
#[derive(Debug)]
pub struct Declined {
    /// What was asked about.
    pub verdict: Verdict,
    /// In which way.
    pub how: How,
}

/// Ways of not saying yes. They are told apart in messages and in the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// `n`, or an empty line.
    No,
    /// No answer in this time.
    TimedOut(Duration),
    /// Ctrl-C or another signal, by number. The caller should end by the same
    /// signal once everything is recorded, so that a shell loop stops too.
    Interrupted(i32),
    /// This many answers were neither yes nor no.
    TooManyAttempts(u32),
    /// The terminal went away, or Ctrl-D.
    Closed,
    /// There is no terminal to ask on.
    NoTerminal,
    /// guard is in the background, where it must not take over the terminal.
    Background,
}

impl How {
    /// Name for the record.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::TimedOut(_) => "timed-out",
            Self::Interrupted(_) => "interrupted",
            Self::TooManyAttempts(_) => "too-many-attempts",
            Self::Closed => "closed",
            Self::NoTerminal => "no-terminal",
            Self::Background => "background",
        }
    }
}

/// Asks on the terminal.
///
/// `screen` renders what stands above the prompt, for a palette and a width in
/// columns; it is called again when guard goes on after Ctrl-Z. `announce` is
/// called once, when it is sure that the question can be shown and before it is.
///
/// # Errors
/// Only what `announce` returns; then nothing was shown and nothing may run.
pub fn ask<E>(
    question: Question,
    settings: Settings,
    screen: &dyn Fn(Palette, usize) -> String,
    announce: impl FnOnce(&Question) -> Result<(), E>,
) -> Result<Asked, E> {
    let mut terminal = match Terminal::open() {
        Ok(terminal) => terminal,
        Err(how) => return Ok(declined(question, how)),
    };
    announce(&question)?;
    let asked = dialogue(&mut terminal, question, settings, screen);
    if let Asked::Declined(declined) = &asked
        && !matches!(declined.how, How::No)
    {
        // The cursor stands behind the prompt; what follows gets its own line.
        let _ = terminal.write("\n", Instant::now() + Duration::from_millis(200));
    }
    Ok(asked)
}

fn declined(question: Question, how: How) -> Asked {
    Asked::Declined(Box::new(Declined { verdict: question.decline(), how }))
}

fn dialogue(
    terminal: &mut Terminal,
    mut question: Question,
    settings: Settings,
    screen: &dyn Fn(Palette, usize) -> String,
) -> Asked {
    let mut attempts = settings.attempts.max(1);
    let mut text = opening(&question, settings, screen, terminal.columns());
    let mut deadline = Instant::now() + settings.limit;
    loop {
        let line = match terminal.line(&text, deadline) {
            Ok(line) => line,
            Err(Stop::Continued) => {
                // Somebody pressed Ctrl-Z and came back: what they saw has
                // scrolled away.
                text = opening(&question, settings, screen, terminal.columns());
                deadline = Instant::now() + settings.limit;
                continue;
            }
            Err(Stop::TimedOut) => return declined(question, How::TimedOut(settings.limit)),
            Err(Stop::Ended(how)) => return declined(question, how),
        };
        if let Some(line) = line {
            question = match question.answer(&line) {
                Answer::Approved(approved) => return Asked::Approved(approved),
                Answer::Declined(verdict) => {
                    return Asked::Declined(Box::new(Declined { verdict, how: How::No }));
                }
                Answer::Unclear(question) => *question,
            };
        }
        attempts -= 1;
        if attempts == 0 {
            return declined(question, How::TooManyAttempts(settings.attempts.max(1)));
        }
        text = again(&question, attempts, settings.palette);
    }
}

/// The screen and the first prompt.
fn opening(
    question: &Question,
    settings: Settings,
    screen: &dyn Fn(Palette, usize) -> String,
    columns: usize,
) -> (String, String) {
    let limit = words::count(settings.limit.as_secs(), "second");
    let note = format!("No answer within {limit} counts as no. ");
    let note = settings.palette.paint(Role::Dim, note);
    let screen = screen(settings.palette, columns);
    (format!("\n{screen}{note}"), prompt(question, settings.palette))
}

/// The prompt alone; it says exactly what to type.
fn prompt(question: &Question, palette: Palette) -> String {
    match question.expected() {
        Expected::Yes => format!("{} [y/N] ", palette.paint(Role::Strong, "Run it?")),
        Expected::Name(name) => {
            let what = match question.verdict_ref().worst().map(|finding| &finding.effect) {
                Some(effect) if effect.name.as_ref() == Some(name) => {
                    format!("the name of the {}", escape(&effect.kind))
                }
                _ => "this word".into(),
            };
            let name = escape(name);
            format!("To run it, type {what}: {}  > ", palette.paint(Role::Strong, name))
        }
    }
}

/// What to say after an answer that was neither yes nor no.
fn again(question: &Question, attempts: u32, palette: Palette) -> (String, String) {
    let left = words::count(attempts.into(), "more attempt");
    let wrong = match question.expected() {
        Expected::Yes => "Please answer y or n",
        Expected::Name(_) => "That is not it, and nothing was run; Enter alone means no",
    };
    (format!("{wrong} ({left}). "), prompt(question, palette))
}

/// Why no line was read.
pub(super) enum Stop {
    /// guard was stopped and goes on.
    Continued,
    /// The time is over.
    TimedOut,
    /// No answer will come.
    Ended(How),
}

/// The terminal while a question is open. Dropping it puts everything back.
pub(super) struct Terminal {
    /// An open file description of our own: non-blocking without a change for
    /// anybody else.
    tty: File,
    signals: Signals,
    /// The mask to go back to.
    mask: SigSet,
    /// The mode to go back to, when it had to be changed.
    mode: Option<Termios>,
}

impl Terminal {
    pub(super) fn open() -> Result<Self, How> {
        let flags = libc::O_NOCTTY | libc::O_CLOEXEC | libc::O_NONBLOCK;
        let tty = OpenOptions::new().read(true).write(true).custom_flags(flags).open("/dev/tty");
        let tty = tty.map_err(|_| How::NoTerminal)?;
        if !isatty(&tty).unwrap_or(false) {
            return Err(How::NoTerminal);
        }
        if !in_foreground(&tty) {
            return Err(How::Background);
        }
        let taken = taken_signals();
        let signals = Signals::new(taken).map_err(|_| How::NoTerminal)?;
        let mask = SigSet::thread_get_mask().map_err(|_| How::NoTerminal)?;
        let mut blocked = taken;
        // In the background a read then fails and a write passes, instead of
        // stopping guard where nobody sees it.
        blocked.add(Signal::SIGTTIN);
        blocked.add(Signal::SIGTTOU);
        blocked.thread_block().map_err(|_| How::NoTerminal)?;
        let mut terminal = Self { tty, signals, mask, mode: None };
        terminal.line_mode();
        Ok(terminal)
    }

    pub(super) fn columns(&self) -> usize {
        terminal::columns(&self.tty).unwrap_or(80)
    }

    /// Makes sure of whole lines, echo and Ctrl-C, which a full-screen program
    /// before us may have switched off.
    fn line_mode(&mut self) {
        let Ok(found) = tcgetattr(&self.tty) else { return };
        let mut mode = found.clone();
        mode.input_flags |= InputFlags::ICRNL;
        mode.output_flags |= OutputFlags::OPOST | OutputFlags::ONLCR;
        mode.local_flags |= LocalFlags::ICANON | LocalFlags::ECHO | LocalFlags::ISIG;
        if mode != found && tcsetattr(&self.tty, SetArg::TCSANOW, &mode).is_ok() {
            self.mode.get_or_insert(found);
        }
    }

    /// What is typed from now on is not shown.
    pub(super) fn hide(&mut self) {
        let Ok(found) = tcgetattr(&self.tty) else { return };
        let mut mode = found.clone();
        mode.local_flags.remove(LocalFlags::ECHO);
        mode.local_flags |= LocalFlags::ECHONL;
        if tcsetattr(&self.tty, SetArg::TCSANOW, &mode).is_ok() {
            self.mode.get_or_insert(found);
        }
    }

    /// Shows the text and the prompt and reads one line, without its line feed.
    /// `None`: what came was no line of text.
    ///
    /// Input is thrown away before the prompt and not after it, because whoever
    /// sees the prompt may answer at once. Only where the prompt itself had to
    /// wait (Ctrl-S) something can have been typed without it.
    pub(super) fn line(
        &mut self,
        (text, prompt): &(String, String),
        deadline: Instant,
    ) -> Result<Option<String>, Stop> {
        self.write(text, deadline)?;
        self.flush_input();
        if self.write(prompt, deadline)? {
            self.flush_input();
        }
        let mut buffer = [0; LONGEST_LINE];
        loop {
            self.wait(PollFlags::POLLIN, deadline)?;
            match self.tty.read(&mut buffer) {
                // Ctrl-D on an empty line, or the terminal is gone.
                Ok(0) => return Err(Stop::Ended(How::Closed)),
                Ok(n) => {
                    let line = buffer.get(..n).unwrap_or_default();
                    let line = line.strip_suffix(b"\n").filter(|line| !line.contains(&0));
                    return Ok(line
                        .and_then(|line| std::str::from_utf8(line).ok())
                        .map(str::to_owned));
                }
                Err(error) => self.tolerate(&error)?,
            }
        }
    }

    /// Writes the text; whether the terminal made us wait.
    fn write(&mut self, text: &str, deadline: Instant) -> Result<bool, Stop> {
        let mut waited = false;
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            match self.tty.write(rest) {
                Ok(n) => rest = rest.get(n..).unwrap_or_default(),
                Err(error) => {
                    self.tolerate(&error)?;
                    self.wait(PollFlags::POLLOUT, deadline)?;
                    waited = true;
                }
            }
        }
        Ok(waited)
    }

    /// Passes over errors that only mean "later".
    fn tolerate(&self, error: &io::Error) -> Result<(), Stop> {
        match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted => Ok(()),
            _ if !in_foreground(&self.tty) => Err(Stop::Ended(How::Background)),
            _ => Err(Stop::Ended(How::Closed)),
        }
    }

    fn flush_input(&self) {
        let _ = tcflush(&self.tty, FlushArg::TCIFLUSH);
    }

    /// Waits until the terminal is ready; a signal or the deadline stops it.
    fn wait(&mut self, events: PollFlags, deadline: Instant) -> Result<(), Stop> {
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Stop::TimedOut);
            }
            let ready = self.signals.wait(&self.tty, events, left);
            let ready = ready.map_err(|_| Stop::Ended(How::Closed))?;
            // A signal first: an answer that came after Ctrl-C is too late.
            self.signal()?;
            if ready.intersects(events) {
                return Ok(());
            }
            if ready.intersects(PollFlags::POLLHUP | PollFlags::POLLERR | PollFlags::POLLNVAL) {
                return Err(Stop::Ended(How::Closed));
            }
        }
    }

    /// Takes what signals there are: one that ends the question counts more
    /// than going on.
    fn signal(&mut self) -> Result<(), Stop> {
        let mut continued = false;
        while let Some(number) = self.signals.take() {
            if number != libc::SIGCONT {
                return Err(Stop::Ended(How::Interrupted(number)));
            }
            continued = true;
        }
        if !continued {
            return Ok(());
        }
        if !in_foreground(&self.tty) {
            return Err(Stop::Ended(How::Background));
        }
        self.line_mode();
        Err(Stop::Continued)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if let Some(mode) = &self.mode
            && in_foreground(&self.tty)
        {
            let _ = tcsetattr(&self.tty, SetArg::TCSANOW, mode);
        }
        // A second Ctrl-C that is still pending would end guard before it has
        // recorded the first one.
        while self.signals.take().is_some() {}
        let _ = self.mask.thread_set_mask();
    }
}

/// What ends a question, and SIGCONT, after which it has to be shown again.
fn taken_signals() -> SigSet {
    let mut set = SigSet::empty();
    for signal in
        [Signal::SIGINT, Signal::SIGQUIT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGCONT]
    {
        set.add(signal);
    }
    set
}

fn in_foreground(tty: &File) -> bool {
    tcgetpgrp(tty).is_ok_and(|group| group == getpgrp())
}
