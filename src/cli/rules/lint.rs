//! `guard rules lint`: all the mistakes of rule files, and what an author should
//! look at.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};

use super::{Surroundings, shown};
use crate::config::{ConfigError, rules_d};
use crate::exit::Exit;
use crate::model::{ActorKind, ProblemKind};
use crate::rules::{
    LoadedFile, Origin, RuleErrors, RuleSet, builtin,
    lint::{self, Seen, Source},
};
use crate::text::{Escaped, words};

/// The end of the help.
pub(super) const HELP: &str = "\
Examples:
  guard rules lint
  guard rules lint ./envctl.yaml ./other.yaml
  guard rules lint --deny-warnings ./envctl.yaml

A mistake makes a file unusable. A warning is worth a look: a rule that another
one always covers, an example that is no command or has nothing to do with the
tool, an option that the tool does not have.

Exit codes: 0 no mistakes, 1 warnings and --deny-warnings, 78 mistakes.";

/// `guard rules lint`.
#[derive(Debug, Args)]
pub struct LintArgs {
    /// The files; without any, those of the system and the user.
    #[arg(value_hint = ValueHint::FilePath)]
    pub files: Vec<PathBuf>,

    /// Fail when there are warnings.
    #[arg(long)]
    pub deny_warnings: bool,
}

/// Checks the files given, or those of the system and the user.
pub(super) fn run(
    args: &LintArgs,
    world: Surroundings<'_>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<Exit> {
    let in_force = rules_d::find(world.config, None, world.hooks);
    if args.files.is_empty() {
        let paths = match in_force {
            Ok(found) => found.paths().to_vec(),
            Err(error) => {
                writeln!(err, "{}", shown(&error, world.palette))?;
                return Ok(Exit::Config);
            }
        };
        let files = words::count(paths.len() as u64, "file");
        let rules = words::count(builtin::ids().count() as u64, "built-in rule");
        writeln!(out, "{files} in rules.d beside {rules}: no mistakes.")?;
        let sources = paths.iter().filter_map(|path| source(path, world).ok());
        return warn(&sources.collect::<Vec<_>>(), args, world, err);
    }
    let mut sources = Vec::new();
    let mut errors = Vec::new();
    for path in &args.files {
        match source(path, world) {
            Ok(source) => sources.push(source),
            Err(ConfigError::Rules(RuleErrors(found))) => errors.extend(found),
            Err(error) => {
                writeln!(err, "{}", shown(&error, world.palette))?;
                return Ok(Exit::Config);
            }
        }
    }
    let others = in_force.map(|found| found.paths().to_vec()).unwrap_or_default();
    let others: Vec<Source> = others
        .iter()
        .filter(|path| !args.files.iter().any(|file| replaces(file, path)))
        .filter_map(|path| source(path, world).ok())
        .collect();
    // A built-in file has the ids that are built in.
    let taken = |id: &str| {
        let builtin = builtin::page(id)
            .is_some_and(|page| !sources.iter().any(|s| s.name.ends_with(&page.source)));
        let has = |other: &&Source| other.file.rules.iter().any(|rule| rule.id == id);
        let other = || others.iter().find(has).map(|other| other.name.clone());
        builtin.then(|| builtin::owner(id)).flatten().or_else(other)
    };
    errors.extend(lint::across(&sources, true, &taken));
    for source in &sources {
        let clean = !errors.iter().any(|error| error.file() == Escaped(&source.name).to_string());
        if clean {
            let rules = words::count(source.file.rules.len() as u64, "rule");
            writeln!(out, "{}: {rules}, no mistakes.", Escaped(&source.name))?;
        }
    }
    let exit = warn(&sources, args, world, err)?;
    if errors.is_empty() {
        return Ok(exit);
    }
    let count = words::count(errors.len() as u64, "mistake");
    writeln!(err, "{}\n{count}.", RuleErrors(errors).render(world.palette.on))?;
    Ok(Exit::Config)
}

/// A file with its text.
fn source(path: &Path, world: Surroundings<'_>) -> Result<Source, ConfigError> {
    let name = path.to_string_lossy().into_owned();
    let text = rules_d::read_text(path, false)?;
    let file = lint::check(&name, &text, world.hooks)?;
    Ok(Source { name, text, file })
}

/// Whether a file is one in force, or by its name will take the place of it.
fn replaces(file: &Path, in_force: &Path) -> bool {
    let same = |file: PathBuf| fs::canonicalize(in_force).ok() == Some(file);
    file.file_name() == in_force.file_name() || fs::canonicalize(file).is_ok_and(same)
}

/// Shows what an author should look at.
fn warn(
    sources: &[Source],
    args: &LintArgs,
    world: Surroundings<'_>,
    err: &mut dyn Write,
) -> io::Result<Exit> {
    let mut rules = RuleSet::builtin();
    for source in sources {
        // A built-in file may have changed since it was built in; what is found
        // twice does no harm here.
        rules.add(LoadedFile::new(source.file.clone(), Origin::File(source.name.clone())));
    }
    let look = |text: &str| look(text, &rules, world);
    let found: Vec<_> = sources.iter().flat_map(|source| lint::advise(source, &look)).collect();
    if found.is_empty() {
        return Ok(Exit::Ok);
    }
    let count = words::count(found.len() as u64, "warning");
    writeln!(err, "{}\n{count}.", RuleErrors(found).render(world.palette.on))?;
    Ok(if args.deny_warnings { Exit::Failed } else { Exit::Ok })
}

/// What guard makes of an example.
fn look(text: &str, rules: &RuleSet, world: Surroundings<'_>) -> Seen {
    let verdict = (world.judge)(text, rules, ActorKind::Agent);
    let programs = verdict.invocations.iter().filter_map(|inv| inv.program.clone()).collect();
    let readable = !verdict.problems.iter().any(|p| p.kind == ProblemKind::Syntax);
    let found = verdict.findings.into_iter().map(|finding| (finding.effect.rule, finding.tier));
    Seen { programs, rules: found.collect(), readable }
}
