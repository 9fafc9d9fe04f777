//! Progress of what takes long.

use std::fmt::Display;
use std::io::Write;
use std::time::{Duration, Instant};

/// Progress on standard error for what takes longer than a second.
pub(super) struct Meter {
    what: &'static str,
    wanted: bool,
    next: Instant,
    shown: bool,
}

impl Meter {
    pub(super) fn new(what: &'static str, wanted: bool) -> Self {
        Self { what, wanted, next: Instant::now() + Duration::from_secs(1), shown: false }
    }

    /// Shows how many of so many bytes are done, when it is time to.
    pub(super) fn show(&mut self, err: &mut dyn Write, done: u64, all: u64) {
        self.tell(err, &format_args!("{} of {} MB", done >> 20, all >> 20));
    }

    /// Shows how far the work is, in words, when it is time to.
    pub(super) fn tell(&mut self, err: &mut dyn Write, how_far: &dyn Display) {
        if !self.wanted || Instant::now() < self.next {
            return;
        }
        self.next = Instant::now() + Duration::from_millis(300);
        self.shown = true;
        let _ = write!(err, "\r{}: {how_far}", self.what);
        let _ = err.flush();
    }

    pub(super) fn clear(&self, err: &mut dyn Write) {
        if self.shown {
            let _ = write!(err, "\r\x1b[K");
        }
    }
}
