//! `guard rules test --corpus`: scores files of commands.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::corpus::{self, Label, Row};
use super::score::{Tally, wrong};
use super::test::{TestArgs, Typist};
use super::{Surroundings, score};
use crate::cli::meter::Meter;
use crate::cli::render;
use crate::exit::Exit;
use crate::model::{ActorKind, Tier};
use crate::rules::RuleSet;
use crate::text::{Escaped, words};

/// Wrong answers that are listed without `--misses`.
const LISTED: usize = 20;
/// Characters of a command in that list.
const SHOWN: usize = 160;

/// An answer that is not what the label says.
struct Miss {
    kind: &'static str,
    file: String,
    row: Row,
    tier: Tier,
    note: String,
}

/// Judges all commands of all files and tells how right that was.
pub(super) fn run(
    args: &TestArgs,
    rules: &RuleSet,
    world: Surroundings<'_>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<Exit> {
    let mut files = Vec::new();
    for path in &args.corpus {
        match corpus::read(path) {
            Ok(rows) => files.push((path, rows)),
            Err(why) => {
                let why = crate::text::escape(&why);
                writeln!(err, "{} {why}", Escaped(&path.to_string_lossy()))?;
                return Ok(Exit::Config);
            }
        }
    }
    let actor = match args.actor {
        Typist::Agent => ActorKind::Agent,
        Typist::Human => ActorKind::Human,
    };
    let all: usize = files.iter().map(|(_, rows)| rows.len()).sum();
    let mut meter = Meter::new("judging", world.progress);
    let (mut total, mut misses, mut done) = (Tally::default(), Vec::new(), 0);
    for (path, rows) in files {
        let file = path.to_string_lossy().into_owned();
        let mut tally = Tally::default();
        for row in rows {
            let verdict = (world.judge)(&row.command, rules, actor);
            tally.add(row.label, verdict.tier);
            if let Some(kind) = wrong(row.label, verdict.tier) {
                let note = render::reasons(&verdict).join("; ");
                misses.push(Miss { kind, file: file.clone(), row, tier: verdict.tier, note });
            }
            done += 1;
            meter.tell(err, &format_args!("{done} of {all} commands"));
        }
        meter.clear(err);
        total.merge(&tally);
        section(&Escaped(&file).to_string(), &tally, out)?;
    }
    section("TOTAL", &total, out)?;
    finish(args, &total, &misses, out, err)
}

fn section(title: &str, tally: &Tally, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{title}")?;
    for line in tally.lines() {
        writeln!(out, "  {line}")?;
    }
    Ok(())
}

/// Lists what was wrong, and says whether it was too much.
fn finish(
    args: &TestArgs,
    total: &score::Tally,
    misses: &[Miss],
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<Exit> {
    match &args.misses {
        Some(path) => {
            if let Err(error) = save(path, misses) {
                let path = path.to_string_lossy();
                writeln!(err, "{} cannot be written: {error}.", Escaped(&path))?;
                return Ok(Exit::NotRecorded);
            }
        }
        None => list(misses, out)?,
    }
    let mut exit = Exit::Ok;
    if let Some(least) = args.min_recall
        && total.recall().is_none_or(|recall| recall < least)
    {
        writeln!(out, "SHORT: recall is below {least:?}")?;
        exit = Exit::Failed;
    }
    if let Some(most) = args.max_interruptions
        && total.interruptions().is_some_and(|rate| rate > most)
    {
        writeln!(out, "SHORT: interruption rate is above {most:?}")?;
        exit = Exit::Failed;
    }
    Ok(exit)
}

/// The first wrong answers, for a reader.
fn list(misses: &[Miss], out: &mut dyn Write) -> io::Result<()> {
    if misses.is_empty() {
        return Ok(());
    }
    writeln!(out, "MISSES")?;
    for Miss { kind, row, tier, .. } in misses.iter().take(LISTED) {
        let command = corpus::encode(&row.command);
        let cut: String = command.chars().take(SHOWN).collect();
        let dots = if cut.len() < command.len() { ".." } else { "" };
        let (id, tier) = (Escaped(&row.id), tier.name());
        writeln!(out, "  {kind} {id} ({tier}): {}{dots}", Escaped(&cut))?;
    }
    let more = misses.len().saturating_sub(LISTED);
    if more > 0 {
        let more = words::count(more as u64, "more miss");
        writeln!(out, "  and {more}; `--misses FILE` writes all of them")?;
    }
    Ok(())
}

/// Writes all wrong answers as a table.
fn save(path: &Path, misses: &[Miss]) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(file, "kind\tfile\tid\tlabel\ttier\tcommand\tnote")?;
    for Miss { kind, file: source, row, tier, note } in misses {
        let label = row.label.map_or("-", Label::name);
        let (source, command) = (corpus::encode(source), corpus::encode(&row.command));
        let (tier, note) = (tier.name(), corpus::encode(note));
        writeln!(file, "{kind}\t{source}\t{}\t{label}\t{tier}\t{command}\t{note}", row.id)?;
    }
    file.flush()
}
