//! `guard rules test`: are the examples of the rules judged as they say?

use std::io::{self, Write};
use std::path::PathBuf;

use super::{Surroundings, all_pages, shown};
use crate::config::rules_d;
use crate::exit::Exit;
use crate::rules::{LoadedFile, RuleSet, compile::Page};
use crate::text::{Escaped, Palette, Role, escape, words};

/// Judges every example. Nothing is run.
pub(super) fn run(
    mut added: Vec<LoadedFile>,
    files: &[PathBuf],
    world: Surroundings<'_>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<Exit> {
    for path in files {
        match rules_d::load_any(path, world.hooks) {
            Ok(file) => added.push(file),
            Err(error) => {
                writeln!(err, "{}", shown(&error, world.palette))?;
                return Ok(Exit::Config);
            }
        }
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
            let found = (world.judge)(example, rules);
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
