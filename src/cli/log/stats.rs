//! `guard log stats`: how a team works with guard.

mod html;

use std::io;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{LogIo, Since, unreadable};
use crate::audit::export::Memory;
use crate::audit::lookup;
use crate::audit::parts::Source;
use crate::audit::reader::Lines;
use crate::audit::stats::{By, Counter, Counts, Stats};
use crate::exit::Exit;
use crate::text::{Role, escape};

/// Most rules that are listed.
const RULES: usize = 10;
/// Cells of the longest bar.
const BAR: u64 = 24;

/// `guard log stats`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  guard log stats                          the last four weeks, by week
  guard log stats --by agent --since 7d    what each agent asked for
  guard log stats --by rule                which rules ask, and whether in vain
  guard log stats --by way                 hooks, shims, shells, MCP, or `guard --`
  guard log stats --json | jq .people      adoption: known, and active in the last week
  guard log stats --html team.html         one page with charts, to open or print

`asked` needed somebody (T2 and above); `approved` and `denied` are answers of
people, `refused` is guard's own no. `quick` was approved within two seconds:
nobody reads that fast. Times are how long an answer took. Only commands that
went through guard are counted; `guard log reconcile` finds others. One that a
hook saw and then had guard run is one, by the way of the hook.")]
pub struct StatsArgs {
    /// Since then: 90s, 30m, 2h, 7d, 2w ago, or a date or time (UTC). Without it
    /// four weeks.
    #[arg(long, value_name = "WHEN", value_parser = Since::parse)]
    pub since: Option<Since>,

    /// One line for each of these.
    #[arg(long, value_name = "WHAT", default_value = "week")]
    pub by: ByArg,

    /// As JSON.
    #[arg(long, conflicts_with_all = ["csv", "html"])]
    pub json: bool,

    /// As CSV (RFC 4180).
    #[arg(long, conflicts_with = "html")]
    pub csv: bool,

    /// Write a page with charts to this file.
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub html: Option<PathBuf>,
}

/// Values of `--by`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ByArg {
    /// Days, UTC.
    Day,
    /// Weeks from Monday, UTC.
    Week,
    /// Agents.
    Agent,
    /// Login names and hosts.
    Person,
    /// Working directories.
    Repository,
    /// The rule that decided.
    Rule,
    /// Ways by which commands came to guard.
    Way,
}

impl From<ByArg> for By {
    fn from(by: ByArg) -> Self {
        match by {
            ByArg::Day => Self::Day,
            ByArg::Week => Self::Week,
            ByArg::Agent => Self::Agent,
            ByArg::Person => Self::Person,
            ByArg::Repository => Self::Repository,
            ByArg::Rule => Self::Rule,
            ByArg::Way => Self::Way,
        }
    }
}

pub(super) fn run(args: &StatsArgs, io: &mut LogIo<'_>) -> io::Result<Exit> {
    let files = match lookup::files(io.dir) {
        Ok(files) => files,
        Err(error) => return unreadable(io, io.dir, &error),
    };
    let since = args.since.map_or_else(|| io.now.before(28 * 86_400_000), |when| when.from(io.now));
    let mut counter = Counter::new(args.by.into(), Some(since), io.now);
    for path in &files {
        if let Err(error) = read(path, &mut counter) {
            return unreadable(io, path, &error);
        }
    }
    let stats = counter.done();
    if let Some(path) = &args.html {
        let page = html::render(&stats, since, io);
        if let Err(error) = super::report::write(path, page.as_bytes()) {
            return unreadable(io, path, &error);
        }
        writeln!(io.err, "guard: written to {}", escape(&path.to_string_lossy()))?;
    } else if args.json {
        writeln!(io.out, "{}", serde_json::to_string_pretty(&stats)?)?;
    } else if args.csv {
        csv(&stats, io)?;
    } else {
        table(&stats, args.by, io)?;
    }
    Ok(Exit::Ok)
}

fn read(path: &std::path::Path, counter: &mut Counter) -> io::Result<()> {
    let mut memory = Memory::default();
    let log = Source::open(path)?;
    let mut lines = Lines::new(log.reader());
    while let Some(line) = lines.next_line()? {
        // The hash is for exports only.
        if let Some(event) = memory.read(line.bytes, String::new()) {
            counter.add(&event);
        }
    }
    Ok(())
}

/// Milliseconds in the unit that suits.
fn time(millis: Option<i64>) -> String {
    match millis {
        None => "-".into(),
        Some(ms) if ms < 10_000 => format!("{}.{} s", ms / 1000, ms % 1000 / 100),
        Some(ms) if ms < 600_000 => format!("{} s", ms / 1000),
        Some(ms) if ms < 36_000_000 => format!("{} min", ms / 60_000),
        Some(ms) => format!("{} h", ms / 3_600_000),
    }
}

const COLUMNS: [&str; 9] =
    ["seen", "asked", "approved", "quick", "denied", "refused", "cancelled", "median", "p90"];

fn cells(counts: &Counts) -> [String; 9] {
    [
        counts.seen.to_string(),
        counts.asked.to_string(),
        counts.approved.to_string(),
        counts.quick.to_string(),
        counts.denied.to_string(),
        counts.refused.to_string(),
        counts.cancelled.to_string(),
        time(counts.median_ms),
        time(counts.p90_ms),
    ]
}

/// A bar of eighths of a cell.
fn bar(n: u64, most: u64) -> String {
    const PARTS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = (n * BAR * 8).checked_div(most).unwrap_or(0);
    let eighths = if n > 0 { eighths.max(1) } else { 0 };
    let whole = usize::try_from(eighths / 8).unwrap_or(0);
    let part = usize::try_from(eighths % 8).unwrap_or(0);
    format!("{}{}", "█".repeat(whole), PARTS.get(part).copied().unwrap_or_default())
}

fn table(stats: &Stats, by: ByArg, io: &mut LogIo<'_>) -> io::Result<()> {
    if stats.total.seen == 0 {
        return writeln!(io.err, "Nothing is recorded in that time.");
    }
    let name = by.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
    let rows: Vec<(String, [String; 9], u64)> = stats
        .groups
        .iter()
        .map(|(group, counts)| (escape(group), cells(counts), counts.seen))
        .chain([("all".to_owned(), cells(&stats.total), 0)])
        .collect();
    let room = io.columns.unwrap_or(120);
    let widths: Vec<usize> = COLUMNS
        .iter()
        .enumerate()
        .map(|(n, title)| {
            let cells = rows.iter().filter_map(|(_, row, _)| row.get(n));
            cells.map(String::len).chain([title.len()]).max().unwrap_or_default()
        })
        .collect();
    let numbers: usize = widths.iter().map(|width| width + 2).sum();
    let longest = rows.iter().map(|(group, ..)| group.chars().count()).max().unwrap_or(4);
    let first = longest.max(name.len()).min(room.saturating_sub(numbers).max(10));
    let with_bar = room >= first + numbers + 12;
    let mut head = format!("{name:first$}");
    for (title, width) in COLUMNS.iter().zip(&widths) {
        head += &format!("  {title:>width$}");
    }
    writeln!(io.out, "{}", io.palette.paint(Role::Strong, head))?;
    let most = stats.groups.values().map(|counts| counts.seen).max().unwrap_or(1);
    for (group, row, seen) in rows {
        let group: String = group.chars().take(first).collect();
        let mut line = format!("{group:first$}");
        for (cell, width) in row.iter().zip(&widths) {
            line += &format!("  {cell:>width$}");
        }
        if with_bar && seen > 0 {
            let left = room - first - numbers - 2;
            line += &format!("  {}", bar(seen, most).chars().take(left).collect::<String>());
        }
        writeln!(io.out, "{line}")?;
    }
    below(stats, io)
}

/// What the numbers mean for the team.
fn below(stats: &Stats, io: &mut LogIo<'_>) -> io::Result<()> {
    let busiest = stats.busiest(RULES);
    if !busiest.is_empty() {
        writeln!(io.out, "\n{}", io.palette.paint(Role::Strong, "rules that ask most"))?;
        for (rule, counts) in busiest {
            writeln!(io.out, "  {:>6}  {}", counts.asked, escape(rule))?;
        }
    }
    let needless = stats.needless();
    if !needless.is_empty() {
        writeln!(io.out, "\n{}", io.palette.paint(Role::Strong, "questions that may be needless"))?;
        for (rule, counts) in needless {
            writeln!(
                io.out,
                "  {}: approved {}, of these {} within two seconds, denied {}",
                escape(rule),
                counts.approved,
                counts.quick,
                counts.denied
            )?;
        }
    }
    writeln!(io.out)?;
    for line in facts(stats) {
        writeln!(io.out, "{line}")?;
    }
    Ok(())
}

/// What people call the way of this name.
fn way_in_words(name: &str) -> &str {
    match name {
        "hook" => "hooks",
        "shim" => "shims",
        "shell" => "guard as shell",
        "direct" => "`guard --`",
        "unknown" => "not noted",
        other => other,
    }
}

fn facts(stats: &Stats) -> Vec<String> {
    let share = |part: u64, all: u64| {
        (part * 100).checked_div(all).map_or_else(|| "0".to_owned(), |share| share.to_string())
    };
    let ways = stats.total.ways.all().into_iter().filter(|(name, n)| *n > 0 || *name != "unknown");
    let ways: Vec<String> = ways
        .map(|(name, n)| format!("{} {n} ({} %)", way_in_words(name), share(n, stats.total.seen)))
        .collect();
    let mut out = vec![
        format!(
            "used guard in the last week: {} of {} people ({} %), {} of {} agents ({} %)",
            stats.people.last_week,
            stats.people.known,
            stats.people.share,
            stats.agents.last_week,
            stats.agents.known,
            stats.agents.share
        ),
        format!("by way: {}", ways.join(", ")),
        format!("break-glass: {}", stats.total.break_glass),
    ];
    if stats.total.said > 0 {
        out.push(format!(
            "of commands left to them, agents said how {} ended: {} without success",
            stats.total.said, stats.total.said_failed
        ));
    }
    if stats.other > 0 {
        out.push(format!("{} more commands belong to groups that did not fit", stats.other));
    }
    out
}

fn csv(stats: &Stats, io: &mut LogIo<'_>) -> io::Result<()> {
    writeln!(
        io.out,
        "group,seen,by_hook,by_shim,by_shell,by_mcp,by_direct,by_unknown,asked,approved,quick,denied,\
         refused,cancelled,break_glass,median_ms,p90_ms,said,said_failed"
    )?;
    for (group, c) in &stats.groups {
        let time = |ms: Option<i64>| ms.map(|ms| ms.to_string()).unwrap_or_default();
        let group = crate::audit::export::csv_field(group);
        let ways = c.ways.all().map(|(_, n)| n.to_string());
        writeln!(
            io.out,
            "{group},{},{},{},{},{},{},{},{},{},{},{},{},{}",
            c.seen,
            ways.join(","),
            c.asked,
            c.approved,
            c.quick,
            c.denied,
            c.refused,
            c.cancelled,
            c.break_glass,
            time(c.median_ms),
            time(c.p90_ms),
            c.said,
            c.said_failed
        )?;
    }
    Ok(())
}
