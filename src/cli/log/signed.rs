//! The part of `guard log verify` that is about checkpoints.

use std::io;
use std::path::{Path, PathBuf};

use super::outside::{self, Keys};
use super::verify::NAMED;
use super::{LogIo, VerifyArgs, show_path, unreadable};
use crate::app::checkpoint::{Delivery, PUBLIC_KEY, origin};
use crate::audit::checkpoint::Signed;
use crate::audit::checkpoints::{Claim, Fault, Found, Origin, check};
use crate::audit::parts::{self, Source};
use crate::audit::{lookup, progress};
use crate::exit::Exit;
use crate::text::words::count;
use crate::text::{Role, escape};

/// A checkpoint from elsewhere.
struct Given {
    path: PathBuf,
    signed: Signed,
    /// Whether its file was named, not only the folder around it.
    named: bool,
    used: bool,
}

/// Everything that logs are compared with.
pub(super) struct Against {
    given: Vec<Given>,
    keys: Keys,
}

/// What one log came to.
pub(super) enum Outcome {
    /// Everything fits.
    Fits,
    /// Something does not.
    Differs,
    /// The log cannot be read.
    Unread,
}

impl Against {
    /// Reads what the options name; `Err` once it was told that it cannot be.
    pub(super) fn read(args: &VerifyArgs, io: &mut LogIo<'_>) -> io::Result<Result<Self, Exit>> {
        let keys = match Keys::read(&args.key) {
            Ok(keys) => keys,
            Err(why) => {
                writeln!(io.err, "guard: {}", escape(&why))?;
                return Ok(Err(Exit::NotRecorded));
            }
        };
        let mut given = Vec::new();
        for path in &args.checkpoint {
            let named = !path.is_dir();
            match outside::all(path) {
                Ok(found) => given.extend(found.into_iter().map(|(path, signed)| Given {
                    path,
                    signed,
                    named,
                    used: false,
                })),
                Err(error) => return Ok(Err(unreadable(io, path, &error)?)),
            }
        }
        Ok(Ok(Self { given, keys }))
    }

    /// The checkpoints that are about a log. A file that is named is about the
    /// log that is verified; of many, each belongs to the host in its origin.
    fn about(&mut self, path: &Path, alone: bool, io: &LogIo<'_>) -> Vec<Claim> {
        let own = path == io.dir.join(lookup::file_name(io.host));
        let origin = own.then(|| origin(io.host));
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let mut claims = Vec::new();
        for given in &mut self.given {
            let theirs = &given.signed.checkpoint.origin;
            let host = theirs.split('/').next().unwrap_or_default();
            let fits = match &origin {
                Some(origin) => origin == theirs,
                None => lookup::file_name(host) == name,
            };
            if fits || (alone && given.named) {
                given.used = true;
                let source = Origin::File(show_path(&given.path));
                claims.push(Claim { source, signed: given.signed.clone() });
            }
        }
        claims
    }

    /// Checks one log and says what was found. `alone`: it is the only one.
    pub(super) fn check(
        &mut self,
        log: &Source,
        alone: bool,
        io: &mut LogIo<'_>,
    ) -> io::Result<Outcome> {
        let path = log.path();
        let folder = progress::folder(path);
        let mut claims = self.about(path, alone, io);
        let mut beside_is_damaged = false;
        match progress::latest(&folder) {
            Ok(latest) => {
                claims.extend(latest.map(|signed| Claim { source: Origin::Beside, signed }));
            }
            Err(error) => {
                beside_is_damaged = true;
                let text = format!("{}: {error}", show_path(&progress::latest_path(&folder)));
                writeln!(io.out, "  {}", io.palette.paint(Role::Danger, text))?;
            }
        }
        let beside;
        let keys = if self.keys.all().is_empty() {
            let key = folder.join(PUBLIC_KEY);
            beside = Keys::read(&[key.to_string_lossy().into_owned()]).unwrap_or_default();
            &beside
        } else {
            &self.keys
        };
        let found = match check(log, claims, keys.all()) {
            Ok(found) => found,
            Err(error) => {
                unreadable(io, path, &error)?;
                return Ok(Outcome::Unread);
            }
        };
        describe(&found, io)?;
        delivery(&Delivery::load(&folder), io)?;
        let fits = found.bad_count == 0 && !beside_is_damaged;
        Ok(if fits { Outcome::Fits } else { Outcome::Differs })
    }

    /// Checkpoints of logs that are not there: those that were named, or all of
    /// a folder. Whether there are any.
    pub(super) fn missing(&self, io: &mut LogIo<'_>) -> io::Result<bool> {
        let none = self.given.iter().all(|given| !given.used);
        let mut lost = self.given.iter().filter(|given| !given.used && (given.named || none));
        for given in lost.by_ref().take(NAMED) {
            let Signed { checkpoint, .. } = &given.signed;
            let text = format!(
                "{}: {} of {} were signed, and no log here is that one",
                show_path(&given.path),
                count(checkpoint.size, "line"),
                escape(&checkpoint.origin)
            );
            writeln!(io.out, "{}", io.palette.paint(Role::Danger, text))?;
        }
        Ok(none && !self.given.is_empty()
            || self.given.iter().any(|given| given.named && !given.used))
    }
}

/// Logs of the folder of which only the checkpoints are left.
pub(super) fn orphans(io: &mut LogIo<'_>) -> io::Result<bool> {
    let Ok(entries) = std::fs::read_dir(io.dir) else { return Ok(false) };
    let mut any = false;
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        let log = path.with_extension("jsonl");
        let left = path.extension().is_some_and(|extension| extension == "checkpoints");
        if !left || log.exists() || parts::closed(&log).is_ok_and(|closed| !closed.is_empty()) {
            continue;
        }
        if let Ok(Some(signed)) = progress::latest(&path) {
            any = true;
            let text = format!(
                "{} is gone; {} of it were signed",
                show_path(&log),
                count(signed.checkpoint.size, "line")
            );
            writeln!(io.out, "{}", io.palette.paint(Role::Danger, text))?;
        }
    }
    Ok(any)
}

fn describe(found: &Found, io: &mut LogIo<'_>) -> io::Result<()> {
    let good = found.own.max(u64::from(found.beside)) + found.outside;
    if good > 0 {
        let outside = match found.outside {
            0 => String::new(),
            some => format!(", {some} of them from elsewhere"),
        };
        writeln!(
            io.out,
            "  {} {}{outside}; the newest covers {} of {}",
            count(good, "checkpoint"),
            if good == 1 { "holds" } else { "hold" },
            found.newest,
            count(found.lines, "line")
        )?;
    }
    if found.gone > 0 {
        let what = count(found.gone, "checkpoint");
        writeln!(io.out, "  {what} of lines that were removed can no longer be checked")?;
    }
    let open = found.lines.saturating_sub(found.newest_outside);
    if found.outside > 0 && open > 0 {
        let what = count(open, "line");
        writeln!(io.out, "  no checkpoint from elsewhere covers the last {what}")?;
    }
    for fingerprint in &found.unvouched {
        writeln!(io.out, "  signed with {fingerprint}; give --key to say whose key that must be")?;
    }
    for (source, fault) in found.bad.iter().take(NAMED) {
        let source = match source {
            Origin::Record(seq) => format!("checkpoint of record {seq}"),
            Origin::Beside => "the newest checkpoint, beside the log".to_owned(),
            Origin::File(path) => format!("checkpoint {path}"),
        };
        let text = format!("{source}: {}", explain(fault));
        writeln!(io.out, "  {}", io.palette.paint(Role::Danger, text))?;
    }
    match found.bad_count.checked_sub(NAMED as u64) {
        None | Some(0) => Ok(()),
        Some(rest) => writeln!(io.out, "  and {} more", count(rest, "checkpoint")),
    }
}

fn explain(fault: &Fault) -> String {
    match fault {
        Fault::Cut { wanted, found } => format!(
            "{} were signed and only {found} are left: the end was cut off",
            count(*wanted, "line")
        ),
        Fault::Changed { size, intact } => format!(
            "the lines up to {size} are not those that were signed: something in lines {} to {size} \
             was changed, or the log was written anew",
            intact + 1
        ),
        Fault::Signature(why) => format!("its signature does not hold: {}", escape(why)),
        Fault::Damaged => "it is damaged".to_owned(),
    }
}

/// What did not arrive where policy wants it.
fn delivery(delivery: &Delivery, io: &mut LogIo<'_>) -> io::Result<()> {
    if let Some(why) = &delivery.error {
        writeln!(io.out, "  not signed the last time: {}", escape(why))?;
    }
    for place in &delivery.places {
        if let Some(failed) = &place.failed {
            writeln!(
                io.out,
                "  not sent to {} at {}: {}",
                escape(&place.to),
                escape(&failed.at),
                escape(&failed.why)
            )?;
        }
    }
    Ok(())
}
