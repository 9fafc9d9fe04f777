//! `guard rules new`: the first draft of a rule file.

use std::fs::{self, DirBuilder};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};

use super::{Surroundings, skeleton};
use crate::config::rules_d;
use crate::exit::Exit;
use crate::model::Verb;
use crate::text::{Escaped, escape, words};

/// The end of the help.
pub(super) const HELP: &str = "\
Examples:
  guard rules new envctl
  guard rules new envctl --stdout
  guard rules new envctl,ectl --id env-delete --dir ./rules

The draft is in force as soon as it is written, and has examples that are still
to be written; `guard rules lint` names them.

Exit codes: 0 written, 1 the file exists already, 64 not a name for a tool, 74 it
could not be written.";

/// `guard rules new`.
#[derive(Debug, Args)]
pub struct NewArgs {
    /// The program; several names of one tool with commas between.
    pub tool: String,

    /// Id of the one rule, with or without `TOOL.` in front.
    #[arg(long, value_name = "NAME")]
    pub id: Option<String>,

    /// What the one rule's command does: create, modify, stop, delete, access,
    /// expose or execute-unknown.
    #[arg(long, value_name = "V", value_parser = verb)]
    pub verb: Option<Verb>,

    /// Write the file to this folder instead of ~/.config/guard/rules.d.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub dir: Option<PathBuf>,

    /// Print the draft and write nothing.
    #[arg(long, conflicts_with = "dir")]
    pub stdout: bool,
}

/// Reads a verb by its name in rule files.
fn verb(text: &str) -> Result<Verb, String> {
    serde_json::from_value(serde_json::Value::from(text)).map_err(|_| {
        "one of read, create, modify, stop, delete, access, expose, execute-unknown is wanted"
            .to_owned()
    })
}

/// Writes the draft.
pub(super) fn run(
    args: &NewArgs,
    world: Surroundings<'_>,
    taken: &dyn Fn(&str) -> bool,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<Exit> {
    let wanted = skeleton::Wanted { id: args.id.as_deref(), verb: args.verb };
    let Some(draft) = skeleton::draft(&args.tool, &wanted, taken) else {
        writeln!(err, "`{}` cannot be the file name of a program.", Escaped(&args.tool))?;
        return Ok(Exit::Usage);
    };
    if args.stdout {
        out.write_all(draft.as_bytes())?;
        return Ok(Exit::Ok);
    }
    // The system's folder comes first; the next one is the user's.
    let folder = match (&args.dir, world.config.get(1).or_else(|| world.config.first())) {
        (Some(dir), _) => dir.clone(),
        (None, Some(config)) => config.join(rules_d::FOLDER),
        (None, None) => {
            writeln!(err, "There is no home directory. Say where: `--dir DIR`.")?;
            return Ok(Exit::Usage);
        }
    };
    let path = folder.join(format!("{}.yaml", args.tool));
    match write(&path, &draft) {
        Ok(()) => tell(&path, &draft, out).map(|()| Exit::Ok),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let path = path.to_string_lossy();
            writeln!(
                err,
                "{} exists and was left as it is. Edit it, or use --stdout.",
                Escaped(&path)
            )?;
            Ok(Exit::Failed)
        }
        Err(error) => {
            writeln!(err, "{} cannot be written: {error}.", Escaped(&path.to_string_lossy()))?;
            Ok(Exit::NotRecorded)
        }
    }
}

/// Says what to do next.
fn tell(path: &Path, draft: &str, out: &mut dyn Write) -> io::Result<()> {
    let rules = draft.lines().filter(|line| line.starts_with("  - id: ")).count();
    let rules = words::count(rules as u64, "rule");
    let path = escape(&path.to_string_lossy());
    writeln!(out, "{path}: {rules}. Write its examples, then:")?;
    writeln!(out, "  guard rules lint {path}")?;
    writeln!(out, "  guard rules test {path}")
}

/// Writes a new file that nobody else can write to.
fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o755).create(folder)?;
    }
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o644).open(path)?;
    let written = file.write_all(text.as_bytes());
    if written.is_err() {
        let _ = fs::remove_file(path);
    }
    written
}
