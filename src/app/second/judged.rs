//! Judging once more, to see what the verdict rests on.

use std::cell::RefCell;
use std::path::PathBuf;

use crate::app::judge::{self, Input};
use crate::app::scripts::Disk;
use crate::app::session::Session;
use crate::command::{Files, OnDisk};
use crate::decide::{Policy, Verdict, World};
use crate::model::Tier;

/// The disk, remembering what was read from it.
#[derive(Debug, Default)]
struct Recording {
    read: RefCell<Vec<PathBuf>>,
}

impl Files for Recording {
    fn read(&self, path: &str) -> OnDisk {
        let found = Disk.read(path);
        if !matches!(found, OnDisk::Other) {
            self.read.borrow_mut().push(PathBuf::from(path));
        }
        found
    }
}

/// A verdict and the scripts whose text it rests on.
#[derive(Debug)]
pub(super) struct Judged {
    pub verdict: Verdict,
    pub scripts: Vec<PathBuf>,
    /// The tier without policy.
    pub base: Tier,
}

pub(super) fn judge(input: &Input, session: &Session) -> Judged {
    let files = Recording::default();
    let verdict = judge::judge(input, World { files: &files, ..session.world() });
    let none = Policy::default();
    let ctx = crate::model::Context { environments: Vec::new(), ..session.ctx.clone() };
    let base = judge::judge(input, World { policy: &none, ctx: &ctx, ..session.world() }).tier;
    let mut scripts = files.read.into_inner();
    scripts.sort();
    scripts.dedup();
    Judged { verdict, scripts, base }
}
