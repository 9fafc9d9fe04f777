//! Progress of what takes long.

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

    pub(super) fn show(&mut self, err: &mut dyn Write, done: u64, all: u64) {
        if !self.wanted || Instant::now() < self.next {
            return;
        }
        self.next = Instant::now() + Duration::from_millis(300);
        self.shown = true;
        let _ = write!(err, "\r{}: {} of {} MB", self.what, done >> 20, all >> 20);
        let _ = err.flush();
    }

    pub(super) fn clear(&self, err: &mut dyn Write) {
        if self.shown {
            let _ = write!(err, "\r\x1b[K");
        }
    }
}
