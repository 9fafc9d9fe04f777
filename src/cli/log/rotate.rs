//! `guard log rotate`: compresses the files of earlier days, and removes those
//! that policy no longer keeps.

use std::io;

use clap::Args;

use super::{LogIo, show_path};
use crate::app::rotate::{Did, Plan, Rotation};
use crate::exit::Exit;

/// `guard log rotate`.
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = "\
Examples:
  guard log rotate --dry-run               what would be done
  guard log rotate --quiet                 only say what failed, as for a timer

The log has one file a day; the first record of a day closes that of an earlier one.
This compresses closed files (gzip) once they are 7 days old, or as old as
`log: {compress-after: 30d}` of /etc/guard/policy.yaml or ~/.config/guard/policy.yaml says.
With `log: {keep: 400d}` it removes what is older than that, one file after the other:
first everything is signed, then a record names the file, then it goes. Without
`keep` nothing is ever removed. All of `guard log` reads compressed files too.

Exit codes: 0 done or nothing to do, 74 not done, 78 policy is broken.")]
pub struct RotateArgs {
    /// Only say what would be done.
    #[arg(long)]
    pub dry_run: bool,

    /// Say nothing about what went well.
    #[arg(short, long)]
    pub quiet: bool,
}

pub(super) fn run(args: &RotateArgs, io: &mut LogIo<'_>) -> io::Result<Exit> {
    let rotation = match Rotation::open() {
        Ok(Some(rotation)) => rotation,
        Ok(None) => return Ok(Exit::NotRecorded),
        Err(error) => {
            writeln!(io.err, "guard: {error}")?;
            return Ok(Exit::Config);
        }
    };
    if args.dry_run {
        return match rotation.plan(io.now) {
            Ok(plan) => would(&plan, io),
            Err(error) => {
                writeln!(io.err, "guard: {error}")?;
                Ok(Exit::NotRecorded)
            }
        };
    }
    let mut all = Vec::new();
    let done = rotation.run(io.now, &mut |did| all.push(did));
    if !args.quiet {
        for did in &all {
            match did {
                Did::Closed => writeln!(io.out, "closed the file of an earlier day")?,
                Did::Removed(path) => writeln!(io.out, "removed {}", show_path(path))?,
                Did::Packed(path, (before, after)) => {
                    writeln!(io.out, "compressed {}: {before} bytes to {after}", show_path(path))?
                }
            }
        }
        if all.is_empty() && done.is_ok() {
            writeln!(io.out, "Nothing to do.")?;
        }
    }
    if let Err(error) = done {
        io.out.flush()?;
        writeln!(io.err, "guard: {error}")?;
        return Ok(Exit::NotRecorded);
    }
    Ok(Exit::Ok)
}

fn would(plan: &Plan, io: &mut LogIo<'_>) -> io::Result<Exit> {
    for part in &plan.remove {
        writeln!(io.out, "would remove {}", show_path(&part.path))?;
    }
    for part in &plan.pack {
        writeln!(io.out, "would compress {}", show_path(&part.path))?;
    }
    if plan.remove.is_empty() && plan.pack.is_empty() {
        writeln!(io.out, "Nothing to do.")?;
    }
    Ok(Exit::Ok)
}
