//! `guard log follow`: what happens, as it happens.

use std::io;
use std::time::Duration;

use clap::Args;

use super::tail::{Read, Tail, is_unread};
use super::{LogIo, parse_tiers, unreadable};
use crate::audit::export::{Event, Memory};
use crate::audit::lookup;
use crate::exit::Exit;
use crate::model::Tier;
use crate::text::{Role, escape};

/// How often the log is looked at.
const POLL: Duration = Duration::from_millis(300);

/// `guard log follow`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  guard log follow                         until Ctrl-C
  guard log follow --tier confirm+         only what somebody has to be asked about
  guard log follow --json | jq .kind       the records themselves")]
pub struct FollowArgs {
    /// Only commands of this tier; with `+` also the stricter ones.
    #[arg(long, value_name = "TIER", value_parser = parse_tiers)]
    pub tier: Option<(Tier, Tier)>,

    /// The lines of the log as they are.
    #[arg(long)]
    pub json: bool,
}

pub(super) fn run(args: &FollowArgs, io: &mut LogIo<'_>) -> io::Result<Exit> {
    let mut logs: Vec<(Tail, Memory)> = Vec::new();
    let mut first = true;
    loop {
        let files = match lookup::files(io.dir) {
            Ok(files) => files,
            Err(error) => return unreadable(io, io.dir, &error),
        };
        for path in files {
            if !logs.iter().any(|(tail, _)| tail.path == path) {
                logs.push((Tail::new(path), Memory::default()));
            }
        }
        for (tail, memory) in &mut logs {
            let path = tail.path.clone();
            let read = tail.read(&mut |line| match memory.read(line.bytes, String::new()) {
                // What was there before is only remembered.
                Some(event) if !first => show(&event, args, io),
                _ => Ok(()),
            });
            match read {
                Ok(Read::All) => {}
                Ok(Read::Replaced) => {
                    writeln!(io.err, "guard: {} was cut or replaced", super::show_path(&path))?;
                    (*tail, *memory) = (Tail::new(path), Memory::default());
                }
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Err(error),
                Err(error) => return unreadable(io, &path, &error),
            }
        }
        io.out.flush()?;
        if first {
            writeln!(
                io.err,
                "guard: waiting for records in {}; Ctrl-C ends",
                super::show_path(io.dir)
            )?;
        }
        io.err.flush()?;
        first = false;
        if is_unread() {
            return Ok(Exit::Ok);
        }
        std::thread::sleep(POLL);
    }
}

fn show(event: &Event<'_>, args: &FollowArgs, io: &mut LogIo<'_>) -> io::Result<()> {
    let tier = Tier::ALL.get(usize::from(event.level())).copied().unwrap_or_default();
    if args.tier.is_some_and(|(mildest, strictest)| tier < mildest || tier > strictest) {
        return Ok(());
    }
    if args.json {
        return writeln!(io.out, "{}", event.raw);
    }
    let role = match tier {
        Tier::Allow | Tier::Notify => Role::Dim,
        Tier::Confirm => Role::Warn,
        _ => Role::Danger,
    };
    let time: String = event.stamp.chars().skip(11).take(8).collect();
    let line = format!(
        "{time}  {:13} {:3} {:9} {:20} {}",
        event.kind,
        tier.short(),
        event.decision(),
        escape(&event.who()),
        escape(event.command())
    );
    let line: String = match io.columns {
        Some(columns) => line.chars().take(columns).collect(),
        None => line,
    };
    writeln!(io.out, "{}", io.palette.paint(role, line))
}
