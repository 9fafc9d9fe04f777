//! Options that a rule names and the tool does not have.

use std::collections::BTreeSet;

use super::{
    place::{Place, Report},
    subcommands::{alternatives, called},
};
use crate::command::grammar::{
    self,
    own::{self, Options, Own},
};
use crate::rules::schema::{EffectSpec, Match, NameSource, RuleFile};
use crate::text::nearest;

/// Shorter names are too near to everything for a guess.
const SHORTEST: usize = 7;

/// Checks every option that the file names.
pub(super) fn check(file: &RuleFile, at: Place<'_>, report: &mut Report) {
    let own = file.own_grammar();
    let tool = Tool { file, own: own.as_ref() };
    let whole = tool.everywhere(&[]);
    names(&file.whereabouts.options, &whole, at.key("whereabouts").key("options"), report);
    for (i, rule) in file.rules.iter().enumerate() {
        let at = at.key("rules").index(i);
        matches(&tool, &[&rule.matches], at.key("match"), report);
        let known = tool.known(&[&rule.matches]);
        effect(&rule.effect, &known, at.key("effect"), report);
    }
}

fn effect(effect: &EffectSpec, known: &Known, at: Place<'_>, report: &mut Report) {
    names(&effect.bypass, known, at.key("bypass"), report);
    for (i, source) in effect.name.iter().enumerate() {
        if let NameSource::Option(options) = source {
            names(options, known, at.key("name").index(i).key("option"), report);
        }
    }
}

/// Checks the last of `chain`, which stands inside the ones before it.
fn matches(tool: &Tool<'_>, chain: &[&Match], at: Place<'_>, report: &mut Report) {
    let Some(m) = chain.last() else { return };
    if !m.options.is_empty() {
        let known = tool.known(chain);
        for (i, test) in m.options.iter().enumerate() {
            let at = at.key("options").index(i);
            for (key, list) in [("any", &test.any), ("all", &test.all), ("none", &test.none)] {
                names(list, &known, at.key(key), report);
            }
        }
    }
    for (key, list) in [("any", &m.any), ("none", &m.none)] {
        for (i, inner) in list.iter().enumerate() {
            let chain: Vec<&Match> = chain.iter().copied().chain([inner]).collect();
            matches(tool, &chain, at.key(key).index(i), report);
        }
    }
}

/// The options of a tool in some place.
#[derive(Debug, Default)]
struct Known {
    names: BTreeSet<String>,
    /// Nothing is missing among them, switches included.
    whole: bool,
}

/// A file with its grammar.
struct Tool<'a> {
    file: &'a RuleFile,
    own: Option<&'a Own>,
}

impl Tool<'_> {
    /// The options at subcommand paths as rules write them; all there are when
    /// the paths do not say more. Without a grammar for each of the programs
    /// that are meant, nothing is known.
    fn known(&self, chain: &[&Match]) -> Known {
        let nearest = chain.iter().rev().find(|m| !m.subcommand.is_empty());
        let paths = nearest.map_or(&[][..], |m| &m.subcommand);
        let paths: Vec<String> = paths.iter().flat_map(|path| alternatives(path)).collect();
        let open = |path: &String| path.contains(['*', '?', '[']);
        if paths.is_empty() || paths.iter().any(open) {
            return self.everywhere(chain);
        }
        let mut known = Known { whole: true, ..Known::default() };
        for program in self.programs(chain) {
            for path in &paths {
                let words: Vec<&str> = path.split(' ').collect();
                let Some(found) = self.options(program, &words) else { return Known::default() };
                if !found.arrived {
                    return Known::default();
                }
                known.whole &= found.whole;
                known.names.extend(found.names);
            }
        }
        known
    }

    /// The options anywhere in the tool.
    fn everywhere(&self, chain: &[&Match]) -> Known {
        let mut known = Known { whole: true, ..Known::default() };
        for program in self.programs(chain) {
            let Some(found) = self.options(program, &[]) else { return Known::default() };
            known.whole &= found.whole;
            known.names.extend(found.names);
            for path in self.paths(program) {
                let words: Vec<&str> = path.split(' ').collect();
                known.names.extend(self.options(program, &words).unwrap_or_default().names);
            }
        }
        known
    }

    /// The programs that all of these are about.
    fn programs(&self, chain: &[&Match]) -> impl Iterator<Item = &String> {
        let meant = |program: &&String| chain.iter().all(|m| called(program, m));
        self.file.programs.iter().filter(meant)
    }

    fn options(&self, program: &str, path: &[&str]) -> Option<Options> {
        let tool = grammar::tool_name(program);
        if grammar::knows(&tool) {
            return Some(own::builtin_options(&tool, path));
        }
        self.own.map(|own| own.options(path))
    }

    fn paths(&self, program: &str) -> Vec<String> {
        let tool = grammar::tool_name(program);
        if grammar::knows(&tool) {
            return own::builtin_paths(&tool);
        }
        self.own.map(Own::paths).unwrap_or_default()
    }
}

/// Warns of names that are not known: of any when the lists are whole, else of
/// those that look like a slip.
fn names(list: &[String], known: &Known, at: Place<'_>, report: &mut Report) {
    for (i, name) in list.iter().enumerate() {
        // `--` ends options, and `of=` is an operand with a name. Help is
        // everywhere.
        let help = matches!(name.as_str(), "--" | "--help" | "--version" | "-h");
        if help || name.ends_with('=') || known.names.contains(name) {
            continue;
        }
        let near = nearest(name, known.names.iter().map(String::as_str), 1);
        // The other half of a switch is not always listed.
        let pair = |other: &str| {
            let bare =
                |name: &str| name.trim_start_matches('-').trim_start_matches("no-").to_owned();
            bare(other) == bare(name)
        };
        let near = near.first().filter(|near| name.len() >= SHORTEST && near.len() >= SHORTEST);
        let slip = near.is_some_and(|near| !pair(near) && one_letter(near, name));
        if known.names.is_empty() || !(known.whole || slip) {
            continue;
        }
        let error = at.index(i).error(&format!("The tool's grammar has no option `{name}` here."));
        report.add(match near {
            Some(near) => error.expected(format!("perhaps `{near}`")),
            None => error.expected("an option that the tool has, or a grammar that lists this one"),
        });
    }
}

/// Whether two names differ in one letter only: more, and they are two options.
fn one_letter(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let (short, long): (Vec<char>, Vec<char>) = (short.chars().collect(), long.chars().collect());
    let same = short.iter().zip(&long).take_while(|(a, b)| a == b).count();
    let tail = |list: &[char], from: usize| list.get(from..).unwrap_or_default().to_vec();
    match long.len() - short.len() {
        0 => tail(&short, same + 1) == tail(&long, same + 1),
        1 => tail(&short, same) == tail(&long, same + 1),
        _ => false,
    }
}
