//! The table of `guard log show`: one line a command.

use std::borrow::Cow;
use std::io::{self, Write};

use crate::audit::history::{Outcome, Run};
use crate::audit::said::Said;
use crate::model::{ActorKind, Tier};
use crate::text::width::{fits, pad, split, width};
use crate::text::{Palette, Role, escape};

/// The command column is never narrower, even if lines then wrap.
const MIN_COMMAND: usize = 20;
/// Names of agents and users longer than this are cut.
const MAX_WHO: usize = 16;

const TITLES: [&str; 6] = ["TIME (UTC)", "WHO", "TIER", "OUTCOME", "TOOK", "COMMAND"];

/// Writes the table; says whether a command was cut.
pub(super) fn write(
    out: &mut dyn Write,
    runs: &[&Run],
    palette: Palette,
    columns: Option<usize>,
) -> io::Result<bool> {
    let rows: Vec<Row> = runs.iter().map(|run| Row::new(run)).collect();
    let mut widths = TITLES.map(width);
    for row in &rows {
        for (max, cell) in widths.iter_mut().zip(row.cells()) {
            *max = (*max).max(width(&cell.0));
        }
    }
    let [time, who, tier, outcome, took, _] = widths;
    let left = time + who + tier + outcome + took + 10;
    let room = columns.map(|columns| columns.saturating_sub(left).max(MIN_COMMAND));
    let titles: Vec<String> = TITLES.iter().zip(widths).map(|(t, w)| pad(t, w)).collect();
    writeln!(out, "{}", palette.paint(Role::Dim, titles.join("  ").trim_end()))?;
    let mut any_cut = false;
    for row in &rows {
        for (at, ((text, role), width)) in row.cells().into_iter().zip(widths).enumerate() {
            if at > 0 {
                out.write_all(b"  ")?;
            }
            match (at, room) {
                (5, Some(room)) if !fits(&text, room) => {
                    any_cut = true;
                    let (head, _) = split(&text, room.saturating_sub(1));
                    write!(out, "{}{}", head, palette.paint(Role::Warn, "…"))?;
                }
                (5, _) => out.write_all(text.as_bytes())?,
                // Numbers end at the same column.
                (4, _) => {
                    write!(out, "{}{text}", " ".repeat(width.saturating_sub(self::width(&text))))?
                }
                _ => write!(out, "{}", palette.paint(role, pad(&text, width)))?,
            }
        }
        out.write_all(b"\n")?;
    }
    Ok(any_cut)
}

struct Row {
    time: String,
    who: String,
    tier: (String, Role),
    outcome: (String, Role),
    took: String,
    command: String,
}

impl Row {
    fn new(run: &Run) -> Self {
        let tier = run.tier.map_or_else(|| "?".to_owned(), |tier| tier.name().to_owned());
        Self {
            time: run.time.map_or_else(
                || "?".to_owned(),
                |time| time.short().trim_end_matches('Z').to_owned(),
            ),
            who: who(run),
            tier: (tier, tier_role(run.tier)),
            outcome: outcome(&run.outcome),
            took: took(run),
            command: command(run),
        }
    }

    fn cells(&self) -> [(Cow<'_, str>, Role); 6] {
        [
            (Cow::Borrowed(&*self.time), Role::Dim),
            (Cow::Borrowed(&*self.who), Role::Plain),
            (Cow::Borrowed(&*self.tier.0), self.tier.1),
            (Cow::Borrowed(&*self.outcome.0), self.outcome.1),
            (Cow::Borrowed(&*self.took), Role::Plain),
            (Cow::Borrowed(&*self.command), Role::Plain),
        ]
    }
}

/// The agent's name, or the person's.
fn who(run: &Run) -> String {
    let kind = match run.actor {
        Some(ActorKind::Human) => run.user.as_deref().unwrap_or("human"),
        Some(ActorKind::Agent) => run.agent.as_deref().unwrap_or("agent"),
        Some(ActorKind::Ci) => run.agent.as_deref().unwrap_or("ci"),
        Some(ActorKind::Unattended) => "unattended",
        None => "?",
    };
    let kind = escape(kind);
    if fits(&kind, MAX_WHO) {
        return kind;
    }
    let (head, _) = split(&kind, MAX_WHO - 1);
    format!("{head}…")
}

/// How long it ran; what guard did not see the beginning and end of, at most so
/// long.
fn took(run: &Run) -> String {
    let said = match &run.outcome {
        Outcome::HandedOn { said } => said.as_ref(),
        _ => None,
    };
    match (run.duration_ms, said) {
        (Some(ms), _) => duration(ms),
        (None, Some(Said { duration_ms: Some(ms), .. })) => duration(*ms),
        (None, Some(Said { between_ms: Some(ms), .. })) => format!("≤{}", duration(*ms)),
        _ => String::new(),
    }
}

fn tier_role(tier: Option<Tier>) -> Role {
    match tier {
        Some(Tier::Allow | Tier::Notify) => Role::Dim,
        Some(Tier::Confirm | Tier::Challenge) => Role::Warn,
        Some(Tier::SecondHuman | Tier::Deny) => Role::Danger,
        None => Role::Plain,
    }
}

fn outcome(outcome: &Outcome) -> (String, Role) {
    match outcome {
        Outcome::Exit { exit: 0 } => ("exit 0".into(), Role::Good),
        Outcome::Exit { exit } => (format!("exit {exit}"), Role::Warn),
        Outcome::Signal { signal } => (signal_name(*signal), Role::Warn),
        Outcome::Failed { exit: 127, .. } => ("not found".into(), Role::Warn),
        Outcome::Failed { .. } => ("not started".into(), Role::Warn),
        Outcome::Refused => ("refused".into(), Role::Danger),
        Outcome::Declined => ("declined".into(), Role::Danger),
        Outcome::Cancelled => ("cancelled".into(), Role::Danger),
        Outcome::Asking => ("asking".into(), Role::Strong),
        Outcome::Pending => ("pending".into(), Role::Strong),
        Outcome::HandedOn { said: None } => ("handed on".into(), Role::Plain),
        Outcome::HandedOn { said: Some(said) } => (agents_word(said), Role::Plain),
        Outcome::NotRun => ("not run".into(), Role::Plain),
        Outcome::Running => ("running".into(), Role::Strong),
        Outcome::Lost => ("lost".into(), Role::Danger),
    }
}

/// What the agent says, never to be taken for what guard saw.
fn agents_word(said: &Said) -> String {
    match said {
        Said { exit: Some(code), .. } => format!("said: exit {code}"),
        Said { signal: Some(signal), .. } => format!("said: {}", signal_name(*signal)),
        Said { background: true, .. } => "said: running".into(),
        Said { interrupted: true, .. } => "said: broken off".into(),
        Said { failed: true, .. } => "said: failed".into(),
        _ => "said: ended".into(),
    }
}

fn signal_name(number: i64) -> String {
    i32::try_from(number)
        .ok()
        .and_then(|number| nix::sys::signal::Signal::try_from(number).ok())
        .map_or_else(|| format!("signal {number}"), |signal| signal.as_str().to_owned())
}

fn duration(millis: u64) -> String {
    match millis {
        0..1000 => format!("{millis}ms"),
        1000..60_000 => format!("{}.{}s", millis / 1000, millis % 1000 / 100),
        60_000..3_600_000 => format!("{}m{:02}s", millis / 60_000, millis / 1000 % 60),
        _ => format!("{}h{:02}m", millis / 3_600_000, millis / 60_000 % 60),
    }
}

/// The text, or the words quoted as a shell would need them; on one line.
fn command(run: &Run) -> String {
    match &run.text {
        Some(text) => escape(text),
        None => {
            let words: Vec<Cow<'_, str>> = run.argv.iter().map(|word| quote(word)).collect();
            escape(&words.join(" "))
        }
    }
}

fn quote(word: &str) -> Cow<'_, str> {
    let safe = |b: u8| b.is_ascii_alphanumeric() || b"%+,-./:=@_[]{}^".contains(&b) || b >= 0x80;
    if !word.is_empty() && word.bytes().all(safe) {
        return Cow::Borrowed(word);
    }
    Cow::Owned(format!("'{}'", word.replace('\'', "'\\''")))
}
