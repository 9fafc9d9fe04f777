//! `guard rules lint`: all the mistakes of rule files.

use std::io::{self, Write};
use std::path::PathBuf;

use super::{Surroundings, shown};
use crate::config::{ConfigError, rules_d};
use crate::exit::Exit;
use crate::rules::{
    RuleErrors, builtin,
    lint::{self, Source},
};
use crate::text::{Escaped, words};

/// Checks the files given, or those of the system and the user.
pub(super) fn run(
    files: &[PathBuf],
    world: Surroundings<'_>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<Exit> {
    if files.is_empty() {
        return match rules_d::find(world.config, None, world.hooks) {
            Ok(found) => {
                let files = words::count(found.paths().len() as u64, "file");
                let rules = words::count(builtin::ids().count() as u64, "built-in rule");
                writeln!(out, "{files} in rules.d beside {rules}: no mistakes.")?;
                Ok(Exit::Ok)
            }
            Err(error) => {
                writeln!(err, "{}", shown(&error, world.palette))?;
                Ok(Exit::Config)
            }
        };
    }
    let mut sources = Vec::new();
    let mut errors = Vec::new();
    for path in files {
        let name = path.to_string_lossy().into_owned();
        let text = match rules_d::read_text(path, false) {
            Ok(text) => text,
            Err(ConfigError::Rules(RuleErrors(found))) => {
                errors.extend(found);
                continue;
            }
            Err(error) => {
                writeln!(err, "{}", shown(&error, world.palette))?;
                return Ok(Exit::Config);
            }
        };
        match lint::check(&name, &text, world.hooks) {
            Ok(file) => sources.push(Source { name, text, file }),
            Err(RuleErrors(found)) => errors.extend(found),
        }
    }
    // A built-in file has the ids that are built in.
    let is_builtin = |id: &str| {
        builtin::page(id)
            .is_some_and(|page| !sources.iter().any(|s| s.name.ends_with(&page.source)))
    };
    errors.extend(lint::across(&sources, true, &is_builtin));
    for source in &sources {
        let clean = !errors.iter().any(|error| error.file() == Escaped(&source.name).to_string());
        if clean {
            let rules = words::count(source.file.rules.len() as u64, "rule");
            writeln!(out, "{}: {rules}, no mistakes.", Escaped(&source.name))?;
        }
    }
    if errors.is_empty() {
        return Ok(Exit::Ok);
    }
    let count = words::count(errors.len() as u64, "mistake");
    writeln!(err, "{}\n{count}.", RuleErrors(errors).render(world.palette.on))?;
    Ok(Exit::Config)
}
