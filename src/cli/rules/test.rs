//! `guard rules test`: are the examples of the rules judged as they say, and how
//! right is guard about labelled commands?

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

use super::{Surroundings, all_pages, scoring, shown};
use crate::config::rules_d;
use crate::exit::Exit;
use crate::model::ActorKind;
use crate::rules::{LoadedFile, RuleSet, compile::Page};
use crate::text::{Escaped, Palette, Role, escape, words};

/// The end of the help.
pub(super) const HELP: &str = "\
Examples:
  guard rules test
  guard rules test ./envctl.yaml
  guard rules test --corpus labelled.tsv --misses wrong.tsv
  guard rules test ./envctl.yaml --corpus a.tsv --corpus b.txt --min-recall 0.97

A corpus is a file of commands. In FILE.tsv each line has id, command, label and
source, tabs between; the label is dangerous (or block), safe (or allow), or
review (or ask). Any other file has one command a line and no labels. Backslash,
newline, carriage return and tab are written \\\\ \\n \\r \\t.
A dangerous command counts as found, and a safe or unlabelled one as interrupted,
when somebody would be asked or it would be refused.

Exit codes: 0 all as they say; 1 an example is not judged as it says, or the
total misses --min-recall or --max-interruptions; 78 a file is broken; 74 the
file of misses could not be written.
The commands are only judged; nothing is run.";

/// `guard rules test`.
#[derive(Debug, Args)]
pub struct TestArgs {
    /// Rule files that are tested beside the rules in force.
    #[arg(value_hint = ValueHint::FilePath)]
    pub files: Vec<PathBuf>,

    /// Score the commands of this file instead of the examples; may be given
    /// several times.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub corpus: Vec<PathBuf>,

    /// Write every command that is judged wrongly to this file, as a table.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "corpus")]
    pub misses: Option<PathBuf>,

    /// Fail when less than this part of the dangerous commands is found (0 to 1).
    #[arg(long, value_name = "X", value_parser = fraction, requires = "corpus")]
    pub min_recall: Option<f64>,

    /// Fail when more than this part of the safe commands is interrupted (0 to 1).
    #[arg(long, value_name = "Y", value_parser = fraction, requires = "corpus")]
    pub max_interruptions: Option<f64>,

    /// Who types the commands.
    #[arg(long, value_enum, default_value = "agent", requires = "corpus")]
    pub actor: Typist,
}

/// Who types the commands of a corpus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Typist {
    /// An AI agent
    Agent,
    /// A person at a terminal
    Human,
}

fn fraction(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number| (0.0..=1.0).contains(number));
    number.ok_or_else(|| "a number from 0 to 1 is wanted".to_owned())
}

/// Judges every example, or every command of a corpus. Nothing is run.
pub(super) fn run(
    mut added: Vec<LoadedFile>,
    args: &TestArgs,
    world: Surroundings<'_>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<Exit> {
    for path in &args.files {
        match rules_d::load_any(path, world.hooks) {
            Ok(file) => added.push(file),
            Err(error) => {
                writeln!(err, "{}", shown(&error, world.palette))?;
                return Ok(Exit::Config);
            }
        }
    }
    if !args.corpus.is_empty() {
        let mut rules = RuleSet::builtin();
        added.into_iter().for_each(|file| rules.add(file));
        return scoring::run(args, &rules, world, out, err);
    }
    let pages = all_pages(&added);
    let mut rules = RuleSet::builtin();
    for file in added {
        rules.add(file);
    }
    let mut failed = 0;
    let mut examples = 0;
    for page in &pages {
        examples += page.rule.examples.matches.len() + page.rule.examples.pass.len();
        failed += check(page, &rules, world, out)?;
    }
    let rules = words::count(pages.len() as u64, "rule");
    let examples = words::count(examples as u64, "example");
    if failed == 0 {
        writeln!(out, "{examples} of {rules}: all are judged as they say.")?;
        return Ok(Exit::Ok);
    }
    writeln!(out, "{failed} of {examples} ({rules}) are not judged as they say.")?;
    Ok(Exit::Failed)
}

/// Judges the examples of one rule; gives the number of failures.
fn check(
    page: &Page,
    rules: &RuleSet,
    world: Surroundings<'_>,
    out: &mut dyn Write,
) -> io::Result<u64> {
    let mut failed = 0;
    let id = &page.rule.id;
    let lists = [(true, &page.rule.examples.matches), (false, &page.rule.examples.pass)];
    for (should, list) in lists {
        for example in list {
            let verdict = (world.judge)(example, rules, ActorKind::Agent);
            let found: Vec<String> =
                verdict.findings.into_iter().map(|finding| finding.effect.rule).collect();
            if found.contains(id) != should {
                report(page, example, should, &found, world.palette, out)?;
                failed += 1;
            }
        }
    }
    Ok(failed)
}

fn report(
    page: &Page,
    example: &str,
    should: bool,
    found: &[String],
    palette: Palette,
    out: &mut dyn Write,
) -> io::Result<()> {
    let title = palette.paint(Role::Danger, Escaped(&page.rule.id));
    writeln!(out, "{title} ({})", Escaped(&page.source))?;
    writeln!(out, "  $ {}", Escaped(example))?;
    let others: Vec<String> =
        found.iter().filter(|id| **id != page.rule.id).map(|id| escape(id)).collect();
    let others = match others.as_slice() {
        [] => "no other rule does".to_owned(),
        some => {
            format!("{} {}", words::and_list(some), if some.len() == 1 { "does" } else { "do" })
        }
    };
    let what = if should { "should match and does not" } else { "should not match and does" };
    writeln!(out, "  {what}; {others}\n")
}
