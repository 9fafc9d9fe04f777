//! What `guard log rotate` does with the files of earlier days: compresses them,
//! and removes them when policy asks for that.
//!
//! Nothing of this happens on the way of a command, which only gives the file of
//! an earlier day its name.

use std::io;
use std::path::PathBuf;

use super::checkpoint::{Made, Signing, SigningError};
use super::host;
use crate::audit::archive::{self, Sizes};
use crate::audit::parts::{self, Part, Source};
use crate::audit::{Durability, Kind, Log, LogError, lookup};
use crate::config::paths::Paths;
use crate::config::{self, ConfigError};
use crate::decide::logging::LogTerms;
use crate::second::terms::Span;
use crate::text::stamp::Stamp;
use crate::text::{escape, tell};

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// The log of this host and what policy says about its files.
pub struct Rotation {
    dir: PathBuf,
    host: String,
    terms: LogTerms,
    signing: Signing,
}

/// What is to be done.
#[derive(Debug, Default)]
pub struct Plan {
    /// Files that are compressed.
    pub pack: Vec<Part>,
    /// Files that are removed, oldest first.
    pub remove: Vec<Part>,
}

/// Something that was done.
pub enum Did {
    /// The file of an earlier day has its name now.
    Closed,
    /// A file was removed.
    Removed(PathBuf),
    /// A file was compressed.
    Packed(PathBuf, Sizes),
}

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    /// Files.
    #[error("{path}: {source}")]
    File {
        /// Which, escaped.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// The record.
    #[error(transparent)]
    Record(#[from] LogError),
    /// What is removed has to be signed first.
    #[error("nothing is removed: {0}")]
    Signing(#[from] SigningError),
}

fn wrong(path: &std::path::Path) -> impl FnOnce(io::Error) -> RotateError + '_ {
    |source| RotateError::File { path: escape(&path.to_string_lossy()), source }
}

/// What policy says about the log, but not that of a repository.
///
/// # Errors
/// A broken policy file.
pub fn log_terms() -> Result<LogTerms, ConfigError> {
    Ok(config::policy::load(&Paths::find(), None, &super::clock::now_utc())?.log)
}

impl Rotation {
    /// Reads policy, but not that of a repository; `None` without a folder for
    /// state.
    ///
    /// # Errors
    /// A broken policy file.
    pub fn open() -> Result<Option<Self>, ConfigError> {
        let paths = Paths::find();
        let policy = config::policy::load(&paths, None, &super::clock::now_utc())?;
        let (dir, signing) = (paths.log_dir(), Signing::of(&paths, &policy));
        Ok(dir.zip(signing).map(|(dir, signing)| {
            let (host, terms) = (host::name(), policy.log);
            Self { dir, host, terms, signing }
        }))
    }

    fn active(&self) -> PathBuf {
        self.dir.join(lookup::file_name(&self.host))
    }

    /// How long files are kept; `None`: for ever.
    #[must_use]
    pub fn keep(&self) -> Option<Span> {
        self.terms.keep()
    }

    /// What is to be done at this time.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn plan(&self, now: Stamp) -> Result<Plan, RotateError> {
        let active = self.active();
        let closed = parts::closed(&active).map_err(wrong(&active))?;
        Ok(plan(closed, now, self.terms.compress_after(), self.terms.keep()))
    }

    /// Does it. `did` is told each step.
    ///
    /// # Errors
    /// [`RotateError`]; what was done until then holds.
    pub fn run(&self, now: Stamp, did: &mut dyn FnMut(Did)) -> Result<(), RotateError> {
        let active = self.active();
        if active.exists() && self.log()?.close_if_over()? {
            did(Did::Closed);
        }
        self.remove(&self.plan(now)?, did)?;
        // What is gone now is not to be compressed.
        for part in self.plan(now)?.pack {
            match archive::pack(&part) {
                Ok(sizes) => did(Did::Packed(part.path, sizes)),
                // Another one is at it.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(wrong(&part.path)(error)),
            }
        }
        Ok(())
    }

    fn log(&self) -> Result<Log, LogError> {
        let log = Log::open(&self.dir, &self.host)?;
        Ok(log.on_wait(|waiting| tell(&format!("guard: {waiting}\n"))))
    }

    /// Each file is named by a record before it goes, and everything that the
    /// record builds on is signed before that.
    fn remove(&self, plan: &Plan, did: &mut dyn FnMut(Did)) -> Result<(), RotateError> {
        let Some(keep) = self.terms.keep().filter(|_| !plan.remove.is_empty()) else {
            return Ok(());
        };
        let signed = match self.signing.make()? {
            Made::New(signed) | Made::Same(signed) => signed,
            Made::Nothing => return Ok(()),
        };
        let active = self.active();
        let source = Source::open(&active).map_err(wrong(&active))?;
        let count = plan.remove.len();
        let removals = archive::removals(&source, count, &keep.to_string(), &signed.checkpoint)
            .map_err(wrong(&active))?;
        let mut log = self.log()?;
        for (removal, part) in removals.iter().zip(source.parts()) {
            log.append(Kind::Retention, removal, Durability::Synced)?;
            archive::remove(part).map_err(wrong(&part.path))?;
            did(Did::Removed(part.path.clone()));
        }
        Ok(())
    }
}

/// Days since 1970.
fn number(day: &str) -> Option<i64> {
    Stamp::parse(day).map(|at| at.0.div_euclid(DAY))
}

fn plan(closed: Vec<Part>, now: Stamp, after: Span, keep: Option<Span>) -> Plan {
    let today = now.0.div_euclid(DAY);
    let old = |part: &Part, span: Span, today: i64| {
        number(&part.day)
            .is_some_and(|day| (today - day).saturating_mul(DAY) >= i64::from(span.0) * 1000)
    };
    // Time passes where records are written: a clock that is wrong by years must
    // not remove anything by itself. The newest closed file always stays.
    let newest = closed.last().and_then(|part| number(&part.day)).unwrap_or(today).min(today);
    let kept = closed.len().saturating_sub(1);
    let gone = keep.map_or(0, |keep| {
        closed.iter().take(kept).take_while(|part| old(part, keep, newest)).count()
    });
    let mut closed = closed.into_iter();
    let remove = closed.by_ref().take(gone).collect();
    Plan { remove, pack: closed.filter(|part| !part.packed && old(part, after, today)).collect() }
}

#[cfg(test)]
mod tests {
    use super::{Part, Span, Stamp, plan};

    fn parts(days: &[&str]) -> Vec<Part> {
        let part = |(first, day): (u64, &&str)| Part {
            first,
            day: (*day).to_owned(),
            path: format!("{first}").into(),
            packed: first == 1,
        };
        (0..).zip(days).map(part).collect()
    }

    fn firsts(parts: &[Part]) -> Vec<u64> {
        parts.iter().map(|part| part.first).collect()
    }

    #[test]
    fn age_is_counted_in_days_and_the_newest_closed_file_always_stays() {
        let days = ["2026-01-01", "2026-01-02", "2026-01-05", "2026-01-09", "2026-01-10"];
        let span = |days: u32| Span(days * 86_400);
        let at = |text: &str| Stamp::parse(text).unwrap_or(Stamp(0));
        let now = at("2026-01-10T12:00");
        let all = plan(parts(&days), now, span(5), None);
        assert_eq!((firsts(&all.remove), firsts(&all.pack)), (vec![], vec![0, 2]));
        let all = plan(parts(&days), now, span(1), Some(span(7)));
        assert_eq!((firsts(&all.remove), firsts(&all.pack)), (vec![0, 1], vec![2, 3]));
        // A clock that is years ahead, before anything was written by it.
        let ahead = plan(parts(&days), at("2036-01-10"), span(1), Some(span(7)));
        assert_eq!(firsts(&ahead.remove), [0, 1]);
        let one = plan(parts(&days[..1]), at("2036-01-10"), span(1), Some(span(7)));
        assert_eq!((firsts(&one.remove), firsts(&one.pack)), (vec![], vec![0]));
    }
}
