//! `guard rules`: the rules as documentation, and tools for their authors.

mod corpus;
mod lint;
mod list;
mod new;
mod page;
mod score;
mod scoring;
mod skeleton;
mod test;

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::config::{ConfigError, rules_d};
use crate::decide::Verdict;
use crate::decide::judge::{OWN_RULES, OWN_SAFER, RECREATE, RECREATE_SAFER};
use crate::exit::Exit;
use crate::model::{ActorKind, Verb};
use crate::rules::schema::{EffectSpec, Examples, Match, Rule, ScopeSpec};
use crate::rules::{
    LoadedFile, Origin, RuleSet, builtin,
    compile::{Page, pages},
    lint::Hooks,
};
use crate::text::Palette;

/// `guard rules`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  guard rules list kubectl
  guard rules show kubectl.delete-namespace
  guard rules new envctl                a first draft, to be filled in
  guard rules lint ./envctl.yaml        before it goes to ~/.config/guard/rules.d/
  guard rules test ./envctl.yaml        does it match what its examples say?

Files of your own stand in /etc/guard/rules.d and ~/.config/guard/rules.d. The
file name lists the programs: kubectl.yaml, `envctl,ectl.yaml`, or @all.yaml
for every program. They add to the built-in rules and never replace one.")]
pub struct RulesArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: RulesCommand,
}

/// The subcommands of `guard rules`.
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// List the rules, one a line.
    #[command(after_help = "\
Examples:
  guard rules list
  guard rules list git
  guard rules list --json | jq -r '.[] | select(.verb == \"delete\") | .id'")]
    List {
        /// Only the rules of this tool or program.
        tool: Option<String>,
        /// A JSON array.
        #[arg(long)]
        json: bool,
    },
    /// Show the page of a rule: what it finds, why that is dangerous, what to do instead.
    #[command(after_help = "\
Examples:
  guard rules show git.reset-hard
  guard rules show              pick one from a list")]
    Show {
        /// The id of the rule, such as `git.reset-hard`.
        id: Option<String>,
    },
    /// Judge the examples of the rules; fail when one is not judged as it says.
    #[command(after_help = test::HELP)]
    Test(test::TestArgs),
    /// Check rule files; report every mistake with line and column.
    #[command(after_help = lint::HELP)]
    Lint(lint::LintArgs),
    /// Write the first draft of a rule file for a tool.
    #[command(after_help = new::HELP)]
    New(new::NewArgs),
}

/// What the subcommands need from outside.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// Configuration folders, the system's first.
    pub config: &'a [PathBuf],
    /// Judges a shell text with these rules in the neutral context.
    pub judge: &'a dyn Fn(&str, &RuleSet, ActorKind) -> Verdict,
    /// What the checks of rule files ask about the rest of guard.
    pub hooks: Hooks<'a>,
    /// Colours.
    pub palette: Palette,
    /// Standard input and output are a terminal: a list may be shown to pick from.
    pub terminal: bool,
    /// Standard error is a terminal: what takes long shows how far it is.
    pub progress: bool,
}

/// Does what was asked.
///
/// # Errors
/// Only those of the two writers.
pub fn run(
    args: &RulesArgs,
    world: Surroundings<'_>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<Exit> {
    if let RulesCommand::Lint(args) = &args.command {
        return lint::run(args, world, out, err);
    }
    let added = match in_force(world) {
        Ok(added) => added,
        Err(error) => {
            writeln!(err, "{}", shown(&error, world.palette))?;
            return Ok(Exit::Config);
        }
    };
    match &args.command {
        RulesCommand::List { tool, json } => {
            list::run(&all_pages(&added), tool.as_deref(), *json, world.palette, out, err)
        }
        RulesCommand::Show { id } => page::run(&all_pages(&added), id.as_deref(), world, out, err),
        RulesCommand::Test(args) => test::run(added, args, world, out, err),
        RulesCommand::New(args) => {
            let own = |id: &str| added.iter().flat_map(|file| &file.file.rules).any(|r| r.id == id);
            new::run(args, world, &|id| builtin::has_id(id) || own(id), out, err)
        }
        RulesCommand::Lint(_) => Ok(Exit::Internal),
    }
}

/// The rule files of the system and the user, read as a whole.
fn in_force(world: Surroundings<'_>) -> Result<Vec<LoadedFile>, ConfigError> {
    let found = rules_d::find(world.config, None, world.hooks)?;
    found.paths().iter().map(|path| rules_d::load_file(path, world.hooks)).collect()
}

/// An error of configuration, with colours when they are on.
fn shown(error: &ConfigError, palette: Palette) -> String {
    match error {
        ConfigError::Rules(errors) => errors.render(palette.on),
        other => other.to_string(),
    }
}

/// The pages of all rules, in the order of their ids.
fn all_pages(added: &[LoadedFile]) -> Vec<Page> {
    let mut all: Vec<Page> = builtin::pages().chain(own_pages()).collect();
    for loaded in added {
        let Origin::File(name) = &loaded.origin else { continue };
        all.extend(pages(name, &loaded.file));
    }
    all.sort_by(|a, b| a.rule.id.cmp(&b.rule.id));
    all
}

/// The pages of what guard finds without a rule file.
fn own_pages() -> impl Iterator<Item = Page> {
    OWN_RULES.iter().map(|(id, summary, why, _)| {
        let effect = EffectSpec {
            verb: if *id == RECREATE { Verb::Create } else { Verb::ExecuteUnknown },
            object: if *id == RECREATE { "object" } else { "command" }.into(),
            name: Vec::new(),
            scope: ScopeSpec::Level(3),
            reversibility: None,
            flags: Vec::new(),
            bypass: Vec::new(),
            local: false,
            throwaway: false,
        };
        let rule = Rule {
            id: (*id).into(),
            summary: (*summary).into(),
            why: (*why).into(),
            matches: Match::default(),
            effect,
            floor: None,
            safer: Some(if *id == RECREATE { RECREATE_SAFER } else { OWN_SAFER }.into()),
            references: Vec::new(),
            examples: Examples::default(),
        };
        let source = "guard itself".to_owned();
        Page { tool: "guard".into(), programs: vec!["*".into()], source, line: 0, rule }
    })
}

#[cfg(test)]
mod tests;
