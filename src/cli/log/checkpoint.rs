//! `guard log checkpoint`: signs the log as it is and sends the signature away.

use std::io;

use clap::Args;

use super::LogIo;
use crate::app::checkpoint::{Made, Signing};
use crate::exit::Exit;
use crate::text::words::count;
use crate::text::{Role, escape};

/// `guard log checkpoint`.
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = "\
Examples:
  guard log checkpoint                     sign this host's log and send it where policy says
  guard log checkpoint --quiet             only say what failed, as for cron

Signs how many lines the log has and the root of their tree, appends a record of
that, and sends it to the places that `checkpoints:` of /etc/guard/policy.yaml or
~/.config/guard/policy.yaml names. guard does so by itself after 256 records or 15
minutes, and at the end of every command that needed a second human.

Exit codes: 0 signed and sent, 1 a place did not take it, 74 not signed, 78 policy
is broken.")]
pub struct CheckpointArgs {
    /// Say nothing about what went well.
    #[arg(short, long)]
    pub quiet: bool,
}

pub(super) fn run(args: &CheckpointArgs, io: &mut LogIo<'_>) -> io::Result<Exit> {
    let signing = match Signing::open() {
        Ok(Some(signing)) => signing,
        Ok(None) => return Ok(Exit::NotRecorded),
        Err(error) => {
            writeln!(io.err, "guard: {error}")?;
            return Ok(Exit::Config);
        }
    };
    let (signed, fresh) = match signing.make() {
        Ok(Made::New(signed)) => (signed, true),
        Ok(Made::Same(signed)) => (signed, false),
        Ok(Made::Nothing) => {
            if !args.quiet {
                writeln!(io.err, "Nothing is recorded yet, so there is nothing to sign.")?;
            }
            return Ok(Exit::Ok);
        }
        Err(error) => {
            writeln!(io.err, "guard: {error}")?;
            return Ok(Exit::NotRecorded);
        }
    };
    let lines = count(signed.checkpoint.size, "line");
    if !args.quiet {
        let key = signed.named_key().map(|key| key.fingerprint()).unwrap_or_default();
        let word = if fresh { "Signed" } else { "Nothing new since the checkpoint of" };
        writeln!(io.out, "{word} {lines} as {}", escape(&signed.checkpoint.origin))?;
        writeln!(io.out, "  key {key}")?;
        if !signing.has_places() {
            writeln!(
                io.out,
                "  sent nowhere: policy names no place, so whoever can write the log can also sign it \
                 anew"
            )?;
        }
        io.out.flush()?;
    }
    let mut failed = false;
    for (to, result) in signing.send(&signed) {
        let to = escape(&to);
        match result {
            Ok(()) if args.quiet => {}
            Ok(()) => writeln!(io.out, "  sent to {to}")?,
            Err(why) => {
                failed = true;
                let text = format!("not sent to {to}: {}", escape(&why));
                writeln!(io.out, "  {}", io.palette.paint(Role::Danger, text))?;
            }
        }
    }
    signing.index();
    Ok(if failed { Exit::Failed } else { Exit::Ok })
}
